//! The world around the program: folders, people, the far end of the line; and the story of it all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use chrono::{DateTime, TimeDelta, Utc};
use triaged::clock::Clock;

use super::chance::Chance;
use super::folder::{Folder, Place};
use super::line::{Attempt, house_name};
use super::mails::{Mail, Text, Truth, bytes};

/// Mailboxes of every house: name, and the inquiry of what comes in there.
pub const MAILBOXES: [&str; 2] = ["klacht", "administratie"];
pub const COORDINATORS: [&[&str]; 2] = [&["noor"], &["facturen"]];

/// How bad a day it is; in times of a thousand.
#[derive(Debug, Clone, Default)]
pub struct Weather {
    pub source_drops: usize,
    pub loses_line: usize,
    pub defers: usize,
    pub refuses: usize,
    pub hangs: usize,
    pub server_away: bool,
}

/// A mail on its way into a folder.
#[derive(Debug, Clone, Copy)]
pub struct Coming {
    pub at: DateTime<Utc>,
    pub place: Place,
    pub mail: usize,
}

#[derive(Debug)]
pub struct State {
    pub chance: Chance,
    pub clock: Clock,
    pub weather: Weather,
    pub folders: BTreeMap<Place, Folder>,
    pub mails: Vec<Mail>,
    pub coming: Vec<Coming>,
    pub attempts: Vec<Attempt>,
    /// Addresses that no longer exist.
    pub dead: BTreeSet<String>,
    /// People whose cases a coordinator has dealt with, and cases that got an order.
    pub touched: BTreeSet<String>,
    pub touched_numbers: BTreeSet<String>,
    /// People write and answer.
    pub lively: bool,
    /// They stop when there are so many mails.
    pub most_mails: usize,
    pub story: Vec<String>,
    /// When the alarms of each house were looked at.
    pub rings: Vec<(usize, DateTime<Utc>)>,
}

/// Shared by everything that runs in it.
#[derive(Debug)]
pub struct World(Mutex<State>);

impl World {
    pub fn new(seed: u64, starts: DateTime<Utc>, houses: usize, most_mails: usize) -> Self {
        let mut folders = BTreeMap::new();
        for house in 0..houses {
            for mailbox in 0..MAILBOXES.len() {
                for sent in [false, true] {
                    folders.insert(Place { house, mailbox, sent }, Folder::new(7));
                }
            }
        }
        Self(Mutex::new(State {
            chance: Chance::new(seed),
            clock: Clock::standing(starts),
            weather: Weather::default(),
            folders,
            mails: Vec::new(),
            coming: Vec::new(),
            attempts: Vec::new(),
            dead: BTreeSet::new(),
            touched: BTreeSet::new(),
            touched_numbers: BTreeSet::new(),
            lively: true,
            most_mails,
            story: Vec::new(),
            rings: Vec::new(),
        }))
    }

    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

/// The address of a mailbox.
pub fn address(house: usize, mailbox: usize) -> String {
    format!("{}@{}.example", MAILBOXES[mailbox], house_name(house).to_lowercase())
}

pub fn coordinator(house: usize, name: &str) -> String {
    format!("{name}@{}.example", house_name(house).to_lowercase())
}

impl State {
    pub fn tell(&mut self, what: &str) {
        let now = self.clock.now().with_timezone(&chrono_tz::Europe::Amsterdam);
        self.story.push(format!("{} {what}", now.format("%a %d %b %H:%M:%S")));
    }

    /// A new mail of the world; not yet anywhere.
    pub fn write(&mut self, truth: Truth, what: &str, text: &Text) -> usize {
        let number = self.mails.len();
        let id =
            format!("mail-{number}@{}", text.from.rsplit_once('@').map_or("x.example", |(_, host)| host));
        let from = text.from.to_owned();
        let what = format!("mail {number}, {what} from {from}");
        let bytes = bytes(&id, self.clock.now(), text);
        self.mails.push(Mail { id, from, truth, what, bytes });
        number
    }

    /// It comes to a folder, at once or after so many seconds.
    pub fn send_in(&mut self, mail: usize, place: Place, seconds: i64) {
        let at = self.clock.now() + TimeDelta::seconds(seconds);
        self.coming.push(Coming { at, place, mail });
    }

    /// People have said enough for one run.
    pub fn is_crowded(&self) -> bool {
        !self.lively || self.mails.len() >= self.most_mails
    }

    /// What is due arrives.
    pub fn deliver(&mut self) {
        let now = self.clock.now();
        while let Some(at) = self.coming.iter().position(|coming| coming.at <= now) {
            let Coming { place, mail, .. } = self.coming.remove(at);
            let gap = if self.chance.permille(100) { 3 } else { 0 };
            self.put(place, mail, now, gap);
        }
    }

    pub fn put(&mut self, place: Place, mail: usize, arrived: DateTime<Utc>, gap: u32) {
        use chrono::SubsecRound;
        let old = self.mails[mail].truth == Truth::Old;
        let folder = self.folders.get_mut(&place).unwrap();
        // INTERNALDATE counts whole seconds.
        let uid = folder.put(mail, arrived.trunc_subsecs(0), old, gap);
        let validity = folder.validity;
        let what = self.mails[mail].what.clone();
        self.tell(&format!("{}: {what} arrives as {validity}/{uid}", folder_name(place)));
    }
}

pub fn folder_name(place: Place) -> String {
    let folder = if place.sent { " Sent" } else { "" };
    format!("{} {}{folder}", house_name(place.house), MAILBOXES[place.mailbox])
}
