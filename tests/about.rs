//! What a mail is about, over many ways of saying it: the tables of `tests/tables`, a line a mail.
//!
//! `text => value`: a mail with this text states the value (of people joined by ` | `; of a
//! description a phrase that it must hold); nothing behind the arrow: it states none. `\n` in a text
//! is a line end. Lines that start with `@` say for the lines behind them who wrote when and where:
//! `@ field incident_date`, `@ mailbox klacht`, `@ date 2026-03-19T10:00:00+01:00`, `@ from Jan`.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use chrono::DateTime;
use triaged::mail::parse::parse;
use triaged::triage::fields::Value;
use triaged::triage::reading::{Context, Reading, read};
use triaged::triage::ruleset::RuleSet;
use triaged::triage::surroundings::{Mailbox, Surroundings};

#[derive(Clone, Default)]
struct Setting {
    field: String,
    mailbox: String,
    date: String,
    from: String,
    subject: String,
}

impl Setting {
    fn set(&mut self, line: &str) {
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        let value = value.trim().to_owned();
        match key {
            "field" => self.field = value,
            "mailbox" => self.mailbox = value,
            "date" => self.date = value,
            "from" => self.from = value,
            "subject" => self.subject = value,
            _ => panic!("no such setting: {key}"),
        }
    }
}

fn rules() -> &'static RuleSet {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    RULES.get_or_init(|| {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
        triaged::rules::load(&dir).unwrap_or_else(|faults| panic!("{faults:?}"))
    })
}

fn reading(setting: &Setting, body: &str) -> Reading {
    let boxes = [("administratie", "invoice"), ("info", "account"), ("klacht", "complaint")];
    let mailboxes: Vec<Mailbox> = boxes
        .iter()
        .map(|(name, inquiry)| Mailbox {
            name: (*name).into(),
            address: format!("{name}@ksyos.nl"),
            inquiry: (*inquiry).into(),
            coordinators: Vec::new(),
        })
        .collect();
    let surroundings = Surroundings {
        mailboxes,
        admins: Vec::new(),
        authserv_ids: Vec::new(),
        time_zone: chrono_tz::Europe::Amsterdam,
    };
    let mailbox = surroundings.mailbox(&setting.mailbox).unwrap();
    let date = DateTime::parse_from_rfc3339(&setting.date).unwrap();
    let mut mail = String::new();
    write!(mail, "From: {} <qwx71@post.example>\r\nTo: {}\r\n", setting.from, mailbox.address).unwrap();
    write!(mail, "Subject: {}\r\nDate: {}\r\n", setting.subject, date.to_rfc2822()).unwrap();
    write!(mail, "Message-ID: <1@post.example>\r\nMIME-Version: 1.0\r\n").unwrap();
    write!(mail, "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n")
        .unwrap();
    write!(mail, "{body}\r\n").unwrap();
    let message = parse(mail.as_bytes(), mail.len() as u64);
    let arrived = date.with_timezone(&surroundings.time_zone);
    read(&message, Context { rules: rules(), surroundings: &surroundings, mailbox, arrived, expecting: &[] })
}

fn check(table: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tables").join(table);
    let mut setting = Setting::default();
    let (mut wrong, mut all) = (Vec::new(), 0);
    for line in fs::read_to_string(path).unwrap().lines() {
        if let Some(line) = line.strip_prefix("@ ") {
            setting.set(line);
            continue;
        }
        let Some((body, expected)) = line.split_once("=>").filter(|_| !line.starts_with('#')) else {
            continue;
        };
        all += 1;
        let (body, expected) = (body.trim().replace("\\n", "\n"), expected.trim());
        let reading = reading(&setting, &body);
        let found = reading.fields.get(&setting.field);
        let got = match (setting.field.as_str(), found.map(|found| &found.value)) {
            ("inquiry", _) => reading.inquiry.id.clone(),
            ("language", _) => reading.language.code().to_owned(),
            (_, None) => String::new(),
            (_, Some(Value::Text(text))) => text.clone(),
            (_, Some(Value::List(list))) => list.join(" | "),
        };
        let right = match setting.field.as_str() {
            "description" if !expected.is_empty() => got.to_lowercase().contains(&expected.to_lowercase()),
            _ => got == expected,
        };
        if !right {
            let why = found.map_or("", |found| found.why.as_str());
            wrong.push(format!("{body:?}\n    expected {expected:?}\n    got      {got:?} ({why})"));
        }
    }
    assert!(wrong.is_empty(), "{} of {all} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn days_are_understood() {
    check("dates.txt");
}

#[test]
fn services_are_understood() {
    check("services.txt");
}

#[test]
fn people_are_understood() {
    check("persons.txt");
}

#[test]
fn invoices_are_told_from_other_numbers() {
    check("invoices.txt");
}

#[test]
fn writers_are_known_by_name() {
    check("names.txt");
}

#[test]
fn numbers_of_the_writer_are_told_from_others() {
    check("phones.txt");
}

#[test]
fn addresses_of_the_writer_are_told_from_others() {
    check("emails.txt");
}

#[test]
fn answers_that_say_nothing_are_none() {
    check("empty.txt");
}

#[test]
fn stories_are_found() {
    check("description.txt");
}

#[test]
fn inquiries_are_told_apart() {
    check("inquiry.txt");
}
