//! What happens when time passes and no mail comes.

use super::*;
use crate::triage::decide::on_alarm;

/// Rings, and gives the case as it stands then.
fn ring(case: &mut Case, now: &str) -> Vec<Effect> {
    let (surroundings, calendar) = (surroundings(), calendar());
    let effects = on_alarm(case, &around(&surroundings, &calendar, now));
    if let Some(after) = case_in(&effects) {
        *case = after;
    }
    effects
}

#[test]
fn a_case_rings_before_at_and_five_mornings_after_its_deadline() {
    let mut case = open_case();
    let mut rung = Vec::new();
    while let Some(alarm) = case.alarm {
        let effects = ring(&mut case, &alarm.to_rfc3339());
        let kind = if alerts(&effects, AlertKind::DueSoon).is_empty() { "overdue" } else { "due_soon" };
        assert_eq!(sent(&effects).len(), 2, "each coordinator once");
        rung.push(format!("{kind} {}", alarm.with_timezone(&Amsterdam).format("%a %d %H:%M")));
        assert!(rung.len() < 20);
    }
    assert_eq!(
        rung,
        [
            "due_soon Wed 18 08:00",
            "overdue Thu 19 17:00",
            "overdue Fri 20 08:00",
            "overdue Mon 23 08:00",
            "overdue Tue 24 08:00",
            "overdue Wed 25 08:00",
            "overdue Thu 26 08:00",
        ]
    );
}

#[test]
fn each_ring_has_a_key_of_its_own() {
    let mut case = open_case();
    let effects = ring(&mut case, "2026-11-18T08:00:00+01:00");
    assert_eq!(sent(&effects).first().unwrap().key, "K-2026-000123.1.due_soon.carla@ksyos.nl");
    let effects = ring(&mut case, "2026-11-19T17:00:00+01:00");
    assert_eq!(sent(&effects).first().unwrap().key, "K-2026-000123.1.overdue.1.carla@ksyos.nl");
    assert_eq!(case.bell.overdue, 1);
    assert_eq!(events(&effects), ["rang"]);
}

#[test]
fn a_case_that_waits_for_information_rings_like_any_other() {
    let mut case = waiting_case();
    let effects = ring(&mut case, "2026-11-19T17:00:00+01:00");
    assert_eq!(alerts(&effects, AlertKind::Overdue).len(), 2);
    assert_eq!(case.state, State::AwaitingInformation);
}

#[test]
fn what_was_slept_through_rings_once() {
    let mut case = open_case();
    let effects = ring(&mut case, "2026-11-25T11:00:00+01:00");
    assert_eq!(alerts(&effects, AlertKind::Overdue).len(), 2);
    assert!(alerts(&effects, AlertKind::DueSoon).is_empty());
    assert_eq!(case.alarm, Some(at("2026-11-26T08:00:00+01:00")));
}

#[test]
fn out_of_hours_the_bell_waits_for_the_morning() {
    let mut case = open_case();
    let effects = ring(&mut case, "2026-11-20T22:00:00+01:00");
    assert!(sent(&effects).is_empty());
    assert_eq!(case.alarm, Some(at("2026-11-23T08:00:00+01:00")));
    assert_eq!(case.bell.overdue, 0);
}

#[test]
fn nothing_rings_early_nor_for_an_answered_case() {
    let mut case = open_case();
    assert!(ring(&mut case, "2026-11-18T07:59:59+01:00").is_empty());
    let mut stale = Case { alarm: case.alarm, ..answered_case() };
    let effects = ring(&mut stale, "2026-11-18T08:00:00+01:00");
    assert!(sent(&effects).is_empty() && stale.alarm.is_none());
}

#[test]
fn a_mail_that_was_late_when_we_saw_it_skips_the_warning() {
    let mut mail = mail(JAN, "1@jan").says_all();
    mail.now = at("2026-11-23T20:00:00+01:00");
    let case = case(&mail.decide(&nothing()));
    assert_eq!(case.due, Some(at("2026-11-19T17:00:00+01:00")), "our delay costs the team, not the sender");
    assert_eq!(case.alarm, Some(at("2026-11-24T08:00:00+01:00")));
}

#[test]
fn a_warning_that_comes_late_still_comes_before_the_deadline() {
    let mut mail = mail(JAN, "1@jan").says_all();
    mail.now = at("2026-11-19T09:30:00+01:00");
    assert_eq!(case(&mail.decide(&nothing())).alarm, Some(at("2026-11-19T09:30:00+01:00")));
}
