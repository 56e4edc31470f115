//! Decisions about mails that were read, kept inside the transaction that is open.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rusqlite::Connection;

use super::super::apply::{Hand, TRIAGED};
use super::super::read::{self, Read};
use super::super::trouble::Trouble;
use super::super::{DeskError, Result, known, whole};
use super::Received;
use crate::store::attempts;
use crate::store::mails::{self, Among, Mail, Outcome};
use crate::store::positions::Place;
use crate::triage::decide::{self, Decision, Disposition, Effect, Folder, Incoming};
use crate::triage::message::Message;
use crate::triage::surroundings::Mailbox;

/// Of an ignored mail no more is kept than this, in bytes of JSON.
const LARGEST_KEPT: usize = 256_000;

/// Decides about the mails of one place and keeps them.
pub(super) struct Clerk<'a> {
    pub hand: Hand<'a>,
    pub mailbox: &'a Mailbox,
    pub folder: Folder,
    pub place: Place<'a>,
}

impl Clerk<'_> {
    /// A savepoint for each mail copies every page that the mail changes. Hardly ever does a mail need
    /// it, so all go without at first, and only where one of them fails each gets its own.
    pub fn record_all(&self, read: &[Read]) -> Result<Received> {
        let connection = self.hand.connection;
        let trusting = |mail: &Read| self.decide_and_keep(mail, mail.poisonous);
        whole(connection, || self.record_each(read, trusting)).or_else(|error| {
            fatal(connection, &error)?;
            self.record_each(read, |mail| self.record_alone(mail))
        })
    }

    fn record_each(&self, read: &[Read], record: impl Fn(&Read) -> Result<bool>) -> Result<Received> {
        let connection = self.hand.connection;
        let mut received = Received::default();
        for mail in read {
            attempts::forget(connection, self.place, mail.uid)?;
            if !mails::is_known(connection, self.place, mail.uid)? {
                received.handled += 1;
                received.queued |= record(mail)?;
            }
        }
        Ok(received)
    }

    /// A mail that breaks its own transaction must not hold up all that come after it.
    fn record_alone(&self, mail: &Read) -> Result<bool> {
        let connection = self.hand.connection;
        let recorded = whole(connection, || self.decide_and_keep(mail, mail.poisonous));
        let recorded = recorded.or_else(|error| {
            fatal(connection, &error)?;
            whole(connection, || self.decide_and_keep(mail, true))
        });
        recorded.or_else(|error| self.keep_bare(mail, &error))
    }

    fn decide_and_keep(&self, mail: &Read, poisonous: bool) -> Result<bool> {
        let Hand { connection, guidance, now, .. } = self.hand;
        let unread;
        let reading = if poisonous && !mail.poisonous {
            unread = read::unread(self.mailbox);
            &unread
        } else {
            &mail.reading
        };
        let context = read::context(guidance, self.mailbox, mail.arrived, &[]);
        let incoming = Incoming {
            message: &mail.message,
            reading,
            context,
            calendar: &guidance.config.calendar,
            folder: self.folder,
            now,
            poisonous,
            accepted: false,
        };
        let among = Among { folder: self.folder, except: None };
        let (known, copy_of) = known::load(connection, &mail.message, among, context, now)?;
        let decision = decide(&incoming, &known)?;
        let queued = self.hand.apply(&decision.effects)?;
        self.keep(mail, &decision, copy_of)?;
        Ok(queued)
    }

    fn keep(&self, mail: &Read, decision: &Decision, copy_of: Option<i64>) -> Result<()> {
        let ignored = decision.disposition == Disposition::Ignore && self.folder == Folder::Inbox;
        let kept = if ignored { to_json(&mail.message) } else { None };
        self.add(mail, &outcome(decision, self.hand, &decision.notes.join("\n"), kept.as_deref(), copy_of))
    }

    /// Accounted for, if nothing else.
    fn keep_bare(&self, mail: &Read, error: &DeskError) -> Result<bool> {
        let Hand { connection, guidance, now, .. } = self.hand;
        fatal(connection, error)?;
        let Place { mailbox, .. } = self.place;
        tracing::error!(uid = mail.uid, mailbox, "a mail could not be decided: {error}");
        self.hand.log(None, "undecided", TRIAGED, &format!("{mailbox} {}: {error}", mail.uid))?;
        let outcome = Outcome {
            disposition: Disposition::Review,
            reason: Some("unreadable"),
            number: None,
            opened: false,
            copy_of: None,
            decided: now,
            rules: &guidance.rules.digest,
            notes: &error.what,
            kept: None,
        };
        self.add(mail, &outcome)?;
        self.tell_of_undecided(mail)
    }

    /// It has no case that could remind anybody: the people of the mailbox hear of it now.
    fn tell_of_undecided(&self, mail: &Read) -> Result<bool> {
        let Place { mailbox, validity, .. } = self.place;
        let arrived = self.hand.guidance.config.calendar.here(mail.arrived).format("%Y-%m-%d %H:%M");
        let text = format!(
            "A mail that arrived on {arrived} could not be handled and has no case: please look at it in the mailbox."
        );
        let key = format!("undecided.{mailbox}.{validity}.{}", mail.uid);
        self.hand.trouble_with_key(&Trouble::Mailbox(mailbox.to_owned()), &key, &text)
    }

    fn add(&self, mail: &Read, outcome: &Outcome) -> Result<()> {
        mails::add(
            self.hand.connection,
            &Mail {
                place: self.place,
                uid: mail.uid,
                folder: self.folder,
                message: &mail.message,
                arrived: mail.arrived,
                outcome: *outcome,
            },
        )?;
        Ok(())
    }
}

/// The decision; a panic inside it is an error here.
pub fn decide(incoming: &Incoming, known: &decide::Known) -> Result<Decision> {
    catch_unwind(AssertUnwindSafe(|| decide::on_mail(incoming, known)))
        .map_err(|_| DeskError::permanent("a fault in the program while deciding"))
}

/// What is kept of a decision.
pub fn outcome<'a>(
    decision: &'a Decision,
    hand: Hand<'a>,
    notes: &'a str,
    kept: Option<&'a str>,
    copy_of: Option<i64>,
) -> Outcome<'a> {
    Outcome {
        disposition: decision.disposition,
        reason: decision.reason.as_deref(),
        number: decision.number.as_deref(),
        opened: decision.effects.iter().any(|effect| matches!(effect, Effect::Open(_))),
        copy_of,
        decided: hand.now,
        rules: &hand.guidance.rules.digest,
        notes,
        kept,
    }
}

/// Errors that are about the disk or end the transaction are the caller's; others are about one mail.
fn fatal(connection: &Connection, error: &DeskError) -> Result<()> {
    let of_all = error.temporary || error.of_database || connection.is_autocommit();
    if of_all { Err(error.clone()) } else { Ok(()) }
}

/// The mail as JSON for `mail accept`; a large one loses what decisions can do without.
fn to_json(message: &Message) -> Option<String> {
    let json = serde_json::to_string(message).ok()?;
    if json.len() <= LARGEST_KEPT {
        return Some(json);
    }
    let mut small = message.clone();
    small.attached.clear();
    small.headers.truncate(100);
    small.headers.retain(|(_, value)| value.len() <= 500);
    // A character takes at most six bytes of JSON.
    small.text = small.text.chars().take(LARGEST_KEPT / 8).collect();
    serde_json::to_string(&small).ok().filter(|json| json.len() <= LARGEST_KEPT)
}
