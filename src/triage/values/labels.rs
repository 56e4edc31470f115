//! Labels in all their shapes (`Naam:`, `Naam -`, a tab, the next line, a table cell, several on a
//! line): found once for all fields, used by every finder.
//!
//! Decides nothing: which of two values counts, and in which zone, is for the finder to say. Time
//! is linear in the text: each separator looks back over a bounded number of words.

mod book;
mod line;
mod table;
mod typed;

use std::ops::Range;

use super::super::fields::{Fields, Kind, Source};
use super::super::message::Message;
use super::super::text::TextMarks;

pub use book::{Claim, LabelBook, fold};
use line::{Line, Mark};
pub use typed::rezoned;

/// Longest value that a label can have, in characters; what is longer is no answer to a question.
pub const LONGEST_VALUE: usize = 1_000;
/// Labels of one text that are looked at: more is no mail of a person.
const MOST_MARKS: usize = 2_000;

/// How plainly a label stands as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// At the start of a line or of a table cell.
    Line,
    /// In the middle of a line, before a colon.
    Inline,
}

/// A label with what stands behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    /// Id of the field that the label names, or `FIELD.PART` for a label of a part (`name.first`).
    /// A label that several fields share gives one `Labelled` for each.
    pub field: String,
    pub source: Source,
    /// The label as written, without its punctuation.
    pub label: Range<usize>,
    /// What stands behind it, trimmed; empty when nothing does.
    pub value: Range<usize>,
    /// The value is a non-answer ("volgt", "n.v.t.", "-", "zie bijlage") or nothing.
    pub no_answer: bool,
    pub shape: Shape,
    /// Other fields may take a part of the same value ("Contact: Jan – 06 … – jan@…").
    pub shared: bool,
}

/// All labels in body, subject and attached mails, in order.
#[must_use]
pub fn find(message: &Message, marks: &TextMarks, fields: &Fields) -> Vec<Labelled> {
    let mut out = Vec::new();
    in_text(&message.text, &Source::Body, marks, &fields.labels, &mut out);
    in_text(&message.subject, &Source::Subject, marks, &fields.labels, &mut out);
    for (index, attached) in message.attached.iter().enumerate() {
        in_text(&attached.text, &Source::Attached(index), marks, &fields.labels, &mut out);
    }
    out
}

/// Kinds that a signature states too.
const OF_A_PERSON: [Kind; 3] = [Kind::Name, Kind::Phone, Kind::Email];

/// Where the rows of a form begin that ask for more than who somebody is; none where a single one does.
#[must_use]
pub fn rows(labels: &[Labelled], fields: &Fields) -> Vec<usize> {
    let asks = |label: &&Labelled| {
        let kind = label.field.split('.').next().and_then(|id| fields.get(id)).map(|field| field.kind);
        label.source == Source::Body
            && label.shape == Shape::Line
            && !label.value.is_empty()
            && kind.is_some_and(|kind| !OF_A_PERSON.contains(&kind))
    };
    let mut rows: Vec<usize> = labels.iter().filter(asks).map(|row| row.label.start).collect();
    rows.sort_unstable();
    rows.dedup();
    if rows.len() > 1 { rows } else { Vec::new() }
}

fn in_text(text: &str, source: &Source, closings: &TextMarks, book: &LabelBook, out: &mut Vec<Labelled>) {
    let lines = line::split(text);
    let mut marks: Vec<Mark> = Vec::new();
    let mut rest = lines.iter().peekable();
    while let Some(line) = rest.next() {
        if marks.len() >= MOST_MARKS || out.len() >= MOST_MARKS {
            break;
        }
        let below = rest.peek().copied();
        let pairs = below.map(|below| table::pairs(text, source, line, below, book)).unwrap_or_default();
        if pairs.is_empty() {
            line::marks(text, line, below, book, &mut marks);
        } else {
            out.extend(pairs);
            rest.next();
        }
    }
    // One line may hold any number of them.
    marks.truncate(MOST_MARKS);
    let ends = marks.iter().skip(1).map(|next| next.start).chain([text.len()]);
    for (mark, next) in marks.iter().zip(ends) {
        out.extend(mark.claims.iter().map(|claim| {
            let value = value(text, &lines, mark, next, claim, closings);
            let value = bounded(text, value, claim.kind);
            Labelled {
                field: claim.field.clone(),
                source: source.clone(),
                label: mark.label.clone(),
                no_answer: text.get(value.clone()).is_none_or(|answer| book.says_nothing(answer)),
                value,
                shape: mark.shape,
                shared: claim.shared,
            }
        }));
    }
}

/// Where the value of a label stands, trimmed. `next` is where the next label starts.
fn value(
    text: &str,
    lines: &[Line],
    mark: &Mark,
    next: usize,
    claim: &Claim,
    closings: &TextMarks,
) -> Range<usize> {
    let Some(here) = lines.get(mark.line) else { return mark.end..mark.end };
    let rest = mark.end..here.end.min(next).max(mark.end);
    let rest = if claim.shared || flows(claim.kind) { rest } else { first_cell(text, rest) };
    let found = trimmed(text, rest.clone());
    let stated = text.get(rest).is_some_and(|rest| !rest.trim_matches([' ', '\t', '*', '_', '|']).is_empty());
    if stated || next < here.end {
        return if flows(claim.kind) { flowing(text, lines, mark.line, found, next) } else { found };
    }
    // The next line, or the one behind an empty one (forms laid out as paragraphs).
    let below = lines.iter().enumerate().skip(mark.line + 1).take(2).find(|(_, line)| !line.is_empty(text));
    let Some((index, below)) = below else { return found };
    if next < below.end || line::looks_labelled(text, below) {
        return found;
    }
    let first = trimmed(text, below.start..below.end);
    // "Betrokkenen:", left empty, and the end of the letter below it.
    if text.get(first.clone()).is_some_and(|first| closings.closes(first)) {
        return found;
    }
    if flows(claim.kind) { flowing(text, lines, index, first, next) } else { first }
}

/// Kinds whose value may go on for several lines.
fn flows(kind: Kind) -> bool {
    matches!(kind, Kind::Description | Kind::Text | Kind::Persons)
}

/// Goes on until an empty line or the next label.
fn flowing(text: &str, lines: &[Line], index: usize, first: Range<usize>, next: usize) -> Range<usize> {
    let more = lines.iter().skip(index + 1).take_while(|line| {
        !line.is_empty(text)
            && next >= line.end
            && line.start.saturating_sub(first.start) <= 4 * LONGEST_VALUE
            && !line::looks_labelled(text, line)
    });
    let end = more.last().map_or(first.end, |line| line.end);
    trimmed(text, first.start..end.max(first.end))
}

/// Up to the next cell of a table.
fn first_cell(text: &str, span: Range<usize>) -> Range<usize> {
    let Some(part) = text.get(span.clone()) else { return span };
    // Separators at the very start belong to the label.
    let skipped = part.len() - part.trim_start_matches(['\t', '|', ' ']).len();
    let end = part.get(skipped..).and_then(|rest| rest.find(['\t', '|'])).map(|at| at + skipped);
    span.start..end.map_or(span.end, |at| span.start + at)
}

/// Without blanks, emphasis and the punctuation that joins a label to its value.
fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    let Some(part) = text.get(span.clone()) else { return span.start..span.start };
    let front = part.trim_start_matches(|c: char| c.is_whitespace() || "*_:;=|>-–—•·,.?→".contains(c));
    if front.is_empty() {
        return span.start..span.start;
    }
    let start = span.start + (part.len() - front.len());
    let kept = front.trim_end_matches(|c: char| c.is_whitespace() || "*_|,;".contains(c));
    start..start + kept.len()
}

/// What is too long to be an answer is none; a long story is cut.
fn bounded(text: &str, value: Range<usize>, kind: Kind) -> Range<usize> {
    let cut = text.get(value.clone()).and_then(|part| part.char_indices().nth(LONGEST_VALUE));
    match cut {
        None => value,
        Some((cut, _)) if flows(kind) => value.start..value.start + cut,
        Some(_) => value.start..value.start,
    }
}
