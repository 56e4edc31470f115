//! The reckoning: what the program says it did, held against what the world knows.

mod accounted;
mod alarms;
mod answers;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::folder::{Item, Place};
use super::line::{Attempt, house_name};
use super::play::Play;
use super::world::{MAILBOXES, State};

pub use accounted::positions;

/// A recorded mail.
#[derive(Debug, Clone)]
pub struct Row {
    pub disposition: String,
    pub reason: Option<String>,
    pub number: Option<String>,
    pub opened: bool,
    pub decided: DateTime<Utc>,
}

/// A recorded case.
#[derive(Debug, Clone)]
pub struct CaseRow {
    pub number: String,
    pub inquiry: String,
    pub mailbox: String,
    pub term: u32,
    pub due: Option<DateTime<Utc>>,
}

/// A mail that the program meant to send.
#[derive(Debug, Clone)]
pub struct OutRow {
    pub state: String,
    pub to: String,
    pub number: Option<String>,
    pub alert: Option<String>,
    pub queued: DateTime<Utc>,
}

/// A house when all is over.
pub struct After<'a> {
    pub house: usize,
    pub state: &'a State,
    pub rows: BTreeMap<(Place, u32, u32), Row>,
    pub cases: Vec<CaseRow>,
    /// By Message-ID.
    pub outbox: BTreeMap<String, OutRow>,
    pub calm: DateTime<Utc>,
    pub rings_out: bool,
}

/// All that must be true of a run.
pub fn all(play: &Play) -> Result<(), String> {
    let state = play.world.lock();
    for house in &play.houses {
        let after = After::new(&state, house.index, &house.look(), play);
        accounted::check(&after)
            .and_then(|()| answers::check(&after))
            .and_then(|()| alarms::check(&after))
            .map_err(|fault| format!("{}: {fault}", house_name(house.index)))?;
    }
    Ok(())
}

fn moment(stored: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(stored).unwrap()
}

impl<'a> After<'a> {
    fn new(state: &'a State, house: usize, look: &Connection, play: &Play) -> Self {
        Self {
            house,
            state,
            rows: rows(look, house),
            cases: cases(look),
            outbox: outbox(look),
            calm: play.calm,
            rings_out: play.rings_out,
        }
    }

    /// The folders of this house.
    fn folders(&self) -> impl Iterator<Item = (&'a Place, &'a super::folder::Folder)> {
        let house = self.house;
        self.state.folders.iter().filter(move |(place, _)| place.house == house)
    }

    /// Every recorded mail beside the truth about it.
    fn recorded(&self) -> impl Iterator<Item = (&'a Item, &Row)> {
        self.folders().flat_map(move |(place, folder)| {
            folder.places.iter().filter_map(move |(validity, item)| {
                Some((item, self.rows.get(&(*place, *validity, item.uid))?))
            })
        })
    }

    /// Mails in doubt that the far end never saw: taken twice, and killed each time before the
    /// sender began.
    fn untried(&self) -> impl Iterator<Item = (&String, &OutRow)> {
        let tried = |id: &String| self.attempts().any(|attempt| attempt.id == *id);
        self.outbox.iter().filter(move |(id, row)| row.state == "uncertain" && !tried(id))
    }

    fn attempts(&self) -> impl Iterator<Item = &'a Attempt> {
        let house = self.house;
        self.state.attempts.iter().filter(move |attempt| attempt.house == house)
    }
}

fn cases(look: &Connection) -> Vec<CaseRow> {
    let sql =
        "SELECT number, inquiry, mailbox, json_extract(whole, '$.term'), due FROM cases ORDER BY number";
    let mut cases = look.prepare(sql).unwrap();
    let cases = cases.query_map([], |row| {
        Ok(CaseRow {
            number: row.get(0)?,
            inquiry: row.get(1)?,
            mailbox: row.get(2)?,
            term: row.get(3)?,
            due: row.get::<_, Option<i64>>(4)?.map(moment),
        })
    });
    cases.unwrap().map(Result::unwrap).collect()
}

fn outbox(look: &Connection) -> BTreeMap<String, OutRow> {
    let sql = "SELECT message_id, state, recipient, number, alert, queued FROM outbox";
    let mut outbox = look.prepare(sql).unwrap();
    let outbox = outbox.query_map([], |row| {
        let found = OutRow {
            state: row.get(1)?,
            to: row.get(2)?,
            number: row.get(3)?,
            alert: row.get(4)?,
            queued: moment(row.get(5)?),
        };
        Ok((row.get(0)?, found))
    });
    outbox.unwrap().map(Result::unwrap).collect()
}

fn rows(look: &Connection, house: usize) -> BTreeMap<(Place, u32, u32), Row> {
    let mut statement = look
        .prepare(
            "SELECT mailbox, folder, validity, uid, disposition, reason, number, opened, decided FROM mails",
        )
        .unwrap();
    let rows = statement.query_map([], |row| {
        let mailbox: String = row.get(0)?;
        let mailbox = MAILBOXES.iter().position(|name| **name == mailbox).unwrap();
        let sent = row.get::<_, String>(1)? == "Sent";
        let found = Row {
            disposition: row.get(4)?,
            reason: row.get(5)?,
            number: row.get(6)?,
            opened: row.get(7)?,
            decided: moment(row.get(8)?),
        };
        Ok(((Place { house, mailbox, sent }, row.get(2)?, row.get(3)?), found))
    });
    let all: Vec<_> = rows.unwrap().map(Result::unwrap).collect();
    let count = all.len();
    let rows: BTreeMap<_, _> = all.into_iter().collect();
    assert_eq!(rows.len(), count, "two rows for one place");
    rows
}

/// Numbers of all cases.
pub fn numbers(look: &Connection) -> Vec<String> {
    let mut statement = look.prepare("SELECT number FROM cases ORDER BY number").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// What a run has met: a simulation in which nothing happens finds nothing.
#[derive(Debug, Default, Clone)]
pub struct Seen(pub BTreeMap<String, usize>);

impl Seen {
    pub fn of(play: &Play) -> Self {
        let state = play.world.lock();
        let mut seen = Self::default();
        for attempt in &state.attempts {
            let kind = attempt.id.split('.').nth(1).unwrap_or_default();
            seen.count(&format!("{} {:?}", attempt.alert.as_deref().unwrap_or(kind), attempt.fate));
        }
        for mail in &state.mails {
            seen.count(&format!("mail {:?}", mail.truth));
        }
        for line in &state.story {
            for what in [
                "is killed in the middle",
                "is killed",
                "asked to stop",
                "numbered anew",
                "disk is full",
                "in use",
                "interrupted",
            ] {
                if line.contains(what) {
                    seen.count(what);
                    break;
                }
            }
        }
        seen
    }

    fn count(&mut self, what: &str) {
        *self.0.entry(what.to_owned()).or_default() += 1;
    }

    pub fn add(&mut self, other: &Self) {
        for (what, count) in &other.0 {
            *self.0.entry(what.clone()).or_default() += count;
        }
    }
}
