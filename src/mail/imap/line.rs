//! One connection to an IMAP server, logged in: commands and their answers, and IDLE.
//!
//! async-imap's own calls take NO, BAD and a closed connection for an empty success, and its IDLE
//! can miss a notice or hang. So only its connection and parser are used. Here the tag *and* the
//! status of each command are checked, BYE and the end of the stream are errors, each read has a limit.

use std::io;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use async_imap::Session;
use async_imap::imap_proto::{MailboxDatum, RequestId, Response, ResponseCode, Status};
use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use tokio::time::{Instant, timeout};

use super::login::{Stream, login};
use super::{Limits, code};
use crate::config::ImapConfig;
use crate::mail::Failure;
use crate::mail::oauth::Tokens;

/// What went wrong with a command.
#[derive(Debug)]
pub enum Fault {
    /// NO or BAD: the connection is still good.
    Refused(String),
    /// The server ended the connection in order: with BYE, or by closing it.
    Ended(String),
    /// The connection is lost, or the server fell silent.
    Gone(String),
    /// An answer that cannot be read. What it said is left out: it may be a person's mail.
    Garbled,
}

impl Fault {
    /// As a failure of the server `host` while it did `doing`.
    pub fn failure(self, host: &str, doing: &str) -> Failure {
        match self {
            Self::Refused(text) => code::refusal(format!("{host} refused {doing} ({text})"), &text),
            Self::Ended(text) => Failure::ended(format!("{host} {text} ({doing})")),
            Self::Gone(text) => Failure::temporary(format!("{host} {text} ({doing})")),
            Self::Garbled => {
                Failure::temporary(format!("{host} sent an answer that cannot be read ({doing})"))
            }
        }
    }
}

/// A connection that is logged in.
#[derive(Debug)]
pub struct Line {
    session: Session<Stream>,
    limits: Limits,
    /// In capitals.
    pub capabilities: Vec<String>,
    /// The folder that is open on this connection.
    pub folder: Option<String>,
    /// More mails were announced since this was last set to false.
    pub news: bool,
    /// The last thing that the server wanted a person to see.
    alert: String,
    user: String,
    exists: u32,
    idling: Option<RequestId>,
    /// A command was begun and not seen through to its end.
    torn: bool,
}

impl Line {
    /// Connects and logs in.
    pub async fn open(config: &ImapConfig, limits: Limits, tokens: &Tokens) -> Result<Self, Failure> {
        let session = login(config, &limits, tokens).await?;
        let mut line = Self {
            session,
            limits,
            capabilities: Vec::new(),
            folder: None,
            news: false,
            alert: String::new(),
            user: config.user.clone(),
            exists: 0,
            idling: None,
            torn: false,
        };
        let mut found = Vec::new();
        line.command("CAPABILITY", |response| {
            if let Response::Capabilities(list) = response {
                found.extend(list.iter().map(capability));
            }
        })
        .await
        .map_err(|fault| fault.failure(&config.server.host, "to say what it can do"))?;
        line.capabilities = found;
        Ok(line)
    }

    /// What protects the connection, for people.
    pub fn privacy(&self) -> String {
        self.session.get_ref().get_ref().get_ref().privacy()
    }

    /// When the server's certificate ends, where that is soon.
    pub fn ends(&self) -> Option<DateTime<Utc>> {
        self.session.get_ref().get_ref().get_ref().ends()
    }

    /// A command that was cut off leaves answers behind that would be taken for those of the next.
    pub fn is_torn(&self) -> bool {
        self.torn
    }

    /// Runs a command to its tagged OK. Every response on the way goes to `each`.
    pub async fn command(
        &mut self,
        text: &str,
        mut each: impl FnMut(&Response<'_>) + Send,
    ) -> Result<(), Fault> {
        self.end_idle().await?;
        self.torn = true;
        let tag = self.write(text).await?;
        let mut deadline = Instant::now() + self.limits.read;
        loop {
            let step = |response: &Response<'_>| {
                if let Some(end) = ended(response, &tag) {
                    return Step::End(end);
                }
                each(response);
                // `* OK Still here` is no progress: only an answer earns the server more time.
                if matches!(response, Response::Data { .. }) { Step::Talk } else { Step::Answer }
            };
            match self.read(deadline, step).await?.ok_or_else(|| self.silent())? {
                Step::End(end) => {
                    self.torn = false;
                    return end;
                }
                Step::Answer => deadline = Instant::now() + self.limits.read,
                Step::Talk => {}
            }
        }
    }

    /// EXAMINE: opens a folder, and nothing that is read there changes it. UIDVALIDITY and UIDNEXT.
    pub async fn examine(&mut self, folder: &str, name: &str) -> Result<(Option<u32>, Option<u32>), Fault> {
        use async_imap::imap_proto::ResponseCode::{UidNext, UidValidity};
        self.folder = None;
        self.exists = 0;
        let (mut validity, mut next) = (None, None);
        self.command(&format!("EXAMINE {name}"), |response| {
            if let Response::Data { outcome, .. } = response {
                match outcome.code {
                    Some(UidValidity(number)) => validity = Some(number),
                    Some(UidNext(number)) => next = Some(number),
                    _ => {}
                }
            }
        })
        .await?;
        self.folder = Some(folder.to_owned());
        // What came before is not announced: whoever waits now has to look first.
        self.news = true;
        Ok((validity, next))
    }

    pub fn can_idle(&self) -> bool {
        self.capabilities.iter().any(|capability| capability == "IDLE")
    }

    /// Waits for more mails in the open folder, at most `limit`. May be dropped at any moment.
    pub async fn idle(&mut self, limit: Duration) -> Result<(), Fault> {
        let end = Instant::now() + limit;
        if self.idling.is_none() && !self.news {
            self.torn = true;
            self.idling = Some(self.write("IDLE").await?);
            self.torn = false;
        }
        while !self.news {
            let Some(tag) = self.idling.clone() else { break };
            let Some(end) = self.read(end, |response| ended(response, &tag)).await? else { break };
            match end {
                None => {}
                // By itself: to begin anew at once could become a loop without a pause.
                Some(Ok(())) => {
                    self.idling = None;
                    return Err(Fault::Refused("the server ended IDLE by itself".to_owned()));
                }
                Some(Err(fault)) => {
                    self.idling = None;
                    self.capabilities.retain(|capability| capability != "IDLE");
                    return Err(fault);
                }
            }
        }
        self.end_idle().await
    }

    /// RFC 2177 §3: an IDLE ends with DONE and its own tagged answer.
    async fn end_idle(&mut self) -> Result<(), Fault> {
        let Some(tag) = self.idling.take() else { return Ok(()) };
        self.torn = true;
        match timeout(self.limits.done, self.session.run_command_untagged("DONE")).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(Fault::Gone("closed the connection".into())),
            Err(_) => return Err(self.silent()),
        }
        let end = Instant::now() + self.limits.done;
        loop {
            let ended =
                self.read(end, |response| ended(response, &tag)).await?.ok_or_else(|| self.silent())?;
            if ended.is_some() {
                self.torn = false;
                return Ok(());
            }
        }
    }

    /// Says good-bye, for politeness only.
    pub async fn logout(mut self) {
        let _ = timeout(self.limits.done, self.command("LOGOUT", |_| {})).await;
    }

    async fn write(&mut self, text: &str) -> Result<RequestId, Fault> {
        match timeout(self.limits.read, self.session.run_command(text)).await {
            Ok(Ok(tag)) => Ok(tag),
            Ok(Err(_)) => Err(Fault::Gone("closed the connection".into())),
            Err(_) => Err(self.silent()),
        }
    }

    /// What `see` makes of the next response; `None` when `deadline` comes first, with nothing lost.
    async fn read<R>(
        &mut self,
        deadline: Instant,
        see: impl FnOnce(&Response<'_>) -> R,
    ) -> Result<Option<R>, Fault> {
        // The parser panics at some replies that no sane server gives, such as INTERNALDATE NIL.
        let reading = AssertUnwindSafe(self.session.read_response()).catch_unwind();
        let Ok(read) = tokio::time::timeout_at(deadline, reading).await else { return Ok(None) };
        let data = match read {
            Ok(Ok(Some(data))) => data,
            Ok(Ok(None)) => return Err(self.ended("closed the connection")),
            // The parser reports what it cannot read as `Other`; the network never does.
            Ok(Err(error)) if error.kind() == io::ErrorKind::Other => {
                self.torn = true;
                return Err(Fault::Garbled);
            }
            // Many servers end TLS without the word that it asks for (RFC 8446 §6.1).
            Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(self.ended("closed the connection"));
            }
            Ok(Err(error)) => return Err(self.lost(&format!("lost the connection: {}", error.kind()))),
            Err(_panic) => {
                self.torn = true;
                return Err(Fault::Garbled);
            }
        };
        self.notice(data.parsed())?;
        Ok(Some(see(data.parsed())))
    }

    fn notice(&mut self, response: &Response<'_>) -> Result<(), Fault> {
        if let Some(text) = alert(response)
            && self.alert != text
        {
            text.clone_into(&mut self.alert);
            tracing::warn!(user = self.user, "the IMAP server says: {}", said(None, Some(text)));
        }
        match response {
            Response::MailboxData(MailboxDatum::Exists(count)) => {
                self.news |= *count > self.exists;
                self.exists = *count;
            }
            Response::Expunge(_) => self.exists = self.exists.saturating_sub(1),
            Response::Data { status: Status::Bye, outcome } => {
                let text = said(outcome.code.as_ref(), outcome.information.as_deref());
                return Err(self.ended(&format!("ended the connection: {text}")));
            }
            _ => {}
        }
        Ok(())
    }

    fn ended(&mut self, text: &str) -> Fault {
        self.torn = true;
        Fault::Ended(text.to_owned())
    }

    fn lost(&mut self, text: &str) -> Fault {
        self.torn = true;
        Fault::Gone(text.to_owned())
    }

    fn silent(&self) -> Fault {
        Fault::Gone(format!("gave no answer within {} s", self.limits.read.as_secs()))
    }
}

/// What a response means for a command that is under way.
enum Step {
    End(Result<(), Fault>),
    Answer,
    Talk,
}

/// How the command with this tag ended, if this is its end.
fn ended(response: &Response<'_>, tag: &RequestId) -> Option<Result<(), Fault>> {
    match response {
        Response::Done { tag: done, status, outcome } if done == tag => Some(match status {
            Status::Ok => Ok(()),
            _ => Err(Fault::Refused(said(outcome.code.as_ref(), outcome.information.as_deref()))),
        }),
        _ => None,
    }
}

/// What a server said with its NO, BAD or BYE, in bounded length and without control characters: it may
/// go to a log and to a terminal.
pub fn said(code: Option<&async_imap::imap_proto::ResponseCode<'_>>, text: Option<&str>) -> String {
    let words = text.unwrap_or("without a reason").chars().filter(|c| !c.is_control());
    let mut said: String = words.take(200).collect();
    if let Some(code) = code {
        said = format!("[{code:?}] {said}");
    }
    said
}

/// RFC 3501 §7.1: what a server says with ALERT is for a person to see.
fn alert<'a>(response: &'a Response<'_>) -> Option<&'a str> {
    match response {
        Response::Data { outcome, .. } if outcome.code == Some(ResponseCode::Alert) => {
            outcome.information.as_deref()
        }
        _ => None,
    }
}

/// In capitals.
pub fn capability(capability: &async_imap::imap_proto::Capability<'_>) -> String {
    use async_imap::imap_proto::Capability::{Atom, Auth, Imap4rev1};
    match capability {
        Imap4rev1 => "IMAP4REV1".to_owned(),
        Auth(how) => format!("AUTH={}", how.to_ascii_uppercase()),
        Atom(word) => word.to_ascii_uppercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_is_bounded() {
        assert_eq!(said(None, None), "without a reason");
        assert_eq!(said(None, Some(&"x".repeat(5_000))).len(), 200);
        assert_eq!(said(None, Some("by\u{18}e \u{1b}[2J")), "bye [2J");
    }
}
