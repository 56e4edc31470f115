//! A clock that steps back and forth, a machine that slept, and the two nights of summer time.

use chrono::{TimeDelta, Timelike};
use chrono_tz::Europe::Amsterdam;

use super::outgoing::{answer, settle, states, take};
use super::{CONFIG, INCOMPLETE, Office, mail};
use crate::mail::Sent;
use crate::rules::live::Guidance;

fn deferred() -> Sent {
    Sent::Deferred { what: "451 later".into() }
}

/// The longest that anything ever waits for its next try: a provider's limit of a day.
const LONGEST: TimeDelta = TimeDelta::hours(1);

/// Lets a day pass by the minute, and rings as the daemon does.
async fn rings_on(office: &Office, days: i64) {
    for _ in 0..days * 24 * 4 {
        office.pass(TimeDelta::minutes(15));
        office.desk().ring().await.unwrap();
    }
}

/// Alerts about deadlines to the coordinator, in the order of their making.
async fn rung(office: &Office) -> Vec<String> {
    let alerts = office.outgoing().await.into_iter();
    alerts.map(|(kind, _)| kind).filter(|kind| kind == "due_soon" || kind == "overdue").collect()
}

#[tokio::test]
async fn a_mail_that_waits_for_a_moment_far_ahead_goes_once_the_clock_is_right_again() {
    let office = Office::new();
    let right = office.clock.now();
    // For some minutes the clock was ten days ahead.
    office.pass(TimeDelta::days(10));
    answer(&office, "tried", "jan@example.org").await;
    let tried = take(&office).await.remove(0);
    settle(&office, tried.id, deferred()).await;
    answer(&office, "new", "piet@example.org").await;
    office.clock.jump(right);
    let end = office.clock.now() + LONGEST;
    let mut gone = Vec::new();
    while office.clock.now() < end && gone.len() < 2 {
        for mail in take(&office).await {
            settle(&office, mail.id, Sent::Accepted).await;
            gone.push(mail.to);
        }
        office.pass(TimeDelta::seconds(10));
    }
    gone.sort();
    assert_eq!(gone, ["jan@example.org", "piet@example.org"]);
    assert_eq!(states(&office).await, ["sent", "sent"]);
    office.pass(TimeDelta::days(11));
    assert!(take(&office).await.is_empty(), "and a single time");
}

#[tokio::test]
async fn a_clock_that_is_a_week_ahead_gives_no_mail_up_that_was_hardly_tried() {
    let office = Office::new();
    answer(&office, "a", "jan@example.org").await;
    for step in [0, 7, -7, 7] {
        office.pass(TimeDelta::days(step) + TimeDelta::minutes(5));
        let taken = take(&office).await.remove(0);
        settle(&office, taken.id, deferred()).await;
        assert_eq!(states(&office).await[0], "queued");
    }
    assert_eq!(states(&office).await.len(), 1, "and nobody is told that it did not arrive");
}

#[tokio::test]
async fn a_clock_that_was_set_back_makes_no_mail_come_in_a_hurry() {
    let office = Office::new();
    answer(&office, "a", "jan@example.org").await;
    for _ in 0..6 {
        let taken = take(&office).await.remove(0);
        settle(&office, taken.id, deferred()).await;
        office.pass(TimeDelta::minutes(3));
    }
    let taken = take(&office).await.remove(0);
    settle(&office, taken.id, deferred()).await;
    office.pass(-TimeDelta::minutes(30));
    assert!(take(&office).await.is_empty(), "an ordinary wait is waited for");
    office.pass(TimeDelta::minutes(33));
    assert_eq!(take(&office).await.len(), 1);
}

#[tokio::test]
async fn who_was_answered_often_while_the_clock_was_wrong_is_answered_again_after_it() {
    let office = Office::new();
    let right = office.clock.now();
    office.pass(TimeDelta::days(300));
    for i in 0..6 {
        office.receive("klacht", i + 1, &mail(&format!("wrong{i}"), "", INCOMPLETE)).await;
    }
    let before = office.outgoing().await.len();
    office.clock.jump(right);
    office.receive("klacht", 20, &mail("right", "", &format!("{INCOMPLETE}\nnog iets"))).await;
    let sent = office.outgoing().await;
    assert!(sent[before..].iter().any(|(_, to)| to == "jan@example.org"), "{:?}", &sent[before..]);
}

#[tokio::test]
async fn no_alarm_is_missed_or_rings_twice_however_the_clock_steps() {
    let office = Office::new();
    office.receive("klacht", 1, &mail("a", "", INCOMPLETE)).await;
    // Until Wednesday, with steps of hours back and forth; the warning comes on Wednesday morning.
    for hours in [5, -9, 30, -20, 3, 40, -26] {
        office.pass(TimeDelta::hours(hours));
        office.desk().ring().await.unwrap();
    }
    rings_on(&office, 2).await;
    office.pass(-TimeDelta::hours(30));
    rings_on(&office, 12).await;
    office.pass(-TimeDelta::days(5));
    rings_on(&office, 8).await;
    let one = |kind: &str| vec![kind.to_owned(); 1];
    assert_eq!(rung(&office).await, [one("due_soon"), vec!["overdue".to_owned(); 6]].concat());
    let keys = office.count("SELECT count(*) - count(DISTINCT key) FROM outbox").await;
    assert_eq!(keys, 0);
}

#[tokio::test]
async fn what_a_sleep_of_a_day_passed_over_rings_once_on_waking() {
    let office = Office::new();
    office.receive("klacht", 1, &mail("a", "", INCOMPLETE)).await;
    rings_on(&office, 1).await;
    answer(&office, "waits", "piet@example.org").await;
    // Asleep from Tuesday morning over the warning, awake on Wednesday afternoon.
    office.pass(TimeDelta::hours(30));
    office.desk().ring().await.unwrap();
    office.desk().ring().await.unwrap();
    assert_eq!(rung(&office).await, ["due_soon"]);
    let outbox = office.outgoing().await.into_iter().filter(|(kind, _)| kind == "outbox").count();
    assert_eq!(outbox, 1, "that mail waited is told once");
    assert!(!take(&office).await.is_empty());
}

/// The term of three working days spans the night on which an hour is lost or comes twice.
#[tokio::test]
async fn in_the_nights_of_summer_time_alarms_keep_to_the_hours_on_the_wall() {
    for (friday, deadline) in [
        ("2026-10-23T10:00:00Z", "2026-10-28T17:00:00+01:00"),
        ("2027-03-26T10:00:00Z", "2027-04-01T17:00:00+02:00"),
    ] {
        let office = Office::new();
        office.clock.jump(friday.parse().unwrap());
        office.receive("klacht", 1, &mail("a", "", INCOMPLETE)).await;
        let due = office.cases()[0].due.unwrap();
        assert_eq!(due, chrono::DateTime::parse_from_rfc3339(deadline).unwrap());
        let mut hours = Vec::new();
        let mut before = 0;
        for _ in 0..7 * 24 * 4 {
            office.pass(TimeDelta::minutes(15));
            office.desk().ring().await.unwrap();
            let now = rung(&office).await.len();
            if now > before {
                before = now;
                hours.push(office.clock.now().with_timezone(&Amsterdam).hour());
            }
        }
        // A day before, at the deadline, and on the mornings after it.
        assert_eq!(hours[..2], [8, 17], "{friday}: {hours:?}");
        assert!(hours[2..].iter().all(|hour| *hour == 8), "{friday}: {hours:?}");
    }
}

/// The hours of alerts as an admin writes them.
fn with_hours(hours: &str) -> String {
    CONFIG.replace("[alerts]", &format!("[alerts]\nhours = \"{hours}\""))
}

#[tokio::test]
async fn wider_hours_count_for_the_alarms_that_wait_for_the_morning() {
    for restarts in [false, true] {
        let mut office = Office::with_config(&with_hours("06:00-07:00"));
        office.receive("klacht", 1, &mail("a", "", INCOMPLETE)).await;
        // A minute after the deadline.
        office.clock.jump("2026-11-26T16:01:00Z".parse().unwrap());
        office.desk().ring().await.unwrap();
        assert!(rung(&office).await.is_empty(), "out of hours");
        let wider = Office::with_config(&with_hours("06:00-20:00"));
        let config = crate::config::Config {
            calendar: wider.live.get().config.calendar.clone(),
            ..(*office.live.get().config).clone()
        };
        let rules = std::sync::Arc::clone(&office.live.get().rules);
        office.live.swap(Guidance { rules, config: std::sync::Arc::new(config) });
        if restarts {
            office.restart();
        } else {
            office.desk().bring_forward().await.unwrap();
        }
        office.desk().ring().await.unwrap();
        assert_eq!(rung(&office).await, ["overdue"]);
        // The same hours again change nothing.
        office.desk().bring_forward().await.unwrap();
        office.desk().ring().await.unwrap();
        assert_eq!(rung(&office).await, ["overdue"]);
    }
}
