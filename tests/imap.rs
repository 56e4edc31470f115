//! The IMAP source against a real Dovecot.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

#[path = "imap/big.rs"]
mod big;
mod support;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use big::big_mail;
use support::Certificates;
use support::dovecot::{Dovecot, Options};
use triaged::config::{ImapConfig, Login, Secret, Security, SentFolder, Server};
use triaged::mail::imap::{ImapSource, Limits};
use triaged::mail::{Arrival, Source};

const LIMIT: u64 = 10 * 1024 * 1024;

fn config(dovecot: &Dovecot, user: &str) -> ImapConfig {
    ImapConfig {
        server: Server {
            host: "127.0.0.1".to_owned(),
            port: dovecot.port,
            security: Security::None,
            ca_file: None,
        },
        user: user.to_owned(),
        login: Login::Password(Secret::File(dovecot.password_file(user))),
        folder: "INBOX".to_owned(),
        sent_folder: Some(SentFolder::Named("Sent".to_owned())),
        poll: Duration::from_millis(200),
    }
}

fn source(dovecot: &Dovecot, user: &str) -> ImapSource {
    ImapSource::new(config(dovecot, user), LIMIT)
}

fn mail(subject: &str) -> Vec<u8> {
    format!("From: jan@example.org\r\nSubject: {subject}\r\n\r\nBeste mensen\r\n").into_bytes()
}

async fn all(source: &mut ImapSource, most: usize) -> Vec<Arrival> {
    let (mut arrivals, mut after) = (Vec::new(), 0);
    loop {
        let more = source.fetch(after, most).await.unwrap();
        let Some(last) = more.last() else { return arrivals };
        assert!(more.len() <= most);
        after = last.uid;
        arrivals.extend(more);
    }
}

#[tokio::test]
async fn mails_come_whole_in_order_with_the_date_of_the_server() {
    let dovecot = Dovecot::start();
    let mut person = dovecot.person("info");
    let date = Some(" 2-Nov-2026 21:11:34 +0100");
    for number in 0..7 {
        person.append("INBOX", "", date, &mail(&format!("mail {number}")));
    }
    let mut source = source(&dovecot, "info");
    let state = source.open("INBOX").await.unwrap();
    assert_eq!(state.next_uid, 8);
    let arrivals = all(&mut source, 3).await;
    assert_eq!(arrivals.iter().map(|arrival| arrival.uid).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7]);
    for (number, arrival) in arrivals.iter().enumerate() {
        let sent = mail(&format!("mail {number}"));
        assert_eq!(arrival.bytes, sent);
        assert_eq!(arrival.size, sent.len() as u64);
        assert_eq!(arrival.validity, state.validity);
        assert_eq!(arrival.arrived.to_rfc3339(), "2026-11-02T20:11:34+00:00");
    }
}

#[tokio::test]
async fn what_people_see_of_their_mailbox_is_not_changed() {
    let dovecot = Dovecot::start();
    let mut person = dovecot.person("klacht");
    person.append("INBOX", "", None, &mail("unread"));
    person.append("INBOX", "\\Seen \\Flagged", None, &mail("read"));
    let big = big_mail(3 * 1024 * 1024, false);
    person.append("INBOX", "", None, &big);
    let before = person.flags("INBOX");
    assert!(before.contains("\\Flagged"), "{before}");
    // With a low limit, so that big mails go by the other ways, too.
    let mut source = ImapSource::new(config(&dovecot, "klacht"), 2 * 1024 * 1024);
    source.open("INBOX").await.unwrap();
    assert_eq!(all(&mut source, 10).await.len(), 3);
    source.close().await;
    assert_eq!(dovecot.person("klacht").flags("INBOX"), before);
}

#[tokio::test]
async fn a_folder_with_gaps_is_read_to_its_end() {
    let dovecot = Dovecot::start();
    let mut person = dovecot.person("info");
    let uids: Vec<u32> =
        (0..30).map(|number| person.append("INBOX", "", None, &mail(&number.to_string()))).collect();
    person.run("SELECT INBOX");
    person.run("UID STORE 2:14,16:29 +FLAGS (\\Deleted)");
    person.run("EXPUNGE");
    let mut source = source(&dovecot, "info");
    source.open("INBOX").await.unwrap();
    let found: Vec<u32> = all(&mut source, 1).await.iter().map(|arrival| arrival.uid).collect();
    assert_eq!(found, [uids[0], 15, 30]);
    // `31:*` stands for mail 30 on the wire: it must not come again.
    assert!(source.fetch(30, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_new_mail_is_noticed_at_once_and_a_wait_can_be_given_up() {
    let dovecot = Dovecot::start();
    let mut source = source(&dovecot, "info");
    source.open("INBOX").await.unwrap();
    assert!(source.fetch(0, 10).await.unwrap().is_empty());
    // Dropped in the middle of an IDLE: the connection stays good.
    for _ in 0..3 {
        let given_up =
            tokio::time::timeout(Duration::from_millis(50), source.wait(Duration::from_secs(30))).await;
        assert!(given_up.is_err());
    }
    let waiting = tokio::spawn(async move {
        source.wait(Duration::from_secs(30)).await.unwrap();
        (Instant::now(), source.fetch(0, 10).await.unwrap())
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    dovecot.append("info", "INBOX", &mail("new"));
    let delivered = Instant::now();
    let (noticed, arrivals) = waiting.await.unwrap();
    assert!(noticed.duration_since(delivered) < Duration::from_secs(2));
    assert_eq!(arrivals.len(), 1);
}

#[tokio::test]
async fn a_mail_that_comes_between_a_look_and_a_wait_is_noticed() {
    let dovecot = Dovecot::start();
    let mut source = source(&dovecot, "info");
    source.open("INBOX").await.unwrap();
    assert!(source.fetch(0, 10).await.unwrap().is_empty());
    dovecot.append("info", "INBOX", &mail("between"));
    let start = Instant::now();
    source.wait(Duration::from_secs(30)).await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert_eq!(source.fetch(0, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_mail_that_comes_while_another_folder_is_open_is_noticed() {
    let dovecot = Dovecot::start();
    let mut source = source(&dovecot, "info");
    source.open("INBOX").await.unwrap();
    assert!(source.fetch(0, 10).await.unwrap().is_empty());
    source.open("Sent").await.unwrap();
    dovecot.append("info", "INBOX", &mail("meanwhile"));
    source.open("INBOX").await.unwrap();
    let start = Instant::now();
    source.wait(Duration::from_secs(30)).await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert_eq!(source.fetch(0, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn without_idle_the_folder_is_looked_at_now_and_then() {
    let dovecot = Dovecot::start_with(Options { without_idle: true, ..Options::default() });
    let mut source = source(&dovecot, "info");
    assert!(!source.reached().await.unwrap().capabilities.contains(&"IDLE".to_owned()));
    source.open("INBOX").await.unwrap();
    assert!(source.fetch(0, 10).await.unwrap().is_empty());
    dovecot.append("info", "INBOX", &mail("new"));
    let start = Instant::now();
    source.wait(Duration::from_secs(30)).await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!(source.fetch(0, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_mail_that_somebody_deletes_meanwhile_just_vanishes() {
    let dovecot = Dovecot::start();
    let mut person = dovecot.person("info");
    for number in 0..4 {
        person.append("INBOX", "", None, &mail(&number.to_string()));
    }
    let mut source = source(&dovecot, "info");
    source.open("INBOX").await.unwrap();
    // The first look lists all four.
    assert_eq!(source.fetch(0, 1).await.unwrap()[0].uid, 1);
    person.delete("INBOX", 2);
    person.delete("INBOX", 3);
    let rest: Vec<u32> = source.fetch(1, 1).await.unwrap().iter().map(|arrival| arrival.uid).collect();
    assert_eq!(rest, [4]);
    person.delete("INBOX", 4);
    assert!(source.fetch(1, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_folder_made_anew_is_seen_as_another_one() {
    let dovecot = Dovecot::start();
    dovecot.append("info", "Sent", &mail("old"));
    let mut source = source(&dovecot, "info");
    let before = source.open("Sent").await.unwrap();
    assert_eq!(source.fetch(0, 10).await.unwrap().len(), 1);
    dovecot.recreate("info", "Sent");
    dovecot.append("info", "Sent", &mail("new"));
    // Whatever the server does with the old connection: no mail of the new folder under the old number.
    for _ in 0..3 {
        if let Ok(arrivals) = source.fetch(1, 10).await {
            assert!(arrivals.is_empty(), "{}", arrivals.len());
        }
    }
    let after = source.open("Sent").await.unwrap();
    assert_ne!(after.validity, before.validity);
    assert_eq!(source.status("Sent").await.unwrap(), after);
    assert_eq!(source.fetch(0, 10).await.unwrap()[0].bytes, mail("new"));
}

#[tokio::test]
async fn a_wrong_password_is_for_a_person_to_mend_and_counts_as_soon_as_it_is() {
    let dovecot = Dovecot::start();
    let mut config = config(&dovecot, "info");
    let file: PathBuf = dovecot.maildir("wrong-password");
    std::fs::write(&file, "verkeerd-woord\n").unwrap();
    config.login = Login::Password(Secret::File(file.clone()));
    let mut source = ImapSource::new(config, LIMIT);
    let failure = source.open("INBOX").await.unwrap_err();
    assert!(failure.permanent, "{failure:?}");
    assert!(failure.what.contains("info") && failure.what.contains("wrong-password"), "{failure:?}");
    assert!(!failure.what.contains("verkeerd-woord"), "{failure:?}");
    std::fs::write(&file, Dovecot::password("info")).unwrap();
    source.open("INBOX").await.unwrap();
}

#[tokio::test]
async fn a_missing_folder_is_for_a_person_to_mend() {
    let dovecot = Dovecot::start();
    let mut source = source(&dovecot, "info");
    let failure = source.open("Bestaat niet & \"zo\"").await.unwrap_err();
    assert!(failure.permanent && failure.what.contains("Bestaat niet"), "{failure:?}");
    // The connection is none the worse for it.
    source.open("INBOX").await.unwrap();
}

#[tokio::test]
async fn a_folder_may_have_any_name() {
    let dovecot = Dovecot::start();
    let mut person = dovecot.person("info");
    person.run("CREATE \"Ge&AO8-nd &- klaar\"");
    let mut source = source(&dovecot, "info");
    source.open("Geïnd & klaar").await.unwrap();
    source.status("Geïnd & klaar").await.unwrap();
}

#[tokio::test]
async fn a_connection_is_private_by_tls_and_by_starttls() {
    let dovecot = Dovecot::start_with(Options { tls: true, ..Options::default() });
    dovecot.append("info", "INBOX", &mail("private"));
    let ca_file = dovecot.certificates.as_ref().map(Certificates::ca);
    for (security, port) in [(Security::Tls, dovecot.tls_port), (Security::StartTls, dovecot.port)] {
        let mut config = config(&dovecot, "info");
        config.server = Server { host: "localhost".to_owned(), port, security, ca_file: ca_file.clone() };
        let mut source = ImapSource::new(config, LIMIT);
        source.open("INBOX").await.unwrap();
        assert_eq!(source.fetch(0, 10).await.unwrap().len(), 1, "{security:?}");
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let dovecot = Dovecot::start_with(Options { tls: true, ..Options::default() });
    let other = Certificates::new();
    for (security, port) in [(Security::Tls, dovecot.tls_port), (Security::StartTls, dovecot.port)] {
        for ca_file in [None, Some(other.ca())] {
            let mut config = config(&dovecot, "info");
            config.server = Server { host: "localhost".to_owned(), port, security, ca_file };
            let failure = ImapSource::new(config, LIMIT).open("INBOX").await.unwrap_err();
            assert!(failure.permanent && failure.what.contains("ca_file"), "{failure:?}");
        }
    }
}

#[tokio::test]
async fn nothing_is_said_in_the_clear_to_another_machine() {
    let dovecot = Dovecot::start();
    let mut config = config(&dovecot, "info");
    config.server.host = "192.0.2.1".to_owned();
    let failure = ImapSource::new(config, LIMIT).open("INBOX").await.unwrap_err();
    assert!(failure.permanent && failure.what.contains("starttls"), "{failure:?}");
}

#[tokio::test]
async fn after_a_restart_of_the_server_it_goes_on() {
    let mut dovecot = Dovecot::start();
    dovecot.append("info", "INBOX", &mail("one"));
    let mut source = source(&dovecot, "info");
    source.open("INBOX").await.unwrap();
    assert_eq!(source.fetch(0, 10).await.unwrap().len(), 1);
    dovecot.stop();
    assert!(!source.fetch(1, 10).await.unwrap_err().permanent);
    assert!(!source.wait(Duration::from_secs(1)).await.unwrap_err().permanent);
    dovecot.restart();
    dovecot.append("info", "INBOX", &mail("two"));
    // It came while there was no connection: nobody announces it any more.
    source.wait(Duration::from_secs(30)).await.unwrap();
    assert_eq!(source.fetch(1, 10).await.unwrap()[0].bytes, mail("two"));
}

#[tokio::test]
async fn a_fetch_that_was_given_up_leaves_nothing_for_the_next() {
    let dovecot = Dovecot::start();
    let mut person = dovecot.person("info");
    for number in 0..3 {
        person.append("INBOX", "", None, &mail(&number.to_string()));
    }
    person.append("INBOX", "", None, &big_mail(8 * 1024 * 1024, false));
    let mut source = source(&dovecot, "info");
    source.open("INBOX").await.unwrap();
    for wait in [0, 1, 2, 5, 10, 20] {
        let _ = tokio::time::timeout(Duration::from_millis(wait), source.fetch(3, 10)).await;
        let first = source.fetch(0, 1).await.unwrap();
        assert!(first[0].uid == 1 && first[0].bytes == mail("0"));
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_a_passing_failure_and_quick() {
    let dovecot = Dovecot::start();
    let mut config = config(&dovecot, "info");
    config.server.port = support::free_port();
    let limits = Limits { connect: Duration::from_secs(1), ..Limits::default() };
    let failure = ImapSource::new(config, LIMIT).with_limits(limits).open("INBOX").await.unwrap_err();
    assert!(!failure.permanent, "{failure:?}");
}

#[tokio::test]
async fn the_folder_of_sent_mail_is_found_by_its_mark_or_by_its_usual_name() {
    let dovecot = Dovecot::start();
    let auto = |user: &str| {
        let config = ImapConfig { sent_folder: Some(SentFolder::Auto), ..config(&dovecot, user) };
        ImapSource::new(config, LIMIT)
    };
    // The mark of the server goes before any name, here in another alphabet.
    let mut person = dovecot.person("klacht");
    person.run("CREATE \"Post/Verzonden &- ge&AO8-nd\"");
    person.run("CREATE \"Verzonden items\"");
    let found = auto("klacht").sent().await.unwrap();
    assert_eq!(found.as_deref(), Some("Post/Verzonden & geïnd"));
    assert!(auto("klacht").status(&found.unwrap()).await.is_ok());
    // Without a mark a usual name, unless there are two.
    let mut person = dovecot.person("info");
    assert_eq!(auto("info").sent().await.unwrap().as_deref(), Some("Sent"));
    person.run("CREATE \"Verzonden items\"");
    let failure = auto("info").sent().await.unwrap_err();
    assert!(failure.permanent && failure.what.contains("sent_folder"), "{failure}");
}
