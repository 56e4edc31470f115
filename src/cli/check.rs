//! `triaged check`: every fault of configuration and rules at once; `--online` also logs in everywhere.

use std::path::Path;
use std::time::{Duration, Instant};

use super::terminal::{Look, clean, decorated, look, say};
use super::{Done, Trouble, block_on, print_json};
use crate::config::{Config, ImapConfig, MailboxPlace, Outgoing, Security, Server};
use crate::document::{Faults, LocatedFault, Severity};
use crate::mail::imap::ImapSource;
use crate::mail::send::AnySender;
use crate::mail::{Failure, Source};
use crate::rules::together::{self, Checked};
use crate::triage::ruleset::RuleSet;

pub fn check(file: &Path, online: bool, json: bool) -> Done {
    let Checked { config, rules, mut faults } = together::check(file);
    let (valid, nice) = (!faults.fatal(), decorated());
    let (Some(config), Some(rules), true) = (config, rules, valid) else {
        return refuse(&faults, json);
    };
    if !json {
        if !faults.is_empty() {
            eprintln!("{faults}\n");
        }
        say(&look(&summary(&config, &rules, &faults), Look::Good, nice));
    }
    let unreachable = if online { block_on(walk(&config, json))? } else { Vec::new() };
    let servers = config.mailboxes.len() + 1;
    let failed = unreachable.len();
    if json {
        faults.0.extend(unreachable.iter().map(|what| LocatedFault::of_file(file, what, "")));
        print_json(&faults)?;
    }
    if failed == 0 {
        Ok(())
    } else {
        Err(Trouble::Failed(format!("{failed} of {servers} could not be reached")))
    }
}

fn refuse(faults: &Faults, json: bool) -> Done {
    if json {
        print_json(faults)?;
        return Err(Trouble::Invalid(String::new()));
    }
    let errors = faults.0.iter().filter(|fault| fault.severity == Severity::Error).count();
    let count = if errors == 1 { "1 fault".to_owned() } else { format!("{errors} faults") };
    Err(Trouble::Invalid(format!(
        "{faults}\n\nnot valid: {count}; nothing of it is in force until it is mended"
    )))
}

/// `valid: 3 mailboxes, 3 inquiries, rules 0123456789abcdef; 1 warning`
fn summary(config: &Config, rules: &RuleSet, faults: &Faults) -> String {
    let (mailboxes, inquiries) = (config.mailboxes.len(), rules.inquiries.len());
    let warnings = match faults.0.len() {
        0 => String::new(),
        1 => "; 1 warning".to_owned(),
        more => format!("; {more} warnings"),
    };
    format!("valid: {mailboxes} mailboxes, {inquiries} inquiries, rules {}{warnings}", rules.digest)
}

/// Logs in everywhere, one line each; returns what could not be reached. Sends nothing.
async fn walk(config: &Config, quiet: bool) -> Result<Vec<String>, Trouble> {
    let mut failed = Vec::new();
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
        failed.extend(report(&mailbox.name, result, began.elapsed(), quiet));
    }
    let began = Instant::now();
    let place = match &config.outgoing {
        Outgoing::Smtp(smtp) => {
            let security = security_words(smtp.server.security);
            format!("{}:{}, {security}", smtp.server.host, smtp.server.port)
        }
        Outgoing::Directory(path) => format!("replies are written to {}", path.display()),
    };
    let result = AnySender::from_config(&config.outgoing).check().await.map(|()| place);
    failed.extend(report("smtp", result, began.elapsed(), quiet));
    Ok(failed)
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
    // What else a server says that it can do changes nothing here.
    let known = ["IDLE", "UIDPLUS", "CONDSTORE", "STATUS=SIZE", "LITERAL+", "SASL-IR"];
    let can: Vec<&str> =
        known.into_iter().filter(|name| capabilities.iter().any(|can| can == name)).collect();
    let polls = if can.contains(&"IDLE") { "" } else { " (no IDLE: looks now and then)" };
    let can = if can.is_empty() { "none" } else { &can.join(" ") };
    let Server { host, port, security, .. } = &imap.server;
    let security = security_words(*security);
    let (folder, next) = (&imap.folder, state.next_uid);
    Ok(format!("{host}:{port}, {security}, capabilities {can}{polls}; next UID of {folder} is {next}"))
}

fn security_words(security: Security) -> &'static str {
    match security {
        Security::Tls => "TLS",
        Security::StartTls => "TLS by STARTTLS",
        Security::None => "in the clear on this machine",
    }
}

/// One line; returns it where it failed.
fn report(name: &str, result: Result<String, Failure>, took: Duration, quiet: bool) -> Option<String> {
    let nice = decorated();
    let (sign, text, failed) = match result {
        Ok(text) => (look("ok  ", Look::Good, nice), text, false),
        Err(failure) => (look("FAIL", Look::Bad, nice), failure.what, true),
    };
    let text = clean(&text);
    if !quiet {
        say(&format!("{sign} {name:14} {:5} ms  {text}", took.as_millis()));
    }
    failed.then(|| format!("{name}: {text}"))
}
