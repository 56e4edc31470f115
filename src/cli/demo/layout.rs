//! What the demo lays out: rules, configuration, Maildirs. Everything is within the program, so an
//! installed one needs no repository.

use std::fs;
use std::io;
use std::path::Path;

pub const COMPLAINT: &str = include_str!("../../../fixtures/demo/1-complaint.eml");
pub const INCOMPLETE: &str = include_str!("../../../fixtures/demo/2-incomplete.eml");
pub const ANSWER: &str = include_str!("../../../fixtures/demo/3-answer.eml");
pub const INVOICE: &str = include_str!("../../../fixtures/demo/4-invoice-english.eml");
pub const OUT_OF_OFFICE: &str = include_str!("../../../fixtures/demo/5-out-of-office.eml");
pub const WRONG_MAILBOX: &str = include_str!("../../../fixtures/demo/6-wrong-mailbox.eml");
pub const TWO_MAILBOXES: &str = include_str!("../../../fixtures/demo/7-two-mailboxes.eml");
pub const BOUNCE: &str = include_str!("../../../fixtures/demo/8-bounce.eml");
pub const COORDINATOR: &str = include_str!("../../../fixtures/demo/9-coordinator.eml");

const CONFIG: &str = include_str!("../../../fixtures/demo/triaged.toml");

/// Names the rule files that are compiled in, each by its path below `rules/`.
macro_rules! rule_files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../rules/", $path)))),*]
    };
}

/// The shipped rules. A test holds this list against the folder.
pub const RULES: &[(&str, &str)] = rule_files![
    "account.toml",
    "complaint.toml",
    "dates.toml",
    "description.toml",
    "fields.toml",
    "invoice.toml",
    "languages.toml",
    "machines.toml",
    "organisation.toml",
    "people.toml",
    "reasons.toml",
    "services.toml",
    "text.toml",
    "letters/acknowledgement.complaint.en.txt",
    "letters/acknowledgement.complaint.nl.txt",
    "letters/acknowledgement.en.txt",
    "letters/acknowledgement.nl.txt",
    "letters/alert-astray.nl.txt",
    "letters/alert-bounce.nl.txt",
    "letters/alert-due_soon.nl.txt",
    "letters/alert-mailbox.nl.txt",
    "letters/alert-new.nl.txt",
    "letters/alert-outbox.nl.txt",
    "letters/alert-overdue.nl.txt",
    "letters/alert-review.nl.txt",
    "letters/alert-rules.nl.txt",
    "letters/alert-token.nl.txt",
    "letters/builtin.alert.txt",
    "letters/builtin.letter.txt",
    "letters/reminder.complaint.en.txt",
    "letters/reminder.complaint.nl.txt",
    "letters/reminder.en.txt",
    "letters/reminder.nl.txt",
    "letters/request.complaint.en.txt",
    "letters/request.complaint.nl.txt",
    "letters/request.en.txt",
    "letters/request.nl.txt",
];

/// Lays out the folder.
///
/// # Errors
/// What the disk says.
pub fn lay_out(dir: &Path) -> io::Result<()> {
    for (path, text) in RULES {
        write(&dir.join("rules").join(path), text)?;
    }
    for name in ["administratie", "info", "klacht"] {
        for folder in ["mail", "sent"] {
            for part in ["new", "cur", "tmp"] {
                fs::create_dir_all(dir.join(folder).join(name).join(part))?;
            }
        }
    }
    fs::create_dir_all(dir.join("outbox"))?;
    write(&dir.join("triaged.toml"), CONFIG)
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_carries_every_rule_file() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
        let mut there = Vec::new();
        for (folder, ending) in [("", "toml"), ("letters", "txt")] {
            for entry in fs::read_dir(root.join(folder)).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|found| found == ending) {
                    there.push(path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned());
                }
            }
        }
        there.sort();
        let mut carried: Vec<String> = RULES.iter().map(|(path, _)| (*path).to_owned()).collect();
        carried.sort();
        assert_eq!(carried, there);
    }
}
