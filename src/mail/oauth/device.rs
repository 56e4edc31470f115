//! The device flow (RFC 8628): a person types a code at a page, and a refresh token comes of it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::sleep;

use super::form::Proof;
use super::http::{self, Answer};
use super::kept::Held;
use super::{Failure, Hidden, Wanted, refusal};
use crate::clock::Clock;
use crate::config::{Grant, OAuth, SignIn};

/// RFC 8628 §3.2, where the server names none.
const INTERVAL: i64 = 5;

/// RFC 8628 §3.5: what `slow_down` adds.
const SLOWER: Duration = Duration::from_secs(5);

/// What the person does.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// The page.
    pub page: String,
    /// What to type there.
    pub code: String,
    /// The page with the code in it, where the server has one.
    pub whole: Option<String>,
    pub ends: DateTime<Utc>,
    device_code: Hidden,
    interval: Duration,
}

/// Asks for a code.
pub async fn begin(wanted: &Wanted, clock: &Clock) -> Result<Invitation, Failure> {
    let oauth = &wanted.oauth;
    let Grant::RefreshToken { sign_in: SignIn::Device(endpoint), .. } = &oauth.grant else {
        return Err(Failure::permanent(format!("[oauth.{}] has no page to type a code at", oauth.name)));
    };
    let mut form = vec![("client_id", oauth.client_id.clone())];
    if !oauth.scopes.is_empty() {
        form.push(("scope", oauth.scopes.join(" ")));
    }
    let answer = http::post(endpoint, &form).await?;
    if !answer.is_good() {
        return Err(refusal::failure(wanted, &answer));
    }
    // Google's older spelling, too.
    let page = answer.text("verification_uri").or_else(|| answer.text("verification_url"));
    let (Some(page), Some(code), Some(device_code)) =
        (page, answer.text("user_code"), answer.text("device_code"))
    else {
        let host = &endpoint.server.host;
        return Err(Failure::permanent(format!(
            "{host} gave no code to sign in with: correct device_endpoint"
        )));
    };
    let seconds = |key, usual: i64| answer.number(key).unwrap_or(usual).clamp(1, 3600);
    Ok(Invitation {
        page: page.to_owned(),
        code: code.to_owned(),
        whole: answer.text("verification_uri_complete").map(str::to_owned),
        ends: clock.now() + TimeDelta::seconds(seconds("expires_in", 900)),
        device_code: Hidden::new(device_code),
        interval: Duration::from_secs(seconds("interval", INTERVAL).unsigned_abs()),
    })
}

/// Waits for the person, and keeps the refresh token.
pub async fn finish(wanted: &Wanted, invitation: &Invitation, clock: &Clock) -> Result<(), Failure> {
    let oauth = &wanted.oauth;
    let mut interval = invitation.interval;
    loop {
        sleep(interval).await;
        if clock.now() >= invitation.ends {
            return Err(Failure::temporary("nobody typed the code in time: begin again"));
        }
        let answer = match poll(oauth, invitation, clock).await {
            Ok(answer) => answer,
            // RFC 8628 §3.5: after a lost connection, ask less often.
            Err(failure) if !failure.permanent => {
                interval = (interval * 2).min(Duration::from_mins(1));
                continue;
            }
            Err(failure) => return Err(failure),
        };
        match answer.text("error").unwrap_or_default() {
            "" if answer.is_good() => return keep(wanted, &answer).await,
            "authorization_pending" => {}
            "slow_down" => interval += SLOWER,
            "access_denied" | "authorization_declined" => {
                return Err(Failure::permanent("the sign-in was declined at the page"));
            }
            "expired_token" | "code_expired" => {
                return Err(Failure::temporary("nobody typed the code in time: begin again"));
            }
            _ => {
                let failure = refusal::failure(wanted, &answer);
                if failure.permanent {
                    return Err(failure);
                }
                interval = (interval * 2).min(Duration::from_mins(1));
            }
        }
    }
}

async fn poll(oauth: &OAuth, invitation: &Invitation, clock: &Clock) -> Result<Answer, Failure> {
    let proof = Proof::read(oauth)?;
    let mut form = proof.of_client(oauth, &oauth.token_endpoint, clock.now())?;
    form.push(("grant_type", "urn:ietf:params:oauth:grant-type:device_code".to_owned()));
    form.push(("device_code", invitation.device_code.reveal().to_owned()));
    http::post(&oauth.token_endpoint, &form).await
}

/// Keeps the refresh token of an answer.
pub(super) async fn keep(wanted: &Wanted, answer: &Answer) -> Result<(), Failure> {
    let Grant::RefreshToken { store, .. } = &wanted.oauth.grant else {
        return Err(Failure::permanent("this grant needs no sign-in"));
    };
    let Some(token) = answer.text("refresh_token").filter(|token| !token.is_empty()) else {
        let scope = "add the scope offline_access, or what the provider calls it, to `scopes`";
        return Err(Failure::permanent(format!(
            "{} gave no refresh token: {scope}",
            wanted.oauth.token_endpoint.server.host
        )));
    };
    Held::take(store).await?.replace(&Hidden::new(token))
}
