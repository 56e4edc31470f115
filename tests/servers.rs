//! What an admin's commands do at real servers: they look, say what they saw, and leave no trace.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use support::dovecot::{Dovecot, Options};
use support::sink::Privacy;
use support::{Certificates, SmtpSink};

/// SASL PLAIN of `triage` and `geheim`.
const PLAIN: &str = "AHRyaWFnZQBnZWhlaW0=";

fn triaged(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_triaged"));
    command.args(arguments).current_dir(dir).env_remove("TRIAGED_CONFIG").output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The shipped rules with two mailboxes at the Dovecot and the sink as the way out.
fn laid_out(dovecot: &Dovecot, sink: &SmtpSink, certificates: &Certificates) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    fs::write(dir.path().join("smtp-password"), "geheim").unwrap();
    let mut config = format!(
        "rules = \"{}\"\n[alerts]\nadmin = [\"beheer@ksyos.nl\"]\n[smtp]\nhost = \"localhost\"\nport = {}\n\
         security = \"starttls\"\nuser = \"triage\"\npassword_file = \"smtp-password\"\nca_file = \"{}\"\n",
        rules.display(),
        sink.port,
        certificates.ca().display(),
    );
    for (name, inquiry) in [("klacht", "complaint"), ("info", "account")] {
        let password = dovecot.password_file(name);
        config += &format!(
            "[[mailbox]]\nname = \"{name}\"\naddress = \"{name}@ksyos.nl\"\ninquiry = \"{inquiry}\"\n\
             coordinators = [\"noor@ksyos.nl\"]\n[mailbox.imap]\nhost = \"localhost\"\nport = {}\n\
             user = \"{name}\"\npassword_file = \"{}\"\nsent_folder = \"Sent\"\nca_file = \"{}\"\n",
            dovecot.tls_port,
            password.display(),
            dovecot.certificates.as_ref().unwrap().ca().display(),
        );
    }
    fs::write(dir.path().join("triaged.toml"), config).unwrap();
    dir
}

#[test]
fn check_online_says_how_private_each_login_is_and_what_the_server_can_do() {
    let dovecot = Dovecot::start_with(Options { tls: true, without_idle: false });
    let certificates = Certificates::new();
    let sink = SmtpSink::private(&certificates, Privacy::StartTls, Some(("triage", PLAIN)));
    let dir = laid_out(&dovecot, &sink, &certificates);
    let output = triaged(dir.path(), &["check", "--online"]);
    let text = said(&output);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("ok ")).collect();
    assert_eq!(lines.len(), 3, "one line each:\n{text}");
    for (line, parts) in lines.iter().zip([
        [" klacht ", " ms ", "TLS 1.3, ", "AES", "logged in", " IDLE ", "INBOX (next UID 1) and Sent"],
        [" info ", " ms ", "TLS 1.3, ", "AES", "logged in", " IDLE ", "INBOX (next UID 1) and Sent"],
        [" outgoing ", " ms ", "TLS 1.3, ", "by STARTTLS", "logged in", "8BITMIME", "AUTH PLAIN"],
    ]) {
        assert!(parts.iter().all(|part| line.contains(part)), "{parts:?} in\n{line}");
    }
    assert!(sink.mails().is_empty() && !dir.path().join("triaged.db").exists());
}
