//! The SMTP sender against a server that takes mail, and that does everything else a server can do.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

#[path = "smtp/hour.rs"]
mod hour;
mod support;
#[path = "smtp/trust.rs"]
mod trust;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use support::sink::{Act, Privacy};
use support::{Certificates, SmtpSink};
use triaged::config::{Login, Secret, Security, Server, SmtpConfig};
use triaged::mail::send::{Limits, SmtpSender};
use triaged::mail::{Sender, Sent};

const MAIL: &[u8] =
    b"Subject: antwoord\r\nMessage-ID: <1@ksyos.nl>\r\n\r\n.een punt vooraan\r\nTot ziens\r\n";
const FROM: &str = "klacht@ksyos.nl";
const TO: &str = "jan@example.org";

fn config(port: u16) -> SmtpConfig {
    let server = Server { host: "localhost".to_owned(), port, security: Security::None, ca_file: None };
    SmtpConfig { server, login: None, connections: 1, per_minute: None }
}

/// Gives up soon, so that a silent server does not make a slow test.
fn hasty() -> Limits {
    let short = Duration::from_millis(300);
    Limits { command: short, content: short, brief: short, ..Limits::default() }
}

fn sender(sink: &SmtpSink) -> SmtpSender {
    SmtpSender::new(config(sink.port)).with_limits(hasty())
}

fn at(place: &'static str, act: Act) -> impl Fn(usize, &str, &str) -> Option<Act> + Send + Sync {
    move |_, word, _| (word == place).then(|| act.clone())
}

fn say(place: &'static str, reply: &str) -> SmtpSink {
    SmtpSink::scripted(at(place, Act::Say(reply.to_owned())))
}

#[tokio::test]
async fn a_mail_arrives_byte_for_byte_over_one_kept_connection() {
    let sink = SmtpSink::start();
    let mut sender = sender(&sink);
    for _ in 0..3 {
        assert_eq!(sender.send(FROM, TO, MAIL).await, Sent::Accepted);
    }
    let mails = sink.wait_for(3, Duration::from_secs(5));
    for mail in &mails {
        assert_eq!((mail.from.as_str(), mail.to.as_str()), (FROM, TO));
        assert_eq!(mail.bytes, MAIL);
        assert_eq!(mail.connection, 0);
    }
}

#[tokio::test]
async fn a_mail_in_utf8_is_announced_as_such() {
    let sink = SmtpSink::start();
    assert_eq!(sender(&sink).send(FROM, TO, "Subject: a\r\n\r\nGeïnd\r\n".as_bytes()).await, Sent::Accepted);
    assert!(sink.mails()[0].mail.contains("BODY=8BITMIME"), "{}", sink.mails()[0].mail);
}

#[tokio::test]
async fn an_empty_sender_is_the_null_return_path() {
    let sink = SmtpSink::start();
    assert_eq!(sender(&sink).send("", TO, MAIL).await, Sent::Accepted);
    assert!(sink.mails()[0].mail.contains("FROM:<>"), "{}", sink.mails()[0].mail);
}

#[tokio::test]
async fn a_refused_recipient_is_told_from_a_refusal_of_ourselves() {
    let cases = [
        ("RCPT", "550 5.1.1 no such user", true),
        ("RCPT", "553 not here", true),
        ("RCPT", "554 5.7.1 relaying denied", false),
        ("MAIL", "550 5.7.1 not you", false),
        ("DOT", "554 5.6.0 not this", false),
        ("DOT", "550 5.1.1 no such user after all", true),
    ];
    for (place, reply, about_recipient) in cases {
        let sent = sender(&say(place, reply)).send(FROM, TO, MAIL).await;
        let Sent::Refused { what, recipient } = sent else { panic!("{place} {reply}: {sent:?}") };
        assert_eq!(recipient, about_recipient, "{place} {reply}");
        assert!(what.contains(&reply[4..]), "{what}");
    }
}

#[tokio::test]
async fn after_a_refused_recipient_the_connection_serves_the_next() {
    let sink = SmtpSink::scripted(|_, word, line| {
        (word == "RCPT" && line.contains("weg@")).then(|| Act::Say("550 5.1.1 gone".to_owned()))
    });
    let mut sender = sender(&sink);
    assert_eq!(sender.send(FROM, TO, MAIL).await, Sent::Accepted);
    assert!(matches!(sender.send(FROM, "weg@example.org", MAIL).await, Sent::Refused { .. }));
    assert_eq!(sender.send(FROM, TO, MAIL).await, Sent::Accepted);
    assert_eq!(sink.mails().iter().map(|mail| mail.connection).collect::<Vec<_>>(), [0, 0]);
}

#[tokio::test]
async fn no_address_gets_into_what_is_logged() {
    let sent = sender(&say("RCPT", "550 5.1.1 <jan@example.org>: unknown")).send(FROM, TO, MAIL).await;
    assert!(!format!("{sent:?}").contains("jan@"), "{sent:?}");
}

#[tokio::test]
async fn a_4xx_anywhere_means_later() {
    for place in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "DOT"] {
        let sent = sender(&say(place, "451 4.3.0 later")).send(FROM, TO, MAIL).await;
        assert!(matches!(sent, Sent::Deferred { .. }), "{place}: {sent:?}");
    }
}

/// Whatever the mail: the account sends too fast, has too many connections, or is through for the day.
#[tokio::test]
async fn a_provider_that_wants_less_mail_is_told_from_one_that_minds_this_mail() {
    let cases = [
        ("CONNECT", "421 4.7.0 Too many connections from your network", 20),
        ("MAIL", "432 4.3.2 Concurrent connections limit exceeded", 20),
        ("RCPT", "421 4.7.28 Our system has detected an unusual rate of mail", 60),
        ("DATA", "451 4.7.500 Server busy. Please try again later", 60),
        ("DOT", "450 4.2.1 Peak SMTP relay limit exceeded for customer", 60),
        ("DOT", "550-5.4.5 Daily user sending limit exceeded. For more\r\n550 5.4.5 see our pages", 3600),
    ];
    for (place, reply, seconds) in cases {
        let sink = say(place, reply);
        let sent = sender(&sink).send(FROM, TO, MAIL).await;
        let Sent::Throttled { what, rest } = sent else { panic!("{place} {reply}: {sent:?}") };
        assert_eq!(rest, Duration::from_secs(seconds), "{place} {reply}");
        assert!(what.contains(&reply[..3]) || place == "CONNECT", "{what}");
        assert!(sink.mails().is_empty());
    }
    for (place, reply) in [("RCPT", "450 4.7.1 Greylisted"), ("RCPT", "452 4.2.2 mailbox full")] {
        let sent = sender(&say(place, reply)).send(FROM, TO, MAIL).await;
        assert!(matches!(sent, Sent::Deferred { .. }), "{place} {reply}: {sent:?}");
    }
}

#[tokio::test]
async fn on_a_kept_connection_a_limit_is_heard_the_first_time() {
    let mails = AtomicUsize::new(0);
    let sink = SmtpSink::scripted(move |_, word, _| {
        let late = word == "MAIL" && mails.fetch_add(1, Ordering::SeqCst) >= 1;
        late.then(|| Act::Say("421 4.7.28 too fast".to_owned()))
    });
    let mut sender = sender(&sink);
    assert_eq!(sender.send(FROM, TO, MAIL).await, Sent::Accepted);
    assert!(matches!(sender.send(FROM, TO, MAIL).await, Sent::Throttled { .. }));
    assert_eq!(sink.mails().len(), 1);
}

/// Found by the fuzz target: replies that are one behind looked like an accepted mail.
#[tokio::test]
async fn a_yes_to_something_else_is_no_reason_to_send_the_mail() {
    for (place, reply) in [("DATA", "250 ok"), ("RCPT", "354 go"), ("MAIL", "334 go")] {
        let sink = say(place, reply);
        let sent = sender(&sink).send(FROM, TO, MAIL).await;
        assert!(matches!(sent, Sent::Deferred { .. }), "{place}: {sent:?}");
        assert!(sink.mails().is_empty(), "{place}");
    }
}

#[tokio::test]
async fn a_connection_lost_before_the_final_dot_means_later() {
    for place in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"] {
        let sink = SmtpSink::scripted(at(place, Act::Drop));
        let sent = sender(&sink).send(FROM, TO, MAIL).await;
        assert!(matches!(sent, Sent::Deferred { .. }), "{place}: {sent:?}");
    }
}

#[tokio::test]
async fn a_connection_lost_after_the_final_dot_is_uncertain() {
    for act in [Act::Drop, Act::Hang, Act::Say("354 what?".to_owned())] {
        let sink = SmtpSink::scripted(at("DOT", act.clone()));
        let sent = sender(&sink).send(FROM, TO, MAIL).await;
        assert!(matches!(sent, Sent::Uncertain { .. }), "{act:?}: {sent:?}");
    }
}

#[tokio::test]
async fn a_silent_server_is_given_up_at_every_step() {
    for place in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"] {
        let sink = SmtpSink::scripted(at(place, Act::Hang));
        let start = Instant::now();
        let sent = sender(&sink).send(FROM, TO, MAIL).await;
        assert!(matches!(sent, Sent::Deferred { .. }), "{place}: {sent:?}");
        assert!(start.elapsed() < Duration::from_secs(5), "{place}");
    }
}

#[tokio::test]
async fn steps_that_are_each_just_in_time_have_an_end_together() {
    let sink = SmtpSink::scripted(|_, word, _| {
        std::thread::sleep(Duration::from_millis(if word == "DOT" { 0 } else { 200 }));
        None
    });
    let limits = Limits { altogether: Duration::from_millis(500), ..hasty() };
    let start = Instant::now();
    let sent = SmtpSender::new(config(sink.port)).with_limits(limits).send(FROM, TO, MAIL).await;
    assert!(matches!(sent, Sent::Deferred { .. }), "{sent:?}");
    assert!(start.elapsed() < Duration::from_secs(3));
}

#[test]
fn by_default_no_mail_takes_longer_than_promised() {
    let limits = Limits::default();
    assert!(limits.altogether + limits.content + limits.brief < Duration::from_mins(4));
}

#[tokio::test]
async fn an_accepted_mail_stays_accepted_whatever_comes_after() {
    for act in [Act::Drop, Act::Hang] {
        let sink = SmtpSink::scripted(at("QUIT", act));
        let limits = Limits { idle: Duration::ZERO, ..hasty() };
        let mut sender = SmtpSender::new(config(sink.port)).with_limits(limits);
        assert_eq!(sender.send(FROM, TO, MAIL).await, Sent::Accepted);
        sender.rest().await;
        assert_eq!(sender.send(FROM, TO, MAIL).await, Sent::Accepted);
        assert_eq!(sink.mails().len(), 2);
    }
}

#[tokio::test]
async fn a_kept_connection_that_died_is_replaced_without_a_word() {
    for act in [Act::Drop, Act::Say("421 4.4.2 too long idle".to_owned())] {
        let commands = AtomicUsize::new(0);
        // The second MAIL of all, on the kept connection, finds it closed.
        let sink = SmtpSink::scripted(move |_, word, _| {
            (word == "MAIL" && commands.fetch_add(1, Ordering::SeqCst) == 1).then(|| act.clone())
        });
        let mut sender = sender(&sink);
        for _ in 0..2 {
            assert_eq!(sender.send(FROM, TO, MAIL).await, Sent::Accepted);
        }
        assert_eq!(sink.mails().iter().map(|mail| mail.connection).collect::<Vec<_>>(), [0, 1]);
    }
}

#[tokio::test]
async fn a_connection_that_was_idle_has_to_show_that_it_lives() {
    let sink = SmtpSink::scripted(at("NOOP", Act::Hang));
    let limits = Limits { fresh: Duration::ZERO, ..hasty() };
    let mut sender = SmtpSender::new(config(sink.port)).with_limits(limits);
    for _ in 0..2 {
        assert_eq!(sender.send(FROM, TO, MAIL).await, Sent::Accepted);
    }
    assert_eq!(sink.mails()[1].connection, 1);
}

#[tokio::test]
async fn a_send_that_was_given_up_does_not_answer_for_the_next() {
    let sink = SmtpSink::scripted(|connection, word, _| match (connection, word) {
        (0, "DOT") => Some(Act::Hang),
        (1, "RCPT") => Some(Act::Say("550 5.1.1 no such user".to_owned())),
        _ => None,
    });
    let mut sender = SmtpSender::new(config(sink.port));
    let given_up = tokio::time::timeout(Duration::from_millis(300), sender.send(FROM, TO, MAIL)).await;
    assert!(given_up.is_err());
    assert!(matches!(sender.send(FROM, TO, MAIL).await, Sent::Refused { .. }));
}

/// Of `triage` and `geheim`, as SASL PLAIN.
const PLAIN: &str = "AHRyaWFnZQBnZWhlaW0=";

fn with_login(mut config: SmtpConfig, password: &str) -> (SmtpConfig, tempfile::NamedTempFile) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), password).unwrap();
    config.login = Some(("triage".to_owned(), Login::Password(Secret::File(file.path().to_owned()))));
    (config, file)
}

#[tokio::test]
async fn mail_is_private_by_tls_and_by_starttls_and_we_log_in() {
    let certificates = Certificates::new();
    for (privacy, security) in [(Privacy::Tls, Security::Tls), (Privacy::StartTls, Security::StartTls)] {
        let sink = SmtpSink::private(&certificates, privacy, Some(("triage", PLAIN)));
        let (mut config, _file) = with_login(config(sink.port), "geheim\n");
        (config.server.security, config.server.ca_file) = (security, Some(certificates.ca()));
        let mut sender = SmtpSender::new(config);
        for _ in 0..2 {
            assert_eq!(sender.send(FROM, TO, MAIL).await, Sent::Accepted, "{security:?}");
        }
        let mails = sink.mails();
        assert!(mails.iter().all(|mail| mail.private && mail.user.as_deref() == Some("triage")), "{mails:?}");
    }
}

#[tokio::test]
async fn a_wrong_password_loses_no_mail_and_says_what_to_mend() {
    let certificates = Certificates::new();
    let sink = SmtpSink::private(&certificates, Privacy::None, Some(("triage", PLAIN)));
    let (config, file) = with_login(config(sink.port), "verkeerd");
    let mut sender = SmtpSender::new(config);
    let sent = sender.send(FROM, TO, MAIL).await;
    let Sent::Deferred { what } = sent else { panic!("{sent:?}") };
    assert!(what.contains("triage") && what.contains("password") && !what.contains("verkeerd"), "{what}");
    assert!(sender.check().await.unwrap_err().permanent);
    // Mended: counts at once.
    std::fs::write(file.path(), "geheim").unwrap();
    assert_eq!(sender.send(FROM, TO, MAIL).await, Sent::Accepted);
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let (certificates, other) = (Certificates::new(), Certificates::new());
    for (privacy, security) in [(Privacy::Tls, Security::Tls), (Privacy::StartTls, Security::StartTls)] {
        let sink = SmtpSink::private(&certificates, privacy, None);
        let mut config = config(sink.port);
        (config.server.security, config.server.ca_file) = (security, Some(other.ca()));
        let mut sender = SmtpSender::new(config);
        assert!(matches!(sender.send(FROM, TO, MAIL).await, Sent::Deferred { .. }));
        let failure = sender.check().await.unwrap_err();
        assert!(failure.permanent && failure.what.contains("ca_file"), "{failure:?}");
        assert!(sink.mails().is_empty());
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_said_with_what_to_do() {
    let cases: [(&[&str], _, &[&str]); 3] = [
        (&["localhost"], (-30, -2), &["expired on 20", "have it renewed", "the clock here says 20"]),
        (&["localhost"], (2, 30), &["counts only from 20", "set the clock of this machine"]),
        (
            &["mail.ander.example", "*.elders.example"],
            (-1, 30),
            &["only for mail.ander.example, *.elders.example", "`host`"],
        ),
    ];
    for (names, days, words) in cases {
        let certificates = Certificates::of(names, days);
        for (privacy, security) in [(Privacy::Tls, Security::Tls), (Privacy::StartTls, Security::StartTls)] {
            let sink = SmtpSink::private(&certificates, privacy, None);
            let mut config = config(sink.port);
            (config.server.security, config.server.ca_file) = (security, Some(certificates.ca()));
            let failure = SmtpSender::new(config).check().await.unwrap_err();
            assert!(failure.permanent, "{failure:?}");
            assert!(words.iter().all(|word| failure.what.contains(word)), "{words:?} in {failure:?}");
            assert!(sink.mails().is_empty());
        }
    }
}

#[tokio::test]
async fn a_certificate_that_ends_within_two_weeks_is_noticed_and_used() {
    for (days, soon) in [(5, true), (13, true), (16, false)] {
        let certificates = Certificates::of(&["localhost"], (-1, days));
        for (privacy, security) in [(Privacy::Tls, Security::Tls), (Privacy::StartTls, Security::StartTls)] {
            let sink = SmtpSink::private(&certificates, privacy, None);
            let mut config = config(sink.port);
            (config.server.security, config.server.ca_file) = (security, Some(certificates.ca()));
            let reached = SmtpSender::new(config).check().await.unwrap();
            assert_eq!(reached.ends.is_some(), soon, "{days}: {reached:?}");
        }
    }
}

#[tokio::test]
async fn without_starttls_nothing_is_sent_in_the_clear() {
    let sink = SmtpSink::start();
    let mut config = config(sink.port);
    config.server.security = Security::StartTls;
    let sent = SmtpSender::new(config).send(FROM, TO, MAIL).await;
    assert!(matches!(&sent, Sent::Deferred { what } if what.contains("STARTTLS")), "{sent:?}");
    assert!(sink.mails().is_empty());
}

#[tokio::test]
async fn words_put_into_the_servers_mouth_before_tls_are_noticed() {
    let sink = SmtpSink::scripted(|_, word, _| match word {
        "EHLO" => Some(Act::Say("250-sink\r\n250 STARTTLS".to_owned())),
        "STARTTLS" => Some(Act::Say("220 go\r\n250 forged".to_owned())),
        _ => None,
    });
    let mut config = config(sink.port);
    config.server.security = Security::StartTls;
    let sent = SmtpSender::new(config).with_limits(hasty()).send(FROM, TO, MAIL).await;
    assert!(matches!(&sent, Sent::Deferred { what } if what.contains("before TLS")), "{sent:?}");
}
