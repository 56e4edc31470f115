//! A copy of the database while the daemon works on it, and what is done with a copy that comes back.
//!
//! A backup carries the moment of its making. A daemon that begins with one knows by this that it was
//! restored: of the mails that arrived between then and now nobody can say whether they were answered.
//! Refuses to write over anything.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::backup::Backup;
use rusqlite::{Connection, params};

use super::open::{self, open_to_read};
use super::{Result, StoreError, stored};

/// Pages that are copied at a time, and the breath between: the daemon goes on writing meanwhile.
const PAGES: std::ffi::c_int = 1024;
const BREATH: Duration = Duration::from_millis(5);
/// What a backup does not know although it arrived before its making waited unread at that moment (a
/// backlog, a mailbox that could not be read) and may have been answered since. Nothing waits longer.
const WAITED: TimeDelta = TimeDelta::days(7);
/// Case numbers that a restored database passes over: those of the lost cases are never given again.
const NUMBERS_PASSED_OVER: u32 = 1000;

/// Writes a verified copy of the database to a new file: whole, or not at all.
///
/// # Errors
/// In one sentence: what is wrong and what to do.
pub fn write(database: &Path, to: &Path, now: DateTime<Utc>) -> Result<()> {
    if to.exists() {
        return Err(StoreError::permanent(format!("{} is there already: name a new file", to.display())));
    }
    let part = beside(to, ".part");
    let written = copy(database, &part, now).and_then(|()| {
        // A link fails where somebody made the file meanwhile; a rename would write over it.
        fs::hard_link(&part, to).and_then(|()| sync_folder(to)).map_err(|error| trouble(to, &error))
    });
    let gone = fs::remove_file(&part);
    written.and_then(|()| gone.map_err(|error| trouble(&part, &error)))
}

fn copy(database: &Path, part: &Path, now: DateTime<Utc>) -> Result<()> {
    let source = open_to_read(database)?;
    new_file(part)?;
    let mut copy = Connection::open(part)?;
    Backup::new(&source, &mut copy)?.run_to_completion(PAGES, BREATH, None)?;
    // One file, without a log beside it.
    copy.pragma_update_and_check(None, "journal_mode", "delete", |_| Ok(()))?;
    copy.execute("DELETE FROM losses WHERE until IS NULL", [])?;
    copy.execute("INSERT INTO losses (since) VALUES (?1)", [stored(now)])?;
    verify(&copy, part)?;
    drop(copy);
    File::open(part).and_then(|file| file.sync_all()).map_err(|error| trouble(part, &error))
}

/// Puts a backup in the place of the database. What was there is kept beside it; says where.
///
/// # Errors
/// In one sentence: what is wrong and what to do. Then the database is as it was.
pub fn restore(backup: &Path, database: &Path, now: DateTime<Utc>) -> Result<Option<PathBuf>> {
    if open::daemon_runs(database) {
        return Err(StoreError::permanent(format!(
            "a triaged is at work on {}: stop it first",
            database.display()
        )));
    }
    if !backup.exists() {
        return Err(StoreError::permanent(format!(
            "there is no file {}: name one that `triaged backup` made",
            backup.display()
        )));
    }
    {
        let source = open_to_read(backup)?;
        verify(&source, backup)?;
        let marked: bool =
            source.query_row("SELECT count(*) > 0 FROM losses WHERE until IS NULL", [], |row| row.get(0))?;
        if !marked {
            return Err(StoreError::permanent(format!(
                "{} was not made by `triaged backup`: when it was made cannot be told",
                backup.display()
            )));
        }
    }
    let part = beside(database, ".restored");
    new_file(&part)?;
    let put = fs::copy(backup, &part)
        .and_then(|_| File::open(&part)?.sync_all())
        .and_then(|()| move_aside(database, now))
        .and_then(|aside| {
            fs::rename(&part, database)?;
            sync_folder(database)?;
            Ok(aside)
        });
    put.map_err(|error| {
        // What is left of it is of no use.
        let _ = fs::remove_file(&part);
        trouble(database, &error)
    })
}

/// The old files get the moment in their names: the log beside a database must not meet another one.
fn move_aside(database: &Path, now: DateTime<Utc>) -> io::Result<Option<PathBuf>> {
    let mark = now.format(".lost-%Y%m%dT%H%M%SZ").to_string();
    let aside = beside(database, &mark);
    let mut moved = None;
    for end in ["", "-wal", "-shm"] {
        match fs::rename(beside(database, end), beside(&aside, end)) {
            Ok(()) if end.is_empty() => moved = Some(aside.clone()),
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(moved)
}

/// Where the database is a backup that no daemon began with yet: closes the gap. Says since when
/// nothing is known. Within a transaction.
pub fn begin_again(connection: &Connection, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let since: Option<i64> =
        connection.query_row("SELECT max(since) FROM losses WHERE until IS NULL", [], |row| row.get(0))?;
    let Some(since) = since else { return Ok(None) };
    connection.execute("UPDATE losses SET until = ?1 WHERE until IS NULL", [stored(now)])?;
    connection.execute("UPDATE serials SET next = next + ?1", [NUMBERS_PASSED_OVER])?;
    // They may have gone out since: sent once more with the same Message-ID, and never called certain.
    connection.execute(
        "UPDATE outbox SET state = 'uncertain', doubts = doubts + 1 WHERE state IN ('queued', 'sending')",
        [],
    )?;
    Ok(Some(super::moment(since)))
}

/// May a mail that arrived then, and that is not known, have been answered in a gap of which nothing is known?
pub fn in_a_gap(connection: &Connection, arrived: DateTime<Utc>) -> Result<bool> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM losses WHERE since <= ?1 AND until > ?2")?
        .exists(params![stored(arrived + WAITED), stored(arrived)])?)
}

/// Has this database ever been a backup that was put back?
pub fn was_restored(connection: &Connection) -> Result<bool> {
    Ok(connection.prepare_cached("SELECT 1 FROM losses WHERE until IS NOT NULL")?.exists([])?)
}

fn verify(connection: &Connection, path: &Path) -> Result<()> {
    let found: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found == "ok" {
        return Ok(());
    }
    Err(StoreError::permanent(format!(
        "{} is damaged ({found}): take another backup, or rescue it with `sqlite3 {} .recover`",
        path.display(),
        path.display()
    )))
}

/// 0600 from the start: it holds what people wrote.
fn new_file(path: &Path) -> Result<()> {
    let made = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    made.map(drop).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => StoreError::permanent(format!(
            "{} is left from a copy that did not end, or one is under way: remove it",
            path.display()
        )),
        _ => trouble(path, &error),
    })
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// A new name survives a power cut only with its folder.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn trouble(path: &Path, error: &io::Error) -> StoreError {
    StoreError::permanent(format!("{} cannot be written: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::store::open::{Role, open};

    fn now() -> DateTime<Utc> {
        "2026-11-23T10:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_backup_is_made_beside_a_running_daemon_for_its_owner_alone_and_over_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("triaged.db");
        let daemon = open(&database, Role::Daemon).unwrap();
        daemon.connection.execute("INSERT INTO serials VALUES (2026, 8)", []).unwrap();
        let copy = folder.path().join("copy.db");
        write(&database, &copy, now()).unwrap();
        assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!beside(&copy, ".part").exists() && !beside(&copy, "-wal").exists());
        let before = fs::read(&copy).unwrap();
        let refused = write(&database, &copy, now()).unwrap_err();
        assert!(refused.what.contains("name a new file"), "{refused}");
        assert_eq!(fs::read(&copy).unwrap(), before);
        let refused = restore(&copy, &database, now()).unwrap_err();
        assert!(refused.what.contains("stop it first"), "{refused}");
    }

    #[test]
    fn what_comes_back_gives_no_number_twice_and_calls_nothing_unsent() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("triaged.db");
        let daemon = open(&database, Role::Daemon).unwrap();
        daemon
            .connection
            .execute_batch(
                "INSERT INTO serials VALUES (2026, 8);
                 INSERT INTO outbox (key, kind, mailbox, sender, recipient, message_id, state, queued, next_try)
                 VALUES ('k', 'request', 'info', 'a', 'b', 'c', 'queued', 1, 1)",
            )
            .unwrap();
        let copy = folder.path().join("copy.db");
        write(&database, &copy, now()).unwrap();
        drop(daemon);
        let aside = restore(&copy, &database, now()).unwrap().unwrap();
        assert!(aside.exists());
        let later = now() + TimeDelta::hours(2);
        let daemon = open(&database, Role::Daemon).unwrap().connection;
        assert_eq!(begin_again(&daemon, later).unwrap(), Some(now()));
        assert_eq!(begin_again(&daemon, later).unwrap(), None, "once");
        let ask = |sql: &str| daemon.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
        assert_eq!(ask("SELECT state FROM outbox"), "uncertain");
        assert_eq!(ask("SELECT CAST(next AS TEXT) FROM serials"), "1008");
        // Also what waited in its mailbox when the backup was made.
        for (minutes, within) in [(-8 * 24 * 60, false), (-24 * 60, true), (60, true), (121, false)] {
            let arrived = now() + TimeDelta::minutes(minutes);
            assert_eq!(in_a_gap(&daemon, arrived).unwrap(), within, "{minutes}");
        }
    }

    #[test]
    fn what_is_no_backup_or_is_damaged_is_refused_and_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("triaged.db");
        drop(open(&database, Role::Daemon).unwrap());
        let before = fs::read(&database).unwrap();
        let plain = folder.path().join("plain.db");
        drop(open(&plain, Role::Daemon).unwrap());
        let text = folder.path().join("text.db");
        fs::write(&text, "no database at all".repeat(100)).unwrap();
        let none = folder.path().join("none.db");
        for (file, words) in [
            (&plain, "not made by"),
            (&text, "no SQLite database"),
            (&none, "name one that `triaged backup` made"),
        ] {
            let refused = restore(file, &database, now()).unwrap_err();
            assert!(refused.what.contains(words), "{refused}");
        }
        assert_eq!(fs::read(&database).unwrap(), before);
    }
}
