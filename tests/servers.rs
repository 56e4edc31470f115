//! What an admin's commands do at real servers: they look, say what they saw, and leave no trace.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "servers/daemon.rs"]
mod daemon;
mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use support::dovecot::{Dovecot, Options};
use support::sink::Privacy;
use support::{Certificates, SmtpSink};

const LIMIT: Duration = Duration::from_mins(1);
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
        let _ = write!(
            config,
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

/// The lines of `check --online` of one mailbox: step, and all that is said of it.
fn steps(text: &str, name: &str) -> Vec<(bool, String, String)> {
    let lines = text.lines().filter_map(|line| {
        let (ok, rest) = line
            .strip_prefix("ok ")
            .map(|rest| (true, rest))
            .or_else(|| line.strip_prefix("FAIL").map(|rest| (false, rest)))?;
        let rest = rest.trim_start().strip_prefix(name)?.strip_prefix(' ')?.trim_start();
        let (step, said) = rest.split_once(" ms  ")?;
        let step = step.trim_end_matches(|c: char| c.is_ascii_digit()).trim();
        Some((ok, step.to_owned(), said.to_owned()))
    });
    lines.collect()
}

#[test]
fn check_online_walks_to_every_server_one_line_a_step() {
    let dovecot = Dovecot::start_with(Options { tls: true, ..Options::default() });
    let certificates = Certificates::new();
    let sink = SmtpSink::private(&certificates, Privacy::StartTls, Some(("triage", PLAIN)));
    let dir = laid_out(&dovecot, &sink, &certificates);
    let output = triaged(dir.path(), &["check", "--online"]);
    let text = said(&output);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let holds = |name: &str, wanted: &[(&str, &[&str])]| {
        let found = steps(&text, name);
        let names: Vec<&str> = found.iter().map(|(_, step, _)| step.as_str()).collect();
        assert_eq!(names, wanted.iter().map(|(step, _)| *step).collect::<Vec<_>>(), "{text}");
        for ((ok, _, said), (step, parts)) in found.iter().zip(wanted) {
            assert!(
                *ok && parts.iter().all(|part| said.contains(part)),
                "{name} {step}: {parts:?} in {said}"
            );
        }
    };
    for name in ["klacht", "info"] {
        holds(
            name,
            &[
                ("DNS", &["localhost is ", "127.0.0.1"]),
                ("TLS", &["TLS 1.3, ", "AES"]),
                ("login", &[name, "logged in", "IDLE"]),
                ("folder", &["INBOX (next UID 1)"]),
                ("sent", &["seen in Sent"]),
                ("IDLE", &["at once"]),
                ("quota", &["no limit"]),
            ],
        );
    }
    let outgoing: &[(&str, &[&str])] = &[
        ("DNS", &["localhost"]),
        ("connection", &["STARTTLS"]),
        ("EHLO, AUTH", &["triage logged in", "TLS 1.3", "by STARTTLS", "8BITMIME", "AUTH PLAIN"]),
    ];
    holds("outgoing", outgoing);
    assert!(sink.mails().is_empty() && !dir.path().join("triaged.db").exists());

    let output = triaged(dir.path(), &["check", "--online", "--send-test", "beheer@ksyos.nl"]);
    assert!(output.status.success(), "{}", said(&output));
    let mails = sink.mails();
    let one: Vec<_> = mails.iter().map(|mail| (mail.from.as_str(), mail.to.as_str())).collect();
    assert_eq!(one, [("klacht@ksyos.nl", "beheer@ksyos.nl")]);
}

/// What is replaced in the configuration of a mailbox and by what, at which step it fails, and what has to
/// be said of it.
type Mistake<'a> = (&'a str, &'a str, String, &'a str, &'a [&'a str]);

/// A mailbox with one thing wrong; the other and the way out are looked at all the same.
fn fails_at(dovecot: &Dovecot, certificates: &Certificates, (what, from, to, step, parts): &Mistake) {
    let sink = SmtpSink::private(certificates, Privacy::StartTls, Some(("triage", PLAIN)));
    let dir = laid_out(dovecot, &sink, certificates);
    let file = dir.path().join("triaged.toml");
    let config = fs::read_to_string(&file).unwrap();
    let (head, mailbox) = config.split_at(config.find("[[mailbox]]").unwrap());
    assert!(mailbox.contains(from), "{what}: {from} in {mailbox}");
    fs::write(&file, format!("{head}{}", mailbox.replacen(from, to, 1))).unwrap();
    let output = triaged(dir.path(), &["check", "--online"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{what}: {text}{}", String::from_utf8_lossy(&output.stderr));
    let failed: Vec<_> = steps(&text, "klacht").into_iter().filter(|(ok, ..)| !ok).collect();
    let [(_, at, said)] = failed.as_slice() else { panic!("{what}: {text}") };
    assert_eq!(at, step, "{what}: {said}");
    assert!(parts.iter().all(|part| said.contains(part)), "{what}: {parts:?} in {said}");
    assert!(!text.contains("geheim"), "{what}: no secret is said");
    assert!(steps(&text, "info").iter().all(|(ok, ..)| *ok), "{what}: the other mailbox: {text}");
    assert_eq!(steps(&text, "outgoing").len(), 3, "{what}: {text}");
}

#[test]
fn check_online_says_at_which_step_it_fails_and_what_to_do_and_goes_on_with_the_others() {
    let dovecot = Dovecot::start_with(Options { tls: true, ..Options::default() });
    let certificates = Certificates::new();
    let wrong = tempfile::NamedTempFile::new().unwrap();
    fs::write(wrong.path(), "fout").unwrap();
    let right = dovecot.password_file("klacht").display().to_string();
    let user = "user = \"klacht\"";
    let port = format!("port = {}\n{user}", dovecot.tls_port);
    let closed = format!("port = {}\n{user}", support::free_port());
    let ca = format!("ca_file = \"{}\"", dovecot.certificates.as_ref().unwrap().ca().display());
    let (host, sent) = ("host = \"localhost\"", "sent_folder = \"Sent\"");
    let nowhere = host.replace("localhost", "keiner.invalid");
    let mistakes: [Mistake; 6] = [
        (
            "a wrong password",
            &right,
            wrong.path().display().to_string(),
            "login",
            &["refuses the login", "password"],
        ),
        ("no such server", host, nowhere, "DNS", &["keiner.invalid", "`host`"]),
        ("nobody there", &port, closed, "TLS", &["refused"]),
        ("another certificate", &ca, String::new(), "TLS", &["certificate"]),
        ("no such folder", sent, sent.replace("Sent", "Weg"), "sent", &["no folder Weg", "sent_folder"]),
        (
            "no such inbox",
            user,
            format!("{user}\nfolder = \"Weg\""),
            "folder",
            &["no folder Weg", "`folder`"],
        ),
    ];
    for mistake in &mistakes {
        fails_at(&dovecot, &certificates, mistake);
    }
}

#[test]
fn check_online_says_that_the_way_out_refuses_the_login() {
    let dovecot = Dovecot::start_with(Options { tls: true, ..Options::default() });
    let certificates = Certificates::new();
    let sink = SmtpSink::private(&certificates, Privacy::StartTls, Some(("triage", "bm90IHRoaXM=")));
    let dir = laid_out(&dovecot, &sink, &certificates);
    let text = said(&triaged(dir.path(), &["check", "--online"]));
    let failed: Vec<_> = steps(&text, "outgoing").into_iter().filter(|(ok, ..)| !ok).collect();
    let [(_, at, said)] = failed.as_slice() else { panic!("{text}") };
    assert!(at == "EHLO, AUTH" && said.contains("refuses the login of triage"), "{text}");
}

#[test]
fn check_online_warns_of_a_certificate_that_ends_soon_and_fails_nothing_for_it() {
    let dovecot = Dovecot::start_with(Options { tls: true, ..Options::default() });
    let certificates = Certificates::of(&["localhost"], (-80, 6));
    let sink = SmtpSink::private(&certificates, Privacy::StartTls, Some(("triage", PLAIN)));
    let dir = laid_out(&dovecot, &sink, &certificates);
    let output = triaged(dir.path(), &["check", "--online"]);
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    let warned: Vec<&str> = text.lines().filter(|line| line.starts_with("warn")).collect();
    let [line] = warned.as_slice() else { panic!("{text}") };
    for part in ["outgoing", "certificate", "that of localhost ends on 20", "in 5 days", "renewed"] {
        assert!(line.contains(part), "{part} in {line}");
    }

    let ended = Certificates::of(&["localhost"], (-80, -3));
    let sink = SmtpSink::private(&ended, Privacy::StartTls, Some(("triage", PLAIN)));
    let dir = laid_out(&dovecot, &sink, &ended);
    let text = said(&triaged(dir.path(), &["check", "--online"]));
    assert!(
        steps(&text, "outgoing").iter().any(|(ok, _, said)| !ok && said.contains("expired on 20")),
        "{text}"
    );
}

/// A time so many days ago as APPEND takes it; the system's own `date` reckons.
fn days_ago(days: u32) -> String {
    let told = Command::new("date")
        .args(["-u", "-d", &format!("{days} days ago"), "+%d-%b-%Y %H:%M:%S +0000"])
        .env("LC_ALL", "C")
        .output()
        .unwrap();
    String::from_utf8(told.stdout).unwrap().trim().to_owned()
}

fn copy(from: &Path, to: &Path) {
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

#[test]
fn rules_diff_reads_the_last_days_again_and_leaves_no_trace() {
    let dovecot = Dovecot::start_with(Options { tls: true, ..Options::default() });
    let certificates = Certificates::new();
    let sink = SmtpSink::private(&certificates, Privacy::StartTls, Some(("triage", PLAIN)));
    let dir = laid_out(&dovecot, &sink, &certificates);
    let mail = |subject: &str| {
        format!(
            "From: Jan de Boer <jan@example.org>\r\nTo: klacht@ksyos.nl\r\nSubject: {subject}\r\n\r\n\
             Goedendag,\r\n\r\nIk heb een klacht over mijn hartkiekje.\r\n\r\nNaam: Jan de Boer\r\n"
        )
    };
    // Old mail that was moved in today has a high UID: dates do not ascend with UIDs.
    let mut person = dovecot.person("klacht");
    for (days, flags, subject) in [
        (40, "", "long ago"),
        (3, "", "unread"),
        (2, "\\Seen \\Flagged", "read and flagged"),
        (90, "\\Seen", "moved in from an archive"),
        (0, "", "of today"),
    ] {
        person.append("INBOX", flags, Some(&days_ago(days)), mail(subject).as_bytes());
    }
    dovecot.person("info").append("INBOX", "", Some(&days_ago(1)), mail("elsewhere").as_bytes());
    let flags = || [dovecot.person("klacht").flags("INBOX"), dovecot.person("info").flags("INBOX")];
    let before = flags();

    let new = dir.path().join("new");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("rules"), &new);
    let services = fs::read_to_string(new.join("services.toml")).unwrap();
    let with_a_word = services.replacen("words = [\"", "words = [\"hartkiekje\", \"", 1);
    fs::write(new.join("services.toml"), with_a_word).unwrap();

    let diff = |more: &[&str]| {
        let output = triaged(dir.path(), &[&["rules", "diff", "--with", "new"], more].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        said(&output)
    };
    let told = diff(&["--since", "7"]);
    for part in [
        "klacht 2 (klacht): unread",
        "klacht 3 (klacht): read and flagged",
        "klacht 5 (klacht): of today",
        "info 1 (info): elsewhere",
        "because of named as 'hartkiekje'",
        "\n4 mails by rules",
        ": 4 come out differently",
    ] {
        assert!(told.contains(part), "{part} is not in\n{told}");
    }
    let told = diff(&["--since", "3650", "--mailbox", "klacht"]);
    assert!(told.contains("\n5 mails by rules"), "{told}");

    assert_eq!(flags(), before, "what was unread stays unread");
    assert!(sink.mails().is_empty() && !dir.path().join("triaged.db").exists());
}
