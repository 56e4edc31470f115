//! What the store knows that bears on a mail, loaded within the transaction that applies the decision.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use rusqlite::Connection;

use super::Result;
use crate::mail::compose::looks_like_ours;
use crate::store::mails::Among;
use crate::store::{backup, cases, mails, outbox};
use crate::triage::case::{Case, numbers_in};
use crate::triage::decide::{Ancestor, Disposition, Folder, GATHERS, Known, Parent};
use crate::triage::message::Message;
use crate::triage::reading::Context;
use crate::triage::surroundings::Surroundings;

/// So many ancestors are asked after, nearest first.
const ANCESTORS: usize = 50;
/// Cases that one mail may belong to.
const CASES: usize = 20;
/// Case numbers in a subject.
const NUMBERS: usize = 5;
/// Recipients of a mail of staff.
const RECIPIENTS: usize = 20;

/// Known, and the row of the mail that this is another copy of.
pub fn load(
    connection: &Connection,
    message: &Message,
    among: Among,
    Context { rules, surroundings, arrived, .. }: Context,
    now: DateTime<Utc>,
) -> Result<(Known, Option<i64>)> {
    let machines = &rules.machines;
    let (copy_of, earlier) = mails::earlier(connection, message, among)?.unzip();
    let (ancestors, bounced_alert) = ancestors(connection, message)?;
    let parent = parent(connection, message, surroundings)?;
    let yesterday = now - TimeDelta::hours(24);
    let author = message.author().map(|author| author.address.as_str());
    let mut known = Known {
        earlier,
        ancestors,
        parent,
        bounced_alert,
        numbered: numbered(connection, message)?,
        in_a_gap: backup::in_a_gap(connection, arrived.to_utc())?
            || answers_a_lost_letter(connection, message, surroundings)?,
        next_serial: cases::next_serial(connection, arrived.year())?,
        ..Known::default()
    };
    if let Some(id) = &message.message_id {
        known.sent_by_us = outbox::ours(connection, id)?.is_some();
    }
    if among.folder == Folder::Sent || author.is_some_and(|author| surroundings.is_staff(author)) {
        known.of_recipients = of_recipients(connection, message)?;
    }
    // A form mailer writes for many people: what it sends is no flood of one of them.
    if let Some(author) = author.filter(|author| !machines.is_form_mailer(author)) {
        known.cases_today = mails::opened_since(connection, author, yesterday)?;
        if known.cases_today > 0 {
            known.gathering = gathering(connection, author, yesterday)?;
        }
    }
    // An answer may go to either: the busier one counts.
    for address in message.from.iter().take(1).chain(message.reply_to.iter().take(1)) {
        let answers = outbox::answers_since(connection, &address.address, yesterday)?;
        known.answers_today = known.answers_today.max(answers);
    }
    Ok((known, copy_of))
}

/// A letter of ours that a restored database knows nothing of: its case is not known either, and a person
/// who answers what we asked must not be asked all of it again.
fn answers_a_lost_letter(
    connection: &Connection,
    message: &Message,
    surroundings: &Surroundings,
) -> Result<bool> {
    if !backup::was_restored(connection)? {
        return Ok(false);
    }
    for id in message.ancestors().into_iter().take(ANCESTORS) {
        let addresses = surroundings.mailboxes.iter().map(|mailbox| mailbox.address.as_str());
        if looks_like_ours(id, addresses) && outbox::ours(connection, id)?.is_none() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A person who has answered it is done with that flood: a new one is a new case.
fn gathering(connection: &Connection, author: &str, since: DateTime<Utc>) -> Result<Option<Case>> {
    let Some(number) = mails::opened_for(connection, author, GATHERS, since)? else { return Ok(None) };
    Ok(cases::load(connection, &number)?.filter(Case::waits))
}

/// The cases of the mails that this one answers or reports about; and is it about an alert of ours?
fn ancestors(connection: &Connection, message: &Message) -> Result<(Vec<Ancestor>, bool)> {
    let mut found: Vec<Ancestor> = Vec::new();
    let mut bounced_alert = false;
    let reported = message.delivery.as_ref().and_then(|delivery| delivery.original_message_id.as_deref());
    for id in reported.into_iter().chain(message.ancestors()).take(ANCESTORS) {
        let (number, mark) = match outbox::ours(connection, id)? {
            Some(ours) => {
                bounced_alert |= ours.alert && reported == Some(id);
                (ours.number, Mark { ours: true, alert: ours.alert })
            }
            None => (mails::in_case(connection, id)?.map(|mail| mail.number), Mark::default()),
        };
        if let Some(number) = number {
            add(connection, &mut found, &number, mark)?;
        }
    }
    // The header may be anybody's: never "ours".
    if let Some(number) = message.delivery.as_ref().and_then(|delivery| delivery.original_case.as_deref()) {
        add(connection, &mut found, number, Mark::default())?;
    }
    Ok((found, bounced_alert))
}

/// What the nearest ancestor is to its case.
fn parent(connection: &Connection, message: &Message, surroundings: &Surroundings) -> Result<Parent> {
    let Some(id) = message.ancestors().first().copied() else { return Ok(Parent::Other) };
    if outbox::ours(connection, id)?.is_some() {
        return Ok(Parent::Ours);
    }
    let consults = mails::in_case(connection, id)?.is_some_and(|mail| {
        let of_staff = mail.sent || mail.author.is_some_and(|author| surroundings.is_staff(&author));
        of_staff && mail.disposition != Disposition::StaffReply
    });
    Ok(if consults { Parent::Consulting } else { Parent::Other })
}

/// What an ancestor is to us.
#[derive(Debug, Clone, Copy, Default)]
struct Mark {
    ours: bool,
    alert: bool,
}

/// Each case once; that one of its mails is ours counts wherever it stands.
fn add(connection: &Connection, found: &mut Vec<Ancestor>, number: &str, mark: Mark) -> Result<()> {
    let Mark { ours, alert } = mark;
    if let Some(ancestor) = found.iter_mut().find(|ancestor| ancestor.case.number == number) {
        ancestor.ours |= ours;
        ancestor.alert |= alert;
    } else if found.len() < CASES
        && let Some(case) = cases::load(connection, number)?
    {
        found.push(Ancestor { case, ours, alert });
    }
    Ok(())
}

fn numbered(connection: &Connection, message: &Message) -> Result<Vec<Case>> {
    let mut found = Vec::new();
    for number in numbers_in(&message.subject).iter().take(NUMBERS) {
        found.extend(cases::load(connection, number)?);
    }
    Ok(found)
}

fn of_recipients(connection: &Connection, message: &Message) -> Result<Vec<Case>> {
    let mut found: Vec<Case> = Vec::new();
    let recipients = message.to.iter().chain(&message.cc).chain(&message.bcc);
    for recipient in recipients.take(RECIPIENTS) {
        for case in cases::unanswered_of(connection, &recipient.address, CASES)? {
            if found.len() < CASES && !found.iter().any(|known| known.number == case.number) {
                found.push(case);
            }
        }
    }
    Ok(found)
}
