//! A power cut, an upgrade or an order on the afternoon on which somebody saved a typing error.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use support::eventually;
use support::program::{Running, mail, rules_alerts, run, said, save, sent, small, triaged, until};

const TERM_OF_0_DAYS: (&str, &str) = ("working_days = 3", "working_days = 0");

/// The small set with a fault in the inquiry's file. Gives that file as it was.
fn spoil(dir: &Path) -> String {
    let file = dir.join("rules/complaint.toml");
    let good = fs::read_to_string(&file).unwrap();
    save(&file, &good.replace(TERM_OF_0_DAYS.0, TERM_OF_0_DAYS.1));
    good
}

fn stop(mut daemon: Running, signal: &str) {
    Command::new("kill").args([signal, &daemon.0.id().to_string()]).status().unwrap();
    daemon.0.wait().unwrap();
}

#[test]
fn a_restart_amid_a_typing_error_goes_on_with_the_rules_that_were_in_force() {
    let dir = small();
    let dir = dir.path();
    let daemon = run(dir);
    let digest = until(dir, "ready", |status| status["ready"] == true)["rules"]["digest"].clone();
    let text = "Een klacht.\n\nNaam: Jan de Boer";
    fs::write(dir.join("mail/new/1795425000.1.host"), mail("een", text)).unwrap();
    until(dir, "the first case", |status| status["accounted"] == 1);
    stop(daemon, "-KILL");
    let good = spoil(dir);

    // Orders first, while nothing runs; then the daemon.
    let said_of = said(dir, &["cases", "note", "K-2026-000001", "gebeld"]);
    assert!(said_of.contains("K-2026-000001"), "{said_of}");
    let daemon = run(dir);
    let status =
        until(dir, "ready again", |status| status["ready"] == true && status["rules"]["error"].is_string());
    assert_eq!(status["rules"]["digest"], digest);
    let check = String::from_utf8(triaged(dir, &["check"]).stderr).unwrap();
    assert_eq!(check.split("\n\nnot valid").next(), status["rules"]["error"].as_str(), "the words of check");
    let alert = rules_alerts(dir, 1).remove(0);
    assert!(alert.contains("complaint.toml:2:16"), "{alert}");
    fs::write(dir.join("mail/new/1795425001.2.host"), mail("twee", text)).unwrap();
    until(dir, "the second case", |status| status["accounted"] == 2);

    // Started once more with the same mistake: nobody is told twice.
    stop(daemon, "-TERM");
    let _daemon = run(dir);
    until(dir, "ready once more", |status| status["ready"] == true && status["rules"]["error"].is_string());

    save(&dir.join("rules/complaint.toml"), &good);
    until(dir, "the mended rules", |status| status["rules"]["error"].is_null());
    assert_eq!(rules_alerts(dir, 1).len(), 1);
    spoil(dir);
    rules_alerts(dir, 2);
    eventually("two letters to the writer", Duration::from_mins(1), || {
        (sent(dir, "To: jan.deboer@example.org").len() == 2).then_some(())
    });
}

#[test]
fn the_very_first_start_with_faulty_rules_says_what_is_wrong() {
    let dir = small();
    spoil(dir.path());
    let output = triaged(dir.path(), &["run"]);
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("complaint.toml:2:16: a term of 0 days"), "{told}");
    assert!(!dir.path().join("triaged.db").exists());
}
