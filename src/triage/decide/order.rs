//! Orders of a person at the command line.

use chrono::{DateTime, Utc};

use super::{AlarmContext, Effect, Order, Refused, alarm, event};
use crate::triage::case::{Case, State};

pub(super) fn carry_out(
    case: &Case,
    order: &Order,
    by: &str,
    around: &AlarmContext,
) -> Result<Vec<Effect>, Refused> {
    let mut after = case.clone();
    let (what, text) = match order {
        Order::Answer { note } => {
            answer(&mut after, around.now)?;
            ("answered", note.clone().unwrap_or_default())
        }
        Order::Close { outcome } => {
            close(&mut after, outcome, around.now)?;
            ("closed", outcome.clone())
        }
        Order::Reopen => ("reopened", reopen(&mut after, around)?.to_owned()),
        Order::Note { text } => {
            said(text, "a note")?;
            return Ok(vec![event(&case.number, by, "note", text.clone())]);
        }
    };
    Ok(vec![Effect::Update(Box::new(after)), event(&case.number, by, what, text)])
}

fn answer(case: &mut Case, now: DateTime<Utc>) -> Result<(), Refused> {
    match case.state {
        State::Open | State::AwaitingInformation => case.answer(now),
        State::Answered => return Err(Refused(format!("{} has been answered already", case.number))),
        State::Closed => return Err(Refused(format!("{} is closed; reopen it first", case.number))),
    }
    Ok(())
}

fn close(case: &mut Case, outcome: &str, now: DateTime<Utc>) -> Result<(), Refused> {
    if case.state == State::Closed {
        return Err(Refused(format!("{} is closed already", case.number)));
    }
    said(outcome, "an outcome")?;
    case.close(now);
    Ok(())
}

/// A promise stands: one that still lies ahead is kept, with what has rung for it; one that has
/// passed gives way to a new term from now.
fn reopen(case: &mut Case, around: &AlarmContext) -> Result<&'static str, Refused> {
    if case.waits() {
        return Err(Refused(format!("{} is open already", case.number)));
    }
    if case.due.is_some_and(|due| due <= around.now) {
        alarm::renew(case, around.now, around);
        return Ok("a new term");
    }
    case.reopen();
    case.alarm = alarm::first(case, around.calendar, around.now);
    Ok("the term stands")
}

fn said(text: &str, what: &str) -> Result<(), Refused> {
    if text.trim().is_empty() {
        return Err(Refused(format!("{what} needs some text")));
    }
    Ok(())
}
