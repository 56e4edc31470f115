//! The bell of a case: before the deadline, at it, and each working morning after it.
//!
//! A case holds one alarm, the earliest moment at which something must happen without mail. What
//! was slept through is rung once, the newest of it; a bell out of hours waits for the morning.

use chrono::{DateTime, Utc};

use super::alert::alert;
use super::{AlarmContext, BY_US, Effect, event};
use crate::triage::calendar::Calendar;
use crate::triage::case::Case;
use crate::triage::letter::AlertKind;

/// One at the deadline and five on the working days after it; then the coordinators know.
const MOST_OVERDUE: u32 = 6;

/// The promise of an inquiry to what arrives at `arrived`; `None` where it makes none.
pub(super) fn due(inquiry: &str, arrived: DateTime<Utc>, around: &AlarmContext) -> Option<DateTime<Utc>> {
    let days = around.rules.inquiry(inquiry)?.working_days?;
    Some(around.calendar.deadline(arrived, days).due.with_timezone(&Utc))
}

/// Opens an answered or closed case again, with a new term that counts from `arrived`.
pub(super) fn renew(case: &mut Case, arrived: DateTime<Utc>, around: &AlarmContext) {
    case.reopen();
    case.begin_term(due(&case.inquiry, arrived, around));
    case.alarm = first(case, around.calendar, around.now);
}

/// When a case rings first, seen from `now`. A warning whose hour has passed rings late as long as
/// the deadline is still ahead; once that has passed there is nothing to warn of.
pub(super) fn first(case: &Case, calendar: &Calendar, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let due = case.due.filter(|_| case.waits())?;
    if !case.bell.due_soon
        && let Some(soon) = calendar.due_soon_moment(due)
    {
        let rings = calendar.next_alert_moment(soon.max(now));
        if rings < due {
            return Some(rings);
        }
    }
    match case.bell.overdue {
        0 => Some(calendar.next_alert_moment(due.max(now))),
        rung if rung < MOST_OVERDUE => Some(calendar.next_working_morning(due.max(now))),
        _ => None,
    }
}

/// The case with an earlier alarm, where hours, days or warnings have changed so that it may ring sooner.
/// What may ring later only looks at the hours when it goes off.
pub(super) fn brought_forward(case: &Case, around: &AlarmContext) -> Option<Case> {
    let alarm = case.alarm?;
    let sooner = first(case, around.calendar, around.now).filter(|first| *first < alarm)?;
    Some(Case { alarm: Some(sooner), ..case.clone() })
}

/// What happens when the alarm of a case goes off.
pub(super) fn ring(case: &Case, around: &AlarmContext) -> Vec<Effect> {
    let (calendar, now) = (around.calendar, around.now);
    let mut next = case.clone();
    let Some(due) = case.due.filter(|_| case.waits()) else {
        next.alarm = None;
        return changed(case, next);
    };
    if case.alarm.is_none_or(|alarm| alarm > now) {
        return Vec::new();
    }
    if calendar.next_alert_moment(now) > now {
        next.alarm = Some(calendar.next_alert_moment(now));
        return changed(case, next);
    }
    let (kind, occasion) = if now < due {
        next.bell.due_soon = true;
        (AlertKind::DueSoon, "due_soon".to_owned())
    } else {
        next.bell.due_soon = true;
        next.bell.overdue = case.bell.overdue.saturating_add(1);
        (AlertKind::Overdue, format!("overdue.{}", next.bell.overdue))
    };
    if next.bell.overdue > MOST_OVERDUE || (kind == AlertKind::DueSoon && case.bell.due_soon) {
        next.bell = case.bell;
        next.alarm = first(&next, calendar, now);
        return changed(case, next);
    }
    next.alarm = first(&next, calendar, now);
    let mut effects = alert(&next, kind, &occasion, &[], around);
    effects.push(event(&next.number, BY_US, "rang", occasion));
    effects.push(Effect::Update(Box::new(next)));
    effects
}

fn changed(before: &Case, after: Case) -> Vec<Effect> {
    if *before == after { Vec::new() } else { vec![Effect::Update(Box::new(after))] }
}
