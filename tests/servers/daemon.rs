//! The daemon at real servers: a Sent folder made later, and what the admins hear by another way.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::support::dovecot::{Dovecot, Options};
use super::support::sink::{Act, Privacy};
use super::support::{Certificates, Running, SmtpSink, eventually};
use super::{LIMIT, PLAIN, laid_out, triaged};

#[test]
fn a_sent_folder_that_is_made_later_holds_up_no_mail_and_its_first_answer_counts() {
    let dovecot = Dovecot::start_with(Options { tls: true, ..Options::default() });
    let certificates = Certificates::new();
    let sink = SmtpSink::private(&certificates, Privacy::StartTls, Some(("triage", PLAIN)));
    let dir = laid_out(&dovecot, &sink, &certificates);
    let file = dir.path().join("triaged.toml");
    let config = fs::read_to_string(&file).unwrap();
    fs::write(&file, config.replace("sent_folder = \"Sent\"", "sent_folder = \"Verzonden\"\npoll = 1"))
        .unwrap();
    let _daemon = run(dir.path());
    let json = |arguments: &[&str]| -> Option<serde_json::Value> {
        serde_json::from_slice(&triaged(dir.path(), arguments).stdout).ok()
    };
    let klacht = || {
        let status = json(&["status", "--json"])?;
        let row = status["mailboxes"].as_array()?.iter().find(|row| row["name"] == "klacht").cloned()?;
        (status["ready"] == true).then_some(row)
    };
    let row = eventually("the start", LIMIT, || klacht().filter(|row| !row["error"].is_null()));
    assert!(row["error"].as_str().unwrap().contains("sent_folder"), "what to mend is said: {row}");

    let mail = "From: Jan de Boer <jan@example.org>\r\nTo: klacht@ksyos.nl\r\nSubject: Klacht\r\n\
                Message-ID: <c1@example.org>\r\n\r\nIk heb een klacht over mijn holter.\r\n";
    dovecot.append("klacht", "INBOX", mail.as_bytes());
    eventually("the letter", LIMIT, || sink.mails().into_iter().find(|mail| mail.to == "jan@example.org"));

    let answer = "From: klacht@ksyos.nl\r\nTo: jan@example.org\r\nSubject: Re: Klacht\r\n\
                  Message-ID: <s1@ksyos.nl>\r\nIn-Reply-To: <c1@example.org>\r\n\r\nMag ik u bellen?\r\n";
    let mut person = dovecot.person("klacht");
    person.run("CREATE Verzonden");
    person.append("Verzonden", "", None, answer.as_bytes());
    eventually("the clock stops", LIMIT, || {
        let case = json(&["cases", "show", "K-2026-000001", "--json"])?;
        (case["state"] == "answered").then_some(())
    });
    eventually("nothing is wrong any more", LIMIT, || klacht().filter(|row| row["error"].is_null()));
}

fn run(dir: &Path) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_triaged"));
    Running::start(command.arg("run").current_dir(dir).env_remove("TRIAGED_CONFIG"), &dir.join("log"))
}

#[test]
fn what_keeps_mail_from_the_admins_reaches_them_by_another_way_once_also_after_a_restart() {
    // Exchange Online without SMTP AUTH: nothing of ours is taken any more.
    let refusing = SmtpSink::scripted(|_, word, _| {
        let reply = "550 5.7.30 Basic authentication is not supported for Client Submission.";
        (word == "MAIL").then(|| Act::Say(reply.to_owned()))
    });
    let elsewhere = SmtpSink::start();
    let dir = tempfile::tempdir().unwrap();
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    for folder in ["new", "cur", "tmp"] {
        fs::create_dir_all(dir.path().join("mail").join(folder)).unwrap();
    }
    let config = format!(
        "rules = {rules:?}\n[alerts]\nadmin = [\"beheer@ksyos.nl\"]\n[[mailbox]]\nname = \"klacht\"\n\
         address = \"klacht@ksyos.nl\"\ninquiry = \"complaint\"\ncoordinators = [\"noor@ksyos.nl\"]\n\
         [mailbox.maildir]\npath = \"mail\"\n[smtp]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\n\
         [alarm]\ncommand = [\"sh\", \"-c\", \"cat >> alarm.txt && echo == >> alarm.txt\"]\n\
         from = \"triaged@elders.example\"\nto = [\"wacht@elders.example\"]\n\
         [alarm.smtp]\nhost = \"localhost\"\nport = {}\nsecurity = \"none\"\n",
        refusing.port, elsewhere.port
    );
    fs::write(dir.path().join("triaged.toml"), config).unwrap();
    let mut daemon = run(dir.path());
    let ready = || {
        let status: serde_json::Value =
            serde_json::from_slice(&triaged(dir.path(), &["status", "--json"]).stdout).ok()?;
        (status["ready"] == true).then_some(status)
    };
    eventually("the start", LIMIT, ready);
    let mail = "From: Jan de Boer <jan@example.org>\nTo: klacht@ksyos.nl\nSubject: Klacht\n\
                Message-ID: <c1@example.org>\n\nIk heb een klacht over mijn holter.\n";
    let put = |name: &str, mail: &str| {
        fs::write(dir.path().join("mail/tmp/m"), mail).unwrap();
        fs::rename(dir.path().join("mail/tmp/m"), dir.path().join("mail/new").join(name)).unwrap();
    };
    put("1.m.x", mail);
    let told = || fs::read_to_string(dir.path().join("alarm.txt")).ok().filter(|text| text.contains("=="));
    let text = eventually("the command", LIMIT, told);
    assert!(text.starts_with("triaged: mail versturen lukt niet\n\n"), "{text}");
    assert!(text.contains("5.7.30"), "what the server said: {text}");
    assert!(!text.contains("Boer") && !text.contains("jan@"), "nothing about people: {text}");
    let mails = elsewhere.wait_for(1, LIMIT);
    assert_eq!(
        (mails[0].from.as_str(), mails[0].to.as_str()),
        ("triaged@elders.example", "wacht@elders.example")
    );
    let letter = String::from_utf8_lossy(&mails[0].bytes).into_owned();
    assert!(letter.contains("X-Triaged-Alert: outbox") && letter.contains("5.7.30"), "{letter}");

    // The same trouble is not told again, by neither way. Not killed: between the server's yes and the
    // note of it a second mail is better than none.
    let id = daemon.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    daemon.0.wait().unwrap();
    let _daemon = run(dir.path());
    eventually("the second start", LIMIT, ready);
    put("2.m.x", &mail.replace("c1@", "c2@").replace("jan@", "piet@"));
    let failed = |status: &serde_json::Value| status["outbox"]["failed"].as_u64().unwrap_or_default() >= 4;
    eventually("the second refusal", LIMIT, || ready().filter(failed));
    // Longer than the daemon takes to look at its troubles: a second alarm would have come.
    std::thread::sleep(Duration::from_secs(6));
    assert_eq!(told().unwrap().matches("==").count(), 1);
    assert_eq!(elsewhere.mails().len(), 1);
}
