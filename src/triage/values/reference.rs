//! Numbers and codes by the patterns of a rule file (kind `pattern`), choices and labelled text.
//!
//! A code that looks like one of ours counts wherever it stands, any other only where a label or
//! the words before it say what it is. The nearest of `near` and `not_after` decides.

mod judge;
mod order;
mod token;
mod told;

use std::ops::Range;

use super::super::expression::Expression;
use super::super::fault::{Fault, Place};
use super::super::fields::{Candidate, Evidence, FLOOR, Field, FieldRules, Kind, Source, Value, pattern};
use super::super::reading::View;
use super::super::text::Zone;
use super::labels::fold;
use super::phrases::Phrases;
use judge::judge;
use order::Order;
pub use order::OrderRules;
use token::{Token, Vocabulary, tokens};

/// Codes of one text that are looked at.
const MOST_TOKENS: usize = 300;
/// Bytes between a word and the number that it speaks of.
const REACH: usize = 80;
/// Taken off an invoice that is said to be paid, or not to be the one.
const SETTLED: i32 = 30;
/// Said of a code that counts only where it is the only one.
const AMID_TALK: &str = "a code in a mail about one";
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
    /// Words that say that the one named next is meant.
    asked: Phrases,
    /// Words right behind the name that say that it is one of ours.
    ours: Phrases,
    /// Words that make a short number an amount.
    amounts: Phrases,
    /// Words that say that there is no number.
    denials: Phrases,
    /// Words that may stand between.
    between: Vec<String>,
    /// Words that a code does not begin with.
    fillers: Vec<String>,
    number_words: Vec<String>,
    /// Words for the number of something else, with which such a number may begin ("PO-2026-0417").
    others: Vec<String>,
    /// Words for the thing itself, which a code may begin with behind another of them.
    names: Vec<String>,
    /// Words that point at the one that is meant ("het gaat om").
    pointing: Vec<String>,
    /// Words that count them off ("de tweede klopt niet").
    order: Order,
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
        let order = Order::compile(&rules.order, &place.clone().key("order"), faults);
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
            amounts: phrases(&rules.amounts, "amounts"),
            asked: phrases(&rules.asked, "asked"),
            ours: phrases(&rules.ours, "ours"),
            denials: phrases(&rules.denials, "denials"),
            between: lower(&rules.between),
            fillers: [
                &rules.between,
                &rules.near,
                &rules.number_words,
                &rules.less_after,
                &rules.apart,
                &rules.not_after,
            ]
            .into_iter()
            .flat_map(|list| lower(list))
            .collect(),
            others: lower(&rules.not_after),
            number_words: lower(&rules.number_words),
            names: lower(&rules.near),
            pointing: lower(&rules.pointing),
            order,
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
    only_alone(out);
    prefer_the_subject(out);
    all.append(out);
}

/// Of several that the text names, the one that the subject names too.
fn prefer_the_subject(found: &mut [Candidate]) {
    const MORE: i32 = 4;
    let in_subject = |one: &Candidate| one.evidence.source == Source::Subject;
    let mut named = found.iter().filter(|one| in_subject(one)).map(|one| one.value.clone());
    let (Some(named), None) = (named.next(), named.next()) else { return };
    let others = || found.iter().filter(|one| !in_subject(one));
    if others().any(|one| one.value == named) && others().any(|one| one.value != named) {
        for one in found.iter_mut().filter(|one| one.value == named) {
            one.score += MORE;
            one.why.push_str(if in_subject(one) {
                "; the text names it too"
            } else {
                "; the subject names it too"
            });
        }
    }
}

/// Of several codes of which only the mail around them tells, nobody knows which one is meant.
fn only_alone(found: &mut Vec<Candidate>) {
    let mut codes = found.iter().filter(|one| one.why == AMID_TALK).map(|one| &one.value);
    let first = codes.next();
    if codes.any(|code| Some(code) != first) {
        found.retain(|one| !one.why.starts_with(AMID_TALK));
    }
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
    let before = out.len();
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
    if let Some(found) = out.get_mut(before..) {
        field.reference.order.point(&field.reference, text, found);
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

fn words_in(text: Option<&str>) -> usize {
    text.map_or(usize::MAX, |text| text.split_whitespace().filter(|word| !fold(word).is_empty()).count())
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
