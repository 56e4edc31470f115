//! The mails that go out: final bytes, and how far each has come. Kept for good.
//!
//! `queued` → `sending` → `sent`, `uncertain` or `failed`. Once uncertain, always uncertain: it is
//! tried one more time with the same bytes, and nobody can say how often it was delivered.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::cases::count;
use super::{AROUND_NOW, Result, moment, pace, stored};

/// Counts of a day end here; every limit in the decisions is far below.
const MOST_A_DAY: i64 = 100;
/// How long a mail of which nobody knows the end rests before its one retry.
const REST: TimeDelta = TimeDelta::seconds(61);
/// An attempt can lead to doubt so often; then nothing is tried again.
const MOST_DOUBTS: u32 = 2;
/// Nothing ever waits longer for its next try (a provider's limit of a day is looked at each hour): what
/// says so was written while the clock was wrong.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);

/// A mail for the outbox.
#[derive(Debug)]
pub struct New<'a> {
    pub key: &'a str,
    pub kind: &'a str,
    pub alert: Option<&'a str>,
    pub mailbox: &'a str,
    pub from: &'a str,
    pub to: &'a str,
    pub number: Option<&'a str>,
    pub message_id: &'a str,
    pub bytes: &'a [u8],
}

/// A mail to send now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    pub id: i64,
    pub from: String,
    pub to: String,
    pub bytes: Vec<u8>,
    /// `acknowledgement`, `request`, `reminder` or `alert`.
    pub kind: String,
    /// Attempts before this one.
    pub attempts: u32,
}

/// What settling has to know of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub id: i64,
    /// Of an alert: which.
    pub alert: Option<String>,
    pub from: String,
    pub to: String,
    pub number: Option<String>,
    pub first_try: DateTime<Utc>,
    /// The current attempt included.
    pub attempts: u32,
    pub doubts: u32,
}

/// Has this key been given out?
pub fn has(connection: &Connection, key: &str) -> Result<bool> {
    Ok(connection.prepare_cached("SELECT 1 FROM outbox WHERE key = ?1")?.exists([key])?)
}

/// Queues a mail.
pub fn add(connection: &Connection, mail: &New, now: DateTime<Utc>) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO outbox (key, kind, alert, mailbox, sender, recipient, number, message_id, state, queued, next_try)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'queued', ?9, ?9)",
        )?
        .execute(params![
            mail.key,
            mail.kind,
            mail.alert,
            mail.mailbox,
            mail.from,
            mail.to,
            mail.number,
            mail.message_id,
            stored(now)
        ])?;
    connection
        .prepare_cached("INSERT INTO letters (mail, bytes) VALUES (?1, ?2)")?
        .execute(params![connection.last_insert_rowid(), mail.bytes])?;
    Ok(())
}

/// A person gets their mails in order: a row waits for every earlier one that is on its way.
/// Alerts have no such order, and their few addresses would let them through one at a time.
const ANSWERS_TO_TRY: &str = "alert IS NULL AND next_try IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM outbox AS before
    WHERE before.recipient = outbox.recipient AND before.id < outbox.id AND before.state IN ('queued', 'sending'))";
const ALERTS_TO_TRY: &str = "alert IS NOT NULL AND next_try IS NOT NULL";

/// Takes at most `most` mails that are due: answers first, yet a share for the alerts. `per_minute`: no
/// more than so many go out in a minute.
pub fn take(
    connection: &Connection,
    now: DateTime<Utc>,
    most: usize,
    per_minute: Option<usize>,
) -> Result<Vec<Queued>> {
    wait_no_longer(connection, now)?;
    let mut alerts = due(connection, ALERTS_TO_TRY, now, most)?;
    let mut answers = due(connection, ANSWERS_TO_TRY, now, most)?;
    let most = match per_minute {
        Some(per_minute) => most.min(pace::room(connection, now, per_minute, alerts.len() + answers.len())?),
        None => most,
    };
    alerts.truncate(most);
    let share = alerts.len().min(most.div_ceil(4));
    answers.truncate(most.saturating_sub(share));
    let mut taken = answers;
    let room = most.saturating_sub(taken.len());
    taken.extend(alerts.into_iter().take(room));
    taken.iter().map(|id| take_one(connection, *id, now)).collect()
}

/// After a clock that was ahead has been set back.
fn wait_no_longer(connection: &Connection, now: DateTime<Utc>) -> Result<()> {
    for which in ["alert IS NULL", "alert IS NOT NULL"] {
        let sql = format!("UPDATE outbox SET next_try = ?1 WHERE {which} AND next_try > ?2");
        connection.prepare_cached(&sql)?.execute(params![stored(now), stored(now + LONGEST_WAIT)])?;
    }
    Ok(())
}

fn due(connection: &Connection, which: &str, now: DateTime<Utc>, most: usize) -> Result<Vec<i64>> {
    let sql =
        format!("SELECT id FROM outbox WHERE {which} AND next_try <= ?1 ORDER BY next_try, id LIMIT ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params![stored(now), count(most)], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn take_one(connection: &Connection, id: i64, now: DateTime<Utc>) -> Result<Queued> {
    let queued = connection
        .prepare_cached(
            "UPDATE outbox SET taken = ?2, next_try = NULL, first_try = coalesce(first_try, ?2),
                 attempts = attempts + 1, state = iif(state = 'queued', 'sending', state)
             WHERE id = ?1 RETURNING id, sender, recipient, kind, attempts - 1,
                 (SELECT bytes FROM letters WHERE mail = outbox.id)",
        )?
        .query_row(params![id, stored(now)], |row| {
            Ok(Queued {
                id: row.get(0)?,
                from: row.get(1)?,
                to: row.get(2)?,
                kind: row.get(3)?,
                attempts: row.get(4)?,
                bytes: row.get(5)?,
            })
        })?;
    Ok(queued)
}

/// When the next mail may go; one that waits for another has no time of its own.
pub fn next_send(
    connection: &Connection,
    now: DateTime<Utc>,
    per_minute: Option<usize>,
) -> Result<Option<DateTime<Utc>>> {
    let mut next: Option<i64> = None;
    for which in [ANSWERS_TO_TRY, ALERTS_TO_TRY] {
        let sql = format!("SELECT next_try FROM outbox WHERE {which} ORDER BY next_try, id LIMIT 1");
        let found: Option<i64> =
            connection.prepare_cached(&sql)?.query_row([], |row| row.get(0)).optional()?;
        next = next.into_iter().chain(found).min();
    }
    let opens = per_minute.map(|per_minute| pace::opens(connection, now, per_minute)).transpose()?.flatten();
    Ok(next.map(|next| opens.into_iter().fold(moment(next), DateTime::max)))
}

/// A mail that is with a sender; `None` when it was settled before.
pub fn taken(connection: &Connection, id: i64) -> Result<Option<Taken>> {
    let taken = connection
        .prepare_cached(
            "SELECT id, alert, sender, recipient, number, first_try, attempts, doubts FROM outbox
             WHERE id = ?1 AND taken IS NOT NULL",
        )?
        .query_row([id], to_taken)
        .optional()?;
    Ok(taken)
}

/// Every mail that was with a sender when the program ended.
pub fn all_taken(connection: &Connection) -> Result<Vec<i64>> {
    let mut statement =
        connection.prepare_cached("SELECT id FROM outbox WHERE taken IS NOT NULL ORDER BY id")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn to_taken(row: &Row) -> rusqlite::Result<Taken> {
    Ok(Taken {
        id: row.get(0)?,
        alert: row.get(1)?,
        from: row.get(2)?,
        to: row.get(3)?,
        number: row.get(4)?,
        first_try: moment(row.get(5)?),
        attempts: row.get(6)?,
        doubts: row.get(7)?,
    })
}

/// The server has it.
pub fn accepted(connection: &Connection, id: i64, now: DateTime<Utc>) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE outbox SET taken = NULL, delivered = ?2, error = NULL,
                 state = iif(doubts = 0, 'sent', 'uncertain') WHERE id = ?1",
        )?
        .execute(params![id, stored(now)])?;
    Ok(())
}

/// Surely not sent; to be tried again.
pub fn deferred(connection: &Connection, id: i64, next_try: DateTime<Utc>, error: &str) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE outbox SET taken = NULL, next_try = ?2, error = ?3,
                 state = iif(doubts = 0, 'queued', 'uncertain') WHERE id = ?1",
        )?
        .execute(params![id, stored(next_try), error])?;
    Ok(())
}

/// Taken, and nobody began with it: as it was before, with its turn.
pub fn put_back(connection: &Connection, id: i64) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE outbox SET taken = NULL, next_try = queued, attempts = attempts - 1,
                 first_try = iif(attempts > 1, first_try, NULL),
                 state = iif(doubts = 0, 'queued', 'uncertain') WHERE id = ?1",
        )?
        .execute([id])?;
    Ok(())
}

/// Not sent, and nothing is tried again.
pub fn failed(connection: &Connection, id: i64, error: &str) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE outbox SET taken = NULL, next_try = NULL, error = ?2,
                 state = iif(doubts = 0, 'failed', 'uncertain') WHERE id = ?1",
        )?
        .execute(params![id, error])?;
    Ok(())
}

/// Nobody knows whether it was sent. Returns whether it will be tried once more.
pub fn doubtful(connection: &Connection, id: i64, error: &str, now: DateTime<Utc>) -> Result<bool> {
    let again = connection
        .prepare_cached(
            "UPDATE outbox SET taken = NULL, doubts = doubts + 1, state = 'uncertain', error = ?2,
                 next_try = iif(doubts + 1 < ?3, ?4, NULL)
             WHERE id = ?1 RETURNING next_try IS NOT NULL",
        )?
        .query_row(params![id, error, MOST_DOUBTS, stored(now + REST)], |row| row.get(0))?;
    Ok(again)
}

/// A mail of ours came back. Returns whether there is one with this Message-ID.
pub fn bounced(connection: &Connection, message_id: &str, now: DateTime<Utc>) -> Result<bool> {
    let changed = connection
        .prepare_cached("UPDATE outbox SET bounced = coalesce(bounced, ?2) WHERE message_id = ?1")?
        .execute(params![message_id, stored(now)])?;
    Ok(changed > 0)
}

/// Whom the alert with this Message-ID was for. Not of one about the outbox: there is none about itself.
pub fn recipient_of_alert(connection: &Connection, message_id: &str) -> Result<Option<String>> {
    let recipient = connection
        .prepare_cached("SELECT recipient FROM outbox WHERE message_id = ?1 AND alert <> 'outbox'")?
        .query_row([message_id], |row| row.get(0))
        .optional()?;
    Ok(recipient)
}

/// A mail of ours, by its Message-ID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ours {
    pub number: Option<String>,
    pub alert: bool,
}

/// The mail of ours that has this Message-ID.
pub fn ours(connection: &Connection, message_id: &str) -> Result<Option<Ours>> {
    let ours = connection
        .prepare_cached("SELECT number, alert IS NOT NULL FROM outbox WHERE message_id = ?1")?
        .query_row([message_id], |row| Ok(Ours { number: row.get(0)?, alert: row.get(1)? }))
        .optional()?;
    Ok(ours)
}

/// Answers queued for this address since then, a day ago.
pub fn answers_since(connection: &Connection, to: &str, since: DateTime<Utc>) -> Result<u32> {
    let answers = connection
        .prepare_cached(
            "SELECT count(*) FROM
                 (SELECT 1 FROM outbox WHERE alert IS NULL AND recipient = ?1 AND queued > ?2 AND queued <= ?4
                  LIMIT ?3)",
        )?
        .query_row(params![to, stored(since), MOST_A_DAY, stored(since + AROUND_NOW)], |row| row.get(0))?;
    Ok(answers)
}

/// A mail that was tried for so long in vain, where nothing else went out meanwhile: since when, and why.
pub fn stuck(
    connection: &Connection,
    now: DateTime<Utc>,
    patience: TimeDelta,
) -> Result<Option<(DateTime<Utc>, String)>> {
    let stuck = connection
        .prepare_cached(
            "SELECT first_try, coalesce(error, '') FROM outbox
             WHERE state IN ('queued', 'sending') AND first_try <= ?1
                 AND NOT EXISTS (SELECT 1 FROM outbox WHERE delivered > ?1 AND delivered <= ?2)
             ORDER BY queued LIMIT 1",
        )?
        .query_row(params![stored(now - patience), stored(now)], |row| Ok((moment(row.get(0)?), row.get(1)?)))
        .optional()?;
    Ok(stuck)
}

/// Since when the oldest mail has been waiting.
pub fn oldest_waiting(connection: &Connection) -> Result<Option<DateTime<Utc>>> {
    let oldest: Option<i64> = connection
        .prepare_cached("SELECT min(queued) FROM outbox WHERE state IN ('queued', 'sending')")?
        .query_row([], |row| row.get(0))?;
    Ok(oldest.map(moment))
}
