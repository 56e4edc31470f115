//! Stretches of a text that answer something else than what the question or the story is.

use std::ops::Range;

use super::super::super::fields::{Candidate, Evidence, Kind, Source};
use super::super::super::reading::View;
use super::super::labels::Shape;

/// A line that is no longer was ended by its writer.
const WRAPPED: usize = 60;
/// The longest label, in bytes.
const LONGEST_LABEL: usize = 40;
/// The longest answer to a label of another field, in bytes.
const LONGEST_ANSWER: usize = 160;

/// What stands behind labels of other fields, labels included.
pub(super) fn others<'a>(view: &'a View, field: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let of_field = move |start: usize| {
        view.labels
            .iter()
            .any(|label| label.field == field && label.source == Source::Body && label.label.start == start)
    };
    view.labels
        .iter()
        .filter(move |label| {
            label.source == Source::Body && label.field != field && !of_field(label.label.start)
        })
        // What is longer is no answer to a short question but the story itself.
        .filter(|label| label.shape == Shape::Line && label.value.len() <= LONGEST_ANSWER)
        .filter(|label| !is_amid_prose(&view.message.text, label.label.start))
        .map(|label| {
            let end = answer_end(&view.message.text, label.value.clone());
            label.label.start..end.max(label.label.end)
        })
}

/// "Mijn gegevens: Ilse Vromans, 0343 55 62 17. Het gaat om …": where the answer ends and a story begins.
fn answer_end(text: &str, value: Range<usize>) -> usize {
    /// Words that a sentence has at least.
    const FEWEST: usize = 5;
    let answer = text.get(value.clone()).unwrap_or_default();
    let is_end = |(at, _): &(usize, &str)| {
        let (before, behind) = answer.split_at(*at);
        let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let rest = behind.trim_start_matches('.').trim_start();
        word.len() > 1
            && word.ends_with(|c: char| c.is_ascii_digit())
            && rest.starts_with(char::is_uppercase)
            && rest.split_whitespace().count() >= FEWEST
    };
    answer.match_indices(". ").find(is_end).map_or(value.end, |(at, _)| value.start + at + 1)
}

/// Lines of a form that answer what we do not ask for: "Bedrijf: Fysio & Co, Bergen op Zoom".
pub(super) fn rows_of_others<'a>(view: &'a View) -> impl Iterator<Item = Range<usize>> + 'a {
    let text = view.message.text.as_str();
    let mut at = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let start = at;
        at += line.len();
        let (label, answer) = line.split_once(':')?;
        let other = label.len() <= LONGEST_LABEL
            && answer.trim().len() <= LONGEST_ANSWER
            && view.context.rules.fields.labels.claims(label).is_some_and(<[_]>::is_empty);
        other.then(|| start..start + line.trim_end().len())
    })
}

/// The writer's name on a line of its own, and what else stands there ("Bep Roosendaal, Maassluis").
pub(super) fn names<'a>(
    view: &'a View,
    candidates: &'a [Candidate],
) -> impl Iterator<Item = Range<usize>> + 'a {
    let text = view.message.text.as_str();
    let is_name = |candidate: &Candidate| {
        view.context.rules.fields.get(&candidate.field).map(|field| field.kind) == Some(Kind::Name)
    };
    candidates.iter().filter(move |candidate| is_name(candidate)).filter_map(move |candidate| {
        let Evidence { source: Source::Body, span, .. } = &candidate.evidence else { return None };
        let before = text.get(..span.start)?;
        let starts = before.trim_end_matches([' ', '\t']).ends_with('\n') || before.trim().is_empty();
        let ends = text
            .get(span.end..)
            .is_some_and(|rest| rest.trim_start_matches([' ', '\t', '\r']).starts_with('\n'));
        (starts && ends).then(|| span.clone())
    })
}

/// "… naar het oude\nnummer 06-…": a line that a mail program broke, and no label.
fn is_amid_prose(text: &str, label: usize) -> bool {
    let mut above = text.get(..label).unwrap_or_default().rsplit('\n');
    let lead = above.next().unwrap_or_default();
    let line = above.next().unwrap_or_default().trim_end();
    let small = text.get(label..).is_some_and(|rest| rest.starts_with(char::is_lowercase));
    small && lead.is_empty() && line.len() >= WRAPPED && line.ends_with(char::is_alphabetic)
}
