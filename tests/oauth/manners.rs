//! The manners of providers: sessions that end each hour, limits, and what they want people to read.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::support::program::{Running, mail, root, said, sent, small, triaged, until};
use crate::support::scripted::Answer;
use crate::support::sink::Act;
use crate::support::{Dovecot, ScriptedImap, SmtpSink, eventually};

const LIMIT: Duration = Duration::from_mins(1);

/// The daemon, and what it says to people.
fn run(dir: &Path) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_triaged"));
    command.arg("run").current_dir(dir).env_remove("TRIAGED_CONFIG");
    Running::start(&mut command, &dir.join("log"))
}

/// An IMAP server that ends every session at its first wait, from the first on or not before the second;
/// from the second session on there is one mail.
fn hourly(goodbye: &'static str, lasting: usize) -> ScriptedImap {
    ScriptedImap::start(move |session, command| {
        let mail = "From: Jan de Boer <jan@example.org>\r\nTo: klacht@ksyos.nl\r\nSubject: Klacht\r\n\
                    Message-ID: <c1@example.org>\r\n\r\nIk heb een klacht over mijn holter.\r\n";
        match command {
            "IDLE" if session >= lasting => Some(Answer::raw("+ idling\r\n")),
            "IDLE" => Some(Answer::close(goodbye)),
            _ if command.starts_with("EXAMINE") => {
                let next = if session == 0 { 5 } else { 6 };
                let state = format!("* 1 EXISTS\r\n* OK [UIDVALIDITY 5] ok\r\n* OK [UIDNEXT {next}] ok\r\n");
                Some(Answer::ok(&state))
            }
            _ if session == 0 && command.starts_with("UID FETCH") => Some(Answer::ok("")),
            "UID FETCH 5:* (UID INTERNALDATE RFC822.SIZE)" => Some(Answer::ok(&format!(
                "* 1 FETCH (UID 5 INTERNALDATE \"23-Nov-2026 10:00:00 +0000\" RFC822.SIZE {})\r\n",
                mail.len()
            ))),
            _ if command.starts_with("UID FETCH 5 ") => {
                Some(Answer::ok(&format!("* 1 FETCH (UID 5 BODY[] {{{}}}\r\n{mail})\r\n", mail.len())))
            }
            _ if command.starts_with("UID FETCH") => Some(Answer::ok("")),
            _ => None,
        }
    })
}

/// A mailbox `klacht` at this server, and an outbox of files.
fn watching(server: &ScriptedImap) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let rules = root().join("rules");
    fs::write(dir.path().join("password"), "geheim").unwrap();
    let config = format!(
        "rules = \"{}\"\n[alerts]\nadmin = [\"beheer@ksyos.nl\"]\n[outbox]\ndirectory = \"outbox\"\n\
         [[mailbox]]\nname = \"klacht\"\naddress = \"klacht@ksyos.nl\"\ninquiry = \"complaint\"\n\
         coordinators = [\"noor@ksyos.nl\"]\n[mailbox.imap]\nhost = \"127.0.0.1\"\nport = {}\n\
         security = \"none\"\nuser = \"klacht\"\npassword_file = \"password\"\n",
        rules.display(),
        server.port
    );
    fs::write(dir.path().join("triaged.toml"), config).unwrap();
    dir
}

fn log(dir: &Path) -> String {
    fs::read_to_string(dir.join("log")).unwrap_or_default()
}

#[test]
fn a_session_that_the_server_ends_is_begun_anew_at_once_and_without_noise() {
    for goodbye in ["+ idling\r\n* BYE session lasted an hour\r\n", "+ idling\r\n"] {
        let server = hourly(goodbye, 1);
        let dir = watching(&server);
        let _daemon = run(dir.path());
        eventually("the mail that came after the end", LIMIT, || {
            let seen = String::from_utf8(triaged(dir.path(), &["mail", "list", "--json"]).stdout).unwrap();
            seen.contains("c1@example.org").then_some(())
        });
        let log = log(dir.path());
        assert!(log.contains("begins a new session"), "{goodbye:?}: {log}");
        assert!(!log.contains("WARN"), "{goodbye:?}: {log}");
        let status = said(dir.path(), &["status"]);
        assert!(!status.contains("ended the connection"), "{goodbye:?}: {status}");
    }
}

#[test]
fn sessions_that_end_right_away_again_are_a_fault_with_pauses() {
    let server = hourly("+ idling\r\n* BYE go away\r\n", usize::MAX);
    let dir = watching(&server);
    let _daemon = run(dir.path());
    let warned = || log(dir.path()).matches("cannot be read now").count() >= 2;
    eventually("warnings", LIMIT, || warned().then_some(()));
    let sessions = sessions(&server);
    let text = log(dir.path());
    assert!(text.contains("go away") && text.matches("begins a new session").count() == 1, "{text}");
    assert!(sessions <= text.matches("cannot be read now").count() + 2, "no rush: {sessions}\n{text}");
}

fn sessions(server: &ScriptedImap) -> usize {
    server.commands().iter().filter(|command| *command == "GREETING").count()
}

#[test]
fn a_server_that_wants_rest_gets_it_and_people_hear_of_a_long_one_at_once() {
    let server = ScriptedImap::start(|_, command| {
        let throttled = "TAG BAD Request is throttled. Suggested Backoff Time: 1800000 milliseconds\r\n";
        command.starts_with("EXAMINE").then(|| Answer::raw(throttled))
    });
    let dir = watching(&server);
    let _daemon = run(dir.path());
    let alert = eventually("the alert", LIMIT, || {
        sent(dir.path(), "X-Triaged-Alert: mailbox").into_iter().find(|mail| mail.contains("throttled"))
    });
    assert!(alert.contains("To: noor@ksyos.nl") || alert.contains("To: beheer@ksyos.nl"), "{alert}");
    // By itself the daemon would have come back three times meanwhile.
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(sessions(&server), 1, "{}", log(dir.path()));
}

#[test]
fn what_a_server_wants_people_to_read_is_said_once_in_a_session() {
    let server = ScriptedImap::start(|_, command| {
        let alert = "* OK [ALERT] The mailbox moves on Saturday\r\n";
        let look = "* 1 EXISTS\r\n* OK [UIDVALIDITY 5] ok\r\n* OK [UIDNEXT 5] ok\r\n";
        match command {
            "IDLE" => Some(Answer::raw(&format!("{alert}+ idling\r\n"))),
            _ if command.starts_with("EXAMINE") => Some(Answer::ok(&format!("{alert}{look}{alert}"))),
            _ if command.starts_with("UID FETCH") => Some(Answer::ok(alert)),
            _ => None,
        }
    });
    let dir = watching(&server);
    let _daemon = run(dir.path());
    eventually("the wait", LIMIT, || server.commands().contains(&"IDLE".to_owned()).then_some(()));
    let text = log(dir.path());
    assert_eq!(text.matches("The mailbox moves on Saturday").count(), 1, "{text}");
    assert_eq!(text.matches("WARN").count(), 1, "{text}");
}

#[test]
fn a_mail_server_that_wants_less_mail_hears_nothing_more_for_a_while() {
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&tries);
    let sink = SmtpSink::scripted(move |_, word, _| {
        let limit = "432 4.3.2 Concurrent connections limit exceeded. Visit our pages";
        (word == "MAIL" && counted.fetch_add(1, Ordering::SeqCst) == 0).then(|| Act::Say(limit.to_owned()))
    });
    let dir = small();
    let file = dir.path().join("triaged.toml");
    let config = fs::read_to_string(&file).unwrap();
    let smtp =
        format!("[smtp]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nconnections = 1", sink.port);
    fs::write(&file, config.replace("[outbox]\ndirectory = \"outbox\"", &smtp)).unwrap();
    let _daemon = run(dir.path());
    until(dir.path(), "the start", |status| status["ready"] == true);
    for number in 0..4 {
        let text = mail(&format!("klacht {number}"), "Ik heb een klacht over mijn holter.");
        fs::write(dir.path().join("mail/tmp/m"), text.replace("jan.deboer", &format!("jan{number}")))
            .unwrap();
        fs::rename(dir.path().join("mail/tmp/m"), dir.path().join(format!("mail/new/{number}.m.x"))).unwrap();
    }
    eventually("the first try", LIMIT, || (tries.load(Ordering::SeqCst) > 0).then_some(()));
    until(dir.path(), "all is taken in", |status| status["seen"] == 4);
    std::thread::sleep(Duration::from_secs(6));
    assert_eq!(tries.load(Ordering::SeqCst), 1, "one mail was tried, and no other after it");
    assert_eq!(log(dir.path()).matches("432 4.3.2").count(), 1, "the log says what it answered");
    // The rest is over, and none has waited longer for having been behind.
    let answered =
        || (sink.mails().iter().filter(|mail| mail.to.starts_with("jan")).count() == 4).then_some(());
    eventually("all answers", LIMIT, answered);
}

/// At Gmail a labelled mail is in several folders, and all of them are in "All Mail", the sent ones too.
#[test]
fn a_mail_in_two_watched_folders_of_gmail_is_one_case_and_an_answer_in_two_counts_once() {
    let dovecot = Dovecot::start();
    let (all, sent_folder) = ("\"[Gmail]/Alle e-mail\"", "\"[Gmail]/Verzonden berichten\"");
    let mut person = dovecot.person("klacht");
    for folder in [all, sent_folder] {
        person.run(&format!("CREATE {folder}"));
    }
    let dir = small();
    let mut config = "[alerts]\nadmin = [\"beheer@ksyos.nl\"]\n[outbox]\ndirectory = \"outbox\"\n".to_owned();
    for (name, folder) in [("klacht", "\"INBOX\""), ("info", all)] {
        let _ = write!(
            config,
            "[[mailbox]]\nname = \"{name}\"\naddress = \"{name}@ksyos.nl\"\ninquiry = \"complaint\"\n\
             coordinators = [\"noor@ksyos.nl\"]\n[mailbox.imap]\nhost = \"127.0.0.1\"\nport = {}\n\
             security = \"none\"\nuser = \"klacht\"\npassword_file = \"{}\"\nfolder = {folder}\n\
             sent_folder = \"auto\"\npoll = 1\n",
            dovecot.port,
            dovecot.password_file("klacht").display()
        );
    }
    fs::write(dir.path().join("triaged.toml"), config).unwrap();
    let checked = triaged(dir.path(), &["check"]);
    let warned = String::from_utf8_lossy(&checked.stderr).into_owned();
    assert!(checked.status.success() && warned.contains("drafts"), "what is odd about it is said: {warned}");
    let _daemon = run(dir.path());
    until(dir.path(), "the start", |status| status["ready"] == true);
    let list = |arguments: &[&str]| -> Value { serde_json::from_str(&said(dir.path(), arguments)).unwrap() };

    let text = mail("klacht", "Ik heb een klacht over mijn holter.").replace('\n', "\r\n");
    for folder in ["INBOX", all] {
        person.append(folder, "", None, text.as_bytes());
    }
    until(dir.path(), "both are seen", |status| status["seen"] == 2 && status["accounted"] == 2);
    let seen = list(&["mail", "list", "--json"]);
    let mut became: Vec<&str> =
        seen.as_array().unwrap().iter().filter_map(|one| one["disposition"].as_str()).collect();
    became.sort_unstable();
    assert_eq!(became, ["case", "follow_up"], "{seen}");
    assert!(seen.as_array().unwrap().iter().any(|one| one["reason"] == "duplicate"), "{seen}");
    let letters = || sent(dir.path(), "To: jan.deboer@example.org").len();
    eventually("the letter", LIMIT, || (letters() == 1).then_some(()));

    let answer = "From: klacht@ksyos.nl\r\nTo: jan.deboer@example.org\r\nSubject: Re: klacht\r\n\
                  Message-ID: <s1@ksyos.nl>\r\nIn-Reply-To: <klacht@example.org>\r\n\r\nMag ik u bellen?\r\n";
    for folder in [all, sent_folder] {
        person.append(folder, "", None, answer.as_bytes());
    }
    // In "All Mail" once, and in the sent mail of both.
    until(dir.path(), "all is seen", |status| status["seen"] == 5 && status["accounted"] == 5);
    let cases = list(&["cases", "list", "--json"]);
    let [case] = cases.as_array().unwrap().as_slice() else { panic!("{cases}") };
    assert_eq!(case["state"], "answered", "{cases}");
    let page = list(&["cases", "show", case["number"].as_str().unwrap(), "--json"]);
    let stopped =
        page["events"].as_array().unwrap().iter().filter(|event| event["what"] == "answered").count();
    assert_eq!((stopped, letters()), (1, 1), "{page}");
}

#[test]
fn a_session_that_dovecot_ends_is_begun_anew_without_noise() {
    let dovecot = Dovecot::start();
    let dir = small();
    let config = format!(
        "[alerts]\nadmin = [\"beheer@ksyos.nl\"]\n[outbox]\ndirectory = \"outbox\"\n\
         [[mailbox]]\nname = \"klacht\"\naddress = \"klacht@ksyos.nl\"\ninquiry = \"complaint\"\n\
         coordinators = [\"noor@ksyos.nl\"]\n[mailbox.imap]\nhost = \"127.0.0.1\"\nport = {}\n\
         security = \"none\"\nuser = \"klacht\"\npassword_file = \"{}\"\nsent_folder = \"Sent\"\n",
        dovecot.port,
        dovecot.password_file("klacht").display()
    );
    fs::write(dir.path().join("triaged.toml"), config).unwrap();
    let _daemon = run(dir.path());
    until(dir.path(), "the start", |status| {
        status["ready"] == true && status["mailboxes"][0]["state"] == "ok"
    });
    dovecot.kick("klacht");
    eventually("another session", LIMIT, || log(dir.path()).contains("begins a new session").then_some(()));
    let text = mail("klacht", "Ik heb een klacht over mijn holter.").replace('\n', "\r\n");
    dovecot.append("klacht", "INBOX", text.as_bytes());
    let status = until(dir.path(), "the mail after it", |status| status["seen"] == 1);
    assert!(status["mailboxes"][0]["error"].is_null(), "{status}");
    assert!(!log(dir.path()).contains("WARN"), "{}", log(dir.path()));
}
