//! Numbers and codes by the patterns of a rule file (kind `pattern`), choices and labelled text.
//!
//! A code that looks like one of ours counts wherever it stands, any other only where a label or
//! the words before it say what it is. The nearest of `near` and `not_after` decides.

mod token;
mod told;

use std::ops::Range;

use super::super::expression::Expression;
use super::super::fault::{Fault, Place};
use super::super::fields::{Candidate, Evidence, FLOOR, Field, FieldRules, Kind, Source, Value, pattern};
use super::super::reading::View;
use super::super::text::Zone;
use super::context::{Phrases, sentence_after, sentence_before, words_before};
use super::labels::{Labelled, Shape, fold};
use token::{Token, Vocabulary, tokens};
use told::{is_near, is_the_subject, joined, named_behind, told_of_before};

/// Codes of one text that are looked at.
const MOST_TOKENS: usize = 300;
/// Bytes between a word and the number that it speaks of.
const REACH: usize = 80;
/// Taken off an invoice that is said to be paid, or not to be the one.
const SETTLED: i32 = 16;
/// Said of it in `explain`.
const IS_SETTLED: &str = "; said to be settled, or not the one";

/// What a field of kind pattern or choice is recognised by.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    /// The whole of a value that needs no label.
    strong: Vec<Expression>,
    /// Anything that may be a value.
    shape: Option<Expression>,
    near: Phrases,
    not_after: Phrases,
    apart: Phrases,
    less_after: Phrases,
    less_before: Phrases,
    more_before: Phrases,
    /// Words that may stand between.
    between: Vec<String>,
    /// Words that a code does not begin with.
    fillers: Vec<String>,
    number_words: Vec<String>,
    /// Words for the thing itself, which a code may begin with behind another of them.
    names: Vec<String>,
    /// Words that point at the one that is meant ("het gaat om").
    pointing: Vec<String>,
}

impl Reference {
    /// Faults are added to `faults`, their place under `place`.
    pub fn compile(rules: &FieldRules, place: &Place, faults: &mut Vec<Fault>) -> Self {
        let all = |list: &[String], key: &str, faults: &mut Vec<Fault>| -> Vec<Expression> {
            let place = |i| place.clone().key(key).index(i);
            list.iter().enumerate().filter_map(|(i, text)| pattern(text, place(i), faults)).collect()
        };
        let strong = all(&rules.patterns, "patterns", faults);
        let labelled = all(&rules.labelled_patterns, "labelled_patterns", faults);
        let shapes: Vec<&str> = labelled.iter().chain(&strong).map(Expression::source).collect();
        // A mail program may have broken the line at any blank.
        let shape = format!(r"\b(?:{})\b", shapes.join("|").replace(' ', r"[ \n]"));
        let whole = |regex: &Expression| insensitive(format!("^(?:{})$", regex.source()));
        let mut phrases =
            |list: &[String], key: &str| Phrases::compile(list, &place.clone().key(key), faults);
        let lower = |list: &[String]| -> Vec<String> { list.iter().map(|word| fold(word)).collect() };
        Self {
            strong: strong.iter().filter_map(whole).collect(),
            shape: (!shapes.is_empty()).then(|| insensitive(shape)).flatten(),
            near: phrases(&rules.near, "near"),
            not_after: phrases(&rules.not_after, "not_after"),
            apart: phrases(&rules.apart, "apart"),
            less_after: phrases(&rules.less_after, "less_after"),
            more_before: phrases(&rules.more_before, "more_before"),
            less_before: phrases(&rules.less_before, "less_before"),
            between: lower(&rules.between),
            fillers: [&rules.between, &rules.near, &rules.number_words, &rules.less_after, &rules.apart]
                .into_iter()
                .flat_map(|list| lower(list))
                .collect(),
            number_words: lower(&rules.number_words),
            names: lower(&rules.near),
            pointing: lower(&rules.pointing),
        }
    }
}

/// Each part has been checked by itself.
fn insensitive(text: String) -> Option<Expression> {
    Expression::any_case(text).ok()
}

/// Adds a candidate for each value of a field of kind pattern, choice or text.
pub fn find(view: &View, out: &mut Vec<Candidate>) {
    for field in &view.context.rules.fields.list {
        match field.kind {
            Kind::Pattern => patterns(view, field, out),
            Kind::Choice => labelled(view, field, choice, out),
            Kind::Text => labelled(view, field, |_, text| Some(text.to_owned()), out),
            _ => {}
        }
    }
}

fn patterns(view: &View, field: &Field, all: &mut Vec<Candidate>) {
    let message = view.message;
    let out = &mut Vec::new();
    in_text(view, field, &Source::Subject, &message.subject, out);
    in_text(view, field, &Source::Body, &message.text, out);
    for (index, attached) in message.attached.iter().enumerate() {
        in_text(view, field, &Source::Attached(index), &attached.text, out);
    }
    for (index, attachment) in message.attachments.iter().enumerate() {
        if let Some(name) = &attachment.name {
            // Of the same length, so that spans stay true.
            let stem = name.rfind('.').filter(|dot| name.len() - dot <= 5).unwrap_or(name.len());
            let words: String =
                name.char_indices().map(|(at, c)| if c == '_' || at == stem { ' ' } else { c }).collect();
            in_text(view, field, &Source::AttachmentName(index), &words, out);
        }
    }
    settle(out);
    all.append(out);
}

/// What is said of a number once ("118834 is betaald") is true of it wherever it stands.
fn settle(found: &mut [Candidate]) {
    let settled: Vec<Value> =
        found.iter().filter(|one| one.why.ends_with(IS_SETTLED)).map(|one| one.value.clone()).collect();
    for one in found.iter_mut() {
        if settled.contains(&one.value) && !one.why.ends_with(IS_SETTLED) {
            one.score = less_by_settled(one.score);
            one.why.push_str(IS_SETTLED);
        }
    }
}

/// Any other one that is pointed at goes before it; alone it is still the one.
fn less_by_settled(score: i32) -> i32 {
    (score - SETTLED).max(score.min(FLOOR))
}

fn in_text(view: &View, field: &Field, source: &Source, text: &str, out: &mut Vec<Candidate>) {
    let Some(shape) = &field.reference.shape else { return };
    let Reference { fillers, names, number_words: numbers, .. } = &field.reference;
    for token in tokens(text, shape, &Vocabulary { fillers, names, numbers }, MOST_TOKENS) {
        let Some((score, why)) = judge(view, field, source, text, &token) else { continue };
        let less = match (source, zone(view, source, &token)) {
            (Source::Body, Zone::OwnEarlier) => 6,
            (Source::Body, Zone::QuotedOurs) | (Source::AttachmentName(_) | Source::Attached(_), _) => 15,
            (Source::Body, Zone::QuotedOther | Zone::Boilerplate) => continue,
            (Source::Subject, _) => 2,
            _ => 0,
        };
        out.push(Candidate {
            field: field.id.clone(),
            value: Value::Text(token.value.clone()),
            evidence: evidence(view, source, token.span.clone(), text),
            score: score - less,
            why,
        });
    }
}

fn zone(view: &View, source: &Source, token: &Token) -> Zone {
    if *source == Source::Body { view.sections.zone_at(token.span.start) } else { Zone::Own }
}

fn evidence(view: &View, source: &Source, span: Range<usize>, text: &str) -> Evidence {
    let written = match source {
        Source::AttachmentName(index) => {
            view.message.attachments.get(*index).and_then(|a| a.name.as_deref()).unwrap_or(text)
        }
        _ => text,
    };
    let text = written.get(span.clone()).unwrap_or_default().to_owned();
    Evidence { source: source.clone(), span, text }
}

/// What the words around a code say of it; `None`: nothing.
fn judge(view: &View, field: &Field, source: &Source, text: &str, token: &Token) -> Option<(i32, String)> {
    let rules = &field.reference;
    let before = text.get(sentence_before(text, token.span.start, 0))?;
    let near = rules.near.last_end(before).filter(|end| before.len() - end <= REACH);
    // The end of "ggz-consult" is no consult's number.
    let whole = |start: usize| !before.get(..start).unwrap_or_default().ends_with('-');
    let other = rules.not_after.all(before).filter(|found| whole(found.start())).last();
    let strong = rules.strong.iter().any(|regex| regex.is_match(&token.value));
    let parted = |end: usize| strong && before.get(end..).is_some_and(|gap| rules.apart.found(gap));
    let other = other.map(|found| found.end());
    let other = other.filter(|end| is_near(rules, before.get(*end..)) && !parted(*end));
    let label = view.labels.iter().find(|label| {
        label.source == *source && label.field == field.id && label.value.contains(&token.span.start)
    });
    let label = label.filter(|label| {
        first_word(view, rules, text, label, token)
            && !(label.shape == Shape::Inline && of_another(rules, text, label))
    });
    if label.is_none() && (other > near || case_number(view, text, token)) {
        return None;
    }
    let gap = near.and_then(|end| before.get(end..));
    let less = near.is_some_and(|end| {
        before.get(..end).and_then(|part| rules.less_after.last_end(part)).is_some_and(|at| end - at <= 40)
    });
    // "niet om 2026-00123", "vervangt 2026-00123"
    let right_before = rules.less_after.last_end(before);
    let less = less || right_before.is_some_and(|end| words_in(before.get(end..)) <= 1);
    let behind = text.get(sentence_after(text, token.span.end, text.len())).unwrap_or_default();
    let less = less
        || rules
            .less_before
            .all(behind)
            .next()
            .is_some_and(|found| words_in(behind.get(..found.start())) <= 8);
    let (score, why) = if let Some(label) = label {
        (90, format!("label '{}'", text.get(label.label.clone()).unwrap_or_default()))
    } else if strong && rules.more_before.begins_within(behind, 2) {
        (92, "said to be the one".to_owned())
    } else if let Some(how) = gap.and_then(|gap| joined(rules, gap)) {
        (how, "the words before it".to_owned())
    } else if strong {
        (74, "looks like one".to_owned())
    } else if named_behind(rules, text, token) {
        (75, "the words behind it".to_owned())
    } else if near.is_some()
        && !token.plain()
        && token.digits() > 4
        && !token.value.contains(' ')
        && !spaced(text, token)
    {
        (62, "in a sentence about one".to_owned())
    } else if (!token.plain() || token.begins_with_year())
        && told_of_before(rules, text, &view.message.subject, token)
    {
        (72, "the invoice told of before".to_owned())
    } else if is_the_subject(view, field, token) {
        (70, "the subject is nothing else".to_owned())
    } else {
        return None;
    };
    Some(if less { (less_by_settled(score), why + IS_SETTLED) } else { (score, why) })
}

/// Blanks that are not just room around its slashes.
fn spaced(text: &str, token: &Token) -> bool {
    text.get(token.span.clone()).is_some_and(|written| {
        written.split(['/', '-']).any(|part| part.trim().contains(char::is_whitespace))
    })
}

/// "PO on invoice: 4500"
fn of_another(rules: &Reference, text: &str, label: &Labelled) -> bool {
    let before = text.get(words_before(text, label.label.start, 0, 2)).unwrap_or_default();
    rules.not_after.last_end(before).is_some()
}

/// Is the code what the label asks for, and not something further on in its value?
fn first_word(view: &View, rules: &Reference, text: &str, label: &Labelled, token: &Token) -> bool {
    // What a quoted letter asks is answered in sentences: "Boven in de hoek staat …".
    let asked = label.source == Source::Body
        && matches!(view.sections.zone_at(label.label.start), Zone::QuotedOurs | Zone::QuotedOther);
    let most = if asked { 8 } else { 3 };
    let between = text.get(label.value.start..token.span.start);
    between.is_some_and(|between| {
        words_in(Some(between)) <= most
            && !between.contains(|c: char| c.is_ascii_digit())
            // "in rekening: holter met serienummer HK-20931"
            && !rules.not_after.found(between)
    })
}

fn words_in(text: Option<&str>) -> usize {
    text.map_or(usize::MAX, |text| text.split_whitespace().filter(|word| !fold(word).is_empty()).count())
}

/// One of our own case numbers: the prefix of an inquiry, the year and six digits; or any code in
/// the square brackets that our subjects put them in.
fn case_number(view: &View, text: &str, token: &Token) -> bool {
    let bracketed = text.get(..token.span.start).is_some_and(|before| before.ends_with('['))
        && text.get(token.span.end..).is_some_and(|after| after.starts_with(']'));
    bracketed
        || view.context.rules.inquiries.iter().any(|inquiry| {
            let rest = token.value.strip_prefix(&inquiry.case_prefix.to_uppercase());
            rest.and_then(|rest| rest.strip_prefix('-')).and_then(|rest| rest.split_once('-')).is_some_and(
                |(year, number)| {
                    let digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
                    year.len() == 4 && number.len() == 6 && digits(year) && digits(number)
                },
            )
        })
}

/// Values behind labels, for choices and free text.
fn labelled(view: &View, field: &Field, value: fn(&Field, &str) -> Option<String>, out: &mut Vec<Candidate>) {
    for label in view.labels.iter().filter(|label| label.field == field.id && !label.no_answer) {
        let text = match &label.source {
            Source::Body => Some(view.message.text.as_str()),
            Source::Subject => Some(view.message.subject.as_str()),
            _ => None,
        };
        let own = label.source != Source::Body
            || matches!(
                view.sections.zone_at(label.value.start),
                Zone::Own | Zone::Signature | Zone::OwnEarlier
            );
        let Some(text) = text.filter(|_| own) else { continue };
        let Some(written) = text.get(label.value.clone()) else { continue };
        let Some(value) = value(field, written) else { continue };
        out.push(Candidate {
            field: field.id.clone(),
            value: Value::Text(value),
            evidence: evidence(view, &label.source, label.value.clone(), text),
            score: 90,
            why: format!("label '{}'", text.get(label.label.clone()).unwrap_or_default()),
        });
    }
}

/// The one choice that the words mean; several: that is no answer.
fn choice(field: &Field, written: &str) -> Option<String> {
    let said: Vec<String> = written.split(|c: char| !c.is_alphanumeric()).map(fold).collect();
    let whole = fold(written);
    let mut meant = field.rules.choices.iter().filter(|(id, words)| {
        std::iter::once(*id)
            .chain(words.iter())
            .map(|word| fold(word))
            .any(|word| whole == word || said.contains(&word))
    });
    let first = meant.next()?;
    meant.next().is_none().then(|| first.0.clone())
}
