//! A folded text without blanks and hyphens, so that a word is found however it is cut up.

use std::ops::Range;

use super::super::super::fold::fold;

/// Stands in the squeezed text where no word may go across.
const BARRIER: u8 = b'|';

/// The letters and digits of a folded text, with the way back.
pub struct Squeezed {
    pub text: Vec<u8>,
    /// For each byte its place in the folded text.
    places: Vec<usize>,
    /// Spans of the words, in bytes of `text`; words side by side touch, a barrier parts them.
    pub words: Vec<Range<usize>>,
}

impl Squeezed {
    pub fn new(folded: &str) -> Self {
        let mut made = Self {
            text: Vec::with_capacity(folded.len()),
            places: Vec::with_capacity(folded.len()),
            words: Vec::new(),
        };
        let mut start = None;
        let mut previous = ' ';
        for (at, c) in folded.char_indices() {
            if c.is_alphanumeric() {
                start.get_or_insert(made.text.len());
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    made.text.push(byte);
                    made.places.push(at);
                }
            } else {
                if let Some(start) = start.take() {
                    made.words.push(start..made.text.len());
                }
                let parts = match c {
                    ' ' | '-' | '\'' | '>' | '_' => false,
                    '\n' => previous == '\n',
                    // "e.c.g." is one word.
                    '.' => made.words.last().is_none_or(|word| word.len() != 1),
                    _ => true,
                };
                if parts && made.text.last() != Some(&BARRIER) {
                    made.text.push(BARRIER);
                    made.places.push(at);
                }
            }
            previous = c;
        }
        if let Some(start) = start {
            made.words.push(start..made.text.len());
        }
        made
    }

    /// Does a word start here, perhaps behind a prefix ("telecardiologisch")?
    pub fn is_start(&self, at: usize, prefixes: &[String]) -> bool {
        let starts = |at: usize| self.words.binary_search_by_key(&at, |word| word.start).is_ok();
        let behind = |prefix: &String| {
            let from = at.checked_sub(prefix.len());
            from.is_some_and(|from| self.text.get(from..at) == Some(prefix.as_bytes()) && starts(from))
        };
        starts(at) || prefixes.iter().any(behind)
    }

    /// The end of the word that holds the byte before `at`.
    pub fn word_end(&self, at: usize) -> usize {
        let index = self.words.partition_point(|word| word.end < at);
        self.words.get(index).map_or(at, |word| word.end.max(at))
    }

    /// Back to the folded text.
    pub fn span(&self, start: usize, end: usize) -> Range<usize> {
        let from = self.places.get(start).copied().unwrap_or_default();
        let last = end.checked_sub(1).and_then(|last| self.places.get(last)).copied().unwrap_or(from);
        // A letter that folding left beyond ASCII has more than one byte.
        let width = self
            .text
            .get(..end)
            .map_or(1, |text| text.iter().rev().take_while(|byte| **byte & 0xC0 == 0x80).count() + 1);
        from..last + width
    }
}

/// Letters and digits of a rule's word.
pub fn squeeze_word(word: &str) -> String {
    fold(word).chars().filter(|c| c.is_alphanumeric()).collect()
}
