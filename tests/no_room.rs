//! The disk of the database is full, or another program keeps the database: everything waits,
//! `status` says so, nothing is lost and nothing comes twice.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "no_room/damage.rs"]
mod damage;
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

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

fn end(mut daemon: Running, signal: &str) {
    Command::new("kill").args([signal, &daemon.0.id().to_string()]).status().unwrap();
    daemon.0.wait().unwrap();
}

fn whole(database: &Path) -> bool {
    let connection = rusqlite::Connection::open(database).unwrap();
    connection.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)).unwrap() == "ok"
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
