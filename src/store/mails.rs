//! Every mail that came in, with what became of it; and which mails belong together.

use chrono::{DateTime, Utc};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, ToSql, params};

use super::positions::Place;
use super::{AROUND_NOW, Result, moment, stored};
use crate::triage::decide::{Disposition, Earlier, Folder};
use crate::triage::message::Message;

/// A Message-ID under which so many mails came in is no identity worth a longer look.
const MOST_OF_ONE_ID: i64 = 100;
/// Counts of a day end here; every limit in the decisions is far below.
const MOST_A_DAY: i64 = 200;

/// What is kept of a mail.
#[derive(Debug)]
pub struct Mail<'a> {
    pub place: Place<'a>,
    pub uid: u32,
    pub folder: Folder,
    pub message: &'a Message,
    pub arrived: DateTime<Utc>,
    pub outcome: Outcome<'a>,
}

/// What became of it.
#[derive(Debug, Clone, Copy)]
pub struct Outcome<'a> {
    pub disposition: Disposition,
    pub reason: Option<&'a str>,
    pub number: Option<&'a str>,
    /// It opened that case.
    pub opened: bool,
    /// Row of the mail that this is another copy of.
    pub copy_of: Option<i64>,
    pub decided: DateTime<Utc>,
    /// Digest of the rules.
    pub rules: &'a str,
    pub notes: &'a str,
    /// The decoded mail, where it may be asked for again.
    pub kept: Option<&'a str>,
}

/// The word for a disposition, as stored and shown.
#[must_use]
pub fn disposition_word(disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::Case => "case",
        Disposition::FollowUp => "follow_up",
        Disposition::StaffReply => "staff_reply",
        Disposition::Ignore => "ignore",
        Disposition::Review => "review",
    }
}

impl ToSql for Disposition {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(disposition_word(*self).into())
    }
}

impl FromSql for Disposition {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "case" => Ok(Self::Case),
            "follow_up" => Ok(Self::FollowUp),
            "staff_reply" => Ok(Self::StaffReply),
            "ignore" => Ok(Self::Ignore),
            "review" => Ok(Self::Review),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

fn folder_word(folder: Folder) -> &'static str {
    match folder {
        Folder::Inbox => "inbox",
        Folder::Sent => "sent",
    }
}

/// Has this very mail been dealt with?
pub fn is_known(connection: &Connection, place: Place, uid: u32) -> Result<bool> {
    let known = connection
        .prepare_cached(
            "SELECT 1 FROM mails WHERE mailbox = ?1 AND folder = ?2 AND validity = ?3 AND uid = ?4",
        )?
        .exists(params![place.mailbox, place.folder, place.validity, uid])?;
    Ok(known)
}

/// Keeps a mail and what became of it; returns its row.
pub fn add(connection: &Connection, mail: &Mail) -> Result<i64> {
    let Mail { place, message, outcome, .. } = mail;
    connection
        .prepare_cached(
            "INSERT INTO mails (mailbox, folder, kind, validity, uid, message_id, author, digest, content_digest,
                 size, disposition, reason, number, opened, copy_of, received, decided, rules, notes, message)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
        )?
        .execute(params![
            place.mailbox,
            place.folder,
            folder_word(mail.folder),
            place.validity,
            mail.uid,
            message.message_id,
            message.author().map(|author| author.address.as_str()),
            message.digest,
            message.content_digest,
            i64::try_from(message.size).unwrap_or(i64::MAX),
            outcome.disposition,
            outcome.reason,
            outcome.number,
            outcome.opened,
            outcome.copy_of,
            stored(mail.arrived),
            stored(outcome.decided),
            outcome.rules,
            outcome.notes,
            outcome.kept,
        ])?;
    Ok(connection.last_insert_rowid())
}

/// What became of a mail is decided anew (`mail accept`).
pub fn overrule(connection: &Connection, id: i64, outcome: &Outcome) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE mails SET disposition = ?2, reason = ?3, number = ?4, opened = ?5, decided = ?6, rules = ?7,
                 notes = ?8, copy_of = ?9, message = NULL WHERE id = ?1",
        )?
        .execute(params![
            id,
            outcome.disposition,
            outcome.reason,
            outcome.number,
            outcome.opened,
            stored(outcome.decided),
            outcome.rules,
            outcome.notes,
            outcome.copy_of
        ])?;
    Ok(())
}

/// A mail that was kept whole.
#[derive(Debug)]
pub struct Kept {
    pub mailbox: String,
    pub arrived: DateTime<Utc>,
    pub disposition: Disposition,
    pub sent: bool,
    /// The decoded mail as JSON.
    pub message: Option<String>,
}

/// The mail with this row number.
pub fn kept(connection: &Connection, id: i64) -> Result<Option<Kept>> {
    let kept = connection
        .prepare_cached(
            "SELECT mailbox, received, disposition, kind = 'sent', message FROM mails WHERE id = ?1",
        )?
        .query_row([id], |row| {
            Ok(Kept {
                mailbox: row.get(0)?,
                arrived: moment(row.get(1)?),
                disposition: row.get(2)?,
                sent: row.get(3)?,
                message: row.get(4)?,
            })
        })
        .optional()?;
    Ok(kept)
}

/// Among which mails a copy is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Among {
    /// A mail in Sent may be a copy of one that came in; not the other way round.
    pub folder: Folder,
    /// But not this row.
    pub except: Option<i64>,
}

/// An earlier copy of this mail, with its row (design, invariant 1): the same bytes, or the same
/// Message-ID and either the same author or the same content.
pub fn earlier(connection: &Connection, message: &Message, among: Among) -> Result<Option<(i64, Earlier)>> {
    let same_bytes = copy(connection, "digest = ?2", among, &message.digest, "")?;
    let Some(id) = message.message_id.as_deref().filter(|_| same_bytes.is_none()) else {
        return Ok(same_bytes);
    };
    if let Some(author) = message.author() {
        let same_author = copy(connection, "message_id = ?2 AND author = ?3", among, id, &author.address)?;
        if same_author.is_some() {
            return Ok(same_author);
        }
    }
    copy(connection, "message_id = ?2 AND content_digest = ?3", among, id, &message.content_digest)
}

/// One that led to a case goes before one that was ignored.
fn copy(
    connection: &Connection,
    same: &str,
    among: Among,
    first: &str,
    second: &str,
) -> Result<Option<(i64, Earlier)>> {
    // Chosen among them here, since a second ORDER BY costs a table for each mail that comes in.
    let sql = format!(
        "SELECT id, kind = 'inbox', disposition, reason, number FROM mails WHERE {same} AND ?3 IS NOT NULL
         ORDER BY id LIMIT ?1"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![MOST_OF_ONE_ID, first, second])?;
    let mut best: Option<((bool, bool), (i64, Earlier))> = None;
    while let Some(row) = rows.next()? {
        let (id, came_in): (i64, bool) = (row.get(0)?, row.get(1)?);
        if (!came_in && among.folder == Folder::Inbox) || among.except == Some(id) {
            continue;
        }
        let earlier = Earlier { disposition: row.get(2)?, reason: row.get(3)?, number: row.get(4)? };
        let rank = (came_in, earlier.disposition == Disposition::Ignore);
        if best.as_ref().is_none_or(|(of_best, _)| rank < *of_best) {
            best = Some((rank, (id, earlier)));
        }
    }
    Ok(best.map(|(_, found)| found))
}

/// A mail that belongs to a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InCase {
    pub number: String,
    pub disposition: Disposition,
    /// It was found in a Sent folder.
    pub sent: bool,
    pub author: Option<String>,
}

/// The mail with this Message-ID, where it belongs to a case.
pub fn in_case(connection: &Connection, message_id: &str) -> Result<Option<InCase>> {
    let found = connection
        .prepare_cached(
            "SELECT number, disposition, kind = 'sent', author FROM mails
             WHERE message_id = ?1 AND number IS NOT NULL ORDER BY id LIMIT 1",
        )?
        .query_row([message_id], |row| {
            Ok(InCase {
                number: row.get(0)?,
                disposition: row.get(1)?,
                sent: row.get(2)?,
                author: row.get(3)?,
            })
        })
        .optional()?;
    Ok(found)
}

/// Cases opened by this address since then, a day ago.
pub fn opened_since(connection: &Connection, author: &str, since: DateTime<Utc>) -> Result<u32> {
    let opened = connection
        .prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM mails WHERE author = ?1 AND opened = 1 AND decided > ?2
                 AND decided <= ?4 LIMIT ?3)",
        )?
        .query_row(params![author, stored(since), MOST_A_DAY, stored(since + AROUND_NOW)], |row| {
            row.get(0)
        })?;
    Ok(opened)
}

/// The case that the author's mail opened last for this reason.
pub fn opened_for(
    connection: &Connection,
    author: &str,
    reason: &str,
    since: DateTime<Utc>,
) -> Result<Option<String>> {
    let number = connection
        .prepare_cached(
            "SELECT number FROM mails WHERE author = ?1 AND opened = 1 AND reason = ?2 AND decided > ?3
             ORDER BY id DESC LIMIT 1",
        )?
        .query_row(params![author, reason, stored(since)], |row| row.get(0))
        .optional()?;
    Ok(number)
}
