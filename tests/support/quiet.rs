//! A running daemon whose every word is read when it ends: none may be of a person or a secret (design,
//! invariant 11). Each test that starts a daemon starts it here.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use super::token_server::CANARY;

/// Of the people who write in the tests, and of the secrets that their servers ask for.
const NEVER: [&str; 10] = [
    // Addresses and Message-IDs of whoever writes.
    "@example.org",
    "@example.net",
    "@example.com",
    "jan de boer",
    "persoon nummer",
    "12345678",
    // `Dovecot::password`; the way out, as it is and as SASL PLAIN; client secrets and tokens.
    "-geheim",
    "password=geheim",
    "AHRyaWFnZQBnZWhlaW0",
    CANARY,
];

/// The daemon; it ends with the test.
#[derive(Debug)]
pub struct Running(pub Child, PathBuf);

impl Running {
    /// Starts it; what it says is added to the log.
    pub fn start(command: &mut Command, log: &Path) -> Self {
        let said = OpenOptions::new().create(true).append(true).open(log).unwrap();
        command.stdout(said.try_clone().unwrap()).stderr(said);
        Self(command.spawn().unwrap(), log.to_owned())
    }

    /// SIGKILL, where it still runs.
    pub fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let arguments = fs::read(format!("/proc/{}/cmdline", self.0.id())).unwrap_or_default();
        self.kill();
        // Whoever fails already need not hear of this, too.
        if !std::thread::panicking() {
            tells_nothing("the process list", &String::from_utf8_lossy(&arguments));
            // A folder that went before its daemon would prove nothing.
            tells_nothing("the log", &String::from_utf8_lossy(&fs::read(&self.1).unwrap()));
        }
    }
}

/// Fails where a text tells of a person or of a secret.
pub fn tells_nothing(what: &str, told: &str) {
    for line in told.lines() {
        let small = line.to_lowercase();
        let word = NEVER.iter().find(|word| small.contains(&word.to_lowercase()));
        assert!(word.is_none(), "{what} tells {word:?}: {line}");
    }
}
