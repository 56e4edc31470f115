//! The ways out: SMTP by lettre's connection driven by hand, or `.eml` files in a folder.
//!
//! Nothing is queued or tried again here; each call says exactly what became of the mail.

mod bearer;
mod directory;
mod envelope;
mod login;
mod reply;
mod smtp;
mod starttls;
mod wire;

use crate::config::Outgoing;
use crate::mail::oauth::Tokens;
use crate::mail::{Failure, Reached, Sender, Sent};

pub use directory::DirectorySender;
pub use smtp::{Limits, SmtpSender};

/// The way out that the configuration names.
#[derive(Debug)]
pub enum AnySender {
    Smtp(Box<SmtpSender>),
    Directory(DirectorySender),
}

impl AnySender {
    /// Nothing is opened yet.
    pub fn from_config(outgoing: &Outgoing, tokens: &Tokens) -> Self {
        match outgoing {
            Outgoing::Smtp(config) => {
                Self::Smtp(Box::new(SmtpSender::new(config.clone()).with_tokens(tokens)))
            }
            Outgoing::Directory(path) => Self::Directory(DirectorySender::new(path.clone())),
        }
    }

    /// Whether mail could leave now: logs in, or makes sure of the folder. Sends nothing.
    /// A folder has nothing to show.
    pub async fn check(&mut self) -> Result<Option<Reached>, Failure> {
        match self {
            Self::Smtp(sender) => sender.check().await.map(Some),
            Self::Directory(sender) => sender.check().await.map(|()| None),
        }
    }
}

impl Sender for AnySender {
    async fn send(&mut self, from: &str, to: &str, bytes: &[u8]) -> Sent {
        match self {
            Self::Smtp(sender) => sender.send(from, to, bytes).await,
            Self::Directory(sender) => sender.send(from, to, bytes).await,
        }
    }

    async fn rest(&mut self) {
        match self {
            Self::Smtp(sender) => sender.rest().await,
            Self::Directory(sender) => sender.rest().await,
        }
    }
}
