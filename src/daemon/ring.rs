//! Rings the alarms of cases: sleeps until the next one, at most a minute, and lets the desk decide.

use std::time::Duration;

use super::Around;
use super::readiness::Step;

/// The longest sleep: other processes set alarms too.
const NAP: Duration = Duration::from_mins(1);

/// Rings until told to stop. Begins when the Sent folders have been read: a case that was answered
/// while the program was down must not ring.
pub async fn run(mut around: Around) {
    let readiness = std::sync::Arc::clone(&around.readiness);
    around.beats.beat("ring");
    tokio::select! {
        () = around.stop.asked() => return,
        () = readiness.at(Step::Sent) => {}
    }
    while !around.stop.is_asked() {
        around.beats.beat("ring");
        let nap = match around.desk.ring().await {
            Ok(next) => next.map_or(NAP, |next| {
                next.signed_duration_since(around.clock.now()).to_std().unwrap_or(Duration::ZERO).min(NAP)
            }),
            Err(error) => {
                tracing::error!("alarms wait: {error}");
                Duration::from_secs(5)
            }
        };
        around.outbox.notify_one();
        let alarms = std::sync::Arc::clone(&around.alarms);
        tokio::select! {
            () = around.stop.sleep(nap.max(Duration::from_millis(20))) => {}
            () = alarms.notified() => {}
        }
    }
}
