//! What is wrong with a text that is no TOML, for people who never heard of TOML.
//!
//! A parser that goes on behind its first error says a hundred things about one forgotten bracket.
//! Here each error is told alone: the line that it is on is taken out, and the rest read again.

use toml::de::{DeTable, Error};

use super::{Document, LocatedFault, Span, brackets};

/// Errors that are told at once; each costs a reading of the file.
const MOST: usize = 10;

/// What the parser says, what it means, what to write instead.
const WORDS: [(&str, &str, &str); 11] = [
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
    (
        "unexpected key or value",
        "something stands behind the value",
        "only a note (# ...) may follow a value on its line; is a quote or a bracket missing before it?",
    ),
    ("leading zero", "a number does not begin with 0", "leave out the 0: write 3 for 03"),
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

const CURLY: [char; 5] = ['\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}'];

/// How the parser begins when a value is none.
const VALUE: [&str; 7] = [
    "invalid boolean",
    "invalid integer",
    "invalid float",
    "invalid date",
    "invalid value",
    "missing value",
    "extra `",
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
        let (shown, fault) = match unclosed(&text, at.start) {
            Some((start, what, remedy)) => {
                (start..at.start, document.fault_in(start..start + 1, what.to_owned(), remedy.to_owned()))
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
    let text = document.text.as_str();
    let line = line_around(text, at.start);
    if let Some(place) = text.get(line.clone()).and_then(|line| line.find(CURLY)) {
        let what = "a curly quote, as word processors make them".to_owned();
        let start = line.start + place;
        return document.fault_in(start..start + 3, what, QUOTES.to_owned());
    }
    if let Some(blank) =
        text.get(at.start..).and_then(|rest| rest.chars().next()).filter(|c| is_invisible(*c))
    {
        let what = "a blank that is none, as web pages and word processors make them".to_owned();
        let remedy = "delete it and type a blank".to_owned();
        return document.fault_in(at.start..at.start + blank.len_utf8(), what, remedy);
    }
    if message.contains("duplicate key") {
        let remedy = first_of(text, at.start).map_or_else(
            || "each key and each [table] may stand once: join the two".to_owned(),
            |line| format!("it stands in line {line} already: join the two, or take one away"),
        );
        return document.fault_in(at, "this stands in the file a second time".to_owned(), remedy);
    }
    // The parser guesses by the first letter: `true.nl` is an "invalid boolean" to it.
    if VALUE.iter().any(|guess| message.starts_with(guess)) || message.contains("must be quoted") {
        let (what, remedy) = bare_value(text.get(at.clone()).unwrap_or_default());
        return document.fault_in(at, what.to_owned(), remedy);
    }
    let (what, remedy) = match WORDS.iter().find(|(word, ..)| message.contains(word)) {
        Some((_, what, remedy)) => (*what, *remedy),
        None => (message, "a line is written: key = \"text\", key = 3, key = [\"one\", \"two\"], or [table]"),
    };
    document.fault_in(at, what.to_owned(), remedy.to_owned())
}

/// What stands where a value should be, as it was written.
fn bare_value(raw: &str) -> (&'static str, String) {
    let raw = raw.trim();
    if raw.is_empty() {
        return ("there is a name but no value", "write: key = \"value\"".to_owned());
    }
    if raw.contains(" //") {
        return ("a note begins with #, not with //", "write # before it".to_owned());
    }
    if let Some(value) = raw.strip_suffix(';') {
        return ("no ; belongs behind a value", format!("write {value}"));
    }
    let small = raw.to_ascii_lowercase();
    if small == "true" || small == "false" {
        return ("this word is written in small letters", format!("write {small}"));
    }
    if raw.contains(['"', '\'', '\n']) || raw.chars().count() > 60 {
        return ("a text without quotes", QUOTES.to_owned());
    }
    ("a text without quotes", format!("put it between quotes, straight ones: \"{raw}\""))
}

fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{a0}' | '\u{ad}' | '\u{2000}'..='\u{200f}' | '\u{202f}' | '\u{205f}' | '\u{2060}' | '\u{feff}'
    )
}

/// The line on which the name at `at` stood first: a table anywhere, a key in the same table.
fn first_of(text: &str, at: usize) -> Option<usize> {
    let start = line_around(text, at).start;
    let name = |line: &str| match line.trim_start().strip_prefix('[') {
        Some(table) => format!("[{}", table.split(']').next().unwrap_or_default().trim()),
        None => line.split('=').next().unwrap_or_default().trim().to_owned(),
    };
    let wanted = name(text.get(start..)?.lines().next()?);
    let before: Vec<&str> = text.get(..start)?.lines().collect();
    let same_table = |line: &&str| wanted.starts_with('[') || !line.trim_start().starts_with('[');
    let behind =
        before.iter().rev().take_while(|line| same_table(line)).position(|line| name(line) == wanted)?;
    Some(before.len() - behind)
}

/// The bracket of a list or table into which the parser took the lines behind it, and what to say.
fn unclosed(text: &str, at: usize) -> Option<(usize, &'static str, &'static str)> {
    let line = line_around(text, at);
    let (start, bracket) = brackets::open_at(text, line.start)?;
    let here = text.get(line)?.trim_start();
    let is_key = here.split_once('=').is_some_and(|(key, _)| {
        !key.trim().is_empty() && key.trim().chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
    });
    let is_over = is_key || here.starts_with('[') || at >= text.trim_end().len();
    if bracket == '[' {
        return is_over.then_some((
            start,
            "this list is not closed",
            "put ] behind its last text: [\"one\", \"two\"]",
        ));
    }
    let goes_on =
        text.get(start + 1..line_around(text, start).end).is_some_and(|rest| !rest.trim().is_empty());
    (is_over && goes_on).then_some((
        start,
        "this is not closed",
        "put } behind its last text: { nl = \"...\", en = \"...\" }",
    ))
}

fn line_around(text: &str, at: usize) -> Span {
    let at = text.floor_char_boundary(at);
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
