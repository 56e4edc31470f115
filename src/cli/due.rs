//! `triaged due`: the reckoning of a deadline, day by day.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::terminal::{Look, decorated, look, say};
use super::{Done, Trouble, inquiry_named, load, print_json};
use crate::triage::calendar::{Deadline, Skipped, in_words};
use crate::triage::reading::Language;

/// `due --json`
#[derive(Debug, Serialize)]
struct Answer<'a> {
    arrives: String,
    due: Option<String>,
    skipped: &'a [Skipped],
}

pub fn due(time: &str, file: &Path, inquiry: Option<&str>, json: bool) -> Done {
    let arrives: DateTime<Utc> = DateTime::parse_from_rfc3339(time)
        .map_err(|_| {
            Trouble::Invalid(format!("triaged: '{time}' is no time; write it like 2026-12-23T10:00:00+01:00"))
        })?
        .to_utc();
    let (config, rules) = load(file)?;
    let id = match (inquiry, config.surroundings.mailboxes.first()) {
        (Some(id), _) => id.to_owned(),
        (None, Some(mailbox)) => mailbox.inquiry.clone(),
        (None, None) => return Err(Trouble::Failed("no mailbox is configured".to_owned())),
    };
    let inquiry = inquiry_named(&rules, &id)?;
    let local = arrives.with_timezone(&config.calendar.time_zone);
    let deadline = inquiry.working_days.map(|days| config.calendar.deadline(arrives, days));
    if json {
        let skipped = deadline.as_ref().map_or(&[][..], |deadline| &deadline.skipped);
        let due = deadline.as_ref().map(|deadline| deadline.due.to_rfc3339());
        return print_json(&Answer { arrives: local.to_rfc3339(), due, skipped });
    }
    match deadline {
        Some(deadline) => show(&deadline),
        None => say(&format!("An inquiry of kind {id} has no term.")),
    }
    Ok(())
}

/// Day by day, as a person would count on a calendar.
fn show(deadline: &Deadline) {
    let nice = decorated();
    let arrived = deadline.arrives.date_naive();
    let line = |date, what: &str| say(&format!("  {:30} {what}", in_words(date, Language::En)));
    line(arrived, &format!("arrives at {}; this day does not count", deadline.arrives.format("%H:%M")));
    for day in arrived.iter_days().skip(1) {
        if let Some(skipped) = deadline.skipped.iter().find(|skipped| skipped.date == day) {
            line(day, &look(&format!("no working day: {}", skipped.why), Look::Dim, nice));
        } else if let Some(count) = deadline.counted.iter().position(|counted| *counted == day) {
            line(day, &format!("working day {}", count + 1));
        } else {
            break;
        }
    }
    let at = deadline.due.format("%H:%M");
    say(&look(
        &format!(
            "Due {} at {at} ({})",
            in_words(deadline.due.date_naive(), Language::En),
            deadline.due.to_rfc3339()
        ),
        Look::Bold,
        nice,
    ));
}
