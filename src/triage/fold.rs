//! Text folded for comparison, with the way back to the original bytes.
//!
//! People write `Gisteren`, `gïsteren` and `24‑uurs`; rules hold one spelling. Folding makes letters
//! small, takes accents off, gives quotes and dashes one shape and every blank but the line feed
//! one too. It refuses to understand anything: that is for those who match.

use std::ops::Range;

use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// A folded text. Spans in it lead back to spans of the original.
#[derive(Debug, Clone, Default)]
pub struct Folded {
    text: String,
    /// For each byte of `text`: start and end of the original character. Empty for plain ASCII,
    /// where folding moves nothing.
    map: Vec<(u32, u32)>,
}

impl Folded {
    /// Folds a text. Total and linear.
    #[must_use]
    pub fn new(original: &str) -> Self {
        if original.is_ascii() {
            return Self { text: fold(original), map: Vec::new() };
        }
        let mut folded = Self { text: String::with_capacity(original.len()), map: Vec::new() };
        for (start, c) in original.char_indices() {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a mail's size is bounded far below four gigabytes before it is parsed"
            )]
            let place = (start as u32, (start + c.len_utf8()) as u32);
            fold_char(c, |out| {
                folded.text.push(out);
                folded.map.resize(folded.text.len(), place);
            });
        }
        folded
    }

    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The span of the original that a span of the folded text was made of.
    #[must_use]
    pub fn original(&self, span: Range<usize>) -> Range<usize> {
        if self.map.is_empty() || span.is_empty() {
            return span;
        }
        let start = self.map.get(span.start).map_or(0, |place| place.0 as usize);
        let end = self.map.get(span.end - 1).map_or(start, |place| place.1 as usize);
        start..end
    }

    /// The byte of the folded text that stands for a byte of the original, or the next one that does.
    #[must_use]
    pub fn folded(&self, at: usize) -> usize {
        if self.map.is_empty() {
            return at.min(self.text.len());
        }
        self.map.partition_point(|place| (place.0 as usize) < at)
    }
}

/// The folded text alone. What stands at a place decides alone what it becomes, so that the fold of
/// two texts joined is both folds joined.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    text.chars().for_each(|c| fold_char(c, |out| folded.push(out)));
    folded
}

fn fold_char(c: char, mut out: impl FnMut(char)) {
    match c {
        '\n' => out('\n'),
        'a'..='z' | '0'..='9' => out(c),
        'A'..='Z' => out(c.to_ascii_lowercase()),
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' | '\u{2032}' | '`' | '\u{b4}' => out('\''),
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ab}' | '\u{bb}' => out('"'),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => out('-'),
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{feff}' => {}
        'ß' | 'ẞ' => "ss".chars().for_each(out),
        'ø' | 'Ø' => out('o'),
        'æ' | 'Æ' => "ae".chars().for_each(out),
        'ĳ' | 'Ĳ' => "ij".chars().for_each(out),
        _ if c.is_whitespace() => out(' '),
        _ if c.is_ascii() => out(c),
        _ => {
            for small in c.to_lowercase() {
                decompose_canonical(small, |part| match part {
                    'ſ' => out('s'),
                    part if is_combining_mark(part) => {}
                    part => out(part),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_words_lead_back_to_what_was_written() {
        let original = "De „Patiënt“ kwam Gïsteren\u{a0}bij\u{ad}na – écht";
        let folded = Folded::new(original);
        assert_eq!(folded.text(), "de \"patient\" kwam gisteren bijna - echt");
        let at = folded.text().find("gisteren").unwrap();
        assert_eq!(&original[folded.original(at..at + 8)], "Gïsteren");
        let at = folded.text().find("bijna").unwrap();
        assert_eq!(&original[folded.original(at..at + 5)], "bij\u{ad}na");
        let written = original.find("bij").unwrap();
        assert_eq!(folded.folded(written), at);
        assert_eq!(Folded::new("plain").folded(3), 3);
    }
}
