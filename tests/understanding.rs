//! Precision and recall over the example mails of `fixtures/`, by the same decisions as the daemon's.
//!
//! `UNDERSTANDING_SHOW=phone cargo test --test understanding -- --nocapture` also prints every mail
//! in which that field (or `disposition`, `inquiry`, `missing`, …; `all`) differs, and
//! `UNDERSTANDING_DIR=folder` reads other examples, without floors.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

use std::path::Path;

use chrono::{DateTime, Utc};
use triaged::config::Config;
use triaged::mail::parse::parse;
use triaged::rules::examples::{Example, Outcome, Tally, read_folder};
use triaged::triage::decide::{self, Decision, Folder, Incoming, Known};
use triaged::triage::fields::{Evidence, Source};
use triaged::triage::message::Message;
use triaged::triage::reading::{Context, Reading, read};
use triaged::triage::ruleset::RuleSet;

/// Deep nesting costs stack when a mail is taken apart.
const STACK: usize = 128 * 1024 * 1024;

/// What a folder must reach, as measured when it was last raised. `missing` is the share of cases in
/// which exactly the right fields are asked for.
struct Floor {
    folder: &'static str,
    inquiry: f64,
    missing: f64,
    fields: f64,
    each: &'static [(&'static str, f64)],
}

const FLOORS: [Floor; 3] = [
    Floor { folder: "mails", inquiry: 1.0, missing: 1.0, fields: 1.0, each: &[] },
    Floor { folder: "known-misses", inquiry: 0.0, missing: 0.0, fields: 0.0, each: &[] },
    Floor {
        folder: "unseen",
        inquiry: 1.0,
        missing: 0.94,
        fields: 0.97,
        each: &[
            ("email", 0.99),
            ("incident_date", 0.94),
            ("invoice_number", 0.93),
            ("name", 0.98),
            ("phone", 0.98),
            ("service_type", 0.97),
            ("persons_involved", 0.89),
        ],
    },
];

#[test]
fn what_people_write_is_understood() {
    let work = || match std::env::var("UNDERSTANDING_DIR") {
        Ok(folder) => drop(measure(Path::new(&folder))),
        Err(_) => FLOORS.iter().for_each(hold),
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work).unwrap();
    assert!(thread.join().is_ok(), "see the message above");
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn hold(floor: &Floor) {
    println!("\n== {}", floor.folder);
    let folder = root().join("fixtures").join(floor.folder);
    // Between two measurings nothing is held back.
    if std::fs::read_dir(&folder).map_or(0, Iterator::count) == 0 {
        println!("nothing here");
        return;
    }
    let tally = measure(&folder);
    assert_eq!(tally.machines_answered, 0, "{}: machines were answered", floor.folder);
    assert_eq!(tally.people_ignored, 0, "{}: people were ignored", floor.folder);
    let reaches = |what: &str, got: f64, least: f64| {
        assert!(got >= least, "{}: {what} {got:.3} is below its floor {least}", floor.folder);
    };
    reaches("inquiry", share(tally.inquiry_right, tally.cases), floor.inquiry);
    reaches("missing", share(tally.missing_right, tally.cases), floor.missing);
    reaches("all fields", tally.all().f1(), floor.fields);
    for (field, least) in floor.each {
        reaches(field, tally.fields[*field].f1(), *least);
    }
}

fn share(part: u32, whole: u32) -> f64 {
    if whole == 0 { 1.0 } else { f64::from(part) / f64::from(whole) }
}

fn measure(folder: &Path) -> Tally {
    let config = triaged::config::load(&root().join("deploy/triaged.toml")).unwrap();
    let rules = triaged::rules::load(&root().join("rules")).unwrap();
    let show = std::env::var("UNDERSTANDING_SHOW").unwrap_or_default();
    let (examples, faults) = read_folder(folder);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(!examples.is_empty(), "no examples in {}", folder.display());
    let mut tally = Tally::default();
    for (path, bytes, example) in &examples {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let outcome = outcome(&name, bytes, example, &rules, &config);
        for difference in tally.add(&example.expect, &outcome) {
            if show == "all" || show == difference.what {
                let (expected, got) = (difference.expected, difference.got);
                println!("{name}: {}: expected {expected} / got {got}", difference.what);
            }
        }
    }
    print(&tally);
    tally
}

fn outcome(name: &str, bytes: &[u8], example: &Example, rules: &RuleSet, config: &Config) -> Outcome {
    let message = parse(bytes, bytes.len() as u64);
    let no_date = || "2026-11-22T12:00:00Z".parse::<DateTime<Utc>>().unwrap();
    let arrived = message.received.or(message.date).map_or_else(no_date, |date| date.to_utc());
    let surroundings = &config.surroundings;
    let context = Context {
        rules,
        surroundings,
        mailbox: surroundings.mailbox(&example.mailbox).unwrap(),
        arrived: arrived.with_timezone(&surroundings.time_zone),
        expecting: &[],
    };
    let reading = read(&message, context);
    every_value_has_its_evidence(name, &message, &reading);
    let incoming = Incoming {
        message: &message,
        reading: &reading,
        context,
        calendar: &config.calendar,
        folder: Folder::Inbox,
        now: arrived,
        poisonous: false,
        accepted: false,
    };
    let decision = decide::on_mail(&incoming, &Known::default());
    answers_go_out_with_care(name, example, &decision);
    let word = |value| serde_json::to_value(value).unwrap().as_str().unwrap_or_default().to_owned();
    Outcome {
        disposition: word(decision.disposition),
        reason: decision.reason,
        inquiry: decision.inquiry,
        language: decision.language.map(|language| language.code().into()),
        missing: decision.missing,
        fields: decision.fields.into_iter().map(|(field, found)| (field, found.value)).collect(),
    }
}

/// The words that a value was found in stand exactly where the evidence says.
fn every_value_has_its_evidence(name: &str, message: &Message, reading: &Reading) {
    for (field, found) in &reading.fields {
        let Evidence { source, span, text } = &found.evidence;
        let whole = match source {
            Source::Body => Some(message.text.as_str()),
            Source::Subject => Some(message.subject.as_str()),
            Source::AttachmentName(at) => message.attachments[*at].name.as_deref(),
            Source::Attached(at) => message.attached.get(*at).map(|mail| mail.text.as_str()),
            Source::Header => None,
        };
        if let Some(whole) = whole {
            assert_eq!(whole.get(span.clone()), Some(text.as_str()), "{name}: the evidence of {field}");
        }
    }
}

/// An answer has one recipient and one line of subject; only a case gets one.
fn answers_go_out_with_care(name: &str, example: &Example, decision: &Decision) {
    let Some(reply) = &decision.reply else { return };
    assert!(!reply.subject.contains(char::is_control), "{name}: the subject {:?}", reply.subject);
    assert!(!reply.to.contains([',', ';', ' ', '\n']), "{name}: to {:?}", reply.to);
    let lines = reply.body.lines().all(|line| line.len() < 990 && !line.contains(char::is_control));
    assert!(lines, "{name}: the letter {:?}", reply.body);
    let expected = &example.expect;
    let may_be_answered =
        expected.disposition == "case" || expected.disposition_any.iter().any(|other| other == "case");
    assert!(may_be_answered, "{name}: answered, though it is {}", expected.disposition);
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
    let all = tally.all();
    for (field, count) in
        tally.fields.iter().map(|(field, count)| (field.as_str(), *count)).chain([("all", all)])
    {
        println!(
            "{field:18} F1 {:.3}  right {} wrong {} missed {}",
            count.f1(),
            count.right,
            count.wrong,
            count.missed
        );
    }
}
