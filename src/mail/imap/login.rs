//! From nothing to a connection that is logged in: connect, greet, TLS, LOGIN.

use std::io;
use std::panic::AssertUnwindSafe;

use async_imap::imap_proto::{Response, Status};
use async_imap::{Authenticator, Client, Session};
use futures_util::FutureExt;
use tokio::io::BufStream;
use tokio::time::timeout;

use super::code::Meaning;
use super::line::said;
use super::measure::Measured;
use super::{Limits, bearer, code};
use crate::config::{ImapConfig, Login, Secret, Security};
use crate::mail::oauth::{Tokens, Wanted};
use crate::mail::tls::{self, Wire};
use crate::mail::{Failure, secret};

/// async-imap writes a command in four pieces and reads in small ones.
pub type Stream = BufStream<Measured<Wire>>;

/// A connection whose greeting was read, private where it has to be.
pub async fn greeted(config: &ImapConfig, limits: &Limits) -> Result<Client<Stream>, Failure> {
    let server = &config.server;
    let tcp = tls::connect(server, limits.connect).await?;
    if server.security == Security::Tls {
        let mut client = client(tls::secure(tcp, server, limits.connect).await?);
        greeting(&mut client, config, limits).await?;
        return Ok(client);
    }
    let mut plain = client(Wire::Plain(tcp));
    greeting(&mut plain, config, limits).await?;
    if server.security == Security::None {
        return Ok(plain);
    }
    let host = &server.host;
    match timeout(limits.read, plain.run_command_and_check_ok("STARTTLS", None)).await {
        Ok(Ok(())) => {}
        Ok(Err(async_imap::error::Error::No(_) | async_imap::error::Error::Bad(_))) => {
            return Err(Failure::permanent(format!(
                "{host} refuses STARTTLS: use `security = \"tls\"` and its port"
            )));
        }
        Ok(Err(_)) => return Err(Failure::temporary(format!("{host} closed the connection at STARTTLS"))),
        Err(_) => return Err(Failure::temporary(format!("{host} did not answer STARTTLS"))),
    }
    // Whatever came before TLS began is thrown away with the buffers: it may be forged.
    match plain.into_inner().into_inner().into_inner() {
        Wire::Plain(tcp) => Ok(client(tls::secure(tcp, server, limits.connect).await?)),
        Wire::Tls(..) => Err(Failure::temporary(format!("{host} is private already"))),
    }
}

fn client(wire: Wire) -> Client<Stream> {
    Client::new(BufStream::with_capacity(16 * 1024, 1024, Measured::new(wire)))
}

async fn greeting(client: &mut Client<Stream>, config: &ImapConfig, limits: &Limits) -> Result<(), Failure> {
    let host = &config.server.host;
    let reading = AssertUnwindSafe(client.read_response()).catch_unwind();
    let no_imap = || {
        Failure::temporary(format!("{host} does not greet as an IMAP server: correct `port` or `security`"))
    };
    match timeout(limits.read, reading).await {
        Err(_) => Err(Failure::temporary(format!("{host} does not greet: correct `port` or `security`"))),
        Ok(Ok(Ok(Some(data)))) => match data.parsed() {
            Response::Data { status: Status::Ok, .. } => Ok(()),
            Response::Data { status: Status::Bye, outcome } => {
                let text = said(outcome.code.as_ref(), outcome.information.as_deref());
                Err(code::refusal(format!("{host} turns us away ({text})"), &text))
            }
            // PREAUTH, too: it would mean that somebody else's login is in force.
            _ => Err(no_imap()),
        },
        Ok(Ok(Ok(None))) => {
            Err(Failure::temporary(format!("{host} closed the connection before its greeting")))
        }
        Ok(Ok(Err(error))) if error.kind() != io::ErrorKind::Other => {
            Err(Failure::temporary(format!("{host} lost the connection: {}", error.kind())))
        }
        Ok(_) => Err(no_imap()),
    }
}

/// SASL PLAIN (RFC 4616) for what LOGIN cannot carry.
struct Plain<'a>(&'a str, &'a str);

impl Authenticator for Plain<'_> {
    type Response = String;

    fn process(&mut self, _: &[u8]) -> String {
        format!("\0{}\0{}", self.0, self.1)
    }
}

/// Connects and logs in.
pub async fn login(
    config: &ImapConfig,
    limits: &Limits,
    tokens: &Tokens,
) -> Result<Session<Stream>, Failure> {
    match &config.login {
        Login::Password(place) => by_password(config, place, limits).await,
        Login::OAuth(oauth) => bearer::login(config, &Wanted::new(oauth, &config.user), limits, tokens).await,
    }
}

async fn by_password(
    config: &ImapConfig,
    place: &Secret,
    limits: &Limits,
) -> Result<Session<Stream>, Failure> {
    use async_imap::error::Error;
    let client = greeted(config, limits).await?;
    let password = secret::read(place)?;
    let (user, host) = (config.user.as_str(), &config.server.host);
    // LOGIN is understood everywhere but carries ASCII only.
    let ascii =
        [user, password.as_str()].iter().all(|word| word.bytes().all(|byte| matches!(byte, b' '..=b'~')));
    let attempt = async {
        if ascii {
            client.login(user, &password).await
        } else {
            client.authenticate("PLAIN", Plain(user, &password)).await
        }
    };
    match timeout(limits.read, AssertUnwindSafe(attempt).catch_unwind()).await {
        Ok(Ok(Ok(session))) => Ok(session),
        Ok(Ok(Err((Error::No(text) | Error::Bad(text), _)))) => {
            let said = code::at_login(&text, |said| secret::hide(said, user, &password));
            Err(login_refused(config, place, &said))
        }
        Ok(Ok(Err((error, _)))) => Err(lost(host, &error)),
        Ok(Err(_panic)) => Err(unreadable(host)),
        Err(_) => Err(silent(host)),
    }
}

fn login_refused(config: &ImapConfig, password: &Secret, said: &str) -> Failure {
    let (host, user) = (&config.server.host, &config.user);
    match code::meant(said) {
        Some(Meaning { passes: true, .. }) => code::refusal(cannot_now(host, said), said),
        Some(Meaning { words, .. }) if !said.to_ascii_uppercase().contains("[AUTHENTICATIONFAILED]") => {
            Failure::permanent(format!("{host} refuses the login of {user} ({said}): {words}"))
        }
        _ => Failure::permanent(format!(
            "{host} refuses the login of {user} ({said}): correct `user`, or the password in {}, or allow IMAP for \
             this account",
            secret::place(password)
        )),
    }
}

/// The login is refused for now.
pub fn cannot_now(host: &str, said: &str) -> String {
    format!("{host} cannot take the login now ({said})")
}

/// The connection ended at the login.
pub fn lost(host: &str, error: &async_imap::error::Error) -> Failure {
    let why = match error {
        async_imap::error::Error::Io(error) => error.kind().to_string(),
        _ => "it was closed".to_owned(),
    };
    Failure::temporary(format!("{host} lost the connection at login: {why}"))
}

/// The parser gave up at what the server answered to the login.
pub fn unreadable(host: &str) -> Failure {
    Failure::temporary(format!("{host} sent an answer to the login that cannot be read"))
}

/// No answer to the login in time.
pub fn silent(host: &str) -> Failure {
    Failure::temporary(format!("{host} did not answer the login"))
}
