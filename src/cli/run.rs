//! `triaged run`: the daemon and its signals.

use std::path::Path;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Done, Trouble, load_or_last_good};
use crate::clock::Clock;
use crate::daemon::Daemon;
use crate::desk::{Desk, Role};
use crate::rules::live::Live;
use crate::rules::together::Loaded;

pub fn run(file: &Path, clock: &Clock) -> Done {
    let Loaded { config, rules, refused } = load_or_last_good(file)?;
    let (mailboxes, digest) = (config.mailboxes.len(), rules.digest.clone());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Trouble::Failed(format!("cannot start: {error}")))?;
    let live = Live::new(rules, config);
    runtime.block_on(async {
        // Before anything else: a SIGHUP that comes early must not end the process.
        let signals = Signals::new().map_err(|error| Trouble::Failed(format!("cannot start: {error}")))?;
        let desk = Desk::open(live.clone(), clock.clone(), Role::Daemon).map_err(Trouble::failed)?;
        // Whoever is refused a start says one line and no more.
        tracing::info!(mailboxes, rules = digest, "starting");
        let (daemon, control) = Daemon::new(live, desk, clock.clone());
        let daemon = match refused {
            Some(faults) => daemon.instead_of(faults),
            None => daemon,
        };
        let obeying = tokio::spawn(obey(signals, Arc::new(control)));
        let ended = daemon.run().await;
        obeying.abort();
        tracing::info!("stopped");
        ended.map_err(Trouble::Failed)
    })
}

/// What others may ask of a running daemon.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }
}

/// SIGTERM and SIGINT end, SIGHUP reloads.
async fn obey(mut signals: Signals, control: Arc<crate::daemon::Control>) {
    loop {
        tokio::select! {
            _ = signals.terminate.recv() => control.stop(),
            _ = signals.interrupt.recv() => control.stop(),
            _ = signals.hangup.recv() => control.reload(),
        }
    }
}
