//! A Maildir as a source.
//!
//! Reads `new/` and `cur/`; never moves, renames or deletes a file, and leaves `tmp/` alone. A file
//! has no UID of its own, so a [`UidLedger`] numbers them by the name that stays the same while mail
//! programs move the file and set flags.

mod light;

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep, sleep_until};

use super::{Arrival, Failure, FolderState, Source};

/// The folder of sent mail, as [`Source::open`] calls it; every other name is the Maildir itself.
pub const SENT: &str = "Sent";

/// A Maildir never changes its numbers, so its UIDVALIDITY is always this.
const VALIDITY: u32 = 1;
/// Between two looks at the folders.
const LOOK: Duration = Duration::from_secs(1);
/// Bytes handed over at once.
const BATCH_BYTES: u64 = 8 * 1024 * 1024;

/// Numbers for the files of a Maildir, which has none of its own: persistent, never given twice.
pub trait UidLedger: Send + Sync {
    /// The number of each key, in the order of `keys`. A key that is new gets the next number of
    /// this folder, so that numbers ascend in the order in which keys were first seen.
    fn number(
        &self,
        mailbox: &str,
        folder: &str,
        keys: &[String],
    ) -> impl Future<Output = Result<Vec<u32>, Failure>> + Send;

    /// The number that the next new key of this folder will get (1 where there was none yet).
    fn next(&self, mailbox: &str, folder: &str) -> impl Future<Output = Result<u32, Failure>> + Send;
}

/// A Maildir, and one of sent mail where there is one.
#[derive(Debug)]
pub struct MaildirSource<L> {
    mailbox: String,
    path: PathBuf,
    sent: Option<PathBuf>,
    ledger: L,
    fetch_limit: u64,
    folder: Option<String>,
    /// Keys of files that are there, with their numbers.
    numbers: HashMap<String, u32>,
    /// How the folders looked when they were last listed.
    looked: Option<Look>,
    /// The last listing found something: it may have been too early for what came just after it.
    recent: bool,
}

/// When `new/` and `cur/` changed last.
type Look = [Option<SystemTime>; 2];

impl<L: UidLedger> MaildirSource<L> {
    /// `mailbox` is the name under which the ledger keeps the numbers.
    pub fn new(mailbox: String, path: PathBuf, sent: Option<PathBuf>, ledger: L, fetch_limit: u64) -> Self {
        Self {
            mailbox,
            path,
            sent,
            ledger,
            fetch_limit,
            folder: None,
            numbers: HashMap::new(),
            looked: None,
            recent: false,
        }
    }

    fn place(&self, folder: &str) -> Result<PathBuf, Failure> {
        if folder != SENT {
            return Ok(self.path.clone());
        }
        self.sent.clone().ok_or_else(|| Failure::permanent("no Maildir of sent mail is configured"))
    }

    /// The files of a folder, each with its number, ascending.
    async fn numbered(&mut self, folder: &str) -> Result<Vec<(u32, Entry)>, Failure> {
        let place = self.place(folder)?;
        let looked = look(&place);
        let entries = blocking(move || list(&place)).await?;
        let known = if self.folder.as_deref() == Some(folder) { &self.numbers } else { &HashMap::new() };
        let unknown: Vec<String> = entries
            .iter()
            .filter(|entry| !known.contains_key(&entry.key))
            .map(|entry| entry.key.clone())
            .collect();
        let given = if unknown.is_empty() {
            Vec::new()
        } else {
            self.ledger.number(&self.mailbox, folder, &unknown).await?
        };
        let fresh: HashMap<String, u32> = unknown.into_iter().zip(given).collect();
        let mut numbered: Vec<(u32, Entry)> = entries
            .into_iter()
            .filter_map(|entry| Some((*known.get(&entry.key).or_else(|| fresh.get(&entry.key))?, entry)))
            .collect();
        numbered.sort_by_key(|(uid, _)| *uid);
        if self.folder.as_deref() == Some(folder) {
            self.recent = !fresh.is_empty();
            self.looked = Some(looked);
            self.numbers = numbered.iter().map(|(uid, entry)| (entry.key.clone(), *uid)).collect();
        }
        Ok(numbered)
    }
}

impl<L: UidLedger> Source for MaildirSource<L> {
    async fn sent(&mut self) -> Result<Option<String>, Failure> {
        Ok(self.sent.as_ref().map(|_| SENT.to_owned()))
    }

    async fn open(&mut self, folder: &str) -> Result<FolderState, Failure> {
        if self.folder.as_deref() != Some(folder) {
            self.numbers.clear();
            self.looked = None;
        }
        self.folder = Some(folder.to_owned());
        self.status(folder).await
    }

    async fn fetch(&mut self, after: u32, most: usize) -> Result<Vec<Arrival>, Failure> {
        let Some(folder) = self.folder.clone() else { return Err(Failure::temporary("no folder is open")) };
        let mut rest = self.numbered(&folder).await?;
        rest.retain(|(uid, _)| *uid > after);
        let (place, limit, most) = (self.place(&folder)?, self.fetch_limit, most.max(1));
        blocking(move || read_some(&place, rest, most, limit)).await
    }

    async fn status(&mut self, folder: &str) -> Result<FolderState, Failure> {
        self.numbered(folder).await?;
        let next_uid = self.ledger.next(&self.mailbox, folder).await?;
        Ok(FolderState { validity: VALIDITY, next_uid })
    }

    async fn wait(&mut self, limit: Duration) -> Result<(), Failure> {
        let end = Instant::now() + limit;
        let Some(folder) = self.folder.clone() else { return Err(Failure::temporary("no folder is open")) };
        let place = self.place(&folder)?;
        if std::mem::take(&mut self.recent) {
            sleep(LOOK.min(limit)).await;
            return Ok(());
        }
        // Cheap: two calls of the system, whatever the size of the folders.
        while self.looked == Some(look(&place)) {
            if Instant::now() + LOOK >= end {
                sleep_until(end).await;
                break;
            }
            sleep(LOOK).await;
        }
        Ok(())
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    match spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(Failure::temporary("reading the Maildir was interrupted")),
    }
}

/// A file as a listing shows it.
#[derive(Debug)]
struct Entry {
    /// The name without its flags, the same for the whole life of the mail.
    key: String,
    /// In `new/` or `cur/`.
    file: PathBuf,
}

/// The part of a file name that stays: all before `:2,` (maildir(5)); `;2,` where colons are not allowed.
fn key(name: &str) -> &str {
    let end = name.find(":2,").or_else(|| name.find(";2,")).unwrap_or(name.len());
    name.get(..end).unwrap_or(name)
}

fn look(place: &Path) -> Look {
    ["new", "cur"].map(|folder| fs::metadata(place.join(folder)).and_then(|found| found.modified()).ok())
}

/// The files of `new/` and `cur/`, in the order of their delivery.
fn list(place: &Path) -> Result<Vec<Entry>, Failure> {
    let mut seen = HashSet::new();
    let mut entries = Vec::new();
    for folder in ["new", "cur"] {
        let folder = place.join(folder);
        let files = fs::read_dir(&folder).map_err(|error| unreadable(&folder, &error))?;
        for file in files {
            let file = file.map_err(|error| unreadable(&folder, &error))?;
            let name = file.file_name();
            // Hidden files are no mail (maildir(5)); a name that is no text could not be a key.
            let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
            let is_file = file.file_type().is_ok_and(|kind| !kind.is_dir());
            if is_file && seen.insert(key(name).to_owned()) {
                entries.push(Entry { key: key(name).to_owned(), file: file.path() });
            }
        }
    }
    // A name without a time goes by the file's own; ties by name, so that the order is always the same.
    entries.sort_by_cached_key(|entry| {
        let arrived = named_time(&entry.key).or_else(|| changed(&fs::metadata(&entry.file).ok()?));
        (arrived, entry.key.clone())
    });
    Ok(entries)
}

fn unreadable(folder: &Path, error: &io::Error) -> Failure {
    let what = format!("the Maildir folder {} cannot be read: {error}", folder.display());
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied | io::ErrorKind::NotADirectory => {
            Failure::permanent(what)
        }
        _ => Failure::temporary(what),
    }
}

/// The delivery time that a file name begins with, if it is one of this century.
fn named_time(key: &str) -> Option<DateTime<Utc>> {
    let digits = key.split(|c: char| !c.is_ascii_digit()).next()?;
    let seconds: i64 = digits.parse().ok()?;
    let plausible = (946_684_800..4_102_444_800).contains(&seconds);
    if plausible { DateTime::from_timestamp(seconds, 0) } else { None }
}

fn changed(metadata: &Metadata) -> Option<DateTime<Utc>> {
    metadata.modified().ok().map(DateTime::from)
}

fn read_some(
    place: &Path,
    rest: Vec<(u32, Entry)>,
    most: usize,
    limit: u64,
) -> Result<Vec<Arrival>, Failure> {
    let mut arrivals = Vec::new();
    let mut bytes = 0;
    for (uid, entry) in rest {
        if arrivals.len() == most || bytes >= BATCH_BYTES {
            break;
        }
        if let Some(arrival) = read_one(place, uid, &entry, limit)? {
            bytes += arrival.bytes.len() as u64;
            arrivals.push(arrival);
        }
    }
    Ok(arrivals)
}

/// `None`: the mail is no longer there.
fn read_one(place: &Path, uid: u32, entry: &Entry, limit: u64) -> Result<Option<Arrival>, Failure> {
    let failed = |error: io::Error| {
        // The file name says when and on which host, not whose mail it is.
        Failure::temporary(format!("the file {} cannot be read: {error}", entry.file.display()))
    };
    let file = match File::open(&entry.file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => match moved(place, &entry.key) {
            Some(file) => File::open(file),
            None => return Ok(None),
        },
        other => other,
    };
    let file = match file {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(failed)?,
    };
    let metadata = file.metadata().map_err(failed)?;
    let size = metadata.len();
    let mut bytes = Vec::new();
    if size > limit {
        bytes = light::light(file).map_err(failed)?;
    } else {
        file.take(limit).read_to_end(&mut bytes).map_err(failed)?;
    }
    let arrived = named_time(&entry.key).or_else(|| changed(&metadata)).unwrap_or_default();
    Ok(Some(Arrival { validity: VALIDITY, uid, arrived, size: size.max(bytes.len() as u64), bytes }))
}

/// Somebody read the mail meanwhile: its file has moved to `cur/`, or has other flags there.
fn moved(place: &Path, wanted: &str) -> Option<PathBuf> {
    let files = fs::read_dir(place.join("cur")).ok()?;
    files
        .flatten()
        .find(|file| file.file_name().to_str().is_some_and(|name| key(name) == wanted))
        .map(|file| file.path())
}
