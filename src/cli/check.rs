//! `triaged check`: every fault of configuration and rules at once; `--online` also logs in everywhere.

use std::path::Path;
use std::time::{Duration, Instant};

use super::terminal::{Look, clean, decorated, look, say};
use super::{Done, Trouble, block_on, print_json};
use crate::config::{Config, ImapConfig, MailboxPlace, Outgoing, Security, Server};
use crate::document::{Faults, LocatedFault, Severity};
use crate::mail::imap::ImapSource;
use crate::mail::oauth::Tokens;
use crate::mail::send::AnySender;
use crate::mail::{Failure, Reached, Source};
use crate::rules::together::{self, Checked};
use crate::triage::ruleset::RuleSet;

/// What else a server says that it can do changes nothing here.
const IMAP_EXTENSIONS: [&str; 6] = ["IDLE", "UIDPLUS", "CONDSTORE", "STATUS=SIZE", "LITERAL+", "SASL-IR"];
const SMTP_EXTENSIONS: [&str; 4] = ["8BITMIME", "SMTPUTF8", "AUTH PLAIN", "AUTH LOGIN"];

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
    let (mut failed, tokens) = (Vec::new(), Tokens::default());
    for mailbox in &config.mailboxes {
        let began = Instant::now();
        let result = match &mailbox.place {
            MailboxPlace::Imap(imap) => look_at_imap(imap, config.fetch_limit, &tokens).await,
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
    let result = look_at_outgoing(&config.outgoing, &tokens).await;
    failed.extend(report("outgoing", result, began.elapsed(), quiet));
    Ok(failed)
}

/// Logs in, opens the folders, and says what the server can do.
async fn look_at_imap(imap: &ImapConfig, fetch_limit: u64, tokens: &Tokens) -> Result<String, Failure> {
    let mut source = ImapSource::new(imap.clone(), fetch_limit).with_tokens(tokens);
    let reached = source.reached().await?;
    let state = source.open(&imap.folder).await?;
    let mut folders = format!("{} (next UID {})", imap.folder, state.next_uid);
    if let Some(sent) = source.sent().await? {
        source.status(&sent).await?;
        folders = format!("{folders} and {sent}");
    }
    source.close().await;
    let idles = reached.capabilities.iter().any(|can| can == "IDLE");
    let polls = if idles { "" } else { " (no IDLE: looks now and then)" };
    Ok(format!("{}{polls}; reads {folders}", server_words(&imap.server, true, &reached, &IMAP_EXTENSIONS)))
}

/// Logs in and sends nothing, or makes sure of the folder.
async fn look_at_outgoing(outgoing: &Outgoing, tokens: &Tokens) -> Result<String, Failure> {
    let reached = AnySender::from_config(outgoing, tokens).check().await?;
    Ok(match (outgoing, reached) {
        (Outgoing::Smtp(smtp), Some(reached)) => {
            server_words(&smtp.server, smtp.login.is_some(), &reached, &SMTP_EXTENSIONS)
        }
        (Outgoing::Smtp(smtp), None) => smtp.server.host.clone(),
        (Outgoing::Directory(path), _) => format!("replies are written to {}", path.display()),
    })
}

/// `imap.example.nl:993, TLS 1.3, AES_256_GCM_SHA384, logged in, can IDLE UIDPLUS`
fn server_words(server: &Server, logged_in: bool, reached: &Reached, known: &[&str]) -> String {
    let Server { host, port, security, .. } = server;
    let how = if *security == Security::StartTls { " by STARTTLS" } else { "" };
    let login = if logged_in { "logged in" } else { "no login" };
    let offered = |name: &&&str| reached.capabilities.iter().any(|can| can == *name);
    let can: Vec<&str> = known.iter().filter(offered).copied().collect();
    let can = if can.is_empty() { "nothing beyond the basics".to_owned() } else { can.join(" ") };
    format!("{host}:{port}, {}{how}, {login}, can {can}", reached.privacy)
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
