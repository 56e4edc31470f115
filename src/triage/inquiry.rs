//! What is it about? Scores each inquiry by the words of its rule file.
//!
//! The mailbox decides unless the content plainly says otherwise: its inquiry has a lead, and
//! another one needs a number of points by itself. A sign counts once, however often it is said.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::expression::Expression;
use super::fault::{self, Fault};
use super::fields::FieldRules;
use super::fold::fold;
use super::reading::View;
use super::ruleset::{ByLanguage, Term};
use super::sieve::Sieve;
use super::text::Zone;
use super::values::near;

/// A rule file of an inquiry, such as `rules/invoice.toml`. Its id is the file's name.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InquiryRules {
    /// What it is called in letters: `title.nl = "vraag over een factuur"`.
    pub title: ByLanguage,
    /// First letters of its case numbers: `case_prefix = "K"` makes `K-2026-000123`.
    #[schemars(regex(pattern = "^[A-Z]{1,8}$"))]
    pub case_prefix: String,
    /// Working days within which a person must react, or `"none"`.
    pub working_days: Term,
    /// Fields that a mail must state.
    pub mandatory: Vec<String>,
    /// Fields that are noted where they are stated, never asked for.
    #[serde(default)]
    pub optional: Vec<String>,
    /// Tell the coordinators at once about each new case.
    #[serde(default)]
    pub alert_new: bool,
    /// Words and patterns that point to this inquiry.
    #[serde(default)]
    pub words: WordRules,
    /// Fields of this inquiry alone; those that several share stand in `fields.toml`.
    #[serde(default)]
    pub field: BTreeMap<String, FieldRules>,
}

/// Words that speak for or against an inquiry.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WordRules {
    /// Points from which it can win in a mailbox of another inquiry.
    pub enough: i32,
    /// Points that it starts with in its own mailbox.
    pub lead: i32,
    /// Signs, each of which adds its weight once.
    pub sign: Vec<SignRules>,
}

impl Default for WordRules {
    fn default() -> Self {
        Self { enough: 100, lead: 50, sign: Vec::new() }
    }
}

/// One sign of an inquiry.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignRules {
    /// Said in `explain`.
    pub name: String,
    /// Points; below zero it speaks against.
    pub weight: i32,
    /// Where it is looked for.
    #[serde(default, rename = "in")]
    pub place: Place,
    /// Whole words; a star lets a word go on.
    #[serde(default)]
    pub words: Vec<String>,
    /// Regular expressions over small letters without accents.
    #[serde(default)]
    pub patterns: Vec<String>,
}

/// Where a sign is looked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// The writer's own words and the subject.
    #[default]
    Text,
    /// The subject alone.
    Subject,
    /// The file names of attachments.
    Attachment,
}

/// An inquiry, ready to use.
#[derive(Debug, Clone)]
pub struct Inquiry {
    pub id: String,
    pub title: ByLanguage,
    pub case_prefix: String,
    /// `None`: no term, no deadline.
    pub working_days: Option<u32>,
    pub mandatory: Vec<String>,
    pub optional: Vec<String>,
    pub alert_new: bool,
}

/// The words of all inquiries, ready to use.
#[derive(Debug, Default)]
pub struct InquiryWords {
    list: Vec<Words>,
    /// Over the signs of all inquiries, one after the other.
    sieve: Sieve,
}

#[derive(Debug)]
struct Words {
    id: String,
    enough: i32,
    lead: i32,
    signs: Vec<Sign>,
}

#[derive(Debug)]
struct Sign {
    name: String,
    weight: i32,
    place: Place,
    pattern: Expression,
}

impl InquiryWords {
    /// # Errors
    /// Every fault of the rules, with the id of the inquiry.
    pub fn compile(rules: &[(String, InquiryRules)]) -> Result<Self, Vec<(String, Fault)>> {
        let (mut list, mut faults) = (Vec::new(), Vec::new());
        for (id, rules) in rules {
            let mut signs = Vec::new();
            for (index, sign) in rules.words.sign.iter().enumerate() {
                match near::pattern(&sign.words, &sign.patterns) {
                    Ok(pattern) => signs.push(Sign {
                        name: sign.name.clone(),
                        weight: sign.weight,
                        place: sign.place,
                        pattern,
                    }),
                    Err(error) => {
                        let place =
                            fault::Place::default().key("words").key("sign").index(index).key("patterns");
                        let what = format!("no regular expression: {error}");
                        faults.push((
                            id.clone(),
                            Fault::new(place, what, "look-around and back references are not possible"),
                        ));
                    }
                }
            }
            let WordRules { enough, lead, .. } = rules.words;
            list.push(Words { id: id.clone(), enough, lead, signs });
        }
        if faults.is_empty() { Ok(Self { list, sieve: Sieve::default() }) } else { Err(faults) }
    }

    /// Chooses for a mailbox of the inquiry `home`. Texts are folded.
    fn choose(&self, texts: &Texts, home: &str) -> Choice {
        let signs = self.list.iter().flat_map(|words| &words.signs);
        let mut may = self.sieve.may_match(&texts.own, signs.map(|sign| &sign.pattern)).into_iter();
        let mut weighed: Vec<(&Words, i32, Vec<&Sign>)> =
            self.list.iter().map(|words| words.score(texts, &mut may)).collect();
        for (words, score, _) in &mut weighed {
            if words.id == home {
                *score += words.lead;
            }
        }
        let at_home = weighed.iter().find(|(words, _, _)| words.id == home).map_or(0, |(_, score, _)| *score);
        let winner = weighed
            .iter()
            .filter(|(words, score, _)| {
                words.id != home && *score > at_home && (*score >= words.enough || at_home < 0 && *score > 0)
            })
            .max_by_key(|(_, score, _)| *score)
            .or_else(|| weighed.iter().find(|(words, _, _)| words.id == home));
        let (id, why) = match winner {
            Some((words, _, signs)) if words.id != home => (words.id.clone(), named(signs)),
            Some((_, _, signs)) if !signs.is_empty() => {
                (home.to_owned(), format!("the mailbox; {}", named(signs)))
            }
            _ => (home.to_owned(), "the mailbox".to_owned()),
        };
        let mut scores: Vec<(String, i32)> =
            weighed.iter().map(|(words, score, _)| (words.id.clone(), *score)).collect();
        scores.sort_by_key(|(_, score)| std::cmp::Reverse(*score));
        Choice { id, scores, why }
    }
}

impl Words {
    /// `may`: for each sign whether it may be in the text.
    fn score(&self, texts: &Texts, may: impl Iterator<Item = bool>) -> (&Self, i32, Vec<&Sign>) {
        let found: Vec<&Sign> = (self.signs.iter().zip(may))
            .filter(|(sign, may)| (*may || sign.place != Place::Text) && sign.is_in(texts))
            .map(|(sign, _)| sign)
            .collect();
        (self, found.iter().map(|sign| sign.weight).sum(), found)
    }
}

impl Sign {
    fn is_in(&self, texts: &Texts) -> bool {
        match self.place {
            Place::Text => self.pattern.is_match(&texts.own),
            Place::Subject => self.pattern.is_match(&texts.subject),
            Place::Attachment => self.pattern.is_match(&texts.attachments),
        }
    }
}

/// `an invoice number (+70), an invoice (+35)`
fn named(signs: &[&Sign]) -> String {
    let signs: Vec<String> = signs.iter().map(|sign| format!("{} ({:+})", sign.name, sign.weight)).collect();
    signs.join(", ")
}

/// What signs are looked for in, folded.
struct Texts {
    /// The subject, a full stop, the writer's own words.
    own: String,
    subject: String,
    attachments: String,
}

/// The inquiry chosen and why.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Choice {
    pub id: String,
    /// Score of each inquiry, best first.
    pub scores: Vec<(String, i32)>,
    /// Such as `words 'klacht indienen'` or `the mailbox`.
    pub why: String,
}

/// Longest text that signs are looked for in, in bytes: what a mail is about stands at its start.
const LONGEST: usize = 20_000;

/// Chooses by content, else by mailbox.
#[must_use]
pub fn choose(view: &View) -> Choice {
    let message = view.message;
    let subject = fold(&message.subject);
    let mut own = format!("{subject}.\n");
    for section in view.sections.of(&[Zone::Own, Zone::OwnEarlier]) {
        own.push_str(message.text.get(section.span.clone()).unwrap_or_default());
        own.push('\n');
        if own.len() > LONGEST {
            break;
        }
    }
    if let Some(author) = message.author() {
        for mail in
            message.attached.iter().filter(|mail| mail.from.iter().any(|from| from.address == author.address))
        {
            own.push_str(&mail.text);
            own.push('\n');
        }
    }
    own.truncate(own.floor_char_boundary(LONGEST));
    let names: Vec<&str> =
        message.attachments.iter().filter_map(|attachment| attachment.name.as_deref()).collect();
    let texts = Texts { own: unwrapped(&fold(&own)), subject, attachments: fold(&names.join("\n")) };
    view.context.rules.inquiry_words.choose(&texts, &view.context.mailbox.inquiry)
}

/// A line longer than this was wrapped by a mail program: its end is none of the writer's.
const WRAPPED: usize = 50;

/// The text with a blank in the place of each line end that a mail program made.
fn unwrapped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut lines = text.split('\n').peekable();
    while let Some(line) = lines.next() {
        out.push_str(line);
        let goes_on = line.len() > WRAPPED && lines.peek().is_some_and(|next| !next.trim().is_empty());
        out.push(if goes_on { ' ' } else { '\n' });
    }
    out
}

#[cfg(test)]
mod tests;
