//! How far the start has come: positions known, inboxes caught up, Sent folders read. A mailbox
//! that cannot be reached does not hold up the others.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::Around;

/// No step of a start waits longer than this for other mailboxes.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a mailbox has reached, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Its starting position is known.
    Position,
    /// The mails that were waiting in its inbox are taken in.
    Inbox,
    /// Its Sent folder was read.
    Sent,
}

/// Counts, for each step, the mailboxes that have come to it or have failed once.
#[derive(Debug)]
pub struct Readiness {
    mailboxes: usize,
    began: Instant,
    reached: watch::Sender<BTreeSet<(Step, String)>>,
}

impl Readiness {
    pub fn new(mailboxes: usize) -> Self {
        Self { mailboxes, began: Instant::now(), reached: watch::Sender::new(BTreeSet::new()) }
    }

    /// This mailbox has come to `step`.
    pub fn reached(&self, mailbox: &str, step: Step) {
        let entry = (step, mailbox.to_owned());
        self.reached.send_if_modified(|reached| reached.insert(entry));
    }

    /// This mailbox cannot be reached now: nothing waits for it.
    pub fn failed(&self, mailbox: &str) {
        for step in [Step::Position, Step::Inbox, Step::Sent] {
            self.reached(mailbox, step);
        }
    }

    /// Every reachable mailbox has its starting position.
    pub async fn positions(&self) {
        self.wait(Step::Position).await;
    }

    /// Every reachable mailbox has come to `step`, or [`PATIENCE`] has run out.
    pub async fn at(&self, step: Step) {
        let _ = tokio::time::timeout(PATIENCE, self.wait(step)).await;
    }

    /// Has every reachable mailbox come to `step`, or has the start lasted too long to wait on?
    pub fn is_at(&self, step: Step) -> bool {
        self.all(&self.reached.borrow(), step) || self.began.elapsed() > PATIENCE
    }

    fn all(&self, reached: &BTreeSet<(Step, String)>, step: Step) -> bool {
        reached.iter().filter(|(s, _)| *s == step).count() >= self.mailboxes
    }

    async fn wait(&self, step: Step) {
        let mut reached = self.reached.subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = reached.wait_for(|set| self.all(set, step)).await;
    }
}

/// Tells systemd and `triaged status` once the start is done.
pub async fn tell(mut around: Around) {
    let readiness = std::sync::Arc::clone(&around.readiness);
    tokio::select! {
        () = around.stop.asked() => return,
        () = readiness.positions() => {}
    }
    if let Err(error) = around.desk.set_ready(true).await {
        tracing::warn!("cannot note that the start is done: {error}");
    }
    // Without systemd there is nobody to tell; that is no fault.
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
    tracing::info!("ready");
    around.stop.asked().await;
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
}
