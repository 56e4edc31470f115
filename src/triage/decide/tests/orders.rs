//! What coordinators tell the program.

use super::*;
use crate::triage::decide::{Order, Refused, on_order};

const TUESDAY: &str = "2026-11-17T10:00:00+01:00";

fn order(case: &Case, order: &Order, now: &str) -> Result<Vec<Effect>, Refused> {
    let (surroundings, calendar) = (surroundings(), calendar());
    on_order(case, order, "carla", &around(&surroundings, &calendar, now))
}

fn close() -> Order {
    Order::Close { outcome: "solved".to_owned() }
}

#[test]
fn a_coordinator_says_that_the_case_is_answered() {
    for case in [open_case(), waiting_case()] {
        let effects = order(&case, &Order::Answer { note: None }, TUESDAY).unwrap();
        let after = case_in(&effects).unwrap();
        assert_eq!((after.state, after.answered, after.alarm), (State::Answered, Some(at(TUESDAY)), None));
        assert!(
            matches!(&effects[..], [_, Effect::Event { by, what, .. }] if by == "carla" && what == "answered")
        );
    }
}

#[test]
fn orders_that_do_not_fit_are_refused_in_one_sentence() {
    let mut closed = answered_case();
    closed.close(at(TUESDAY));
    for (case, wrong) in [
        (answered_case(), Order::Answer { note: None }),
        (closed.clone(), Order::Answer { note: None }),
        (closed, close()),
        (open_case(), Order::Reopen),
        (waiting_case(), Order::Reopen),
        (open_case(), Order::Close { outcome: " ".to_owned() }),
        (open_case(), Order::Note { text: String::new() }),
    ] {
        let refused = order(&case, &wrong, TUESDAY).unwrap_err();
        assert!(!refused.0.is_empty() && !refused.0.contains('\n'), "{wrong:?}");
    }
}

#[test]
fn a_case_is_closed_with_its_outcome() {
    for case in [open_case(), answered_case()] {
        let effects = order(&case, &close(), TUESDAY).unwrap();
        let after = case_in(&effects).unwrap();
        assert_eq!((after.state, after.closed, after.alarm), (State::Closed, Some(at(TUESDAY)), None));
        assert!(format!("{effects:?}").contains("solved"));
    }
}

#[test]
fn reopening_keeps_a_promise_that_still_lies_ahead() {
    let effects = order(&answered_case(), &Order::Reopen, TUESDAY).unwrap();
    let after = case_in(&effects).unwrap();
    assert_eq!((after.state, after.term, after.due), (State::Open, 1, answered_case().due));
    assert_eq!((after.answered, after.alarm), (None, Some(at("2026-11-18T08:00:00+01:00"))));
}

#[test]
fn reopening_after_the_deadline_makes_a_new_one() {
    let effects = order(&answered_case(), &Order::Reopen, "2026-11-20T10:00:00+01:00").unwrap();
    let after = case_in(&effects).unwrap();
    assert_eq!((after.term, after.due), (2, Some(at("2026-11-25T17:00:00+01:00"))));
}

#[test]
fn reopening_an_incomplete_case_waits_for_information_again() {
    let mut case = waiting_case();
    case.close(at(TUESDAY));
    let after = case_in(&order(&case, &Order::Reopen, TUESDAY).unwrap()).unwrap();
    assert_eq!(after.state, State::AwaitingInformation);
}

#[test]
fn a_note_changes_nothing() {
    let effects = order(&open_case(), &Order::Note { text: "called".to_owned() }, TUESDAY).unwrap();
    assert_eq!(events(&effects), ["note"]);
    assert!(case_in(&effects).is_none());
}
