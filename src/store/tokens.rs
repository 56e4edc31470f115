//! How it stands with access tokens, for `triaged status`. The tokens themselves are never in here.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use super::{Result, moment, stored};

/// How it stood when the daemon last looked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenState {
    pub valid_until: Option<DateTime<Utc>>,
    /// Why there is no newer one.
    pub error: Option<String>,
}

/// Notes how it stands with the token of `name`; `user` is empty unless a service account acts for one.
pub fn note(connection: &Connection, name: &str, user: &str, state: &TokenState) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO tokens (name, user, valid_until, error) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET valid_until = excluded.valid_until, error = excluded.error",
        )?
        .execute(params![name, user, state.valid_until.map(stored), state.error])?;
    Ok(())
}

/// How it stood; `None` before the first look.
pub fn of(connection: &Connection, name: &str, user: &str) -> Result<Option<TokenState>> {
    let found = connection
        .prepare_cached("SELECT valid_until, error FROM tokens WHERE name = ?1 AND user = ?2")?
        .query_row([name, user], |row| Ok((row.get::<_, Option<i64>>(0)?, row.get(1)?)))
        .optional()?;
    Ok(found.map(|(until, error)| TokenState { valid_until: until.map(moment), error }))
}
