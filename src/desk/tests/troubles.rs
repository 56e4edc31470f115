//! What is wrong with the program itself.

use std::sync::Arc;

use super::super::Trouble;
use super::{INCOMPLETE, Office, mail, rules_folder};
use crate::rules::live::Guidance;
use crate::triage::letter::Letters;

#[tokio::test]
async fn people_hear_of_a_trouble_once_for_each_episode_also_across_restarts() {
    let mut office = Office::new();
    let klacht = || Trouble::Mailbox("klacht".to_owned());
    assert!(office.desk().trouble(klacht(), "login refused").await.unwrap());
    assert!(!office.desk().trouble(klacht(), "login refused").await.unwrap());
    office.restart();
    assert!(!office.desk().trouble(klacht(), "still").await.unwrap());
    let told = office.outgoing().await;
    let both = ["coordinator@ksyos.example", "beheer@ksyos.example"];
    assert_eq!(told, both.map(|to| ("mailbox".to_owned(), to.to_owned())));
    office.desk().mended(klacht()).await.unwrap();
    assert!(office.desk().trouble(klacht(), "again").await.unwrap());
    assert_eq!(office.outgoing().await.len(), 4);
}

#[tokio::test]
async fn troubles_of_the_rules_are_for_the_admins() {
    let office = Office::new();
    assert!(office.desk().trouble(Trouble::Rules, "rules/x.toml:3:1: unknown key").await.unwrap());
    assert_eq!(office.outgoing().await, [("rules".to_owned(), "beheer@ksyos.example".to_owned())]);
}

#[tokio::test]
async fn each_faulty_set_of_rules_is_told_once_until_rules_are_in_force_again() {
    let office = Office::new();
    let told = async |faults: &str| office.desk().trouble(Trouble::Rules, faults).await.unwrap();
    assert!(told("a").await && told("b").await, "two mistakes are two mails");
    assert!(!told("a").await && !told("b").await, "the same mistake saved again is none");
    office.desk().mended(Trouble::Rules).await.unwrap();
    assert!(told("a").await, "a mistake after the rules were good is a new one");
}

#[tokio::test]
async fn a_letter_that_fails_at_the_last_moment_keeps_nobody_waiting_and_is_told_to_the_admins_once() {
    let office = Office::new();
    // No letter at all is the worst that can be wrong with letters; `check` lets no such set pass.
    let mut rules = crate::rules::load(&rules_folder()).unwrap();
    rules.letters = Letters::default();
    let config = Arc::clone(&office.live.get().config);
    office.live.swap(Guidance { rules: Arc::new(rules), config });
    office.receive("klacht", 1, &mail("a", "", INCOMPLETE)).await;
    office.receive("klacht", 2, &mail("b", "", INCOMPLETE).replace("jan@", "piet@")).await;
    let queued = office.outgoing().await;
    let to = |kind: &str| {
        queued.iter().filter(|(of, _)| of == kind).map(|(_, to)| to.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(to("request"), ["jan@example.org", "piet@example.org"]);
    assert_eq!(to("rules"), ["beheer@ksyos.example"]);
    let plain = "SELECT count(*) FROM outbox JOIN letters ON mail = id WHERE kind = 'request' AND instr(bytes, 'Thank you for your mail.') > 0";
    assert_eq!(office.count(plain).await, 2);
}

/// What a relay sends back when it cannot deliver a mail that it took.
fn report(about: &str, id: u32) -> String {
    format!(
        "Return-Path: <>\nFrom: MAILER-DAEMON@relay.example\nTo: klacht@ksyos.example\nSubject: Undelivered\n\
         Message-ID: <dsn{id}@relay.example>\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"B\"\n\n\
         --B\nContent-Type: text/plain\n\nSorry.\n\
         --B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example\n\n\
         Final-Recipient: rfc822; x@ksyos.example\nAction: failed\nStatus: 5.1.1\n\n\
         --B\nContent-Type: message/rfc822\n\nMessage-ID: <{about}>\nSubject: x\n\nx\n--B--\n"
    )
}

#[tokio::test]
async fn an_alert_that_comes_back_is_told_to_the_admins_once_a_day() {
    let office = Office::new();
    office.receive("klacht", 1, &mail("a", "", INCOMPLETE)).await;
    assert!(office.desk().trouble(Trouble::Mailbox("klacht".to_owned()), "login refused").await.unwrap());
    let message_id = async |sql: &'static str| -> String {
        office.desk().look(move |c| Ok(c.query_row(sql, [], |row| row.get(0))?)).await.unwrap()
    };
    let about_a_case = message_id("SELECT message_id FROM outbox WHERE alert = 'new'").await;
    let about_the_program = message_id("SELECT message_id FROM outbox WHERE alert = 'mailbox' LIMIT 1").await;
    let told = async || {
        let all = office.outgoing().await;
        all.into_iter().filter(|(kind, _)| kind == "outbox" || kind == "bounce").collect::<Vec<_>>()
    };
    let admin = ("outbox".to_owned(), "beheer@ksyos.example".to_owned());
    // Both were for the coordinator.
    office.receive("klacht", 2, &report(&about_a_case, 1)).await;
    office.receive("klacht", 3, &report(&about_the_program, 2)).await;
    assert_eq!(told().await, std::slice::from_ref(&admin));
    // Word of that comes back as well: nothing about itself.
    let about_itself = message_id("SELECT message_id FROM outbox WHERE alert = 'outbox'").await;
    office.receive("klacht", 4, &report(&about_itself, 3)).await;
    office.pass(chrono::TimeDelta::days(1));
    office.receive("klacht", 5, &report(&about_the_program, 4)).await;
    assert_eq!(told().await, [admin.clone(), admin]);
}
