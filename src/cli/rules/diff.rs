//! `triaged rules diff`: which decisions would other rules change, and how? Each mail is decided
//! twice on the way that `explain` goes. Nothing is kept or sent.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::super::explain::{arrival, decide_message};
use super::super::terminal::{self, Look, clean, decorated, look, remark, say};
use super::super::{Done, Trouble, block_on, cases, load, print_json};
use super::hands::Hands;
use super::mails::{self, Mail, Taker};
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::mail::parse::parse;
use crate::triage::decide::Decision;
use crate::triage::fields::Value;
use crate::triage::message::Message;
use crate::triage::reading::Reading;
use crate::triage::ruleset::RuleSet;
use crate::triage::surroundings::Mailbox;

/// Values longer than this are not shown whole.
const SHOWN: usize = 160;
/// Width of the bar that shows how far it is.
const BAR: usize = 20;

/// What to compare on what.
#[derive(Debug)]
pub struct Wanted {
    pub with: PathBuf,
    pub since: Option<u32>,
    pub mails: Option<PathBuf>,
    pub mailbox: Option<String>,
    pub json: bool,
}

/// A mail that comes out differently. One line of `--json`.
#[derive(Debug, Serialize)]
struct Different {
    mail: String,
    mailbox: String,
    subject: String,
    differences: Vec<Change>,
}

/// One thing that changes.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Change {
    what: String,
    before: String,
    after: String,
    /// The words that lead there by the new rules.
    why: Option<String>,
}

/// What each mail is decided by.
struct Comparison<'a> {
    config: &'a Config,
    now: &'a RuleSet,
    new: &'a RuleSet,
    clock: DateTime<Utc>,
    wanted: &'a Wanted,
}

/// What came of the mails so far, as it is shown.
struct Report {
    hands: Hands<Mail, Option<Different>>,
    json: bool,
    /// Mails that were announced.
    expected: usize,
    seen: usize,
    different: usize,
    changes: BTreeMap<String, usize>,
}

pub fn diff(file: &Path, wanted: &Wanted, clock: &Clock) -> Done {
    let (config, now) = load(file)?;
    let invalid = |faults: config::Faults| Trouble::Invalid(faults.to_string());
    let new = crate::rules::load(&wanted.with).map_err(invalid)?;
    config::check_against(&config, &new).map_err(invalid)?;
    if let Some(name) = &wanted.mailbox {
        super::super::explain::mailbox_named(&config, Some(name))?;
    }
    let comparison = Comparison { config: &config, now: &now, new: &new, clock: clock.now(), wanted };
    let work = |mail: Mail| comparison.one(&mail);
    let text = std::thread::scope(|scope| {
        let mut report = Report::new(Hands::start(scope, &work)?, wanted.json);
        block_on(comparison.read(&mut report))?;
        report.finish(&now.digest, &new.digest)
    })?;
    if wanted.json {
        remark(&text);
    } else {
        say(&text);
    }
    Ok(())
}

impl Taker for Report {
    fn expect(&mut self, mails: usize) {
        self.expected += mails;
        self.progress();
    }

    fn take(&mut self, mails: Vec<Mail>) -> Result<(), Trouble> {
        for mail in mails {
            self.hands.give(mail);
            while let Some(different) = self.hands.take() {
                self.show(different?.as_ref())?;
            }
        }
        self.progress();
        Ok(())
    }
}

impl Report {
    fn new(hands: Hands<Mail, Option<Different>>, json: bool) -> Self {
        Self { hands, json, expected: 0, seen: 0, different: 0, changes: BTreeMap::new() }
    }

    fn show(&mut self, different: Option<&Different>) -> Done {
        self.seen += 1;
        let Some(different) = different else { return Ok(()) };
        self.different += 1;
        for change in &different.differences {
            *self.changes.entry(change.what.clone()).or_default() += 1;
        }
        terminal::progress("");
        show(different, self.json)
    }

    fn progress(&self) {
        let (seen, different) = (self.seen, self.different);
        terminal::progress(&format!("{} {seen} mails read, {different} differ", bar(seen, self.expected)));
    }

    /// Waits for the last ones; says what it was all in all.
    fn finish(&mut self, now: &str, new: &str) -> Result<String, Trouble> {
        while let Some(different) = self.hands.take_last() {
            self.show(different?.as_ref())?;
        }
        terminal::progress("");
        let what: Vec<String> = self.changes.iter().map(|(what, count)| format!("{what} {count}")).collect();
        let what = if what.is_empty() { String::new() } else { format!(" ({})", what.join(", ")) };
        let (seen, different) = (self.seen, self.different);
        Ok(format!("{seen} mails by rules {now} and {new}: {different} come out differently{what}"))
    }
}

impl Comparison<'_> {
    async fn read(&self, report: &mut Report) -> Done {
        if let Some(path) = &self.wanted.mails {
            return mails::of_path(path, self.config.fetch_limit, report).await;
        }
        let since = self.clock - TimeDelta::days(i64::from(self.wanted.since.unwrap_or(7)));
        mails::of_mailboxes(self.config, self.wanted.mailbox.as_deref(), since, report).await
    }

    fn one(&self, mail: &Mail) -> Result<Option<Different>, Trouble> {
        let message = parse(&mail.bytes, mail.bytes.len() as u64);
        let Some(mailbox) = self.mailbox_of(mail, &message) else { return Ok(None) };
        let arrived = mail.arrived.unwrap_or_else(|| arrival(&message, self.clock, self.clock));
        let decide = |rules| decide_message(&message, self.config, rules, mailbox, arrived);
        let differences = changes(&decide(self.now).1, &decide(self.new))?;
        let subject = clean(&message.subject);
        let (mail, mailbox) = (mail.name.clone(), mailbox.name.clone());
        Ok((!differences.is_empty()).then_some(Different { mail, mailbox, subject, differences }))
    }

    /// Where it arrived, as far as that is known; else where it was sent to.
    fn mailbox_of(&self, mail: &Mail, message: &Message) -> Option<&Mailbox> {
        let surroundings = &self.config.surroundings;
        let named = self.wanted.mailbox.as_deref().or(mail.mailbox.as_deref());
        let told = |mailbox: &&Mailbox| {
            message.to.iter().chain(&message.cc).any(|to| to.address.eq_ignore_ascii_case(&mailbox.address))
        };
        named
            .and_then(|name| surroundings.mailbox(name))
            .or_else(|| surroundings.mailboxes.iter().find(told))
            .or_else(|| surroundings.mailboxes.first())
    }
}

/// `[########            ]`; of an unknown number nothing.
fn bar(done: usize, of: usize) -> String {
    if of == 0 {
        return String::new();
    }
    let full = (done.min(of) * BAR).checked_div(of).unwrap_or_default();
    format!("[{:BAR$}]", "#".repeat(full))
}

fn changes(before: &Decision, (reading, after): &(Reading, Decision)) -> Result<Vec<Change>, Trouble> {
    let mut list = Vec::new();
    let mut note = |what: &str, before: String, after: String, why: Option<String>| {
        if before != after {
            list.push(Change { what: what.to_owned(), before, after, why });
        }
    };
    let or_none = |text: Option<&String>| text.cloned().unwrap_or_else(|| "-".to_owned());
    let signs: Vec<&str> = reading.screening.signs.iter().map(|sign| sign.seen.as_str()).collect();
    let signs = Some(signs.join("; ")).filter(|signs| !signs.is_empty());
    note(
        "disposition",
        cases::word_of(&before.disposition)?,
        cases::word_of(&after.disposition)?,
        signs.clone(),
    );
    note("reason", or_none(before.reason.as_ref()), or_none(after.reason.as_ref()), signs);
    let why = Some(reading.inquiry.why.clone());
    note("inquiry", or_none(before.inquiry.as_ref()), or_none(after.inquiry.as_ref()), why);
    let code = |decision: &Decision| decision.language.map_or("-", |language| language.code()).to_owned();
    note("language", code(before), code(after), None);
    let ids: std::collections::BTreeSet<&String> = before.fields.keys().chain(after.fields.keys()).collect();
    for id in ids {
        let value =
            |decision: &Decision| decision.fields.get(id).map_or("-".to_owned(), |found| shown(&found.value));
        let why = after.fields.get(id).map(|found| found.why.clone());
        note(id, value(before), value(after), why);
    }
    note("missing", joined(&before.missing), joined(&after.missing), None);
    let due = |decision: &Decision| decision.due.map_or("-".to_owned(), |due| due.to_rfc3339());
    note("due", due(before), due(after), None);
    let reply = |decision: &Decision| {
        decision.reply.as_ref().map_or("-".to_owned(), |reply| format!("{} to {}", reply.kind, reply.to))
    };
    note("reply", reply(before), reply(after), None);
    if let (Some(old), Some(new)) = (&before.reply, &after.reply)
        && reply(before) == reply(after)
    {
        note("subject", old.subject.clone(), new.subject.clone(), None);
        if old.body != new.body {
            let (old, new) = first_difference(&old.body, &new.body);
            note("letter", old, new, None);
        }
    }
    Ok(list)
}

fn first_difference(before: &str, after: &str) -> (String, String) {
    let mut lines = before.lines().zip(after.lines());
    match lines.find(|(old, new)| old != new) {
        Some((old, new)) => (old.to_owned(), new.to_owned()),
        None => (format!("{} lines", before.lines().count()), format!("{} lines", after.lines().count())),
    }
}

fn joined(list: &[String]) -> String {
    if list.is_empty() { "-".to_owned() } else { list.join(", ") }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::List(list) => list.join(" · "),
    }
}

fn show(different: &Different, json: bool) -> Done {
    if json {
        return print_json(different);
    }
    let nice = decorated();
    let short = |text: &str| {
        let text = clean(text).replace('\n', " ");
        if text.chars().count() > SHOWN {
            text.chars().take(SHOWN).chain("…".chars()).collect()
        } else {
            text
        }
    };
    let heading =
        format!("{} ({}): {}", clean(&different.mail), different.mailbox, short(&different.subject));
    say(&look(&heading, Look::Bold, nice));
    for Change { what, before, after, why } in &different.differences {
        say(&format!("  {what:18} now  {}", look(&short(before), Look::Bad, nice)));
        say(&format!("  {:18} then {}", "", look(&short(after), Look::Good, nice)));
        if let Some(why) = why {
            say(&look(&format!("  {:18} because of {}", "", short(why)), Look::Dim, nice));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::bar;

    #[test]
    fn the_bar_is_full_at_the_end_and_not_longer() {
        assert_eq!(bar(0, 1000), "[                    ]");
        assert_eq!(bar(500, 1000), "[##########          ]");
        assert_eq!(bar(1010, 1000), "[####################]");
        assert_eq!(bar(3, 0), "");
    }
}
