//! Access tokens: from a token server that answers as the providers document theirs, to a real Dovecot
//! that asks it about each.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

mod support;

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use support::dovecot::{Dovecot, Options};
use support::sink::Act;
use support::token_server::{CANARY, Reply, certificate_file, key_file};
use support::{Certificates, SmtpSink, TokenServer};
use triaged::clock::Clock;
use triaged::config::{
    ClientProof, Endpoint, Grant, ImapConfig, Login, OAuth, Provider, Secret, Security, Server, SmtpConfig,
};
use triaged::mail::imap::ImapSource;
use triaged::mail::oauth::{Tokens, Wanted, device};
use triaged::mail::send::SmtpSender;
use triaged::mail::{Sender, Sent, Source};

/// A folder with what proves who we are.
struct Here {
    server: TokenServer,
    folder: tempfile::TempDir,
    clock: Clock,
}

impl Here {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let here = Self { server: TokenServer::start(), folder, clock: Clock::system() };
        fs::write(here.path("secret"), format!("geheim-{CANARY}\n")).unwrap();
        here
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn endpoint(&self, path: &str) -> Endpoint {
        let server = Server {
            host: "127.0.0.1".into(),
            port: self.server.port,
            security: Security::None,
            ca_file: None,
        };
        Endpoint { server, path: path.into() }
    }

    fn wanted(&self, provider: Provider, grant: Grant) -> Wanted {
        let oauth = OAuth {
            name: "ms".into(),
            provider,
            client_id: "app".into(),
            grant,
            scopes: vec!["mail".into()],
            token_endpoint: self.endpoint("/token"),
            secret_expires: None,
        };
        Wanted::new(&Arc::new(oauth), "klacht")
    }

    /// An application with a secret.
    fn application(&self) -> Wanted {
        let secret = ClientProof::Secret(Secret::File(self.path("secret")));
        self.wanted(Provider::Microsoft, Grant::ClientCredentials(secret))
    }

    /// A person who signed in.
    fn person(&self) -> Wanted {
        let grant = Grant::RefreshToken {
            client: ClientProof::None,
            device_endpoint: Some(self.endpoint("/device")),
            store: self.path("triaged.db.tokens/ms"),
        };
        self.wanted(Provider::Microsoft, grant)
    }

    /// The same with a refresh token that counts.
    fn signed_in(&self) -> Wanted {
        let refresh = format!("refresh-{CANARY}-0");
        fs::create_dir_all(self.path("triaged.db.tokens")).unwrap();
        fs::write(self.path("triaged.db.tokens/ms"), &refresh).unwrap();
        self.server.state().refresh = Some(refresh);
        self.person()
    }

    /// A service account that acts for `user`.
    fn robot(&self, user: &str) -> Wanted {
        let key = serde_json::json!({
            "type": "service_account", "private_key_id": "key-1",
            "client_email": "robot@project.iam.example", "private_key": fs::read_to_string(key_file()).unwrap(),
        });
        fs::write(self.path("google.json"), key.to_string()).unwrap();
        let grant = Grant::ServiceAccount { key_file: self.path("google.json") };
        let wanted = self.wanted(Provider::Google, grant);
        Wanted::new(&wanted.oauth, user)
    }

    fn tokens(&self) -> Tokens {
        Tokens::new(self.clock.clone())
    }

    fn later(&self, time: TimeDelta) {
        self.clock.jump(self.clock.now() + time);
    }

    fn kept(&self) -> String {
        fs::read_to_string(self.path("triaged.db.tokens/ms")).unwrap().trim().to_owned()
    }
}

#[tokio::test]
async fn one_question_serves_everybody_who_waits_for_the_token() {
    let here = Here::new();
    let (tokens, wanted) = (here.tokens(), here.application());
    here.server.state().replies.push_back(Reply {
        delay: Duration::from_millis(200),
        ..Reply::error(503, "temporarily_unavailable", "")
    });
    assert!(tokens.access(&wanted).await.is_err_and(|failure| !failure.permanent));
    here.later(TimeDelta::seconds(10));
    let all = (0..20).map(|_| tokens.access(&wanted));
    let got = futures_util::future::join_all(all).await;
    let first = got[0].clone().unwrap();
    assert!(got.iter().all(|token| token.as_ref() == Ok(&first)));
    assert_eq!(here.server.questions(), 2, "the one that failed and one for all twenty");
    assert!(!format!("{tokens:?} {got:?}").contains(CANARY), "secrets and tokens are not for people to see");
}

#[tokio::test]
async fn a_token_is_renewed_before_its_end_and_not_long_before() {
    let here = Here::new();
    let (tokens, wanted) = (here.tokens(), here.application());
    let first = tokens.access(&wanted).await.unwrap();
    here.later(TimeDelta::minutes(45));
    assert_eq!(tokens.access(&wanted).await.unwrap(), first);
    here.later(TimeDelta::minutes(10));
    assert_ne!(tokens.access(&wanted).await.unwrap(), first, "five minutes are left");
    assert_eq!(here.server.questions(), 2);
}

#[tokio::test]
async fn while_the_endpoint_is_down_the_old_token_goes_on_as_long_as_it_lives() {
    let here = Here::new();
    let (tokens, wanted) = (here.tokens(), here.application());
    let first = tokens.access(&wanted).await.unwrap();
    for _ in 0..9 {
        here.server.state().replies.push_back(Reply { status: 503, ..Reply::default() });
    }
    here.later(TimeDelta::minutes(55));
    for _ in 0..5 {
        assert_eq!(tokens.access(&wanted).await.unwrap(), first);
    }
    assert_eq!(here.server.questions(), 2, "nobody hammers at it");
    let standing = tokens.standing(&wanted);
    assert!(standing.failure.is_some_and(|failure| !failure.permanent && failure.what.contains("503")));
    assert!(standing.valid_until.is_some());
    here.later(TimeDelta::minutes(6));
    let failure = tokens.access(&wanted).await.unwrap_err();
    assert!(!failure.permanent, "{failure:?}");
    here.server.state().replies.clear();
    here.later(TimeDelta::minutes(1));
    assert_ne!(tokens.access(&wanted).await.unwrap(), first, "within a minute of its return");
    assert_eq!(tokens.standing(&wanted).failure, None);
}

#[tokio::test]
async fn an_endpoint_that_wants_to_be_left_alone_is() {
    let here = Here::new();
    let (tokens, wanted) = (here.tokens(), here.application());
    let header = Some("Retry-After: 120".to_owned());
    here.server.state().replies.push_back(Reply { header, ..Reply::error(429, "", "") });
    assert!(tokens.access(&wanted).await.is_err_and(|failure| !failure.permanent));
    here.later(TimeDelta::seconds(110));
    assert!(tokens.access(&wanted).await.is_err());
    assert_eq!(here.server.questions(), 1);
    here.later(TimeDelta::seconds(11));
    tokens.access(&wanted).await.unwrap();
}

#[tokio::test]
async fn a_wrong_secret_is_for_a_person_to_mend_and_counts_as_soon_as_it_is() {
    let here = Here::new();
    let (tokens, wanted) = (here.tokens(), here.application());
    fs::write(here.path("secret"), format!("oud-{CANARY}\n")).unwrap();
    let failure = tokens.access(&wanted).await.unwrap_err();
    assert!(failure.permanent && failure.what.contains("Certificates & secrets"), "{failure:?}");
    assert!(failure.what.contains(here.path("secret").to_str().unwrap()), "{failure:?}");
    assert!(!failure.what.contains(CANARY));
    assert_eq!(tokens.access(&wanted).await.unwrap_err(), failure);
    assert_eq!(here.server.questions(), 1, "the same secret is not tried at once again");
    fs::write(here.path("secret"), format!("geheim-{CANARY}\n")).unwrap();
    tokens.access(&wanted).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_is_none_is_no_token() {
    let here = Here::new();
    let (tokens, wanted) = (here.tokens(), here.application());
    for body in [
        serde_json::Value::Null,
        serde_json::json!({ "access_token": "" }),
        serde_json::json!({ "access_token": "two\r\nlines", "token_type": "Bearer" }),
        serde_json::json!({ "access_token": "mac", "token_type": "mac" }),
        serde_json::json!([]),
    ] {
        here.server.state().replies.push_back(Reply { status: 200, body, ..Reply::default() });
        let failure = tokens.access(&wanted).await.unwrap_err();
        assert!(failure.what.contains("no access token"), "{failure:?}");
        here.later(TimeDelta::minutes(6));
    }
    tokens.access(&wanted).await.unwrap();
}

#[tokio::test]
async fn a_certificate_proves_the_application_also_when_our_clock_is_wrong() {
    let here = Here::new();
    let key = ClientProof::Key { key_file: key_file(), certificate_file: Some(certificate_file()) };
    let wanted = here.wanted(Provider::Microsoft, Grant::ClientCredentials(key));
    here.tokens().access(&wanted).await.unwrap();
    assert_eq!(here.server.questions(), 1);
    for ahead in [1800, -1800] {
        here.server.state().ahead = ahead;
        let tokens = here.tokens();
        tokens.access(&wanted).await.unwrap();
        let before = here.server.questions();
        here.later(TimeDelta::minutes(55));
        here.server.state().ahead = ahead + 55 * 60;
        tokens.access(&wanted).await.unwrap();
        assert_eq!(here.server.questions(), before + 1, "the difference is known by now");
        here.clock.jump(here.clock.now() - TimeDelta::minutes(55));
    }
}

#[tokio::test]
async fn a_service_account_has_a_token_for_each_mailbox() {
    let here = Here::new();
    let tokens = here.tokens();
    let (klacht, info) = (here.robot("klacht"), here.robot("info"));
    let token = tokens.access(&klacht).await.unwrap();
    assert_ne!(token, tokens.access(&info).await.unwrap());
    assert_eq!(here.server.state().tokens[token.reveal()], "klacht");
    let failure = tokens.access(&here.robot("vreemd")).await.unwrap_err();
    assert!(failure.permanent && failure.what.contains("no such user"), "{failure:?}");
}

#[tokio::test]
async fn a_new_refresh_token_is_kept_before_the_old_one_is_given_up() {
    let here = Here::new();
    let (tokens, wanted) = (here.tokens(), here.signed_in());
    for number in 1..=3 {
        tokens.access(&wanted).await.unwrap();
        assert_eq!(here.kept(), format!("refresh-{CANARY}-{number}"));
        here.later(TimeDelta::hours(2));
    }
    // A process that begins now goes on from there.
    here.tokens().access(&wanted).await.unwrap();
}

#[tokio::test]
async fn a_new_refresh_token_that_cannot_be_kept_is_not_lost() {
    let here = Here::new();
    let (tokens, wanted) = (here.tokens(), here.signed_in());
    fs::create_dir(here.path("triaged.db.tokens/ms.new")).unwrap();
    tokens.access(&wanted).await.unwrap();
    let failure = tokens.standing(&wanted).failure.unwrap();
    assert!(failure.what.contains("triaged.db.tokens/ms"), "people are told: {failure:?}");
    assert_eq!(here.kept(), format!("refresh-{CANARY}-0"));
    here.later(TimeDelta::hours(2));
    tokens.access(&wanted).await.unwrap();
    fs::remove_dir(here.path("triaged.db.tokens/ms.new")).unwrap();
    here.later(TimeDelta::hours(2));
    tokens.access(&wanted).await.unwrap();
    assert_eq!(here.kept(), format!("refresh-{CANARY}-3"));
    assert_eq!(tokens.standing(&wanted).failure, None);
}

#[tokio::test]
async fn whoever_gives_up_waiting_does_not_lose_the_new_refresh_token() {
    let here = Here::new();
    let (tokens, wanted) = (here.tokens(), here.signed_in());
    let body = serde_json::json!({ "access_token": "a", "refresh_token": "kept", "expires_in": 3600 });
    here.server.state().replies.push_back(Reply {
        status: 200,
        body,
        delay: Duration::from_millis(300),
        ..Reply::default()
    });
    let hasty = tokio::time::timeout(Duration::from_millis(100), tokens.access(&wanted)).await;
    assert!(hasty.is_err());
    for _ in 0..200 {
        if here.kept() == "kept" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the token is lost");
}

#[tokio::test]
async fn a_revoked_sign_in_asks_for_another_and_counts_as_soon_as_it_is_there() {
    let here = Here::new();
    let (tokens, wanted) = (here.tokens(), here.signed_in());
    here.server.state().refresh = None;
    let failure = tokens.access(&wanted).await.unwrap_err();
    assert!(failure.permanent && failure.what.contains("triaged login ms"), "{failure:?}");
    here.signed_in();
    assert!(tokens.access(&wanted).await.is_err(), "the same refresh token is not tried at once again");
    fs::write(here.path("triaged.db.tokens/ms"), "another").unwrap();
    here.server.state().refresh = Some("another".to_owned());
    tokens.access(&wanted).await.unwrap();
}

#[tokio::test]
async fn a_person_signs_in_by_a_code() {
    let here = Here::new();
    let wanted = here.person();
    let failure = here.tokens().access(&wanted).await.unwrap_err();
    assert!(failure.permanent && failure.what.contains("triaged login ms"), "{failure:?}");
    here.server.state().polls = ["authorization_pending"].into();
    let invitation = device::begin(&wanted, &here.clock).await.unwrap();
    assert_eq!(
        (invitation.page.as_str(), invitation.code.as_str()),
        ("https://microsoft.com/devicelogin", "WDJB-MJHT")
    );
    assert!(!format!("{invitation:?}").contains(CANARY));
    device::finish(&wanted, &invitation, &here.clock).await.unwrap();
    assert!(here.kept().starts_with("refresh-"));
    here.tokens().access(&wanted).await.unwrap();
    for (answer, words) in [("access_denied", "declined"), ("expired_token", "in time")] {
        here.server.state().polls = [answer].into();
        let failure = device::finish(&wanted, &invitation, &here.clock).await.unwrap_err();
        assert!(failure.what.contains(words), "{failure:?}");
    }
}

#[tokio::test]
async fn an_endpoint_that_nobody_vouches_for_hears_no_secret() {
    let (certificates, other) = (Certificates::new(), Certificates::new());
    let here = Here { server: TokenServer::private(&certificates), ..Here::new() };
    for (ca, good) in [(certificates.ca(), true), (other.ca(), false)] {
        let mut oauth = OAuth::clone(&here.application().oauth);
        oauth.token_endpoint.server = Server {
            host: "localhost".into(),
            port: here.server.port,
            security: Security::Tls,
            ca_file: Some(ca),
        };
        let result = here.tokens().access(&Wanted::new(&Arc::new(oauth), "klacht")).await;
        assert_eq!(result.is_ok(), good, "{result:?}");
    }
    assert_eq!(here.server.questions(), 1);
}

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
fn post_office(tokens: &TokenServer, mechanism: &'static str) -> SmtpSink {
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

fn sender(sink: &SmtpSink, wanted: &Wanted, tokens: &Tokens) -> SmtpSender {
    let server =
        Server { host: "127.0.0.1".to_owned(), port: sink.port, security: Security::None, ca_file: None };
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
            let sent = sender(&sink, &wanted, &tokens).send("klacht@ksyos.nl", "jan@example.org", MAIL).await;
            assert_eq!(sent, Sent::Accepted, "{mechanism} {round}");
            assert_eq!(here.server.questions(), round, "{mechanism}");
            here.server.revoke_all();
        }
        assert_eq!(sink.mails().len(), 2);
    }
}

#[tokio::test]
async fn a_refusal_is_read_behind_the_challenge_that_explains_it() {
    let here = Here::new();
    for mechanism in ["XOAUTH2", "OAUTHBEARER"] {
        let elsewhere = TokenServer::start();
        let sink = post_office(&elsewhere, mechanism);
        let (tokens, wanted) = (here.tokens(), here.application());
        let failure = sender(&sink, &wanted, &tokens).check().await.unwrap_err();
        assert!(failure.permanent, "{failure:?}");
        for word in ["401", "5.7.3 Authentication unsuccessful", "klacht", "SMTP.SendAsApp"] {
            assert!(failure.what.contains(word), "{word} is not in {failure:?}");
        }
        assert!(!failure.what.contains(CANARY), "{failure:?}");
        let sent = sender(&sink, &wanted, &tokens).send("klacht@ksyos.nl", "jan@example.org", MAIL).await;
        assert!(matches!(sent, Sent::Deferred { .. }), "no mail is lost for it: {sent:?}");
    }
}
