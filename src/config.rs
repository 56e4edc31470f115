//! `triaged.toml` to a [`Config`]: one fully built value, or every fault with its place.
//!
//! Relative paths are made absolute against the folder of the file. Secrets are never in here:
//! only the way to read them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;

mod alarm;
mod build;
mod file;
mod file_oauth;
mod oauth;
mod readable;
mod servers;
mod words;

pub use alarm::{AlarmConfig, Relay};

pub use crate::document::{Faults, LocatedFault, Severity};
pub use file::ConfigFile;
pub use oauth::{ClientProof, Endpoint, Grant, Login, OAuth, Provider, SignIn};

use crate::document::{Document, nearest};
use crate::triage::calendar::Calendar;
use crate::triage::fault::{Fault, Place};
use crate::triage::ruleset::RuleSet;
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
    /// Where access tokens come from; logins share them.
    pub oauths: Vec<Arc<OAuth>>,
    pub outgoing: Outgoing,
    /// Another way to the admins.
    pub alarm: Option<AlarmConfig>,
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
    pub login: Login,
    /// Such as `INBOX`.
    pub folder: String,
    /// Where staff's answers are found; `None`: not watched.
    pub sent_folder: Option<SentFolder>,
    /// How long between looks where the server has no IDLE, and at the Sent folder.
    pub poll: Duration,
}

/// Which folder holds the sent mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SentFolder {
    Named(String),
    /// The one that the server marks as such (RFC 6154), or that has a usual name.
    Auto,
}

/// A server and how to be private with it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Server {
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// A further root certificate (PEM).
    pub ca_file: Option<PathBuf>,
}

/// How a connection is secured. There is no fallback from one to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Security {
    Tls,
    StartTls,
    /// On loopback only.
    None,
}

/// Where a password is read, at each login anew.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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
    pub login: Option<(String, Login)>,
    /// At most so many connections at once.
    pub connections: usize,
    /// At most so many mails in a minute; `None`: as fast as the server takes them.
    pub per_minute: Option<usize>,
}

/// Reads the configuration. Needs neither passwords nor network.
///
/// # Errors
/// Every fault, with file, line, column and remedy.
pub fn load(path: &Path) -> Result<Config, Faults> {
    let (config, mut faults) = inspect(path);
    config.ok_or_else(|| {
        faults.0.retain(|fault| fault.severity == Severity::Error);
        faults
    })
}

/// Reads the configuration and says also what is legal but odd. There is a configuration exactly
/// where no fault is an error.
#[must_use]
pub fn inspect(path: &Path) -> (Option<Config>, Faults) {
    let mut faults = Faults::default();
    let document = match Document::read(path) {
        Ok(document) => document,
        Err(fault) => return (None, Faults::from(*fault)),
    };
    let Some(parsed) = document.parse::<ConfigFile>(&mut faults) else { return (None, faults) };
    let (config, remarks) = build::build(path, &parsed.value);
    for fault in &remarks.faults {
        faults.push(document.locate(&parsed.map, fault));
    }
    for warning in &remarks.warnings {
        faults.push(document.locate(&parsed.map, warning).warning());
    }
    if let Some(config) = &config {
        readable::check(config, &document, &parsed.map, &mut faults);
    }
    faults.sort();
    (config.filter(|_| !faults.fatal()), faults)
}

/// What only shows when configuration and rules are seen together.
///
/// # Errors
/// A fault for each mailbox whose inquiry no rule file describes.
pub fn check_against(config: &Config, rules: &RuleSet) -> Result<(), Faults> {
    let known = |id: &String| rules.inquiry(id).is_some();
    if config.surroundings.mailboxes.iter().all(|mailbox| known(&mailbox.inquiry)) {
        return Ok(());
    }
    let ids: Vec<String> = rules.inquiries.iter().map(|inquiry| inquiry.id.clone()).collect();
    Err(check_inquiries(&config.file, &ids))
}

/// A fault for each mailbox of the file whose inquiry is none of these. What else may be wrong with
/// the file is not said again.
#[must_use]
pub fn check_inquiries(file: &Path, ids: &[String]) -> Faults {
    let (mut faults, mut said) = (Faults::default(), Faults::default());
    let Ok(document) = Document::read(file) else { return faults };
    let Some(parsed) = document.parse::<ConfigFile>(&mut said) else { return faults };
    for (i, mailbox) in parsed.value.mailbox.iter().enumerate() {
        if ids.contains(&mailbox.inquiry) {
            continue;
        }
        let place = Place::default().key("mailbox").index(i).key("inquiry");
        let what = format!("no rule file is named {}.toml", mailbox.inquiry);
        let remedy = match nearest(&mailbox.inquiry, ids.iter().map(String::as_str)) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None if ids.is_empty() => "the name of the file is the id of the inquiry".to_owned(),
            None => format!("the inquiries are {}; a new one is a new rule file", ids.join(", ")),
        };
        faults.push(document.locate(&parsed.map, &Fault::new(place, what, remedy)));
    }
    faults
}

/// The folder of rules that a file names, also where the file has faults.
#[must_use]
pub fn rules_folder(file: &Path) -> Option<PathBuf> {
    let document = Document::read(file).ok()?;
    let (table, _) = toml::de::DeTable::parse_recoverable(&document.text);
    let named = table.get_ref().get("rules").and_then(|value| value.get_ref().as_str().map(str::to_owned));
    let absolute = std::path::absolute(file).ok()?;
    Some(absolute.parent()?.join(named.unwrap_or_else(file::default_rules)))
}

#[cfg(test)]
mod tests;
