//! Drains the outbox: take, send, settle. No transaction is open and no lock is held while sending.

use std::time::Duration;

use super::Around;
use crate::config::Outgoing;
use crate::desk::{Queued, send_each};
use crate::mail::Sender;
use crate::mail::send::AnySender;

/// Mails taken at once: enough that a backlog costs few commits, few enough that a crash leaves few
/// rows in doubt.
const CHUNK: usize = 16;

/// The longest sleep: other processes queue mails too.
const NAP: Duration = Duration::from_secs(10);

/// One connection's worth of sending, until told to stop.
pub async fn run(mut around: Around, outgoing: Outgoing, task: String) {
    let mut sender = AnySender::from_config(&outgoing, &around.tokens);
    while !around.stop.is_asked() {
        around.beats.beat(&task);
        let rows = match around.desk.take(CHUNK).await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::error!("the outbox waits: {error}");
                around.stop.sleep(Duration::from_secs(5)).await;
                continue;
            }
        };
        if rows.is_empty() {
            rest(&mut around, &mut sender).await;
            continue;
        }
        if rows.len() == CHUNK {
            // There is more than one connection can hold: wake another.
            around.outbox.notify_one();
        }
        send(&around, &mut sender, rows, &task).await;
    }
    sender.rest().await;
}

/// Waits for something to send.
async fn rest(around: &mut Around, sender: &mut AnySender) {
    // What cannot be asked now is asked again after a nap.
    let nap = match around.desk.next_send().await.unwrap_or_default() {
        Some(next) => next
            .signed_duration_since(around.clock.now())
            .to_std()
            .unwrap_or(Duration::ZERO)
            .clamp(Duration::from_millis(100), NAP),
        None => NAP,
    };
    let outbox = std::sync::Arc::clone(&around.outbox);
    tokio::select! {
        () = around.stop.sleep(nap) => {}
        () = outbox.notified() => return,
    }
    sender.rest().await;
}

/// Sends a chunk and settles it. What is not begun when a stop is asked for is put back.
async fn send(around: &Around, sender: &mut AnySender, rows: Vec<Queued>, task: &str) {
    let outcomes = send_each(sender, rows, || {
        around.beats.beat(task);
        !around.stop.is_asked()
    })
    .await;
    // What was sent must be settled: a full disk or a busy database passes.
    let mut wait = Duration::from_millis(200);
    while let Err(error) = around.desk.settle(outcomes.clone()).await {
        tracing::error!("cannot note what was sent, trying on: {error}");
        if around.stop.is_asked() {
            return;
        }
        tokio::time::sleep(wait).await;
        around.beats.beat(task);
        wait = (wait * 2).min(Duration::from_secs(10));
    }
}
