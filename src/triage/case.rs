//! A case as it stands, and which case a mail belongs to.

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

/// A field as the case keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stated {
    pub value: Value,
    /// As written.
    pub text: String,
    pub from: FoundIn,
    pub why: String,
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
    /// Past its deadline and still without a person's answer.
    #[must_use]
    pub fn overdue(&self, now: DateTime<Utc>) -> bool {
        matches!(self.state, State::AwaitingInformation | State::Open)
            && self.due.is_some_and(|due| due < now)
    }

    /// Has this person written in this case before?
    #[must_use]
    pub fn knows(&self, address: &str) -> bool {
        self.contact.as_deref() == Some(address) || self.senders.iter().any(|sender| sender == address)
    }
}

/// Every case number that a text shows, such as `K-2026-000123`, in upper case, each once.
#[must_use]
pub fn numbers_in(_text: &str) -> Vec<String> {
    Vec::new()
}
