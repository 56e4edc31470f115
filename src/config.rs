//! `triaged.toml` to a [`Config`]: one fully built value, or every fault with its place.
//!
//! Relative paths are made absolute against the folder of the file. Secrets are never in here:
//! only the way to read them.

use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveDate;

use crate::triage::calendar::Calendar;
use crate::triage::surroundings::Surroundings;

/// The configuration, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file that it came from.
    pub file: PathBuf,
    /// Folder of rule files.
    pub rules: PathBuf,
    pub database: PathBuf,
    pub calendar: Calendar,
    /// Who is who: mailboxes, coordinators, admins, trusted receivers, time zone.
    pub surroundings: Surroundings,
    /// In the order of the file; `surroundings.mailboxes` has the same order.
    pub mailboxes: Vec<MailboxConfig>,
    pub outgoing: Outgoing,
    /// Above this size only header and text parts are fetched, in bytes (default 10 MiB).
    pub fetch_limit: u64,
}

/// A watched mailbox: where it is and from when on.
#[derive(Debug, Clone)]
pub struct MailboxConfig {
    pub name: String,
    pub address: String,
    pub start: Start,
    pub place: MailboxPlace,
}

/// Which mail is handled at the very first start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Only what arrives from then on.
    New,
    All,
    /// What arrived at or after local midnight of this day.
    Since(NaiveDate),
}

/// Where a mailbox is.
#[derive(Debug, Clone)]
pub enum MailboxPlace {
    Imap(ImapConfig),
    Maildir {
        path: PathBuf,
        /// A Maildir of sent mail, where there is one.
        sent: Option<PathBuf>,
    },
}

/// `[mailbox.imap]`
#[derive(Debug, Clone)]
pub struct ImapConfig {
    pub server: Server,
    pub user: String,
    pub password: Secret,
    /// Such as `INBOX`.
    pub folder: String,
    /// Where staff's answers are found; `None`: not watched.
    pub sent_folder: Option<String>,
    /// How long between looks where the server has no IDLE, and at the Sent folder.
    pub poll: Duration,
}

/// A server and how to be private with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// A further root certificate (PEM).
    pub ca_file: Option<PathBuf>,
}

/// How a connection is secured. There is no fallback from one to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    Tls,
    StartTls,
    /// On loopback only.
    None,
}

/// Where a password is read, at each login anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secret {
    /// First line of a file, without its line end.
    File(PathBuf),
    /// Environment variable.
    Env(String),
}

/// The way out.
#[derive(Debug, Clone)]
pub enum Outgoing {
    Smtp(SmtpConfig),
    /// `.eml` files in this folder.
    Directory(PathBuf),
}

/// `[smtp]`
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    pub server: Server,
    /// `None`: no AUTH.
    pub login: Option<(String, Secret)>,
    /// At most so many connections at once.
    pub connections: usize,
}
