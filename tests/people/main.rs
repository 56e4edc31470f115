//! Who writes and who is meant, over many ways of saying so. Each row is a mail as a person sends it.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

mod names;
mod passing;
mod persons;

use std::path::Path;
use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use triaged::mail::parse::parse;
use triaged::triage::fields::{Source, Value};
use triaged::triage::message::Message;
use triaged::triage::reading::{Context, Reading, read};
use triaged::triage::ruleset::RuleSet;
use triaged::triage::surroundings::{Mailbox, Surroundings};

use names::{MORE_NAMES, NAMES, SHOPS, WORK};
use persons::{MORE_PERSONS, PERSONS};

fn rules() -> &'static RuleSet {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    RULES.get_or_init(|| {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
        triaged::rules::load(&dir).unwrap_or_else(|faults| panic!("{faults:?}"))
    })
}

fn reading(from: &str, body: &str) -> Reading {
    message_and_reading(from, body).1
}

fn message_and_reading(from: &str, body: &str) -> (Message, Reading) {
    let mailbox = Mailbox {
        name: "klacht".into(),
        address: "klacht@ksyos.nl".into(),
        inquiry: "complaint".into(),
        coordinators: Vec::new(),
    };
    let surroundings = Surroundings {
        mailboxes: vec![mailbox.clone()],
        admins: Vec::new(),
        authserv_ids: Vec::new(),
        time_zone: chrono_tz::Europe::Amsterdam,
    };
    let from = match from {
        "" => "qwx71@post.example".to_owned(),
        whole if whole.contains('<') => whole.to_owned(),
        name => format!("{name} <qwx71@post.example>"),
    };
    let mail = format!(
        "From: {from}\r\nTo: klacht@ksyos.nl\r\nSubject: bericht\r\nDate: Mon, 7 Sep 2026 10:22:44 +0200\r\n\
         Message-ID: <1@post.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n"
    );
    let message = parse(mail.as_bytes(), mail.len() as u64);
    let arrived: DateTime<Utc> = "2026-09-07T08:23:00Z".parse().unwrap();
    let reading = read(
        &message,
        Context {
            rules: rules(),
            surroundings: &surroundings,
            mailbox: &mailbox,
            arrived: arrived.with_timezone(&surroundings.time_zone),
            expecting: &[],
        },
    );
    (message, reading)
}

fn text(value: Option<&Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::Text(text)) => text.clone(),
        Some(Value::List(list)) => list.join(" | "),
    }
}

fn check(table: &[(&str, &str, &str)], field: &str) {
    let mut wrong = Vec::new();
    for (from, body, expected) in table {
        let reading = reading(from, body);
        let got = text(reading.fields.get(field).map(|found| &found.value));
        if got != *expected {
            let why = reading.fields.get(field).map_or("", |found| found.why.as_str());
            wrong.push(format!("{from:?} {body:?}\n    expected {expected:?}\n    got      {got:?} ({why})"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), table.len(), wrong.join("\n"));
}

#[test]
fn the_writer_is_named() {
    check(NAMES, "name");
    check(WORK, "name");
    check(SHOPS, "name");
    check(MORE_NAMES, "name");
}

#[test]
fn who_is_only_told_of_in_passing_is_not_involved() {
    check(passing::PASSING, "persons_involved");
}

#[test]
fn the_people_involved_are_named() {
    check(PERSONS, "persons_involved");
    check(MORE_PERSONS, "persons_involved");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(300))]

    /// Whatever stands in a mail, a value's evidence is exactly the words at its span.
    #[test]
    fn any_text_is_read_and_evidence_is_exact(
        from in "\\PC{0,40}",
        parts in proptest::collection::vec(
            proptest::sample::select(vec![
                "Naam: ", "Groet,\n", "mevrouw ", "dr. ", "J.", " van ", "de ", "'t ", "é\u{301}", "Jan", "(", ")", "\n\n", "\n", "&", ", ",
                "Betrokken: ", "de assistente ", "mijn ", "dochter ", "Romy", "\u{a0}", "İ", "ß", "- ", ". ", "heette ", "\"", "v/d ", "1) ", "ik ben ",
            ]),
            0..40,
        ),
    ) {
        let from: String = from.chars().filter(|c| !"<>\"\\,;:()@[]".contains(*c)).collect();
        let (message, reading) = message_and_reading(&from, &parts.concat());
        for (field, found) in &reading.fields {
            for evidence in std::iter::once(&found.evidence).chain(found.others.iter().map(|lost| &lost.evidence)) {
                let whole = match evidence.source {
                    Source::Body => message.text.as_str(),
                    Source::Subject => message.subject.as_str(),
                    // The display name, or an address: its words are told, but no place in a text.
                    Source::Header => continue,
                    Source::AttachmentName(_) | Source::Attached(_) => unreachable!("nothing is attached"),
                };
                proptest::prop_assert_eq!(whole.get(evidence.span.clone()), Some(evidence.text.as_str()), "{}", field);
                proptest::prop_assert!(!evidence.text.is_empty(), "{}", field);
            }
            proptest::prop_assert!(!found.text.is_empty(), "{}", field);
        }
    }
}
