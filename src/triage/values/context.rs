//! The words around a value: phrases of a rule file, and the sentence that a value stands in.

use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::super::expression::{Expression, lean_for_long};
use super::super::fault::{Fault, Place};

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

/// Words and phrases of a rule file, found as whole words whatever their case and spacing; `*`
/// stands for more letters (`huisarts*`).
///
/// The quick engine cannot tell bounds of words beyond ASCII, so the expression looks for those of
/// ASCII only, and each find is looked at again. And it lays out anew what it sees at once of all
/// phrases together, while most texts hold none: so how phrases begin is looked for before.
#[derive(Debug, Clone, Default)]
pub struct Phrases(Option<Made>);

#[derive(Debug, Clone)]
struct Made {
    phrases: Expression,
    /// First letters of every phrase.
    starts: Vec<String>,
    sought: OnceLock<Option<AhoCorasick>>,
}

impl Phrases {
    /// A fault is added for an entry without any letter or digit.
    pub fn compile(list: &[String], place: &Place, faults: &mut Vec<Fault>) -> Self {
        let mut parts = Vec::new();
        for (i, phrase) in list.iter().enumerate() {
            if phrase.chars().any(char::is_alphanumeric) {
                parts.push((phrase.chars().count(), phrase));
            } else {
                faults.push(Fault::new(
                    place.clone().index(i),
                    format!("'{phrase}' has no letter or digit"),
                    "write a word or a phrase",
                ));
            }
        }
        if parts.is_empty() {
            return Self(None);
        }
        // Longer phrases first: leftmost-first alternation then finds the longest.
        parts.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
        let whole = parts.iter().map(|(_, phrase)| as_pattern(phrase)).collect::<Vec<_>>().join("|");
        let Ok(phrases) = Expression::any_case(lean_for_long(&whole)) else {
            faults.push(Fault::new(place.clone(), "these words are too many or too long", "use fewer"));
            return Self(None);
        };
        let starts = parts.iter().map(|(_, phrase)| start_of(phrase)).collect();
        Self(Some(Made { phrases, starts, sought: OnceLock::new() }))
    }

    pub fn found(&self, text: &str) -> bool {
        self.all(text).next().is_some()
    }

    /// Is the text nothing but phrases?
    pub fn is_whole(&self, text: &str) -> bool {
        let mut at = 0;
        for found in self.all(text) {
            if text.get(at..found.start()).is_none_or(|gap| gap.contains(char::is_alphanumeric)) {
                return false;
            }
            at = found.end();
        }
        at > 0 && text.get(at..).is_some_and(|rest| !rest.contains(char::is_alphanumeric))
    }

    /// Where the last phrase in the text ends.
    pub fn last_end(&self, text: &str) -> Option<usize> {
        self.all(text).last().map(|found| found.end())
    }

    /// Does a phrase begin behind at most so many words?
    pub fn begins_within(&self, text: &str, words: usize) -> bool {
        let first = self.all(text).next().and_then(|found| text.get(..found.start()));
        first.is_some_and(|before| before.split_whitespace().count() <= words)
    }

    /// What stands before the first phrase; all of a text without one.
    pub fn cut_off<'t>(&self, text: &'t str) -> &'t str {
        let cut = self.all(text).next().map_or(text.len(), |found| found.start());
        text.get(..cut).unwrap_or(text)
    }

    /// The phrases of a text, in order, without overlap.
    pub fn all<'r, 't>(&'r self, text: &'t str) -> impl Iterator<Item = regex::Match<'t>> + use<'r, 't> {
        let mut from = 0;
        std::iter::from_fn(move || {
            loop {
                let found = self.0.as_ref()?.find_at(text, from)?;
                let whole = is_whole_word(text, &found.range());
                // Within a longer word: another may begin at its next letter.
                let next = found.as_str().chars().next().map_or(1, char::len_utf8);
                from = if whole { found.end().max(found.start() + next) } else { found.start() + next };
                if whole {
                    return Some(found);
                }
            }
        })
    }
}

impl Made {
    /// The first phrase that begins at `from` or behind it.
    fn find_at<'t>(&self, text: &'t str, from: usize) -> Option<regex::Match<'t>> {
        let sought = self.sought.get_or_init(|| {
            let known = self.starts.iter().all(|start| !start.is_empty());
            let mut builder = AhoCorasick::builder();
            // The smallest kind: there are many of these, and each text is short.
            builder.kind(Some(AhoCorasickKind::ContiguousNFA)).match_kind(MatchKind::LeftmostFirst);
            builder.ascii_case_insensitive(true).build(&self.starts).ok().filter(|_| known)
        });
        let from = match sought {
            Some(sought) if !text.contains(AS_ASCII) => from + sought.find(text.get(from..)?)?.start(),
            _ => from,
        };
        self.phrases.find_at(text, from)
    }
}

/// Letters beyond ASCII that are the same to an expression as a small one of ASCII: the long s and the
/// sign for kelvin.
const AS_ASCII: [char; 2] = ['\u{17f}', '\u{212a}'];

/// The letters of ASCII that a phrase begins with.
fn start_of(phrase: &str) -> String {
    phrase.chars().take_while(|c| c.is_ascii() && !c.is_whitespace() && *c != '*').collect()
}

/// No letter or digit stands directly beside one at either end.
fn is_whole_word(text: &str, found: &Range<usize>) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || ('\u{300}'..='\u{36f}').contains(&c);
    let (before, rest) = text.split_at(found.start);
    let (inside, behind) = rest.split_at(found.end - found.start);
    let joined =
        |one: Option<char>, other: Option<char>| one.is_some_and(is_word) && other.is_some_and(is_word);
    !joined(before.chars().next_back(), inside.chars().next())
        && !joined(inside.chars().next_back(), behind.chars().next())
}

/// A phrase as a regular expression.
fn as_pattern(phrase: &str) -> String {
    let mut pattern = String::new();
    let edge = |c: Option<char>| if c.is_some_and(|c| c.is_ascii_alphanumeric()) { r"\b" } else { "" };
    pattern.push_str(edge(phrase.chars().next()));
    for (i, word) in phrase.split_whitespace().enumerate() {
        if i > 0 {
            pattern.push_str(r"[\s>]+");
        }
        pattern.push_str(&regex::escape(word).replace(r"\*", r"\w*"));
    }
    pattern.push_str(edge(phrase.chars().last()));
    pattern
}

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

    #[test]
    fn phrases_are_whole_words_with_room_for_more_letters_where_a_star_stands() {
        let place = Place::default();
        let mut faults = Vec::new();
        let phrases = Phrases::compile(&["mijn huisarts*".into(), "fax".into()], &place, &mut faults);
        assert!(phrases.found("bij Mijn\nhuisartsenpraktijk"));
        assert!(!phrases.found("faxen"));
        assert!(!phrases.found("faxë") && !phrases.found("éfax") && phrases.found("faxen, fax"));
        let accented = Phrases::compile(&["één".into(), "zo".into(), "zoë".into()], &place, &mut faults);
        assert!(accented.found("om Één uur") && !accented.found("géén") && !accented.found("zoëts"));
        assert_eq!(accented.last_end("zo zoë."), Some("zo zoë".len()));
        let lettered = Phrases::compile(&["kosten".into(), "akm".into()], &place, &mut faults);
        assert!(lettered.found("Ko\u{17f}ten") && lettered.found("a\u{212a}M") && !lettered.found("akmh"));
        assert_eq!(lettered.last_end("bakm, akm, akmh"), Some("bakm, akm".len()));
        Phrases::compile(&["--".into()], &place, &mut faults);
        assert_eq!(faults.len(), 1);
    }
}
