//! A table whose first row names what the second holds.

use std::ops::Range;

use super::super::super::fields::{Kind, Source};
use super::book::{Claim, LabelBook};
use super::line::{LONGEST_LABEL, Line};
use super::{Labelled, Shape, trimmed};

/// The pairs of such a table; nothing where the two lines are none.
pub fn pairs(text: &str, source: &Source, head: &Line, below: &Line, book: &LabelBook) -> Vec<Labelled> {
    let heads = cells(text, head);
    if heads.len() < 2 {
        return Vec::new();
    }
    let values = cells(text, below);
    let is_label = |cell: &Range<usize>| {
        text.get(cell.clone()).filter(|cell| cell.len() <= LONGEST_LABEL).and_then(|cell| book.claims(cell))
    };
    let claims: Vec<Option<&[Claim]>> = heads.iter().map(is_label).collect();
    if values.len() != heads.len()
        || claims.iter().all(Option::is_none)
        || values.iter().any(|value| is_label(value).is_some())
    {
        return Vec::new();
    }
    // Heads that nobody knows ("Vervaldatum", "Saldo") may as well be answers; a code below one that is
    // known is none of another question.
    let known = claims.iter().all(Option::is_some);
    let digits = |cell: &Range<usize>| {
        text.get(cell.clone()).is_some_and(|cell| cell.contains(|c: char| c.is_ascii_digit()))
    };
    let is_code = |at: usize, claim: &&Claim| {
        claim.kind == Kind::Pattern && (heads.len() > 2 || at == 0) && values.get(at).is_some_and(digits)
    };
    if !known && heads.iter().any(digits) {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (at, ((head, value), claims)) in heads.iter().zip(&values).zip(claims).enumerate() {
        let claims = claims.unwrap_or_default().iter();
        out.extend(claims.filter(|claim| known || is_code(at, claim)).map(|claim| Labelled {
            field: claim.field.clone(),
            source: source.clone(),
            label: head.clone(),
            value: value.clone(),
            no_answer: text.get(value.clone()).is_none_or(|value| book.says_nothing(value)),
            shape: Shape::Line,
            shared: claim.shared,
        }));
    }
    out
}

/// The cells of a line of a table, trimmed; empty ones between others are kept.
fn cells(text: &str, line: &Line) -> Vec<Range<usize>> {
    let Some(content) = text.get(line.start..line.end) else { return Vec::new() };
    if !content.contains(['\t', '|']) {
        return columns(content, line.start);
    }
    let inner = content.trim_matches(['|', ' ']);
    let mut start = line.start + (content.len() - content.trim_start_matches(['|', ' ']).len());
    let mut cells = Vec::new();
    for cell in inner.split(['\t', '|']) {
        cells.push(trimmed(text, start..start + cell.len()));
        start += cell.len() + 1;
    }
    cells
}

/// What two blanks and more part; nothing where there are none.
fn columns(content: &str, start: usize) -> Vec<Range<usize>> {
    if !content.trim().contains("  ") {
        return Vec::new();
    }
    let mut at = start;
    let mut columns = Vec::new();
    for part in content.split("  ") {
        let kept = part.trim();
        if !kept.is_empty() {
            let from = at + (part.len() - part.trim_start().len());
            columns.push(from..from + kept.len());
        }
        at += part.len() + 2;
    }
    columns
}
