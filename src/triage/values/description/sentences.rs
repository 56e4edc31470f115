//! A person's lines as sentences: without greeting and closing, contact lines and what is taken.

use std::ops::Range;

use super::Patterns;

/// A sentence and where it stands. Its text has one blank between words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sentence {
    pub span: Range<usize>,
    pub text: String,
}

/// Sentences read in one text; what is longer is cut to its heart anyway.
const MOST: usize = 2_000;

/// The sentences of some stretches of a text, without greeting and closing; `taken` are the stretches
/// that belong to others.
pub(super) fn read(
    text: &str,
    stretches: impl Iterator<Item = Range<usize>>,
    taken: &[Range<usize>],
    patterns: &Patterns,
) -> Vec<Sentence> {
    let mut taken: Vec<&Range<usize>> = taken.iter().collect();
    taken.sort_by_key(|range| range.start);
    let mut builder = Builder::new(patterns);
    for stretch in stretches {
        builder.close();
        let mut at = stretch.start;
        let mut closed = false;
        for line in text.get(stretch).unwrap_or_default().split_inclusive('\n') {
            let span = at..at + line.trim_end().len();
            at += line.len();
            let content = line.trim_end();
            let lead = content.len() - content.trim_start().len();
            let span = span.start + lead..span.end;
            let content = content.trim_start();
            if content.is_empty() || closed && content.split_whitespace().count() <= 6 {
                builder.close();
                continue;
            }
            closed = patterns.ends(content);
            if closed || is_contact(content) {
                builder.close();
                continue;
            }
            let free = behind_taken(&span, &taken);
            if free.start > span.start {
                builder.close();
            }
            let rest = text.get(free.clone()).unwrap_or_default();
            let greeting = patterns.starts(rest);
            if greeting > 0 {
                builder.close();
            }
            builder.line(text, free.start + greeting..free.end);
        }
    }
    builder.close();
    builder.list
}

/// The sentences of one labelled answer: all of it, since it has neither greeting nor closing.
pub(super) fn of_value(text: &str, value: Range<usize>, patterns: &Patterns) -> Vec<Sentence> {
    let mut builder = Builder::new(patterns);
    let mut at = value.start;
    for line in text.get(value).unwrap_or_default().split_inclusive('\n') {
        let content = line.trim();
        if content.is_empty() || is_contact(content) {
            builder.close();
        } else {
            let start = at + line.len() - line.trim_start().len();
            builder.line(text, start..start + content.len());
        }
        at += line.len();
    }
    builder.close();
    builder.list
}

/// The byte of a subject behind `Re:`, `Fwd:`, `Antw:` and the like.
pub(super) fn behind_marks(subject: &str) -> usize {
    let mut start = 0;
    for _ in 0..5 {
        let rest = subject.get(start..).unwrap_or_default();
        let lead = rest.len() - rest.trim_start().len();
        let word = rest.trim_start();
        let Some((mark, _)) = word.split_once(':') else { break };
        let is_mark = matches!(
            mark.to_ascii_lowercase().as_str(),
            "re" | "fw" | "fwd" | "antw" | "doorst" | "aw" | "wg" | "betr" | "betreft"
        );
        if !is_mark {
            break;
        }
        start += lead + mark.len() + 1;
    }
    let rest = subject.get(start..).unwrap_or_default();
    start + rest.len() - rest.trim_start().len()
}

/// What of a line is not taken: the end behind the last stretch that reaches into it.
fn behind_taken(line: &Range<usize>, taken: &[&Range<usize>]) -> Range<usize> {
    let first = taken.partition_point(|range| range.end <= line.start && range.start < line.start);
    let mut start = line.start;
    for range in taken.iter().skip(first) {
        if range.start >= line.end {
            break;
        }
        start = start.max(range.end.min(line.end));
    }
    start..line.end
}

/// A line that is a phone number, an address or a name and a number, and no sentence.
fn is_contact(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    if words.len() > 9 || line.ends_with(['?', '.', '!']) && words.len() > 4 {
        return false;
    }
    let digits = line.chars().filter(char::is_ascii_digit).count();
    let letters = words
        .iter()
        .filter(|word| word.chars().all(|c| c.is_alphabetic() || c == '-') && word.len() > 1)
        .count();
    let address = words.iter().any(|word| {
        word.contains('@') && word.contains('.') || word.starts_with("http") || word.starts_with("www.")
    });
    (digits >= 9 && letters <= 4)
        || (address && letters <= 3)
        || (digits == 0 && words.len() <= 2 && letters == 0 && !is_one_word(line))
}

/// "code," between two lines that a mail program has broken anywhere.
fn is_one_word(line: &str) -> bool {
    let word = line.trim_end_matches([',', '.', ';']);
    word.len() > 1 && word.starts_with(char::is_lowercase) && word.chars().all(char::is_alphabetic)
}

struct Builder<'p> {
    patterns: &'p Patterns,
    list: Vec<Sentence>,
    span: Option<Range<usize>>,
    text: String,
}

impl<'p> Builder<'p> {
    fn new(patterns: &'p Patterns) -> Self {
        Self { patterns, list: Vec::new(), span: None, text: String::new() }
    }

    fn line(&mut self, text: &str, line: Range<usize>) {
        let mut from = line.start;
        let content = text.get(line.clone()).unwrap_or_default();
        for (at, c) in content.char_indices() {
            let end = line.start + at + c.len_utf8();
            let behind = text.get(end..line.end).unwrap_or_default();
            let pause = behind.is_empty() || behind.starts_with(char::is_whitespace);
            let said = || text.get(from..line.start + at).unwrap_or_default();
            if matches!(c, '.' | '?' | '!') && pause && (c != '.' || !self.patterns.abbreviates(said())) {
                self.piece(text, from..end);
                self.close();
                from = end;
            }
        }
        self.piece(text, from..line.end);
    }

    fn piece(&mut self, text: &str, piece: Range<usize>) {
        let content = text.get(piece.clone()).unwrap_or_default();
        let trimmed = content.trim();
        if trimmed.is_empty() {
            return;
        }
        let start = piece.start + (content.len() - content.trim_start().len());
        let end = start + trimmed.len();
        // Marks of quoted lines are nobody's words.
        for word in trimmed.split_whitespace().filter(|word| !word.bytes().all(|byte| byte == b'>')) {
            if !self.text.is_empty() {
                self.text.push(' ');
            }
            self.text.push_str(word);
        }
        self.span = Some(self.span.take().map_or(start..end, |span| span.start..end));
    }

    fn close(&mut self) {
        let text = std::mem::take(&mut self.text);
        if let Some(span) = self.span.take()
            && self.list.len() < MOST
        {
            self.list.push(Sentence { span, text });
        }
    }
}
