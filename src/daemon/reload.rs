//! Reads rules again when a file is saved, and rules and configuration on SIGHUP. A faulty set
//! leaves the old one in force and is told to the admins once.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;

use super::Around;
use crate::config::{self, Config};
use crate::desk::Trouble;
use crate::document::{Faults, LocatedFault};
use crate::rules::live::Guidance;
use crate::rules::{self, last_good, together};

/// How often the folder is looked at. Two looks must agree before it is read: editors save in
/// several steps.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What a folder looks like from outside: time, size and number of each file. The number tells a
/// file that was put in the place of another, whatever its time and size.
type Shape = BTreeMap<PathBuf, (Option<SystemTime>, u64, u64)>;

/// Watches until told to stop. `changed` is notified when the configuration was read again.
pub async fn run(mut around: Around, reload: Arc<Notify>, changed: Arc<Notify>) {
    let mut loaded = shape(&around.live.get().config.rules);
    let mut before = loaded.clone();
    while !around.stop.is_asked() {
        around.beats.beat("reload");
        let asked = tokio::select! {
            () = around.stop.asked() => break,
            () = reload.notified() => true,
            () = tokio::time::sleep(LOOK_EVERY) => false,
        };
        let now = shape(&around.live.get().config.rules);
        if asked {
            loaded.clone_from(&now);
            if everything(&around).await {
                changed.notify_one();
            }
        } else if now != loaded && now == before {
            loaded.clone_from(&now);
            only_rules(&around).await;
        }
        before = now;
    }
}

/// Reads configuration and rules; true when a new pair is in force.
async fn everything(around: &Around) -> bool {
    let file = around.live.get().config.file.clone();
    match aside(move || together::load(&file)).await {
        Ok((config, rules)) => {
            swap(around, Arc::new(config), rules);
            // Whoever asks for it may have mended what kept a token from us.
            around.tokens.try_again().await;
            in_force(around).await;
            // It may say other hours, days and warnings.
            if let Err(error) = around.desk.bring_forward().await {
                tracing::warn!("alarms ring at the hours that were: {error}");
            }
            around.alarms.notify_one();
            true
        }
        Err(faults) => {
            refused(around, &faults).await;
            false
        }
    }
}

/// Reads the rules alone: a configuration that is being edited counts when it is asked for.
async fn only_rules(around: &Around) {
    let config = Arc::clone(&around.live.get().config);
    let with = Arc::clone(&config);
    let read = aside(move || {
        let rules = rules::load(&with.rules).and_then(|rules| {
            config::check_against(&with, &rules)?;
            Ok(rules)
        });
        // What is wrong is told in the words of `check`.
        rules.map_err(|faults| {
            let told = together::check(&with.file).faults;
            if told.fatal() { told } else { faults }
        })
    });
    match read.await {
        Ok(rules) => {
            swap(around, config, rules);
            in_force(around).await;
        }
        Err(faults) => refused(around, &faults).await,
    }
}

/// Files are read and patterns compiled where no other task waits for it.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Faults> + Send + 'static,
) -> Result<T, Faults> {
    match tokio::task::spawn_blocking(work).await {
        Ok(read) => read,
        Err(_) => Err(Faults::from(LocatedFault::of_file(
            Path::new("rules"),
            "reading the rules ended in a fault of the program",
            "undo the last edit, and report what the log says",
        ))),
    }
}

fn swap(around: &Around, config: Arc<Config>, rules: crate::triage::ruleset::RuleSet) {
    around.live.swap(Guidance { rules: Arc::new(rules), config });
}

/// Notes that the rules of the folder are in force, and keeps a copy of them.
pub async fn in_force(around: &Around) {
    let Guidance { rules, config } = Guidance::clone(&around.live.get());
    tracing::info!(digest = rules.digest, "these rules are in force");
    let noted = around.desk.rules_loaded(&rules.digest, None).await;
    if let Err(error) = noted.and(around.desk.mended(Trouble::Rules).await) {
        tracing::warn!("cannot note it: {error}");
    }
    let keep = move || last_good::keep(&config.rules, &rules.digest, &config.database);
    if let Ok(Err(error)) = tokio::task::spawn_blocking(keep).await {
        tracing::warn!("cannot keep a copy of the rules; the one before it stays: {error}");
    }
}

/// Notes that what stands in the folder is not in force, and tells the admins.
pub async fn refused(around: &Around, faults: &Faults) {
    tracing::error!(
        "the rules or the configuration are not valid; what was last in force stays in force\n{faults}"
    );
    let digest = around.live.get().rules.digest.clone();
    let noted = around.desk.rules_loaded(&digest, Some(faults.to_string())).await;
    if let Err(error) = noted.and(around.desk.trouble(Trouble::Rules, &faults.in_a_mail()).await) {
        tracing::warn!("cannot note it: {error}");
    }
    around.outbox.notify_one();
}

/// The shape of a rules folder, letters included. What cannot be looked at is left out: the loader says so.
fn shape(dir: &Path) -> Shape {
    let mut shape = Shape::new();
    for folder in [dir.to_owned(), dir.join("letters")] {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            let known = path.extension().is_some_and(|ending| ending == "toml" || ending == "txt");
            if let (true, Ok(data)) = (known, entry.metadata()) {
                shape.insert(path, (data.modified().ok(), data.len(), data.ino()));
            }
        }
    }
    shape
}
