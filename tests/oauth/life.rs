//! How a token is had, kept, renewed and lost.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use triaged::config::{ClientProof, Grant, OAuth, Provider, Security, Server};
use triaged::mail::oauth::{Wanted, device};

use crate::Here;
use crate::support::token_server::{CANARY, Reply, certificate_file, key_file};
use crate::support::{Certificates, TokenServer};

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
async fn a_clock_that_is_put_back_makes_nobody_wait() {
    let here = Here::new();
    let (tokens, wanted) = (here.tokens(), here.application());
    here.server.state().replies.push_back(Reply::error(503, "", ""));
    assert!(tokens.access(&wanted).await.is_err());
    here.later(TimeDelta::hours(-5));
    let first = tokens.access(&wanted).await.unwrap();
    assert!(tokens.refused(&wanted, &first).await);
    let second = tokens.access(&wanted).await.unwrap();
    assert!(!tokens.refused(&wanted, &second).await, "a moment later that is the server's last word");
    here.later(TimeDelta::hours(-5));
    assert!(tokens.refused(&wanted, &second).await);
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
