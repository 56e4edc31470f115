//! People and machines that mean no good, or know no better.

use chrono::TimeDelta;

use super::{CONFIG, INCOMPLETE, Office, mail};
use crate::triage::case::State;
use crate::triage::decide::{Disposition, Folder};

const RECEIVER: &str = "[receiver]\nauthserv_ids = [\"mx.ksyos.example\"]\n";
const PROVED: &str =
    "Authentication-Results: mx.ksyos.example; dmarc=pass (p=REJECT) header.from=ksyos.example\n";

/// A mail to Jan with a copy to the mailbox, from whoever says so.
fn answer_from(from: &str, id: &str, headers: &str, about: &str) -> String {
    format!(
        "{headers}From: {from}\nTo: jan@example.org\nCc: klacht@ksyos.example\nSubject: Re: Klacht [{about}]\n\
         Message-ID: <{id}@ksyos.example>\nContent-Type: text/plain\n\nBeste Jan,\n\nWij hebben u gebeld.\n"
    )
}

async fn with_a_case(office: &Office) -> String {
    office.receive("klacht", 1, &mail("a", "", INCOMPLETE)).await;
    office.cases()[0].number.clone()
}

#[tokio::test]
async fn an_answer_by_mail_counts_only_where_our_own_receiver_vouches_for_the_coordinator() {
    let office = Office::with_config(
        &CONFIG.replace("[[mailbox]]\nname = \"adm", &format!("{RECEIVER}[[mailbox]]\nname = \"adm")),
    );
    let number = with_a_case(&office).await;
    let forged = [
        ("plain", "Carla <coordinator@ksyos.example>", ""),
        (
            "someone-elses-word",
            "coordinator@ksyos.example",
            "Authentication-Results: mx.evil.example; dmarc=pass header.from=ksyos.example\n",
        ),
        (
            "another-domain",
            "coordinator@ksyos.example",
            "Authentication-Results: mx.ksyos.example; dkim=pass header.d=evil.example\n",
        ),
        (
            "failed",
            "coordinator@ksyos.example",
            "Authentication-Results: mx.ksyos.example; dmarc=fail header.from=ksyos.example\n",
        ),
        ("name", "\"coordinator@ksyos.example\" <evil@example.net>", PROVED),
        ("lookalike", "coordinator@ksуos.example", PROVED),
        ("below", "coordinator@ksyos.example.evil.example", PROVED),
    ];
    for ((id, from, headers), uid) in forged.into_iter().zip(2..) {
        office.receive("klacht", uid, &answer_from(from, id, headers, &number)).await;
        let state = office.case(&number).line.state;
        assert_eq!(state, State::AwaitingInformation, "{id} stopped the clock");
    }
    assert!(office.mails().iter().all(|mail| mail.disposition != Disposition::StaffReply));
    let plain = &office.mails()[1];
    assert_eq!((plain.disposition, plain.reason.as_deref()), (Disposition::Review, Some("unproved")));
    let asked = office.outgoing().await;
    let review = ("review".to_owned(), "coordinator@ksyos.example".to_owned());
    assert!(asked.contains(&review), "somebody is told that it may be genuine");

    office.receive("klacht", 20, &answer_from("coordinator@ksyos.example", "real", PROVED, &number)).await;
    assert_eq!(office.case(&number).line.state, State::Answered);
}

/// What the coordinator's mail program makes of "reply" on an alert.
fn answer_to_alert(id: &str, alert: &str, headers: &str) -> String {
    format!(
        "{headers}From: coordinator@ksyos.example\nTo: klacht@ksyos.example\nSubject: Re: Nieuw\n\
         In-Reply-To: <{alert}>\nMessage-ID: <{id}@ksyos.example>\nContent-Type: text/plain\n\n\
         Beste Jan,\n\nWij bellen u morgen.\n"
    )
}

#[tokio::test]
async fn a_coordinator_who_answers_an_alert_hears_once_a_day_that_the_person_did_not_get_it() {
    // Of the second no receiver vouches for the sender: an alert's Message-ID cannot be guessed.
    let receiver =
        &CONFIG.replace("[[mailbox]]\nname = \"adm", &format!("{RECEIVER}[[mailbox]]\nname = \"adm"));
    for config in [CONFIG, receiver] {
        let office = Office::with_config(config);
        let number = with_a_case(&office).await;
        let case = office.case(&number);
        let alert = case.mails.iter().find(|mail| mail.kind.as_deref() == Some("alert")).unwrap();
        let alert = alert.message_id.clone().unwrap();
        let away = answer_to_alert("away", &alert, "Auto-Submitted: auto-replied\n");
        office.receive("klacht", 2, &away).await;
        let hints = async || office.count("SELECT count(*) FROM outbox WHERE alert = 'astray'").await;
        assert_eq!(hints().await, 0, "to a machine");
        for (uid, id) in [(3, "first"), (4, "second")] {
            office.receive("klacht", uid, &answer_to_alert(id, &alert, "")).await;
            let mail = office.mails().pop().unwrap();
            assert_eq!((mail.disposition, mail.number.as_ref()), (Disposition::FollowUp, Some(&number)));
            assert_eq!(hints().await, 1);
        }
        assert!(office.outgoing().await.contains(&("astray".into(), "coordinator@ksyos.example".into())));
        assert_eq!(office.case(&number).line.state, State::AwaitingInformation, "the clock goes on");
        assert_eq!(office.cases().len(), 1);

        office.pass(TimeDelta::days(1));
        // Also the hint itself may be answered.
        let hint = office
            .desk()
            .look(|c| {
                Ok(c.query_row("SELECT message_id FROM outbox WHERE alert = 'astray'", [], |row| row.get(0))?)
            })
            .await;
        let hint: String = hint.unwrap();
        office.receive("klacht", 5, &answer_to_alert("third", &hint, "")).await;
        assert_eq!(hints().await, 2, "on another day");
    }
}

#[tokio::test]
async fn an_answer_in_the_sent_folder_needs_no_proof() {
    let office = Office::with_config(
        &CONFIG.replace("[[mailbox]]\nname = \"adm", &format!("{RECEIVER}[[mailbox]]\nname = \"adm")),
    );
    let number = with_a_case(&office).await;
    let sent = office.arrival(1, &answer_from("coordinator@ksyos.example", "sent", "", &number));
    office.desk().receive("klacht", Folder::Sent, "Sent", vec![sent]).await.unwrap();
    assert_eq!(office.case(&number).line.state, State::Answered);
}

#[tokio::test]
async fn without_a_receiver_to_ask_a_coordinators_mail_is_believed() {
    let office = Office::new();
    let number = with_a_case(&office).await;
    office.receive("klacht", 2, &answer_from("coordinator@ksyos.example", "b", "", &number)).await;
    assert_eq!(office.case(&number).line.state, State::Answered);
}

#[tokio::test]
async fn a_bomb_of_mails_is_a_few_cases_five_answers_and_one_alert_about_it() {
    const MAILS: u32 = 1_000;
    let office = Office::new();
    for first in (1..=MAILS).step_by(100) {
        let some = (first..first + 100).map(|uid| {
            let text = mail(&format!("bomb-{uid}"), "", &format!("{INCOMPLETE}\nnummer {uid}"));
            office.arrival(uid, &text)
        });
        office.receive_all("klacht", some.collect()).await;
        office.pass(TimeDelta::minutes(1));
    }
    assert_eq!(office.mails().len(), 1_000, "each is accounted for");
    assert_eq!(office.cases().len(), 21, "twenty cases, and one that gathers the rest");
    let sent = office.outgoing().await;
    let count = |kind: &str| sent.iter().filter(|(of, _)| of == kind).count();
    assert_eq!(sent.iter().filter(|(_, to)| to == "jan@example.org").count(), 5);
    assert_eq!((count("new"), count("review")), (5, 1), "the first five one by one, then once");
    let gathered = office.cases().into_iter().max_by_key(|case| case.messages).unwrap();
    assert_eq!((gathered.messages, gathered.state), (980, State::Open));
    assert!(gathered.due.is_some(), "and its clock runs");
    // Somebody else is not drowned by it.
    let other = mail("piet", "", INCOMPLETE).replace("jan@example.org", "piet@example.net");
    office.receive("klacht", 5_000, &other).await;
    assert!(office.outgoing().await.contains(&("request".into(), "piet@example.net".into())));
}

#[tokio::test]
async fn who_is_done_with_a_flood_meets_the_next_one_anew() {
    let office = Office::new();
    let flood = |from: u32, to: u32| {
        (from..to).map(|uid| office.arrival(uid, &mail(&format!("b{uid}"), "", INCOMPLETE))).collect()
    };
    office.receive_all("klacht", flood(1, 30)).await;
    let number = office.cases().into_iter().max_by_key(|case| case.messages).unwrap().number;
    office.desk().order(&number, crate::triage::decide::Order::Answer { note: None }, "Noor").await.unwrap();
    office.receive_all("klacht", flood(100, 103)).await;
    assert_eq!(office.case(&number).line.state, State::Answered);
    assert_eq!(office.cases().len(), 22);
}

/// Another program answers each of our mails with new words and without a single mark of a machine.
async fn storm(thread: impl Fn(&str) -> String, rounds: u32) -> usize {
    let office = Office::new();
    office.receive("klacht", 1, &mail("a", "", "Ik heb een klacht.")).await;
    for round in 0..rounds {
        let last = office.count("SELECT count(*) FROM outbox WHERE recipient = 'jan@example.org'").await;
        let id = office
            .desk()
            .look(|c| {
                let sql = "SELECT message_id FROM outbox WHERE recipient = 'jan@example.org' ORDER BY id DESC LIMIT 1";
                Ok(c.query_row(sql, [], |row| row.get::<_, String>(0))?)
            })
            .await
            .unwrap();
        office.pass(TimeDelta::seconds(5));
        let text = format!("Bedankt voor uw bericht nummer {round}-{last}. Wij nemen het in behandeling.");
        let answer = mail(&format!("robot-{round}"), &thread(&id), &text);
        office.receive("klacht", 2 + round, &answer).await;
    }
    let sent = office.outgoing().await;
    assert!(
        sent.iter().filter(|(_, to)| to.starts_with("coordinator")).count() <= 10,
        "nor the coordinators"
    );
    sent.iter().filter(|(_, to)| to == "jan@example.org").count()
}

#[tokio::test]
async fn two_programs_that_answer_each_other_fall_silent() {
    assert!(storm(|id| format!("In-Reply-To: <{id}>\n"), 40).await <= 3, "a thread ends after two requests");
    assert!(storm(|_| String::new(), 40).await <= 5, "without a thread, after five answers");
}

#[tokio::test]
async fn our_own_loop_mark_and_lists_that_took_us_in_get_no_answer() {
    let office = Office::new();
    let marks = [
        ("X-Loop: klacht@ksyos.example\n", "own_mail"),
        ("X-Triaged-Case: K-2026-000001\n", "own_mail"),
        ("List-Id: nieuws <nieuws.example.org>\nList-Unsubscribe: <mailto:weg@example.org>\n", "bulk"),
        ("Precedence: bulk\n", "bulk"),
        ("List-Subscribe: <https://example.org/in>\nList-Post: <mailto:lijst@example.org>\n", "bulk"),
    ];
    for ((headers, reason), uid) in marks.into_iter().zip(1..) {
        office.receive("klacht", uid, &mail(&format!("m{uid}"), headers, INCOMPLETE)).await;
        let last = office.mails().pop().unwrap();
        assert_eq!(
            (last.disposition, last.reason.as_deref()),
            (Disposition::Ignore, Some(reason)),
            "{headers}"
        );
    }
    assert!(office.outgoing().await.is_empty());
}

#[tokio::test]
async fn a_forged_number_or_thread_lets_a_stranger_see_and_change_nothing() {
    let office = Office::new();
    let number = with_a_case(&office).await;
    let before = office.case(&number).line;
    let stranger = |id: &str, headers: &str| {
        mail(id, headers, &format!("Zaak {number}: stuur mij alles.\n\nTelefoon: 06-99999999"))
            .replace("jan@example.org", "evil@example.net")
            .replace("Subject: Klacht", &format!("Subject: Re: Klacht [{number}]"))
    };
    // The id of Jan's own mail, a made-up one of ours, and none at all.
    let forged =
        ["In-Reply-To: <a@example.org>\n", "References: <K-2026-000001.request.0000@ksyos.example>\n", ""];
    for (headers, uid) in forged.into_iter().zip(2..) {
        office.receive("klacht", uid, &stranger(&format!("s{uid}"), headers)).await;
        let after = office.case(&number).line;
        assert_eq!(
            (after.state, after.messages, &after.missing),
            (before.state, 1, &before.missing),
            "{headers}"
        );
        assert_eq!(after.fields, before.fields);
    }
    let letters = office.desk().look(move |c| {
        let sql = "SELECT count(*) FROM outbox JOIN letters ON mail = id WHERE recipient = 'evil@example.net' AND instr(bytes, ?1) > 0";
        Ok(c.query_row(sql, [format!("[{number}]")], |row| row.get::<_, u32>(0))?)
    });
    assert_eq!(letters.await.unwrap(), 0, "no letter of theirs names the case of another");
}

#[tokio::test]
async fn what_goes_out_holds_no_header_and_no_word_of_what_came_in() {
    let office = Office::new();
    let headers = "Reply-To: =?utf-8?Q?x=0D=0ABcc:_evil=40example.net?= <antwoord@example.org>\n\
        In-Reply-To: <a@b>\n\tBcc: evil@example.net\n\
        References: <=?utf-8?Q?=0D=0AX-Evil:_1?=> <{{number}}@x> <r\u{0}@x>\n";
    let nasty = mail(
        "a>\r\nX-Evil: 1",
        headers,
        &format!("{INCOMPLETE}\n{{{{ number }}}} {{% if due %}} \u{1b}[31mrood"),
    )
    .replace("From: Jan de Vries", "From: =?utf-8?Q?{{_contact_}}=0D=0AX-Evil:_1_=1B[2J=E2=80=AE?=")
    .replace(
        "Subject: Klacht",
        "Subject: =?utf-8?Q?Klacht=0D=0AX-Evil:_1=0D=0A=0D=0Atekst_=1B]0;gehackt=07_{%_for_x_in_y_%}?=",
    );
    office.receive("klacht", 1, &nasty).await;
    let all = office.desk().look(|c| {
        let mut statement = c.prepare("SELECT bytes FROM letters")?;
        let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
        Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?)
    });
    let all = all.await.unwrap();
    assert!(all.len() >= 2, "an answer and an alert");
    for bytes in all {
        let text = String::from_utf8(bytes).unwrap();
        let head = text.split("\r\n\r\n").next().unwrap().to_lowercase();
        for line in head.split("\r\n") {
            assert!(
                !line.starts_with("x-evil") && !line.starts_with("bcc") && !line.contains("evil"),
                "{line}"
            );
        }
        assert!(!text.contains(['\u{1b}', '\u{7}', '\0', '\u{202e}']), "{text}");
        let body = text.split_once("\r\n\r\n").unwrap().1;
        for word in ["gehackt", "rood", "{%", "{{"] {
            assert!(!body.contains(word) && !head.contains(&format!("subject: {word}")), "{word}: {text}");
        }
    }
}
