//! What the question or incident is, in the writer's own words.
//!
//! Rather the whole of what somebody tells than one sentence of it: greeting, closing, contact data
//! and lines that answer other labels are left out. A mail that only says that there is a question
//! tells none: then nothing is claimed.

mod sentences;
mod taken;

use std::ops::Range;

use rustc_hash::FxHashSet;
use schemars::JsonSchema;
use serde::Deserialize;

use super::super::expression::Expression;
use super::super::fault::{Fault, Place};
use super::super::fields::{Candidate, Evidence, Kind, Source, Value};
use super::super::fold::fold;
use super::super::reading::View;
use super::super::sieve::Sieve;
use super::super::text::Zone;
use super::near;
use sentences::Sentence;
use taken::{names, others, rows_of_others};

/// The longest description, in characters.
const LONGEST: usize = 2_000;
/// Words that a sentence needs to tell something.
const FEWEST_WORDS: usize = 3;
/// Free text of so many words beside a labelled answer belongs to the story.
const STORY: usize = 8;

/// Words of a remark in brackets.
const LONGEST_REMARK: usize = 14;
/// Fewer words beside a label that was answered with nothing are no story.
const FEW: usize = 7;

/// `rules/description.toml`
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DescriptionRules {
    /// Words that start a greeting.
    pub greetings: Vec<String>,
    /// Words that start a closing.
    pub closings: Vec<String>,
    /// Regular expressions for whole sentences that tell nothing.
    pub empty: Vec<String>,
    /// With one of these words even such a sentence tells something.
    pub nonetheless: Vec<String>,
    /// Words of which a subject needs one to tell something.
    pub telling: Vec<String>,
    /// Words that mark the heart of a long story.
    pub core: Vec<String>,
    /// Words that send the reader to the subject: `["zie onderwerp"]`.
    pub in_the_subject: Vec<String>,
    /// Behind these a full stop ends no sentence.
    pub abbreviations: Vec<String>,
}

/// [`DescriptionRules`], ready to use.
#[derive(Debug, Default)]
pub struct DescriptionWords {
    list: Option<Patterns>,
}

#[derive(Debug)]
struct Patterns {
    greeting: Expression,
    closing: Expression,
    /// Each by itself: most are done with a sentence after a few letters, while all of them together
    /// have more states than an engine can remember, and it is as slow as it gets.
    empty: Vec<Expression>,
    sieve: Sieve,
    nonetheless: Expression,
    telling: Expression,
    core: Expression,
    in_the_subject: Expression,
    abbreviations: FxHashSet<String>,
}

impl DescriptionWords {
    /// # Errors
    /// Every fault of the rules.
    pub fn compile(rules: &DescriptionRules) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut build = |place: Place, start: &str, source: Result<String, String>, end: &str| {
            let made = source.and_then(|source| near::compile(&format!("{start}(?:{source}){end}")));
            made.map_err(|error| {
                let what = format!("no regular expression: {error}");
                let remedy = "look-around and back references are not possible";
                faults.push(Fault::new(place, what, remedy));
            })
        };
        let mut words = |key: &str, start: &str, words: &[String]| {
            build(Place::default().key(key), start, near::source(words, &[]), "")
        };
        let greeting = words("greetings", "^", &rules.greetings);
        let closing = words("closings", "^", &rules.closings);
        let nonetheless = words("nonetheless", "", &rules.nonetheless);
        let telling = words("telling", "", &rules.telling);
        let core = words("core", "", &rules.core);
        let in_the_subject = words("in_the_subject", "", &rules.in_the_subject);
        let empty = rules.empty.iter().enumerate().map(|(index, pattern)| {
            let source = near::source(&[], std::slice::from_ref(pattern));
            build(Place::default().key("empty").index(index), "^(?:", source, ")$")
        });
        let empty: Vec<_> = empty.filter_map(Result::ok).collect();
        let abbreviations = rules.abbreviations.iter().map(|word| fold(word)).collect();
        match (greeting, closing, nonetheless, telling, core, in_the_subject) {
            (Ok(greeting), Ok(closing), Ok(nonetheless), Ok(telling), Ok(core), Ok(in_the_subject))
                if faults.is_empty() =>
            {
                let sieve = Sieve::default();
                let list = Patterns {
                    greeting,
                    closing,
                    empty,
                    sieve,
                    nonetheless,
                    telling,
                    core,
                    in_the_subject,
                    abbreviations,
                };
                Ok(Self { list: Some(list) })
            }
            _ => Err(faults),
        }
    }
}

impl Patterns {
    /// Does a sentence say more than that somebody has something to say?
    fn tells(&self, text: &str) -> bool {
        let folded = fold(text);
        let bare = folded.trim().trim_end_matches(['.', '!', '?', ',', ':', ' ', ';']);
        // "(graag niet voor negen uur bellen)": a remark of its own tells no story.
        let remark = bare.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'));
        if remark.is_some_and(|inner| {
            !inner.contains(['(', ')']) && inner.split_whitespace().count() <= LONGEST_REMARK
        }) {
            return false;
        }
        let words = bare.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count();
        // "Wat nu?"
        let least = if folded.trim_end().ends_with('?') { FEWEST_WORDS - 1 } else { FEWEST_WORDS };
        // "Ik heb een vraag over mijn account (hoort bij de bloeddrukmeting)."
        let before = bare
            .strip_suffix(')')
            .and_then(|bare| bare.rsplit_once('('))
            .map_or(bare, |(front, _)| front.trim());
        let says_nothing = |text: &str| {
            let may = self.sieve.may_match(text, self.empty.iter());
            self.empty.iter().zip(may).any(|(empty, may)| may && empty.is_match(text))
        };
        // "Ik heb een vraag over mijn account, kan iemand mij bellen?"
        let in_parts = || {
            let silent = |part: &str| says_nothing(part) || !part.contains(char::is_alphabetic);
            bare.contains(", ") && bare.split(", ").all(|part| silent(part.trim()))
        };
        let empty = || says_nothing(bare) || before != bare && says_nothing(before) || in_parts();
        words >= least && (!empty() || self.nonetheless.is_match(bare))
    }

    /// Two words that tell something all the same, where they answer the question for it.
    fn tells_shortly(&self, text: &str) -> bool {
        text.split_whitespace().count() == FEWEST_WORDS - 1 && self.telling.is_match(&fold(text))
    }

    fn subject_tells(&self, text: &str) -> bool {
        self.tells(text) && self.telling.is_match(&fold(text))
    }
}

/// Adds the stretch of own text that says it, when there is one.
pub fn find(view: &View, out: &mut Vec<Candidate>) {
    let Some(patterns) = &view.context.rules.descriptions.list else { return };
    for field in view.context.rules.fields.of_kind(Kind::Description) {
        if sends_to_the_subject(view, patterns) && in_subject(view, patterns, &field.id, out) {
            continue;
        }
        let told = told(view, patterns, &field.id, out);
        if let Some((span, value, why)) = told.as_ref() {
            push(out, &field.id, &view.message.text, Source::Body, span.clone(), value, 80, why);
            continue;
        }
        if !attached(view, patterns, &field.id, out) {
            in_subject(view, patterns, &field.id, out);
        }
    }
}

/// "Zie onderwerp."
fn sends_to_the_subject(view: &View, patterns: &Patterns) -> bool {
    let own = view.sections.of(&[Zone::Own]);
    own.filter_map(|section| view.message.text.get(section.span.clone()))
        .any(|own| patterns.in_the_subject.is_match(&fold(own)))
}

/// The subject, where it tells something.
fn in_subject(view: &View, patterns: &Patterns, field: &str, out: &mut Vec<Candidate>) -> bool {
    let subject = &view.message.subject;
    let start = sentences::behind_marks(subject);
    let rest = subject.get(start..).unwrap_or_default().trim_end();
    let tells = patterns.subject_tells(rest);
    if tells {
        let span = start..start + rest.len();
        push(out, field, subject, Source::Subject, span, &blanks(rest), 70, "the subject asks it");
    }
    tells
}

/// What the writer tells, now and in the earlier mail below: "nog steeds geen antwoord" says little
/// without it.
fn told(
    view: &View,
    patterns: &Patterns,
    field: &str,
    candidates: &[Candidate],
) -> Option<(Range<usize>, String, String)> {
    let text = &view.message.text;
    let zones = [Zone::Own, Zone::OwnEarlier];
    let labelled = labelled(view, field, &zones);
    let mut taken: Vec<Range<usize>> = labelled.iter().map(|value| value.span.clone()).collect();
    taken.extend(others(view, field));
    taken.extend(rows_of_others(view));
    taken.extend(names(view, candidates));
    let lines = view.sections.of(&zones).map(|section| section.span.clone());
    let free = sentences::read(text, lines, &taken, patterns);
    let answers: Vec<Sentence> =
        labelled.iter().flat_map(|value| sentences::of_value(text, value.span.clone(), patterns)).collect();
    let told = |list: &[Sentence]| list.iter().any(|sentence| patterns.tells(&sentence.text));
    let words = || -> usize {
        let telling = free.iter().filter(|sentence| patterns.tells(&sentence.text));
        telling.map(|sentence| sentence.text.split_whitespace().count()).sum()
    };
    if told(&answers) {
        let why = format!("label '{}'", labelled.first().map_or("", |value| value.label.as_str()));
        if words() < STORY {
            return cut(patterns, &answers).map(|(span, value)| (span, value, why));
        }
        let mut all: Vec<Sentence> = answers.into_iter().chain(free).collect();
        all.sort_by_key(|sentence| sentence.span.start);
        return cut(patterns, &all).map(|(span, value)| (span, value, why));
    }
    // "Vraag: wachtwoord vergeten"
    if let Some(short) = answers.iter().find(|answer| patterns.tells_shortly(&answer.text))
        && words() < FEW
    {
        return Some((short.span.clone(), short.text.clone(), "a short answer to its label".to_owned()));
    }
    // A label that was answered with nothing settles it, unless there is a story beside it.
    let settled = !labelled.is_empty() && words() < FEW;
    if settled || !told(&free) {
        return None;
    }
    cut(patterns, &free).map(|(span, value)| (span, value, "the writer's own words".to_owned()))
}

impl Patterns {
    /// The length of the greeting that a line starts with: all of it, or up to its comma.
    fn starts(&self, line: &str) -> usize {
        let folded = fold(line);
        if !self.greeting.is_match(folded.trim_start()) {
            return 0;
        }
        if line.split_whitespace().count() <= 5
            && !line.trim_end().ends_with(['?', '.'])
            && !line.contains(", ")
        {
            return line.len();
        }
        // "Hello, yesterday your nurse came"; a longer salutation is none.
        match line.find([',', '!']) {
            Some(at) if line.get(..at).is_some_and(|part| part.split_whitespace().count() <= 5) => at + 1,
            _ => 0,
        }
    }

    /// Does a full stop behind these words only cut the last of them short ("dhr.")?
    fn abbreviates(&self, words: &str) -> bool {
        let last = words.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        !last.is_empty() && self.abbreviations.contains(&fold(last))
    }

    fn ends(&self, line: &str) -> bool {
        let folded = fold(line);
        self.closing.is_match(folded.trim_start()) && line.split_whitespace().count() <= 7
    }
}

struct Answer {
    label: String,
    span: Range<usize>,
}

/// The answers behind labels of this field.
fn labelled(view: &View, field: &str, zones: &[Zone]) -> Vec<Answer> {
    let text = &view.message.text;
    view.labels
        .iter()
        .filter(|label| label.field == field && label.source == Source::Body)
        .filter(|label| zones.contains(&view.sections.zone_at(label.label.start)))
        .map(|label| Answer {
            label: text.get(label.label.clone()).unwrap_or_default().to_owned(),
            span: if label.no_answer { label.value.start..label.value.start } else { label.value.clone() },
        })
        .collect()
}

/// An attached mail of the same writer counts like forwarded text.
fn attached(view: &View, patterns: &Patterns, field: &str, out: &mut Vec<Candidate>) -> bool {
    let Some(author) = view.message.author() else { return false };
    for (index, mail) in view.message.attached.iter().enumerate() {
        if !mail.from.iter().any(|from| from.address == author.address) {
            continue;
        }
        let whole = std::iter::once(0..mail.text.len());
        let list = sentences::read(&mail.text, whole, &[], patterns);
        if !list.iter().any(|sentence| patterns.tells(&sentence.text)) {
            continue;
        }
        if let Some((span, value)) = cut(patterns, &list) {
            let why = "the writer's own attached mail";
            push(out, field, &mail.text, Source::Attached(index), span, &value, 72, why);
            return true;
        }
    }
    false
}

/// From the first sentence that tells something to the last; of a long story the heart.
fn cut(patterns: &Patterns, list: &[Sentence]) -> Option<(Range<usize>, String)> {
    let from = list.iter().position(|sentence| patterns.tells(&sentence.text))?;
    let to = list.iter().rposition(|sentence| patterns.tells(&sentence.text))?;
    let mut list = list.get(from..=to)?;
    let size = |sentence: &Sentence| sentence.text.chars().count() + 1;
    if list.iter().map(size).sum::<usize>() > LONGEST {
        let weight = |sentence: &Sentence| patterns.core.find_iter(&fold(&sentence.text)).count();
        let (mut from, mut length, mut told, mut best) = (0, 0, 0, (0, 0..1));
        for (to, sentence) in list.iter().enumerate() {
            length += size(sentence);
            told += weight(sentence);
            while length > LONGEST && from < to {
                let Some(out) = list.get(from) else { break };
                length -= size(out);
                told -= weight(out);
                from += 1;
            }
            if told > best.0 {
                best = (told, from..to + 1);
            }
        }
        list = list.get(best.1)?;
    }
    let span = list.first()?.span.start..list.last()?.span.end;
    let value: Vec<&str> = list.iter().map(|sentence| sentence.text.as_str()).collect();
    let value: String = value.join(" ").chars().take(LONGEST).collect();
    Some((span, value))
}

/// One blank between words.
fn blanks(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[expect(clippy::too_many_arguments, reason = "a candidate has that many parts")]
fn push(
    out: &mut Vec<Candidate>,
    field: &str,
    text: &str,
    source: Source,
    span: Range<usize>,
    value: &str,
    score: i32,
    why: &str,
) {
    let Some(words) = text.get(span.clone()) else { return };
    out.push(Candidate {
        field: field.to_owned(),
        value: Value::Text(value.to_owned()),
        evidence: Evidence { source, text: words.to_owned(), span },
        score,
        why: why.to_owned(),
    });
}

#[cfg(test)]
mod tests;
