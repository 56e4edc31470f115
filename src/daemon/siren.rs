//! Tells the admins by another way (`[alarm]`) what they could not read by mail, and notices that no
//! mail gets out. It mends nothing.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::{Instant, timeout};

use super::Around;
use crate::config::AlarmConfig;
use crate::desk::{Siren, Trouble};
use crate::mail::oauth::Tokens;
use crate::mail::send::SmtpSender;
use crate::mail::{Sender, Sent};

const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Between two tries of one siren.
const TRY_EVERY: Duration = Duration::from_mins(1);

/// What a start finds stuck has first to be tried once more.
const STUCK_FOR: Duration = Duration::from_mins(1);

/// A command that takes longer is ended.
const COMMAND_LIMIT: Duration = Duration::from_secs(30);

/// A siren of which somebody is still to hear.
struct Pending {
    siren: Siren,
    command_ran: bool,
    try_at: Instant,
}

/// Looks until told to stop.
pub async fn run(mut around: Around) {
    let mut pending: Vec<Pending> = Vec::new();
    let mut stuck: Option<Instant> = None;
    while !around.stop.is_asked() {
        around.beats.beat("siren");
        stuck = look_at_outbox(&around, stuck).await;
        if let Some(alarm) = around.live.get().config.alarm.clone() {
            gather(&around, &mut pending).await;
            sound_all(&around, &alarm, &mut pending).await;
        }
        around.stop.sleep(LOOK_EVERY).await;
    }
}

/// Where no mail gets out for long that is a trouble like any other. Since when it has been seen.
async fn look_at_outbox(around: &Around, since: Option<Instant>) -> Option<Instant> {
    // What cannot be asked now is asked again at the next look.
    let text = around.desk.stuck().await.ok().flatten()?;
    let since = since.unwrap_or_else(Instant::now);
    if since.elapsed() >= STUCK_FOR
        && let Err(error) = around.desk.trouble(Trouble::Outbox, &text).await
    {
        tracing::warn!("cannot note that no mail gets out: {error}");
    }
    Some(since)
}

/// Adds what is new and drops what was mended before anybody heard of it.
async fn gather(around: &Around, pending: &mut Vec<Pending>) {
    let Ok(sirens) = around.desk.sirens().await else { return };
    pending.retain(|old| sirens.iter().any(|siren| siren.is(&old.siren)));
    for siren in sirens {
        if !pending.iter().any(|old| old.siren.is(&siren)) {
            pending.push(Pending { siren, command_ran: false, try_at: Instant::now() });
        }
    }
}

async fn sound_all(around: &Around, alarm: &AlarmConfig, pending: &mut Vec<Pending>) {
    let mut waiting = Vec::new();
    for mut one in pending.drain(..) {
        if one.try_at <= Instant::now() {
            around.beats.beat("siren");
            one.command_ran |= sound(alarm, &mut one.siren, !one.command_ran, &around.tokens).await;
            if one.command_ran && one.siren.mails.is_empty() && around.desk.told(&one.siren).await.is_ok() {
                continue;
            }
            one.try_at = Instant::now() + TRY_EVERY;
        }
        waiting.push(one);
    }
    *pending = waiting;
}

/// Runs the command where it is to run, and sends the mails: those that went out are taken away.
/// Returns whether the command has nothing left to do.
pub async fn sound(alarm: &AlarmConfig, siren: &mut Siren, run_command: bool, tokens: &Tokens) -> bool {
    let mut ran = true;
    if let (true, Some((program, arguments))) = (run_command, alarm.command.split_first())
        && let Err(error) = command(program, arguments, &siren.text).await
    {
        tracing::warn!("the command of [alarm] failed: {error}");
        ran = false;
    }
    if let Some(relay) = &alarm.relay {
        let mut sender = SmtpSender::new(relay.smtp.clone()).with_tokens(tokens);
        let mut left = Vec::new();
        for mail in siren.mails.drain(..) {
            match sender.send(mail.from(), mail.to(), mail.bytes()).await {
                // Two copies of an alarm are better than none.
                Sent::Deferred { what }
                | Sent::Throttled { what, .. }
                | Sent::NotTried { what }
                | Sent::Uncertain { what } => {
                    tracing::warn!("the server of [alarm.smtp] took nothing: {what}");
                    left.push(mail);
                }
                Sent::Refused { what, .. } => tracing::error!("the server of [alarm.smtp] refuses: {what}"),
                Sent::Accepted => {}
            }
        }
        sender.rest().await;
        siren.mails = left;
    }
    ran
}

/// Without a shell, with the text on standard input and nothing of what it prints.
async fn command(program: &str, arguments: &[String], text: &str) -> Result<(), String> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("{program} cannot be started: {error}"))?;
    let stdin = child.stdin.take();
    let work = async {
        if let Some(mut stdin) = stdin {
            // A program that does not read has what it needs in its arguments.
            let _ = stdin.write_all(text.as_bytes()).await;
            let _ = stdin.shutdown().await;
        }
        child.wait().await
    };
    match timeout(COMMAND_LIMIT, work).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(format!("{program} ended with {status}")),
        Ok(Err(error)) => Err(format!("{program}: {error}")),
        Err(_) => Err(format!("{program} did not end within {} s", COMMAND_LIMIT.as_secs())),
    }
}
