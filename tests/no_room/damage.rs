//! Files of the database that are damaged, cut short or cannot be used: what cannot be used at all is refused
//! at the start, in words that help.

use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::support::eventually;
use super::support::program::{run, said, small, triaged, until};
use super::{all_is_well, deliver, each_once, end, whole};

/// The program where the rights of files count: they do not for root.
fn bound_by_rights(dir: &Path, arguments: &[&str]) -> Output {
    let root = Command::new("id").arg("-u").output().unwrap().stdout.starts_with(b"0\n");
    let program = env!("CARGO_BIN_EXE_triaged");
    let mut command = if root {
        let mut command = Command::new("setpriv");
        command.args(["--bounding-set", "-dac_override,-dac_read_search", program]);
        command
    } else {
        Command::new(program)
    };
    command.args(arguments).current_dir(dir).env_remove("TRIAGED_CONFIG").output().unwrap()
}

/// Writes nonsense over the page with which a table begins.
fn spoil_table(database: &Path, table: &str) {
    let connection = rusqlite::Connection::open(database).unwrap();
    let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
    let page: u32 = connection.query_row(sql, [table], |row| row.get(0)).unwrap();
    drop(connection);
    let mut file = OpenOptions::new().write(true).open(database).unwrap();
    file.seek(SeekFrom::Start(u64::from(page - 1) * 4096)).unwrap();
    file.write_all(&[0xa5; 4096]).unwrap();
}

#[test]
fn a_database_that_cannot_be_used_ends_the_start_with_one_line_that_says_what_to_do() {
    let dir = small();
    let dir = dir.path();
    let database = dir.join("triaged.db");
    let daemon = run(dir);
    until(dir, "ready", |status| status["ready"] == true);
    deliver(dir, 0..5);
    all_is_well(dir, 5);
    said(dir, &["backup", "copy.db"]);
    end(daemon, "-TERM");
    let good = fs::read(&database).unwrap();
    let refused = |words: &str| {
        let output = bound_by_rights(dir, &["run"]);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains(words) && told.trim_end().lines().count() == 1, "{words}: {told}");
    };

    fs::set_permissions(&database, fs::Permissions::from_mode(0o400)).unwrap();
    refused("cannot be written: check owner and rights of the file and its folder");
    fs::set_permissions(&database, fs::Permissions::from_mode(0o600)).unwrap();

    let newer = rusqlite::Connection::open(&database).unwrap();
    newer.pragma_update(None, "user_version", 999).unwrap();
    drop(newer);
    refused("was made by a newer triaged (version 999");
    for table in ["mails", "outbox_waiting", "cases"] {
        fs::write(&database, &good).unwrap();
        spoil_table(&database, table);
        refused("is damaged: put a backup back with `triaged restore FILE`");
    }
    fs::write(&database, &good[..good.len() / 2]).unwrap();
    refused("is damaged: put a backup back with `triaged restore FILE`");

    // What the line says helps; what came in since is taken in.
    said(dir, &["restore", "copy.db"]);
    deliver(dir, 5..7);
    let _daemon = run(dir);
    until(dir, "all of them", |status| status["accounted"] == 7);
    assert!(whole(&database));
}

/// What the disk lost of the log is as if it had never been: those mails are taken in again.
#[test]
fn a_log_that_was_cut_short_loses_no_mail() {
    let dir = small();
    let dir = dir.path();
    let (database, log) = (dir.join("triaged.db"), dir.join("triaged.db-wal"));
    let mut mails = 0;
    for cut in [1, 5_000, 60_000] {
        let daemon = run(dir);
        until(dir, "ready", |status| status["ready"] == true);
        deliver(dir, mails..mails + 10);
        mails += 10;
        until(dir, "every mail accounted for", |status| status["accounted"] == mails);
        end(daemon, "-KILL");
        let length = fs::metadata(&log).unwrap().len();
        OpenOptions::new().write(true).open(&log).unwrap().set_len(length.saturating_sub(cut)).unwrap();
    }
    let _daemon = run(dir);
    until(dir, "every mail accounted for", |status| status["accounted"] == mails);
    assert!(whole(&database));
    let list: Value = serde_json::from_str(&said(dir, &["mail", "list", "--json"])).unwrap();
    assert_eq!(list.as_array().unwrap().len(), mails as usize);
}

/// How much of the log a checkpoint has moved, and how much it began to move (`SQLite`,
/// "WAL-mode File Format" §2.1: `nBackfill` and `nBackfillAttempted`).
fn moved(index: &Path) -> (u32, u32) {
    let bytes = fs::read(index).unwrap();
    let at = |from: usize| u32::from_ne_bytes(bytes[from..from + 4].try_into().unwrap());
    (at(96), at(128))
}

#[test]
fn killed_while_it_moves_the_log_into_the_database_it_loses_nothing_and_sends_nothing_twice() {
    /// Some 1,500 fill the log up to a checkpoint; one that was over too soon takes as many again.
    const MOST: u32 = 6_000;
    let dir = small();
    let dir = dir.path();
    let (database, log) = (dir.join("triaged.db"), dir.join("triaged.db-wal"));
    let (mut mails, mut within) = (0, 0);
    let mut daemon = run(dir);
    until(dir, "ready", |status| status["ready"] == true);
    while within < 2 && mails < MOST {
        let written = || fs::metadata(&database).unwrap().modified().unwrap();
        let before = written();
        // Nothing but a checkpoint writes into the file of the database.
        while written() == before && mails < MOST {
            deliver(dir, mails..mails + 100);
            mails += 100;
            let length = || fs::metadata(&log).map_or(0, |log| log.len());
            let (mut last, mut grown) = (length(), Instant::now());
            while written() == before && grown.elapsed() < Duration::from_secs(1) {
                std::thread::sleep(Duration::from_micros(20));
                if length() != last {
                    (last, grown) = (length(), Instant::now());
                }
            }
        }
        daemon.0.kill().unwrap();
        daemon.0.wait().unwrap();
        let (done, begun) = moved(&dir.join("triaged.db-shm"));
        within += u32::from(written() != before && begun > done);
        daemon = run(dir);
    }
    eprintln!("{mails} mails, killed within a checkpoint {within} times");
    assert!(within > 0, "never killed within a checkpoint");
    // Some thousand letters: on a busy machine that takes its time.
    eventually("every mail accounted for and every letter gone", Duration::from_mins(4), || {
        let output = triaged(dir, &["status", "--json"]);
        let status: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (status["accounted"] == mails && status["outbox"]["waiting"] == 0).then_some(())
    });
    end(daemon, "-TERM");
    each_once(dir, mails);
}

/// As a file system does that loses what it had, under a daemon that has the files open.
fn cut(file: &Path, bytes: u64) {
    OpenOptions::new().write(true).open(file).unwrap().set_len(bytes).unwrap();
}

/// The database itself is read and written, never mapped: what is missing is an error with advice. `SQLite`
/// does map the index of its log, so a cut of that one ends the program by a signal; its supervisor starts
/// it anew, and the index is made again from the log.
#[test]
fn files_of_the_database_that_are_cut_under_the_running_daemon_cost_no_mail() {
    let dir = small();
    let dir = dir.path();
    let mut daemon = run(dir);
    until(dir, "the start", |status| status["ready"] == true);
    deliver(dir, 0..2);
    until(dir, "the first mails", |status| status["accounted"] == 2);
    cut(&dir.join("triaged.db-shm"), 0);
    deliver(dir, 2..4);
    eventually("the end of it", Duration::from_mins(1), || daemon.0.try_wait().unwrap());
    drop(daemon);
    let daemon = run(dir);
    until(dir, "every mail accounted for and every letter gone", |status| {
        status["accounted"] == 4 && status["outbox"]["waiting"] == 0
    });
    said(dir, &["backup", "copy.db"]);
    // What the log holds goes into the database.
    end(daemon, "-TERM");
    each_once(dir, 4);

    let daemon = run(dir);
    until(dir, "the start", |status| status["ready"] == true);
    cut(&dir.join("triaged.db"), 8_192);
    deliver(dir, 4..6);
    let advice = eventually("status says what to do", Duration::from_mins(1), || {
        let output = triaged(dir, &["status"]);
        (output.status.code() == Some(1)).then(|| String::from_utf8(output.stderr).unwrap())
    });
    assert!(advice.contains("is damaged") && advice.contains("triaged restore FILE"), "{advice}");
    end(daemon, "-TERM");
    let refused = triaged(dir, &["run"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("triaged restore FILE"));

    said(dir, &["restore", "copy.db"]);
    let _daemon = run(dir);
    until(dir, "all of them", |status| status["accounted"] == 6);
    assert!(whole(&dir.join("triaged.db")));
}
