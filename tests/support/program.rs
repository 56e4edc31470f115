//! The program itself, in a folder of its own: the small valid set of `tests/faults/base` with a
//! Maildir `klacht` and an outbox of files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use serde_json::Value;

use super::eventually;
pub use super::quiet::Running;

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// The small valid set of `tests/faults/base` with a mailbox `klacht`.
pub fn small() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    copy(&root().join("tests/faults/base"), dir.path());
    copy(&root().join("rules/letters"), &dir.path().join("rules/letters"));
    for folder in ["new", "cur", "tmp"] {
        fs::create_dir_all(dir.path().join("mail").join(folder)).unwrap();
    }
    dir
}

pub fn triaged(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_triaged"));
    command.args(arguments).current_dir(dir).env_remove("TRIAGED_CONFIG").output().unwrap()
}

/// What a command says on standard output; it must succeed.
pub fn said(dir: &Path, arguments: &[&str]) -> String {
    let output = triaged(dir, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

pub fn mail(subject: &str, text: &str) -> String {
    let id = subject.replace(' ', ".");
    format!(
        "From: Jan de Boer <jan.deboer@example.org>\nTo: klacht@ksyos.nl\nSubject: {subject}\n\
         Date: Mon, 23 Nov 2026 10:00:00 +0100\nMessage-ID: <{id}@example.org>\n\n{text}\n"
    )
}

/// The daemon of a folder.
pub fn run(dir: &Path) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_triaged"));
    command.arg("run").current_dir(dir).env_remove("TRIAGED_CONFIG");
    Running::start(&mut command, &dir.join("log"))
}

/// Looks until `status` shows it.
pub fn until(dir: &Path, what: &str, found: impl Fn(&Value) -> bool) -> Value {
    eventually(what, Duration::from_mins(1), || {
        let output = triaged(dir, &["status", "--json"]);
        let status: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        found(&status).then_some(status)
    })
}

/// As editors do: beside it, then in its place.
pub fn save(path: &Path, text: &str) {
    let beside = path.with_extension("toml.new");
    fs::write(&beside, text).unwrap();
    fs::rename(&beside, path).unwrap();
}

/// The mails that went out with this header.
pub fn sent(dir: &Path, header: &str) -> Vec<String> {
    let files = fs::read_dir(dir.join("outbox")).into_iter().flatten().flatten();
    let texts = files.filter_map(|file| fs::read_to_string(file.path()).ok());
    texts.filter(|text| text.contains(header)).collect()
}

/// Waits until so many alerts about the rules went out.
pub fn rules_alerts(dir: &Path, count: usize) -> Vec<String> {
    eventually("alerts about the rules", Duration::from_mins(1), || {
        Some(sent(dir, "X-Triaged-Alert: rules")).filter(|alerts| alerts.len() == count)
    })
}
