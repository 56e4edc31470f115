//! Up to where each folder has been read, and the numbers of a Maildir's files.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use super::{Result, StoreError, moment, stored};

/// A folder under one UIDVALIDITY.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    pub mailbox: &'a str,
    pub folder: &'a str,
    pub validity: u32,
}

/// Up to where a folder has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub validity: u32,
    /// Every mail with a UID up to this one is accounted for.
    pub uid: u32,
    /// What arrived before this moment is never handled.
    pub since: DateTime<Utc>,
    /// What `since` becomes when UIDVALIDITY changes: then UIDs no longer tell what was there before
    /// the first start. Not used before that, since the server's clock may be behind ours.
    pub renewed: DateTime<Utc>,
}

/// The position of a folder; `None`: never begun.
pub fn load(connection: &Connection, mailbox: &str, folder: &str) -> Result<Option<Position>> {
    let position = connection
        .prepare_cached(
            "SELECT validity, uid, since, renewed FROM positions WHERE mailbox = ?1 AND folder = ?2",
        )?
        .query_row([mailbox, folder], |row| {
            Ok(Position {
                validity: row.get(0)?,
                uid: row.get(1)?,
                since: moment(row.get(2)?),
                renewed: moment(row.get(3)?),
            })
        })
        .optional()?;
    Ok(position)
}

/// The starting position, unless the folder has one.
pub fn begin(connection: &Connection, mailbox: &str, folder: &str, position: Position) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO positions (mailbox, folder, validity, uid, since, renewed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            mailbox,
            folder,
            position.validity,
            position.uid,
            stored(position.since),
            stored(position.renewed)
        ])?;
    Ok(())
}

/// Moves a position; under the same UIDVALIDITY it never goes back and `since` stays.
pub fn advance(connection: &Connection, place: Place, uid: u32) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO positions (mailbox, folder, validity, uid, since, renewed) VALUES (?1, ?2, ?3, ?4, 0, 0)
             ON CONFLICT DO UPDATE SET
                 since = CASE WHEN validity = excluded.validity THEN since ELSE max(since, renewed) END,
                 uid = CASE WHEN validity = excluded.validity THEN max(uid, excluded.uid) ELSE excluded.uid END,
                 validity = excluded.validity",
        )?
        .execute(params![place.mailbox, place.folder, place.validity, uid])?;
    Ok(())
}

/// The number of each key of a Maildir; new keys get the next ones in their order.
pub fn number_files(
    connection: &Connection,
    mailbox: &str,
    folder: &str,
    keys: &[String],
) -> Result<Vec<u32>> {
    let mut next = next_file(connection, mailbox, folder)?;
    let mut known =
        connection.prepare_cached("SELECT uid FROM files WHERE mailbox = ?1 AND folder = ?2 AND key = ?3")?;
    let mut add =
        connection.prepare_cached("INSERT INTO files (mailbox, folder, key, uid) VALUES (?1, ?2, ?3, ?4)")?;
    let mut numbers = Vec::with_capacity(keys.len());
    for key in keys {
        let number = known.query_row([mailbox, folder, key], |row| row.get(0)).optional()?;
        numbers.push(if let Some(number) = number {
            number
        } else {
            add.execute(params![mailbox, folder, key, next])?;
            let given = next;
            next =
                next.checked_add(1).ok_or_else(|| StoreError::permanent("a Maildir has no numbers left"))?;
            given
        });
    }
    Ok(numbers)
}

/// The number that the next new file of this folder gets.
pub fn next_file(connection: &Connection, mailbox: &str, folder: &str) -> Result<u32> {
    let next = connection
        .prepare_cached("SELECT coalesce(max(uid), 0) + 1 FROM files WHERE mailbox = ?1 AND folder = ?2")?
        .query_row([mailbox, folder], |row| row.get(0))?;
    Ok(next)
}
