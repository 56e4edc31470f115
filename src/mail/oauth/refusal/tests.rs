//! What providers answer, as they document it, and the words that an admin must find in the message.

use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::config::{Endpoint, Secret, Security, Server, SignIn};

fn endpoint() -> Endpoint {
    let server = Server { host: "login.example".into(), port: 443, security: Security::Tls, ca_file: None };
    Endpoint { server, path: "/token".into() }
}

fn oauth(provider: Provider, grant: Grant) -> Wanted {
    let oauth = OAuth {
        name: "ms".into(),
        provider,
        client_id: "0000-1111".into(),
        grant,
        scopes: Vec::new(),
        token_endpoint: endpoint(),
        secret_expires: None,
    };
    Wanted::new(&Arc::new(oauth), "klacht@ksyos.nl")
}

fn application() -> Grant {
    Grant::ClientCredentials(ClientProof::Secret(Secret::File("/etc/ms".into())))
}

fn person() -> Grant {
    Grant::RefreshToken {
        client: ClientProof::None,
        sign_in: SignIn::Device(endpoint()),
        store: "tokens/ms".into(),
    }
}

fn robot() -> Grant {
    Grant::ServiceAccount { key_file: "/etc/google.json".into() }
}

fn answer(status: u16, error: &str, description: &str) -> Answer {
    let body = json!({ "error": error, "error_description": description });
    Answer { status, body: body.as_object().cloned().unwrap_or_default(), ..Answer::default() }
}

/// Provider, grant, status, error, description, and words of the message; `!` before those it must not hold.
type Case = (Provider, fn() -> Grant, u16, &'static str, &'static str, &'static [&'static str]);

const CASES: &[Case] = &[
    (
        Provider::Microsoft,
        application,
        401,
        "invalid_client",
        "AADSTS7000222: The provided client secret keys for app '0000-1111' are expired. Trace ID: 1",
        &["AADSTS7000222", "has expired", "Certificates & secrets", "/etc/ms", "secret_expires", "!Trace"],
    ),
    (
        Provider::Microsoft,
        application,
        401,
        "invalid_client",
        "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent is the client secret value",
        &["its value is needed, not its id", "Certificates & secrets"],
    ),
    (
        Provider::Microsoft,
        application,
        400,
        "unauthorized_client",
        "AADSTS700016: Application with identifier '0000-1111' was not found in the directory",
        &["no such application", "client_id", "tenant"],
    ),
    (
        Provider::Microsoft,
        application,
        400,
        "invalid_request",
        "AADSTS90002: Tenant 'x' not found.",
        &["no such tenant", "Tenant ID"],
    ),
    (
        Provider::Microsoft,
        person,
        400,
        "invalid_grant",
        "AADSTS65001: The user or administrator has not consented to use the application",
        &["consent", "Grant admin consent", "triaged login ms"],
    ),
    (
        Provider::Microsoft,
        person,
        400,
        "invalid_grant",
        "AADSTS50173: The provided grant has expired due to it being revoked. jan@ksyos.nl must sign in",
        &["counts no longer", "triaged login ms", "!jan@ksyos.nl"],
    ),
    (
        Provider::Microsoft,
        person,
        400,
        "invalid_grant",
        "AADSTS700082: The refresh token has expired due to inactivity.",
        &["90 days", "triaged login ms"],
    ),
    (
        Provider::Microsoft,
        person,
        400,
        "interaction_required",
        "AADSTS50076: Due to a configuration change you must use multi-factor authentication",
        &["Conditional Access", "triaged login ms"],
    ),
    (
        Provider::Microsoft,
        person,
        401,
        "invalid_client",
        "AADSTS7000218: The request body must contain the following parameter: 'client_assertion'",
        &["Allow public client flows", "Authentication"],
    ),
    (Provider::Microsoft, person, 400, "invalid_grant", "", &["invalid_grant", "triaged login ms"]),
    (
        Provider::Google,
        robot,
        401,
        "unauthorized_client",
        "Client is unauthorized to retrieve access tokens using this method",
        &["may not act for this mailbox", "domain-wide delegation", "https://mail.google.com/"],
    ),
    (Provider::Google, robot, 400, "invalid_grant", "Invalid email or User ID", &["no such user", "`user`"]),
    (
        Provider::Google,
        robot,
        400,
        "invalid_grant",
        "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe",
        &["clock of this machine"],
    ),
    (Provider::Google, robot, 400, "invalid_grant", "Invalid JWT Signature.", &["does not know this key"]),
    (
        Provider::Google,
        person,
        400,
        "invalid_grant",
        "Token has been expired or revoked.",
        &["7 days", "triaged login ms"],
    ),
    (Provider::Google, person, 400, "invalid_scope", "", &["device flow", "service_account"]),
    (Provider::Custom, application, 401, "invalid_client", "", &["client_id or the secret"]),
];

#[test]
fn each_refusal_says_what_to_do_and_where() {
    for (provider, grant, status, error, description, words) in CASES {
        let failure = failure(&oauth(*provider, grant()), &answer(*status, error, description));
        assert!(failure.permanent, "{failure:?}");
        for word in *words {
            match word.strip_prefix('!') {
                Some(secret) => assert!(!failure.what.contains(secret), "{secret:?} is in {}", failure.what),
                None => assert!(failure.what.contains(word), "{word:?} is not in {}", failure.what),
            }
        }
    }
}

#[test]
fn what_passes_by_itself_is_no_matter_for_a_person() {
    for (status, error, description) in [
        (503, "temporarily_unavailable", ""),
        (400, "temporarily_unavailable", ""),
        (429, "", ""),
        (500, "server_error", ""),
        (400, "invalid_request", "AADSTS90033: A transient error has occurred."),
    ] {
        let failure =
            failure(&oauth(Provider::Microsoft, application()), &answer(status, error, description));
        assert!(!failure.permanent, "{failure:?}");
    }
}

#[test]
fn a_server_cannot_write_into_the_log() {
    let failure =
        failure(&oauth(Provider::Custom, application()), &answer(400, "evil\r\nERROR geheim@x <b>", ""));
    assert!(!failure.what.contains(['\r', '\n', '@', '<']), "{}", failure.what);
    let failure = super::failure(&oauth(Provider::Custom, application()), &answer(400, "geheim-123", ""));
    assert!(failure.what.contains("HTTP 400") && !failure.what.contains("geheim"), "{}", failure.what);
}
