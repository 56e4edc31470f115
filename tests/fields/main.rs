//! Each field by itself, with the shipped rules: what a clerk would note, in all the ways that
//! people write it.

#![expect(clippy::expect_used, reason = "helpers of tests may fail loudly")]

mod announcements;
mod email;
mod invoices;
mod labels;
mod mixed;
mod phone;
mod phone_forms;
mod reference;
mod services;
mod which_invoice;
mod whose;

use std::path::Path;
use std::sync::OnceLock;

use chrono::{TimeZone, Utc};
use triaged::triage::fields::Value;
use triaged::triage::message::{Address, Attachment, Message};
use triaged::triage::reading::{Context, Reading, read};
use triaged::triage::ruleset::RuleSet;
use triaged::triage::surroundings::{Mailbox, Surroundings};

/// The shipped rules, read once for all tests.
pub(crate) fn rules() -> &'static RuleSet {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    RULES.get_or_init(|| triaged::rules::load(Path::new("rules")).expect("the shipped rules are valid"))
}

/// A mail to read.
#[derive(Debug)]
pub(crate) struct Mail(pub(crate) Message);

impl Mail {
    pub(crate) fn new(text: &str) -> Self {
        Self(Message {
            text: text.to_owned(),
            from: vec![Address { name: Some("Jan de Vries".into()), address: "jan@thuis.example".into() }],
            ..Message::default()
        })
    }

    pub(crate) fn subject(mut self, subject: &str) -> Self {
        subject.clone_into(&mut self.0.subject);
        self
    }

    pub(crate) fn attachment(mut self, name: &str) -> Self {
        let attachment = Attachment { name: Some(name.to_owned()), ..Attachment::default() };
        self.0.attachments.push(attachment);
        self
    }

    pub(crate) fn read(&self, rules: &RuleSet) -> Reading {
        let mailbox = |name: &str, inquiry: &str| Mailbox {
            name: name.into(),
            address: format!("{name}@ksyos.nl"),
            inquiry: inquiry.into(),
            coordinators: Vec::new(),
        };
        let surroundings = Surroundings {
            mailboxes: vec![mailbox("administratie", "invoice"), mailbox("klacht", "complaint")],
            admins: Vec::new(),
            authserv_ids: Vec::new(),
            time_zone: chrono_tz::Europe::Amsterdam,
        };
        let arrived = Utc
            .with_ymd_and_hms(2026, 11, 20, 9, 0, 0)
            .single()
            .expect("a time that exists")
            .with_timezone(&chrono_tz::Europe::Amsterdam);
        let context = Context {
            rules,
            surroundings: &surroundings,
            mailbox: &surroundings.mailboxes[0],
            arrived,
            expecting: &[],
        };
        read(&self.0, context)
    }

    /// The value of a field; `-` where it is missing.
    pub(crate) fn field(&self, rules: &RuleSet, field: &str) -> String {
        match self.read(rules).fields.get(field).map(|found| &found.value) {
            Some(Value::Text(value)) => value.clone(),
            Some(Value::List(values)) => values.join(", "),
            None => "-".to_owned(),
        }
    }
}

/// Holds a table of texts against the value that each must give; shows all that differ.
#[track_caller]
pub(crate) fn hold(field: &str, table: &[(&str, &str)]) {
    let rules = rules();
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(text, expected)| {
            let got = Mail::new(text).field(rules, field);
            (got != *expected).then(|| format!("{text:?}\n    expected {expected}, got {got}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), table.len(), wrong.join("\n"));
}
