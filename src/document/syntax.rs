//! What is wrong with a text that is no TOML, for people who never heard of TOML.
//!
//! A parser that goes on behind its first error says a hundred things about one forgotten bracket.
//! Here each error is told alone: the line that it is on is taken out, and the rest read again.

use toml::de::{DeTable, Error};

use super::{Document, LocatedFault, Span};

/// Errors that are told at once; each costs a reading of the file.
const MOST: usize = 10;

/// What the parser says, what it means, what to write instead.
const WORDS: [(&str, &str, &str); 11] = [
    (
        "duplicate key",
        "this stands in the file a second time",
        "each key and each [table] may stand once: join the two",
    ),
    ("invalid basic string", "the quote at the end of this text is missing", QUOTES),
    (
        "invalid literal string",
        "the quote at the end of this text is missing",
        "a text begins and ends with the same quote on one line: 'text'",
    ),
    (
        "escape",
        "a backslash that means nothing within \"...\"",
        "put the text between '...', where a backslash stands for itself",
    ),
    ("key with no value", "there is a name but no value", "write: key = \"value\""),
    ("missing comma", "a comma is missing in this list", "a list is written [\"one\", \"two\"]"),
    ("unclosed array", "this list is not closed", "a list is written [\"one\", \"two\"]"),
    ("unclosed inline table", "this is not closed", "write { nl = \"...\", en = \"...\" } on one line"),
    ("must be quoted", "a text without quotes", QUOTES),
    (
        "invalid unquoted key",
        "a name has only letters, digits, - and _ in it",
        "a line is written: key = \"value\"",
    ),
    (
        "unclosed table",
        "the name of a table is not closed",
        "the name of a table stands between square brackets: [name]",
    ),
];

const QUOTES: &str = "texts stand between quotes, straight ones: key = \"text\"";

/// Every error, each once.
pub(super) fn faults(document: &Document) -> Vec<LocatedFault> {
    let mut text = document.text.clone();
    let mut faults: Vec<LocatedFault> = Vec::new();
    for _ in 0..MOST {
        let (_, errors) = DeTable::parse_recoverable(&text);
        let Some(first) = errors.iter().min_by_key(|error| error.span().map_or(0, |span| span.start)) else {
            break;
        };
        let at = first.span().unwrap_or(0..0);
        let (shown, fault) = match unclosed_list(&text, first, at.start) {
            Some(list) => {
                let fault = document.fault_in(
                    list.start..list.start + 1,
                    "this list is not closed".to_owned(),
                    "put ] behind its last text: [\"one\", \"two\"]".to_owned(),
                );
                (list.start..at.start, fault)
            }
            None => (at.clone(), told(document, first, at)),
        };
        if faults.iter().any(|said| said.line == fault.line) {
            break;
        }
        faults.push(fault);
        blank_lines(&mut text, &shown);
    }
    faults
}

fn told(document: &Document, error: &Error, at: Span) -> LocatedFault {
    let message = error.message().lines().next().unwrap_or_default();
    let line = line_around(&document.text, at.start);
    if document
        .text
        .get(line.clone())
        .is_some_and(|line| line.contains(['\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}']))
    {
        let what = "a curly quote, as word processors make them".to_owned();
        let place = document
            .text
            .get(line.clone())
            .and_then(|text| text.find(['\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}']));
        let start = line.start + place.unwrap_or_default();
        return document.fault_in(start..start + 3, what, QUOTES.to_owned());
    }
    // The parser guesses by the first letter: `true.nl` is an "invalid boolean" to it.
    let guess = [
        "invalid boolean",
        "invalid integer",
        "invalid float",
        "invalid date",
        "invalid value",
        "missing value",
        "extra `",
    ];
    let (what, remedy) = match WORDS.iter().find(|(word, ..)| message.contains(word)) {
        Some((_, what, remedy)) => (*what, *remedy),
        None if guess.iter().any(|guess| message.starts_with(guess)) => ("this is no value", QUOTES),
        None => (message, "a line is written: key = \"text\", key = 3, key = [\"one\", \"two\"], or [table]"),
    };
    document.fault_in(at, what.to_owned(), remedy.to_owned())
}

/// The opening bracket of a list into which the parser took the lines behind it.
fn unclosed_list(text: &str, error: &Error, at: usize) -> Option<Span> {
    if !error.message().contains("array") && !error.message().contains("comma") {
        return None;
    }
    let line = text.get(line_around(text, at))?;
    let line = line.trim_start();
    let is_key = line.split_once('=').is_some_and(|(key, _)| {
        !key.trim().is_empty() && key.trim().chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
    });
    if !is_key && !line.starts_with('[') && at < text.trim_end().len() {
        return None;
    }
    let start = line_around(text, at).start;
    let before = text.get(..start)?;
    let mut end = before.len();
    for earlier in before.lines().rev() {
        let begins = end.checked_sub(earlier.len() + 1)?;
        let value = earlier.split_once('=').map(|(key, value)| (key.len() + 1, value));
        if let Some((offset, value)) = value
            && value.trim_start().starts_with('[')
        {
            let bracket = begins + offset + value.len() - value.trim_start().len();
            return Some(bracket..bracket + 1);
        }
        end = begins;
    }
    None
}

fn line_around(text: &str, at: usize) -> Span {
    let at = (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |found| found + 1);
    let end = text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |found| at + found);
    start..end
}

/// Takes the lines of a span out; all else keeps its place.
fn blank_lines(text: &mut String, span: &Span) {
    let start = line_around(text, span.start).start;
    // A span that ends at the start of a line does not touch it.
    let end = line_around(text, span.end.saturating_sub(1).max(span.start)).end;
    if let Some(part) = text.get(start..end) {
        let blank: String = part.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
        text.replace_range(start..end, &blank);
    }
}
