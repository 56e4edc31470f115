//! `triaged explain`: what would happen to a mail, and why. The same code path as the daemon's,
//! without keeping or sending anything.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::terminal::say;
use super::{Done, Trouble, load, marked};
use crate::clock::Clock;
use crate::config::Config;
use crate::mail::parse::parse;
use crate::triage::decide::{self, Decision, Disposition, Folder, Incoming, Known, Reply};
use crate::triage::fields::Found;
use crate::triage::message::Message;
use crate::triage::reading::{Context, Language, Reading, read};
use crate::triage::ruleset::RuleSet;
use crate::triage::surroundings::Mailbox;

/// Deep nesting costs stack when a mail is taken apart (see `mail::parse`).
pub const STACK: usize = 128 * 1024 * 1024;

/// One line of `explain --json`.
#[derive(Debug, Serialize)]
struct Line<'a> {
    file: String,
    message_id: Option<&'a str>,
    disposition: Disposition,
    reason: Option<&'a str>,
    inquiry: Option<&'a str>,
    language: Option<Language>,
    fields: &'a BTreeMap<String, Found>,
    missing: &'a [String],
    due: Option<String>,
    reply: Option<&'a Reply>,
    /// Only where it is so: the text is longer than is read of one mail.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    cut: bool,
}

/// Everything that is known of an explained mail.
#[derive(Debug)]
pub struct Explained {
    pub message: Message,
    pub reading: Reading,
    pub decision: Decision,
    pub arrived: DateTime<Utc>,
}

pub fn explain(file: &Path, mailbox: Option<&str>, json: bool, mails: &[PathBuf], clock: &Clock) -> Done {
    let (config, rules) = load(file)?;
    let mailbox = mailbox_named(&config, mailbox)?;
    let now = clock.now();
    on_deep_stack(|| {
        let mut unread = Vec::new();
        for path in mails {
            let bytes = match std::fs::read(path) {
                Ok(bytes) => bytes,
                Err(error) => {
                    unread.push(format!("{}: {error}", path.display()));
                    if !json {
                        continue;
                    }
                    // A line for each name, in the order given: scripts count on it.
                    Vec::new()
                }
            };
            let arrived = delivered(path).unwrap_or(now);
            let explained = explain_one(&bytes, &config, &rules, mailbox, arrived, now);
            show(path, &explained, &config, &rules, json)?;
        }
        if unread.is_empty() {
            Ok(())
        } else {
            Err(Trouble::Failed(format!("cannot read {}", unread.join("; "))))
        }
    })
}

/// When a file was last written: for a mail that was saved, when it came.
fn delivered(path: &Path) -> Option<DateTime<Utc>> {
    let written = std::fs::metadata(path).and_then(|data| data.modified()).ok()?;
    let age = written.duration_since(UNIX_EPOCH).ok()?;
    DateTime::from_timestamp(i64::try_from(age.as_secs()).ok()?, 0)
}

/// Does what takes mails apart where there is room for it.
pub fn on_deep_stack<T: Send>(work: impl FnOnce() -> Result<T, Trouble> + Send) -> Result<T, Trouble> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, work)
            .map_err(Trouble::failed)?;
        thread.join().unwrap_or_else(|_| {
            Err(Trouble::Failed("this is a fault of the program; see the message above".into()))
        })
    })
}

/// The mailbox of this name; without a name the only one.
pub fn mailbox_named<'a>(config: &'a Config, name: Option<&str>) -> Result<&'a Mailbox, Trouble> {
    let known =
        || config.mailboxes.iter().map(|mailbox| mailbox.name.as_str()).collect::<Vec<_>>().join(", ");
    match (name, config.surroundings.mailboxes.as_slice()) {
        (Some(name), _) => config.surroundings.mailbox(name).ok_or_else(|| {
            Trouble::Invalid(format!("triaged: there is no mailbox '{name}'; known: {}", known()))
        }),
        (None, [only]) => Ok(only),
        (None, _) => Err(Trouble::Invalid(format!(
            "triaged: say where the mail arrived, with --mailbox; known: {}",
            known()
        ))),
    }
}

/// Decides about one mail as if it opened the first case ever. `delivered` and `now` stand in for an
/// arrival time where the mail itself has none that can be true.
pub fn explain_one(
    bytes: &[u8],
    config: &Config,
    rules: &RuleSet,
    mailbox: &Mailbox,
    delivered: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Explained {
    let message = parse(bytes, bytes.len() as u64);
    let arrived = arrival(&message, delivered, now);
    let (reading, decision) = decide_message(&message, config, rules, mailbox, arrived);
    Explained { message, reading, decision, arrived }
}

/// The same of a mail that has been taken apart.
pub fn decide_message(
    message: &Message,
    config: &Config,
    rules: &RuleSet,
    mailbox: &Mailbox,
    arrived: DateTime<Utc>,
) -> (Reading, Decision) {
    let context = Context {
        rules,
        surroundings: &config.surroundings,
        mailbox,
        arrived: arrived.with_timezone(&config.calendar.time_zone),
        expecting: &[],
    };
    let reading = read(message, context);
    let incoming = Incoming {
        message,
        reading: &reading,
        context,
        calendar: &config.calendar,
        folder: Folder::Inbox,
        now: arrived,
        poisonous: false,
        accepted: false,
    };
    let decision = decide::on_mail(&incoming, &Known::default());
    (reading, decision)
}

/// A bare file has no INTERNALDATE: the newest `Received`, else `Date`, else the file's own time.
pub fn arrival(message: &Message, delivered: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    let possible = |date: &DateTime<Utc>| *date <= now + TimeDelta::days(1) && date.timestamp() > 946_684_800;
    let told = [message.received, message.date].into_iter().flatten().map(|date| date.to_utc());
    told.into_iter().find(possible).unwrap_or(delivered)
}

fn show(path: &Path, explained: &Explained, config: &Config, rules: &RuleSet, json: bool) -> Done {
    if !json {
        say(&marked::page(path, explained, config, rules));
        return Ok(());
    }
    let decision = &explained.decision;
    let line = Line {
        file: path.to_string_lossy().into_owned(),
        message_id: explained.message.message_id.as_deref(),
        disposition: decision.disposition,
        reason: decision.reason.as_deref(),
        inquiry: decision.inquiry.as_deref(),
        language: decision.language,
        fields: &decision.fields,
        missing: &decision.missing,
        due: decision.due.map(|due| due.to_rfc3339()),
        reply: decision.reply.as_ref(),
        cut: explained.message.cut,
    };
    super::print_json(&line)
}
