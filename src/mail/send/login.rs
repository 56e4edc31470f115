//! How we get in at an SMTP server: not at all, by password, or by token.

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::ClientId;
use tokio::time::timeout;

use super::bearer::Bearer;
use super::reply::{not_now, words};
use super::smtp::Limits;
use crate::config::{Login, Secret, SmtpConfig};
use crate::mail::oauth::{Hidden, Tokens, Wanted};
use crate::mail::{Failure, secret};

/// What a login needs.
pub struct Entry<'a> {
    pub config: &'a SmtpConfig,
    pub limits: &'a Limits,
    pub tokens: &'a Tokens,
}

impl Entry<'_> {
    /// The token, where one is needed: had before a server waits for it.
    pub async fn token(&self) -> Result<Option<(Wanted, Hidden)>, Failure> {
        let Some((user, Login::OAuth(oauth))) = &self.config.login else { return Ok(None) };
        let wanted = Wanted::new(oauth, user);
        let token = self.tokens.access(&wanted).await?;
        Ok(Some((wanted, token)))
    }

    /// Logs in as the configuration says.
    pub async fn log_in(
        &self,
        connection: &mut AsyncSmtpConnection,
        name: &ClientId,
        token: Option<(Wanted, Hidden)>,
    ) -> Result<(), Failure> {
        match (&self.config.login, token) {
            (Some((user, _)), Some((wanted, token))) => {
                let (server, limits) = (&self.config.server, self.limits);
                let bearer = Bearer { server, user, wanted: &wanted, tokens: self.tokens, limits };
                bearer.login(connection, name, token).await
            }
            (Some((user, Login::Password(password))), None) => {
                self.by_password(connection, user, password).await
            }
            (Some((_, Login::OAuth(_))), None) => Err(Failure::temporary("there is no token")),
            (None, _) => Ok(()),
        }
    }

    async fn by_password(
        &self,
        connection: &mut AsyncSmtpConnection,
        user: &str,
        password: &Secret,
    ) -> Result<(), Failure> {
        let host = &self.config.server.host;
        let place = password;
        let password = secret::read(place)?;
        let credentials = Credentials::new(user.to_owned(), password.clone());
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        if connection.server_info().get_auth_mechanism(&mechanisms).is_none() {
            return Err(Failure::permanent(format!(
                "{host} offers no login by password: leave out `user`, or correct `port` and `security`"
            )));
        }
        match timeout(self.limits.command, connection.auth(&mechanisms, &credentials)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if error.is_permanent() => Err(Failure::permanent(format!(
                "{host} refuses the login of {user} ({}): correct `user` or the password in {}",
                secret::hide(&words(&error), user, &password),
                secret::place(place)
            ))),
            Ok(Err(error)) => {
                let said = secret::hide(&words(&error), user, &password);
                Err(not_now(format!("{host} cannot take the login now: {said}"), &error))
            }
            Err(_) => Err(Failure::temporary(format!("{host} did not answer the login"))),
        }
    }
}
