//! Which mails of a batch are handled together.

use crate::mail::Arrival;

/// A mail that so many runs of the program died of is not taken apart again (design, invariant 10).
const POISONOUS: u32 = 2;

/// What to do with an arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Known, or older than the start: only the position moves.
    Pass,
    Fresh,
    /// It was in hand when so many runs of the program ended.
    Suspect(u32),
}

/// Arrivals that are handled together.
#[derive(Debug)]
pub struct Part {
    pub validity: u32,
    /// UID of the last of them, those that pass included.
    pub last: u32,
    alone: bool,
    pub poisonous: bool,
    pub mails: Vec<Arrival>,
}

impl Part {
    pub fn new(arrival: Arrival, fate: Fate) -> Self {
        let mut part = Self {
            validity: arrival.validity,
            last: arrival.uid,
            alone: matches!(fate, Fate::Suspect(_)),
            poisonous: matches!(fate, Fate::Suspect(crashes) if crashes >= POISONOUS),
            mails: Vec::new(),
        };
        part.add(arrival, fate);
        part
    }

    pub fn is_suspect(&self) -> bool {
        self.alone
    }

    /// Of the mails that have not been read.
    pub fn uids(&self) -> Vec<u32> {
        self.mails.iter().map(|arrival| arrival.uid).collect()
    }

    pub fn takes(&self, arrival: &Arrival, fate: Fate) -> bool {
        !self.alone && self.validity == arrival.validity && !matches!(fate, Fate::Suspect(_))
    }

    pub fn add(&mut self, arrival: Arrival, fate: Fate) {
        self.last = arrival.uid;
        if fate != Fate::Pass {
            self.mails.push(arrival);
        }
    }
}
