//! `rules/text.toml`: the words and patterns by which quotes, signatures and small print are known.

use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;

use super::quotes::Stated;
use crate::triage::expression::{self, Expression, Expressions, lean};
use crate::triage::fault::{Fault, Place};

/// How quotes, signatures and small print look. Patterns are regular expressions; capital and
/// small letters are the same.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TextRules {
    /// Patterns of the line above a quoted mail: "Op 3 mei om 10:00 schreef Jan <jan@x.nl>:". It
    /// always ends with a colon.
    pub attributions: Vec<String>,
    /// Words with which such a line begins, so that only these are looked at.
    pub attribution_starts: Vec<String>,
    /// Patterns of a whole line that stands between an answer and the mail it answers or passes on.
    pub separators: Vec<String>,
    /// Words before the colon in the header of a quoted mail.
    pub header: HeaderWords,
    /// Patterns with which the subject of a forwarded mail begins.
    pub forwards: Vec<String>,
    /// Patterns that close a letter: "met vriendelijke groet". The signature begins behind them.
    pub closings: Vec<String>,
    /// Patterns of thanks that close a letter when a name follows: "alvast bedankt".
    pub thanks: Vec<String>,
    /// Patterns with which a postscript begins.
    pub postscripts: Vec<String>,
    /// Patterns of a whole line that the program and not the writer wrote: "Verstuurd vanaf mijn iPhone".
    pub tag_lines: Vec<String>,
    /// Patterns with which a paragraph of small print begins: legal texts, warnings of mail servers.
    pub small_print: Vec<String>,
    /// Words of which two in one paragraph behind the signature make it small print.
    pub small_print_words: Vec<String>,
    /// Words on a line of a signature that says how to reach the writer: "tel", "mobiel".
    pub contact_words: Vec<String>,
    /// Small words within names: "van", "de".
    pub particles: Vec<String>,
    /// Words before a name that are no part of it: "mevrouw", "dr".
    pub titles: Vec<String>,
}

/// Words before the colon in the header of a quoted mail, by what they state.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HeaderWords {
    /// Who wrote it: "Van", "From".
    pub author: Vec<String>,
    /// When it was sent, in words that only mail programs use: "Verzonden", "Sent".
    pub sent: Vec<String>,
    /// When it was sent, in words that letters use too: "Datum", "Date".
    pub date: Vec<String>,
    /// To whom: "Aan", "To", "Cc".
    pub recipient: Vec<String>,
    /// What about: "Onderwerp", "Subject".
    pub subject: Vec<String>,
}

/// [`TextRules`], ready to use.
#[derive(Debug, Default)]
pub struct TextMarks {
    attributions: Expressions,
    attribution_starts: Expressions,
    separators: Expressions,
    header: Option<Expression>,
    forwards: Expressions,
    closings: Option<Expression>,
    closings_at_end: Option<Expression>,
    thanks: Expressions,
    postscripts: Expressions,
    tag_lines: Expressions,
    small_print: Expressions,
    small_print_words: Option<Expression>,
    contacts: Option<Expression>,
    particles: Vec<String>,
    titles: Vec<String>,
}

/// A person's line is not longer; longer ones are not compared with patterns of whole lines.
const LONGEST_LINE: usize = 400;

impl TextMarks {
    /// # Errors
    /// Every fault of the rules.
    pub fn compile(rules: &TextRules) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let whole = |pattern: &str| format!(r"^\W*(?:{pattern})\W*$");
        let begin = |pattern: &str| format!(r"^[\s*_\[(#-]*(?:{pattern})");
        let word_begin = |word: &str| format!(r"^[\s*]*(?:{})\b", regex::escape(word));
        let closings = alternatives(&rules.closings, "closings", &mut faults);
        let marks = Self {
            attributions: set(&rules.attributions, "attributions", &whole, &mut faults),
            attribution_starts: set(
                &rules.attribution_starts,
                "attribution_starts",
                &word_begin,
                &mut faults,
            ),
            separators: set(&rules.separators, "separators", &whole, &mut faults),
            header: header(&rules.header),
            forwards: set(&rules.forwards, "forwards", &begin, &mut faults),
            closings: one(closings
                .as_ref()
                .map(|any| format!(r"^[\s*_]*(?:{any})(?:$|[\s,.!*_:;/&|-]+|$)(.*)$"))),
            closings_at_end: one(closings
                .as_ref()
                .map(|any| format!(r"^(?:{any})(?:$|[\s,.!*_:;-]+)([^.!?]{{0,60}})$"))),
            thanks: set(&rules.thanks, "thanks", &whole, &mut faults),
            postscripts: set(&rules.postscripts, "postscripts", &begin, &mut faults),
            tag_lines: set(&rules.tag_lines, "tag_lines", &whole, &mut faults),
            small_print: set(&rules.small_print, "small_print", &begin, &mut faults),
            small_print_words: one(words(&rules.small_print_words).map(|any| format!(r"\b(?:{any})"))),
            contacts: one(Some(contact(&rules.contact_words))),
            particles: rules.particles.iter().map(|word| word.to_lowercase()).collect(),
            titles: rules.titles.iter().map(|word| word.to_lowercase()).collect(),
        };
        if faults.is_empty() { Ok(marks) } else { Err(faults) }
    }

    pub(super) fn is_separator(&self, body: &str) -> bool {
        body.len() <= LONGEST_LINE && self.separators.is_match(body)
    }

    pub(super) fn may_begin_attribution(&self, body: &str) -> bool {
        body.len() <= LONGEST_LINE && (self.attribution_starts.is_match(body) || body.contains('@'))
    }

    pub(super) fn is_attribution(&self, text: &str) -> bool {
        self.attributions.is_match(text)
    }

    /// What a line of a mail's header states, and its value.
    pub(super) fn stated<'a>(&self, body: &'a str) -> Option<(Stated, &'a str)> {
        let colon = body.as_bytes().iter().take(40).position(|b| *b == b':')?;
        if colon == 0 || body.len() > LONGEST_LINE * 20 {
            return None;
        }
        let found = self.header.as_ref()?.captures(body)?;
        let kinds = [Stated::Author, Stated::Sent, Stated::Date, Stated::Recipient, Stated::Subject];
        let kind = kinds.into_iter().enumerate().find(|(i, _)| found.get(i + 1).is_some())?.1;
        Some((kind, found.name("value").map_or("", |value| value.as_str())))
    }

    /// The subject says that the mail is passed on.
    pub fn is_forward(&self, subject: &str) -> bool {
        self.forwards.is_match(subject)
    }

    /// The line closes a letter: what stands behind the closing, up to the end of the line.
    pub(super) fn closing<'a>(&self, body: &'a str) -> Option<&'a str> {
        let closings = self.closings.as_ref()?;
        if body.len() > LONGEST_LINE {
            return None;
        }
        let mut rest = behind(closings, body)?;
        // "Met vriendelijke groet / Kind regards,"
        while let Some(more) = behind(closings, rest).filter(|more| more.len() < rest.len()) {
            rest = more;
        }
        let name = rest.len() <= 90 && rest.split_whitespace().count() <= 8 && !rest.contains('?');
        name.then_some(rest)
    }

    /// Does the line close a letter?
    pub fn closes(&self, line: &str) -> bool {
        self.closing(line).is_some()
    }

    /// The closing stands behind the last sentence on its line.
    pub(super) fn closing_at_end<'a>(&self, body: &'a str) -> Option<&'a str> {
        let tail = body.char_indices().rev().nth(200).map_or(0, |(at, _)| at);
        let (tail, closing) = (body.get(tail..)?, self.closings_at_end.as_ref()?);
        // Only where a sentence has ended: one expression that looks for that too is slow on prose.
        tail.match_indices(['.', '!', '?', '…', ')']).find_map(|(at, end)| {
            let next = tail.get(at + end.len()..)?;
            next.starts_with(char::is_whitespace).then(|| behind(closing, next.trim_start())).flatten()
        })
    }

    pub(super) fn is_thanks(&self, body: &str) -> bool {
        body.len() <= 120 && self.thanks.is_match(body)
    }

    pub(super) fn is_postscript(&self, body: &str) -> bool {
        self.postscripts.is_match(body.get(..40).unwrap_or(body))
    }

    pub(super) fn is_tag_line(&self, body: &str) -> bool {
        body.len() <= LONGEST_LINE && !body.is_empty() && self.tag_lines.is_match(body)
    }

    pub(super) fn begins_small_print(&self, body: &str) -> bool {
        let start = body.char_indices().nth(200).map_or(body, |(at, _)| body.get(..at).unwrap_or(body));
        self.small_print.is_match(start)
    }

    pub(super) fn small_print_words(&self, body: &str) -> usize {
        self.small_print_words.as_ref().map_or(0, |words| words.find_iter(body).take(2).count())
    }

    pub(super) fn is_contact(&self, body: &str) -> bool {
        body.len() <= LONGEST_LINE && self.contacts.as_ref().is_some_and(|contacts| contacts.is_match(body))
    }

    pub(super) fn is_particle(&self, word: &str) -> bool {
        let word = word.to_lowercase();
        self.particles.contains(&word) || self.is_title(&word)
    }

    pub(super) fn is_title(&self, word: &str) -> bool {
        let word = word.trim_end_matches('.').to_lowercase();
        self.titles.contains(&word)
    }
}

/// Group 1 of a match, which reaches to the end.
fn behind<'a>(pattern: &Regex, body: &'a str) -> Option<&'a str> {
    Some(pattern.captures(body)?.get(1).map_or("", |rest| rest.as_str()))
}

/// A phone number, an address, a web site, a postcode, or one of the words.
fn contact(list: &[String]) -> String {
    let number = r"(?:\+|\(0|\b0)[\d\s().–/-]{7,}\d";
    let place = r"@|\bwww\.|https?://|\b\d{4} ?[A-Z]{2}\b";
    words(list)
        .map_or_else(|| format!("{number}|{place}"), |any| format!(r"{number}|{place}|\b(?:{any})\b\W"))
}

fn header(header: &HeaderWords) -> Option<Expression> {
    let lists = [&header.author, &header.sent, &header.date, &header.recipient, &header.subject];
    let groups: Vec<String> = lists
        .iter()
        // A group that can never match keeps the numbers of the others.
        .map(|list| words(list).map_or_else(|| r"([^\s\S])".to_owned(), |any| format!("({any})")))
        .collect();
    one(Some(format!(r"^[*_|]*(?:{})\s*[*_]*\s*:[*_]*\s*(?P<value>.*)$", groups.join("|"))))
}

/// Words as one alternative; `None` where there are none.
fn words(list: &[String]) -> Option<String> {
    let list: Vec<String> =
        list.iter().filter(|word| !word.is_empty()).map(|word| regex::escape(word)).collect();
    (!list.is_empty()).then(|| list.join("|"))
}

/// Patterns as one alternative, each checked by itself.
fn alternatives(list: &[String], key: &str, faults: &mut Vec<Fault>) -> Option<String> {
    let before = faults.len();
    for (index, pattern) in list.iter().enumerate() {
        check(pattern, Place::default().key(key).index(index), faults);
    }
    (before == faults.len() && !list.is_empty()).then(|| list.join("|"))
}

fn set(list: &[String], key: &str, shape: &dyn Fn(&str) -> String, faults: &mut Vec<Fault>) -> Expressions {
    let before = faults.len();
    for (index, pattern) in list.iter().enumerate() {
        check(pattern, Place::default().key(key).index(index), faults);
    }
    if before < faults.len() {
        return Expressions::default();
    }
    let shaped = list.iter().map(|pattern| lean(&shape(pattern)));
    Expressions::any_case(shaped).unwrap_or_else(|what| {
        faults.push(Fault::new(Place::default().key(key), what, "write shorter patterns"));
        Expressions::default()
    })
}

fn check(pattern: &str, place: Place, faults: &mut Vec<Fault>) {
    if pattern.trim().is_empty() {
        faults.push(Fault::new(place, "an empty pattern matches everything", "remove it"));
    } else if let Err(what) = expression::check(pattern) {
        faults.push(Fault::new(
            place,
            what,
            "write a regular expression; put \\ before . ( ) [ ] ? * + to mean them",
        ));
    }
}

/// Built of parts that were checked.
fn one(pattern: Option<String>) -> Option<Expression> {
    Expression::any_case(lean(&pattern?)).ok()
}
