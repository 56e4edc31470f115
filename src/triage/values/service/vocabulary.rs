//! Finds the words of services in folded text, whatever their hyphens, blanks, endings and typing
//! errors: one automaton runs over the letters and digits alone, then word bounds are checked.

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};
use rustc_hash::{FxHashMap, FxHashSet};

use super::super::super::expression::{Expression, lean_folded};
use super::super::super::fault::{Fault, Place};
use super::super::super::sieve::Sieve;
use super::super::super::typo::one_apart;
use super::squeezed::{Squeezed, squeeze_word};
use super::{Level, ServiceRules};

/// Shorter words are not seen through a typing error: too many others are near.
const LONG: usize = 8;
/// Bytes of an edge: twice as many, and the two letters that one error touches, fit into the shortest
/// word that is looked at.
const EDGE: usize = 3;
/// The rank from which a service is an examination.
const EXAMINATION: u8 = 3;
/// Longer runs of letters are no words.
const LONGEST: usize = 40;
/// Matches looked at in one text.
const MOST: usize = 4_000;

/// How a service was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Written,
    /// With a typing error: a little less sure.
    Mistyped,
    /// "dat kastje voor het slapen": so is that.
    Described,
}

/// A service found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub id: String,
    /// Bytes of the folded text.
    pub span: Range<usize>,
    pub weak: bool,
    pub how: How,
    /// A lay word, which counts only behind what leads in to it.
    pub lay: bool,
}

#[derive(Debug)]
struct Word {
    id: String,
    text: String,
    weak: bool,
    starts_earlier: bool,
    goes_on: bool,
}

/// All words of all services, ready to use.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    words: Vec<Word>,
    automaton: Option<AhoCorasick>,
    endings: Vec<String>,
    prefixes: Vec<String>,
    patterns: Vec<(String, Expression)>,
    sieve: Sieve,
    /// Hash of a long word without one of its letters (or with all) to the word.
    nearly: FxHashMap<u64, Vec<usize>>,
    /// How long words begin and end: one typing error leaves one of the two as it was.
    edges: FxHashSet<[u8; EDGE]>,
    not_typos: Vec<String>,
    /// The services that are examinations: their own words say more than a description.
    examinations: Vec<String>,
}

impl Vocabulary {
    pub fn compile(rules: &ServiceRules, level: Level) -> Result<Self, Vec<Fault>> {
        let mut made = Self {
            prefixes: rules.prefixes.iter().map(|prefix| squeeze_word(prefix)).collect(),
            endings: rules.endings.iter().map(|ending| squeeze_word(ending)).collect(),
            not_typos: rules.not_typos.iter().map(|word| squeeze_word(word)).collect(),
            examinations: rules
                .service
                .iter()
                .filter(|(_, service)| service.rank >= EXAMINATION)
                .map(|(id, _)| id.clone())
                .collect(),
            ..Self::default()
        };
        let mut faults = Vec::new();
        for (id, service) in &rules.service {
            let (strong, weak, patterns) = level.of(service);
            let numbered = |list: &'_ [String], weak: bool| {
                list.iter()
                    .cloned()
                    .enumerate()
                    .map(move |(index, word)| (index, word, weak))
                    .collect::<Vec<_>>()
            };
            for (index, word, weak) in numbered(strong, false).into_iter().chain(numbered(weak, true)) {
                let text = squeeze_word(&word);
                if text.is_empty() {
                    let key = if weak { "weak" } else { level.keys().0 };
                    let place = Place::default().key("service").key(id).key(key).index(index);
                    faults.push(Fault::new(place, "a word without letters", "leave it out"));
                    continue;
                }
                let (starts_earlier, goes_on) = (word.starts_with('*'), word.ends_with('*'));
                made.words.push(Word { id: id.clone(), text, weak, starts_earlier, goes_on });
            }
            for (index, pattern) in patterns.iter().enumerate() {
                match Expression::new(lean_folded(pattern)) {
                    Ok(pattern) => made.patterns.push((id.clone(), pattern)),
                    Err(error) => faults.push(Fault::new(
                        Place::default().key("service").key(id).key(level.keys().1).index(index),
                        format!("no regular expression: {error}"),
                        "look-around and back references are not possible",
                    )),
                }
            }
        }
        made.remember_nearly();
        let words = made.words.iter().map(|word| word.text.as_bytes());
        match AhoCorasickBuilder::new().match_kind(MatchKind::Standard).build(words) {
            Ok(automaton) => made.automaton = Some(automaton),
            Err(error) => {
                faults.push(Fault::new(Place::default().key("service"), error.to_string(), "fewer words"));
            }
        }
        if faults.is_empty() { Ok(made) } else { Err(faults) }
    }

    fn remember_nearly(&mut self) {
        for (index, word) in self.words.iter().enumerate().filter(|(_, word)| word.text.len() >= LONG) {
            self.edges.extend(edges(word.text.as_bytes()));
            for hash in hashes(word.text.as_bytes()) {
                self.nearly.entry(hash).or_default().push(index);
            }
        }
    }

    /// Every service named in a folded text, in order, without overlap: the longer name wins.
    pub fn find(&self, text: &str) -> Vec<Named> {
        let squeezed = Squeezed::new(text);
        let mut found = self.exact(&squeezed);
        self.described(text, &mut found);
        settle(&mut found);
        let seen = found.len();
        self.mistyped(&squeezed, seen, &mut found);
        found.sort_by_key(|named| named.span.start);
        found
    }

    fn exact(&self, squeezed: &Squeezed) -> Vec<Named> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let mut found = Vec::new();
        for hit in automaton.find_overlapping_iter(&squeezed.text).take(MOST) {
            let Some(word) = self.words.get(hit.pattern().as_usize()) else { continue };
            if !word.starts_earlier && !squeezed.is_start(hit.start(), &self.prefixes) {
                continue;
            }
            let end = squeezed.word_end(hit.end());
            let rest = squeezed.text.get(hit.end()..end).unwrap_or_default();
            let may_end = |ending: &String| ending.as_bytes() == rest && suits(word, ending);
            let ends = rest.is_empty() || word.goes_on || self.endings.iter().any(may_end);
            if ends {
                let span = squeezed.span(hit.start(), end);
                found.push(Named {
                    id: word.id.clone(),
                    span,
                    weak: word.weak,
                    how: How::Written,
                    lay: false,
                });
            }
        }
        found
    }

    /// Descriptions that leave no doubt: "dat kastje voor het slapen".
    fn described(&self, text: &str, found: &mut Vec<Named>) {
        // The expressions speak of sentences, not of lines.
        let one_line = text.replace('\n', " ");
        let named: Vec<(String, Range<usize>)> = found
            .iter()
            .filter(|named| !named.weak && self.examinations.contains(&named.id))
            .map(|named| (named.id.clone(), named.span.clone()))
            .collect();
        let may = self.sieve.may_match(&one_line, self.patterns.iter().map(|(_, pattern)| pattern));
        for ((id, pattern), _) in self.patterns.iter().zip(may).filter(|(_, may)| *may) {
            for hit in pattern.find_iter(&one_line).take(4) {
                // "het kastje van de holter viel 's nachts uit" is no sleep study.
                let other = |(other, span): &(String, Range<usize>)| {
                    other != id && span.start < hit.end() && hit.start() < span.end
                };
                if !named.iter().any(other) {
                    found.push(Named {
                        id: id.clone(),
                        span: hit.range(),
                        weak: false,
                        how: How::Described,
                        lay: false,
                    });
                }
            }
        }
    }

    /// Long words with one typing error, where nothing was found as written.
    fn mistyped(&self, squeezed: &Squeezed, seen: usize, found: &mut Vec<Named>) {
        let mut known: Vec<Range<usize>> = found.iter().take(seen).map(|named| named.span.clone()).collect();
        known.sort_by_key(|span| span.start);
        for (index, word) in squeezed.words.iter().enumerate().take(MOST) {
            let pair = squeezed
                .words
                .get(index + 1)
                .filter(|next| next.start == word.end)
                .map(|next| word.start..next.end);
            for tried in [Some(word.clone()), pair].into_iter().flatten() {
                let span = squeezed.span(tried.start, tried.end);
                let Some(id) = self.nearly_named(squeezed.text.get(tried).unwrap_or_default()) else {
                    continue;
                };
                let at = known.partition_point(|known| known.end <= span.start);
                if known.get(at).is_none_or(|known| known.start >= span.end) {
                    found.push(Named {
                        id: id.id.clone(),
                        span,
                        weak: id.weak,
                        how: How::Mistyped,
                        lay: false,
                    });
                    break;
                }
            }
        }
    }

    fn nearly_named(&self, written: &[u8]) -> Option<&Word> {
        if written.len() < LONG - 1 || written.len() > LONGEST || !written.iter().all(u8::is_ascii_lowercase)
        {
            return None;
        }
        let written = std::str::from_utf8(written).ok()?;
        let bare = self.endings.iter().filter_map(|ending| written.strip_suffix(ending.as_str()));
        for form in std::iter::once(written).chain(bare).filter(|form| form.len() >= LONG - 1) {
            // Most words of a text share neither edge with a word of ours.
            if !edges(form.as_bytes()).any(|edge| self.edges.contains(&edge)) {
                continue;
            }
            let mut near = hashes(form.as_bytes())
                .into_iter()
                .filter_map(|hash| self.nearly.get(&hash))
                .flatten()
                .filter_map(|index| self.words.get(*index))
                .filter(|word| one_apart(&word.text, form));
            let first = near.next();
            // Between two services there is no telling.
            if let Some(first) = first
                && near.all(|other| other.id == first.id)
            {
                if self.is_word(written) {
                    return None;
                }
                if !self.is_word(form) {
                    return Some(first);
                }
            }
        }
        None
    }

    /// A word of its own, though it looks like a mistyped one.
    fn is_word(&self, form: &str) -> bool {
        self.not_typos.iter().any(|not| not == form)
    }
}

/// Drops what lies within or runs into a longer name; of equals the plain one stays.
fn settle(found: &mut Vec<Named>) {
    found.sort_by_key(|named| (named.span.start, std::cmp::Reverse(named.span.len()), named.weak));
    let mut kept: Vec<Named> = Vec::with_capacity(found.len());
    for named in found.drain(..) {
        match kept.last_mut() {
            Some(last) if named.span.start < last.span.end => {
                if named.span.len() > last.span.len() {
                    *last = named;
                }
            }
            _ => kept.push(named),
        }
    }
    *found = kept;
}

/// The first and the last bytes of a word.
fn edges(word: &[u8]) -> impl Iterator<Item = [u8; EDGE]> {
    [word.first_chunk(), word.last_chunk()].into_iter().flatten().copied()
}

/// Hashes of a word as it is and without each of its bytes. Two words one error apart share one of
/// them; whether they do is checked afterwards, so a collision costs time only.
fn hashes(word: &[u8]) -> Vec<u64> {
    const BASE: u64 = 0x0100_0000_01b3;
    let mut tails = vec![0u64; word.len() + 1];
    let mut powers = vec![1u64; word.len() + 1];
    for (back, byte) in word.iter().rev().enumerate() {
        let at = word.len() - 1 - back;
        let (tail, power) = (tails.get(at + 1).copied().unwrap_or(0), powers.get(back).copied().unwrap_or(1));
        if let Some(slot) = tails.get_mut(at) {
            *slot = tail.wrapping_add((u64::from(*byte) + 1).wrapping_mul(power));
        }
        if let Some(slot) = powers.get_mut(back + 1) {
            *slot = power.wrapping_mul(BASE);
        }
    }
    let mut out = Vec::with_capacity(word.len() + 1);
    out.push(tails.first().copied().unwrap_or(0));
    let mut head = 0u64;
    for (at, byte) in word.iter().enumerate() {
        let behind = word.len() - 1 - at;
        let power = powers.get(behind).copied().unwrap_or(1);
        out.push(head.wrapping_mul(power).wrapping_add(tails.get(at + 1).copied().unwrap_or(0)));
        head = head.wrapping_mul(BASE).wrapping_add(u64::from(*byte) + 1);
    }
    out
}

/// "knoconsult" is of "kno", and "knopje" is not.
fn suits(word: &Word, ending: &str) -> bool {
    /// Bytes of a word, and of an ending that makes no other word of it.
    const SHORT: usize = 3;
    const LONG: usize = 5;
    word.text.len() > SHORT || ending.len() >= LONG
}
