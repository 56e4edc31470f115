//! Drains the outbox: take, send, settle. No transaction is open and no lock is held while sending.

use std::time::Duration;

use super::Around;
use crate::config::Outgoing;
use crate::desk::{Queued, send_each};
use crate::mail::send::AnySender;
use crate::mail::{Sender, Sent};

/// Mails taken at once. A connection has twice as many in hand: while some are sent, those before them are
/// settled and others taken. Enough that answers leave as fast as a backlog comes in, few enough that a crash
/// leaves few rows in doubt.
const CHUNK: usize = 12;

/// The longest sleep: other processes queue mails too.
const NAP: Duration = Duration::from_secs(10);

/// One connection's worth of sending, until told to stop.
pub async fn run(mut around: Around, outgoing: Outgoing, task: String) {
    let mut sender = AnySender::from_config(&outgoing, &around.tokens);
    let mut said = String::new();
    let (mut rows, mut outcomes) = (Vec::new(), Vec::new());
    // What was taken is settled also when a stop is asked for.
    while !(around.stop.is_asked() && rows.is_empty() && outcomes.is_empty()) {
        around.beats.beat(&task);
        if rows.len() == CHUNK {
            // There is more than one connection can hold: wake another.
            around.outbox.notify_one();
        }
        // What is not begun when a stop is asked for is put back.
        let sending = send_each(&mut sender, rows, || {
            around.beats.beat(&task);
            !around.stop.is_asked()
        });
        let (sent, next) = tokio::join!(sending, settle(&around, &outcomes, &task));
        tell(&sent, &mut said);
        (rows, outcomes) = (next, sent);
        if rows.is_empty() && outcomes.is_empty() && !around.stop.is_asked() {
            rest(&mut around, &mut sender).await;
        }
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

/// Notes what was sent, and takes what is to be sent next: nothing where a stop is asked for.
async fn settle(around: &Around, outcomes: &[(i64, Sent)], task: &str) -> Vec<Queued> {
    // What was sent must be settled: a full disk or a busy database passes.
    let mut wait = Duration::from_millis(200);
    loop {
        let most = if around.stop.is_asked() { 0 } else { CHUNK };
        match around.desk.settle_and_take(outcomes.to_vec(), most).await {
            Ok(next) => return next,
            Err(error) if outcomes.is_empty() => tracing::error!("the outbox waits: {error}"),
            Err(error) => tracing::error!("cannot note what was sent, trying on: {error}"),
        }
        if around.stop.is_asked() {
            return Vec::new();
        }
        tokio::time::sleep(wait).await;
        around.beats.beat(task);
        wait = (wait * 2).min(Duration::from_secs(10));
    }
}

/// Logs what the server answered, once for as long as it stays the same: a server that is away would
/// fill a log with it.
fn tell(outcomes: &[(i64, Sent)], said: &mut String) {
    for (mail, outcome) in outcomes {
        let (what, then) = match outcome {
            Sent::NotTried { .. } => continue,
            Sent::Accepted => {
                said.clear();
                continue;
            }
            Sent::Deferred { what } => (what, "it is tried again"),
            Sent::Throttled { what, .. } => (what, "the server wants less mail: all of it waits a while"),
            Sent::Refused { what, .. } => (what, "that is for good"),
            Sent::Uncertain { what } => (what, "nobody can say whether it arrived"),
        };
        let what = without_words(what);
        if said != what {
            tracing::warn!(mail, "a mail was not sent: {what} ({then})");
            what.clone_into(said);
        }
    }
}

/// Of a reply to a mail its codes only: its words may name people, this mail's or another's.
fn without_words(what: &str) -> &str {
    let is_code = |c: char| c.is_ascii_digit() || c == '.' || c == ' ';
    let codes = what.find(|c| !is_code(c)).map_or(what, |end| what.get(..end).unwrap_or_default()).trim();
    // Three digits, or else the address of a server.
    if codes.split(' ').next().is_some_and(|code| code.len() == 3) {
        return codes;
    }
    // A reply that is none is quoted behind it.
    what.split_once("connection was lost:").map_or(what, |_| "the connection was lost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_has_the_codes_of_a_reply_and_no_words() {
        let cases = [
            ("550 5.1.1 no Jan de Boer here", "550 5.1.1"),
            ("451 4.3.0", "451 4.3.0"),
            ("432", "432"),
            ("554 no", "554"),
            ("the connection was lost: error Tag at: Jan de Boer", "the connection was lost"),
            ("smtp.example.nl does not greet", "smtp.example.nl does not greet"),
            ("127.0.0.1 does not greet", "127.0.0.1 does not greet"),
        ];
        for (what, logged) in cases {
            assert_eq!(without_words(what), logged);
        }
    }

    #[test]
    fn what_stays_the_same_is_logged_once() {
        let deferred = |mail| (mail, Sent::Deferred { what: "451 4.3.0 later".into() });
        let mut said = String::new();
        tell(&[deferred(1), deferred(2)], &mut said);
        assert_eq!(said, "451 4.3.0");
        tell(&[deferred(1), (2, Sent::Accepted)], &mut said);
        assert_eq!(said, "", "the next fault is news");
    }
}
