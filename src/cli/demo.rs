//! `triaged demo`: the real daemon over three Maildirs, with a clock that jumps ahead, told as a story.

mod layout;
mod stage;

use std::path::{Path, PathBuf};

use super::terminal::{Look, decorated, look, say};
use super::{Done, Trouble};
use stage::Stage;

/// Runs the demo in `dir`, which must not exist yet, or in a folder of its own choice, and leaves it there.
pub fn demo(dir: Option<PathBuf>) -> Done {
    let dir = &dir.unwrap_or_else(free_folder);
    if dir.exists() {
        return Err(Trouble::Failed(format!(
            "{} exists already; remove it, or name another folder with --dir",
            dir.display()
        )));
    }
    layout::lay_out(dir)
        .map_err(|error| Trouble::Failed(format!("cannot lay out {}: {error}", dir.display())))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Trouble::Failed(format!("cannot start: {error}")))?;
    runtime.block_on(tell(dir))?;
    next_steps(dir);
    Ok(())
}

/// An earlier demo stays as it is.
fn free_folder() -> PathBuf {
    let more = (2..1000).map(|number| format!("demo-{number}"));
    std::iter::once("demo".to_owned())
        .chain(more)
        .map(PathBuf::from)
        .find(|dir| !dir.exists())
        .unwrap_or_default()
}

/// Wednesday morning: time, mailbox, mail, what the audience is told.
const MORNING: [(&str, &str, &str, &str); 7] = [
    ("09:12", "klacht", layout::COMPLAINT, "Jan de Vries complains, and states everything that is asked."),
    ("09:30", "klacht", layout::INCOMPLETE, "Marieke Bakker complains too, but leaves things out."),
    ("09:41", "administratie", layout::INVOICE, "Sarah Whitman asks about an invoice, in English."),
    ("09:50", "info", layout::OUT_OF_OFFICE, "A practice is away: an automatic reply."),
    ("10:05", "administratie", layout::WRONG_MAILBOX, "Petra Smit sends a complaint to the wrong address."),
    ("10:20", "info", layout::TWO_MAILBOXES, "Henk Kuipers mails info@ and administratie@ at once …"),
    ("10:20", "administratie", layout::TWO_MAILBOXES, "… and this is the second copy."),
];

async fn tell(dir: &Path) -> Done {
    say("triaged watches three mailboxes of Ksyos: administratie@, info@ and klacht@.");
    say("A reaction by a person is promised within 3 working days. It is Wednesday 18 November 2026.\n");
    let mut stage = Stage::start(dir, "2026-11-18T09:00:00+01:00").await?;
    for (time, mailbox, mail, words) in MORNING {
        stage.deliver(time, mailbox, mail, words).await?;
    }
    stage
        .answer(
            "11:02",
            "klacht",
            layout::ANSWER,
            "m.bakker@example.net",
            "Marieke Bakker answers the request.",
        )
        .await?;
    stage
        .answer(
            "11:20",
            "administratie",
            layout::BOUNCE,
            "sarah.whitman@example.com",
            "The letter to Sarah Whitman comes back.",
        )
        .await?;
    stage
        .sent(
            "2026-11-19T14:00:00+01:00",
            "klacht",
            layout::COORDINATOR,
            "Thursday: the coordinator answers Jan de Vries from Outlook.",
        )
        .await?;
    stage
        .jump("2026-11-20T08:01:00+01:00", "Friday morning, 8 o'clock: one working day before the deadlines.")
        .await?;
    stage
        .jump(
            "2026-11-23T17:01:00+01:00",
            "Monday, a minute after the deadline: nobody has answered the others.",
        )
        .await?;
    stage.end().await
}

fn next_steps(dir: &Path) {
    let nice = decorated();
    let dir = dir.display();
    say(&look("What is left, and what to try next", Look::Bold, nice));
    say(&format!("  {dir}/outbox/          every letter and alert, as .eml"));
    say(&format!("  {dir}/mail/            the three Maildirs, untouched"));
    say(&format!("  {dir}/triaged.db       cases, mails, log; looked at with these commands:\n"));
    say(&format!("  export TRIAGED_CONFIG={dir}/triaged.toml"));
    for command in [
        "triaged cases list",
        "triaged cases show K-2026-000001",
        "triaged mail list",
        "triaged status",
        "triaged due 2026-12-23T10:00:00+01:00",
    ] {
        say(&format!("  {command}"));
    }
    say(&format!("  triaged explain --mailbox klacht {dir}/mail/klacht/new/*"));
    say("\n  (`triaged` is target/release/triaged, or `cargo run --release --` before the rest)");
}
