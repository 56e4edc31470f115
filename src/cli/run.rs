//! `triaged run`: the daemon and its signals.

use std::path::Path;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};

use super::{Done, Trouble, load};
use crate::clock::Clock;
use crate::daemon::Daemon;
use crate::desk::{Desk, Role};
use crate::rules::live::Live;

pub fn run(file: &Path, clock: &Clock) -> Done {
    let (config, rules) = load(file)?;
    tracing::info!(mailboxes = config.mailboxes.len(), rules = rules.digest, "starting");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Trouble::Failed(format!("cannot start: {error}")))?;
    let live = Live::new(rules, config);
    runtime.block_on(async {
        let desk = Desk::open(live.clone(), clock.clone(), Role::Daemon).map_err(Trouble::failed)?;
        let (daemon, control) = Daemon::new(live, desk, clock.clone());
        let control = Arc::new(control);
        let signals = tokio::spawn(obey_signals(Arc::clone(&control)));
        let ended = daemon.run().await;
        signals.abort();
        tracing::info!("stopped");
        ended.map_err(Trouble::Failed)
    })
}

/// SIGTERM and SIGINT end, SIGHUP reloads.
async fn obey_signals(control: Arc<crate::daemon::Control>) {
    let (Ok(mut terminate), Ok(mut interrupt), Ok(mut hangup)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()), signal(SignalKind::hangup()))
    else {
        tracing::error!("signals cannot be watched; only kill -9 will end this process");
        return;
    };
    loop {
        tokio::select! {
            _ = terminate.recv() => control.stop(),
            _ = interrupt.recv() => control.stop(),
            _ = hangup.recv() => control.reload(),
        }
    }
}
