//! Logins by token: at a real Dovecot, and at a server that explains its refusals as the big ones do.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use triaged::config::{ImapConfig, Login, Security, Server, SmtpConfig};
use triaged::mail::imap::ImapSource;
use triaged::mail::oauth::{Tokens, Wanted};
use triaged::mail::send::SmtpSender;
use triaged::mail::{Sender, Sent, Source};

use crate::Here;
use crate::support::dovecot::{Dovecot, Options};
use crate::support::sink::Act;
use crate::support::token_server::CANARY;
use crate::support::{Postfix, SmtpSink, TokenServer, eventually};

fn mailbox(dovecot: &Dovecot, user: &str, wanted: &Wanted) -> ImapConfig {
    let server =
        Server { host: "127.0.0.1".to_owned(), port: dovecot.port, security: Security::None, ca_file: None };
    ImapConfig {
        server,
        user: user.to_owned(),
        login: Login::OAuth(Arc::clone(&wanted.oauth)),
        folder: "INBOX".to_owned(),
        sent_folder: None,
        poll: Duration::from_millis(200),
    }
}

#[tokio::test]
async fn dovecot_lets_us_in_by_each_mechanism_and_takes_a_renewed_token_after_a_revoked_one() {
    for options in [
        Options::default(),
        Options { without_sasl_ir: true, ..Options::default() },
        Options { mechanisms: Some("oauthbearer"), ..Options::default() },
        Options { mechanisms: Some("oauthbearer"), without_sasl_ir: true, ..Options::default() },
    ] {
        let here = Here::new();
        let dovecot = Dovecot::start_with(Options { tokens: Some(here.server.port), ..options });
        let (tokens, wanted) = (here.tokens(), here.application());
        dovecot.append("klacht", "INBOX", b"Subject: a\r\n\r\nb\r\n");
        let mut source =
            ImapSource::new(mailbox(&dovecot, "klacht", &wanted), 1_000_000).with_tokens(&tokens);
        assert_eq!(source.open("INBOX").await.unwrap().next_uid, 2, "{options:?}");
        source.close().await;
        // A token that was revoked at the provider still looks good from here.
        here.server.revoke_all();
        assert_eq!(source.open("INBOX").await.unwrap().next_uid, 2, "{options:?}");
        assert_eq!(here.server.questions(), 2, "{options:?}");
        source.close().await;
    }
}

#[tokio::test]
async fn a_token_that_opens_no_mailbox_is_for_a_person_to_mend_and_asked_for_once_more() {
    let here = Here::new();
    let dovecot = Dovecot::start_with(Options { tokens: Some(here.server.port), ..Options::default() });
    let (tokens, wanted) = (here.tokens(), here.application());
    // The token is for klacht.
    let mut source = ImapSource::new(mailbox(&dovecot, "info", &wanted), 1_000_000).with_tokens(&tokens);
    for _ in 0..2 {
        let failure = source.open("INBOX").await.unwrap_err();
        assert!(failure.permanent, "{failure:?}");
        for word in ["info", "[oauth.ms]", "Add-MailboxPermission"] {
            assert!(failure.what.contains(word), "{failure:?}");
        }
        assert!(!failure.what.contains(CANARY), "{failure:?}");
    }
    assert_eq!(here.server.questions(), 2, "the endpoint does not suffer for it");
    let mut good = ImapSource::new(mailbox(&dovecot, "klacht", &wanted), 1_000_000).with_tokens(&tokens);
    good.open("INBOX").await.unwrap();
}

#[tokio::test]
async fn a_server_without_such_a_login_is_told_by_name() {
    let here = Here::new();
    let dovecot = Dovecot::start();
    let mut source = ImapSource::new(mailbox(&dovecot, "klacht", &here.application()), 1_000_000);
    let failure = source.open("INBOX").await.unwrap_err();
    assert!(failure.permanent && failure.what.contains("XOAUTH2"), "{failure:?}");
}

/// A server that takes mail from whoever shows a token that counts, and explains a refusal first, as
/// Microsoft's and Google's do.
pub fn post_office(tokens: &TokenServer, mechanism: &'static str) -> SmtpSink {
    let tokens = tokens.clone();
    SmtpSink::scripted(move |_, word, line| match word {
        "EHLO" => Some(Act::Say(format!("250-sink\r\n250 AUTH {mechanism}"))),
        "AUTH" => {
            let message = STANDARD.decode(line.rsplit(' ').next().unwrap()).unwrap();
            let message = String::from_utf8(message).unwrap();
            let token = message.split("auth=Bearer ").nth(1).unwrap().trim_end_matches('\x01');
            let good = line.split(' ').nth(1) == Some(mechanism)
                && message.contains("klacht\x01") | message.contains("a=klacht,")
                && tokens.state().tokens.contains_key(token);
            let why = STANDARD.encode(r#"{"status":"401","schemes":"bearer"}"#);
            Some(Act::Say(if good { "235 2.7.0 welcome".to_owned() } else { format!("334 {why}") }))
        }
        // The answer to the challenge: nothing, or a lone ^A.
        "" | "AQ==" => Some(Act::Say("535 5.7.3 Authentication unsuccessful".to_owned())),
        _ => None,
    })
}

fn sender(port: u16, wanted: &Wanted, tokens: &Tokens) -> SmtpSender {
    let server = Server { host: "127.0.0.1".to_owned(), port, security: Security::None, ca_file: None };
    let login = Some(("klacht".to_owned(), Login::OAuth(Arc::clone(&wanted.oauth))));
    SmtpSender::new(SmtpConfig { server, login, connections: 1, per_minute: None }).with_tokens(tokens)
}

const MAIL: &[u8] = b"Subject: a\r\nMessage-ID: <1@ksyos.nl>\r\n\r\nb\r\n";

#[tokio::test]
async fn mail_goes_out_by_each_mechanism_and_with_a_renewed_token_after_a_revoked_one() {
    for mechanism in ["XOAUTH2", "OAUTHBEARER"] {
        let here = Here::new();
        let sink = post_office(&here.server, mechanism);
        let (tokens, wanted) = (here.tokens(), here.application());
        for round in 1..=2 {
            let sent =
                sender(sink.port, &wanted, &tokens).send("klacht@ksyos.nl", "jan@example.org", MAIL).await;
            assert_eq!(sent, Sent::Accepted, "{mechanism} {round}");
            assert_eq!(here.server.questions(), round, "{mechanism}");
            here.server.revoke_all();
        }
        assert_eq!(sink.mails().len(), 2);
    }
}

#[tokio::test]
async fn postfix_takes_mail_by_each_mechanism_and_tells_why_it_does_not() {
    for mechanisms in [None, Some("oauthbearer")] {
        let here = Here::new();
        let options = Options { tokens: Some(here.server.port), mechanisms, ..Options::default() };
        let dovecot = Dovecot::start_with(options);
        let postfix = Postfix::start(&dovecot);
        let (tokens, wanted) = (here.tokens(), here.application());
        let mut sender = sender(postfix.port, &wanted, &tokens);
        let sent = sender.send("klacht@ksyos.nl", "jan@example.org", MAIL).await;
        assert_eq!(sent, Sent::Accepted, "{mechanisms:?} {}", postfix.log());
        let mail = eventually("the mail is delivered", Duration::from_secs(20), || postfix.mails().pop());
        assert!(mail.contains("Message-ID: <1@ksyos.nl>") && mail.contains("sender: klacht"), "{mail}");
        // Revoked at the provider: Postfix refuses it, and a new one is taken.
        here.server.revoke_all();
        sender.check().await.unwrap();
        assert_eq!(here.server.questions(), 2);
        // Another account's: no new token opens this one.
        here.server.state().user = "info".to_owned();
        here.server.revoke_all();
        here.later(TimeDelta::minutes(2));
        let failure = sender.check().await.unwrap_err();
        assert!(failure.permanent && failure.what.contains("klacht"), "{failure:?}");
        assert!(failure.what.contains("5.7.8") && failure.what.contains("SMTP.SendAsApp"), "{failure:?}");
    }
}

#[tokio::test]
async fn a_refusal_is_read_behind_the_challenge_that_explains_it() {
    let here = Here::new();
    for mechanism in ["XOAUTH2", "OAUTHBEARER"] {
        let elsewhere = TokenServer::start();
        let sink = post_office(&elsewhere, mechanism);
        let (tokens, wanted) = (here.tokens(), here.application());
        let failure = sender(sink.port, &wanted, &tokens).check().await.unwrap_err();
        assert!(failure.permanent, "{failure:?}");
        for word in ["401", "5.7.3 Authentication unsuccessful", "klacht", "SMTP.SendAsApp"] {
            assert!(failure.what.contains(word), "{word} is not in {failure:?}");
        }
        assert!(!failure.what.contains(CANARY), "{failure:?}");
        let sent = sender(sink.port, &wanted, &tokens).send("klacht@ksyos.nl", "jan@example.org", MAIL).await;
        assert!(matches!(sent, Sent::Deferred { .. }), "no mail is lost for it: {sent:?}");
    }
}

#[tokio::test]
async fn a_server_that_repeats_a_token_is_not_quoted_with_it() {
    let here = Here::new();
    let (tokens, wanted) = (here.tokens(), here.application());
    for code in ["535 5.7.8", "454 4.7.0"] {
        let sink = SmtpSink::scripted(move |_, word, line| match word {
            "EHLO" => Some(Act::Say("250-sink\r\n250 AUTH XOAUTH2".to_owned())),
            "AUTH" => {
                let sent = line.rsplit(' ').next().unwrap();
                let plain = String::from_utf8(STANDARD.decode(sent).unwrap()).unwrap().replace('\x01', " ");
                Some(Act::Say(format!("{code} cannot take {sent} which is {plain}")))
            }
            _ => None,
        });
        let failure = sender(sink.port, &wanted, &tokens).check().await.unwrap_err();
        let shown = tokens.access(&wanted).await.unwrap();
        assert!(failure.what.contains("cannot take"), "{failure:?}");
        assert!(
            !failure.what.contains(CANARY) && !failure.what.contains(&STANDARD.encode(shown.reveal())[..20])
        );
    }
}
