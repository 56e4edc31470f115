//! A provider that wants less mail from us.

use std::time::Duration;

use chrono::TimeDelta;

use super::Office;
use super::outgoing::{answer, letter, send, settle, states, take};
use crate::mail::Sent;
use crate::triage::letter::{AlertKind, LetterKind};

fn throttled(seconds: u64) -> Sent {
    Sent::Throttled { what: "432 4.3.2 too many connections".into(), rest: Duration::from_secs(seconds) }
}

#[tokio::test]
async fn a_provider_that_wants_less_mail_is_left_alone_and_costs_no_mail_a_try() {
    let office = Office::new();
    for i in 0..6 {
        answer(&office, &i.to_string(), &format!("{i}@example.org")).await;
    }
    let taken = take(&office).await;
    let untried = Sent::NotTried { what: "the server wants less mail for now".into() };
    let mut ends = vec![(taken[0].id, Sent::Accepted), (taken[1].id, throttled(60))];
    ends.extend(taken[2..].iter().map(|mail| (mail.id, untried.clone())));
    office.desk().settle(ends).await.unwrap();
    // What is queued meanwhile waits, too.
    answer(&office, "meanwhile", "meanwhile@example.org").await;
    assert!(take(&office).await.is_empty());
    let next = office.desk().next_send().await.unwrap().unwrap();
    assert!((50..=60).contains(&(next - office.clock.now()).num_seconds()), "{next}");
    office.pass(TimeDelta::seconds(61));
    let again = take(&office).await;
    assert_eq!(again.len(), 6);
    for mail in &again {
        let tried = u32::from(mail.id == taken[1].id);
        assert_eq!(mail.attempts, tried, "the others are as they were");
    }
    // It stays with it: longer, yet a send is tried again after two minutes at most.
    for wait in [120, 120, 120] {
        office.desk().settle(vec![(again[0].id, throttled(60))]).await.unwrap();
        let next = office.desk().next_send().await.unwrap().unwrap();
        assert!(next - office.clock.now() <= TimeDelta::seconds(wait), "{next}");
        office.pass(TimeDelta::seconds(wait + 1));
        take(&office).await;
    }
}

/// One mail goes through at a time: answers keep coming, and the alerts have their turn all the same.
#[tokio::test]
async fn a_provider_that_takes_one_mail_a_minute_gets_alerts_as_well_as_answers() {
    let office = Office::new();
    for i in 0..20 {
        answer(&office, &format!("answer {i}"), &format!("{i}@example.org")).await;
        let alert = letter(&format!("alert {i}"), LetterKind::Alert(AlertKind::New), "noor@ksyos.example");
        send(&office, alert).await;
        office.pass(TimeDelta::seconds(1));
    }
    let mut kinds = Vec::new();
    for minute in 0..12 {
        answer(&office, &format!("late {minute}"), &format!("late{minute}@example.org")).await;
        let taken = take(&office).await;
        let untried = Sent::NotTried { what: "later".into() };
        let mut ends = vec![(taken[0].id, Sent::Accepted), (taken[1].id, throttled(60))];
        ends.extend(taken[2..].iter().map(|mail| (mail.id, untried.clone())));
        kinds.push(taken[0].kind.clone());
        office.desk().settle(ends).await.unwrap();
        office.pass(TimeDelta::seconds(61));
    }
    let alerts = kinds.iter().filter(|kind| *kind == "alert").count();
    assert!((2..=10).contains(&alerts), "{kinds:?}");
}

#[tokio::test]
async fn a_limit_of_a_day_is_no_refusal_and_told_at_once() {
    let office = Office::new();
    answer(&office, "1", "jan@example.org").await;
    let limit = || Sent::Throttled {
        what: "550 5.4.5 Daily user sending limit exceeded".into(),
        rest: Duration::from_hours(1),
    };
    let first = take(&office).await.remove(0);
    settle(&office, first.id, limit()).await;
    assert_eq!(states(&office).await, ["queued", "queued"], "the alert waits with it, for [alarm] to tell");
    assert_eq!(office.outgoing().await[1], ("outbox".into(), "beheer@ksyos.example".into()));
    for _ in 0..20 {
        office.pass(TimeDelta::minutes(61));
        let taken = take(&office).await;
        let tried = taken.iter().map(|mail| (mail.id, limit())).collect();
        office.desk().settle(tried).await.unwrap();
    }
    office.pass(TimeDelta::minutes(61));
    let taken = take(&office).await;
    assert_eq!((taken.len(), taken.iter().any(|mail| mail.bytes == first.bytes)), (2, true), "told once");
    for mail in taken {
        settle(&office, mail.id, Sent::Accepted).await;
    }
    assert_eq!(states(&office).await, ["sent", "sent"]);
}
