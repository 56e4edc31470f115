//! Access tokens for mail servers that take no password.
//!
//! Each `[oauth.NAME]` (and, for a service account, each mailbox's user) has one token that every
//! connection shares. It is renewed before it ends, by one request however many ask; while the
//! endpoint is down the old one goes on as long as it lives. No token and no secret is logged,
//! shown or put into an error.

mod assertion;
pub mod browser;
pub mod device;
mod form;
mod http;
mod kept;
mod refusal;
pub mod sasl;
mod source;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, NaiveDate, Utc};

use super::Failure;
use crate::clock::Clock;
use crate::config::{Config, Grant, Login, MailboxPlace, OAuth, Outgoing};
use source::TokenSource;

pub use http::LIMIT;

/// A secret text: it can be used, and is not shown by mistake.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// For the wire and the disk, nothing else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<hidden>")
    }
}

/// Every token of the program; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Tokens {
    clock: Clock,
    sources: Arc<Mutex<HashMap<Wanted, Arc<TokenSource>>>>,
}

/// Whose token is wanted, and from where.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Wanted {
    pub oauth: Arc<OAuth>,
    /// The user for whom a service account acts.
    pub subject: Option<String>,
}

impl Wanted {
    /// For a login of `user`.
    pub fn new(oauth: &Arc<OAuth>, user: &str) -> Self {
        let acts = matches!(oauth.grant, Grant::ServiceAccount { .. });
        Self { oauth: Arc::clone(oauth), subject: acts.then(|| user.to_owned()) }
    }

    /// Every token that a configuration needs, each once.
    pub fn of(config: &Config) -> Vec<Self> {
        let mut all = Vec::new();
        let mut add = |login: &Login, user: &str| {
            if let Login::OAuth(oauth) = login {
                let wanted = Self::new(oauth, user);
                if !all.contains(&wanted) {
                    all.push(wanted);
                }
            }
        };
        for mailbox in &config.mailboxes {
            if let MailboxPlace::Imap(imap) = &mailbox.place {
                add(&imap.login, &imap.user);
            }
        }
        let smtp = match &config.outgoing {
            Outgoing::Smtp(smtp) => Some(smtp),
            Outgoing::Directory(_) => None,
        };
        let relay = config.alarm.as_ref().and_then(|alarm| alarm.relay.as_ref()).map(|relay| &relay.smtp);
        for (user, login) in smtp.into_iter().chain(relay).filter_map(|smtp| smtp.login.as_ref()) {
            add(login, user);
        }
        all
    }
}

/// How it stands with a token, for people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Until when the token that there is can be used.
    pub valid_until: Option<DateTime<Utc>>,
    /// Why there is no newer one.
    pub failure: Option<Failure>,
}

impl Tokens {
    pub fn new(clock: Clock) -> Self {
        Self { clock, sources: Arc::default() }
    }

    /// A token that can be used now; a new one is only asked for where that is due.
    pub async fn access(&self, wanted: &Wanted) -> Result<Hidden, Failure> {
        self.source(wanted).access().await
    }

    /// A mail server refused this token. Whether another try with a new one makes sense.
    pub async fn refused(&self, wanted: &Wanted, token: &Hidden) -> bool {
        self.source(wanted).refused(token).await
    }

    /// How it stands with a token.
    pub fn standing(&self, wanted: &Wanted) -> Standing {
        self.source(wanted).standing()
    }

    /// Somebody may have mended something: no request waits any longer.
    pub async fn try_again(&self) {
        let sources: Vec<_> = self.lock().values().cloned().collect();
        for source in sources {
            source.try_again().await;
        }
    }

    fn source(&self, wanted: &Wanted) -> Arc<TokenSource> {
        let mut sources = self.lock();
        let source = sources
            .entry(wanted.clone())
            .or_insert_with(|| Arc::new(TokenSource::new(wanted.clone(), self.clock.clone())));
        Arc::clone(source)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Wanted, Arc<TokenSource>>> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What to do about a secret or certificate that ends soon; `None` while that is far away.
pub fn secret_near_its_end(oauth: &OAuth, today: NaiveDate) -> Option<String> {
    /// Time enough to ask whoever may mend it.
    const DAYS_AHEAD: i64 = 14;
    let ends = oauth.secret_expires?;
    let left = ends.signed_duration_since(today).num_days();
    if left > DAYS_AHEAD {
        return None;
    }
    let when = match left {
        ..0 => format!("ended on {ends}"),
        0 => format!("ends today, {ends}"),
        1 => format!("ends tomorrow, {ends}"),
        left => format!("ends on {ends}, in {left} days"),
    };
    Some(format!("the secret of [oauth.{}] {when}: {}", oauth.name, refusal::new_secret(oauth)))
}
