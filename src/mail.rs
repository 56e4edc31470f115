//! Bytes and wires: where mail comes from, where it goes, how it is taken apart and put together.

mod certificate;
pub mod compose;
mod header;
pub mod html;
pub mod imap;
pub mod maildir;
pub mod oauth;
pub mod parse;
pub mod secret;
pub mod send;
pub mod tls;

use std::time::Duration;

use chrono::{DateTime, Utc};

/// A mail as a source hands it over.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// UIDVALIDITY of its folder (RFC 9051 §2.3.1.1).
    pub validity: u32,
    pub uid: u32,
    /// INTERNALDATE, or the delivery time of a Maildir file. Never the `Date` header.
    pub arrived: DateTime<Utc>,
    /// Size on the server in bytes, also where `bytes` is only a part of it.
    pub size: u64,
    /// The whole mail; of one above the limit the header and the text parts, as a valid mail.
    pub bytes: Vec<u8>,
}

/// A folder as the server shows it now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FolderState {
    pub validity: u32,
    /// The UID that the next mail will have at least.
    pub next_uid: u32,
}

/// Why a source or a sender failed. Temporary or permanent is decided where it is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Failure {
    /// A person has to mend something (login refused, no such folder): trying on is of little use,
    /// yet is done, slowly.
    pub permanent: bool,
    /// The server ended a connection that was logged in, as it may at any time: no fault by itself.
    pub ended: bool,
    /// The server asks to be left alone for so long.
    pub rest: Option<Duration>,
    /// One sentence that says what and what to do. No personal data, no secret.
    pub what: String,
}

impl Failure {
    pub fn temporary(what: impl Into<String>) -> Self {
        Self { permanent: false, ended: false, rest: None, what: what.into() }
    }

    pub fn permanent(what: impl Into<String>) -> Self {
        Self { permanent: true, ..Self::temporary(what) }
    }

    /// Passing, at a connection that the server ended.
    pub fn ended(what: impl Into<String>) -> Self {
        Self { ended: true, ..Self::temporary(what) }
    }
}

/// What a server showed of itself at the login, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// How private the connection is: `TLS 1.3, AES_256_GCM_SHA384`.
    pub privacy: String,
    /// When the server's certificate ends, where that is within two weeks.
    pub ends: Option<DateTime<Utc>>,
    /// In capitals.
    pub capabilities: Vec<String>,
}

/// A mailbox that can be read. It reads only: no flag is changed, nothing is moved or deleted.
///
/// After any failure the source drops its connection and makes a new one at the next call.
pub trait Source: Send {
    /// The folder in which staff's answers are found; `None`: it is not watched.
    fn sent(&mut self) -> impl Future<Output = Result<Option<String>, Failure>> + Send;

    /// Opens a folder read-only (EXAMINE) and says where it stands.
    fn open(&mut self, folder: &str) -> impl Future<Output = Result<FolderState, Failure>> + Send;

    /// The mails of the open folder with a UID above `after`, ascending, about `most` of them.
    /// An empty list means that there are none.
    fn fetch(
        &mut self,
        after: u32,
        most: usize,
    ) -> impl Future<Output = Result<Vec<Arrival>, Failure>> + Send;

    /// Where a folder stands, without opening it (STATUS).
    fn status(&mut self, folder: &str) -> impl Future<Output = Result<FolderState, Failure>> + Send;

    /// Returns when the open folder may have something new, at the latest after `limit`. Safe to cancel.
    fn wait(&mut self, limit: Duration) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// What became of one attempt to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// 250 after the final dot.
    Accepted,
    /// Not sent, try again later.
    Deferred { what: String },
    /// Not sent, since the server wants less mail from us, whatever the mail: nothing is to be tried for so long.
    Throttled { what: String, rest: Duration },
    /// Nobody began with it: it stays in the outbox, however long it has been there.
    NotTried { what: String },
    /// 5xx: not sent, nothing is tried again. `recipient`: it is about this address, not about us.
    Refused { what: String, recipient: bool },
    /// The connection was lost after the final dot: it may have been sent.
    Uncertain { what: String },
}

impl From<Failure> for Sent {
    /// The server could not be reached, or did not let us in: not sent.
    fn from(failure: Failure) -> Self {
        match failure.rest {
            Some(rest) => Self::Throttled { what: failure.what, rest },
            None => Self::Deferred { what: failure.what },
        }
    }
}

/// A way out for mail.
pub trait Sender: Send {
    /// One mail to one recipient. Never takes longer than 240 s.
    fn send(&mut self, from: &str, to: &str, bytes: &[u8]) -> impl Future<Output = Sent> + Send;

    /// Ends a kept connection that has been idle; called now and then.
    fn rest(&mut self) -> impl Future<Output = ()> + Send;
}
