//! What people and their machines do when a mail of ours reaches them.

use super::folder::Place;
use super::line::Attempt;
use super::mails::{ADDED, OPENINGS, Text, Truth, UNANSWERABLE, bounce};
use super::world::{COORDINATORS, MAILBOXES, State, address, coordinator};

const HOUR: i64 = 3600;

/// For the story, and for who reckons afterwards.
pub const ANSWERS_AN_ALERT: &str = "an answer to an alert";

/// Reacts to the mail that was delivered last.
pub fn react(state: &mut State) {
    let Some(mail) = state.attempts.last().cloned() else { return };
    if let Some((house, mailbox)) = house_of(state, &mail.to) {
        come_to_another_house(state, &mail, house, mailbox);
    } else if state.is_crowded() || mail.to.starts_with("beheer@") {
        // Nobody stirs.
    } else if mail.alert.is_some() {
        coordinator_reacts(state, &mail);
    } else {
        person_reacts(state, &mail);
    }
}

/// The mailbox that has this address.
fn house_of(state: &State, to: &str) -> Option<(usize, usize)> {
    let found = state.folders.keys().find(|place| address(place.house, place.mailbox) == to)?;
    Some((found.house, found.mailbox))
}

/// A letter of one triaged in a mailbox of another: as it is, and no word is due to it.
fn come_to_another_house(state: &mut State, mail: &Attempt, house: usize, mailbox: usize) {
    let mut bytes = format!("Return-Path: <{}>\r\n", address(mail.house, 0)).into_bytes();
    bytes.extend_from_slice(&mail.bytes);
    let from = address(mail.house, 0);
    let what = format!("a letter of {}", super::line::house_name(mail.house));
    let number = state.mails.len();
    let written = super::mails::Mail {
        id: mail.id.clone(),
        from,
        truth: Truth::Machine,
        what: format!("mail {number}, {what}"),
        bytes,
    };
    state.mails.push(written);
    state.send_in(number, Place { house, mailbox, sent: false }, 5);
}

#[derive(Debug, Clone, Copy)]
enum Person {
    Silent,
    Adds,
    AddsTwice,
    WritesTheNumber,
    BeginsAnew,
    IsAway,
    IsAwayWithoutSender,
    IsGone,
}

fn person_reacts(state: &mut State, mail: &Attempt) {
    let what = state.chance.weighted(&[
        (30, Person::Silent),
        (20, Person::Adds),
        (5, Person::AddsTwice),
        (8, Person::WritesTheNumber),
        (5, Person::BeginsAnew),
        (10, Person::IsAway),
        (5, Person::IsAwayWithoutSender),
        (8, Person::IsGone),
    ]);
    let mailbox =
        if state.chance.permille(850) { home_of(mail) } else { state.chance.below(MAILBOXES.len()) };
    let place = Place { house: mail.house, mailbox, sent: false };
    let answers = format!("In-Reply-To: <{}>\nReferences: <{}>\n", mail.id, mail.id);
    match what {
        Person::Silent => {}
        Person::Adds => add(state, mail, place, &answers, 1),
        Person::AddsTwice => add(state, mail, place, &answers, 2),
        Person::WritesTheNumber => add(state, mail, place, "", 1),
        Person::BeginsAnew => {
            open(state, &mail.to.clone(), place);
        }
        Person::IsAway => away(state, mail, place, &format!("Auto-Submitted: auto-replied\n{answers}")),
        Person::IsAwayWithoutSender => {
            away(state, mail, place, &format!("Return-Path: <>\n{answers}"));
        }
        Person::IsGone => {
            state.dead.insert(mail.to.clone());
            come_back(state, mail, place);
        }
    }
}

/// The mailbox that a letter came from, by its sender's name.
fn home_of(mail: &Attempt) -> usize {
    let head = String::from_utf8_lossy(&mail.bytes);
    MAILBOXES.iter().position(|name| head.contains(&format!("<{name}@"))).unwrap_or(0)
}

fn add(state: &mut State, mail: &Attempt, place: Place, marks: &str, times: usize) {
    let (what, body) = state.chance.one_of(&ADDED);
    let subject = format!("Re: [{}]", mail.number.as_deref().unwrap_or_default());
    for _ in 0..times {
        let to = address(place.house, place.mailbox);
        let text = Text { from: &mail.to, to: &to, subject: &subject, headers: marks, body };
        let number = state.write(Truth::FollowUp, what, &text);
        let seconds = when(state);
        state.send_in(number, place, seconds);
        if state.chance.permille(150) {
            state.send_in(number, place, seconds + 30);
        }
    }
}

fn away(state: &mut State, mail: &Attempt, place: Place, headers: &str) {
    let to = address(place.house, place.mailbox);
    let body = "Ik ben afwezig tot maandag en lees uw mail daarna.\n";
    let text = Text { from: &mail.to, to: &to, subject: "Automatisch antwoord", headers, body };
    let number = state.write(Truth::Machine, "an automatic reply", &text);
    state.send_in(number, place, 2);
}

fn come_back(state: &mut State, mail: &Attempt, place: Place) {
    let (headers, body) = bounce(&mail.id, &mail.to);
    let to = address(place.house, place.mailbox);
    let from = "mailer-daemon@mail.example";
    let text = Text { from, to: &to, subject: "Undelivered Mail", headers: &headers, body: &body };
    let number = state.write(Truth::Machine, "a bounce", &text);
    let seconds = when(state);
    state.send_in(number, place, seconds);
}

/// Most answer soon, some after days.
fn when(state: &mut State) -> i64 {
    let most = state.chance.weighted(&[(5, 60), (4, 3 * HOUR), (2, 100 * HOUR)]);
    i64::try_from(state.chance.below(usize::try_from(most).unwrap())).unwrap() + 1
}

#[derive(Debug, Clone, Copy)]
enum Staff {
    Silent,
    AnswersFromMailbox,
    AnswersWithCopy,
    AnswersTheAlert,
    IsAway,
    Bounces,
}

fn coordinator_reacts(state: &mut State, mail: &Attempt) {
    let what = state.chance.weighted(&[
        (60, Staff::Silent),
        (12, Staff::AnswersFromMailbox),
        (8, Staff::AnswersWithCopy),
        (5, Staff::AnswersTheAlert),
        (5, Staff::IsAway),
        (2, Staff::Bounces),
    ]);
    let place = Place { house: mail.house, mailbox: home_of(mail), sent: false };
    let answers = format!("In-Reply-To: <{}>\n", mail.id);
    match what {
        Staff::Silent => {}
        Staff::AnswersFromMailbox => {
            let from = address(place.house, place.mailbox);
            answer_person(state, mail, &from, Place { sent: true, ..place });
        }
        Staff::AnswersWithCopy => answer_person(state, mail, &mail.to.clone(), place),
        Staff::AnswersTheAlert => {
            let to = address(place.house, place.mailbox);
            let headers = format!("{}{answers}", authenticated(place.house));
            let body = "Ik pak dit morgen op.\n";
            let text = Text { from: &mail.to, to: &to, subject: "Re: alert", headers: &headers, body };
            let number = state.write(Truth::Staff, ANSWERS_AN_ALERT, &text);
            state.send_in(number, place, HOUR);
        }
        Staff::IsAway => away(state, mail, place, &format!("Auto-Submitted: auto-replied\n{answers}")),
        Staff::Bounces => come_back(state, mail, place),
    }
}

/// A coordinator writes to a person who is known by a letter in the case, else to any.
fn answer_person(state: &mut State, alert: &Attempt, from: &str, place: Place) {
    let known =
        state.attempts.iter().find(|a| a.is_answer() && a.house == alert.house && a.number == alert.number);
    let person = if let Some(letter) = known {
        letter.to.clone()
    } else {
        let open = state.mails.iter().filter(|mail| mail.truth == Truth::Opening);
        let all: Vec<String> = open.map(|mail| mail.from.clone()).collect();
        if all.is_empty() {
            return;
        }
        all[state.chance.below(all.len())].clone()
    };
    let number = alert.number.clone().unwrap_or_default();
    let marked = state.chance.permille(700);
    let subject = if marked { format!("Re: [{number}]") } else { "Uw bericht".to_owned() };
    let copy =
        if place.sent { String::new() } else { format!("Cc: {}\n", address(place.house, place.mailbox)) };
    let headers = format!("{}{copy}", authenticated(place.house));
    let body = "Geachte heer, mevrouw,\n\nIk heb uw vraag bekeken en bel u morgen.\n\nNoor\n";
    let text = Text { from, to: &person, subject: &subject, headers: &headers, body };
    let mail = state.write(Truth::Staff, &format!("a coordinator's answer to {person}"), &text);
    state.touched.insert(person);
    let seconds = when(state);
    state.send_in(mail, place, seconds);
}

fn authenticated(house: usize) -> String {
    let host = format!("{}.example", super::line::house_name(house).to_lowercase());
    format!(
        "Authentication-Results: mx.{host}; spf=pass smtp.mailfrom={host}; dkim=pass header.d={host}; dmarc=pass header.from={host}\n"
    )
}

/// A person begins a conversation.
pub fn open(state: &mut State, from: &str, place: Place) -> usize {
    let (what, subject, body) = state.chance.one_of(&OPENINGS);
    let to = address(place.house, place.mailbox);
    let number = state.write(Truth::Opening, what, &Text { from, to: &to, subject, headers: "", body });
    state.send_in(number, place, 0);
    number
}

/// Something that no program may answer.
pub fn send_unanswerable(state: &mut State, place: Place) {
    let (what, truth, headers, subject, body) = state.chance.one_of(&UNANSWERABLE);
    let from = format!("m{}@mail.example", state.mails.len());
    let to = address(place.house, place.mailbox);
    // Only the word of our own receiver is believed.
    let headers =
        headers.replace("mx.a.", &format!("mx.{}.", super::line::house_name(place.house).to_lowercase()));
    let number = state.write(truth, what, &Text { from: &from, to: &to, subject, headers: &headers, body });
    state.send_in(number, place, 0);
}

/// Everybody who gets alerts of a house.
pub fn staff_of(house: usize, mailbox: usize) -> Vec<String> {
    COORDINATORS[mailbox].iter().map(|name| coordinator(house, name)).collect()
}
