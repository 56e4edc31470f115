//! One line of a mail: where labels stand in it.

use std::ops::Range;

use super::super::super::fields::Kind::{Date, Pattern, Phone};
use super::book::{Claim, LabelBook};
use super::{Shape, flows, trimmed};

/// Bytes before a separator that can be a label ("op welke datum is het gebeurd").
pub const LONGEST_LABEL: usize = 72;
/// Words of a label in the middle of a line.
const MOST_WORDS: usize = 5;
/// Words before a colon that make a line look like an answer to another question.
const MOST_UNKNOWN_WORDS: usize = 3;
/// The same where a question mark stands before the colon.
const MOST_ASKED_WORDS: usize = 12;

/// A line without its line end.
#[derive(Debug, Clone)]
pub struct Line {
    pub start: usize,
    pub end: usize,
    number: usize,
}

impl Line {
    pub fn is_empty(&self, text: &str) -> bool {
        text.get(self.start..self.end).is_none_or(|line| {
            line.chars().all(|c| c.is_whitespace() || matches!(c, '>' | '*' | '_' | '-' | '=' | '|'))
        })
    }
}

/// A label with its place.
#[derive(Debug)]
pub struct Mark<'a> {
    /// Where its line or cell starts: the value before it ends here.
    pub start: usize,
    pub label: Range<usize>,
    /// Behind its separator.
    pub end: usize,
    pub line: usize,
    pub shape: Shape,
    pub claims: &'a [Claim],
}

pub fn split(text: &str) -> Vec<Line> {
    let mut start = 0;
    let lines = text.split('\n').enumerate().map(|(number, line)| {
        let found = Line { start, end: start + line.len(), number };
        start += line.len() + 1;
        found
    });
    lines.collect()
}

/// The labels of one line, in order.
pub fn marks<'a>(
    text: &str,
    line: &Line,
    below: Option<&Line>,
    book: &'a LabelBook,
    out: &mut Vec<Mark<'a>>,
) {
    let Some(content) = text.get(line.start..line.end) else { return };
    let lead = line.start + lead(content);
    // Where the present cell, and the words that may be a label, begin.
    let mut cell = lead;
    let before = out.len();
    for (offset, separator, width) in separators(content) {
        let at = line.start + offset;
        if at < cell {
            continue;
        }
        let end = at + width;
        if let Some((label, shape, claims)) = label_before(text, cell, at, separator, book) {
            let start = if shape == Shape::Line { cell } else { label.start };
            out.push(Mark { start, label, end, line: line.number, shape, claims });
            cell = end;
        } else if separator == Separator::Cell {
            cell = end;
        }
    }
    if out.len() == before {
        out.extend(alone(text, line, lead, below, book));
    }
}

/// A label alone on its line, its value below.
fn alone<'a>(
    text: &str,
    line: &Line,
    lead: usize,
    below: Option<&Line>,
    book: &'a LabelBook,
) -> Option<Mark<'a>> {
    if line.end - lead.min(line.end) > LONGEST_LABEL {
        return None;
    }
    // "Contactgegevens (naam, telefoonnummer en e-mailadres)"
    let whole = trimmed(text, lead..line.end);
    let bare = trimmed(text, without_brackets(text, lead..line.end));
    let known = |label: Range<usize>| Some((label.clone(), book.claims(text.get(label)?)?));
    let (label, claims) = known(whole).or_else(|| known(bare))?;
    // "Klacht" above an empty line is a heading, not a label of the greeting that follows.
    let apart = below.is_none_or(|below| below.is_empty(text));
    if apart && claims.iter().any(|claim| flows(claim.kind)) {
        return None;
    }
    Some(Mark { start: lead, label, end: line.end, line: line.number, shape: Shape::Line, claims })
}

/// What stands between a label and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Separator {
    /// `:` or `=`
    Colon,
    /// A dash with a blank beside it, an arrow, a question mark, a row of dots.
    Dash,
    /// A tab, `|`, or a run of blanks.
    Cell,
    /// The first digit of a value that is written right behind its label.
    Digit,
}

/// Offset, kind and width of each separator of a line.
fn separators(line: &str) -> impl Iterator<Item = (usize, Separator, usize)> {
    let mut before = ' ';
    let mut chars = line.char_indices().peekable();
    std::iter::from_fn(move || {
        loop {
            let (at, c) = chars.next()?;
            let after = chars.peek().map_or(' ', |(_, next)| *next);
            let last = std::mem::replace(&mut before, c);
            let separator = match c {
                ':' | '=' | '：' => Separator::Colon,
                '\t' | '|' => Separator::Cell,
                '-' | '–' | '—' if last.is_whitespace() || after.is_whitespace() => Separator::Dash,
                '?' | '>' | '→' => Separator::Dash,
                // "naam/ Jan Bos"
                '/' if !last.is_whitespace() && after.is_whitespace() => Separator::Dash,
                // "Naam ........ Jan Bos"
                '.' | '_' | '·' | '…' if last != c && dots(line, at) > 0 => {
                    return Some((at, Separator::Dash, dots(line, at)));
                }
                // All that is left of such a row behind a long label.
                '.' if last.is_whitespace() && after.is_whitespace() => Separator::Dash,
                '0'..='9' | '+' | '(' if !last.is_ascii_digit() => Separator::Digit,
                ' ' | '\u{a0}' if after == c && !last.is_whitespace() => Separator::Cell,
                _ => continue,
            };
            let width = if separator == Separator::Digit { 0 } else { c.len_utf8() };
            return Some((at, separator, width));
        }
    })
}

/// The bytes of a row of dots that leads the eye from a label to its value; 0 where there is none.
fn dots(line: &str, at: usize) -> usize {
    const FEWEST: usize = 3;
    let row = line.get(at..).unwrap_or("");
    let Some(dot) = row.chars().next() else { return 0 };
    let count = row.chars().take_while(|c| *c == dot).count();
    if count < FEWEST { 0 } else { count * dot.len_utf8() }
}

/// The label that ends at a separator, if one does: the whole cell, or the last words before a colon.
fn label_before<'a>(
    text: &str,
    cell: usize,
    at: usize,
    separator: Separator,
    book: &'a LabelBook,
) -> Option<(Range<usize>, Shape, &'a [Claim])> {
    if at - cell <= LONGEST_LABEL
        && let Some(found) = whole_cell(text, cell..at, separator, book)
    {
        return Some(found);
    }
    if separator != Separator::Colon {
        return None;
    }
    let region = without_brackets(text, cell.max(at.saturating_sub(LONGEST_LABEL))..at);
    word_starts(text, &region).into_iter().find_map(|start| {
        let label = trimmed(text, start..region.end);
        let claims = book.claims(text.get(label.clone())?)?;
        Some((label, Shape::Inline, claims))
    })
}

fn whole_cell<'a>(
    text: &str,
    cell: Range<usize>,
    separator: Separator,
    book: &'a LabelBook,
) -> Option<(Range<usize>, Shape, &'a [Claim])> {
    let label = trimmed(text, without_brackets(text, cell));
    let written = text.get(label.clone()).filter(|written| !written.is_empty())?;
    let claims = match separator {
        Separator::Colon | Separator::Cell => book.claims_with_typo(written),
        Separator::Dash => book.claims(written),
        // "Tel 06-…": only where digits can be a value.
        Separator::Digit => book
            .claims(written)
            .filter(|claims| claims.iter().any(|claim| matches!(claim.kind, Phone | Pattern | Date))),
    }?;
    Some((label, Shape::Line, claims))
}

/// "Telefoon (overdag)" without what is in brackets.
fn without_brackets(text: &str, span: Range<usize>) -> Range<usize> {
    let kept =
        text.get(span.clone()).map(|part| part.trim_end_matches(|c: char| c.is_whitespace() || c == '*'));
    let open = kept.filter(|part| part.ends_with(')')).and_then(|part| part.rfind('('));
    match open {
        Some(open) if open > 0 => span.start..span.start + open,
        _ => span,
    }
}

/// Starts of the last words of a stretch, the earliest first.
fn word_starts(text: &str, span: &Range<usize>) -> Vec<usize> {
    // The stretch may begin inside a character: then there are fewer words to try.
    let start = text.ceil_char_boundary(span.start).min(span.end);
    let Some(part) = text.get(start..span.end) else { return Vec::new() };
    let edge = |c: char| c.is_whitespace() || ",;()[]{}<>\"*".contains(c);
    let mut starts = Vec::new();
    let mut outside = true;
    for (at, c) in part.char_indices() {
        if outside && !edge(c) {
            starts.push(start + at);
        }
        outside = edge(c);
    }
    let skip = starts.len().saturating_sub(MOST_WORDS);
    starts.split_off(skip)
}

/// Length of quote marks, bullets, numbers ("1.", "2)", "a)") and emphasis before the first word.
fn lead(line: &str) -> usize {
    let is_mark = |c: char| c.is_whitespace() || ">*_•·-–—#○▪■□☐◦►✓\"“".contains(c);
    let rest = line.trim_start_matches(is_mark);
    let digits = rest.chars().take_while(char::is_ascii_digit).count();
    let counter = match digits {
        1 | 2 => digits,
        0 if rest.starts_with(|c: char| c.is_ascii_lowercase()) => 1,
        _ => return line.len() - rest.len(),
    };
    let behind = rest.get(counter..).unwrap_or_default();
    let numbered = behind.strip_prefix(')').or_else(|| behind.strip_prefix('.').filter(|_| digits > 0));
    // "1.Naam" and "1. Naam", yet not "1.5 mg" nor "06.12".
    let tail = numbered.filter(|tail| !tail.starts_with(|c: char| c.is_ascii_digit()));
    line.len() - tail.map_or(rest, |tail| tail.trim_start_matches(is_mark)).len()
}

/// Does a line answer another question, known or not ("Filiaal: Zutphen")?
pub fn looks_labelled(text: &str, line: &Line) -> bool {
    let Some(content) = text.get(line.start..line.end) else { return false };
    let rest = content.get(lead(content)..).unwrap_or_default();
    // A row of a table.
    let cell = rest.find('\t').is_some_and(|at| at <= LONGEST_LABEL && at > 0);
    if cell {
        return true;
    }
    let dotted = || {
        rest.find("...")
            .map(|at| (rest.get(..at).unwrap_or(""), rest.get(at..).unwrap_or("").trim_start_matches('.')))
    };
    let Some((front, behind)) = rest.split_once(':').or_else(dotted) else { return false };
    // "Heeft u het al besproken?: nee"
    let most = if front.ends_with('?') { MOST_ASKED_WORDS } else { MOST_UNKNOWN_WORDS };
    let front = front.trim_end_matches('?');
    front.len() <= LONGEST_LABEL
        && !front.is_empty()
        && front.split_whitespace().count() <= most
        && (behind.is_empty() || behind.starts_with(char::is_whitespace))
        && front.chars().all(|c| c.is_alphabetic() || " -*_./()".contains(c))
}
