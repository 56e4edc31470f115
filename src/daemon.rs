//! The running program: one task for each mailbox, a few that send, one that rings, one that
//! reloads. It starts them, feeds the watchdog while all of them make progress, and stops them in
//! order. It decides nothing about mail.

mod backoff;
mod heartbeat;
mod pulse;
mod readiness;
mod reload;
mod ring;
mod send;
mod siren;
mod tasks;
mod tokens;
mod vitals;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch as watched};

use crate::clock::Clock;
use crate::config::{Config, Outgoing};
use crate::desk::Desk;
use crate::document::Faults;
use crate::mail::oauth::Tokens;
use crate::rules::live::Live;
use heartbeat::Heartbeats;
use readiness::Readiness;
use tasks::Tasks;

/// What every task is given; cheap to clone.
#[derive(Debug, Clone)]
struct Around {
    live: Live,
    desk: Desk,
    clock: Clock,
    /// Wakes a sender: there is something in the outbox.
    outbox: Arc<Notify>,
    /// Wakes the ring task: an alarm was set, or the clock was moved.
    alarms: Arc<Notify>,
    readiness: Arc<Readiness>,
    beats: Heartbeats,
    /// Access tokens, shared by all connections.
    tokens: Tokens,
    stop: Stop,
}

/// Becomes true once, when a task must end.
#[derive(Debug, Clone)]
struct Stop(watched::Receiver<bool>);

impl Stop {
    fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when a stop is asked for (also when whoever could ask is gone).
    async fn asked(&mut self) {
        let _ = self.0.wait_for(|stop| *stop).await;
    }

    /// Sleeps, unless a stop is asked for.
    async fn sleep(&mut self, time: Duration) {
        tokio::select! {
            () = self.asked() => {}
            () = tokio::time::sleep(time) => {}
        }
    }
}

/// The handles of a running daemon, for whoever started it.
#[derive(Debug)]
pub struct Control {
    stop: watched::Sender<bool>,
    reload: Arc<Notify>,
    alarms: Arc<Notify>,
    readiness: Arc<Readiness>,
}

impl Control {
    /// Ends the daemon: what was begun is finished, nothing new is begun.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Reads configuration and rules again.
    pub fn reload(&self) {
        self.reload.notify_one();
    }

    /// The clock was moved: look at the alarms anew.
    pub fn clock_moved(&self) {
        self.alarms.notify_one();
    }

    /// Returns when every reachable mailbox has its starting position.
    pub async fn ready(&self) {
        self.readiness.positions().await;
    }
}

/// A daemon ready to run.
#[derive(Debug)]
pub struct Daemon {
    around: Around,
    reload: Arc<Notify>,
    /// Why the folder of rules is not in force from the start.
    refused: Option<Faults>,
}

impl Daemon {
    /// A daemon and its handles. Nothing happens before [`Daemon::run`].
    #[must_use]
    pub fn new(live: Live, desk: Desk, clock: Clock) -> (Self, Control) {
        let (stop, stopped) = watched::channel(false);
        let alarms = Arc::new(Notify::new());
        let reload = Arc::new(Notify::new());
        let readiness = Arc::new(Readiness::new(live.get().config.mailboxes.len()));
        let around = Around {
            live,
            desk,
            clock: clock.clone(),
            outbox: Arc::new(Notify::new()),
            alarms: Arc::clone(&alarms),
            readiness: Arc::clone(&readiness),
            beats: Heartbeats::default(),
            tokens: Tokens::new(clock),
            stop: Stop(stopped),
        };
        (
            Self { around, reload: Arc::clone(&reload), refused: None },
            Control { stop, reload, alarms, readiness },
        )
    }

    /// The rules are those that were last in force, because the folder of rules has these faults.
    #[must_use]
    pub fn instead_of(self, refused: Faults) -> Self {
        Self { refused: Some(refused), ..self }
    }

    /// Runs until it is told to stop.
    ///
    /// # Errors
    /// One sentence, when a task died twice: whoever supervises the process should start it anew.
    pub async fn run(self) -> Result<(), String> {
        let Self { around, reload, refused } = self;
        match refused {
            Some(faults) => reload::refused(&around, &faults).await,
            None => reload::in_force(&around).await,
        }
        let changed = Arc::new(Notify::new());
        let mut lasting = Tasks::new(&around, around.stop.clone());
        lasting.add("ring", ring::run);
        let notified = Arc::clone(&changed);
        lasting.add("reload", move |around| reload::run(around, Arc::clone(&reload), Arc::clone(&notified)));
        lasting.add("vitals", vitals::run);
        lasting.add("siren", siren::run);
        lasting.add("tokens", tokens::run);
        lasting.add("readiness", readiness::tell);
        lasting.add("store", pulse::run);
        lasting.add("heartbeat", heartbeat::run);
        let died = until_stopped(&around, &mut lasting, &changed).await;
        let _ = around.desk.set_ready(false).await; // `status` also sees that nobody holds the lock
        if let Some(task) = died {
            return Err(format!("{task} died twice, which is a fault of the program; see the log above"));
        }
        lasting.finish().await;
        Ok(())
    }
}

/// Runs the wires, anew for each configuration. Gives the task that died, where one did.
async fn until_stopped(around: &Around, lasting: &mut Tasks, changed: &Notify) -> Option<String> {
    let mut stop = around.stop.clone();
    let mut died = None;
    while !stop.is_asked() && died.is_none() {
        let (end, ended) = watched::channel(false);
        let mut wires = Tasks::new(around, Stop(ended));
        add_wires(&mut wires, &around.live.get().config);
        died = tokio::select! {
            () = stop.asked() => None,
            () = changed.notified() => None,
            task = wires.died() => Some(task),
            task = lasting.died() => Some(task),
        };
        end.send_replace(true);
        wires.finish().await;
    }
    died.filter(|_| !stop.is_asked())
}

/// The tasks that depend on the configuration: they are started anew when it changes.
fn add_wires(wires: &mut Tasks, config: &Config) {
    for mailbox in &config.mailboxes {
        let (name, limit, mailbox) = (watch::task(mailbox), config.fetch_limit, mailbox.clone());
        wires.add(&name, move |around| watch::run(around, mailbox.clone(), limit));
    }
    let senders = match &config.outgoing {
        Outgoing::Smtp(smtp) => smtp.connections.max(1),
        Outgoing::Directory(_) => 1,
    };
    for number in 1..=senders {
        let (name, outgoing) = (format!("sender {number}"), config.outgoing.clone());
        wires.add(&name.clone(), move |around| send::run(around, outgoing.clone(), name.clone()));
    }
}

#[cfg(test)]
mod tests;
