//! `triaged rules accept`: what the program makes of a mail becomes what the mail must lead to,
//! for a person to read over.

use std::path::{Path, PathBuf};

use super::super::explain::{Explained, explain_one, mailbox_named, on_deep_stack};
use super::super::terminal::{Look, clean, decorated, look, say};
use super::super::{Done, Trouble, cases, load};
use crate::clock::Clock;
use crate::rules::examples::{Example, Expectation};

/// Writes `NAME.json` beside each `NAME.eml`.
pub fn accept(file: &Path, mailbox: Option<&str>, again: bool, mails: &[PathBuf], clock: &Clock) -> Done {
    let (config, rules) = load(file)?;
    let mailbox = mailbox_named(&config, mailbox)?;
    let now = clock.now();
    on_deep_stack(|| {
        for path in mails {
            let bytes = std::fs::read(path)
                .map_err(|error| Trouble::Failed(format!("cannot read {}: {error}", path.display())))?;
            let explained = explain_one(&bytes, &config, &rules, mailbox, now, now);
            let example = example(&mailbox.name, &explained)?;
            write(&path.with_extension("json"), &example, again)?;
            show(path, &example, &explained);
        }
        say("Read it over: it holds what the rules make of the mail, which need not be right.");
        let examples = config.rules.join("examples");
        if !mails.iter().all(|mail| lies_in(mail, &examples)) {
            say(&format!(
                "`triaged rules test` reads {}: put the mail and its .json there, or name their folder.",
                examples.display()
            ));
        }
        Ok(())
    })
}

fn lies_in(mail: &Path, folder: &Path) -> bool {
    let canonical = |path: &Path| path.canonicalize().ok();
    canonical(mail).as_deref().and_then(Path::parent) == canonical(folder).as_deref()
}

fn example(mailbox: &str, explained: &Explained) -> Result<Example, Trouble> {
    let decision = &explained.decision;
    let reply = decision.reply.as_ref().map_or_else(|| "none".to_owned(), |reply| reply.kind.clone());
    let expect = Expectation {
        disposition: cases::word_of(&decision.disposition)?,
        reason: decision.reason.clone(),
        inquiry: decision.inquiry.clone(),
        language: decision.language.map(|language| language.code().to_owned()),
        fields: decision.fields.iter().map(|(id, found)| (id.clone(), found.value.clone())).collect(),
        missing: decision.missing.clone(),
        reply,
        ..Expectation::default()
    };
    Ok(Example { mailbox: mailbox.to_owned(), expect, notes: String::new() })
}

/// An expectation that a person has read is not overwritten unasked.
fn write(path: &Path, example: &Example, again: bool) -> Done {
    use std::io::Write;
    let text = serde_json::to_string_pretty(example).map_err(Trouble::failed)? + "\n";
    let mut options = std::fs::OpenOptions::new();
    options.write(true);
    if again {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Trouble::Failed(format!(
            "{} is there already; `--again` writes it anew, `triaged rules test` shows what differs",
            path.display()
        )),
        _ => Trouble::Failed(format!("cannot write {}: {error}", path.display())),
    };
    options.open(path).and_then(|mut open| open.write_all(text.as_bytes())).map_err(failed)
}

fn show(path: &Path, example: &Example, explained: &Explained) {
    let nice = decorated();
    let expect = &example.expect;
    say(&look(&clean(&path.with_extension("json").display().to_string()), Look::Bold, nice));
    let reason = expect.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    say(&format!("  {:18} {}{reason}", "disposition", expect.disposition));
    if let Some(inquiry) = &expect.inquiry {
        say(&format!("  {:18} {inquiry}, because of {}", "inquiry", clean(&explained.reading.inquiry.why)));
    }
    for (id, found) in &explained.decision.fields {
        let text = clean(&found.text).replace('\n', " ");
        let text: String = text.chars().take(80).collect();
        say(&format!("  {id:18} '{text}', because of {}", clean(&found.why)));
    }
    if !expect.missing.is_empty() {
        say(&format!("  {:18} {}", "missing", expect.missing.join(", ")));
    }
    say(&format!("  {:18} {}", "reply", expect.reply));
}
