//! What the tasks of the daemon do, call by call as in `src/daemon`, without its sleeps.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};
use triaged::config::Start;
use triaged::desk::{Desk, DeskError, send_each};
use triaged::mail::{Failure, Source};
use triaged::triage::decide::Folder;

use super::folder::FakeSource;
use super::line::FakeSender;
use super::rounds::pause;
use super::world::{MAILBOXES, World};

/// What a task works with.
#[derive(Clone)]
pub struct Around {
    pub world: Arc<World>,
    pub desk: Desk,
    pub house: usize,
    pub stopping: Arc<AtomicBool>,
    /// When this run of the daemon began.
    pub begun: DateTime<Utc>,
}

impl Around {
    fn stops(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    fn chance(&self, end: usize) -> usize {
        self.world.lock().chance.below(end)
    }
}

/// Why a session ended.
struct End(String);

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        Self(failure.what)
    }
}

impl From<DeskError> for End {
    fn from(error: DeskError) -> Self {
        Self(error.what)
    }
}

/// One connection's life, as `daemon/watch.rs`.
pub async fn watch(around: Around, mailbox: usize) -> String {
    let source = FakeSource { world: Arc::clone(&around.world), house: around.house, mailbox, open: None };
    let mut watch = Watch { around, name: MAILBOXES[mailbox], source, handled: 0 };
    match watch.session().await {
        Ok(()) => format!("took in {}", watch.handled),
        Err(End(why)) => {
            // At the very first start, where nothing has begun yet.
            for folder in ["INBOX", "Sent"] {
                let _ = watch.around.desk.begin_unseen(watch.name, folder, watch.around.begun).await;
            }
            format!("took in {}, then: {why}", watch.handled)
        }
    }
}

struct Watch {
    around: Around,
    name: &'static str,
    source: FakeSource,
    handled: usize,
}

impl Watch {
    async fn session(&mut self) -> Result<(), End> {
        let desk = self.around.desk.clone();
        let state = self.source.open("INBOX").await?;
        let mut last = desk.resume(self.name, "INBOX", state, Start::New).await?.uid;
        let state = self.source.status("Sent").await?;
        desk.resume(self.name, "Sent", state, Start::New).await?;
        last = self.take_in(Folder::Inbox, "INBOX", last).await?;
        self.look_at_sent().await?;
        for _ in 0..self.around.chance(3) {
            let state = self.source.open("INBOX").await?;
            let position = desk.resume(self.name, "INBOX", state, Start::New).await?;
            last = if self.around.chance(2) == 0 { position.uid } else { last.min(position.uid) };
            last = self.take_in(Folder::Inbox, "INBOX", last).await?;
        }
        Ok(())
    }

    async fn look_at_sent(&mut self) -> Result<(), End> {
        let desk = self.around.desk.clone();
        let state = self.source.status("Sent").await?;
        let position = desk.resume(self.name, "Sent", state, Start::New).await?;
        if state.next_uid <= position.uid.saturating_add(1) {
            return Ok(());
        }
        let state = self.source.open("Sent").await?;
        let position = desk.resume(self.name, "Sent", state, Start::New).await?;
        self.take_in(Folder::Sent, "Sent", position.uid).await?;
        Ok(())
    }

    async fn take_in(&mut self, folder: Folder, name: &str, mut last: u32) -> Result<u32, End> {
        let most = 1 + self.around.chance(6);
        let mut batch = self.source.fetch(last, most).await?;
        while let Some(newest) = batch.last().map(|arrival| arrival.uid) {
            // The next batch may be on the way before this one is taken in.
            let early =
                if self.around.chance(2) == 0 { Some(self.source.fetch(newest, most).await) } else { None };
            self.handled += self.around.desk.receive(self.name, folder, name, batch).await?.handled;
            last = newest;
            if self.around.stops() {
                return Err(End("stopped".to_owned()));
            }
            batch = match early {
                Some(next) => next?,
                None => self.source.fetch(newest, most).await?,
            };
        }
        Ok(last)
    }
}

/// Drains the outbox, as `daemon/send.rs`.
pub async fn drain(around: Around) -> String {
    let mut sender = FakeSender { world: Arc::clone(&around.world), house: around.house };
    let mut sent = 0;
    while !around.stops() {
        let most = [1, 3, 16][around.chance(3)];
        let rows = match around.desk.take(most).await {
            Ok(rows) if rows.is_empty() => break,
            Ok(rows) => rows,
            Err(error) => return format!("the outbox waits: {error}"),
        };
        let ends = send_each(&mut sender, rows, || !around.stops()).await;
        while let Err(error) = around.desk.settle(ends.clone()).await {
            if around.stops() {
                return format!("stopped without a note of {} mails: {error}", ends.len());
            }
            pause().await;
        }
        sent += ends.len();
    }
    format!("dealt with {sent} mails")
}

/// Rings, as `daemon/ring.rs`.
pub async fn ring(around: Around) -> String {
    let now = around.world.lock().clock.now();
    match around.desk.ring().await {
        Ok(_) => {
            around.world.lock().rings.push((around.house, now));
            "rang".to_owned()
        }
        Err(error) => format!("alarms wait: {error}"),
    }
}
