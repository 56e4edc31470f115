//! What the server's TLS, its login, or two replies in one packet may not lead to.

use triaged::config::{Login, Secret, Security, SmtpConfig};
use triaged::mail::send::SmtpSender;
use triaged::mail::{Sender, Sent};

use super::support::SmtpSink;
use super::support::certificates::{Certificates, Flaw};
use super::support::sink::{Act, Privacy};
use super::{BOTH, FROM, MAIL, TO, config, hasty};

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

#[tokio::test]
async fn a_certificate_that_expired_or_is_anothers_is_refused_until_it_is_renewed() {
    for (flaw, words) in [(Flaw::Expired, "xpired"), (Flaw::OtherHost, "not valid for")] {
        for (privacy, security) in [(Privacy::Tls, Security::Tls), (Privacy::StartTls, Security::StartTls)] {
            let certificates = Certificates::with(Some(flaw));
            let sink = SmtpSink::private(&certificates, privacy, None);
            let mut config = config(sink.port);
            (config.server.security, config.server.ca_file) = (security, Some(certificates.ca()));
            let mut sender = SmtpSender::new(config.clone());
            let sent = sender.send(FROM, TO, MAIL).await;
            assert!(matches!(&sent, Sent::Deferred { what } if what.contains(words)), "{flaw:?}: {sent:?}");
            assert!(sender.check().await.unwrap_err().permanent);
            assert!(sink.mails().is_empty());
            certificates.issue(None);
            let renewed = SmtpSink::private(&certificates, privacy, None);
            config.server.port = renewed.port;
            assert_eq!(SmtpSender::new(config).send(FROM, TO, MAIL).await, Sent::Accepted);
        }
    }
}

#[tokio::test]
async fn a_starttls_that_is_refused_or_goes_wrong_sends_nothing_in_the_clear() {
    for act in [
        Act::Say("454 4.7.0 TLS not available".to_owned()),
        Act::Say("502 5.5.1 no such command".to_owned()),
        // A yes, and then no TLS.
        Act::Say("220 go".to_owned()),
        Act::Drop,
    ] {
        let sink = SmtpSink::scripted(move |_, word, _| match word {
            "EHLO" => Some(Act::Say("250-sink\r\n250 STARTTLS".to_owned())),
            "STARTTLS" => Some(act.clone()),
            _ => None,
        });
        let mut config = config(sink.port);
        config.server.security = Security::StartTls;
        let sent = SmtpSender::new(config).with_limits(hasty()).send(FROM, TO, MAIL).await;
        assert!(matches!(sent, Sent::Deferred { .. } | Sent::Throttled { .. }), "{sent:?}");
        assert!(sink.mails().is_empty());
    }
}

#[tokio::test]
async fn two_replies_in_one_packet_never_make_a_mail_look_taken_that_was_not() {
    for manner in BOTH {
        for place in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "DOT"] {
            for second in ["250 2.0.0 ok", "354 go", "451 4.3.0 later", "550 5.1.1 no such user"] {
                let first = match place {
                    "CONNECT" => "220 sink",
                    "DATA" => "354 go",
                    _ => "250 ok",
                };
                let both = format!("{first}\r\n{second}");
                let sink = SmtpSink::scripted(move |session, word, _| {
                    (session == 0 && word == place).then(|| Act::Say(both.clone()))
                });
                let sink = manner(sink);
                let mut sender = SmtpSender::new(config(sink.port)).with_limits(hasty());
                let mut accepted = 0;
                for number in 0..4 {
                    let mail = format!("Subject: {number}\r\n\r\nTot ziens\r\n");
                    if sender.send(FROM, TO, mail.as_bytes()).await == Sent::Accepted {
                        let taken = sink.mails().iter().any(|taken| taken.bytes == mail.as_bytes());
                        assert!(taken, "{place} {second}: mail {number} was said to be taken");
                        accepted += 1;
                    }
                }
                assert!(accepted > 0, "{place} {second}: it never came right again");
            }
        }
    }
}

/// As of 552 (RFC 5321 §4.2.3) at either moment: not the recipient's fault, unless it says so.
#[tokio::test]
async fn a_mail_that_is_too_large_is_refused_for_good_and_the_connection_serves_the_next() {
    for (place, reply, about_recipient) in [
        ("DATA", "552 5.3.4 message size exceeds fixed limit", false),
        ("DOT", "552 5.3.4 message size exceeds fixed limit", false),
        ("DOT", "552 5.2.2 mailbox full", true),
        ("MAIL", "552 too much mail data", false),
    ] {
        let sink = SmtpSink::scripted(move |_, word, _| (word == place).then(|| Act::Say(reply.to_owned())));
        let sent = SmtpSender::new(config(sink.port)).with_limits(hasty()).send(FROM, TO, MAIL).await;
        let Sent::Refused { what, recipient } = sent else { panic!("{place} {reply}: {sent:?}") };
        assert_eq!(recipient, about_recipient, "{place} {reply}");
        assert!(what.contains("552"), "{what}");
        assert!(sink.mails().is_empty());
    }
}
