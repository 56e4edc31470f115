//! What is wrong with the program itself: a person is told once for each episode, also after a restart.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use super::{Result, stored};

/// Notes a trouble. `Some(episode)` when it is new and people must be told.
pub fn begin(connection: &Connection, key: &str, text: &str, now: DateTime<Utc>) -> Result<Option<u32>> {
    let found: Option<(u32, bool)> = connection
        .prepare_cached("SELECT episode, text IS NOT NULL FROM troubles WHERE key = ?1")?
        .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (episode, lasts) = found.unwrap_or((0, false));
    let episode = if lasts { episode } else { episode.saturating_add(1) };
    connection
        .prepare_cached(
            "INSERT INTO troubles (key, episode, text, since) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET since = iif(text IS NULL, excluded.since, since),
                 episode = excluded.episode, text = excluded.text",
        )?
        .execute(params![key, episode, text, stored(now)])?;
    Ok((!lasts).then_some(episode))
}

/// The trouble is over.
pub fn end(connection: &Connection, key: &str) -> Result<()> {
    connection
        .prepare_cached("UPDATE troubles SET text = NULL WHERE key = ?1 AND text IS NOT NULL")?
        .execute([key])?;
    Ok(())
}

/// This trouble is over, with every one whose key begins with its key and a full stop.
pub fn end_all(connection: &Connection, key: &str) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE troubles SET text = NULL
             WHERE text IS NOT NULL AND (key = ?1 OR substr(key, 1, length(?1) + 1) = ?1 || '.')",
        )?
        .execute([key])?;
    Ok(())
}

/// Does this trouble last?
pub fn lasts(connection: &Connection, key: &str) -> Result<bool> {
    let lasts = connection
        .prepare_cached("SELECT 1 FROM troubles WHERE key = ?1 AND text IS NOT NULL")?
        .exists([key])?;
    Ok(lasts)
}

/// A trouble that lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lasting {
    pub key: String,
    pub episode: u32,
    pub text: String,
}

/// The troubles that last and of which nobody heard by another way than the outbox.
pub fn untold(connection: &Connection) -> Result<Vec<Lasting>> {
    let mut statement = connection.prepare_cached(
        "SELECT key, episode, text FROM troubles WHERE text IS NOT NULL AND told IS NOT episode ORDER BY since, key",
    )?;
    let rows = statement
        .query_map([], |row| Ok(Lasting { key: row.get(0)?, episode: row.get(1)?, text: row.get(2)? }))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Somebody heard of this episode by another way than the outbox.
pub fn told(connection: &Connection, key: &str, episode: u32) -> Result<()> {
    connection
        .prepare_cached("UPDATE troubles SET told = ?2 WHERE key = ?1")?
        .execute(params![key, episode])?;
    Ok(())
}

/// Why a mailbox cannot be read, and for how long that has been so while a daemon ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    pub why: String,
    pub lasts: Duration,
}

/// Notes a look at a mailbox.
pub fn checked(
    connection: &Connection,
    mailbox: &str,
    failing: Option<&Failing>,
    now: DateTime<Utc>,
) -> Result<()> {
    let error = failing.map(|failing| failing.why.as_str());
    let lasts = failing.map_or(0, |failing| i64::try_from(failing.lasts.as_secs()).unwrap_or(i64::MAX));
    connection
        .prepare_cached(
            "INSERT INTO checks (mailbox, time, error, failing) VALUES (?1, iif(?3 IS NULL, ?2, 0), ?3, ?4)
             ON CONFLICT DO UPDATE SET time = iif(?3 IS NULL, ?2, time), error = ?3, failing = ?4",
        )?
        .execute(params![mailbox, stored(now), error, lasts])?;
    Ok(())
}

/// For how long the looks at a mailbox had failed when the last one did; nothing where it was read.
pub fn failing_for(connection: &Connection, mailbox: &str) -> Result<Duration> {
    let seconds: Option<i64> = connection
        .prepare_cached("SELECT failing FROM checks WHERE mailbox = ?1")?
        .query_row([mailbox], |row| row.get(0))
        .optional()?;
    Ok(Duration::from_secs(seconds.and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(0)))
}

/// Is every reachable mailbox at its starting position?
pub fn set_ready(connection: &Connection, ready: bool) -> Result<()> {
    connection.prepare_cached("UPDATE daemon SET ready = ?1")?.execute([ready])?;
    Ok(())
}

/// Which rules are in force, and why newer ones are not.
pub fn rules_loaded(
    connection: &Connection,
    digest: &str,
    error: Option<&str>,
    now: DateTime<Utc>,
) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE daemon SET rules = ?1, rules_error = ?2, rules_loaded = iif(?2 IS NULL, ?3, rules_loaded)",
        )?
        .execute(params![digest, error, stored(now)])?;
    Ok(())
}
