//! The login with an access token: AUTHENTICATE XOAUTH2 or OAUTHBEARER, in one step where the server
//! takes it (SASL-IR, RFC 4959). A token that is refused is renewed once before the refusal counts.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use async_imap::error::Error;
use async_imap::imap_proto::Response;
use async_imap::types::UnsolicitedResponse;
use async_imap::{Authenticator, Client, Session};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::FutureExt;
use tokio::time::timeout;

use super::line::capability;
use super::login::{Stream, cannot_now, greeted, lost, silent, unreadable};
use super::{Limits, code};
use crate::config::{ImapConfig, Provider};
use crate::mail::Failure;
use crate::mail::oauth::sasl::{self, Mechanism};
use crate::mail::oauth::{Hidden, Tokens, Wanted};

/// For everything behind the token, however slowly the server answers each time: a silent server is
/// given up after 240 s at most.
const ALTOGETHER: Duration = Duration::from_mins(3);

/// What a server offers before the login.
struct Offers {
    mechanism: Mechanism,
    /// SASL-IR
    at_once: bool,
}

/// How one try ended.
enum Tried {
    In(Session<Stream>),
    /// The server does not take this token; its words, and its connection for another try.
    Refused(Client<Stream>, String),
}

/// Connects and logs in.
pub async fn login(
    config: &ImapConfig,
    wanted: &Wanted,
    limits: &Limits,
    tokens: &Tokens,
) -> Result<Session<Stream>, Failure> {
    // First, so that no server waits meanwhile.
    let token = tokens.access(wanted).await?;
    let late = |_| Failure::temporary(format!("{} takes too long to let us in", config.server.host));
    timeout(ALTOGETHER, with_token(config, wanted, limits, tokens, token)).await.map_err(late)?
}

async fn with_token(
    config: &ImapConfig,
    wanted: &Wanted,
    limits: &Limits,
    tokens: &Tokens,
    mut token: Hidden,
) -> Result<Session<Stream>, Failure> {
    let mut client = greeted(config, limits).await?;
    let offers = offers(&mut client, config, limits).await?;
    loop {
        match attempt(client, &offers, config, &token, limits).await? {
            Tried::In(session) => return Ok(session),
            Tried::Refused(same, text) => {
                if !tokens.refused(wanted, &token).await {
                    return Err(refused(config, wanted, &text));
                }
                token = tokens.access(wanted).await?;
                client = same;
            }
        }
    }
}

async fn offers(
    client: &mut Client<Stream>,
    config: &ImapConfig,
    limits: &Limits,
) -> Result<Offers, Failure> {
    let host = &config.server.host;
    let (tell, told) = async_channel::unbounded();
    let asking = client.run_command_and_check_ok("CAPABILITY", Some(tell));
    match timeout(limits.read, AssertUnwindSafe(asking).catch_unwind()).await {
        Ok(Ok(Ok(()))) => {}
        Ok(_) => {
            return Err(Failure::temporary(format!("{host} did not say what it can do before the login")));
        }
        Err(_) => return Err(Failure::temporary(format!("{host} did not answer before the login"))),
    }
    let mut can = Vec::new();
    while let Ok(response) = told.try_recv() {
        if let UnsolicitedResponse::Other(data) = response
            && let Response::Capabilities(list) = data.parsed()
        {
            can.extend(list.iter().map(capability));
        }
    }
    let offers = |name: &str| can.iter().any(|offer| offer == &format!("AUTH={name}"));
    let Some(mechanism) = Mechanism::choose(offers) else {
        return Err(Failure::permanent(format!(
            "{host} offers no login by token (XOAUTH2 or OAUTHBEARER): correct `host` and `port`, or log in by password"
        )));
    };
    Ok(Offers { mechanism, at_once: can.iter().any(|offer| offer == "SASL-IR") })
}

async fn attempt(
    client: Client<Stream>,
    offers: &Offers,
    config: &ImapConfig,
    token: &Hidden,
    limits: &Limits,
) -> Result<Tried, Failure> {
    let (host, mechanism) = (&config.server.host, offers.mechanism);
    let message = mechanism.message(&config.user, host, config.server.port, token);
    let mut status = None;
    let command = if offers.at_once {
        format!("{} {}", mechanism.name(), STANDARD.encode(message.reveal()))
    } else {
        mechanism.name().to_owned()
    };
    let later = (!offers.at_once).then(|| message.clone());
    let bearer = Bearer { mechanism, message: later, status: &mut status };
    let attempt = client.authenticate(command, bearer);
    match timeout(limits.read, AssertUnwindSafe(attempt).catch_unwind()).await {
        Ok(Ok(Ok(session))) => Ok(Tried::In(session)),
        Ok(Ok(Err((Error::No(text) | Error::Bad(text), client)))) => {
            let said = code::at_login(&text, |said| sasl::without(said, &message, token));
            if code::meant(&said).is_some_and(|meant| meant.passes) {
                return Err(code::refusal(cannot_now(host, &said), &said));
            }
            let status = sasl::without(&status.unwrap_or_default(), &message, token);
            let status = if status.is_empty() { said } else { format!("{status}: {said}") };
            Ok(Tried::Refused(client, status))
        }
        Ok(Ok(Err((error, _)))) => Err(lost(host, &error)),
        Ok(Err(_panic)) => Err(unreadable(host)),
        Err(_) => Err(silent(host)),
    }
}

/// Answers what the server says between command and end.
struct Bearer<'a> {
    mechanism: Mechanism,
    /// Not said yet.
    message: Option<Hidden>,
    /// What an error challenge said.
    status: &'a mut Option<String>,
}

impl Authenticator for Bearer<'_> {
    type Response = String;

    fn process(&mut self, challenge: &[u8]) -> String {
        if let Some(message) = self.message.take() {
            return message.reveal().to_owned();
        }
        *self.status = sasl::status(challenge);
        self.mechanism.resignation().to_owned()
    }
}

fn refused(config: &ImapConfig, wanted: &Wanted, status: &str) -> Failure {
    let (host, user) = (&config.server.host, &config.user);
    let status = if status.is_empty() { String::new() } else { format!(" ({status})") };
    let remedy = match wanted.oauth.provider {
        Provider::Microsoft => {
            "in Exchange Online give the application or the person full access to this mailbox \
             (Add-MailboxPermission; an application needs New-ServicePrincipal first) and allow IMAP for it \
             (Set-CASMailbox -ImapEnabled $true); it counts after up to an hour"
        }
        Provider::Google => {
            "allow IMAP for this account (admin.google.com > Apps > Google Workspace > Gmail > End user access), \
             or sign in as this user"
        }
        Provider::Custom => "allow IMAP for this account, or give the token the right to it",
    };
    Failure::permanent(format!(
        "{host} refuses the token of [oauth.{}] for {user}{status}: correct `user`, or {remedy}",
        wanted.oauth.name
    ))
}
