//! A Dovecot that is restarted, frozen, numbered anew, and whose certificates or passwords are wrong.

use std::fs;
use std::time::Duration;

use crate::house::{House, LIMIT, Place, error, mail};
use crate::support::certificates::{Certificates, Flaw};
use crate::support::dovecot::Options;
use crate::support::{Dovecot, SmtpSink, eventually};

fn place(dovecot: &Dovecot, user: &'static str) -> Place {
    Place {
        name: user,
        user,
        folder: "INBOX",
        sent: "Sent",
        port: if dovecot.tls_port == 0 { dovecot.port } else { dovecot.tls_port },
        ca: dovecot.certificates.as_ref().map(Certificates::ca),
        password_file: dovecot.password_file(user),
    }
}

#[test]
fn a_server_that_is_restarted_in_the_middle_of_a_fetch_costs_no_mail() {
    let mut dovecot = Dovecot::start();
    // So large that they come piece by piece, one by one.
    let picture = "QUJD".repeat(18) + "\r\n";
    let weight = format!(
        "--x\r\nContent-Type: image/jpeg; name=foto.jpg\r\nContent-Transfer-Encoding: base64\r\n\r\n{}--x--\r\n",
        picture.repeat(2_500_000 / picture.len())
    );
    let heavy = |name: &str| {
        mail(name).replace(
            "\r\n\r\nGoedendag",
            "\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nGoedendag",
        ) + &weight
    };
    let people: Vec<String> = (0..20).map(|number| format!("p{number}")).collect();
    let mut person = dovecot.person("klacht");
    for name in &people {
        person.append("INBOX", "", None, heavy(name).as_bytes());
    }
    let house = House::start(&[place(&dovecot, "klacht"), place(&dovecot, "info")], SmtpSink::start());
    let mut seen = 0;
    for _ in 0..3 {
        let status = house.until("some more mails are in", |status| status["seen"].as_u64() > Some(seen));
        seen = status["seen"].as_u64().unwrap();
        dovecot.restart();
    }
    assert!(seen < people.len() as u64, "too quick for this test: {seen} were in");
    dovecot.append("info", "INBOX", mail("ander").as_bytes());
    house.until_in(people.len() + 1);
    let ids: Vec<String> = people.iter().map(|name| format!("{name}@example.org")).collect();
    let mut wanted: Vec<_> = ids.iter().map(|id| (id.as_str(), "case")).collect();
    wanted.push(("ander@example.org", "case"));
    house.has_exactly(&wanted);
    assert!(ids.iter().all(|id| house.letters(id).len() == 1));
}

#[test]
fn a_server_that_freezes_is_noticed_and_gone_back_to_when_it_thaws() {
    let (frozen, lively) = (Dovecot::start(), Dovecot::start());
    let house = House::start(&[place(&frozen, "klacht"), place(&lively, "info")], SmtpSink::start());
    frozen.append("klacht", "INBOX", mail("voor").as_bytes());
    house.until_in(1);
    frozen.freeze(true);
    // Within `LIMIT`, which is two minutes.
    house.until("the silence is noticed", |status| error(status, "klacht").is_some());
    lively.append("info", "INBOX", mail("intussen").as_bytes());
    house.until_in(2);
    frozen.freeze(false);
    frozen.append("klacht", "INBOX", mail("na").as_bytes());
    house.until_in(3);
    house.until("all is well", |status| error(status, "klacht").is_none());
    house.has_exactly(&["voor", "intussen", "na"].map(|name| (ids(name), "case")));
}

/// The Message-ID of a person's question.
fn ids(name: &str) -> &'static str {
    Box::leak(format!("{name}@example.org").into_boxed_str())
}

#[test]
fn a_wrong_certificate_or_password_of_one_mailbox_keeps_no_other_waiting() {
    let good = Dovecot::start_with(Options { tls: true, ..Options::default() });
    let flawed = |flaw| Dovecot::start_with(Options { tls: true, flaw: Some(flaw), ..Options::default() });
    let (mut expired, mut other) = (flawed(Flaw::Expired), flawed(Flaw::OtherHost));
    let password = tempfile::NamedTempFile::new().unwrap();
    fs::write(password.path(), "fout").unwrap();
    let mut places = vec![
        place(&good, "klacht"),
        place(&good, "administratie"),
        place(&expired, "info"),
        place(&other, "info"),
    ];
    places[1].password_file = password.path().to_owned();
    places[2].name = "verlopen";
    places[3].name = "vreemd";
    for (dovecot, user, person) in [
        (&good, "klacht", "a"),
        (&good, "administratie", "b"),
        (&expired, "info", "c"),
        (&other, "info", "d"),
    ] {
        dovecot.append(user, "INBOX", mail(person).as_bytes());
    }
    // What a person of the test did by password is no login of the daemon's.
    let logins = |dovecot: &Dovecot| dovecot.log().matches("Login: user=").count();
    let before = [logins(&expired), logins(&other)];
    let house = House::start(&places, SmtpSink::start());
    let says = |status: &serde_json::Value, name: &str, words: &[&str]| {
        error(status, name).is_some_and(|error| words.iter().all(|word| error.contains(word)))
    };
    house.until("each fails by itself, and says at what", |status| {
        status["seen"] == 1
            && error(status, "klacht").is_none()
            && says(status, "administratie", &["refuses the login of administratie", "password"])
            && says(status, "verlopen", &["certificate of localhost", "xpired", "renew"])
            && says(status, "vreemd", &["certificate of localhost", "not valid for", "`host`"])
    });
    eventually("the letter of the one that works", LIMIT, || {
        (house.letters("a@example.org").len() == 1).then_some(())
    });
    assert_eq!([logins(&expired), logins(&other)], before, "no password was shown to a stranger");

    // Mended on the servers and in the file, without a word to the daemon.
    fs::write(password.path(), Dovecot::password("administratie")).unwrap();
    for dovecot in [&mut expired, &mut other] {
        dovecot.certificates.as_ref().unwrap().issue(None);
        dovecot.restart();
    }
    house.until_in(4);
    house.until("all is well", |status| places.iter().all(|place| error(status, place.name).is_none()));
    house.has_exactly(&["a", "b", "c", "d"].map(|name| (ids(name), "case")));
}

#[test]
fn mails_that_come_back_under_other_numbers_get_no_second_answer() {
    let mut dovecot = Dovecot::start();
    let mut person = dovecot.person("klacht");
    person.run("CREATE Klachten");
    for name in ["a", "b"] {
        person.append("Klachten", "", None, mail(name).as_bytes());
    }
    dovecot.append("info", "INBOX", mail("c").as_bytes());
    let folder = Place { folder: "Klachten", ..place(&dovecot, "klacht") };
    let house = House::start(&[folder, place(&dovecot, "info")], SmtpSink::start());
    house.until_in(3);

    // Deleted, so that nothing can be read for a while, and made again with the same mails and one more.
    let mut person = dovecot.person("klacht");
    person.run("DELETE Klachten");
    house.until("the folder is missed", |status| {
        error(status, "klacht").is_some_and(|error| error.contains("Klachten"))
    });
    std::thread::sleep(Duration::from_millis(1_100));
    let mut person = dovecot.person("klacht");
    person.run("CREATE Klachten");
    for name in ["a", "b", "d"] {
        person.append("Klachten", "", None, mail(name).as_bytes());
    }
    drop(person);
    dovecot.number_anew("info");
    dovecot.append("info", "INBOX", mail("e").as_bytes());
    let people = ["a", "b", "c", "d", "e"];
    eventually("the new ones are answered", LIMIT, || {
        let all = people.iter().all(|name| !house.letters(ids(name)).is_empty());
        all.then_some(())
    });
    house.until("all is well", |status| {
        status["seen"] == status["accounted"] && error(status, "klacht").is_none()
    });
    for name in people {
        assert_eq!(house.letters(ids(name)).len(), 1, "letters to {name}");
        house.case(ids(name));
    }
}
