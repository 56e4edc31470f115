//! What people order, and what they are shown.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::Value;

use super::{INCOMPLETE, Office, mail};
use crate::store::troubles::Failing;
use crate::triage::case::State;
use crate::triage::decide::{Disposition, Order};

#[tokio::test]
async fn a_coordinators_order_stops_the_clock_while_the_daemon_runs() {
    let office = Office::new();
    office.receive("klacht", 1, &mail("a", "", INCOMPLETE)).await;
    let number = office.cases()[0].number.clone();
    assert!(office.desk().next_alarm().await.unwrap().is_some());
    office.visitor().order(&number, Order::Answer { note: None }, "els").await.unwrap();
    let case = office.case(&number);
    assert_eq!(case.line.state, State::Answered);
    assert!(case.line.answered.is_some());
    assert!(case.events.iter().any(|event| event.by == "els"));
    assert_eq!(office.desk().next_alarm().await.unwrap(), None);
    let error = office.visitor().order("K-1", Order::Reopen, "els").await.unwrap_err();
    assert!(error.what.contains("no case"), "{error}");
}

#[tokio::test]
async fn an_ignored_mail_can_be_accepted_and_only_once() {
    let office = Office::new();
    let auto = mail("a", "Auto-Submitted: auto-replied\nPrecedence: bulk\n", INCOMPLETE);
    office.receive("klacht", 1, &auto).await;
    let ignored = office.mails().remove(0);
    assert_eq!(ignored.disposition, Disposition::Ignore);
    assert!(office.outgoing().await.is_empty());
    office.pass(TimeDelta::hours(5));
    let number = office.visitor().accept(ignored.id, "els").await.unwrap();
    let mails = office.mails();
    assert_eq!((mails.len(), mails[0].disposition), (1, Disposition::Case));
    assert_eq!(mails[0].number, number);
    let case = office.case(number.as_deref().unwrap());
    assert_eq!(case.line.received, ignored.received, "the clock counts from its arrival");
    assert!(case.events.iter().any(|event| event.what == "accepted" && event.by == "els"));
    let again = office.visitor().accept(ignored.id, "els").await.unwrap_err();
    assert!(again.what.contains("not ignored"), "{again}");
}

#[tokio::test]
async fn deadline_alerts_go_out_once_each() {
    let mut office = Office::new();
    office.receive("klacht", 1, &mail("a", "", INCOMPLETE)).await;
    let mut alerts = Vec::new();
    for _ in 0..60 {
        let Some(next) = office.desk().ring().await.unwrap() else { break };
        office.clock.jump(next + TimeDelta::seconds(1));
        office.restart();
    }
    alerts.extend(office.outgoing().await.into_iter().map(|(kind, _)| kind));
    let of = |kind: &str| alerts.iter().filter(|alert| *alert == kind).count();
    assert_eq!(of("due_soon"), 1);
    assert_eq!(of("overdue"), 6, "at the deadline and on five working days after it");
    assert!(office.cases()[0].overdue);
}

#[tokio::test]
async fn cases_and_mails_are_shown_as_promised() {
    let office = Office::new();
    office.receive("klacht", 1, &mail("a", "", INCOMPLETE)).await;
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let sorted = |names: &str| {
        let mut names: Vec<_> = names.split(' ').map(str::to_owned).collect();
        names.sort();
        names
    };
    let line = serde_json::to_value(&office.cases()[0]).unwrap();
    let promised = "number inquiry mailbox state overdue received due answered closed contact fields missing requests messages";
    assert_eq!(keys(&line), sorted(promised));
    assert_eq!(line["received"], "2026-11-23T10:00:00+01:00");
    assert_eq!(line["fields"]["phone"], "+31612345678");
    let page = serde_json::to_value(office.case(&office.cases()[0].number)).unwrap();
    assert_eq!(keys(&page), sorted(&format!("{promised} mails events rules")));
    assert_eq!(keys(&page["events"][0]), sorted("time what by text"));
    assert_eq!(page["mails"][0]["disposition"], "case");
    let mail = serde_json::to_value(&office.mails()[0]).unwrap();
    assert_eq!(keys(&mail), sorted("id message_id mailbox folder disposition reason number received"));
    let status = serde_json::to_value(office.view().status(&["klacht".to_owned()]).unwrap()).unwrap();
    assert_eq!(keys(&status), sorted("ready mailboxes outbox rules seen accounted"));
    assert_eq!(keys(&status["mailboxes"][0]), sorted("name state last_check position seen error"));
}

#[tokio::test]
async fn status_tells_what_the_daemon_knows_of_itself() {
    let mut office = Office::new();
    let names = ["klacht".to_owned()];
    let status = |office: &Office| office.view().status(&names).unwrap();
    assert_eq!(status(&office).mailboxes[0].state, "unknown");
    office.desk().set_ready(true).await.unwrap();
    office.desk().rules_loaded("abc", None).await.unwrap();
    office.desk().checked("klacht", None).await.unwrap();
    office
        .desk()
        .checked("klacht", Some(Failing { why: "login refused".into(), lasts: Duration::ZERO }))
        .await
        .unwrap();
    let seen = status(&office);
    assert!(seen.ready && seen.mailboxes[0].last_check.is_some());
    assert_eq!(seen.mailboxes[0].error.as_deref(), Some("login refused"));
    office.desk().rules_loaded("abc", Some("rules/x.toml:1:1: no".into())).await.unwrap();
    assert_eq!(status(&office).rules.digest.as_deref(), Some("abc"));
    assert!(status(&office).rules.error.is_some() && status(&office).rules.loaded.is_some());
    office.desk = None;
    assert!(!status(&office).ready, "no daemon runs");
}
