//! The disk of the database is full, or another program keeps the database: everything waits,
//! `status` says so, nothing is lost and nothing comes twice. What cannot be used at all is refused
//! at the start, in words that help.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use support::eventually;
use support::program::{Running, mail, run, said, sent, small, triaged, until};

fn deliver(dir: &Path, numbers: std::ops::Range<u32>) {
    for n in numbers {
        // Long enough that each needs room of its own.
        let text = format!("Een klacht.\n\nNaam: Jan de Boer\n\n{}", "Zo ging het verder. ".repeat(500));
        let text = mail(&format!("mail {n}"), &text).replace("jan.deboer@", &format!("jan{n}@"));
        let file = dir.join(format!("mail/tmp/17954250{n:02}.{n}.host"));
        fs::write(&file, text).unwrap();
        fs::rename(&file, dir.join("mail/new").join(file.file_name().unwrap())).unwrap();
    }
}

/// Every mail was handled once, every person got one letter.
fn all_is_well(dir: &Path, mails: usize) {
    until(dir, "every mail accounted for", |status| {
        status["accounted"] == mails && status["database"]["error"].is_null()
    });
    eventually("every letter", Duration::from_mins(1), || {
        (sent(dir, "Auto-Submitted: auto-replied").len() >= mails).then_some(())
    });
    let mut letters = BTreeMap::new();
    for letter in sent(dir, "Auto-Submitted: auto-replied") {
        let to = letter.lines().find(|line| line.starts_with("To: ")).unwrap().to_owned();
        *letters.entry(to).or_insert(0) += 1;
    }
    assert!(letters.len() == mails && letters.values().all(|count| *count == 1), "{letters:?}");
    let list: Value = serde_json::from_str(&said(dir, &["mail", "list", "--json"])).unwrap();
    assert_eq!(list.as_array().unwrap().len(), mails);
}

/// Waits until `status` ends with exit status 1, and gives both of its words.
fn until_it_fails(dir: &Path) -> (Value, String) {
    eventually("status says that something is wrong", Duration::from_mins(1), || {
        let output = triaged(dir, &["status", "--json"]);
        (output.status.code() == Some(1)).then(|| {
            let json = serde_json::from_slice(&output.stdout).unwrap_or_default();
            (json, String::from_utf8(output.stderr).unwrap())
        })
    })
}

#[test]
fn a_disk_without_room_stops_nothing_for_good() {
    let dir = small();
    let dir = dir.path();
    // The limit on the size of a file stands for a full disk; its signal would end the program.
    let program = env!("CARGO_BIN_EXE_triaged");
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" run", program]).current_dir(dir);
    let daemon = Running::start(command.env_remove("TRIAGED_CONFIG"), &dir.join("log"));
    let limit = |bytes: &str| {
        let pid = daemon.0.id().to_string();
        let limit = format!("--fsize={bytes}");
        assert!(Command::new("prlimit").args(["--pid", &pid, &limit]).status().unwrap().success());
    };
    until(dir, "ready", |status| status["ready"] == true);
    deliver(dir, 0..3);
    all_is_well(dir, 3);

    limit("60000:unlimited");
    deliver(dir, 3..23);
    let (status, told) = until_it_fails(dir);
    assert!(
        told.contains("cannot write the database since 20") && told.contains("no mail is lost"),
        "{told}"
    );
    assert!(status["database"]["error"].is_string() && status["database"]["since"].is_string(), "{status}");
    assert!(status["accounted"].as_u64().is_some_and(|count| count < 23), "{status}");

    limit("unlimited:unlimited");
    all_is_well(dir, 23);
    assert_eq!(triaged(dir, &["status"]).status.code(), Some(0));
}

/// Files that nobody can write for as long as this lives: not root, and not who had them open before. So a
/// file system behaves that has become read-only.
struct Immutable(Vec<PathBuf>);

impl Immutable {
    /// `None` where this system cannot do that.
    fn new(files: Vec<PathBuf>) -> Option<Self> {
        let made = Self(files);
        made.change("+i").then_some(made)
    }

    fn change(&self, how: &str) -> bool {
        let run = |program: &[&str]| {
            let mut command = Command::new(program[0]);
            let command = command.args(&program[1..]).args(["chattr", how]).args(&self.0);
            command.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
        };
        run(&["env"]) || run(&["sudo", "-n"])
    }
}

impl Drop for Immutable {
    fn drop(&mut self) {
        self.change("-i");
    }
}

#[test]
fn a_database_that_becomes_read_only_under_the_daemon_is_told_of_and_waited_for() {
    let dir = small();
    let dir = dir.path();
    let read_only = || Immutable::new(["triaged.db", "triaged.db-wal"].map(|file| dir.join(file)).into());
    let mut daemon = run(dir);
    until(dir, "ready", |status| status["ready"] == true);
    deliver(dir, 0..3);
    all_is_well(dir, 3);

    // In the midst of work: what was read, decided, taken or sent just then.
    let mut mails = 3;
    for moment in [15, 100] {
        deliver(dir, mails..mails + 10);
        mails += 10;
        std::thread::sleep(Duration::from_millis(moment));
        let Some(files) = read_only() else {
            eprintln!("not seen here: chattr makes no file immutable");
            return;
        };
        deliver(dir, mails..mails + 3);
        mails += 3;
        let (status, told) = until_it_fails(dir);
        assert!(
            told.contains("cannot write the database since 20")
                && told.contains("has become read-only")
                && told.contains("no mail is lost"),
            "{told}"
        );
        assert!(status["accounted"].as_u64().is_some_and(|count| count < mails.into()), "{status}");
        let letters = sent(dir, "Auto-Submitted: auto-replied").len();
        assert!(letters < mails as usize, "{letters} letters to {mails} people");
        drop(files);
        all_is_well(dir, mails as usize);
        assert_eq!(triaged(dir, &["status"]).status.code(), Some(0));
    }

    // The admins hear of it, once; and neither the end nor the next start gets stuck.
    let alerts = || sent(dir, "X-Triaged-Alert: outbox");
    let before = alerts().len();
    let files = read_only().unwrap();
    deliver(dir, mails..mails + 3);
    mails += 3;
    eventually("a mail to the admins", Duration::from_mins(2), || (alerts().len() > before).then_some(()));
    assert!(alerts().iter().all(|alert| alert.contains("has become read-only")), "{:?}", alerts());
    end(daemon, "-TERM");
    let refused = triaged(dir, &["run"]);
    let why = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1), "{why}");
    assert!(why.contains("cannot be written") && why.trim_end().lines().count() == 1, "{why}");
    drop(files);
    daemon = run(dir);
    all_is_well(dir, mails as usize);
    assert_eq!(alerts().len(), before + 1);
    end(daemon, "-TERM");
    each_once(dir, mails);
}

#[test]
fn a_log_that_takes_no_line_stops_nothing() {
    let dir = small();
    let dir = dir.path();
    let program = env!("CARGO_BIN_EXE_triaged");
    let mut command = Command::new("sh");
    command.args(["-c", "exec \"$0\" run 2>/dev/full", program]).current_dir(dir);
    let mut daemon = Running::start(command.env_remove("TRIAGED_CONFIG"), &dir.join("log"));
    until(dir, "ready", |status| status["ready"] == true);
    deliver(dir, 0..3);
    all_is_well(dir, 3);
    assert!(Command::new("kill").arg(daemon.0.id().to_string()).status().unwrap().success());
    assert_eq!(daemon.0.wait().unwrap().code(), Some(0));
}

#[test]
fn a_program_that_keeps_the_database_is_told_of_and_waited_for() {
    let dir = small();
    let dir = dir.path();
    let _daemon = run(dir);
    until(dir, "ready", |status| status["ready"] == true);
    let other = rusqlite::Connection::open(dir.join("triaged.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    deliver(dir, 0..3);
    let (_, told) = until_it_fails(dir);
    assert!(told.contains("in use by another program"), "{told}");
    other.execute_batch("ROLLBACK").unwrap();
    all_is_well(dir, 3);
}

#[test]
fn a_backup_while_mails_come_in_is_whole_and_holds_up_none_of_them() {
    let dir = small();
    let dir = dir.path();
    let _daemon = run(dir);
    until(dir, "ready", |status| status["ready"] == true);
    for round in 0..4 {
        deliver(dir, round * 15..round * 15 + 15);
        said(dir, &["backup", &format!("copy{round}.db")]);
        assert!(whole(&dir.join(format!("copy{round}.db"))));
    }
    all_is_well(dir, 60);
}

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

fn end(mut daemon: Running, signal: &str) {
    Command::new("kill").args([signal, &daemon.0.id().to_string()]).status().unwrap();
    daemon.0.wait().unwrap();
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

fn whole(database: &Path) -> bool {
    let connection = rusqlite::Connection::open(database).unwrap();
    connection.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)).unwrap() == "ok"
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

/// Each mail is a case, with one answer unless it was set aside unread. Of how often an answer went out
/// nothing is left open but where `status` says so.
fn each_once(dir: &Path, mails: u32) {
    let database = dir.join("triaged.db");
    assert!(whole(&database));
    let connection = rusqlite::Connection::open(&database).unwrap();
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap();
    let aside = count("SELECT count(*) FROM mails WHERE reason = 'unreadable'");
    assert_eq!(count("SELECT count(*) FROM mails"), mails);
    assert_eq!(count("SELECT count(*) FROM cases"), mails);
    assert_eq!(count("SELECT count(DISTINCT recipient) FROM outbox WHERE alert IS NULL"), mails - aside);
    assert_eq!(count("SELECT count(*) FROM outbox WHERE alert IS NULL"), mails - aside);
    let doubtful = count("SELECT count(*) FROM outbox WHERE alert IS NULL AND state = 'uncertain'");
    let letters = u32::try_from(sent(dir, "Auto-Submitted: auto-replied").len()).unwrap();
    assert!(
        (mails - aside - doubtful..=mails - aside + doubtful).contains(&letters),
        "{letters} of {mails}, {doubtful}"
    );
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
