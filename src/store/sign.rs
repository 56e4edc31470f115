//! A sign of life beside the database, in its lock file: what `status` goes by when the database
//! itself cannot be written. The file keeps its size, so that a full disk has room for it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};

use super::open::{daemon_runs, lock_path};

/// Longer notes are cut, in bytes.
const NOTE: usize = 512;

/// A daemon that gave no sign for so long is not well; it gives one a minute.
const SILENT: TimeDelta = TimeDelta::minutes(3);

/// Since when something has been wrong with the database, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub since: DateTime<Utc>,
    pub what: String,
}

/// Says that the daemon is alive, and what is wrong with the database.
///
/// # Errors
/// Where even this cannot be written; then the silence tells.
pub fn give(database: &Path, note: Option<&Note>) -> io::Result<()> {
    let mut text = note.map(|note| format!("{} {}", note.since.to_rfc3339(), note.what)).unwrap_or_default();
    text.retain(|c| c != '\n');
    let mut bytes = text.into_bytes();
    bytes.resize(NOTE - 1, b' ');
    bytes.push(b'\n');
    OpenOptions::new().write(true).open(lock_path(database))?.write_all(&bytes)
}

/// What is wrong with the database of a daemon that runs.
#[must_use]
pub fn look(database: &Path, now: DateTime<Utc>) -> Option<Note> {
    if !daemon_runs(database) {
        return None;
    }
    let path = lock_path(database);
    let given: DateTime<Utc> = fs::metadata(&path).and_then(|file| file.modified()).ok()?.into();
    let bytes = fs::read(&path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let said = text.trim().split_once(' ').and_then(|(since, what)| {
        Some(Note { since: DateTime::parse_from_rfc3339(since).ok()?.to_utc(), what: what.to_owned() })
    });
    let silent = now - given > SILENT;
    said.or_else(|| {
        let what = "the daemon gives no sign of life: its disk is read-only, or it hangs";
        silent.then(|| Note { since: given, what: what.to_owned() })
    })
}

#[cfg(test)]
mod tests {
    use super::super::open::{Role, open};
    use super::*;

    #[test]
    fn a_note_is_read_while_the_daemon_runs_and_a_long_silence_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("triaged.db");
        let opened = open(&path, Role::Daemon).unwrap();
        let given: DateTime<Utc> = fs::metadata(lock_path(&path)).unwrap().modified().unwrap().into();
        assert_eq!(look(&path, given + TimeDelta::minutes(1)), None);
        let silent = look(&path, given + TimeDelta::minutes(4)).unwrap();
        assert!(silent.since == given && silent.what.contains("no sign of life"), "{silent:?}");
        let since = DateTime::from_timestamp(1_795_425_000, 0).unwrap();
        let note = Note { since, what: "the disk is full\n".repeat(100) };
        give(&path, Some(&note)).unwrap();
        let told = look(&path, given).unwrap();
        assert!(told.since == since && told.what.starts_with("the disk is full"), "{told:?}");
        give(&path, None).unwrap();
        assert_eq!(look(&path, given), None);
        assert_eq!(fs::metadata(lock_path(&path)).unwrap().len(), NOTE as u64);
        give(&path, Some(&note)).unwrap();
        drop(opened);
        assert_eq!(look(&path, given), None, "nobody is there any more");
    }
}
