//! Which mails are in hand: so that one that kills the program is known after the restart
//! (design, invariant 10).

use rusqlite::{Connection, OptionalExtension, params};

use super::Result;
use super::positions::Place;

/// The run that has a mail in hand which nobody has.
const NOBODY: &str = "";

/// How many earlier runs of the program ended while this mail was in hand.
pub fn crashes(connection: &Connection, place: Place, uid: u32, run: &str) -> Result<u32> {
    let found: Option<(u32, String)> = connection
        .prepare_cached(
            "SELECT crashes, run FROM attempts WHERE mailbox = ?1 AND folder = ?2 AND validity = ?3 AND uid = ?4",
        )?
        .query_row(params![place.mailbox, place.folder, place.validity, uid], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    // This run is alive, so what it has in hand has not killed it.
    let lives = |of: &str| of == run || of == NOBODY;
    Ok(found.map_or(0, |(crashes, of)| if lives(&of) { crashes } else { crashes.saturating_add(1) }))
}

/// Takes a mail in hand.
pub fn note(connection: &Connection, place: Place, uid: u32, run: &str) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO attempts (mailbox, folder, validity, uid, crashes, run) VALUES (?1, ?2, ?3, ?4, 0, ?5)
             ON CONFLICT DO UPDATE SET crashes = crashes + (run NOT IN (excluded.run, ?6)), run = excluded.run",
        )?
        .execute(params![place.mailbox, place.folder, place.validity, uid, run, NOBODY])?;
    Ok(())
}

/// The mail goes back, not dealt with: this run may now end without having died of it.
pub fn put_back(connection: &Connection, place: Place, uid: u32) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE attempts SET run = ?5 WHERE mailbox = ?1 AND folder = ?2 AND validity = ?3 AND uid = ?4",
        )?
        .execute(params![place.mailbox, place.folder, place.validity, uid, NOBODY])?;
    Ok(())
}

/// The mail is dealt with.
pub fn forget(connection: &Connection, place: Place, uid: u32) -> Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM attempts WHERE mailbox = ?1 AND folder = ?2 AND validity = ?3 AND uid = ?4",
        )?
        .execute(params![place.mailbox, place.folder, place.validity, uid])?;
    Ok(())
}
