//! The real program: what it tells nobody, what cannot steer a terminal, and a mail that it dies of.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::support::program::{Running, mail, root, run, said, small, triaged, until};
use crate::support::sink::Act;
use crate::support::{Dovecot, SmtpSink, eventually};

const LIMIT: Duration = Duration::from_mins(1);

/// Of a person and of us; none may leave the database and the letters.
const CANARIES: [&str; 10] = [
    "Naamkanarie",
    "adreskanarie",
    "12345678",
    "Onderwerpkanarie",
    "Tekstkanarie",
    "bestandkanarie",
    "F-2026-kanarie",
    "vreemdekanarie",
    "wachtwoordkanarie",
    "klacht-geheim",
];

fn person(id: &str, headers: &str, text: &str) -> String {
    format!(
        "{headers}From: Naamkanarie de Vries <adreskanarie@example.org>\r\nTo: klacht@ksyos.nl\r\n\
         Subject: Onderwerpkanarie\r\nMessage-ID: <{id}.vreemdekanarie@example.org>\r\n\
         Date: Mon, 23 Nov 2026 10:00:00 +0100\r\n\
         {text}"
    )
}

/// Mails of all kinds, each of which goes another way through the program.
fn mails() -> Vec<String> {
    let text = "Content-Type: text/plain\r\n\r\nTekstkanarie: ik heb een klacht.\r\n\r\nNaam: Naamkanarie de Vries\r\n\
        Tel: 06-12345678\r\nFactuurnummer: F-2026-kanarie\r\n";
    let parts = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nTekstkanarie\r\n\
        --b\r\nContent-Type: application/pdf; name=\"bestandkanarie.pdf\"\r\n\r\nTekstkanarie\r\n--b--\r\n";
    let report = "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nTekstkanarie\r\n\
        --b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; adreskanarie@example.org\r\n\
        Action: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n";
    vec![
        person("1", "", text),
        person("1", "", text),
        person("2", "Auto-Submitted: auto-replied\r\n", text),
        person("3", "Return-Path: <>\r\n", report),
        person("4", "List-Id: Onderwerpkanarie <naam.vreemdekanarie>\r\n", text),
        person("5", "", parts),
        person("6", "", "Content-Type: application/pkcs7-mime\r\n\r\nTekstkanarie\r\n"),
        person("7", "", "Content-Type: multipart/mixed; boundary=Tekstkanarie\r\n\r\nTekstkanarie\r\n"),
        person("8", "Reply-To: Naamkanarie <weg.adreskanarie@example.org>\r\n", text),
        "Tekstkanarie zonder kop van Naamkanarie".to_owned(),
        person("9", "", text).replace("From: Naamkanarie", "From: noreply@example.net, Naamkanarie"),
    ]
}

fn lay_out(dir: &Path, dovecot: &Dovecot, sink: &SmtpSink) {
    let wrong = dir.join("wrong");
    fs::write(&wrong, "wachtwoordkanarie").unwrap();
    let mailbox = |name: &str, inquiry: &str, password: &Path| {
        format!(
            "[[mailbox]]\nname = \"{name}\"\naddress = \"{name}@ksyos.nl\"\ninquiry = \"{inquiry}\"\nstart = \"all\"\n\
             coordinators = [\"noor@ksyos.nl\"]\n[mailbox.imap]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\n\
             user = \"{name}\"\npassword_file = \"{}\"\n",
            dovecot.port,
            password.display()
        )
    };
    let config = format!(
        "rules = \"{}\"\n[alerts]\nadmin = [\"beheer@ksyos.nl\"]\n{}{}[smtp]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\n",
        root().join("rules").display(),
        mailbox("klacht", "complaint", &dovecot.password_file("klacht")),
        mailbox("info", "account", &wrong),
        sink.port,
    );
    fs::write(dir.join("triaged.toml"), config).unwrap();
}

fn loud(dir: &Path) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_triaged"));
    command.arg("run").current_dir(dir).env_remove("TRIAGED_CONFIG").env("TRIAGED_LOG", "trace");
    Running::start(&mut command, &dir.join("log"))
}

fn tells_nothing(what: &str, told: &str) {
    for canary in CANARIES {
        let at = told.to_lowercase().find(&canary.to_lowercase());
        let around = at.map(|at| {
            told.get(at.saturating_sub(200)..).unwrap_or(told).chars().take(400).collect::<String>()
        });
        assert!(at.is_none(), "{what} tells {canary}: {around:?}");
    }
}

#[test]
fn no_log_error_status_or_process_list_tells_of_a_person_or_a_secret() {
    let dovecot = Dovecot::start();
    // A server that repeats what it was told, as many do.
    let sink = SmtpSink::scripted(|_, word, line| {
        let refuse = word == "RCPT" && line.contains("adreskanarie");
        refuse.then(|| {
            Act::Say("550 5.1.1 <adreskanarie@example.org>: no adreskanarie in Adreskanarie here".to_owned())
        })
    });
    let dir = tempfile::tempdir().unwrap();
    lay_out(dir.path(), &dovecot, &sink);
    let mails = mails();
    for mail in &mails {
        dovecot.append("klacht", "INBOX", mail.as_bytes());
    }
    let daemon = loud(dir.path());
    let count = mails.len();
    until(dir.path(), "every mail accounted for, a refusal and a wrong password", |status| {
        status["accounted"] == count
            && status["outbox"]["failed"].as_u64() > Some(0)
            && status["outbox"]["waiting"] == 0
            && status.to_string().contains("refuses the login of info")
    });
    let process = Path::new("/proc").join(daemon.0.id().to_string());
    for list in ["cmdline", "environ", "comm"] {
        tells_nothing(list, &String::from_utf8_lossy(&fs::read(process.join(list)).unwrap_or_default()));
    }
    tells_nothing("status", &said(dir.path(), &["status", "--json"]));
    for arguments in
        [&["cases", "show", "K-2026-999999"][..], &["mail", "accept", "99999"], &["rules", "test", "adres"]]
    {
        let output = triaged(dir.path(), arguments);
        tells_nothing(&format!("{arguments:?}"), &String::from_utf8_lossy(&output.stderr));
    }
    // What coordinators and admins are sent says what is wrong, not what a person wrote.
    for alert in sink.mails() {
        let text = String::from_utf8_lossy(&alert.bytes).into_owned();
        let said = text.replace("adreskanarie@example.org", "").replace("adreskanarie=40example.org", "");
        tells_nothing("an alert", &said);
    }
    drop(daemon);
    let log = fs::read_to_string(dir.path().join("log")).unwrap();
    assert!(log.contains("ready") && log.contains("refuses the login"), "it was heard: {log}");
    tells_nothing("the log", &log);
}

const NASTY: &str = "From: =?utf-8?Q?Jan_=1B[2J=1B]0;gehackt=07=E2=80=AE_de_Boer=C2=9B31m?= <jan@example.org>\n\
    To: klacht@ksyos.nl\nSubject: =?utf-8?Q?Klacht_=1B[31mrood=0D=0Aregel_=E2=80=AEtxet?=\n\
    Message-ID: <nasty\u{1b}[31m@example.org>\nDate: Mon, 23 Nov 2026 10:00:00 +0100\n\
    Content-Type: text/plain; charset=utf-8\n\nIk heb een klacht.\n\n\
    Naam: Jan \u{1b}[5mde\u{202e} Boer\nTel: 06-\u{1b}[0m12345678\nOmschrijving: het \u{9b}2J ging mis \u{7}\n";

fn steers_nothing(what: &str, told: &str) {
    let steers = |c: char| {
        c.is_control() && c != '\n' && c != '\t'
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let line = told.lines().find(|line| line.contains(steers));
    assert!(line.is_none(), "{what}: {line:?}");
}

#[test]
fn nothing_in_a_mail_steers_the_terminal_of_a_coordinator() {
    let dir = small();
    let file = dir.path().join("\u{1b}[31mnasty.eml");
    fs::write(&file, NASTY).unwrap();
    fs::copy(&file, dir.path().join("mail/new/1795425000.1.host")).unwrap();
    let config = fs::read_to_string(dir.path().join("triaged.toml")).unwrap();
    fs::write(dir.path().join("triaged.toml"), config.replace("inquiry = ", "start = \"all\"\ninquiry = "))
        .unwrap();
    let daemon = run(dir.path());
    until(dir.path(), "the mail accounted for and its letters written", |status| {
        status["accounted"] == 1 && status["outbox"]["waiting"] == 0
    });
    drop(daemon);
    let path = file.to_str().unwrap();
    let cases: serde_json::Value =
        serde_json::from_str(&said(dir.path(), &["cases", "list", "--json"])).unwrap();
    let number = cases[0]["number"].as_str().unwrap().to_owned();
    for arguments in [
        &["cases", "list"][..],
        &["cases", "list", "--json"],
        &["cases", "show", &number],
        &["cases", "show", &number, "--json"],
        &["mail", "list"],
        &["mail", "list", "--json"],
        &["explain", "--mailbox", "klacht", path],
        &["explain", "--mailbox", "klacht", "--json", path],
        &["explain", "--case", &number],
        &["status"],
    ] {
        let output = triaged(dir.path(), arguments);
        steers_nothing(&format!("{arguments:?}"), &String::from_utf8_lossy(&output.stdout));
        steers_nothing(&format!("{arguments:?}, errors"), &String::from_utf8_lossy(&output.stderr));
    }
    let letters: Vec<_> = fs::read_dir(dir.path().join("outbox")).unwrap().collect();
    assert!(!letters.is_empty());
    for letter in letters {
        let text = fs::read_to_string(letter.unwrap().path()).unwrap();
        steers_nothing("a letter", &text.replace('\r', ""));
    }
}

/// A daemon that dies of the mail that it has in hand, as far as anybody can see; which run it was.
fn dies_of_it(dir: &Path, before: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_triaged"));
    command.arg("run").current_dir(dir).env_remove("TRIAGED_CONFIG");
    let mut daemon = Running::start(&mut command, &dir.join("log"));
    let database = dir.join("triaged.db");
    let in_hand = || {
        let open =
            rusqlite::Connection::open_with_flags(&database, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY);
        open.ok()?.query_row("SELECT run FROM attempts", [], |row| row.get::<_, String>(0)).ok()
    };
    let run = eventually("a mail in hand", LIMIT, || in_hand().filter(|run| run != before));
    daemon.kill();
    run
}

#[test]
fn a_mail_that_the_program_died_of_twice_is_set_aside_and_the_next_goes_on() {
    let dir = small();
    let config = fs::read_to_string(dir.path().join("triaged.toml")).unwrap();
    fs::write(dir.path().join("triaged.toml"), config.replace("inquiry = ", "start = \"all\"\ninquiry = "))
        .unwrap();
    // Long enough to be caught with it in hand.
    let long =
        mail("dodelijk", &"Op 3 maart 2026 was ik bij u voor de holter, tel 06-12345678.\n".repeat(30_000));
    fs::write(dir.path().join("mail/new/1795425000.1.host"), long).unwrap();
    let first = dies_of_it(dir.path(), "");
    dies_of_it(dir.path(), &first);
    fs::write(dir.path().join("mail/new/1795425001.2.host"), mail("gewoon", "Ik heb een klacht.")).unwrap();
    let daemon = run(dir.path());
    until(dir.path(), "both mails accounted for", |status| status["accounted"] == 2);
    let list = eventually("both mails", LIMIT, || {
        let list: serde_json::Value =
            serde_json::from_str(&said(dir.path(), &["mail", "list", "--json"])).ok()?;
        (list.as_array()?.len() == 2).then_some(list)
    });
    drop(daemon);
    let of = |id: u64| list.as_array().unwrap().iter().find(|mail| mail["id"] == id).unwrap().clone();
    assert_eq!(
        (of(1)["disposition"].as_str(), of(1)["reason"].as_str()),
        (Some("review"), Some("unreadable"))
    );
    assert_eq!(of(2)["disposition"], "case");
}
