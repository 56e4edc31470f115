//! Asks the one thread that writes whether it still does its work. Every other task only waits for
//! it: without it nothing is taken in or sent, and none of them would ever end.

use std::time::Duration;

use super::Around;
use crate::desk::Desk;

/// Between two questions.
const EVERY: Duration = Duration::from_secs(20);
/// A full group of jobs on a slow disk takes less.
const PATIENCE: Duration = Duration::from_mins(1);

/// What came of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pulse {
    Answers,
    /// Not yet: the watchdog sees to it that it does not last.
    Silent,
    Dead,
}

/// Shows progress for the thread until told to stop. Ends where it has died: as a task that dies, and
/// dies again, it takes the process with it.
pub async fn run(mut around: Around) {
    around.beats.beat("store");
    while !around.stop.is_asked() {
        match feel(&around.desk, PATIENCE).await {
            Pulse::Answers => around.beats.beat("store"),
            Pulse::Silent => tracing::warn!("the database has not answered for {} s", PATIENCE.as_secs()),
            Pulse::Dead => {
                tracing::error!("the thread that writes the database has ended");
                return;
            }
        }
        around.stop.sleep(EVERY).await;
    }
}

async fn feel(desk: &Desk, patience: Duration) -> Pulse {
    let answers = tokio::time::timeout(patience, desk.answers()).await.is_ok();
    match (desk.lives(), answers) {
        (false, _) => Pulse::Dead,
        (true, true) => Pulse::Answers,
        (true, false) => Pulse::Silent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::daemon::tests::daemon;

    #[tokio::test]
    async fn a_thread_that_hangs_has_no_pulse_and_has_one_again_when_it_goes_on() {
        let (daemon, _control, _dir) = daemon();
        let desk = daemon.around.desk.clone();
        assert_eq!(feel(&desk, PATIENCE).await, Pulse::Answers);
        let (release, held) = std::sync::mpsc::channel::<()>();
        let (begun, holds) = tokio::sync::oneshot::channel();
        let stuck = desk.clone();
        let hangs = tokio::spawn(async move {
            stuck
                .on_connection(move |_| {
                    let _ = begun.send(());
                    let _ = held.recv();
                    Ok(())
                })
                .await
        });
        holds.await.unwrap();
        assert_eq!(feel(&desk, Duration::from_millis(100)).await, Pulse::Silent);
        drop(release);
        hangs.await.unwrap().unwrap();
        assert_eq!(feel(&desk, PATIENCE).await, Pulse::Answers);
    }
}
