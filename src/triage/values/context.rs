//! The words around a value: the sentence that it stands in.

use std::ops::Range;

/// Bytes before a value that can tell whose it is: a long sentence.
const BEFORE: usize = 220;
/// Bytes behind a value that can tell whose it is.
const AFTER: usize = 110;
/// No abbreviation of a label is longer ("telefoonnr.").
const LONG_WORD: usize = 10;
/// A line longer than this was wrapped: the sentence goes on in the next. Shorter lines are lines
/// of their own, such as those of an address block.
const WRAPPED: usize = 48;
/// A line of so many bytes before one that goes on in small letters was wrapped too.
const HALF: usize = 36;
/// No mail program wraps that late: a longer line is a paragraph that its writer ended.
const WRAPPED_LATE: usize = 82;

/// The part of a sentence before `at`, not reaching back beyond `floor`.
pub fn sentence_before(text: &str, at: usize, floor: usize) -> Range<usize> {
    let start = text.ceil_char_boundary(at.saturating_sub(BEFORE).max(floor.min(at)));
    let Some(before) = text.get(start..at) else { return at..at };
    let mut from = 0;
    let mut chars = before.char_indices().peekable();
    let mut line_start = before.rfind('\n').map_or_else(|| line_start(text, at), |_| line_start(text, start));
    while let Some((offset, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        match c {
            '\n' => {
                let end = start + offset;
                let length = end.saturating_sub(line_start);
                if !(WRAPPED..WRAPPED_LATE).contains(&length) || next == Some('\n') {
                    from = offset + 1;
                }
                line_start = end + 1;
            }
            '.' | '!' | '?' if next.is_some_and(char::is_whitespace) => {
                let rest = before.get(offset + 1..).unwrap_or_default().trim_start();
                let word = before.get(..offset).unwrap_or_default();
                // "… zenuwachtig. 053 555 46 92": a number begins one too, but not behind "tel." or "nr.".
                let number = (rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_digit() || c == '+'))
                    && word
                        .rsplit(|c: char| !c.is_alphabetic())
                        .next()
                        .is_some_and(|word| word.len() > LONG_WORD);
                let begins = rest.starts_with(char::is_uppercase) || number;
                if begins && !(c == '.' && ends_abbreviated(word)) {
                    from = offset + 1;
                }
            }
            _ => {}
        }
    }
    start + from..at
}

/// "Dr", "drs", "Mw", "nr": a word without a vowel is cut short, its full stop ends no sentence.
pub fn ends_abbreviated(before: &str) -> bool {
    let word = before.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    let vowel =
        |c: char| matches!(c.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u' | 'y') || !c.is_ascii();
    (1..=4).contains(&word.len()) && !word.chars().any(vowel)
}

/// The part of a sentence behind `at`, not reaching beyond `ceiling`.
pub fn sentence_after(text: &str, at: usize, ceiling: usize) -> Range<usize> {
    let end = text.floor_char_boundary((at + AFTER).min(ceiling.max(at)).min(text.len()));
    let Some(after) = text.get(at..end) else { return at..at };
    let mut line_start = line_start(text, at);
    let mut goes_on = false;
    let mut chars = after.char_indices().peekable();
    while let Some((offset, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let stop = match c {
            '|' | ';' | '\t' => true,
            '\n' => {
                let length = (at + offset).saturating_sub(line_start);
                line_start = at + offset + 1;
                // A program that breaks twice leaves single words behind: "in my profile (06 …)\nhas\nbeen".
                goes_on = (length >= HALF || goes_on) && next.is_some_and(char::is_lowercase);
                !(WRAPPED..WRAPPED_LATE).contains(&length) && !goes_on || next == Some('\n')
            }
            '.' | '!' | '?' => next.is_none_or(char::is_whitespace),
            _ => false,
        };
        if stop {
            return at..at + offset;
        }
    }
    at..end
}

/// The last words before `at` on its line: what a label without a colon would be.
pub fn words_before(text: &str, at: usize, floor: usize, most: usize) -> Range<usize> {
    let start = text.ceil_char_boundary(at.saturating_sub(60).max(floor.min(at)));
    let Some(before) = text.get(start..at) else { return at..at };
    let from = before.rfind(['\n', '|', '\t', ';']).map_or(0, |cut| cut + 1);
    let part = before.get(from..).unwrap_or_default();
    let mut seen = 0;
    let mut inside = false;
    for (offset, c) in part.char_indices().rev() {
        if c.is_whitespace() {
            seen += usize::from(inside);
            inside = false;
            if seen == most {
                return start + from + offset + c.len_utf8()..at;
            }
        } else {
            inside = true;
        }
    }
    start + from..at
}

/// What stands before and behind a value on its line, `reach` bytes of it at most.
pub fn line_around<'t>(text: &'t str, span: &Range<usize>, reach: usize) -> (&'t str, &'t str) {
    let start = text.ceil_char_boundary(span.start.saturating_sub(reach)).min(span.start);
    let end = text.floor_char_boundary(span.end.saturating_add(reach)).max(span.end);
    let before = text.get(start..span.start).unwrap_or_default();
    let after = text.get(span.end..end).unwrap_or_default();
    (before.rsplit('\n').next().unwrap_or_default(), after.split('\n').next().unwrap_or_default())
}

fn line_start(text: &str, at: usize) -> usize {
    let from = text.ceil_char_boundary(at.saturating_sub(BEFORE));
    text.get(from..at).and_then(|before| before.rfind('\n')).map_or(from, |cut| from + cut + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_begins_behind_the_last_full_stop_and_goes_on_over_wrapped_lines() {
        let text = "Hoi. Het oude nummer van mijn vader, die nu in het tehuis zit en dus\nniet meer opneemt, was 0512-550981.";
        let at = text.find("0512").unwrap_or_default();
        assert!(text[sentence_before(text, at, 0)].trim_start().starts_with("Het oude"));
        let block = "Huisarts Bakker\n0512-550981";
        assert_eq!(&block[sentence_before(block, 16, 0)], "");
    }
}
