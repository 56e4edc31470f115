//! The append-only log: who did what when. Never holds a mail's words.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};

use super::{Result, stored};

/// One line of the log.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    pub time: DateTime<Utc>,
    /// Case number; `None`: about the program itself.
    pub number: Option<&'a str>,
    pub what: &'a str,
    pub by: &'a str,
    pub text: &'a str,
}

/// Writes a line.
pub fn add(connection: &Connection, event: &Event) -> Result<()> {
    connection
        .prepare_cached("INSERT INTO events (time, number, what, actor, text) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![stored(event.time), event.number, event.what, event.by, event.text])?;
    Ok(())
}
