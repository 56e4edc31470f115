//! `triaged check`: every fault of configuration and rules at once; `--online` also logs in everywhere.

use std::path::Path;
use std::time::{Duration, Instant};

use super::terminal::{Look, clean, decorated, look, say};
use super::{Done, Trouble, block_on, print_json};
use crate::config::{self, Config, MailboxPlace, Outgoing};
use crate::mail::Failure;
use crate::mail::imap::ImapSource;
use crate::rules::Faults;

pub fn check(file: &Path, online: bool, json: bool) -> Done {
    let mut faults = Faults::default();
    let config = config::load(file).map_err(|found| faults.extend(found)).ok();
    let rules = config.as_ref().and_then(|config| crate::rules::load(&config.rules).map_err(|found| faults.extend(found)).ok());
    if let (Some(config), Some(rules)) = (&config, &rules) {
        if let Err(found) = config::check_against(config, rules) {
            faults.extend(found);
        }
        faults.extend(crate::rules::warnings(config, rules));
    }
    if json {
        print_json(&faults)?;
    }
    if faults.has_errors() {
        return Err(Trouble::Invalid(if json { String::new() } else { faults.to_string() }));
    }
    let (Some(config), Some(rules)) = (config, rules) else {
        return Err(Trouble::Failed("configuration or rules could not be read".to_owned()));
    };
    if !json {
        if !faults.is_empty() {
            eprintln!("{faults}");
        }
        let mailboxes = config.mailboxes.len();
        say(&format!("valid: {mailboxes} mailboxes, {} inquiries, rules {}", rules.inquiries.len(), rules.digest));
    }
    if online { block_on(walk(&config, json)) } else { Ok(()) }
}

/// Logs in everywhere, one line each. Sends nothing.
async fn walk(config: &Config, quiet: bool) -> Done {
    let mut failed = 0;
    for mailbox in &config.mailboxes {
        let began = Instant::now();
        let result = match &mailbox.place {
            MailboxPlace::Imap(imap) => ImapSource::new(imap.clone(), config.fetch_limit).look_around().await,
            MailboxPlace::Maildir { path, .. } if path.join("new").is_dir() => Ok(format!("Maildir {}", path.display())),
            MailboxPlace::Maildir { path, .. } => {
                Err(Failure::permanent(format!("{} is no Maildir: it has no folder `new`", path.display())))
            }
        };
        failed += report(&mailbox.name, result, began.elapsed(), quiet);
    }
    let began = Instant::now();
    let result = match &config.outgoing {
        Outgoing::Smtp(smtp) => crate::mail::send::look_around(smtp).await,
        Outgoing::Directory(path) => Ok(format!("replies are written to {}", path.display())),
    };
    failed += report("smtp", result, began.elapsed(), quiet);
    if failed == 0 { Ok(()) } else { Err(Trouble::Failed(format!("{failed} of {} could not be reached", config.mailboxes.len() + 1))) }
}

fn report(name: &str, result: Result<String, Failure>, took: Duration, quiet: bool) -> usize {
    let nice = decorated();
    let (sign, text, failed) = match result {
        Ok(text) => (look("ok  ", Look::Good, nice), text, 0),
        Err(failure) => (look("FAIL", Look::Bad, nice), failure.what, 1),
    };
    if !quiet || failed > 0 {
        say(&format!("{sign} {name:14} {:5} ms  {}", took.as_millis(), clean(&text)));
    }
    failed
}
