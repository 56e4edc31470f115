//! What the server's TLS, its login, or two replies in one packet may not lead to.

use triaged::config::Security;
use triaged::mail::send::SmtpSender;
use triaged::mail::{Sender, Sent};

use super::support::SmtpSink;
use super::support::certificates::{Certificates, Flaw};
use super::support::sink::{Act, Privacy};
use super::{FROM, MAIL, TO, config, hasty};

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
            let mut sender = SmtpSender::new(config(sink.port)).with_limits(hasty());
            let mut taken = 0;
            for number in 0..4 {
                let mail = format!("Subject: {number}\r\n\r\nTot ziens\r\n");
                let sent = sender.send(FROM, TO, mail.as_bytes()).await;
                let here = sink.mails().len();
                if sent == Sent::Accepted {
                    assert_eq!(here, taken + 1, "{place} {second}: mail {number} was said to be taken");
                }
                taken = here;
            }
            assert!(taken > 0, "{place} {second}: it never came right again");
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
