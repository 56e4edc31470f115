//! `triaged rules …`: the rules against their example mails, and their schema.

mod accept;
mod diff;
mod hands;
mod mails;

use std::path::{Path, PathBuf};

use super::arguments::RulesCommand;
use super::explain::{Explained, explain_one, on_deep_stack};
use super::terminal::{Look, clean, decorated, look, say};
use super::{Done, Trouble, load};
use crate::clock::Clock;
use crate::config::Config;
use crate::rules::examples::{Example, Outcome, Tally, read_folder};
use crate::triage::ruleset::RuleSet;

pub fn rules(command: RulesCommand, clock: &Clock) -> Done {
    match command {
        RulesCommand::Test { config, dir } => test(&config.path(), dir),
        RulesCommand::Accept { config, mailbox, again, mails } => {
            accept::accept(&config.path(), mailbox.as_deref(), again, &mails, clock)
        }
        RulesCommand::Diff { config, with, since, mails, mailbox, json } => {
            let wanted = diff::Wanted { with, since, mails, mailbox, json };
            diff::diff(&config.path(), &wanted, clock)
        }
        RulesCommand::Schema { kind } => {
            let Some(schema) = crate::rules::schema(&kind) else {
                let kinds = crate::rules::SCHEMAS.join(", ");
                return Err(Trouble::Invalid(format!("there is no schema `{kind}`; there are {kinds}")));
            };
            say(&serde_json::to_string_pretty(&schema).map_err(Trouble::failed)?);
            Ok(())
        }
    }
}

/// Exit status 0 when every example comes out as expected, else 1.
fn test(file: &Path, dir: Option<PathBuf>) -> Done {
    let (config, rules) = load(file)?;
    let dir = dir.unwrap_or_else(|| examples_of(&config.rules));
    let (examples, faults) = read_folder(&dir);
    if examples.is_empty() {
        return Err(Trouble::Failed(format!(
            "there are no examples in {}; put a mail there and run `triaged rules accept --mailbox NAME FILE.eml`",
            dir.display()
        )));
    }
    let different = on_deep_stack(|| Ok(compare(&examples, &config, &rules)))?;
    for fault in &faults {
        say(&look(&clean(fault), Look::Bad, decorated()));
    }
    if different == 0 && faults.is_empty() {
        return Ok(());
    }
    Err(Trouble::Failed(format!(
        "{different} of {} examples come out differently, {} could not be read",
        examples.len(),
        faults.len()
    )))
}

/// An admin's own examples, else those of a checkout of the project, which stand beside its rules.
fn examples_of(rules: &Path) -> PathBuf {
    let own = rules.join("examples");
    let of_checkout = rules.join("../fixtures/mails");
    if !own.is_dir() && of_checkout.is_dir() { of_checkout } else { own }
}

fn compare(examples: &[(PathBuf, Vec<u8>, Example)], config: &Config, rules: &RuleSet) -> usize {
    let nice = decorated();
    let mut tally = Tally::default();
    let mut different = 0;
    for (path, bytes, example) in examples {
        let name = clean(&path.file_stem().unwrap_or_default().to_string_lossy());
        let Some(mailbox) = config.surroundings.mailbox(&example.mailbox) else {
            say(&format!("{name}: there is no mailbox '{}'", clean(&example.mailbox)));
            different += 1;
            continue;
        };
        let far = chrono::DateTime::<chrono::Utc>::MAX_UTC - chrono::TimeDelta::days(2);
        let explained = explain_one(bytes, config, rules, mailbox, chrono::DateTime::UNIX_EPOCH, far);
        let decision = &explained.decision;
        let got = Outcome {
            disposition: super::cases::word_of(&decision.disposition).unwrap_or_default(),
            reason: decision.reason.clone(),
            inquiry: decision.inquiry.clone(),
            language: decision.language.map(|language| language.code().to_owned()),
            fields: decision.fields.iter().map(|(id, found)| (id.clone(), found.value.clone())).collect(),
            missing: decision.missing.clone(),
        };
        let differences = tally.add(&example.expect, &got);
        if differences.is_empty() {
            continue;
        }
        different += 1;
        say(&look(&name, Look::Bold, nice));
        if !example.notes.is_empty() {
            say(&look(&format!("  {}", clean(&example.notes)), Look::Dim, nice));
        }
        for difference in differences {
            say(&format!(
                "  {:18} expected {}",
                difference.what,
                look(&clean(&difference.expected), Look::Good, nice)
            ));
            say(&format!("  {:18} got      {}", "", look(&clean(&difference.got), Look::Bad, nice)));
            if let Some(words) = words_for(&difference.what, &explained) {
                let words: String = clean(&words).replace('\n', " ").chars().take(200).collect();
                say(&look(&format!("  {:18} because  {words}", ""), Look::Dim, nice));
            }
        }
    }
    summary(&tally);
    different
}

/// The words of the mail that led to what was got.
fn words_for(what: &str, explained: &Explained) -> Option<String> {
    let reading = &explained.reading;
    match what {
        "disposition" | "reason" => {
            let signs = reading.screening.signs.iter();
            let signs: Vec<String> = signs.map(|sign| format!("{}: {}", sign.reason, sign.seen)).collect();
            let none = || "no sign of a machine was found".to_owned();
            Some(if signs.is_empty() { none() } else { signs.join("; ") })
        }
        "inquiry" => {
            let scores = reading.inquiry.scores.iter();
            let scores: Vec<String> = scores.map(|(id, score)| format!("{id} {score}")).collect();
            Some(format!("{} ({})", reading.inquiry.why, scores.join(", ")))
        }
        "language" | "missing" => None,
        field => Some(match explained.decision.fields.get(field) {
            Some(found) => format!("{} ('{}')", found.why, found.text),
            None => "nothing in the mail was sure enough".to_owned(),
        }),
    }
}

fn summary(tally: &Tally) {
    say(&format!(
        "{} mails: what became of them right {}, inquiry right {} of {} cases, set of missing fields right {}",
        tally.examples, tally.disposition_right, tally.inquiry_right, tally.cases, tally.missing_right
    ));
    say(&format!("machines answered: {}; people ignored: {}", tally.machines_answered, tally.people_ignored));
    for (field, count) in &tally.fields {
        say(&format!(
            "  {field:18} right {:4}  wrong {:3}  missed {:3}  F1 {:.3}",
            count.right,
            count.wrong,
            count.missed,
            count.f1()
        ));
    }
}
