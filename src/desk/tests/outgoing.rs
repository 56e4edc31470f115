//! Mail that goes out.

use chrono::TimeDelta;

use super::super::{Queued, Trouble};
use super::{INCOMPLETE, Office, mail};
use crate::desk::Chance;
use crate::desk::apply::Hand;
use crate::mail::Sent;
use crate::triage::decide::Outgoing;
use crate::triage::letter::{AlertKind, LetterKind};

pub(super) fn letter(key: &str, kind: LetterKind, to: &str) -> Outgoing {
    Outgoing {
        key: key.to_owned(),
        kind,
        mailbox: "klacht".into(),
        from: "klacht@ksyos.example".into(),
        to: to.to_owned(),
        subject: key.to_owned(),
        body: "Tekst".into(),
        in_reply_to: None,
        references: Vec::new(),
        case: None,
    }
}

pub(super) async fn send(office: &Office, outgoing: Outgoing) -> bool {
    let (guidance, now) = (office.live.get(), office.clock.now());
    office
        .desk()
        .write(move |connection| {
            Hand { connection, guidance: &guidance, now, chance: &Chance::default() }.send(&outgoing)
        })
        .await
        .unwrap()
}

pub(super) async fn answer(office: &Office, key: &str, to: &str) {
    assert!(send(office, letter(key, LetterKind::Request, to)).await);
}

pub(super) async fn take(office: &Office) -> Vec<Queued> {
    office.desk().take(10).await.unwrap()
}

pub(super) async fn settle(office: &Office, id: i64, end: Sent) {
    office.desk().settle(vec![(id, end)]).await.unwrap();
}

pub(super) async fn states(office: &Office) -> Vec<String> {
    office
        .desk()
        .look(|c| {
            let mut statement = c.prepare("SELECT state FROM outbox ORDER BY id")?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
        .unwrap()
}

fn deferred() -> Sent {
    Sent::Deferred { what: "451 later".into() }
}

fn uncertain() -> Sent {
    Sent::Uncertain { what: "lost after the final dot".into() }
}

#[tokio::test]
async fn a_key_is_sent_a_single_time() {
    let office = Office::new();
    answer(&office, "a", "jan@example.org").await;
    assert!(!send(&office, letter("a", LetterKind::Request, "jan@example.org")).await);
    let taken = take(&office).await;
    assert_eq!(taken.len(), 1);
    assert!(take(&office).await.is_empty(), "it is under way");
    settle(&office, taken[0].id, Sent::Accepted).await;
    // A second word about the same attempt changes nothing.
    settle(&office, taken[0].id, deferred()).await;
    assert!(take(&office).await.is_empty());
    assert_eq!(states(&office).await, ["sent"]);
    assert_eq!(office.desk().next_send().await.unwrap(), None);
}

#[tokio::test]
async fn a_person_gets_mails_in_order_and_nobody_waits_for_another_person() {
    let office = Office::new();
    answer(&office, "1", "jan@example.org").await;
    answer(&office, "2", "jan@example.org").await;
    answer(&office, "3", "piet@example.org").await;
    let taken = take(&office).await;
    assert_eq!(
        taken.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(),
        ["jan@example.org", "piet@example.org"]
    );
    settle(&office, taken[0].id, deferred()).await;
    assert!(take(&office).await.is_empty(), "the second waits for the first");
    assert!(office.desk().next_send().await.unwrap().unwrap() > office.clock.now());
    office.pass(TimeDelta::seconds(6));
    let again = take(&office).await;
    assert_eq!((again.len(), again[0].id, again[0].attempts), (1, taken[0].id, 1));
    settle(&office, again[0].id, Sent::Accepted).await;
    assert_eq!(take(&office).await.len(), 1);
}

#[tokio::test]
async fn alerts_and_answers_share_the_way_out() {
    let office = Office::new();
    for i in 0..40 {
        answer(&office, &format!("answer {i}"), &format!("{i}@example.org")).await;
        let alert =
            letter(&format!("alert {i}"), LetterKind::Alert(AlertKind::New), "coordinator@ksyos.example");
        send(&office, alert).await;
    }
    let taken = office.desk().take(20).await.unwrap();
    let alerts = taken.iter().filter(|mail| mail.kind == "alert").count();
    assert_eq!((taken.len(), alerts), (20, 5));
}

#[tokio::test]
async fn a_provider_gets_no_more_mails_in_a_minute_than_it_takes_and_answers_and_alerts_share_them() {
    let office = Office::with_config(
        &super::CONFIG.replace("[outbox]\ndirectory = \"out\"", "[smtp]\nhost = \"smtp.office365.com\""),
    );
    for i in 0..60 {
        answer(&office, &format!("answer {i}"), &format!("{i}@example.org")).await;
        let alert =
            letter(&format!("alert {i}"), LetterKind::Alert(AlertKind::New), "coordinator@ksyos.example");
        send(&office, alert).await;
    }
    let mut kinds = Vec::new();
    let end = office.clock.now() + TimeDelta::minutes(10);
    while office.clock.now() < end && kinds.len() < 120 {
        // Several senders at once.
        for chunk in [office.desk().take(16).await.unwrap(), office.desk().take(16).await.unwrap()] {
            for mail in chunk {
                settle(&office, mail.id, Sent::Accepted).await;
                kinds.push(mail.kind);
            }
        }
        if let Some(next) = office.desk().next_send().await.unwrap() {
            assert!(next - office.clock.now() <= TimeDelta::seconds(60), "{next}");
            office.pass((next - office.clock.now()).max(TimeDelta::seconds(7)));
        }
    }
    assert_eq!(kinds.len(), 120, "within ten minutes");
    let delivered: Vec<i64> = office
        .desk()
        .look(|c| {
            let mut statement = c.prepare("SELECT delivered FROM outbox ORDER BY delivered")?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
        .unwrap();
    assert!(delivered.iter().zip(delivered.iter().skip(30)).all(|(one, later)| later - one >= 60_000));
    let alerts_early = kinds.iter().take(60).filter(|kind| *kind == "alert").count();
    assert!((15..=45).contains(&alerts_early), "of the first 60 {alerts_early} were alerts");
}

#[tokio::test]
async fn a_clock_set_back_does_not_close_the_way_out() {
    let office = Office::with_config(
        &super::CONFIG
            .replace("[outbox]\ndirectory = \"out\"", "[smtp]\nhost = \"smtp.example.org\"\nper_minute = 1"),
    );
    answer(&office, "1", "jan@example.org").await;
    let taken = take(&office).await;
    settle(&office, taken[0].id, Sent::Accepted).await;
    answer(&office, "2", "piet@example.org").await;
    assert!(take(&office).await.is_empty(), "one a minute");
    office.clock.jump(office.clock.now() - TimeDelta::hours(1));
    answer(&office, "3", "kees@example.org").await;
    assert_eq!(take(&office).await.len(), 1);
}

#[tokio::test]
async fn a_deferred_mail_is_tried_again_within_two_minutes_for_an_hour_and_never_given_up_that_day() {
    let office = Office::new();
    answer(&office, "1", "jan@example.org").await;
    let mut waited = TimeDelta::zero();
    while waited < TimeDelta::hours(6) {
        let taken = take(&office).await;
        settle(&office, taken[0].id, deferred()).await;
        let next = office.desk().next_send().await.unwrap().unwrap();
        let wait = next - office.clock.now();
        let most = if waited < TimeDelta::hours(1) { 120 } else { 900 };
        assert!(wait > TimeDelta::zero() && wait <= TimeDelta::seconds(most), "{wait} after {waited}");
        waited += wait;
        office.clock.jump(next + TimeDelta::milliseconds(5));
    }
}

#[tokio::test]
async fn a_server_that_takes_nothing_for_a_quarter_of_an_hour_is_a_trouble_and_a_slow_one_is_none() {
    let office = Office::new();
    let minutes = async |minutes: i64, ends: &dyn Fn(&Queued) -> Sent| {
        let end = office.clock.now() + TimeDelta::minutes(minutes);
        while office.clock.now() < end {
            for mail in take(&office).await {
                settle(&office, mail.id, ends(&mail)).await;
            }
            office.pass(TimeDelta::seconds(30));
        }
    };
    for i in 0..3 {
        answer(&office, &i.to_string(), &format!("{i}@example.org")).await;
    }
    minutes(14, &|_| deferred()).await;
    assert_eq!(office.desk().stuck().await.unwrap(), None, "a short absence is nobody's business");
    minutes(2, &|_| deferred()).await;
    let text = office.desk().stuck().await.unwrap().expect("it is told");
    assert!(text.contains("451 later") && text.contains("2026-11-23 10:00"), "{text}");
    // One that gets through shows that the server is there, whatever it thinks of the others.
    minutes(3, &|mail| if mail.to.starts_with('0') { Sent::Accepted } else { deferred() }).await;
    assert_eq!(office.desk().stuck().await.unwrap(), None);
}

#[tokio::test]
async fn what_may_have_been_sent_is_tried_once_more_with_the_same_bytes() {
    let office = Office::new();
    answer(&office, "1", "jan@example.org").await;
    let first = take(&office).await.remove(0);
    settle(&office, first.id, uncertain()).await;
    assert_eq!(states(&office).await, ["uncertain"]);
    office.pass(TimeDelta::seconds(59));
    assert!(take(&office).await.is_empty());
    office.pass(TimeDelta::seconds(3));
    let second = take(&office).await.remove(0);
    assert_eq!(second.bytes, first.bytes);
    settle(&office, second.id, Sent::Accepted).await;
    assert_eq!(states(&office).await, ["uncertain"], "nobody can say whether it came twice");
    assert_eq!(office.desk().next_send().await.unwrap(), None);
    assert_eq!(office.outgoing().await.len(), 1, "no alert: it arrived at least once");
}

#[tokio::test]
async fn doubt_twice_ends_in_an_alert_and_no_third_attempt() {
    let office = Office::new();
    answer(&office, "1", "jan@example.org").await;
    for _ in 0..2 {
        let taken = take(&office).await.remove(0);
        settle(&office, taken.id, uncertain()).await;
        office.pass(TimeDelta::minutes(2));
    }
    assert_eq!(states(&office).await, ["uncertain", "queued"]);
    assert_eq!(office.outgoing().await[1], ("outbox".into(), "beheer@ksyos.example".into()));
}

#[tokio::test]
async fn what_was_being_sent_when_the_program_died_is_in_doubt() {
    let mut office = Office::new();
    answer(&office, "1", "jan@example.org").await;
    answer(&office, "2", "piet@example.org").await;
    let first = office.desk().take(1).await.unwrap().remove(0);
    office.restart();
    assert_eq!(states(&office).await, ["uncertain", "queued"]);
    office.pass(TimeDelta::seconds(62));
    let again = take(&office).await;
    assert!(again.iter().any(|mail| mail.id == first.id && mail.bytes == first.bytes));
    // Killed again: nothing is tried a third time.
    office.restart();
    office.pass(TimeDelta::hours(1));
    assert!(take(&office).await.iter().all(|mail| mail.id != first.id));
}

#[tokio::test]
async fn a_refused_answer_is_told_to_the_coordinators_and_not_tried_again() {
    let office = Office::new();
    office.receive("klacht", 1, &mail("a", "", INCOMPLETE)).await;
    let request = take(&office).await.into_iter().find(|mail| mail.kind == "request").unwrap();
    settle(&office, request.id, Sent::Refused { what: "550 no such user".into(), recipient: true }).await;
    let outgoing = office.outgoing().await;
    assert!(outgoing.contains(&("bounce".into(), "coordinator@ksyos.example".into())), "{outgoing:?}");
    assert!(!outgoing.iter().any(|(kind, _)| kind == "outbox"), "it is about one recipient");
    office.pass(TimeDelta::days(2));
    assert!(take(&office).await.iter().all(|mail| mail.id != request.id));
    let case = office.case(&office.cases()[0].number);
    assert!(case.mails.iter().any(|mail| mail.state.as_deref() == Some("failed")));
}

#[tokio::test]
async fn a_refusal_of_ours_is_told_to_the_admins_once_and_never_about_itself() {
    let office = Office::new();
    for i in 0..3 {
        answer(&office, &format!("{i}"), &format!("{i}@example.org")).await;
    }
    let refused = || Sent::Refused { what: "554 go away".into(), recipient: false };
    for _ in 0..4 {
        for taken in take(&office).await {
            settle(&office, taken.id, refused()).await;
        }
    }
    let outgoing = office.outgoing().await;
    let alerts = outgoing.iter().filter(|(kind, _)| kind == "outbox").count();
    assert_eq!(alerts, 1, "{outgoing:?}");
    // It works again, then it does not: that is news.
    answer(&office, "works", "x@example.org").await;
    let taken = take(&office).await.remove(0);
    settle(&office, taken.id, Sent::Accepted).await;
    answer(&office, "fails", "y@example.org").await;
    let taken = take(&office).await.remove(0);
    settle(&office, taken.id, refused()).await;
    assert_eq!(office.outgoing().await.iter().filter(|(kind, _)| kind == "outbox").count(), 2);
}

#[tokio::test]
async fn a_sender_that_is_refused_is_told_once_though_the_alert_gets_out() {
    let office = Office::new();
    let told = async || office.outgoing().await.iter().filter(|(kind, _)| kind == "outbox").count();
    let refuse_klacht = async || {
        for taken in take(&office).await {
            let refused = Sent::Refused { what: "553 sender not allowed".into(), recipient: false };
            let end = if taken.from == "klacht@ksyos.example" { refused } else { Sent::Accepted };
            settle(&office, taken.id, end).await;
        }
    };
    for i in 0..4 {
        answer(&office, &format!("{i}"), &format!("{i}@example.org")).await;
        refuse_klacht().await;
        refuse_klacht().await;
        assert_eq!(told().await, 1, "the same trouble after mail {i}");
    }
    answer(&office, "works", "x@example.org").await;
    settle(&office, take(&office).await.remove(0).id, Sent::Accepted).await;
    answer(&office, "fails", "y@example.org").await;
    refuse_klacht().await;
    assert_eq!(told().await, 2, "it worked in between");
}

#[tokio::test]
async fn an_outbox_that_does_not_drain_is_told_once() {
    let office = Office::new();
    answer(&office, "1", "jan@example.org").await;
    office.desk().ring().await.unwrap();
    assert_eq!(office.outgoing().await.len(), 1);
    office.pass(TimeDelta::minutes(16));
    office.desk().ring().await.unwrap();
    office.desk().ring().await.unwrap();
    let outgoing = office.outgoing().await;
    assert_eq!(outgoing.len(), 2);
    assert_eq!(outgoing[1].0, "outbox");
    assert!(!office.desk().trouble(Trouble::Outbox, "again").await.unwrap());
}

#[tokio::test]
async fn an_address_that_no_mail_can_be_made_for_is_no_loss() {
    let office = Office::new();
    office.receive("klacht", 1, &mail("a", "", INCOMPLETE)).await;
    let number = office.cases()[0].number.clone();
    let impossible =
        Outgoing { case: Some(number.clone()), ..letter("1", LetterKind::Request, "no address") };
    send(&office, impossible).await;
    assert!(office.case(&number).events.iter().any(|event| event.what == "not_sent"));
    let outgoing = office.outgoing().await;
    assert!(outgoing.contains(&("review".into(), "coordinator@ksyos.example".into())), "{outgoing:?}");
}

/// Found by the simulation.
#[tokio::test]
async fn a_mail_that_nobody_began_with_is_not_given_up_however_long_the_program_was_down() {
    let office = Office::new();
    answer(&office, "a", "jan@example.org").await;
    office.pass(TimeDelta::days(9));
    let taken = take(&office).await.remove(0);
    settle(&office, taken.id, deferred()).await;
    assert_eq!(states(&office).await, ["queued"], "one put-off after a long absence ends nothing");
    office.pass(TimeDelta::days(9));
    let taken = take(&office).await.remove(0);
    settle(&office, taken.id, Sent::NotTried { what: "stopped".into() }).await;
    assert_eq!(states(&office).await, ["queued"], "a stop ends nothing");
    // Five days in which it was tried in earnest are the end.
    for attempt in 3..=20 {
        office.pass(TimeDelta::hours(1));
        let taken = take(&office).await.remove(0);
        settle(&office, taken.id, deferred()).await;
        assert_eq!(states(&office).await, ["queued"], "attempt {attempt}");
    }
    office.pass(TimeDelta::hours(1));
    let taken = take(&office).await.remove(0);
    settle(&office, taken.id, deferred()).await;
    assert_eq!(states(&office).await, ["failed"]);
}
