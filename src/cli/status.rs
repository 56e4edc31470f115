//! `triaged status`: is mail coming in, is mail going out, is anything amiss?

use std::path::Path;

use chrono::{DateTime, NaiveDate, SubsecRound, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use super::terminal::{Look, clean, decorated, look, say};
use super::{Done, Trouble, configuration, health, print_json};
use crate::clock::Clock;
use crate::config::Config;
use crate::mail::oauth::{Wanted, secret_near_its_end};
use crate::store::StoreError;
use crate::store::open::daemon_runs;
use crate::store::sign::{self, Note};
use crate::store::tokens::TokenState;
use crate::store::view::{Status, View};

/// Roughly how long, the way a person says it.
fn in_words(time: TimeDelta) -> String {
    match (time.num_days(), time.num_hours(), time.num_minutes()) {
        (2.., _, _) => format!("{} days", time.num_days()),
        (_, 2.., _) => format!("{} hours", time.num_hours()),
        (_, _, 2..) => format!("{} minutes", time.num_minutes()),
        _ => format!("{} seconds", time.num_seconds().max(0)),
    }
}

/// What the database tells, and whether it can be written.
#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    status: &'a Status,
    tokens: &'a [TokenLine],
    database: DatabaseLine,
}

/// An access token and the secret behind it.
#[derive(Serialize)]
pub struct TokenLine {
    /// Of its `[oauth.NAME]`.
    pub name: String,
    /// For whom a service account acts.
    user: Option<String>,
    /// `ok`, `error`, or `unknown` before the first look and after the end.
    state: &'static str,
    valid_until: Option<DateTime<Tz>>,
    pub error: Option<String>,
    secret_expires: Option<NaiveDate>,
    /// What to do, where the secret ends soon.
    warning: Option<String>,
}

/// Why the database of a daemon that runs cannot be written, and since when.
#[derive(Serialize)]
struct DatabaseLine {
    error: Option<String>,
    since: Option<DateTime<Tz>>,
}

/// `healthy`: anything amiss is a failure.
pub fn status(file: &Path, json: bool, healthy: bool, clock: &Clock) -> Done {
    let config = configuration(file)?;
    let zone = config.calendar.time_zone;
    let note = sign::look(&config.database, clock.now());
    let failed = |error: StoreError| {
        note.as_ref().map_or_else(|| Trouble::failed(error), |note| cannot_write(note, zone))
    };
    let view = View::open(&config.database, zone).map_err(failed)?;
    let names: Vec<String> = config.mailboxes.iter().map(|mailbox| mailbox.name.clone()).collect();
    let status = view.status(&names).map_err(failed)?;
    let tokens = tokens(&config, &view, clock.now()).map_err(failed)?;
    if json {
        let (error, since) = note.clone().map(|note| (note.what, note.since.with_timezone(&zone))).unzip();
        print_json(&Report { status: &status, tokens: &tokens, database: DatabaseLine { error, since } })?;
    } else {
        show(&status, clock.now());
        show_tokens(&tokens);
    }
    if let Some(note) = note {
        return Err(cannot_write(&note, zone));
    }
    let runs = || daemon_runs(&config.database);
    let amiss = if healthy { health::amiss(runs(), &status, &tokens, clock.now()) } else { Vec::new() };
    if amiss.is_empty() { Ok(()) } else { Err(Trouble::Failed(amiss.join("; "))) }
}

fn cannot_write(note: &Note, zone: Tz) -> Trouble {
    let since = note.since.with_timezone(&zone).format("%Y-%m-%d %H:%M");
    Trouble::Failed(format!(
        "cannot write the database since {since}: {}; no mail is lost, it stays in the mailboxes until this is mended",
        note.what
    ))
}

/// How it stands with every token that the configuration needs.
fn tokens(config: &Config, view: &View, now: DateTime<Utc>) -> Result<Vec<TokenLine>, StoreError> {
    let zone = config.calendar.time_zone;
    let line = |wanted: Wanted| {
        let user = wanted.subject.as_deref().unwrap_or_default();
        let TokenState { valid_until, error } = view.token(&wanted.oauth.name, user)?.unwrap_or_default();
        let state = match (&error, valid_until) {
            (Some(_), _) => "error",
            (None, Some(until)) if until > now => "ok",
            _ => "unknown",
        };
        Ok(TokenLine {
            name: wanted.oauth.name.clone(),
            user: wanted.subject.clone(),
            state,
            valid_until: valid_until.map(|until| until.trunc_subsecs(0).with_timezone(&zone)),
            error,
            secret_expires: wanted.oauth.secret_expires,
            warning: secret_near_its_end(&wanted.oauth, now.with_timezone(&zone).date_naive()),
        })
    };
    Wanted::of(config).into_iter().map(line).collect()
}

fn show_tokens(tokens: &[TokenLine]) {
    let nice = decorated();
    for token in tokens {
        let until = match token.valid_until {
            Some(until) => format!("valid until {}", until.format("%Y-%m-%d %H:%M")),
            None => "none yet".to_owned(),
        };
        let user = token.user.as_ref().map(|user| format!(" for {user}")).unwrap_or_default();
        let ends = token.secret_expires.map(|day| format!(", secret until {day}")).unwrap_or_default();
        say(&format!("token {:8} {until}{user}{ends}", token.name));
        for bad in token.error.iter().chain(&token.warning) {
            say(&format!("  {:14} {}", "", look(&clean(bad), Look::Bad, nice)));
        }
    }
}

fn show(status: &Status, now: DateTime<Utc>) {
    let nice = decorated();
    say(&if status.ready {
        look("running, every reachable mailbox has its position", Look::Good, nice)
    } else {
        look("not running, or still starting", Look::Bad, nice)
    });
    for mailbox in &status.mailboxes {
        let checked = match mailbox.last_check {
            Some(time) => format!("checked {} ago", in_words(now.signed_duration_since(time))),
            None => "never checked".to_owned(),
        };
        let seen = mailbox.seen;
        say(&format!("  {:14} {}, {seen} mails seen", mailbox.name, checked));
        if let Some(error) = &mailbox.error {
            say(&format!("  {:14} {}", "", look(&clean(error), Look::Bad, nice)));
        }
    }
    let outbox = &status.outbox;
    let oldest = outbox
        .oldest
        .map(|time| format!(", the oldest since {}", time.format("%Y-%m-%d %H:%M")))
        .unwrap_or_default();
    say(&format!(
        "outbox: {} waiting{oldest}, {} uncertain, {} failed",
        outbox.waiting, outbox.uncertain, outbox.failed
    ));
    let digest = status.rules.digest.as_deref().unwrap_or("-");
    let loaded = status
        .rules
        .loaded
        .map(|time| {
            let age = in_words(now.signed_duration_since(time));
            format!(", in force for {age} (since {})", time.format("%Y-%m-%d %H:%M"))
        })
        .unwrap_or_default();
    say(&format!("rules: {digest}{loaded}"));
    if let Some(error) = &status.rules.error {
        say(&look(&format!("an edit was refused and is not in force:\n{}", clean(error)), Look::Bad, nice));
    }
    say(&format!("{} seen, {} accounted for", status.seen, status.accounted));
}
