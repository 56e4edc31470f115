//! Drains the outbox: take, send, settle. No transaction is open and no lock is held while sending.

use std::time::Duration;

use super::Around;
use crate::config::Outgoing;
use crate::desk::Queued;
use crate::mail::send::AnySender;
use crate::mail::{Sender, Sent};

/// Mails taken at once: enough that a backlog costs few commits, few enough that a crash leaves few
/// rows in doubt.
const CHUNK: usize = 16;

/// The longest sleep: other processes queue mails too.
const NAP: Duration = Duration::from_secs(10);

/// After so many put-offs in a row the server is taken to be away and the rest of a chunk is put
/// off untried.
const GIVE_UP: u32 = 2;

/// One connection's worth of sending, until told to stop.
pub async fn run(mut around: Around, outgoing: Outgoing) {
    let mut sender = AnySender::from_config(&outgoing);
    while !around.stop.is_asked() {
        around.beats.beat("send");
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
        send(&around, &mut sender, rows).await;
    }
    around.beats.end("send");
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
async fn send(around: &Around, sender: &mut AnySender, rows: Vec<Queued>) {
    let mut outcomes: Vec<(i64, Sent)> = Vec::with_capacity(rows.len());
    let mut put_off = 0;
    for row in rows {
        let outcome = if around.stop.is_asked() {
            Sent::Deferred { what: "the program was stopped".to_owned() }
        } else if put_off >= GIVE_UP {
            Sent::Deferred { what: "the server put off the mails before this one".to_owned() }
        } else {
            around.beats.beat("send");
            sender.send(&row.from, &row.to, &row.bytes).await
        };
        put_off = if matches!(outcome, Sent::Deferred { .. }) { put_off + 1 } else { 0 };
        outcomes.push((row.id, outcome));
    }
    // What was sent must be settled: a full disk or a busy database passes.
    let mut wait = Duration::from_millis(200);
    while let Err(error) = around.desk.settle(outcomes.clone()).await {
        tracing::error!("cannot note what was sent, trying on: {error}");
        if around.stop.is_asked() {
            return;
        }
        tokio::time::sleep(wait).await;
        around.beats.beat("send");
        wait = (wait * 2).min(Duration::from_secs(10));
    }
}
