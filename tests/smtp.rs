//! The SMTP sender against a server that takes mail, and that does everything else a server can do.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

#[path = "smtp/hour.rs"]
mod hour;
mod support;
#[path = "smtp/trust.rs"]
mod trust;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use support::SmtpSink;
use support::sink::Act;
use triaged::config::{Security, Server, SmtpConfig};
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

/// Servers that take commands in groups (RFC 2920), and such as want them one by one.
const BOTH: [fn(SmtpSink) -> SmtpSink; 2] = [|sink| sink, SmtpSink::one_by_one];

fn at(place: &'static str, act: Act) -> impl Fn(usize, &str, &str) -> Option<Act> + Send + Sync {
    move |_, word, _| (word == place).then(|| act.clone())
}

fn say(place: &'static str, reply: &str) -> SmtpSink {
    SmtpSink::scripted(at(place, Act::Say(reply.to_owned())))
}

#[tokio::test]
async fn a_mail_arrives_byte_for_byte_over_one_kept_connection() {
    for manner in BOTH {
        let sink = manner(SmtpSink::start());
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
    for manner in BOTH {
        let cases = [
            ("RCPT", "550 5.1.1 no such user", true),
            ("RCPT", "553 not here", true),
            ("RCPT", "554 5.7.1 relaying denied", false),
            ("MAIL", "550 5.7.1 not you", false),
            ("DOT", "554 5.6.0 not this", false),
            ("DOT", "550 5.1.1 no such user after all", true),
        ];
        for (place, reply, about_recipient) in cases {
            let sent = sender(&manner(say(place, reply))).send(FROM, TO, MAIL).await;
            let Sent::Refused { what, recipient } = sent else { panic!("{place} {reply}: {sent:?}") };
            assert_eq!(recipient, about_recipient, "{place} {reply}");
            assert!(what.contains(&reply[4..]), "{what}");
        }
    }
}

#[tokio::test]
async fn after_a_refused_recipient_the_connection_serves_the_next() {
    for manner in BOTH {
        let sink = SmtpSink::scripted(|_, word, line| {
            (word == "RCPT" && line.contains("weg@")).then(|| Act::Say("550 5.1.1 gone".to_owned()))
        });
        let sink = manner(sink);
        let mut sender = sender(&sink);
        assert_eq!(sender.send(FROM, TO, MAIL).await, Sent::Accepted);
        assert!(matches!(sender.send(FROM, "weg@example.org", MAIL).await, Sent::Refused { .. }));
        assert_eq!(sender.send(FROM, TO, MAIL).await, Sent::Accepted);
        assert_eq!(sink.mails().iter().map(|mail| mail.connection).collect::<Vec<_>>(), [0, 0]);
    }
}

/// RFC 2920 §3.1: a server may say 354 although it took no recipient, and then waits for a mail to nobody.
#[tokio::test]
async fn a_mail_to_nobody_is_not_sent() {
    let sink = SmtpSink::scripted(|session, word, _| match (session, word) {
        (0, "RCPT") => Some(Act::Say("550 5.1.1 gone".to_owned())),
        (0, "DATA") => Some(Act::Say("354 go".to_owned())),
        _ => None,
    });
    let mut sender = sender(&sink);
    assert!(matches!(sender.send(FROM, TO, MAIL).await, Sent::Refused { recipient: true, .. }));
    assert_eq!(sender.send(FROM, TO, MAIL).await, Sent::Accepted);
    assert_eq!(sink.mails().iter().map(|mail| mail.connection).collect::<Vec<_>>(), [1]);
}

/// A server far away is asked twice for each mail, not four times.
#[tokio::test]
async fn what_comes_before_a_mail_leaves_at_once_where_the_server_takes_it_so() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || -> std::io::Result<String> {
        let (mut tcp, _) = listener.accept()?;
        let mut lines = BufReader::new(tcp.try_clone()?).lines();
        tcp.write_all(b"220 far away\r\n")?;
        lines.next().transpose()?;
        tcp.write_all(b"250-far away\r\n250-pipelining\r\n250 8BITMIME\r\n")?;
        // Nothing is answered before all is there.
        let mut said = String::new();
        while !said.ends_with("DATA ") {
            said += &(lines.next().transpose()?.unwrap() + " ");
        }
        tcp.write_all(b"250 ok\r\n250 ok\r\n354 go\r\n")?;
        while lines.next().transpose()?.is_some_and(|line| line != ".") {}
        tcp.write_all(b"250 taken\r\n")?;
        Ok(said)
    });
    assert_eq!(SmtpSender::new(config(port)).with_limits(hasty()).send(FROM, TO, MAIL).await, Sent::Accepted);
    let said = server.join().unwrap().unwrap();
    assert_eq!(said, format!("MAIL FROM:<{FROM}> RCPT TO:<{TO}> DATA "));
}

#[tokio::test]
async fn no_address_gets_into_what_is_logged() {
    let sent = sender(&say("RCPT", "550 5.1.1 <jan@example.org>: unknown")).send(FROM, TO, MAIL).await;
    assert!(!format!("{sent:?}").contains("jan@"), "{sent:?}");
}

#[tokio::test]
async fn a_4xx_anywhere_means_later() {
    for manner in BOTH {
        for place in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "DOT"] {
            let sent = sender(&manner(say(place, "451 4.3.0 later"))).send(FROM, TO, MAIL).await;
            assert!(matches!(sent, Sent::Deferred { .. }), "{place}: {sent:?}");
        }
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
    for manner in BOTH {
        let mails = AtomicUsize::new(0);
        let sink = SmtpSink::scripted(move |_, word, _| {
            let late = word == "MAIL" && mails.fetch_add(1, Ordering::SeqCst) >= 1;
            late.then(|| Act::Say("421 4.7.28 too fast".to_owned()))
        });
        let sink = manner(sink);
        let mut sender = sender(&sink);
        assert_eq!(sender.send(FROM, TO, MAIL).await, Sent::Accepted);
        assert!(matches!(sender.send(FROM, TO, MAIL).await, Sent::Throttled { .. }));
        assert_eq!(sink.mails().len(), 1);
    }
}

/// Found by the fuzz target: replies that are one behind looked like an accepted mail.
#[tokio::test]
async fn a_yes_to_something_else_is_no_reason_to_send_the_mail() {
    for manner in BOTH {
        for (place, reply) in [("DATA", "250 ok"), ("RCPT", "354 go"), ("MAIL", "334 go")] {
            let sink = manner(say(place, reply));
            let sent = sender(&sink).send(FROM, TO, MAIL).await;
            assert!(matches!(sent, Sent::Deferred { .. }), "{place}: {sent:?}");
            assert!(sink.mails().is_empty(), "{place}");
        }
    }
}

#[tokio::test]
async fn a_connection_lost_before_the_final_dot_means_later() {
    for manner in BOTH {
        for place in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"] {
            let sink = manner(SmtpSink::scripted(at(place, Act::Drop)));
            let sent = sender(&sink).send(FROM, TO, MAIL).await;
            assert!(matches!(sent, Sent::Deferred { .. }), "{place}: {sent:?}");
        }
    }
}

#[tokio::test]
async fn a_connection_lost_after_the_final_dot_is_uncertain() {
    for manner in BOTH {
        for act in [Act::Drop, Act::Hang, Act::Say("354 what?".to_owned())] {
            let sink = manner(SmtpSink::scripted(at("DOT", act.clone())));
            let sent = sender(&sink).send(FROM, TO, MAIL).await;
            assert!(matches!(sent, Sent::Uncertain { .. }), "{act:?}: {sent:?}");
        }
    }
}

#[tokio::test]
async fn a_silent_server_is_given_up_at_every_step() {
    for manner in BOTH {
        for place in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"] {
            let sink = manner(SmtpSink::scripted(at(place, Act::Hang)));
            let start = Instant::now();
            let sent = sender(&sink).send(FROM, TO, MAIL).await;
            assert!(matches!(sent, Sent::Deferred { .. }), "{place}: {sent:?}");
            assert!(start.elapsed() < Duration::from_secs(5), "{place}");
        }
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
    for manner in BOTH {
        for act in [Act::Drop, Act::Say("421 4.4.2 too long idle".to_owned())] {
            let commands = AtomicUsize::new(0);
            // The second MAIL of all, on the kept connection, finds it closed.
            let sink = SmtpSink::scripted(move |_, word, _| {
                (word == "MAIL" && commands.fetch_add(1, Ordering::SeqCst) == 1).then(|| act.clone())
            });
            let sink = manner(sink);
            let mut sender = sender(&sink);
            for _ in 0..2 {
                assert_eq!(sender.send(FROM, TO, MAIL).await, Sent::Accepted);
            }
            assert_eq!(sink.mails().iter().map(|mail| mail.connection).collect::<Vec<_>>(), [0, 1]);
        }
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
