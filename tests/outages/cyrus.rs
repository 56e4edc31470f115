//! The main flows at another IMAP server than Dovecot.

use crate::house::{House, LIMIT, Place, mail};
use crate::support::cyrus::SENT;
use crate::support::{Cyrus, SmtpSink, eventually};

fn place(cyrus: &Cyrus, user: &'static str, sent: &'static str) -> Place {
    Place {
        name: user,
        user,
        folder: "INBOX",
        sent,
        port: cyrus.port,
        ca: None,
        password_file: cyrus.password_file(),
    }
}

/// The value of a header of a letter.
fn header<'a>(letter: &'a str, name: &str) -> &'a str {
    letter.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap_or_default().trim()
}

#[test]
fn the_main_flows_hold_at_cyrus_too() {
    let mut cyrus = Cyrus::start();
    // The mark finds the folder of sent mail; its name would not.
    let places = [place(&cyrus, "klacht", "auto"), place(&cyrus, "info", SENT)];
    let mut house = House::start(&places, SmtpSink::start());
    house.until("the start", |status| status["ready"] == true);
    cyrus.append("klacht", "INBOX", mail("a").as_bytes());
    cyrus.append("info", "INBOX", mail("b").as_bytes());
    house.until_in(2);
    let letter = house.letters("a@example.org").remove(0);
    assert_eq!(house.letters("b@example.org").len(), 1);

    // The person answers, then a coordinator does.
    let answer = format!(
        "Return-Path: <a@example.org>\r\nFrom: Persoon a <a@example.org>\r\nSubject: Re: {}\r\n\
         Message-ID: <a2@example.org>\r\nIn-Reply-To: {}\r\n\r\nMijn nummer is 06-12345678.\r\n",
        header(&letter, "Subject"),
        header(&letter, "Message-ID"),
    );
    cyrus.append("klacht", "INBOX", answer.as_bytes());
    house.until_in(3);
    let staff = "From: klacht@ksyos.nl\r\nTo: a@example.org\r\nSubject: Re: vraag\r\n\
                 Message-ID: <s@ksyos.nl>\r\nIn-Reply-To: <a2@example.org>\r\n\r\nMag ik u bellen?\r\n";
    cyrus.append("klacht", SENT, staff.as_bytes());
    eventually("the clock stops", LIMIT, || {
        (house.case("a@example.org")["state"] == "answered").then_some(())
    });

    cyrus.restart();
    cyrus.append("klacht", "INBOX", mail("c").as_bytes());
    house.until_in(5);
    house.restart();
    cyrus.append("info", "INBOX", mail("d").as_bytes());
    house.until_in(6);
    house.has_exactly(&[
        ("a@example.org", "case"),
        ("a2@example.org", "follow_up"),
        ("b@example.org", "case"),
        ("c@example.org", "case"),
        ("d@example.org", "case"),
        ("s@ksyos.nl", "staff_reply"),
    ]);
    let flags = cyrus.person("klacht").flags("INBOX");
    assert!(!flags.contains("\\Seen") && flags.lines().count() >= 3, "what was unread stays unread: {flags}");

    // Deleted and made again: the same mails under other numbers, and one more.
    cyrus.delete_mailbox("info");
    let mut person = eventually("the mailbox is there again", LIMIT, || {
        let mut person = cyrus.person("info");
        person.run("LIST \"\" INBOX").contains("INBOX").then_some(person)
    });
    for name in ["b", "d", "e"] {
        person.append("INBOX", "", None, mail(name).as_bytes());
    }
    eventually("the new one is answered", LIMIT, || {
        (!house.letters("e@example.org").is_empty()).then_some(())
    });
    for name in ["b", "c", "d", "e"] {
        let person = format!("{name}@example.org");
        assert_eq!(house.letters(&person).len(), 1, "letters to {person}");
        house.case(&person);
    }
}
