//! Words, numbers and marks of a folded text, with the gaps between them.

use std::ops::Range;

/// What stands between a token and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    None,
    Blank,
    Line,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// At most nine digits; more are no part of a date.
    Number {
        value: u32,
        digits: u8,
    },
    /// Letters; single letters with full stops between them are one word: `d.d`, `a.s`.
    Word,
    Mark(char),
}

/// Small: a long text that is all marks has as many of them as letters.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub kind: Kind,
    start: u32,
    end: u32,
    pub gap: Gap,
}

impl Token {
    pub(super) fn span(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::with_capacity(text.len() / 5);
    let mut gap = Gap::Line;
    let mut at = 0;
    while let Some(rest) = text.get(at..)
        && let Some(first) = rest.chars().next()
    {
        if first.is_whitespace() {
            gap = if first == '\n' { Gap::Line } else { gap.max(Gap::Blank) };
            at += first.len_utf8();
            continue;
        }
        // The bar of a quoted line, within which a sentence goes on.
        if first == '>' && gap == Gap::Line {
            at += 1;
            continue;
        }
        let (kind, length) = token(rest, first);
        // No text is so long; what would stand beyond is no date.
        let (Ok(start), Ok(end)) = (u32::try_from(at), u32::try_from(at + length)) else { break };
        out.push(Token { kind, start, end, gap });
        gap = Gap::None;
        at += length;
    }
    out
}

fn token(rest: &str, first: char) -> (Kind, usize) {
    if first.is_ascii_digit() {
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        let value = rest.get(..length.min(9)).and_then(|digits| digits.parse().ok()).unwrap_or(0);
        return (Kind::Number { value, digits: u8::try_from(length).unwrap_or(u8::MAX) }, length);
    }
    if first.is_alphabetic() {
        let run = letters(rest);
        if run == first.len_utf8() {
            return (Kind::Word, dotted(rest, run));
        }
        return (Kind::Word, run);
    }
    (Kind::Mark(first), first.len_utf8())
}

fn letters(text: &str) -> usize {
    text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len())
}

/// The length of `d.d` or `b.g.g`, which starts with one letter of `run` bytes.
fn dotted(rest: &str, run: usize) -> usize {
    let mut length = run;
    // Four letters are enough for every abbreviation; a longer chain is somebody's joke.
    for _ in 0..4 {
        let Some(behind) = rest.get(length..).and_then(|behind| behind.strip_prefix('.')) else { break };
        let Some(letter) = behind.chars().next().filter(|c| c.is_alphabetic()) else { break };
        if letters(behind) != letter.len_utf8() {
            break;
        }
        length += 1 + letter.len_utf8();
    }
    length
}

impl Gap {
    fn max(self, other: Self) -> Self {
        if self == Self::Line { self } else { other }
    }
}
