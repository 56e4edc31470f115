//! IMAP over TLS: our own command layer on async-imap's connection and parser.
//!
//! Reads only: EXAMINE, never SELECT; BODY.PEEK, never BODY; no STORE, EXPUNGE or CLOSE. Nothing is
//! sorted, judged or remembered here: positions and back-off are the caller's.

mod bearer;
mod code;
mod fetch;
mod folders;
mod item;
mod large;
mod line;
mod login;
mod look;
mod measure;
mod name;

use std::time::Duration;

use async_imap::imap_proto::{MailboxDatum, Response, StatusAttribute};
use chrono::{DateTime, TimeDelta, Utc};

use super::oauth::Tokens;
use super::{Arrival, Failure, FolderState, Reached, Source};
use crate::config::{ImapConfig, SentFolder};
use fetch::Progress;
use line::{Fault, Line};

/// How long to wait for what.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For the TCP connection, and again for the TLS handshake.
    pub connect: Duration,
    /// For each response of the server.
    pub read: Duration,
    /// For the answer to the end of an IDLE; a server that waits has nothing else to do.
    pub done: Duration,
}

impl Default for Limits {
    /// Connect, greet, log in and open together stay under the 240 s of a silent server.
    fn default() -> Self {
        Self { connect: Duration::from_secs(20), read: Duration::from_mins(1), done: Duration::from_secs(10) }
    }
}

/// A folder of a mailbox on an IMAP server.
#[derive(Debug)]
pub struct ImapSource {
    config: ImapConfig,
    fetch_limit: u64,
    limits: Limits,
    tokens: Tokens,
    line: Option<Line>,
    /// The folder that [`Source::open`] opened last, and how it stood then.
    folder: Option<(String, FolderState)>,
    progress: Progress,
}

impl ImapSource {
    /// Connects at the first call. Of mails above `fetch_limit` bytes only header and text are fetched.
    pub fn new(config: ImapConfig, fetch_limit: u64) -> Self {
        Self {
            config,
            fetch_limit,
            limits: Limits::default(),
            tokens: Tokens::default(),
            line: None,
            folder: None,
            progress: Progress::default(),
        }
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

    /// Logs in where that is not done yet, and says how private that is and what the server can do.
    pub async fn reached(&mut self) -> Result<Reached, Failure> {
        let line = self.connected().await?;
        let reached =
            Reached { privacy: line.privacy(), ends: line.ends(), capabilities: line.capabilities.clone() };
        self.line = Some(line);
        Ok(reached)
    }

    /// The mails of the open folder that arrived since about then, up to a day earlier: the server
    /// looks for them. Their dates need not ascend with their UIDs, as where old mail was moved in.
    pub async fn search_since(&mut self, since: DateTime<Utc>) -> Result<Vec<u32>, Failure> {
        let mut line = self.at_folder().await?;
        // RFC 3501 §6.4.4: days of the server, whose time zone nobody knows.
        let day = since - TimeDelta::days(1);
        let mut found = Vec::new();
        let searched = line
            .command(&format!("UID SEARCH SINCE {}", day.format("%-d-%b-%Y")), |response| {
                if let Response::MailboxData(MailboxDatum::Search(uids)) = response {
                    found.extend_from_slice(uids);
                }
            })
            .await;
        if !line.is_torn() {
            self.line = Some(line);
        }
        searched.map_err(|fault| fault.failure(&self.config.server.host, "to look for mails by date"))?;
        Ok(found)
    }

    /// Ends the connection politely.
    pub async fn close(&mut self) {
        if let Some(line) = self.line.take().filter(|line| !line.is_torn()) {
            line.logout().await;
        }
    }

    /// Takes the connection out, so that it is dropped unless it is put back after a success:
    /// a command that was cut off would spoil the next.
    async fn connected(&mut self) -> Result<Line, Failure> {
        match self.line.take().filter(|line| !line.is_torn()) {
            Some(line) => Ok(line),
            None => Line::open(&self.config, self.limits, &self.tokens).await,
        }
    }

    /// The same with the folder open that `open` opened, unchanged.
    async fn at_folder(&mut self) -> Result<Line, Failure> {
        let Some((folder, state)) = self.folder.clone() else {
            return Err(Failure::temporary("no folder is open"));
        };
        let mut line = self.connected().await?;
        if line.folder.as_deref() != Some(folder.as_str()) {
            let now = self.examine(&mut line, &folder).await?;
            if now.validity != state.validity {
                self.line = Some(line);
                return Err(Failure::temporary(format!(
                    "the folder {folder} was made anew (UIDVALIDITY {}, was {}): it has to be opened again",
                    now.validity, state.validity
                )));
            }
        }
        Ok(line)
    }

    async fn examine(&self, line: &mut Line, folder: &str) -> Result<FolderState, Failure> {
        let found = line.examine(folder, &name::quoted(folder)).await;
        let (validity, next_uid) = found.map_err(|fault| self.no_folder(folder, fault))?;
        self.state(folder, validity, next_uid)
    }

    fn state(
        &self,
        folder: &str,
        validity: Option<u32>,
        next_uid: Option<u32>,
    ) -> Result<FolderState, Failure> {
        // Without them no position means anything. A connection that died looks the same, so it is no change.
        match (validity, next_uid) {
            (Some(validity), Some(next_uid)) => Ok(FolderState { validity, next_uid }),
            _ => Err(Failure::temporary(format!(
                "{} gave no UIDVALIDITY and UIDNEXT for the folder {folder}",
                self.config.server.host
            ))),
        }
    }

    fn no_folder(&self, folder: &str, fault: Fault) -> Failure {
        let host = &self.config.server.host;
        match fault {
            Fault::Refused(text) if code::meant(&text).is_none() => Failure::permanent(format!(
                "{host} has no folder {folder} that {} may read ({text}): correct `folder` or `sent_folder`",
                self.config.user
            )),
            fault => fault.failure(host, "to open a folder"),
        }
    }
}

impl Source for ImapSource {
    async fn sent(&mut self) -> Result<Option<String>, Failure> {
        match &self.config.sent_folder {
            None => return Ok(None),
            Some(SentFolder::Named(name)) => return Ok(Some(name.clone())),
            Some(SentFolder::Auto) => {}
        }
        let mut line = self.connected().await?;
        let found = folders::sent(&mut line).await;
        if !line.is_torn() {
            self.line = Some(line);
        }
        let host = &self.config.server.host;
        match found.map_err(|fault| fault.failure(host, "to list folders"))? {
            Some(folder) => Ok(Some(folder)),
            None => Err(Failure::permanent(format!(
                "{host} marks no folder of {} as the one of sent mail: name it in `sent_folder`",
                self.config.user
            ))),
        }
    }

    async fn open(&mut self, folder: &str) -> Result<FolderState, Failure> {
        self.folder = None;
        let mut line = self.connected().await?;
        let found = self.examine(&mut line, folder).await;
        if !line.is_torn() {
            self.line = Some(line);
        }
        let state = found?;
        self.progress.restart(state.next_uid);
        self.folder = Some((folder.to_owned(), state));
        Ok(state)
    }

    async fn fetch(&mut self, after: u32, most: usize) -> Result<Vec<Arrival>, Failure> {
        let Some((_, state)) = self.folder else { return Err(Failure::temporary("no folder is open")) };
        loop {
            let mut line = self.at_folder().await?;
            let fetched = self.progress.gather(&mut line, after, most, self.fetch_limit).await;
            if !line.is_torn() {
                self.line = Some(line);
            }
            match fetched {
                Ok(mut arrivals) => {
                    for arrival in &mut arrivals {
                        arrival.validity = state.validity;
                    }
                    return Ok(arrivals);
                }
                Err(fault) if self.progress.tries_again(&fault) => {}
                Err(fault) => return Err(fault.failure(&self.config.server.host, "to hand over mails")),
            }
        }
    }

    async fn status(&mut self, folder: &str) -> Result<FolderState, Failure> {
        let mut line = self.connected().await?;
        let (mut validity, mut next) = (None, None);
        let command = format!("STATUS {} (UIDVALIDITY UIDNEXT)", name::quoted(folder));
        let asked = line
            .command(&command, |response| {
                let Response::MailboxData(MailboxDatum::Status { status, .. }) = response else { return };
                for attribute in status {
                    match attribute {
                        StatusAttribute::UidValidity(number) => validity = Some(*number),
                        StatusAttribute::UidNext(number) => next = Some(*number),
                        _ => {}
                    }
                }
            })
            .await;
        if !line.is_torn() {
            self.line = Some(line);
        }
        asked.map_err(|fault| self.no_folder(folder, fault))?;
        self.state(folder, validity, next)
    }

    async fn wait(&mut self, limit: Duration) -> Result<(), Failure> {
        if self.line.as_ref().is_none_or(|line| line.is_torn() || line.folder.is_none()) {
            let line = self.at_folder().await?;
            self.line = Some(line);
        }
        let host = self.config.server.host.clone();
        let poll = self.config.poll.min(limit);
        let Some(line) = self.line.as_mut() else { return Ok(()) };
        if line.can_idle() {
            match line.idle(limit).await {
                Ok(()) => return Ok(()),
                // The server says that it can and then does not: look now and then instead.
                Err(Fault::Refused(text)) if code::meant(&text).is_none_or(|meant| meant.rest.is_none()) => {}
                Err(fault) => {
                    self.line = None;
                    return Err(fault.failure(&host, "to wait for mail"));
                }
            }
        } else if line.news {
            return Ok(());
        }
        tokio::time::sleep(poll).await;
        Ok(())
    }
}
