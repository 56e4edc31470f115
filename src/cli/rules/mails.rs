//! Mails to try rules on: out of a folder of `.eml` files, a Maildir, an mbox, or read again from
//! the watched mailboxes. Only ever reads: what was seen stays unseen, and nothing is kept.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::super::Trouble;
use crate::config::{Config, ImapConfig, MailboxPlace};
use crate::mail::imap::ImapSource;
use crate::mail::maildir::{MaildirSource, UidLedger};
use crate::mail::oauth::Tokens;
use crate::mail::{Failure, Source};

/// Mails decided at once.
pub const BATCH: usize = 64;

/// Of a larger mail in a file the rest is left out.
const LARGEST: usize = 24 * 1024 * 1024;

/// A mail and where it comes from.
#[derive(Debug)]
pub struct Mail {
    /// For people: a file, or mailbox and UID.
    pub name: String,
    /// The mailbox that it is known to have arrived in.
    pub mailbox: Option<String>,
    /// As the server said; a bare file is asked itself.
    pub arrived: Option<DateTime<Utc>>,
    pub bytes: Vec<u8>,
}

/// Takes mails in, some at a time.
pub trait Taker {
    /// So many mails will come, more or less, on top of those announced before.
    fn expect(&mut self, mails: usize);
    fn take(&mut self, mails: Vec<Mail>) -> Result<(), Trouble>;
}

/// The mails of a file or folder.
pub async fn of_path(path: &Path, limit: u64, taker: &mut impl Taker) -> Result<(), Trouble> {
    let is_maildir = path.join("cur").is_dir() && path.join("new").is_dir();
    if is_maildir {
        let label = path.display().to_string();
        return of_maildir(path, limit, &Asked { label: &label, mailbox: None, since: None }, taker).await;
    }
    if path.is_dir() {
        return of_folder(path, taker);
    }
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    of_mbox(BufReader::new(file), path, taker)
}

/// The mails of the last days in every watched mailbox, or in one of them.
pub async fn of_mailboxes(
    config: &Config,
    only: Option<&str>,
    since: DateTime<Utc>,
    taker: &mut impl Taker,
) -> Result<(), Trouble> {
    // One token for all mailboxes that share it.
    let tokens = Tokens::default();
    for mailbox in config.mailboxes.iter().filter(|mailbox| only.is_none_or(|only| only == mailbox.name)) {
        let (name, limit) = (mailbox.name.as_str(), config.fetch_limit);
        let asked = Asked { label: name, mailbox: Some(name), since: Some(since) };
        match &mailbox.place {
            MailboxPlace::Imap(imap) => of_imap(imap, limit, &tokens, &asked, taker).await?,
            MailboxPlace::Maildir { path, .. } => of_maildir(path, limit, &asked, taker).await?,
        }
    }
    Ok(())
}

/// Which mails of a source.
struct Asked<'a> {
    /// For people.
    label: &'a str,
    mailbox: Option<&'a str>,
    since: Option<DateTime<Utc>>,
}

impl Asked<'_> {
    fn failed(&self, failure: &Failure) -> Trouble {
        Trouble::Failed(format!("{}: {}", self.label, failure.what))
    }
}

async fn of_imap(
    imap: &ImapConfig,
    limit: u64,
    tokens: &Tokens,
    asked: &Asked<'_>,
    taker: &mut impl Taker,
) -> Result<(), Trouble> {
    let mut source = ImapSource::new(imap.clone(), limit).with_tokens(tokens);
    let failed = |failure: Failure| asked.failed(&failure);
    source.open(&imap.folder).await.map_err(failed)?;
    let since = asked.since.unwrap_or(DateTime::UNIX_EPOCH);
    let found = source.search_since(since).await.map_err(failed)?;
    if let Some(first) = found.iter().min() {
        taker.expect(found.len());
        of_source(&mut source, first.saturating_sub(1), asked, taker).await?;
    }
    source.close().await;
    Ok(())
}

async fn of_maildir(
    path: &Path,
    limit: u64,
    asked: &Asked<'_>,
    taker: &mut impl Taker,
) -> Result<(), Trouble> {
    let name = asked.mailbox.unwrap_or_default().to_owned();
    let mut source = MaildirSource::new(name, path.to_owned(), None, Scratch::default(), limit);
    let failed = |failure: Failure| asked.failed(&failure);
    let state = source.open("INBOX").await.map_err(failed)?;
    let after = match asked.since {
        Some(since) => first_since(&mut source, state.next_uid, since).await.map_err(failed)?,
        None => 0,
    };
    taker.expect(usize::try_from(state.next_uid.saturating_sub(after + 1)).unwrap_or_default());
    of_source(&mut source, after, asked, taker).await
}

async fn of_source(
    source: &mut impl Source,
    mut after: u32,
    asked: &Asked<'_>,
    taker: &mut impl Taker,
) -> Result<(), Trouble> {
    loop {
        let arrivals = source.fetch(after, BATCH).await.map_err(|failure| asked.failed(&failure))?;
        let Some(last) = arrivals.last() else { return Ok(()) };
        after = last.uid;
        let wanted =
            arrivals.into_iter().filter(|arrival| asked.since.is_none_or(|since| arrival.arrived >= since));
        let mails = wanted.map(|arrival| Mail {
            name: format!("{} {}", asked.label, arrival.uid),
            mailbox: asked.mailbox.map(str::to_owned),
            arrived: Some(arrival.arrived),
            bytes: arrival.bytes,
        });
        taker.take(mails.collect())?;
    }
}

/// The number below which all mails are older: halves the Maildir, whose numbers here ascend with
/// the time of delivery, so that one of years is not read for the mail of a week.
async fn first_since(source: &mut impl Source, next_uid: u32, since: DateTime<Utc>) -> Result<u32, Failure> {
    let (mut low, mut high) = (0, next_uid);
    while high.saturating_sub(low) > 1 {
        let middle = low + (high - low) / 2;
        match source.fetch(middle, 1).await?.first() {
            Some(found) if found.arrived < since => low = found.uid.max(middle),
            _ => high = middle,
        }
    }
    Ok(low)
}

fn of_folder(path: &Path, taker: &mut impl Taker) -> Result<(), Trouble> {
    let entries = std::fs::read_dir(path).map_err(|error| unreadable(path, &error))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "eml"));
    files.sort();
    if files.is_empty() {
        return Err(Trouble::Failed(format!("there are no .eml files in {}", path.display())));
    }
    taker.expect(files.len());
    for some in files.chunks(BATCH) {
        let mut mails = Vec::new();
        for file in some {
            let bytes = std::fs::read(file).map_err(|error| unreadable(file, &error))?;
            mails.push(Mail {
                name: file.display().to_string(),
                mailbox: mailbox_beside(file),
                arrived: None,
                bytes,
            });
        }
        taker.take(mails)?;
    }
    Ok(())
}

/// An example says in which mailbox it arrived.
fn mailbox_beside(file: &Path) -> Option<String> {
    let text = std::fs::read_to_string(file.with_extension("json")).ok()?;
    let example: serde_json::Value = serde_json::from_str(&text).ok()?;
    Some(example.get("mailbox")?.as_str()?.to_owned())
}

/// An mbox (RFC 4155): a mail begins at `From ` behind an empty line; `>From ` is `From ` in a mail.
fn of_mbox(mut file: impl BufRead, path: &Path, taker: &mut impl Taker) -> Result<(), Trouble> {
    let (mut mails, mut mail, mut count, mut empty) = (Vec::new(), Vec::new(), 0, true);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = file.read_until(b'\n', &mut line).map_err(|error| unreadable(path, &error))?;
        if read == 0 || (empty && line.starts_with(b"From ")) {
            if count > 0 {
                mails.push(Mail {
                    name: format!("{} {count}", path.display()),
                    mailbox: None,
                    arrived: None,
                    bytes: std::mem::take(&mut mail),
                });
            } else if !mail.is_empty() {
                let what = format!("{} is neither a folder nor an mbox", path.display());
                return Err(Trouble::Failed(format!("{what}: an mbox begins with `From `")));
            }
            if read == 0 || mails.len() == BATCH {
                taker.take(std::mem::take(&mut mails))?;
            }
            if read == 0 {
                return Ok(());
            }
            count += 1;
        } else if mail.len() < LARGEST {
            let quoted = line.iter().position(|byte| *byte != b'>').unwrap_or(0);
            let is_quoted = quoted > 0 && line.get(quoted..).is_some_and(|rest| rest.starts_with(b"From "));
            mail.extend_from_slice(line.get(usize::from(is_quoted)..).unwrap_or_default());
        }
        empty = matches!(line.as_slice(), b"\n" | b"\r\n");
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Trouble {
    Trouble::Failed(format!("cannot read {}: {error}", path.display()))
}

/// Numbers for the files of a Maildir that are forgotten with the command.
#[derive(Debug, Default)]
struct Scratch(Mutex<HashMap<String, u32>>);

impl UidLedger for Scratch {
    async fn number(&self, _: &str, _: &str, keys: &[String]) -> Result<Vec<u32>, Failure> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut numbers = Vec::with_capacity(keys.len());
        for key in keys {
            let next = u32::try_from(known.len() + 1).unwrap_or(u32::MAX);
            numbers.push(*known.entry(key.clone()).or_insert(next));
        }
        Ok(numbers)
    }

    async fn next(&self, _: &str, _: &str) -> Result<u32, Failure> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(u32::try_from(known.len() + 1).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct All(Vec<String>);

    impl Taker for All {
        fn expect(&mut self, _: usize) {}

        fn take(&mut self, mails: Vec<Mail>) -> Result<(), Trouble> {
            self.0.extend(mails.into_iter().map(|mail| String::from_utf8(mail.bytes).unwrap()));
            Ok(())
        }
    }

    fn mails_of(text: &str) -> Vec<String> {
        let mut all = All::default();
        of_mbox(text.as_bytes(), Path::new("box"), &mut all).unwrap();
        all.0
    }

    #[test]
    fn an_mbox_is_cut_where_its_mails_begin() {
        let text = "From a@b Mon\nSubject: 1\n\nFrom here on\n>From there\n\nFrom c@d Tue\nSubject: 2\n\nx\n";
        // A line `From ` behind an empty line begins a mail, as every reader of mbox has it.
        assert_eq!(
            mails_of("From a@b Mon\nSubject: 1\n\nHi\n>From there\n\nFrom c@d Tue\nSubject: 2\n\nx\n"),
            ["Subject: 1\n\nHi\nFrom there\n\n", "Subject: 2\n\nx\n"]
        );
        assert_eq!(mails_of(text).len(), 3);
        assert!(mails_of("").is_empty());
    }

    #[test]
    fn a_file_that_is_no_mbox_is_said_to_be_none() {
        let fault = of_mbox(&b"Subject: x\n\nhello"[..], Path::new("a.eml"), &mut All::default());
        assert!(matches!(fault, Err(Trouble::Failed(what)) if what.contains("mbox")));
    }
}
