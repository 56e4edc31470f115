//! Which mails there are, and their bytes: in windows and batches, so that neither a big folder nor
//! a big mail costs more than a bounded amount of memory; and past mails that no one can read.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Utc};

use super::code;
use super::item::{Item, PIECE, forgive_expunged, gone, item, pieces, section, set};
use super::large;
use super::line::{Fault, Line};
use crate::clock::Clock;
use crate::mail::Arrival;

/// Bodies of one command together; also what a batch may hold in memory.
const BATCH_BYTES: u64 = 8 * 1024 * 1024;
/// UIDs asked for at once; more where a window was empty.
const WINDOW: u32 = 2_000;
/// Entries of a listing that are kept.
const LISTED: usize = 10_000;
/// After so many lost connections or refusals over one mail it is asked for more carefully.
const PATIENCE: u8 = 4;

/// A mail as the listing shows it.
#[derive(Debug, Clone)]
struct Listed {
    uid: u32,
    /// `None` where only UIDs could be listed.
    size: Option<u64>,
    arrived: Option<DateTime<Utc>>,
}

/// How carefully a mail is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Care {
    /// Date, size, and as much of the mail as its size allows.
    Whole,
    /// Its first bytes and nothing else.
    Start,
    Headers,
    /// Nothing: the mail is reported with empty bytes, so that a person looks at it.
    Nothing,
}

impl Care {
    fn more(self) -> Self {
        match self {
            Self::Whole => Self::Start,
            Self::Start => Self::Headers,
            Self::Headers | Self::Nothing => Self::Nothing,
        }
    }
}

/// A mail over which something went wrong.
#[derive(Debug)]
struct Trouble {
    uid: u32,
    tries: u8,
    care: Care,
}

/// How far a folder has been listed, and what went wrong on the way. Outlives a connection.
#[derive(Debug)]
pub struct Progress {
    /// `entries` are all the mails above `from` up to `to`.
    from: u32,
    to: u32,
    entries: VecDeque<Listed>,
    /// Above it there were no mails when last heard of.
    next_uid: u32,
    window: u32,
    /// Only UIDs are listed since the server's full list cannot be read.
    bare: bool,
    /// Up to this UID mails are fetched one by one, since a batch of them failed.
    singly: u32,
    trouble: Option<Trouble>,
    /// The UID that is being fetched alone.
    alone: Option<u32>,
    listing: bool,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            from: 0,
            to: 0,
            entries: VecDeque::new(),
            next_uid: 1,
            window: WINDOW,
            bare: false,
            singly: 0,
            trouble: None,
            alone: None,
            listing: false,
        }
    }
}

impl Progress {
    /// The folder was opened: what was listed before may be of another one.
    pub fn restart(&mut self, next_uid: u32) {
        *self = Self { next_uid, singly: self.singly, trouble: self.trouble.take(), ..Self::default() };
    }

    /// The next mails above `after`.
    pub async fn gather(
        &mut self,
        line: &mut Line,
        after: u32,
        most: usize,
        limit: u64,
    ) -> Result<Vec<Arrival>, Fault> {
        loop {
            (self.alone, self.listing) = (None, false);
            self.list(line, after).await?;
            let Some(first) = self.entries.front().cloned() else { return Ok(Vec::new()) };
            let alone = first.uid <= self.singly || first.size.is_none_or(|size| size > PIECE);
            let arrivals = if alone {
                self.alone = Some(first.uid);
                self.single(line, &first, limit).await?.into_iter().collect()
            } else {
                self.batch(line, most.max(1)).await?
            };
            if !arrivals.is_empty() {
                return Ok(arrivals);
            }
        }
    }

    /// Takes note of a fault. True: it is worth another try at once, on a new connection.
    pub fn tries_again(&mut self, fault: &Fault) -> bool {
        if matches!(fault, Fault::Refused(said) if code::meant(said).is_some_and(|meant| meant.passes)) {
            // It is about the server or the account: no mail is to blame for a day of limits.
            return false;
        }
        let garbled = matches!(fault, Fault::Garbled);
        if self.listing {
            let first_time = !self.bare;
            self.bare |= garbled;
            return garbled && first_time;
        }
        let Some(uid) = self.alone else { return garbled };
        let trouble = match self.trouble.take() {
            Some(trouble) if trouble.uid == uid => trouble,
            _ => Trouble { uid, tries: 0, care: Care::Whole },
        };
        let trouble = Trouble { tries: trouble.tries + 1, ..trouble };
        let more = garbled || trouble.tries >= PATIENCE;
        self.trouble =
            Some(if more { Trouble { uid, tries: 0, care: trouble.care.more() } } else { trouble });
        garbled
    }

    /// Makes sure that the first entry is the first mail above `after`, if there is one.
    async fn list(&mut self, line: &mut Line, after: u32) -> Result<(), Fault> {
        if after < self.from || after > self.to {
            (self.from, self.to) = (after, after);
            self.entries.clear();
        }
        self.entries.retain(|entry| entry.uid > after);
        self.from = after;
        let mut again = true;
        while self.entries.is_empty() {
            let Some(start) = self.to.checked_add(1) else { return Ok(()) };
            let end = start.saturating_add(self.window - 1);
            let last = end >= self.next_uid.saturating_sub(1);
            if last {
                line.news = false;
            }
            self.listing = true;
            let found = self.window(line, start, (!last).then_some(end)).await?;
            self.listing = false;
            // Servers bring a folder up to date after a FETCH, not before: what came is told only now.
            if last && found.is_empty() && line.news && again {
                again = false;
                continue;
            }
            self.window = if found.is_empty() { self.window.saturating_mul(4) } else { WINDOW };
            self.to = match found.last() {
                Some(entry) if last || found.len() == LISTED => entry.uid,
                _ if last => self.to,
                _ => end,
            };
            self.next_uid = self.next_uid.max(self.to.saturating_add(1));
            self.entries = found.into();
            if last {
                break;
            }
        }
        Ok(())
    }

    /// The mails from `start` to `end`, ascending.
    async fn window(&self, line: &mut Line, start: u32, end: Option<u32>) -> Result<Vec<Listed>, Fault> {
        let end_text = end.map_or_else(|| "*".to_owned(), |end| end.to_string());
        let items = if self.bare { "(UID)" } else { "(UID INTERNALDATE RFC822.SIZE)" };
        let mut found = BTreeMap::new();
        line.command(&format!("UID FETCH {start}:{end_text} {items}"), |response| {
            // `n:*` is the last mail also where its UID is below n (RFC 3501 §6.4.8).
            if let Some(Item { uid: Some(uid), size, arrived, .. }) = Item::of(response)
                && uid >= start
                && end.is_none_or(|end| uid <= end)
            {
                let entry: &mut Listed =
                    found.entry(uid).or_insert(Listed { uid, size: None, arrived: None });
                entry.size = size.or(entry.size);
                entry.arrived = arrived.or(entry.arrived);
                if found.len() > LISTED {
                    found.pop_last();
                }
            }
        })
        .await?;
        Ok(found.into_values().collect())
    }

    /// Small mails from the front of the listing, in one command.
    async fn batch(&mut self, line: &mut Line, most: usize) -> Result<Vec<Arrival>, Fault> {
        let mut bytes = 0;
        let wanted: BTreeMap<u32, Listed> = self
            .entries
            .iter()
            .take(most)
            .map_while(|entry| {
                let size = entry.size.filter(|size| *size <= PIECE)?;
                bytes += size;
                (bytes <= BATCH_BYTES || bytes == size).then(|| (entry.uid, entry.clone()))
            })
            .collect();
        let last = wanted.last_key_value().map_or(0, |(uid, _)| *uid);
        // Until this batch is through.
        let singly = std::mem::replace(&mut self.singly, last);
        let mut bodies = BTreeMap::new();
        let items = "(UID INTERNALDATE RFC822.SIZE BODY.PEEK[])";
        let asked = line
            .command(&format!("UID FETCH {} {items}", set(wanted.keys().copied())), |response| {
                if let Some(Item { uid: Some(uid), body: Some(body), arrived, size }) = Item::of(response)
                    && wanted.contains_key(&uid)
                {
                    bodies.insert(uid, (body, arrived, size));
                }
            })
            .await;
        forgive_expunged(asked)?;
        let missing: Vec<u32> = wanted.keys().copied().filter(|uid| !bodies.contains_key(uid)).collect();
        gone(line, &missing).await?;
        self.singly = singly;
        self.entries.retain(|entry| !missing.contains(&entry.uid));
        let arrivals = bodies.into_iter().filter_map(|(uid, (bytes, arrived, size))| {
            let entry = wanted.get(&uid)?;
            Some(arrival(uid, bytes, arrived.or(entry.arrived), size.or(entry.size)))
        });
        Ok(arrivals.collect())
    }

    /// One mail: a big one, or one of a batch that failed. `None`: it is no longer there.
    async fn single(
        &mut self,
        line: &mut Line,
        entry: &Listed,
        limit: u64,
    ) -> Result<Option<Arrival>, Fault> {
        let uid = entry.uid;
        let care = self
            .trouble
            .as_ref()
            .filter(|trouble| trouble.uid == uid)
            .map_or(Care::Whole, |trouble| trouble.care);
        let mut entry = entry.clone();
        let bytes = match care {
            Care::Whole => {
                if entry.size.is_none() {
                    let known = item(line, uid, "INTERNALDATE RFC822.SIZE").await?;
                    entry.size = Some(known.size.unwrap_or(0));
                    entry.arrived = known.arrived;
                }
                if entry.size.is_some_and(|size| size > limit) {
                    large::skeleton(line, uid).await?
                } else {
                    pieces(line, uid, limit).await?
                }
            }
            Care::Start => section(line, uid, &format!("BODY.PEEK[]<0.{}>", large::TEXT)).await?,
            Care::Headers => section(line, uid, &format!("BODY.PEEK[HEADER]<0.{}>", large::TEXT)).await?,
            Care::Nothing => Some(Vec::new()),
        };
        let Some(bytes) = bytes else {
            gone(line, &[uid]).await?;
            self.entries.retain(|entry| entry.uid != uid);
            return Ok(None);
        };
        Ok(Some(arrival(uid, bytes, entry.arrived, entry.size)))
    }
}

fn arrival(uid: u32, bytes: Vec<u8>, arrived: Option<DateTime<Utc>>, size: Option<u64>) -> Arrival {
    Arrival {
        validity: 0,
        uid,
        // A server without a date for it: now is when it was first seen, the next best thing.
        arrived: arrived.unwrap_or_else(|| Clock::system().now()),
        size: size.unwrap_or(0).max(bytes.len() as u64),
        bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_that_cannot_be_read_is_asked_for_more_carefully_and_then_given_up() {
        let mut progress = Progress { alone: Some(7), ..Progress::default() };
        for care in [Care::Start, Care::Headers, Care::Nothing] {
            assert!(progress.tries_again(&Fault::Garbled));
            assert_eq!(progress.trouble.as_ref().unwrap().care, care);
        }
    }

    #[test]
    fn a_lost_connection_says_little_about_a_mail() {
        let mut progress = Progress { alone: Some(7), ..Progress::default() };
        for _ in 1..PATIENCE {
            assert!(!progress.tries_again(&Fault::Gone(String::new())));
            assert_eq!(progress.trouble.as_ref().unwrap().care, Care::Whole);
        }
        for _ in 0..3 * PATIENCE {
            progress.tries_again(&Fault::Refused("[OVERQUOTA] Account exceeded bandwidth limits".to_owned()));
        }
        assert_eq!(progress.trouble.as_ref().unwrap().care, Care::Whole);
        progress.tries_again(&Fault::Gone(String::new()));
        assert_eq!(progress.trouble.as_ref().unwrap().care, Care::Start);
    }
}
