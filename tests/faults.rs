//! Every mistake in the book, and the message that must be enough to mend it.
//!
//! Each folder in `tests/faults` but `base` is a mistake: `files/` is laid over `base`, a small set
//! of valid rules with the shipped letters; `expected.txt` is what `triaged check` says of it.
//! `UPDATE_GOLDEN=1 cargo test --test faults` writes the messages anew, for review by eye.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use triaged::rules::together;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &target) } else { assert!(fs::copy(&path, &target).is_ok()) }
    }
}

/// The valid set with the files of a mistake laid over it.
fn laid_out(mistake: Option<&Path>) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    copy(&root().join("tests/faults/base"), dir.path());
    copy(&root().join("rules/letters"), &dir.path().join("rules/letters"));
    if let Some(mistake) = mistake {
        copy(&mistake.join("files"), dir.path());
    }
    dir
}

fn mistakes() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("tests/faults")).unwrap();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.retain(|path| path.is_dir() && !path.ends_with("base"));
    folders.sort();
    folders
}

fn triaged(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_triaged"));
    command.args(arguments).current_dir(dir).env_remove("TRIAGED_CONFIG").output().unwrap()
}

#[test]
fn each_mistake_is_told_as_it_was_reviewed() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut different = Vec::new();
    for mistake in mistakes() {
        let dir = laid_out(Some(&mistake));
        let faults = together::check(&dir.path().join("triaged.toml")).faults;
        let said = format!("{faults}\n").replace(&format!("{}/", dir.path().display()), "");
        let expected = mistake.join("expected.txt");
        if update {
            fs::write(&expected, &said).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != said {
            different.push(format!("--- {}\n{said}", mistake.display()));
        }
    }
    assert!(
        different.is_empty(),
        "these messages changed (see the head of this file):\n{}",
        different.join("\n")
    );
}

#[test]
fn the_valid_set_has_nothing_to_say_about() {
    let dir = laid_out(None);
    let checked = together::check(&dir.path().join("triaged.toml"));
    assert!(checked.faults.is_empty(), "{}", checked.faults);
    assert!(checked.config.is_some() && checked.rules.is_some());
}

#[test]
fn an_editor_gets_every_fault_as_json_and_a_script_the_exit_status() {
    let dir = laid_out(Some(&root().join("tests/faults/term-of-0-days")));
    let output = triaged(dir.path(), &["check", "--json"]);
    assert_eq!(output.status.code(), Some(2));
    let faults: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let fault = &faults[0];
    assert!(fault["file"].as_str().unwrap().ends_with("complaint.toml"), "{fault}");
    assert_eq!((&fault["line"], &fault["column"], &fault["end"]), (&2.into(), &16.into(), &17.into()));
    assert_eq!(fault["text"], "0");
    assert_eq!(fault["severity"], "error");
    assert!(fault["what"].as_str().is_some_and(|what| !what.is_empty()), "{fault}");
    assert!(fault["remedy"].as_str().is_some_and(|remedy| !remedy.is_empty()), "{fault}");
    assert!(output.stderr.is_empty());

    let valid = laid_out(None);
    let output = triaged(valid.path(), &["check", "--json"]);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(0), b"[]\n".as_slice()));
}

#[test]
fn what_is_odd_is_said_and_stops_nothing() {
    let dir = laid_out(Some(&root().join("tests/faults/legal-but-odd")));
    let output = triaged(dir.path(), &["check"]);
    assert_eq!(output.status.code(), Some(0));
    let (said, warned) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(said.starts_with("valid: 1 mailboxes, 1 inquiries"), "{said}");
    assert!(warned.contains("warning: nobody is told") && said.contains("warnings"), "{warned}\n{said}");
}

#[test]
fn a_configuration_that_is_not_there_is_said_to_be_so() {
    let dir = tempfile::tempdir().unwrap();
    let output = triaged(dir.path(), &["check"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("triaged.toml: there is no such file"));
}
