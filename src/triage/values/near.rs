//! What stands near a value and says whether it is the one that is asked for: words of a rule file,
//! looked for in the few words before or behind it, in its clause or in its sentence.
//!
//! It knows no field; who asks brings the rules and makes a score of the answer.

use std::ops::Range;

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::expression::{Expression, check, lean_folded};
use super::super::fault::{Fault, Place};
use super::super::fold::fold;
use super::super::sieve::Sieve;

/// How far a sentence is followed to either side; a longer one says nothing about its far end.
const REACH: usize = 240;
/// Words before and behind a value that are its own.
const WORDS_BEFORE: usize = 7;
const WORDS_BEHIND: usize = 4;
/// A line shorter than this was not wrapped by a mail program: its end is an end.
const WRAPPED: usize = 50;

/// Words near a value that speak for or against it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NearRules {
    /// Said in `explain`.
    pub why: String,
    /// Added to the score of the value.
    pub weight: i32,
    /// Where it must stand.
    pub at: At,
    /// Whole words.
    #[serde(default)]
    pub words: Vec<String>,
    /// Regular expressions over small letters without accents.
    #[serde(default)]
    pub patterns: Vec<String>,
    /// Counts only where another value of the kind is named too: "the day on which a letter came" is
    /// the one that is asked for where no other day is named.
    #[serde(default)]
    pub among_others: bool,
    /// Counts only for a value that is reckoned from the moment of writing: "vandaag wil ik …".
    #[serde(default)]
    pub of_today: bool,
    /// Counts only for a value that may as well lie ahead: "verzet naar vrijdag" is to come, "verzet
    /// naar 12 maart" was, a week after that day.
    #[serde(default)]
    pub to_come: bool,
}

/// Where a word stands that says something about a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum At {
    /// In the few words before it.
    Before,
    /// In the few words behind it.
    After,
    /// Between the commas around it.
    Clause,
    /// In the sentence around it.
    Sentence,
    /// In all that is told of it, up to the next value of the kind.
    Story,
}

/// [`NearRules`], ready to use.
#[derive(Debug, Default)]
pub struct Nearby {
    list: Vec<(NearRules, Expression)>,
    sieve: Sieve,
    /// Behind these a full stop ends no sentence.
    abbreviations: Vec<String>,
}

/// What the words near a value say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Weighed {
    pub weight: i32,
    /// To be added where another value of the kind is named too.
    pub among_others: i32,
    /// To be added where the value is reckoned from the moment of writing.
    pub of_today: i32,
    /// To be added where the value may lie ahead.
    pub to_come: i32,
    /// Something spoke for it.
    pub favoured: bool,
    pub reasons: Vec<String>,
}

impl Weighed {
    /// Takes what further rules say.
    pub fn add(&mut self, other: Self) {
        self.weight += other.weight;
        self.among_others += other.among_others;
        self.of_today += other.of_today;
        self.to_come += other.to_come;
        self.favoured |= other.favoured;
        self.reasons.extend(other.reasons);
    }
}

impl Nearby {
    /// `key` is where the rules stand in their file.
    ///
    /// # Errors
    /// Every pattern that is none.
    pub fn compile(key: &str, rules: &[NearRules], abbreviations: &[String]) -> Result<Self, Vec<Fault>> {
        let mut made = Self {
            list: Vec::with_capacity(rules.len()),
            abbreviations: abbreviations.iter().map(|word| fold(word)).collect(),
            sieve: Sieve::default(),
        };
        let mut faults = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            match pattern(&rule.words, &rule.patterns) {
                Ok(pattern) => made.list.push((rule.clone(), pattern)),
                Err(error) => faults.push(Fault::new(
                    Place::default().key(key).index(index).key("patterns"),
                    format!("no regular expression: {error}"),
                    "look-around and back references are not possible",
                )),
            }
        }
        if faults.is_empty() { Ok(made) } else { Err(faults) }
    }

    /// Weighs what stands near the value at `span` of a folded text. What stands before the byte
    /// `from` belongs to an earlier value.
    #[must_use]
    pub fn weigh(&self, text: &str, span: &Range<usize>, from: usize) -> Weighed {
        self.weigh_within(text, span, from, &(0..text.len()))
    }

    /// As [`Self::weigh`]; no clause goes beyond `own`, what is told of this value alone.
    #[must_use]
    pub fn weigh_within(&self, text: &str, span: &Range<usize>, from: usize, own: &Range<usize>) -> Weighed {
        let sentence = self.sentence(text, span);
        let clause = clause(text, &sentence, span);
        let clause = clause.start.max(own.start).min(span.start)..clause.end.min(own.end).max(span.end);
        let from = sentence.start.max(from).min(span.start);
        let before = text.get(last_words(text, from..span.start)).unwrap_or_default();
        let behind = text.get(first_words(text, span.end..sentence.end)).unwrap_or_default();
        let mut weighed = Weighed::default();
        let whole = text.get(sentence.clone()).unwrap_or_default();
        let may = self.sieve.may_match(whole, self.list.iter().map(|(_, pattern)| pattern));
        let told = |rule: &NearRules| rule.at == At::Story;
        let near = self.list.iter().zip(may).filter(|((rule, _), may)| *may || told(rule));
        for ((rule, pattern), _) in near {
            let place = match rule.at {
                At::Before => before,
                At::After => behind,
                At::Clause => text.get(clause.clone()).unwrap_or_default(),
                At::Sentence => whole,
                At::Story => text.get(own.clone()).unwrap_or_default(),
            };
            if pattern.is_match(place) {
                if rule.among_others {
                    weighed.among_others += rule.weight;
                } else if rule.of_today {
                    weighed.of_today += rule.weight;
                } else if rule.to_come {
                    weighed.to_come += rule.weight;
                } else {
                    weighed.weight += rule.weight;
                    weighed.favoured |= rule.weight > 0;
                }
                weighed.reasons.push(rule.why.clone());
            }
        }
        weighed
    }

    /// The sentence around a span: up to a full stop, a blank line or the end of a short line.
    #[must_use]
    pub fn sentence(&self, text: &str, span: &Range<usize>) -> Range<usize> {
        let from = text.floor_char_boundary(span.start.saturating_sub(REACH));
        let to = text.ceil_char_boundary((span.end + REACH).min(text.len()));
        let before = text.get(from..span.start).unwrap_or_default();
        let start = before
            .char_indices()
            .rev()
            .find(|(at, c)| self.ends_sentence(text, from + at, *c))
            .map_or(from, |(at, c)| from + at + c.len_utf8());
        let behind = text.get(span.end..to).unwrap_or_default();
        let end = behind
            .char_indices()
            .find(|(at, c)| self.ends_sentence(text, span.end + at, *c))
            .map_or(to, |(at, _)| span.end + at);
        start..end
    }

    fn ends_sentence(&self, text: &str, at: usize, c: char) -> bool {
        match c {
            '!' | '?' | ';' => true,
            '\n' => {
                let before = text
                    .get(text.floor_char_boundary(at.saturating_sub(WRAPPED + 10))..at)
                    .unwrap_or_default();
                let line = before.len() - before.rfind('\n').map_or(0, |i| i + 1);
                line < WRAPPED
                    || text.get(at + 1..).is_some_and(|rest| rest.starts_with(['\n', '-', '*', '>']))
            }
            '.' => {
                let rest = text.get(at + 1..).unwrap_or_default();
                let blank = rest.is_empty() || rest.starts_with(char::is_whitespace);
                blank
                    && !self.is_abbreviation(
                        text.get(text.floor_char_boundary(at.saturating_sub(20))..at).unwrap_or_default(),
                    )
            }
            _ => false,
        }
    }

    fn is_abbreviation(&self, before: &str) -> bool {
        // "foto's." ends a sentence, "dhr." and "a.s." do not.
        let part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '\'' | '’');
        let word = before.rsplit(|c: char| !part(c)).next().unwrap_or_default();
        word.chars().count() == 1 || self.abbreviations.iter().any(|known| known == word)
    }
}

/// Whole words and patterns as one expression over folded text.
///
/// # Errors
/// What is wrong with a pattern.
pub fn pattern(words: &[String], patterns: &[String]) -> Result<Expression, String> {
    compile(&source(words, patterns)?)
}

/// What [`source`] says, or an expression around it.
///
/// # Errors
/// What is wrong with a pattern.
pub fn compile(source: &str) -> Result<Expression, String> {
    Expression::new(lean_folded(source))
}

/// Whole words and patterns as the text of one expression.
///
/// # Errors
/// What is wrong with a pattern.
pub fn source(words: &[String], patterns: &[String]) -> Result<String, String> {
    let mut parts: Vec<String> = Vec::new();
    if !words.is_empty() {
        let words: Vec<String> = words.iter().map(|word| words_pattern(word)).collect();
        parts.push(format!(r"\b(?:{})(?:\b|$)", words.join("|")));
    }
    for pattern in patterns {
        check(pattern)?;
        parts.push(format!("(?:{pattern})"));
    }
    if parts.is_empty() {
        // Nothing said, nothing found.
        parts.push("[^\\s\\S]".to_owned());
    }
    Ok(parts.join("|"))
}

/// A blank is any white space; a star at the end lets the word go on.
fn words_pattern(words: &str) -> String {
    let folded = fold(words);
    let (words, goes_on) = match folded.strip_suffix('*') {
        Some(rest) => (rest, true),
        None => (folded.as_str(), false),
    };
    let words: Vec<String> = words.split_whitespace().map(regex::escape).collect();
    let words = words.join(r"\s+");
    if goes_on { words + r"\w*" } else { words }
}

/// Within a sentence: between commas; one that touches the value belongs to it.
fn clause(text: &str, sentence: &Range<usize>, span: &Range<usize>) -> Range<usize> {
    let before = text.get(sentence.start..span.start).unwrap_or_default();
    let behind = text.get(span.end..sentence.end).unwrap_or_default();
    // "on Monday, 8 June, I was"
    let start = before
        .trim_end()
        .trim_end_matches(',')
        .rfind(',')
        .map_or(sentence.start, |at| sentence.start + at + 1);
    let skip = behind.len() - behind.trim_start_matches([',', ' ', ')', '\n']).len();
    let end =
        behind.get(skip..).and_then(|rest| rest.find(',')).map_or(sentence.end, |at| span.end + skip + at);
    start..end
}

fn last_words(text: &str, span: Range<usize>) -> Range<usize> {
    let slice = text.get(span.clone()).unwrap_or_default();
    let start =
        slice.trim_end().rmatch_indices(char::is_whitespace).nth(WORDS_BEFORE - 1).map_or(0, |(at, _)| at);
    span.start + start..span.end
}

fn first_words(text: &str, span: Range<usize>) -> Range<usize> {
    let slice = text.get(span.clone()).unwrap_or_default();
    let lead = slice.len() - slice.trim_start().len();
    let end = slice
        .get(lead..)
        .and_then(|rest| rest.match_indices(char::is_whitespace).nth(WORDS_BEHIND - 1))
        .map_or(slice.len(), |(at, _)| lead + at);
    span.start..span.start + end
}
