//! `SQLite`: what is kept, and how to find it again.
//!
//! One writer thread owns the connection that writes ([`writer::Writer`]); everything that a
//! happening changes is one transaction there. The functions in here take a connection that is
//! inside a transaction; none of them begins or ends one, reads a clock or decides anything.
//! What people look at goes through [`view`], on a connection that cannot write.

pub mod attempts;
pub mod backup;
pub mod cases;
pub mod events;
pub mod mails;
pub mod open;
pub mod outbox;
pub mod pace;
pub mod positions;
pub mod sign;
pub mod tokens;
pub mod troubles;
pub mod view;
pub mod writer;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{ErrorCode, ffi};

/// Why something could not be kept or found. Says no personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct StoreError {
    /// Trying again later may help (disk full or read-only, busy, an I/O error). Nothing was half done.
    pub temporary: bool,
    /// It is about the database file, not about what was asked of it.
    pub of_database: bool,
    /// One sentence.
    pub what: String,
}

impl StoreError {
    pub fn permanent(what: impl Into<String>) -> Self {
        Self { temporary: false, of_database: false, what: what.into() }
    }

    pub fn temporary(what: impl Into<String>) -> Self {
        Self { temporary: true, of_database: false, what: what.into() }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::from_sqlite(&error)
    }
}

impl StoreError {
    /// Translates an error of `SQLite`, once, where it enters.
    #[must_use]
    pub fn from_sqlite(error: &rusqlite::Error) -> Self {
        let temporary = matches!(
            error.sqlite_error_code(),
            Some(
                ErrorCode::DatabaseBusy
                    | ErrorCode::DatabaseLocked
                    | ErrorCode::DiskFull
                    | ErrorCode::SystemIoFailure
                    | ErrorCode::OutOfMemory
                    | ErrorCode::OperationInterrupted
                    | ErrorCode::CannotOpen
                    | ErrorCode::ReadOnly
            )
        );
        let of_database = temporary
            || matches!(
                error.sqlite_error_code(),
                Some(ErrorCode::PermissionDenied | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
            );
        let what = match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => "the disk of the database is full: make room".to_owned(),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "the database is in use by another program".to_owned()
            }
            Some(ErrorCode::ReadOnly) => {
                "the database is read-only: check its disk, and the rights of its folder".to_owned()
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                "the database is damaged: stop, and put a backup back with `triaged restore FILE`".to_owned()
            }
            _ if refuses_writing(error) => {
                "the disk of the database takes nothing: see whether it has become read-only or is broken"
                    .to_owned()
            }
            _ => format!("the database could not be used: {error}"),
        };
        Self { temporary, of_database, what }
    }
}

/// The system refused to write: a file system that it has made read-only, a disk that fails. Of room it
/// says so by itself.
fn refuses_writing(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error().map(|error| error.extended_code);
    code.is_some_and(|code| {
        matches!(code, ffi::SQLITE_IOERR_WRITE | ffi::SQLITE_IOERR_FSYNC | ffi::SQLITE_IOERR_TRUNCATE)
    })
}

/// What is counted of the last 24 hours is counted of the next 24, too: a clock that was set back by hours
/// forgets nothing, and one that was far ahead for a while silences nobody for good.
const AROUND_NOW: TimeDelta = TimeDelta::hours(48);

/// A result of the store.
pub type Result<T> = std::result::Result<T, StoreError>;

/// A moment as it is stored: milliseconds since 1970.
#[must_use]
pub fn stored(moment: DateTime<Utc>) -> i64 {
    moment.timestamp_millis()
}

/// A stored moment.
#[must_use]
pub fn moment(stored: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(stored).unwrap_or_default()
}
