//! Feeds systemd's watchdog, but only while every task makes progress: a task that hangs gets the
//! process restarted rather than a mailbox forgotten.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Around;

/// A task that shows no progress for this long is taken for hung. Every task shows some at least
/// once a minute; the longest single step (a silent server) is given up after 240 s.
const HUNG: Duration = Duration::from_mins(5);

/// When each task last showed progress.
#[derive(Debug, Clone, Default)]
pub struct Heartbeats(Arc<Mutex<BTreeMap<String, Instant>>>);

impl Heartbeats {
    /// This task made progress.
    pub fn beat(&self, task: &str) {
        let mut beats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match beats.get_mut(task) {
            Some(last) => *last = Instant::now(),
            None => {
                beats.insert(task.to_owned(), Instant::now());
            }
        }
    }

    /// From its first beat on, a task is expected to show progress until this is dropped, however it ends.
    pub fn of(&self, task: &str) -> Expected {
        Expected { beats: self.clone(), task: task.to_owned() }
    }

    /// The tasks that seem to hang.
    fn hung(&self) -> Vec<String> {
        let beats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        beats.iter().filter(|(_, last)| last.elapsed() > HUNG).map(|(task, _)| task.clone()).collect()
    }
}

/// Progress of one task is expected while this lives.
#[derive(Debug)]
pub struct Expected {
    beats: Heartbeats,
    task: String,
}

impl Drop for Expected {
    fn drop(&mut self) {
        self.beats.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.task);
    }
}

/// Feeds the watchdog where there is one.
pub async fn run(mut around: Around) {
    let period = sd_notify::watchdog_enabled().map_or(Duration::from_secs(20), |limit| limit / 3);
    while !around.stop.is_asked() {
        let hung = around.beats.hung();
        if hung.is_empty() {
            // Without systemd there is nobody to tell; that is no fault.
            let _ = sd_notify::notify(&[sd_notify::NotifyState::Watchdog]);
        } else {
            tracing::error!(tasks = hung.join(", "), "no progress; the watchdog is not fed");
        }
        around.stop.sleep(period).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_task_without_progress_is_enough_to_let_the_watchdog_bite() {
        let beats = Heartbeats::default();
        let hangs = beats.of("sender 2");
        for task in ["sender 1", "sender 2", "ring"] {
            beats.beat(task);
        }
        assert_eq!(beats.hung(), [""; 0]);
        let long_ago = Instant::now().checked_sub(HUNG + Duration::from_secs(1)).unwrap();
        beats.0.lock().unwrap().insert("sender 2".to_owned(), long_ago);
        assert_eq!(beats.hung(), ["sender 2"]);
        beats.beat("sender 1");
        assert_eq!(beats.hung(), ["sender 2"], "another of its kind does not speak for it");
        drop(hangs);
        assert_eq!(beats.hung(), [""; 0], "what has ended does not hang");
    }
}
