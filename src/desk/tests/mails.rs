//! Mail that comes in.

use chrono::TimeDelta;

use super::super::Position;
use super::{INCOMPLETE, Office, arrival, mail};
use crate::mail::maildir::UidLedger;
use crate::store::positions::Place;
use crate::triage::case::State;
use crate::triage::decide::{Disposition, Folder};

#[tokio::test]
async fn a_mail_becomes_a_case_an_answer_and_a_position_at_once() {
    let office = Office::new();
    let received = office.receive("klacht", 7, &mail("a", "", INCOMPLETE)).await;
    assert_eq!((received.handled, received.queued), (1, true));
    let case = office.case(&office.cases()[0].number);
    assert_eq!(case.line.contact.as_deref(), Some("jan@example.org"));
    assert_eq!((case.line.requests, case.line.messages), (1, 1));
    assert_eq!(case.mails[0].direction, "in");
    assert!(case.mails.iter().any(|m| m.kind.as_deref() == Some("request")
        && m.state.as_deref() == Some("queued")
        && m.message_id.as_ref().is_some_and(|id| id.starts_with(&case.line.number))));
    assert!(case.events.iter().any(|event| event.what == "opened"));
    let position = office.desk().position("klacht", "INBOX").await.unwrap().unwrap();
    assert_eq!((position.validity, position.uid), (1, 7));
    let status = office.view().status(&["klacht".to_owned()]).unwrap();
    assert_eq!(
        (status.seen, status.accounted, status.outbox.waiting),
        (1, 1, office.count("SELECT count(*) FROM outbox").await)
    );
}

#[tokio::test]
async fn the_same_mail_is_one_case_and_one_answer_however_often_it_comes() {
    let office = Office::new();
    let first = mail("a", "", INCOMPLETE);
    let elsewhere = format!("Received: by another way\n{first}");
    // Twice in one batch, then under a new UIDVALIDITY, then in another mailbox.
    office.receive_all("klacht", vec![office.arrival(1, &first), office.arrival(2, &first)]).await;
    let mut renumbered = office.arrival(1, &first);
    renumbered.validity = 2;
    office.receive_all("klacht", vec![renumbered]).await;
    office.receive("administratie", 1, &elsewhere).await;
    assert_eq!(office.cases().len(), 1);
    let answers: Vec<_> =
        office.outgoing().await.into_iter().filter(|(_, to)| to == "jan@example.org").collect();
    assert_eq!(answers.len(), 1);
    // Each of them is accounted for.
    assert_eq!(office.mails().len(), 4);
    assert_eq!(office.cases()[0].messages, 1);
}

#[tokio::test]
async fn the_same_uid_again_is_nothing_new() {
    let office = Office::new();
    let first = mail("a", "", INCOMPLETE);
    office.receive("klacht", 1, &first).await;
    let again = office.receive("klacht", 1, &first).await;
    assert_eq!((again.handled, again.queued), (0, false));
    assert_eq!(office.mails().len(), 1);
}

#[tokio::test]
async fn an_answer_to_our_request_completes_the_case() {
    let office = Office::new();
    office.receive("klacht", 1, &mail("a", "", INCOMPLETE)).await;
    let case = office.case(&office.cases()[0].number);
    assert_eq!(case.line.state, State::AwaitingInformation, "missing: {:?}", case.line.missing);
    let request = case.mails.iter().find(|m| m.kind.as_deref() == Some("request")).unwrap();
    let reply = format!("In-Reply-To: <{}>\n", request.message_id.as_ref().unwrap());
    let body = "Datum van het voorval: 12 november 2026\nBetrokken personen: dr. Bakker\n";
    office.receive("klacht", 2, &mail("b", &reply, body)).await;
    let line = &office.cases()[0];
    assert_eq!(office.mails()[1].disposition, Disposition::FollowUp);
    assert_eq!((line.state, line.messages), (State::Open, 2), "missing: {:?}", line.missing);
}

#[tokio::test]
async fn a_stranger_who_knows_a_number_gets_a_case_of_their_own() {
    let office = Office::new();
    office.receive("klacht", 1, &mail("a", "", INCOMPLETE)).await;
    let number = office.cases()[0].number.clone();
    let stranger = mail("b", "", INCOMPLETE)
        .replace("jan@example.org", "piet@example.net")
        .replace("Subject: Klacht", &format!("Subject: Re: [{number}]"));
    office.receive("klacht", 2, &stranger).await;
    assert_eq!(office.cases().len(), 2);
}

#[tokio::test]
async fn mail_from_before_the_start_passes_without_a_trace() {
    let office = Office::new();
    let since = office.clock.now();
    office
        .desk()
        .begin("klacht", "INBOX", Position { validity: 1, uid: 5, since, renewed: since })
        .await
        .unwrap();
    let old = arrival(6, &mail("old", "", INCOMPLETE), since - TimeDelta::days(400));
    let new = arrival(7, &mail("new", "", INCOMPLETE), since);
    let received = office.receive_all("klacht", vec![old, new]).await;
    assert_eq!((received.handled, office.mails().len()), (1, 1));
    // A new UIDVALIDITY starts over, yet not before the start.
    office.desk().advance("klacht", "INBOX", 9, 0).await.unwrap();
    office
        .desk()
        .begin(
            "klacht",
            "INBOX",
            Position { validity: 1, uid: 5, since: office.clock.now(), renewed: office.clock.now() },
        )
        .await
        .unwrap();
    let position = office.desk().position("klacht", "INBOX").await.unwrap().unwrap();
    assert_eq!((position.validity, position.uid, position.since.timestamp()), (9, 0, since.timestamp()));
}

#[tokio::test]
async fn a_mail_that_killed_the_program_twice_is_set_aside_and_the_next_goes_on() {
    let mut office = Office::new();
    for _ in 0..2 {
        office.desk().write(|c| note(c, 1, "a run that died")).await.unwrap();
        office.desk().write(|c| note(c, 1, "another")).await.unwrap();
        office.restart();
    }
    let arrivals =
        vec![office.arrival(1, &mail("a", "", INCOMPLETE)), office.arrival(2, &mail("b", "", INCOMPLETE))];
    office.receive_all("klacht", arrivals).await;
    let mails = office.mails();
    assert_eq!((mails[0].disposition, mails[0].reason.as_deref()), (Disposition::Review, Some("unreadable")));
    assert_eq!(mails[0].message_id, None, "it was not even parsed");
    assert_eq!(mails[1].disposition, Disposition::Case);
    assert!(office.outgoing().await.contains(&("review".into(), "coordinator@ksyos.example".into())));
    assert_eq!(office.count("SELECT count(*) FROM attempts").await, 0);
}

#[tokio::test]
async fn a_run_that_lives_is_no_crash_however_often_it_fails() {
    let office = Office::new();
    let run = office.desk().0.run.clone();
    for _ in 0..5 {
        let run = run.clone();
        office.desk().write(move |c| note(c, 1, &run)).await.unwrap();
    }
    office.receive("klacht", 1, &mail("a", "", INCOMPLETE)).await;
    assert_eq!(office.mails()[0].disposition, Disposition::Case);
}

fn note(connection: &rusqlite::Connection, uid: u32, run: &str) -> super::super::Result<()> {
    let place = Place { mailbox: "klacht", folder: "INBOX", validity: 1 };
    crate::store::attempts::note(connection, place, uid, run)
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_blames_nobody() {
    let office = Office::new();
    let full = |pages: u32| {
        office.desk().look(move |c| Ok(c.execute_batch(&format!("PRAGMA max_page_count = {pages}"))?))
    };
    full(1).await.unwrap();
    let arrivals: Vec<_> =
        (1..10).map(|i| office.arrival(i, &mail(&i.to_string(), "", INCOMPLETE))).collect();
    for _ in 0..3 {
        let end = office.desk().receive("klacht", Folder::Inbox, "INBOX", arrivals.clone()).await;
        assert!(end.unwrap_err().temporary);
    }
    assert_eq!(office.desk().position("klacht", "INBOX").await.unwrap(), None);
    full(1_000_000).await.unwrap();
    office.receive_all("klacht", arrivals).await;
    assert!(office.mails().iter().all(|mail| mail.disposition == Disposition::Case));
    assert_eq!(office.mails().len(), 9);
}

/// Found by the simulation.
#[tokio::test]
async fn an_orderly_stop_while_the_disk_is_full_is_no_crash_of_the_mails_in_hand() {
    let mut office = Office::new();
    for _ in 0..3 {
        // There is room for a note, and none for a case.
        let none_left = "CREATE TEMP TRIGGER none_left BEFORE INSERT ON main.cases BEGIN SELECT RAISE(ROLLBACK, 'full'); END";
        office.desk().look(move |c| Ok(c.execute_batch(none_left)?)).await.unwrap();
        let arrivals = vec![office.arrival(1, &mail("a", "", INCOMPLETE))];
        office.desk().receive("klacht", Folder::Inbox, "INBOX", arrivals).await.unwrap_err();
        office.restart();
    }
    office.receive("klacht", 1, &mail("a", "", INCOMPLETE)).await;
    assert_eq!(office.mails()[0].disposition, Disposition::Case);
}

#[tokio::test]
async fn any_bytes_end_as_a_mail_with_a_disposition() {
    let office = Office::new();
    let mut deep = String::from("From: a@example.org\nSubject: x\n");
    for _ in 0..3000 {
        deep.push_str("Content-Type: message/rfc822\n\n");
    }
    let large = format!("From: a@example.org\nSubject: x\n\n{}", "woord ".repeat(4_500_000));
    let all = ["", "\0\0\0", "no header at all", &deep, &large];
    let arrivals = (1..).zip(all).map(|(uid, bytes)| office.arrival(uid, bytes)).collect();
    office.receive_all("klacht", arrivals).await;
    let mails = office.mails();
    assert_eq!(mails.len(), all.len());
    assert_eq!((mails[4].disposition, mails[4].reason.as_deref()), (Disposition::Review, Some("unreadable")));
}

#[tokio::test]
async fn files_of_a_maildir_keep_their_numbers() {
    let mut office = Office::new();
    let keys = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(office.desk().number("klacht", "new", &keys(&["b", "a"])).await.unwrap(), [1, 2]);
    office.restart();
    assert_eq!(office.desk().number("klacht", "new", &keys(&["c", "a", "b"])).await.unwrap(), [3, 2, 1]);
    assert_eq!(office.desk().next("klacht", "new").await.unwrap(), 4);
    assert_eq!(office.desk().next("info", "new").await.unwrap(), 1);
}

#[tokio::test]
async fn a_mail_that_cannot_be_kept_holds_nobody_up_and_is_told_to_people() {
    let office = Office::new();
    let refuse =
        "CREATE TEMP TRIGGER refuse BEFORE INSERT ON main.persons WHEN NEW.address = 'jan@example.org'
        BEGIN SELECT RAISE(ABORT, 'no'); END";
    office.desk().look(move |c| Ok(c.execute_batch(refuse)?)).await.unwrap();
    let next = mail("b", "", INCOMPLETE).replace("jan@example.org", "piet@example.net");
    let arrivals = vec![office.arrival(1, &mail("a", "", INCOMPLETE)), office.arrival(2, &next)];
    office.receive_all("klacht", arrivals).await;
    let mails = office.mails();
    assert_eq!((mails[0].disposition, mails[0].reason.as_deref()), (Disposition::Review, Some("unreadable")));
    assert_eq!((mails[0].number.as_deref(), mails[1].disposition), (None, Disposition::Case));
    assert_eq!(office.cases().len(), 1, "nothing half done");
    let told = ("mailbox".to_owned(), "coordinator@ksyos.example".to_owned());
    assert!(office.outgoing().await.contains(&told));
}

#[tokio::test]
async fn a_batch_that_is_broken_off_is_there_as_a_whole_or_not_at_all() {
    let mut office = Office::new();
    let arrivals: Vec<_> =
        (1..10).map(|i| office.arrival(i, &mail(&i.to_string(), "", INCOMPLETE))).collect();
    for round in 0..3 {
        let (desk, batch) = (office.desk().clone(), arrivals.clone());
        let receiving =
            tokio::spawn(async move { desk.receive("klacht", Folder::Inbox, "INBOX", batch).await });
        tokio::task::yield_now().await;
        receiving.abort();
        let _ = receiving.await;
        office.restart();
        let kept = office.mails().len();
        let position = office.desk().position("klacht", "INBOX").await.unwrap().map(|position| position.uid);
        assert_eq!(office.cases().len(), kept);
        // Behind an end in the middle each is a suspect, and a batch of its own.
        assert!(round > 0 || kept == 0 || kept == 9, "{kept}");
        assert_eq!(position.unwrap_or(0), u32::try_from(kept).unwrap());
    }
    office.receive_all("klacht", arrivals).await;
    assert_eq!((office.mails().len(), office.cases().len()), (9, 9));
}
