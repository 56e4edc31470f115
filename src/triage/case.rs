//! A case as it stands, and the marks by which a mail shows which case it belongs to.
//!
//! Refuses to look anything up: who asks brings the cases.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::fields::{FoundIn, Value};
use super::reading::Language;

/// Where a case stands. `overdue` is a flag beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    AwaitingInformation,
    /// Complete, or for a person to look at: a person must answer.
    Open,
    Answered,
    Closed,
}

impl State {
    pub const ALL: [Self; 4] = [Self::AwaitingInformation, Self::Open, Self::Answered, Self::Closed];
}

/// A field as the case keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stated {
    pub value: Value,
    /// As written.
    pub text: String,
    pub from: FoundIn,
    pub why: String,
}

impl Stated {
    fn says(&self, text: &str) -> bool {
        matches!(&self.value, Value::Text(value) if value.eq_ignore_ascii_case(text))
    }
}

/// What has rung for the current term.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bell {
    pub due_soon: bool,
    /// Overdue alerts so far, the one at the deadline included.
    pub overdue: u32,
}

/// One person's inquiry, from its first mail to its close.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Such as `K-2026-000123`.
    pub number: String,
    pub inquiry: String,
    /// Name of the mailbox that its first mail arrived in.
    pub mailbox: String,
    pub state: State,
    pub language: Language,
    /// The one address that answers go to; `None` where there is none to answer.
    pub contact: Option<String>,
    /// Every address that the person has written from.
    pub senders: Vec<String>,
    pub fields: BTreeMap<String, Stated>,
    /// Mandatory fields not yet stated, in the order of the rule file.
    pub missing: Vec<String>,
    /// Requests for missing fields sent so far.
    pub requests: u32,
    /// A person was told to look at it; no automatic answers.
    pub review: bool,
    pub received: DateTime<Utc>,
    /// Arrival of the latest mail of the person. An answer of staff that is older does not answer it.
    #[serde(default)]
    pub latest: DateTime<Utc>,
    /// The promise: stored when it is made, never reckoned again.
    pub due: Option<DateTime<Utc>>,
    pub answered: Option<DateTime<Utc>>,
    pub closed: Option<DateTime<Utc>>,
    /// 1 for the first term, one more each time that an answered case is opened again.
    pub term: u32,
    pub bell: Bell,
    /// The earliest moment at which something must happen without mail.
    pub alarm: Option<DateTime<Utc>>,
    /// Digest of the rules that decided last.
    pub rules: String,
}

impl Case {
    /// Still waits for a person's answer: its clock runs.
    #[must_use]
    pub fn waits(&self) -> bool {
        matches!(self.state, State::AwaitingInformation | State::Open)
    }

    /// Past its deadline and still without a person's answer.
    #[must_use]
    pub fn overdue(&self, now: DateTime<Utc>) -> bool {
        self.waits() && self.due.is_some_and(|due| due < now)
    }

    /// Has this person written in this case before?
    #[must_use]
    pub fn knows(&self, address: &str) -> bool {
        self.contact.as_deref().is_some_and(|contact| contact.eq_ignore_ascii_case(address))
            || self.senders.iter().any(|sender| sender.eq_ignore_ascii_case(address))
    }

    /// Is this the person's address: one that they wrote from or that they asked to be answered at?
    #[must_use]
    pub fn is_of(&self, address: &str) -> bool {
        self.knows(address) || self.fields.get("email").is_some_and(|stated| stated.says(address))
    }
}

/// Changes that keep state, times, bell and alarm in step.
impl Case {
    /// A person has answered at `at`: the clock stops, the bell is silent.
    pub fn answer(&mut self, at: DateTime<Utc>) {
        self.state = State::Answered;
        self.answered = Some(at);
        self.alarm = None;
    }

    pub fn close(&mut self, at: DateTime<Utc>) {
        self.state = State::Closed;
        self.closed = Some(at);
        self.alarm = None;
    }

    /// Waits for a person's answer again. The alarm is for the caller to set.
    pub fn reopen(&mut self) {
        self.state = if self.missing.is_empty() { State::Open } else { State::AwaitingInformation };
        self.answered = None;
        self.closed = None;
    }

    /// A new promise: nothing has rung for it yet. The alarm is for the caller to set.
    pub fn begin_term(&mut self, due: Option<DateTime<Utc>>) {
        self.term = self.term.saturating_add(1);
        self.bell = Bell::default();
        self.due = due;
    }
}

/// A text is looked through for no more case numbers than these.
const MOST_NUMBERS: usize = 10;

/// Every case number that a text shows, such as `K-2026-000123`, in upper case, each once, at most
/// ten. Whatever the letters: an admin may have renamed an inquiry since. Linear in the text.
#[must_use]
pub fn numbers_in(text: &str) -> Vec<String> {
    let mut numbers: Vec<String> = Vec::new();
    for token in text.split(|c: char| !c.is_alphanumeric() && !is_hyphen(c)) {
        let parts: Vec<&str> = token.split(is_hyphen).collect();
        for three in parts.windows(3) {
            if numbers.len() >= MOST_NUMBERS {
                return numbers;
            }
            if let [letters, year, serial] = three
                && is_number(letters, year, serial)
            {
                let number = format!("{letters}-{year}-{serial}").to_ascii_uppercase();
                if !numbers.contains(&number) {
                    numbers.push(number);
                }
            }
        }
    }
    numbers
}

/// `-` and what mail programs make of it: hyphen, non-breaking hyphen, figure dash, en dash.
fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2013}')
}

/// Prefixes are short; serials have six digits, more once there are a million cases.
fn is_number(letters: &str, year: &str, serial: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (1..=8).contains(&letters.len())
        && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
        && year.len() == 4
        && digits(year)
        && (6..=9).contains(&serial.len())
        && digits(serial)
}

#[cfg(test)]
mod tests {
    use super::numbers_in;

    #[test]
    fn case_numbers_are_found_however_a_subject_carries_them() {
        for (subject, expected) in [
            ("Re: Uw klacht [K-2026-000123]", vec!["K-2026-000123"]),
            ("AW: RE:k-2026-000123, bedankt", vec!["K-2026-000123"]),
            ("FK-2026-000001 en K-2026-000123 en FK-2026-000001", vec!["FK-2026-000001", "K-2026-000123"]),
            ("zaak-K-2026-000123", vec!["K-2026-000123"]),
            ("K\u{2011}2026\u{2013}000123", vec!["K-2026-000123"]),
            ("K-2026-1000000", vec!["K-2026-1000000"]),
            ("K-2026-000123a", vec![]),
            ("K-26-000123", vec![]),
            ("K-2026-00012", vec![]),
            ("2026-000123", vec![]),
            ("K2-2026-000123", vec![]),
            ("\u{41a}-2026-000123", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(numbers_in(subject), expected, "{subject}");
        }
    }

    #[test]
    fn a_subject_full_of_numbers_is_looked_through_for_ten() {
        let many: Vec<String> = (0..500).map(|serial| format!("K-2026-{serial:06}")).collect();
        assert_eq!(numbers_in(&many.join(" ")).len(), 10);
        let chain = "K-2026-".repeat(50_000);
        assert!(numbers_in(&chain).is_empty());
    }
}
