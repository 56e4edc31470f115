//! Where sentences begin, and their parts: clauses, and what in them is somebody else's words.

use std::ops::Range;

use super::super::super::name::words::{Phrases, Words};
use super::Teller;

impl Teller<'_> {
    /// Words of a greeting with which a sentence starts: up to its comma.
    pub(super) fn greeting(&self, from: usize, to: usize) -> usize {
        if self.people.greetings.at(&self.words, from) == 0 {
            return 0;
        }
        (from + 1..to.min(from + 8))
            .find(|at| self.words.gap(*at).contains([',', '\n', '!']))
            .map_or(0, |at| at - from)
    }

    pub(super) fn starts_sentence(&self, at: usize) -> bool {
        let gap = self.words.gap(at);
        if gap.contains(['!', '?', ';']) || gap.contains("\n\n") || gap.contains("\n \n") {
            return true;
        }
        let Some(before) = at.checked_sub(1).and_then(|before| self.words.get(before)) else { return true };
        if gap.contains(',') && self.people.turns.at(&self.words, at) > 0 {
            return true;
        }
        let abbreviation = before.text.chars().count() == 1 || self.people.titles.is(before);
        gap.contains('.') && !(before.dot && abbreviation) && gap.contains(char::is_whitespace)
    }

    /// The clauses of a sentence that hold one of the phrases. What stands between two commas and only
    /// says who somebody is ends no clause: "dr. Bakker, mijn huisarts, heeft me verwezen".
    pub(super) fn clauses(&self, phrases: &Phrases, from: usize, to: usize) -> Vec<Range<usize>> {
        if !phrases.within(&self.words, from, to) {
            return Vec::new();
        }
        let mut clauses: Vec<Range<usize>> = Vec::new();
        let mut start = from;
        let mut joins = false;
        for at in from + 1..=to {
            if at < to && !self.words.gap(at).contains([',', ':', ';']) {
                continue;
            }
            let says_who =
                at - start <= 2 || self.people.own_words.at(&self.words, start) > 0 && at - start <= 5;
            match clauses.last_mut().filter(|_| joins || says_who) {
                Some(last) => last.end = at,
                None => clauses.push(start..at),
            }
            (start, joins) = (at, says_who);
        }
        clauses.retain(|clause| phrases.within(&self.words, clause.start, clause.end));
        clauses
    }

    /// The clauses right before those that begin with "die", in the sentence from `from` on: "dokter Ooms,
    /// die mij verwezen heeft".
    pub(super) fn before_relative(&self, clauses: &[Range<usize>], from: usize) -> Vec<Range<usize>> {
        let relative = |clause: &&Range<usize>| self.people.who_words.at(&self.words, clause.start) > 0;
        let cut = |at: &usize| self.words.gap(*at).contains([',', ':', ';']);
        let before = |end: usize| (from + 1..end).rev().find(cut).unwrap_or(from)..end;
        clauses.iter().filter(relative).map(|clause| before(clause.start)).collect()
    }
}

/// Which words stand between quotation marks; an open one ends with its paragraph.
pub(super) fn quoted(words: &Words) -> Vec<bool> {
    let mut open = false;
    let mut marks = |gap: &str| {
        for c in gap.chars() {
            open = match c {
                '"' => !open,
                '“' | '„' | '«' => true,
                '”' | '»' => false,
                _ => open,
            };
        }
        open &= !gap.contains("\n\n");
        open
    };
    (0..words.len()).map(|at| marks(words.gap(at))).collect()
}
