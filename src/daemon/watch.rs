//! Watches one mailbox: catches up, takes in what comes, looks at the Sent folder now and then,
//! and comes back after every fault. Each mailbox fails by itself.

mod take_in;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use super::Around;
use super::backoff::{Backoff, chance};
use super::readiness::Step;
use crate::config::{MailboxConfig, MailboxPlace, Start};
use crate::desk::{DeskError, Failing, Position, Trouble};
use crate::mail::imap::ImapSource;
use crate::mail::maildir::MaildirSource;
use crate::mail::{Failure, FolderState, Source};
use crate::triage::decide::Folder;

/// A mailbox that cannot be read for this long is told to people.
const TOO_LONG: Duration = Duration::from_mins(15);

/// The longest wait for a notice, so that a connection that died in silence is noticed within two
/// minutes and the Sent folder is looked at.
const SLICE: Duration = Duration::from_secs(30);

/// The same while other mailboxes are still catching up at the start.
const SOON: Duration = Duration::from_millis(200);

/// How often a check without news is noted for `triaged status`.
const NOTE_EVERY: Duration = Duration::from_secs(20);

/// A server may end a session whenever it likes, as the large ones do each hour: so often that is nothing
/// to speak of. Sooner again is a fault like any other.
const CALM: Duration = Duration::from_mins(1);

/// What the task of a mailbox is called.
pub fn task(mailbox: &MailboxConfig) -> String {
    format!("mailbox {}", mailbox.name)
}

/// Watches until told to stop.
pub async fn run(around: Around, mailbox: MailboxConfig, fetch_limit: u64) {
    let task = task(&mailbox);
    match mailbox.place.clone() {
        MailboxPlace::Imap(imap) => {
            let (inbox, every) = (imap.folder.clone(), imap.poll);
            let source = ImapSource::new(imap, fetch_limit).with_tokens(&around.tokens);
            Watch::new(around.clone(), mailbox, source, inbox, every).run(&task).await;
        }
        MailboxPlace::Maildir { path, sent } => {
            let source =
                MaildirSource::new(mailbox.name.clone(), path, sent, around.desk.clone(), fetch_limit);
            let every = Duration::from_secs(1);
            Watch::new(around.clone(), mailbox, source, "INBOX".to_owned(), every).run(&task).await;
        }
    }
}

/// One mailbox being watched.
struct Watch<S> {
    around: Around,
    mailbox: MailboxConfig,
    source: S,
    inbox: String,
    /// Known from the first session on.
    sent: Option<String>,
    /// Why staff's answers cannot be seen, though the inbox can be read; and since when.
    unseen: Option<(Failure, Instant)>,
    /// When the first of the sessions failed that have failed since one worked.
    failing: Option<Instant>,
    /// For how long it had failed before this process began to watch; not asked yet.
    before: Option<Duration>,
    /// How often the Sent folder is looked at.
    sent_every: Duration,
    /// Last UID taken in of the inbox.
    last: u32,
    noted: Option<Instant>,
    /// A check succeeded in this session.
    worked: bool,
    /// When a session was last begun anew without a word.
    renewed: Option<Instant>,
    /// When the watching began.
    begun: DateTime<Utc>,
}

/// Why a session ended.
enum End {
    Stopped,
    Failed(Failure),
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<DeskError> for End {
    fn from(error: DeskError) -> Self {
        Self::Failed(Failure::temporary(error.to_string()))
    }
}

impl<S: Source> Watch<S> {
    fn new(around: Around, mailbox: MailboxConfig, source: S, inbox: String, sent_every: Duration) -> Self {
        let begun = around.clock.now();
        Self {
            around,
            mailbox,
            source,
            inbox,
            sent: None,
            unseen: None,
            failing: None,
            before: None,
            sent_every,
            last: 0,
            noted: None,
            worked: false,
            renewed: None,
            begun,
        }
    }

    async fn run(mut self, task: &str) {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));
        while !self.around.stop.is_asked() {
            self.around.beats.beat(task);
            let noted = self.noted;
            let end = self.session(task).await;
            if self.noted != noted {
                // It worked for a while.
                self.failing = None;
                backoff.reset();
            }
            let End::Failed(failure) = end else { break };
            if self.renews(&failure) {
                tracing::info!(mailbox = self.mailbox.name, "begins a new session: {failure}");
                continue;
            }
            self.failed(&failure, Instant::now()).await;
            let wait = backoff.next(chance()).max(failure.rest.unwrap_or_default());
            self.pause(wait, task).await;
        }
    }

    /// A session failed at this moment.
    async fn failed(&mut self, failure: &Failure, now: Instant) {
        self.around.readiness.failed(&self.mailbox.name);
        tracing::warn!(mailbox = self.mailbox.name, "cannot be read now: {failure}");
        if self.failing.is_none() {
            self.begin_unseen().await;
        }
        let since = *self.failing.get_or_insert(now);
        let lasts = now.duration_since(since) + failure.rest.unwrap_or_default();
        self.tell(failure, lasts).await;
    }

    /// Waits, and shows that this is no hanging.
    async fn pause(&mut self, wait: Duration, task: &str) {
        let end = Instant::now() + wait;
        while !self.around.stop.is_asked() && Instant::now() < end {
            self.around.beats.beat(task);
            self.around.stop.sleep(SLICE.min(end - Instant::now())).await;
        }
    }

    /// Whether a session that ended like this is begun anew at once.
    fn renews(&mut self, failure: &Failure) -> bool {
        let calm = self.renewed.is_none_or(|at| at.elapsed() >= CALM);
        let renews = failure.ended && self.worked && calm;
        if renews {
            self.renewed = Some(Instant::now());
        }
        renews
    }

    /// A mailbox that cannot be read at its very first start begins there all the same.
    async fn begin_unseen(&self) {
        if self.mailbox.start != Start::New {
            return;
        }
        for folder in std::iter::once(&self.inbox).chain(&self.sent) {
            if let Err(error) = self.around.desk.begin_unseen(&self.mailbox.name, folder, self.begun).await {
                tracing::warn!("cannot note where the mailbox begins: {error}");
            }
        }
    }

    /// Notes a failure for `status`, and tells people when it has lasted too long. A restart in between
    /// does not count as a mailbox that was read.
    async fn tell(&mut self, failure: &Failure, lasts: Duration) {
        let name = self.mailbox.name.clone();
        let before = match self.before {
            Some(before) => before,
            None => self.around.desk.failing_for(&name).await.unwrap_or_default(),
        };
        self.before = Some(before);
        let lasts = before + lasts;
        let noted = self.around.desk.checked(&name, Some(Failing { why: failure.what.clone(), lasts })).await;
        let told = if lasts >= TOO_LONG {
            let told = self.around.desk.trouble(Trouble::Mailbox(name), &failure.what).await;
            self.around.outbox.notify_one();
            told.map(|_| ())
        } else {
            Ok(())
        };
        if let Err(error) = noted.and(told) {
            tracing::warn!("cannot note it: {error}");
        }
    }

    /// One connection's life. Ends with a failure or because a stop was asked for.
    async fn session(&mut self, task: &str) -> End {
        self.worked = false;
        match self.begin_and_watch(task).await {
            Ok(never) => match never {},
            Err(end) => end,
        }
    }

    async fn begin_and_watch(&mut self, task: &str) -> Result<std::convert::Infallible, End> {
        let inbox = self.inbox.clone();
        self.find_sent().await?;
        let state = self.source.open(&inbox).await?;
        self.last = self.position(Folder::Inbox, state).await?.uid;
        self.sent_state().await?;
        self.around.readiness.reached(&self.mailbox.name, Step::Position);
        self.last = self.take_in(Folder::Inbox, self.last, task).await?;
        self.note().await?;
        self.around.readiness.reached(&self.mailbox.name, Step::Inbox);
        let readiness = Arc::clone(&self.around.readiness);
        let mut sent_looked: Option<Instant> = None;
        loop {
            self.around.beats.beat(task);
            // A coordinator of this mailbox may have answered a mail that came into another: those
            // inboxes are read first.
            let due = sent_looked.is_none_or(|at| at.elapsed() >= self.sent_every);
            if due && readiness.is_at(Step::Inbox) {
                self.look_at_sent(task).await?;
                self.around.readiness.reached(&self.mailbox.name, Step::Sent);
                sent_looked = Some(Instant::now());
            }
            let wait = match (&self.sent, sent_looked) {
                (_, None) => SOON,
                (Some(_), Some(_)) => self.sent_every.min(SLICE),
                (None, Some(_)) => SLICE,
            };
            tokio::select! {
                () = self.around.stop.asked() => return Err(End::Stopped),
                waited = self.source.wait(wait) => waited?,
            }
            self.last = self.take_in(Folder::Inbox, self.last, task).await?;
            self.note().await?;
        }
    }

    fn folder(&self, folder: Folder) -> &str {
        match folder {
            Folder::Inbox => &self.inbox,
            Folder::Sent => self.sent.as_deref().unwrap_or_default(),
        }
    }

    async fn position(&mut self, folder: Folder, state: FolderState) -> Result<Position, End> {
        let (mailbox, name) = (&self.mailbox.name, self.folder(folder));
        Ok(self.around.desk.resume(mailbox, name, state, self.mailbox.start).await?)
    }

    /// A Sent folder that is missing is for a person to mend; the inbox is read meanwhile.
    fn despite<T>(&mut self, result: Result<T, Failure>) -> Result<Option<T>, End> {
        match result {
            Ok(value) => {
                if self.unseen.take().is_some() {
                    self.noted = None;
                }
                Ok(Some(value))
            }
            Err(failure) if failure.permanent => {
                if self.unseen.as_ref().is_none_or(|(before, _)| *before != failure) {
                    tracing::warn!(mailbox = self.mailbox.name, "answers of staff are not seen: {failure}");
                    self.noted = None;
                }
                let since = self.unseen.take().map_or_else(Instant::now, |(_, since)| since);
                self.unseen = Some((failure, since));
                Ok(None)
            }
            Err(failure) => Err(failure.into()),
        }
    }

    async fn find_sent(&mut self) -> Result<(), End> {
        let found = self.source.sent().await;
        if let Some(sent) = self.despite(found)? {
            self.sent = sent;
        }
        Ok(())
    }

    /// How the Sent folder stands now and up to where it has been read.
    async fn sent_state(&mut self) -> Result<Option<(FolderState, Position)>, End> {
        let Some(sent) = self.sent.clone() else { return Ok(None) };
        let state = self.source.status(&sent).await;
        let Some(state) = self.despite(state)? else {
            // Many servers make it for the first mail that is sent: that one must count.
            self.begin_unseen().await;
            return Ok(None);
        };
        Ok(Some((state, self.position(Folder::Sent, state).await?)))
    }

    /// Looks at the Sent folder, by STATUS first: nothing is opened where nothing is new.
    async fn look_at_sent(&mut self, task: &str) -> Result<(), End> {
        if self.unseen.is_some() {
            self.find_sent().await?;
        }
        let Some((state, position)) = self.sent_state().await? else { return Ok(()) };
        if state.next_uid <= position.uid.saturating_add(1) {
            return Ok(());
        }
        let sent = self.folder(Folder::Sent).to_owned();
        let state = self.source.open(&sent).await?;
        let position = self.position(Folder::Sent, state).await?;
        self.take_in(Folder::Sent, position.uid, task).await?;
        let inbox = self.inbox.clone();
        let state = self.source.open(&inbox).await?;
        self.last = self.position(Folder::Inbox, state).await?.uid;
        Ok(())
    }

    /// Notes a successful check, not more often than `status` needs.
    async fn note(&mut self) -> Result<(), End> {
        self.worked = true;
        if self.noted.is_some_and(|at| at.elapsed() < NOTE_EVERY) {
            return Ok(());
        }
        self.noted = Some(Instant::now());
        if let Some((failure, since)) = self.unseen.clone() {
            self.tell(&failure, since.elapsed()).await;
            return Ok(());
        }
        let name = self.mailbox.name.clone();
        self.around.desk.checked(&name, None).await?;
        self.before = Some(Duration::ZERO);
        self.around.desk.mended(Trouble::Mailbox(name)).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
