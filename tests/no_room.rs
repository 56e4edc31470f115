//! The disk of the database is full, or another program keeps the database: everything waits,
//! `status` says so, nothing is lost and nothing comes twice.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
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
    let daemon = command.env_remove("TRIAGED_CONFIG").stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let daemon = Running(daemon.unwrap());
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
