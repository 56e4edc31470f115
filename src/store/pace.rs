//! How fast mail may go out: a provider takes so many mails a minute and punishes who sends more.
//!
//! The rows themselves are the count, so that a restart begins no new minute.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use super::cases::count;
use super::{Result, moment, stored};

const MINUTE: TimeDelta = TimeDelta::minutes(1);

/// While mails wait for room, so many go at once: a single place could not be shared between answers
/// and alerts.
const TOGETHER: usize = 4;

/// How many of `due` mails may be taken now.
pub fn room(connection: &Connection, now: DateTime<Utc>, per_minute: usize, due: usize) -> Result<usize> {
    let gone: usize = connection
        .prepare_cached(
            // What was delivered after now was delivered before the clock was set back.
            "SELECT (SELECT count(*) FROM outbox WHERE delivered > ?1 AND delivered <= ?2)
                  + (SELECT count(*) FROM outbox WHERE taken IS NOT NULL)",
        )?
        .query_row(params![stored(now - MINUTE), stored(now)], |row| row.get::<_, i64>(0))
        .map(|gone| usize::try_from(gone).unwrap_or(usize::MAX))?;
    let free = per_minute.saturating_sub(gone);
    Ok(if free >= due.min(TOGETHER.min(per_minute)) { free } else { 0 })
}

/// When there is room for some more; `None`: nothing that was delivered stands in the way.
pub fn opens(
    connection: &Connection,
    now: DateTime<Utc>,
    per_minute: usize,
) -> Result<Option<DateTime<Utc>>> {
    let delivered: Option<i64> = connection
        .prepare_cached(
            "SELECT delivered FROM outbox WHERE delivered > ?1 AND delivered <= ?2
             ORDER BY delivered DESC LIMIT 1 OFFSET ?3",
        )?
        .query_row(
            params![stored(now - MINUTE), stored(now), count(per_minute.saturating_sub(TOGETHER))],
            |row| row.get(0),
        )
        .optional()?;
    Ok(delivered.map(|delivered| moment(delivered) + MINUTE))
}
