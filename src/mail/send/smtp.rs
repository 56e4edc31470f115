//! SMTP over one kept connection.
//!
//! lettre's connection is driven by hand: its pool can hand out a connection with an unread reply,
//! and its timeout bounds the TCP connect only. Here each step has its limit, "accepted" is certain
//! right after the 250 that follows the final dot, and a connection on which something was left
//! unread is never used again.

use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Noop, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::{Response, Severity};
use lettre::transport::smtp::{Error, commands::Quit};
use tokio::time::{Instant, timeout, timeout_at};

use super::envelope::Envelope;
use super::login::Entry;
use super::reply::{Stage, judge, nameless, not_now, offers, words};
use super::starttls;
use super::wire::{Signs, SmtpWire};
use crate::config::{Security, SmtpConfig};
use crate::mail::oauth::Tokens;
use crate::mail::tls::{self, Wire};
use crate::mail::{Failure, Reached, Sender, Sent};

/// How long to wait for what.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For the TCP connection, and again for the TLS handshake.
    pub connect: Duration,
    /// For each reply before the mail itself.
    pub command: Duration,
    /// For the mail itself and the reply to its final dot.
    pub content: Duration,
    /// For one mail altogether, up to its final dot.
    pub altogether: Duration,
    /// For a good-bye or a sign of life.
    pub brief: Duration,
    /// A connection that was idle for longer has to show that it lives before it is used.
    pub fresh: Duration,
    /// A connection that was idle for longer is ended.
    pub idle: Duration,
}

impl Default for Limits {
    /// `altogether` and `content` stay under 240 s together.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(20),
            command: Duration::from_mins(1),
            content: Duration::from_mins(2),
            altogether: Duration::from_secs(110),
            brief: Duration::from_secs(5),
            fresh: Duration::from_secs(2),
            idle: Duration::from_secs(30),
        }
    }
}

/// A sender with one kept connection.
pub struct SmtpSender {
    config: SmtpConfig,
    limits: Limits,
    tokens: Tokens,
    kept: Option<Kept>,
}

struct Kept {
    connection: AsyncSmtpConnection,
    signs: Signs,
    /// What protects it, for people.
    privacy: String,
    /// When the server's certificate ends, where that is soon.
    ends: Option<DateTime<Utc>>,
    used: Instant,
}

impl fmt::Debug for SmtpSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpSender").field("server", &self.config.server).finish_non_exhaustive()
    }
}

/// Why a transaction ended before the mail itself.
enum Stop {
    Settled(Sent),
    /// A kept connection proved dead: the next one is new.
    Dead,
}

impl SmtpSender {
    /// Connects at the first mail.
    pub fn new(config: SmtpConfig) -> Self {
        Self { config, limits: Limits::default(), tokens: Tokens::default(), kept: None }
    }

    /// With access tokens that others use, too.
    #[must_use]
    pub fn with_tokens(mut self, tokens: &Tokens) -> Self {
        self.tokens = tokens.clone();
        self
    }

    /// With other limits, for tests that cannot wait.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Connects and logs in, and sends nothing.
    pub async fn check(&mut self) -> Result<Reached, Failure> {
        self.quit().await;
        let kept = self.kept.insert(self.connect().await?);
        let (privacy, ends) = (kept.privacy.clone(), kept.ends);
        let reached = Reached { privacy, ends, capabilities: offers(kept.connection.server_info()) };
        self.quit().await;
        Ok(reached)
    }

    async fn connect(&self) -> Result<Kept, Failure> {
        let (server, limits) = (&self.config.server, &self.limits);
        let host = &server.host;
        let entry = Entry { config: &self.config, limits, tokens: &self.tokens };
        let token = entry.token().await?;
        let tcp = tls::connect(server, limits.connect).await?;
        let name = client_id(tcp.local_addr().ok());
        let signs = Signs::default();
        let wire = match server.security {
            Security::Tls => tls::secure(tcp, server, limits.connect).await?,
            Security::None => Wire::Plain(tcp),
            Security::StartTls => starttls::upgrade(tcp, server, &name, limits).await?,
        };
        let (privacy, ends) = (wire.privacy(), wire.ends());
        let mut wire = SmtpWire::new(wire, signs.clone());
        if server.security == Security::StartTls {
            wire = wire.greeted();
        }
        let greeting = AsyncSmtpConnection::connect_with_transport(Box::new(wire), &name);
        let mut connection = match timeout(limits.command, greeting).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => {
                return Err(not_now(format!("{host} did not let us in: {}", words(&error)), &error));
            }
            Err(_) => return Err(Failure::temporary(format!("{host} does not greet"))),
        };
        entry.log_in(&mut connection, &name, token).await?;
        Ok(Kept { connection, signs, privacy, ends, used: Instant::now() })
    }

    /// The kept connection where it lives, else a new one; and whether it is new.
    async fn ready(&mut self) -> Result<(Kept, bool), Failure> {
        if let Some(mut kept) = self.kept.take() {
            let lives = kept.used.elapsed() < self.limits.fresh
                || matches!(timeout(self.limits.brief, kept.connection.command(Noop)).await, Ok(Ok(_)));
            if lives {
                return Ok((kept, false));
            }
        }
        Ok((self.connect().await?, true))
    }

    /// Everything up to the reply to DATA. The connection is out of `self` meanwhile, so whoever
    /// drops this future half-way also drops the connection, and no reply is taken for another's.
    async fn begin(&mut self, envelope: &Envelope, bytes: &[u8]) -> Result<Kept, Stop> {
        let (mut kept, new) = self.ready().await.map_err(|failure| Stop::Settled(failure.into()))?;
        let parameters = match envelope.parameters(&kept.connection, bytes) {
            Ok(parameters) => parameters,
            Err(sent) => {
                self.keep(kept);
                return Err(Stop::Settled(sent));
            }
        };
        kept.signs.forget();
        let commands = [
            (Stage::Sender, Mail::new(envelope.from.clone(), parameters).to_string()),
            (Stage::Recipient, Rcpt::new(envelope.to.clone(), Vec::new()).to_string()),
            (Stage::Content, Data.to_string()),
        ];
        // RFC 2920: where the server takes them so, all leave at once and their replies come one by one.
        let group =
            kept.signs.takes_groups().then(|| commands.each_ref().map(|(_, command)| &**command).concat());
        for (stage, command) in &commands {
            let step = async {
                match &group {
                    None => kept.connection.command(command).await,
                    Some(group) if *stage == Stage::Sender => kept.connection.command(group).await,
                    Some(_) => kept.connection.read_response().await,
                }
            };
            if let Err(stop) = self.step(step, *stage, new).await {
                if *stage == Stage::Recipient && matches!(stop, Stop::Settled(Sent::Refused { .. })) {
                    self.after_refusal(kept, group.is_some()).await;
                }
                return Err(stop);
            }
        }
        Ok(kept)
    }

    /// A command before the mail itself: nothing is sent yet, so nothing is uncertain.
    async fn step(
        &self,
        command: impl Future<Output = Result<Response, Error>>,
        stage: Stage,
        new: bool,
    ) -> Result<(), Stop> {
        // RFC 5321 §4.3.2: 354 says that the mail may come, any other yes answers something else.
        let yes = if stage == Stage::Content {
            Severity::PositiveIntermediate
        } else {
            Severity::PositiveCompletion
        };
        match timeout(self.limits.command, command).await {
            Ok(Ok(response)) if response.code().severity == yes => Ok(()),
            Ok(Ok(_)) => {
                let what = "the server gave a reply that makes no sense here".to_owned();
                Err(Stop::Settled(Sent::Deferred { what }))
            }
            Ok(Err(error)) => {
                // RFC 5321 §3.8: 421 ends the connection, as may happen to an idle one at any time.
                let closing = error.status().is_none_or(|code| code.to_string() == "421");
                match judge(&error, stage, false) {
                    // It would only hear the same on a new connection.
                    throttled @ Sent::Throttled { .. } => Err(Stop::Settled(throttled)),
                    _ if closing && !new => Err(Stop::Dead),
                    sent => Err(Stop::Settled(sent)),
                }
            }
            Err(_) => Err(Stop::Settled(Sent::Deferred { what: silent(self.limits.command) })),
        }
    }

    /// The mail itself and its final dot. Only here can it become uncertain what happened.
    async fn finish(&mut self, mut kept: Kept, bytes: &[u8]) -> Sent {
        kept.signs.mail_comes();
        match timeout(self.limits.content, kept.connection.message(bytes)).await {
            Ok(Ok(response)) if is_done(&response) => {
                kept.signs.forget();
                self.keep(kept);
                Sent::Accepted
            }
            Ok(Ok(_)) => Sent::Uncertain { what: "the server's reply to the mail makes no sense".to_owned() },
            Ok(Err(error)) => judge(&error, Stage::Content, kept.signs.dot_has_left()),
            Err(_) if kept.signs.dot_has_left() => Sent::Uncertain { what: silent(self.limits.content) },
            Err(_) => Sent::Deferred { what: silent(self.limits.content) },
        }
    }

    fn keep(&mut self, mut kept: Kept) {
        kept.used = Instant::now();
        self.kept = Some(kept);
    }

    /// A refused recipient is no reason to give up the connection; but where DATA was said already and the
    /// server now waits for a mail (RFC 2920 §3.1), that is the shortest way out.
    async fn after_refusal(&mut self, mut kept: Kept, data_was_said: bool) {
        let brief = self.limits.brief;
        if data_was_said {
            let reply = timeout(brief, kept.connection.read_response()).await;
            if !matches!(reply, Ok(Err(error)) if error.status().is_some()) {
                return;
            }
        }
        if let Ok(Ok(_)) = timeout(brief, kept.connection.command(Rset)).await {
            self.keep(kept);
        }
    }

    async fn deliver(&mut self, envelope: &Envelope, bytes: &[u8]) -> Sent {
        let until = Instant::now() + self.limits.altogether;
        loop {
            match timeout_at(until, self.begin(envelope, bytes)).await {
                Ok(Ok(kept)) => return self.finish(kept, bytes).await,
                Ok(Err(Stop::Settled(sent))) => return sent,
                // Only a kept connection is called dead, and then there is none to keep.
                Ok(Err(Stop::Dead)) => {}
                Err(_) => return Sent::Deferred { what: silent(self.limits.altogether) },
            }
        }
    }

    async fn quit(&mut self) {
        if let Some(mut kept) = self.kept.take() {
            let _ = timeout(self.limits.brief, kept.connection.command(Quit)).await;
        }
    }
}

impl Sender for SmtpSender {
    async fn send(&mut self, from: &str, to: &str, bytes: &[u8]) -> Sent {
        let envelope = match Envelope::new(from, to) {
            Ok(envelope) => envelope,
            Err(sent) => return sent,
        };
        let bytes = with_line_ends(bytes);
        nameless(self.deliver(&envelope, &bytes).await, to)
    }

    async fn rest(&mut self) {
        if self.kept.as_ref().is_some_and(|kept| kept.used.elapsed() >= self.limits.idle) {
            self.quit().await;
        }
    }
}

fn silent(limit: Duration) -> String {
    format!("the server did not get through within {} s", limit.as_secs())
}

/// Only 2yz means that the mail was taken (RFC 5321 §4.2.1).
fn is_done(response: &Response) -> bool {
    response.code().severity == Severity::PositiveCompletion
}

/// Every line ends in CRLF (RFC 5321 §2.3.8): a bare LF may hide the end of the mail from one
/// server and not from the next. The last line end is left to lettre, which adds one.
fn with_line_ends(bytes: &[u8]) -> Cow<'_, [u8]> {
    let bare = |at: usize| match bytes.get(at) {
        Some(b'\n') => at == 0 || bytes.get(at - 1) != Some(&b'\r'),
        Some(b'\r') => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    };
    if !(0..bytes.len()).any(bare) {
        return Cow::Borrowed(bytes.strip_suffix(b"\r\n").unwrap_or(bytes));
    }
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 16);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if bare(at) => out.extend_from_slice(b"\r\n"),
            byte => out.push(*byte),
        }
    }
    if out.ends_with(b"\r\n") {
        out.truncate(out.len() - 2);
    }
    Cow::Owned(out)
}

/// An address literal for EHLO: this machine may have no name that means anything outside (RFC 5321 §4.1.4).
fn client_id(local: Option<SocketAddr>) -> ClientId {
    match local {
        Some(SocketAddr::V4(v4)) => ClientId::Ipv4(*v4.ip()),
        Some(SocketAddr::V6(v6)) => ClientId::Ipv6(*v6.ip()),
        None => ClientId::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_bare_line_feed_reaches_the_wire() {
        assert_eq!(with_line_ends(b"a\nb\r\nc\rd\n.\n").as_ref(), b"a\r\nb\r\nc\r\nd\r\n.");
        assert!(matches!(with_line_ends(b"a\r\nb\r\n"), Cow::Borrowed(b"a\r\nb")));
        assert_eq!(with_line_ends(b"").as_ref(), b"");
    }
}
