//! `triaged check`: every fault of configuration and rules at once; `--online` also logs in everywhere.

use std::path::Path;
use std::time::{Duration, Instant};

use super::terminal::{Look, clean, decorated, look, say};
use super::{Done, Trouble, block_on, print_json};
use crate::config::{self, Config, ImapConfig, MailboxPlace, Outgoing, Server};
use crate::document::Faults;
use crate::mail::imap::ImapSource;
use crate::mail::send::AnySender;
use crate::mail::{Failure, Source};

pub fn check(file: &Path, online: bool, json: bool) -> Done {
    let mut faults = Faults::default();
    let config = config::load(file).map_err(|found| faults.0.extend(found.0)).ok();
    let rules = config.as_ref().and_then(|config| {
        let (rules, found) = crate::rules::inspect(&config.rules);
        faults.0.extend(found.0);
        rules
    });
    if let (Some(config), Some(rules)) = (&config, &rules)
        && let Err(found) = config::check_against(config, rules)
    {
        faults.0.extend(found.0);
    }
    if json {
        print_json(&faults)?;
    }
    if faults.fatal() {
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
        say(&format!(
            "valid: {mailboxes} mailboxes, {} inquiries, rules {}",
            rules.inquiries.len(),
            rules.digest
        ));
    }
    if online { block_on(walk(&config, json)) } else { Ok(()) }
}

/// Logs in everywhere, one line each. Sends nothing.
async fn walk(config: &Config, quiet: bool) -> Done {
    let mut failed = 0;
    for mailbox in &config.mailboxes {
        let began = Instant::now();
        let result = match &mailbox.place {
            MailboxPlace::Imap(imap) => look_at_imap(imap, config.fetch_limit).await,
            MailboxPlace::Maildir { path, .. } if path.join("new").is_dir() => {
                Ok(format!("Maildir {}", path.display()))
            }
            MailboxPlace::Maildir { path, .. } => {
                Err(Failure::permanent(format!("{} is no Maildir: it has no folder `new`", path.display())))
            }
        };
        failed += report(&mailbox.name, result, began.elapsed(), quiet);
    }
    let began = Instant::now();
    let place = match &config.outgoing {
        Outgoing::Smtp(smtp) => {
            format!("{}:{}, {:?}", smtp.server.host, smtp.server.port, smtp.server.security)
        }
        Outgoing::Directory(path) => format!("replies are written to {}", path.display()),
    };
    let result = AnySender::from_config(&config.outgoing).check().await.map(|()| place);
    failed += report("smtp", result, began.elapsed(), quiet);
    if failed == 0 {
        Ok(())
    } else {
        Err(Trouble::Failed(format!("{failed} of {} could not be reached", config.mailboxes.len() + 1)))
    }
}

/// Logs in, opens the folders, and says what the server can do.
async fn look_at_imap(imap: &ImapConfig, fetch_limit: u64) -> Result<String, Failure> {
    let mut source = ImapSource::new(imap.clone(), fetch_limit);
    let capabilities = source.capabilities().await?;
    let state = source.open(&imap.folder).await?;
    if let Some(sent) = &imap.sent_folder {
        source.status(sent).await?;
    }
    source.close().await;
    let idle =
        if capabilities.iter().any(|capability| capability == "IDLE") { "IDLE" } else { "no IDLE: polls" };
    let Server { host, port, security, .. } = &imap.server;
    Ok(format!("{host}:{port}, {security:?}, {idle}; next UID {} of {}", state.next_uid, imap.folder))
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
