//! The way out refuses, drops, limits and comes right again: nothing is lost, and a person hears what
//! no try can mend.

use std::collections::HashSet;
use std::fs;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use mail_parser::MessageParser;

use crate::house::{House, LIMIT, mail};
use crate::support::sink::{Act, Privacy};
use crate::support::{Certificates, SmtpSink, eventually};

/// Of `triage` and `geheim`, as SASL PLAIN.
const PLAIN: &str = "AHRyaWFnZQBnZWhlaW0=";

fn say(reply: &str) -> Act {
    Act::Say(reply.to_owned())
}

#[test]
fn greylisting_and_a_server_that_closes_now_and_then_delay_letters_and_double_none() {
    let (seen, commands) = (Mutex::new(HashSet::new()), AtomicUsize::new(0));
    let sink = SmtpSink::scripted(move |connection, word, line| match word {
        "CONNECT" if connection == 0 => Some(say("421 4.3.2 shutting down")),
        // A stranger has to come a second time.
        "RCPT" if seen.lock().unwrap().insert(line.to_owned()) => Some(say("450 4.7.1 greylisted")),
        "MAIL" if commands.fetch_add(1, Ordering::SeqCst) == 3 => Some(say("421 4.4.2 closing")),
        _ => None,
    });
    let house = House::at_home(sink, None);
    for person in ["a", "b", "c"] {
        house.deliver(person, &mail(person));
    }
    house.until_in(3);
    for person in ["a", "b", "c"] {
        assert_eq!(house.letters(&format!("{person}@example.org")).len(), 1, "letters to {person}");
    }
}

#[test]
fn a_letter_that_is_too_large_for_the_server_is_told_to_people_and_not_tried_again() {
    let last = Mutex::new(String::new());
    let tries = std::sync::Arc::new(AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&tries);
    let sink = SmtpSink::scripted(move |_, word, line| {
        if word == "RCPT" {
            line.clone_into(&mut last.lock().unwrap());
        }
        if word != "DATA" || !last.lock().unwrap().contains("<a@example.org>") {
            return None;
        }
        count.fetch_add(1, Ordering::SeqCst);
        Some(say("552 5.3.4 message size exceeds fixed limit"))
    });
    let house = House::at_home(sink, None);
    house.deliver("a", &mail("a"));
    house.deliver("b", &mail("b"));
    house.until_in(2);
    let alerts = |to: &str, kind: &str| {
        let word = format!("X-Triaged-Alert: {kind}");
        house.letters(to).iter().filter(|mail| mail.contains(&word)).count()
    };
    eventually("both are told", LIMIT, || {
        (alerts("team@ksyos.nl", "bounce") == 1 && alerts("beheer@ksyos.nl", "outbox") == 1).then_some(())
    });
    assert_eq!(house.json(&["status", "--json"])["outbox"]["failed"], 1);
    assert_eq!(tries.load(Ordering::SeqCst), 1);
    assert_eq!(house.letters("b@example.org").len(), 1, "the connection serves the next");
}

#[test]
fn a_login_that_is_refused_keeps_the_letters_until_the_password_is_right() {
    let certificates = Certificates::new();
    let sink = SmtpSink::private(&certificates, Privacy::None, Some(("triage", PLAIN)));
    let house = House::at_home(sink, Some("fout"));
    house.deliver("a", &mail("a"));
    house.until("the letter waits", |status| {
        status["seen"] == 1 && status["outbox"]["waiting"].as_u64() > Some(0)
    });
    eventually("the refusal is logged", LIMIT, || {
        house.log().contains("refuses the login of triage").then_some(())
    });
    assert!(house.sink.mails().is_empty());
    fs::write(house.path().join("smtp-password"), "geheim").unwrap();
    let daemon = house.daemon_id().to_string();
    assert!(Command::new("kill").args(["-HUP", &daemon]).status().unwrap().success());
    house.until_in(1);
    assert_eq!(house.letters("a@example.org").len(), 1);
    assert!(house.sink.mails().iter().all(|mail| mail.user.as_deref() == Some("triage")));
}

/// RFC 6152: without the extension a line of mail is 7-bit. Letters are so everywhere.
#[test]
fn letters_are_7_bit_on_the_wire_where_8bitmime_is_not_offered() {
    let sink =
        SmtpSink::scripted(|_, word, _| (word == "EHLO").then(|| say("250-sink\r\n250 SIZE 50000000")));
    let house = House::at_home(sink, None);
    // The letter to a complaint names the klachtencoördinator.
    house.deliver("zoe", &mail("zoe").replace("een vraag over", "een klacht over"));
    house.until_in(1);
    let mut foreign = 0;
    for taken in house.sink.mails() {
        assert!(taken.bytes.is_ascii() && !taken.mail.contains("8BITMIME"), "{}", taken.mail);
        assert!(taken.bytes.split(|byte| *byte == b'\n').all(|line| line.len() < 1000));
        let letter = MessageParser::default().parse(&taken.bytes).unwrap();
        let text =
            format!("{}{}", letter.subject().unwrap_or_default(), letter.body_text(0).unwrap_or_default());
        foreign += usize::from(!text.is_ascii());
    }
    assert!(foreign > 0, "no letter had a letter beyond ASCII: this proves nothing");
    assert_eq!(house.letters("zoe@example.org").len(), 1);
}
