//! AUTH XOAUTH2 and OAUTHBEARER. lettre would take the challenge that explains a refusal for a mistake
//! of its own and never read the refusal, so both are said here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Mechanism as Known;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::Ehlo;
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use tokio::time::timeout;

use super::reply::{not_now, words};
use super::smtp::Limits;
use crate::config::{Provider, Server};
use crate::mail::Failure;
use crate::mail::oauth::sasl::{self, Mechanism};
use crate::mail::oauth::{Hidden, Tokens, Wanted};

/// A login that is being made.
pub struct Bearer<'a> {
    pub server: &'a Server,
    pub user: &'a str,
    pub wanted: &'a Wanted,
    pub tokens: &'a Tokens,
    pub limits: &'a Limits,
}

impl Bearer<'_> {
    /// Shows the token, and a new one where that is refused.
    pub async fn login(
        &self,
        connection: &mut AsyncSmtpConnection,
        name: &ClientId,
        mut token: Hidden,
    ) -> Result<(), Failure> {
        let mechanism = self.mechanism(connection, name).await?;
        while let Err(refusal) = self.attempt(connection, mechanism, &token).await? {
            if !self.tokens.refused(self.wanted, &token).await {
                return Err(self.refused(&refusal));
            }
            token = self.tokens.access(self.wanted).await?;
        }
        Ok(())
    }

    async fn mechanism(
        &self,
        connection: &mut AsyncSmtpConnection,
        name: &ClientId,
    ) -> Result<Mechanism, Failure> {
        if connection.server_info().supports_auth_mechanism(Known::Xoauth2) {
            return Ok(Mechanism::XOAuth2);
        }
        // lettre does not keep the names of mechanisms that it cannot speak.
        let offered = self
            .say(connection, Ehlo::new(name.clone()))
            .await?
            .map_err(|error| self.lost(&words(&error), &error))?;
        let offers = |wanted: &str| {
            offered
                .message()
                .filter_map(|line| line.strip_prefix("AUTH "))
                .any(|line| line.split_whitespace().any(|mechanism| mechanism.eq_ignore_ascii_case(wanted)))
        };
        Mechanism::choose(offers).ok_or_else(|| {
            let host = &self.server.host;
            Failure::permanent(format!(
                "{host} offers no login by token (XOAUTH2 or OAUTHBEARER): correct `port` and `security`, or log in by password"
            ))
        })
    }

    /// The inner error is the server's refusal, in its words.
    async fn attempt(
        &self,
        connection: &mut AsyncSmtpConnection,
        mechanism: Mechanism,
        token: &Hidden,
    ) -> Result<Result<(), String>, Failure> {
        let message = mechanism.message(self.user, &self.server.host, self.server.port, token);
        let command = format!("AUTH {} {}\r\n", mechanism.name(), STANDARD.encode(message.reveal()));
        let mut status = None;
        let mut reply = self.say(connection, command).await?;
        if let Ok(response) = &reply
            && response.has_code(334)
        {
            let challenge = response.first_line().unwrap_or_default();
            status = STANDARD.decode(challenge).ok().and_then(|challenge| sasl::status(&challenge));
            let answer = format!("{}\r\n", STANDARD.encode(mechanism.resignation()));
            reply = self.say(connection, answer).await?;
        }
        let said = |error: &Error| sasl::without(&words(error), &message, token);
        match reply {
            Ok(response) if response.has_code(235) => Ok(Ok(())),
            Ok(_) => Err(self.nonsense()),
            Err(error) if error.is_permanent() => {
                let status = status.map(|status| format!("{status}: ")).unwrap_or_default();
                Ok(Err(sasl::without(&status, &message, token) + &said(&error)))
            }
            Err(error) => Err(self.lost(&said(&error), &error)),
        }
    }

    async fn say(
        &self,
        connection: &mut AsyncSmtpConnection,
        command: impl std::fmt::Display,
    ) -> Result<Result<Response, Error>, Failure> {
        let host = &self.server.host;
        let late = |_| Failure::temporary(format!("{host} did not answer the login"));
        timeout(self.limits.command, connection.command(command)).await.map_err(late)
    }

    fn lost(&self, said: &str, error: &Error) -> Failure {
        not_now(format!("{} cannot take the login now: {said}", self.server.host), error)
    }

    fn nonsense(&self) -> Failure {
        Failure::temporary(format!("{} gave a reply to the login that makes no sense", self.server.host))
    }

    fn refused(&self, said: &str) -> Failure {
        let (host, user, name) = (&self.server.host, self.user, &self.wanted.oauth.name);
        let remedy = match self.wanted.oauth.provider {
            Provider::Microsoft => {
                "in Exchange Online allow authenticated SMTP for this mailbox (Set-CASMailbox \
                 -SmtpClientAuthenticationDisabled $false), and give the application the permission \
                 SMTP.SendAsApp and full access to it"
            }
            Provider::Google => "sign in as this user, with the scope https://mail.google.com/",
            Provider::Custom => "give the token the right to send",
        };
        Failure::permanent(format!(
            "{host} refuses the token of [oauth.{name}] for {user} ({said}): correct `user`, or {remedy}"
        ))
    }
}
