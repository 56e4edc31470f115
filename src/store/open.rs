//! Opens the database file, makes it where there is none, and brings it up to date.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{Result, StoreError};

/// Each step brings the database from version n to n + 1. Only ever appended to.
const MIGRATIONS: &[&str] = &[
    include_str!("schema.sql"),
    include_str!("loss.sql"),
    include_str!("pace.sql"),
    include_str!("siren.sql"),
    include_str!("tokens.sql"),
    include_str!("failing.sql"),
    include_str!("letters.sql"),
];
const BUSY: Duration = Duration::from_secs(5);
/// A command that looks whether the daemon runs holds the lock for an instant: so long it is waited for.
const LOCK_PATIENCE: (u32, Duration) = (20, Duration::from_millis(50));

/// Who opens the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The one daemon: makes and migrates the database, keeps a second daemon out.
    Daemon,
    /// A command in another process, also while the daemon runs.
    Visitor,
}

/// An open database. The daemon's lock is held until it is dropped.
#[derive(Debug)]
pub struct Opened {
    pub connection: Connection,
    pub lock: Option<File>,
}

/// Opens the database for writing.
///
/// # Errors
/// In one sentence: what is wrong and what to do.
pub fn open(path: &Path, role: Role) -> Result<Opened> {
    let lock = match role {
        Role::Daemon => {
            make(path)?;
            let lock = lock(path)?;
            // Where there is no room for it, `status` tells by the silence.
            let _ = super::sign::give(path, None);
            Some(lock)
        }
        Role::Visitor => {
            must_exist(path)?;
            None
        }
    };
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(|error| advise(path, &error))?;
    // SQLite opens what it may not write all the same, to be read.
    if connection.is_readonly(rusqlite::MAIN_DB).map_err(|error| advise(path, &error))? {
        return Err(not_writable(path));
    }
    prepare(&connection).map_err(|error| advise(path, &error))?;
    match role {
        Role::Daemon => {
            must_be_whole(&connection, path)?;
            migrate(&connection, path)?;
        }
        Role::Visitor => must_be_current(&connection, path)?,
    }
    Ok(Opened { connection, lock })
}

/// Opens the database for reading only.
///
/// # Errors
/// In one sentence: what is wrong and what to do.
pub fn open_to_read(path: &Path) -> Result<Connection> {
    must_exist(path)?;
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(|error| advise(path, &error))?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "trusted_schema", false).map_err(|error| advise(path, &error))?;
    must_be_current(&connection, path)?;
    Ok(connection)
}

/// Is a daemon at work on this database?
#[must_use]
pub fn daemon_runs(path: &Path) -> bool {
    // Without write access: whoever may read the database may ask.
    let Ok(file) = File::open(lock_path(path)) else { return false };
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// 0600 in a 0700 folder: the file holds what people wrote (design, invariant 11).
fn make(path: &Path) -> Result<()> {
    let trouble = |error: &std::io::Error| {
        StoreError::permanent(format!("the database {} cannot be made: {error}", path.display()))
    };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
        && !folder.exists()
    {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| trouble(&error))?;
    }
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(trouble(&error)),
    }
}

fn lock(path: &Path) -> Result<File> {
    let lock_path = lock_path(path);
    let trouble = |error: std::io::Error| {
        StoreError::permanent(format!("the lock file {} cannot be used: {error}", lock_path.display()))
    };
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&lock_path)
        .map_err(trouble)?;
    for _ in 0..LOCK_PATIENCE.0 {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PATIENCE.1),
            Err(TryLockError::Error(error)) => return Err(trouble(error)),
        }
    }
    Err(StoreError::permanent(format!(
        "another triaged is at work on the database {}: stop it first, or give this one a database of its own",
        path.display()
    )))
}

pub(super) fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

fn must_exist(path: &Path) -> Result<()> {
    if path.exists() {
        return Ok(());
    }
    Err(StoreError::permanent(format!(
        "there is no database {} yet: it is made when `triaged run` starts",
        path.display()
    )))
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    // A mail that went out must be recorded also after a power cut.
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Without it the planner looks at what is bound, and plans anew each time another value is: that
    // was an eighth of the work of a backlog.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // What a savepoint needs to go back goes into memory: in a file it was a third of the work of a backlog.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // Each checkpoint copies every page that changed since the last one: of the pages that change all the
    // time, fewer copies are made with 16 MiB between two than with the usual 4.
    connection.pragma_update(None, "wal_autocheckpoint", 4_096)?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(())
}

/// A page that went bad is found before anything is built on it, not on the day on which somebody needs it.
fn must_be_whole(connection: &Connection, path: &Path) -> Result<()> {
    let found: rusqlite::Result<String> = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
    match found {
        Ok(found) if found == "ok" => Ok(()),
        Ok(_) => Err(damaged(path)),
        Err(error) => Err(advise(path, &error)),
    }
}

fn damaged(path: &Path) -> StoreError {
    let path = path.display();
    StoreError::permanent(format!(
        "the database {path} is damaged: put a backup back with `triaged restore FILE`, or rescue it with \
         `sqlite3 {path} .recover`"
    ))
}

fn not_writable(path: &Path) -> StoreError {
    StoreError::permanent(format!(
        "the database {} cannot be written: check owner and rights of the file and its folder",
        path.display()
    ))
}

fn migrate(connection: &Connection, path: &Path) -> Result<()> {
    let advise = |error: rusqlite::Error| advise(path, &error);
    let found = version(connection).map_err(advise)?;
    refuse_newer(found, path)?;
    if found == 0 && has_tables(connection).map_err(advise)? {
        return Err(StoreError::permanent(format!(
            "{} is a database of another program: name another file",
            path.display()
        )));
    }
    for (at, step) in (1_i64..).zip(MIGRATIONS).filter(|(at, _)| *at > found) {
        connection
            .execute_batch(&format!("BEGIN IMMEDIATE; {step} PRAGMA user_version = {at}; COMMIT;"))
            .map_err(|error| {
                // Nothing to roll back is no second fault.
                let _ = connection.execute_batch("ROLLBACK");
                advise(error)
            })?;
    }
    Ok(())
}

fn must_be_current(connection: &Connection, path: &Path) -> Result<()> {
    let found = version(connection).map_err(|error| advise(path, &error))?;
    refuse_newer(found, path)?;
    if found < newest() {
        return Err(StoreError::permanent(format!(
            "the database {} is older than this program: start `triaged run` once, which brings it up to date",
            path.display()
        )));
    }
    Ok(())
}

fn refuse_newer(found: i64, path: &Path) -> Result<()> {
    if found <= newest() {
        return Ok(());
    }
    Err(StoreError::permanent(format!(
        "the database {} was made by a newer triaged (version {found}, this one knows {}): install that program again",
        path.display(),
        newest()
    )))
}

fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

fn has_tables(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT count(*) > 0 FROM sqlite_schema", [], |row| row.get(0))
}

fn advise(path: &Path, error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => StoreError::permanent(format!(
            "{} is no SQLite database: name another file, or put a backup back with `triaged restore FILE`",
            path.display()
        )),
        Some(ErrorCode::DatabaseCorrupt) => damaged(path),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => not_writable(path),
        _ => StoreError::from_sqlite(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn a_new_database_is_readable_by_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = folder();
        let path = folder.path().join("state/deep/triaged.db");
        let _opened = open(&path, Role::Daemon).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        assert_eq!(mode(&lock_path(&path)), 0o600);
        let wal = PathBuf::from(format!("{}-wal", path.display()));
        assert_eq!(mode(&wal), 0o600);
    }

    #[test]
    fn a_second_daemon_is_refused_and_a_command_is_not() {
        let folder = folder();
        let path = folder.path().join("triaged.db");
        assert!(!daemon_runs(&path));
        let first = open(&path, Role::Daemon).unwrap();
        assert!(daemon_runs(&path));
        let refused = open(&path, Role::Daemon).unwrap_err();
        assert!(refused.what.contains("another triaged is at work"), "{refused}");
        open(&path, Role::Visitor).unwrap();
        open_to_read(&path).unwrap();
        drop(first);
        open(&path, Role::Daemon).unwrap();
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_advice() {
        let folder = folder();
        let text = folder.path().join("text.db");
        std::fs::write(&text, "no database at all, but long enough to be looked at as one".repeat(100))
            .unwrap();
        let other = folder.path().join("other.db");
        Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
        let newer = folder.path().join("newer.db");
        Connection::open(&newer).unwrap().execute_batch("PRAGMA user_version = 999").unwrap();
        for (path, words) in [
            (text, "triaged restore"),
            (other, "another program"),
            (newer, "newer triaged"),
            (folder.path().to_owned(), "cannot be written"),
        ] {
            let error = open(&path, Role::Daemon).unwrap_err();
            assert!(error.what.contains(words) && !error.what.contains('\n'), "{error}");
        }
        let error = open(&folder.path().join("none.db"), Role::Visitor).unwrap_err();
        assert!(error.what.contains("triaged run"), "{error}");
    }

    #[test]
    fn a_mail_that_waited_in_an_older_database_goes_out_as_it_was() {
        let folder = folder();
        let path = folder.path().join("triaged.db");
        let before = Connection::open(&path).unwrap();
        let older = MIGRATIONS.iter().take(6).copied().collect::<String>();
        before
            .execute_batch(&format!(
                "{older} PRAGMA user_version = 6;
                 INSERT INTO outbox (key, kind, mailbox, sender, recipient, message_id, bytes, state, queued, next_try)
                 VALUES ('k', 'request', 'info', 'a', 'b', 'c', x'41420d0a', 'queued', 1, 1)"
            ))
            .unwrap();
        drop(before);
        let daemon = open(&path, Role::Daemon).unwrap().connection;
        let now = "2026-11-23T10:00:00Z".parse().unwrap();
        let taken = crate::store::outbox::take(&daemon, now, 10, None).unwrap();
        assert_eq!(taken.first().map(|mail| mail.bytes.as_slice()), Some(b"AB\r\n".as_slice()));
    }

    #[test]
    fn the_log_of_events_can_only_grow() {
        let folder = folder();
        let opened = open(&folder.path().join("triaged.db"), Role::Daemon).unwrap();
        opened
            .connection
            .execute_batch("INSERT INTO events (time, what, actor, text) VALUES (1, 'a', 'b', 'c')")
            .unwrap();
        for attempt in ["DELETE FROM events", "UPDATE events SET text = 'd'"] {
            let error = opened.connection.execute_batch(attempt).unwrap_err();
            assert!(error.to_string().contains("events are never"), "{error}");
        }
    }
}
