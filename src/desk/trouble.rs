//! Troubles of the program itself: somebody hears of each once, also across restarts.

use super::alert::{About, Alert};
use super::apply::Hand;
use super::read::digest;
use super::{Desk, Result};
use crate::store::troubles;
use crate::triage::letter::AlertKind;

/// What is in trouble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// A mailbox, by name: its coordinators and the admins hear of it.
    Mailbox(String),
    /// The way out: the admins hear of it.
    Outbox,
    /// The rules or the configuration: the admins hear of it.
    Rules,
    /// An access token that cannot be had, by the name of its `[oauth.NAME]`: the admins hear of it.
    Token(String),
    /// The secret behind an access token that ends soon, by the same name: the admins hear of it.
    Secret(String),
}

impl Trouble {
    fn key(&self) -> String {
        match self {
            Self::Mailbox(name) => format!("mailbox.{name}"),
            Self::Outbox => "outbox".to_owned(),
            Self::Rules => "rules".to_owned(),
            Self::Token(name) => format!("token.{name}"),
            Self::Secret(name) => format!("secret.{name}"),
        }
    }

    fn kind(&self) -> AlertKind {
        match self {
            Self::Mailbox(_) => AlertKind::Mailbox,
            Self::Outbox => AlertKind::Outbox,
            Self::Rules => AlertKind::Rules,
            Self::Token(_) | Self::Secret(_) => AlertKind::Token,
        }
    }

    fn about(&self) -> About<'_> {
        match self {
            Self::Mailbox(name) => About::Mailbox(name),
            Self::Outbox | Self::Rules | Self::Token(_) | Self::Secret(_) => About::Program,
        }
    }
}

impl Desk {
    /// Something is in trouble: people hear of it, unless they have. Returns whether an alert goes out.
    pub async fn trouble(&self, what: Trouble, text: &str) -> Result<bool> {
        let chance = self.0.chance.clone();
        let (guidance, now, text) = (self.0.live.get(), self.0.clock.now(), text.to_owned());
        self.write(move |connection| {
            Hand { connection, guidance: &guidance, now, chance: &chance }.trouble(&what, &text)
        })
        .await
    }

    /// It works again: the next trouble is a new one.
    pub async fn mended(&self, what: Trouble) -> Result<()> {
        self.write(move |connection| match what {
            Trouble::Rules => troubles::end_all(connection, &what.key()),
            _ => troubles::end(connection, &what.key()),
        })
        .await
    }
}

impl Hand<'_> {
    /// Queues an alert where the trouble is a new one.
    pub fn trouble(&self, what: &Trouble, text: &str) -> Result<bool> {
        match what {
            // Each faulty set is a trouble of its own: whoever mends one mistake hears of the next.
            Trouble::Rules => {
                let faults: String = digest(text.as_bytes()).chars().take(16).collect();
                self.trouble_with_key(what, &format!("{}.{faults}", what.key()), text)
            }
            _ => self.trouble_with_key(what, &what.key(), text),
        }
    }

    /// The same for a part of something, which has episodes of its own.
    pub fn trouble_with_key(&self, what: &Trouble, key: &str, text: &str) -> Result<bool> {
        let Some(episode) = troubles::begin(self.connection, key, text, self.now)? else { return Ok(false) };
        self.alert(&Alert {
            kind: what.kind(),
            about: what.about(),
            text,
            key: &format!("trouble.{key}.{episode}"),
        })
    }

    pub fn mended(&self, key: &str) -> Result<()> {
        troubles::end(self.connection, key)
    }
}
