//! `triaged rules …`: the rules against their example mails, and their schema.

use std::path::{Path, PathBuf};

use super::arguments::RulesCommand;
use super::explain::explain_one;
use super::terminal::{Look, clean, decorated, look, say};
use super::{Done, Trouble, load};
use crate::config::Config;
use crate::rules::examples::{Example, Outcome, Tally, read_folder};
use crate::triage::ruleset::RuleSet;

/// Deep nesting costs stack when a mail is taken apart (see `mail::parse`).
const STACK: usize = 128 * 1024 * 1024;

pub fn rules(command: RulesCommand) -> Done {
    match command {
        RulesCommand::Test { config, dir } => test(&config.path(), dir),
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
    let dir = dir.unwrap_or_else(|| config.rules.join("examples"));
    let (examples, faults) = read_folder(&dir);
    if examples.is_empty() {
        return Err(Trouble::Failed(format!(
            "there are no examples in {}; an example is NAME.eml with NAME.json beside it (see rules/README.md)",
            dir.display()
        )));
    }
    let thread = std::thread::Builder::new().stack_size(STACK);
    let different = std::thread::scope(|scope| {
        let work = || compare(&examples, &config, &rules);
        let thread = thread.spawn_scoped(scope, work).map_err(Trouble::failed)?;
        thread
            .join()
            .map_err(|_| Trouble::Failed("this is a fault of the program; see the message above".into()))
    })?;
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
            if let Some(found) = decision.fields.get(&difference.what) {
                say(&look(
                    &format!("  {:18} because  {} ('{}')", "", clean(&found.why), clean(&found.text)),
                    Look::Dim,
                    nice,
                ));
            }
        }
    }
    summary(&tally);
    different
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
