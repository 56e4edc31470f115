//! One answer to a person, none to a machine; at most one copy of it, or its row is in doubt.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use super::accounted::may_be_unreadable;
use super::{After, OutRow};
use crate::line::{Attempt, Fate};
use crate::mails::Truth;

/// Answers to one address within a day.
const MOST_A_DAY: usize = 5;
/// A case asks so often.
const MOST_REQUESTS: usize = 2;

pub fn check(after: &After) -> Result<(), String> {
    copies(after)?;
    ends(after)?;
    only_to_people(after)?;
    not_too_often(after)?;
    everybody_hears(after)
}

/// At the far end there is one copy of each mail; two only where the program says that it is in doubt.
fn copies(after: &After) -> Result<(), String> {
    let mut all: BTreeMap<&str, Vec<&Attempt>> = BTreeMap::new();
    for attempt in after.attempts() {
        all.entry(&attempt.id).or_default().push(attempt);
    }
    for (id, attempts) in all {
        let Some(row) = after.outbox.get(id) else {
            return Err(format!("{} was sent, and the program knows nothing of it", attempts[0].what()));
        };
        copies_of_one(&attempts, &row.state).map_err(|fault| format!("{} {fault}", attempts[0].what()))?;
    }
    Ok(())
}

fn copies_of_one(attempts: &[&Attempt], state: &str) -> Result<(), String> {
    let copies = attempts.iter().filter(|attempt| attempt.fate == Fate::Delivered).count();
    let agrees = match state {
        "sent" => copies == 1,
        "failed" => copies == 0,
        _ => copies <= 2,
    };
    if !agrees {
        return Err(format!("is {state}, and was delivered {copies} times"));
    }
    if attempts.iter().any(|attempt| attempt.bytes != attempts[0].bytes) {
        return Err("was sent in two versions under one Message-ID".to_owned());
    }
    let refused = attempts.iter().position(|attempt| attempt.fate == Fate::Refused);
    if refused.is_some_and(|at| at + 1 < attempts.len()) && state != "uncertain" {
        return Err("was tried again after a refusal".to_owned());
    }
    Ok(())
}

/// Nothing stays in the outbox, and what is there was sent.
fn ends(after: &After) -> Result<(), String> {
    for (id, OutRow { state, .. }) in &after.outbox {
        let kind = id.split('.').take(2).collect::<Vec<_>>().join(" ");
        if !["sent", "uncertain", "failed"].contains(&state.as_str()) {
            return Err(format!("{kind} is still {state} when all is over"));
        }
        if state != "uncertain" && !after.attempts().any(|attempt| attempt.id == *id) {
            return Err(format!("{kind} is {state} and was never sent"));
        }
    }
    Ok(())
}

/// Each answer has the mail that it answers: a person's, answered once, at that person's address.
fn only_to_people(after: &After) -> Result<(), String> {
    let mut answers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut requests: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for answer in after.attempts().filter(|attempt| attempt.is_answer()) {
        let asked = answer.in_reply_to.as_deref().unwrap_or_default();
        let Some(mail) = after.state.mails.iter().find(|mail| mail.id == asked) else {
            return Err(format!("{} answers nothing", answer.what()));
        };
        if !matches!(mail.truth, Truth::Opening | Truth::FollowUp) {
            return Err(format!("{} was answered: {:?}", mail.what, mail.truth));
        }
        if mail.from != answer.to {
            return Err(format!("{} was answered at {}", mail.what, answer.to));
        }
        let of = answers.entry(asked).or_default();
        of.insert(&answer.id);
        if of.len() > 1 {
            return Err(format!("{} got {} different answers", mail.what, of.len()));
        }
        if answer.id.contains(".request.") || answer.id.contains(".reminder.") {
            let of = requests.entry(answer.number.as_deref().unwrap_or_default()).or_default();
            of.insert(&answer.id);
            if of.len() > MOST_REQUESTS {
                return Err(format!("{:?} asks {} times", answer.number, of.len()));
            }
        }
    }
    Ok(())
}

fn not_too_often(after: &After) -> Result<(), String> {
    for answer in after.attempts().filter(|attempt| attempt.is_answer()) {
        let day = answer.written - TimeDelta::hours(24);
        let same_day = |other: &&Attempt| {
            other.is_answer()
                && other.to == answer.to
                && other.written > day
                && other.written <= answer.written
        };
        let ids: BTreeSet<&str> = after.attempts().filter(same_day).map(|other| other.id.as_str()).collect();
        if ids.len() > MOST_A_DAY {
            return Err(format!("{} got {} answers in a day", answer.to, ids.len()));
        }
    }
    Ok(())
}

/// Who begins a conversation hears from us, unless that would be too often.
fn everybody_hears(after: &After) -> Result<(), String> {
    for (number, mail) in after.state.mails.iter().enumerate() {
        let came = after.recorded().any(|(item, _)| item.mail == number);
        if mail.truth != Truth::Opening || !came || may_be_unreadable(after, number) {
            continue;
        }
        let to_them = || after.attempts().filter(|a| a.is_answer() && a.to == mail.from);
        let heard = to_them().any(|answer| answer.in_reply_to.as_deref() == Some(&mail.id));
        let many: BTreeSet<&str> = to_them().map(|answer| answer.id.as_str()).collect();
        if !heard && many.len() < MOST_A_DAY && !after.untried().any(|(_, row)| row.to == mail.from) {
            let rows: Vec<_> = after.recorded().filter(|(item, _)| item.mail == number).collect();
            return Err(format!("{} was never answered: {rows:?}", mail.what));
        }
    }
    Ok(())
}
