//! Cases: kept whole as JSON, with columns for what is searched for.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, ToSql, params};

use super::{Result, StoreError, moment, stored};
use crate::triage::case::{Case, State};

/// The word for a state, as stored and shown.
#[must_use]
pub fn state_word(state: State) -> &'static str {
    match state {
        State::AwaitingInformation => "awaiting_information",
        State::Open => "open",
        State::Answered => "answered",
        State::Closed => "closed",
    }
}

impl ToSql for State {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok(state_word(*self).into())
    }
}

/// Keeps a new case and moves the serial number on.
///
/// # Errors
/// Also where its number is taken.
pub fn open(connection: &Connection, case: &Case) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO cases (number, inquiry, mailbox, state, received, due, alarm, whole)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            case.number,
            case.inquiry,
            case.mailbox,
            case.state,
            stored(case.received),
            case.due.map(stored),
            case.alarm.map(stored),
            whole(case)?
        ])?;
    if let Some((year, serial)) = year_and_serial(&case.number) {
        connection
            .prepare_cached(
                "INSERT INTO serials (year, next) VALUES (?1, ?2)
                 ON CONFLICT (year) DO UPDATE SET next = max(next, excluded.next)",
            )?
            .execute(params![year, serial.saturating_add(1)])?;
    }
    keep_persons(connection, case)
}

/// Keeps a case as it stands from now on.
pub fn update(connection: &Connection, case: &Case) -> Result<()> {
    let changed = connection
        .prepare_cached(
            "UPDATE cases SET inquiry = ?2, state = ?3, due = ?4, alarm = ?5, whole = ?6 WHERE number = ?1",
        )?
        .execute(params![
            case.number,
            case.inquiry,
            case.state,
            case.due.map(stored),
            case.alarm.map(stored),
            whole(case)?
        ])?;
    if changed == 0 {
        return Err(StoreError::permanent(format!("there is no case {}", case.number)));
    }
    keep_persons(connection, case)
}

fn keep_persons(connection: &Connection, case: &Case) -> Result<()> {
    let mut insert =
        connection.prepare_cached("INSERT OR IGNORE INTO persons (address, number) VALUES (?1, ?2)")?;
    for address in case.senders.iter().chain(&case.contact) {
        insert.execute(params![address, case.number])?;
    }
    Ok(())
}

/// The case with this number.
pub fn load(connection: &Connection, number: &str) -> Result<Option<Case>> {
    let json: Option<String> = connection
        .prepare_cached("SELECT whole FROM cases WHERE number = ?1")?
        .query_row([number], |row| row.get(0))
        .optional()?;
    json.as_deref().map(parse).transpose()
}

/// At most `most` cases of this person that wait for a person's answer, newest first.
pub fn unanswered_of(connection: &Connection, address: &str, most: usize) -> Result<Vec<Case>> {
    let mut statement = connection.prepare_cached(
        "SELECT whole FROM persons JOIN cases USING (number)
         WHERE address = ?1 AND state IN ('awaiting_information', 'open')
         ORDER BY received DESC, number DESC LIMIT ?2",
    )?;
    let rows = statement.query_map(params![address, count(most)], |row| row.get::<_, String>(0))?;
    rows.map(|json| parse(&json?)).collect()
}

/// Numbers of at most `most` cases whose alarm rings at or before `now`, earliest first.
pub fn ringing(connection: &Connection, now: DateTime<Utc>, most: usize) -> Result<Vec<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT number FROM cases WHERE alarm IS NOT NULL AND alarm <= ?1 ORDER BY alarm LIMIT ?2",
    )?;
    let rows = statement.query_map(params![stored(now), count(most)], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Numbers of the cases whose alarm rings later.
pub fn ringing_after(connection: &Connection, now: DateTime<Utc>) -> Result<Vec<String>> {
    let mut statement = connection.prepare_cached("SELECT number FROM cases WHERE alarm > ?1")?;
    let rows = statement.query_map([stored(now)], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Moves the alarm of a case without touching anything else.
pub fn postpone(connection: &Connection, case: &mut Case, to: DateTime<Utc>) -> Result<()> {
    case.alarm = Some(to);
    update(connection, case)
}

/// The moment of the next alarm.
pub fn next_alarm(connection: &Connection) -> Result<Option<DateTime<Utc>>> {
    let next: Option<i64> = connection
        .prepare_cached("SELECT min(alarm) FROM cases WHERE alarm IS NOT NULL")?
        .query_row([], |row| row.get(0))?;
    Ok(next.map(moment))
}

/// The serial number that the next case of this year gets.
pub fn next_serial(connection: &Connection, year: i32) -> Result<u32> {
    let next = connection
        .prepare_cached("SELECT next FROM serials WHERE year = ?1")?
        .query_row([year], |row| row.get(0))
        .optional()?;
    Ok(next.unwrap_or(1))
}

/// `K-2026-000123`: 2026 and 123.
fn year_and_serial(number: &str) -> Option<(i32, u32)> {
    let mut parts = number.rsplit('-');
    let serial = parts.next()?.parse().ok()?;
    Some((parts.next()?.parse().ok()?, serial))
}

fn whole(case: &Case) -> Result<String> {
    serde_json::to_string(case)
        .map_err(|error| StoreError::permanent(format!("case {} cannot be kept: {error}", case.number)))
}

pub(super) fn parse(json: &str) -> Result<Case> {
    serde_json::from_str(json)
        .map_err(|error| StoreError::permanent(format!("a case in the database cannot be read: {error}")))
}

pub(super) fn count(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}
