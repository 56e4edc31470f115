//! Precision and recall over the example mails of `fixtures/mails`.
//!
//! `UNDERSTANDING_SHOW=phone cargo test --test understanding -- --nocapture` also prints every mail
//! in which that field (or `disposition`, `inquiry`, `missing`, …; `all`) differs, and
//! `UNDERSTANDING_DIR=folder` reads other examples.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use triaged::mail::parse::parse;
use triaged::rules::examples::{Example, Outcome, Tally, read_folder};
use triaged::triage::reading::{Context, read};
use triaged::triage::ruleset::RuleSet;
use triaged::triage::screen::Verdict;
use triaged::triage::surroundings::{Mailbox, Surroundings};

fn surroundings() -> Surroundings {
    let mailbox = |name: &str, inquiry: &str, coordinator: &str| Mailbox {
        name: name.into(),
        address: format!("{name}@ksyos.nl"),
        inquiry: inquiry.into(),
        coordinators: vec![coordinator.into()],
    };
    Surroundings {
        mailboxes: vec![
            mailbox("administratie", "invoice", "financien@ksyos.nl"),
            mailbox("info", "account", "servicedesk@ksyos.nl"),
            mailbox("klacht", "complaint", "klachtencoordinator@ksyos.nl"),
        ],
        admins: vec!["beheer@ksyos.nl".into()],
        authserv_ids: vec!["mx1.ksyos.nl".into(), "mx2.ksyos.nl".into()],
        time_zone: chrono_tz::Europe::Amsterdam,
    }
}

#[test]
fn what_people_write_is_understood() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rules = triaged::rules::load(&root.join("rules")).unwrap();
    let folder = std::env::var("UNDERSTANDING_DIR").map_or(root.join("fixtures/mails"), PathBuf::from);
    let show = std::env::var("UNDERSTANDING_SHOW").unwrap_or_default();
    let (examples, faults) = read_folder(&folder);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(!examples.is_empty());
    let surroundings = surroundings();
    let mut tally = Tally::default();
    for (path, bytes, example) in &examples {
        let outcome = outcome(bytes, example, &rules, &surroundings);
        for difference in tally.add(&example.expect, &outcome) {
            if show == "all" || show == difference.what {
                let name = path.file_stem().unwrap_or_default().to_string_lossy();
                println!(
                    "{name}: {}: expected {} / got {}",
                    difference.what, difference.expected, difference.got
                );
            }
        }
    }
    print(&tally);
}

fn outcome(bytes: &[u8], example: &Example, rules: &RuleSet, surroundings: &Surroundings) -> Outcome {
    let message = parse(bytes, bytes.len() as u64);
    let no_date = || "2026-11-22T12:00:00Z".parse::<DateTime<Utc>>().unwrap();
    let arrived = message
        .received
        .or(message.date)
        .map_or_else(no_date, |date| date.to_utc())
        .with_timezone(&surroundings.time_zone);
    let mailbox = surroundings.mailbox(&example.mailbox).unwrap();
    let reading = read(&message, Context { rules, surroundings, mailbox, arrived, expecting: &[] });
    let (disposition, reason) = match reading.screening.verdict {
        Verdict::Person => ("case", None),
        Verdict::Machine { reason } => ("ignore", Some(reason)),
        Verdict::Review { reason } => ("review", Some(reason)),
    };
    let mandatory = rules.inquiry(&reading.inquiry.id).map(|i| i.mandatory.clone()).unwrap_or_default();
    Outcome {
        disposition: disposition.into(),
        reason,
        inquiry: Some(reading.inquiry.id.clone()),
        language: Some(reading.language.code().into()),
        missing: mandatory.iter().filter(|field| !reading.fields.contains_key(*field)).cloned().collect(),
        fields: reading
            .fields
            .into_iter()
            .filter(|(field, _)| mandatory.contains(field))
            .map(|(field, found)| (field, found.value))
            .collect(),
    }
}

fn print(tally: &Tally) {
    println!(
        "{} examples: disposition {}, reason {}, machines answered {}, people ignored {}",
        tally.examples,
        tally.disposition_right,
        tally.reason_right,
        tally.machines_answered,
        tally.people_ignored
    );
    println!(
        "{} cases: inquiry {}, language {}, missing set {}",
        tally.cases, tally.inquiry_right, tally.language_right, tally.missing_right
    );
    for (field, count) in &tally.fields {
        println!(
            "{field:18} F1 {:.3}  right {} wrong {} missed {}",
            count.f1(),
            count.right,
            count.wrong,
            count.missed
        );
    }
}
