//! Words and phrases of a rule file that stand around a value.

use std::cmp::Reverse;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::super::fault::{Fault, Place};

/// Phrases, found as whole words whatever their case and spacing; `*` stands for more letters
/// (`huisarts*`), and alone for any word.
///
/// No regular expression: one of a hundred phrases lays out anew what it sees of each text, and most
/// texts hold none of them. First letters are looked for, all at once, and the rest is compared there.
#[derive(Debug, Clone, Default)]
pub struct Phrases {
    /// Longer ones first: at one place the longest is found.
    list: Vec<Phrase>,
    starts: Option<AhoCorasick>,
    /// For each of the starts the phrase that begins so.
    begins: Vec<usize>,
}

#[derive(Debug, Clone)]
struct Phrase(Vec<Piece>);

#[derive(Debug, Clone)]
struct Piece {
    /// In small letters.
    text: String,
    /// More letters may follow.
    goes_on: bool,
}

impl Phrases {
    /// A fault is added for each entry that can be no phrase.
    pub fn compile(list: &[String], place: &Place, faults: &mut Vec<Fault>) -> Self {
        let mut phrases = Vec::new();
        for (i, phrase) in list.iter().enumerate() {
            match Phrase::new(phrase) {
                Ok(made) => phrases.push((phrase.chars().count(), made)),
                Err((what, remedy)) => {
                    faults.push(Fault::new(place.clone().index(i), format!("'{phrase}' {what}"), remedy));
                }
            }
        }
        phrases.sort_by_key(|(length, _)| Reverse(*length));
        let list: Vec<Phrase> = phrases.into_iter().map(|(_, phrase)| phrase).collect();
        let (mut sought, mut begins) = (Vec::new(), Vec::new());
        for (index, phrase) in list.iter().enumerate() {
            for start in phrase.starts() {
                sought.push(start);
                begins.push(index);
            }
        }
        // The smallest kind: there are many of these, and each text is short.
        let kind = Some(AhoCorasickKind::ContiguousNFA);
        let starts = AhoCorasick::builder().kind(kind).ascii_case_insensitive(true).build(sought);
        if starts.is_err() {
            faults.push(Fault::new(place.clone(), "these words are too many or too long", "use fewer"));
        }
        Self { list, starts: starts.ok(), begins }
    }

    pub fn found(&self, text: &str) -> bool {
        self.all(text).next().is_some()
    }

    /// Is the text nothing but phrases?
    pub fn is_whole(&self, text: &str) -> bool {
        let mut at = 0;
        for found in self.all(text) {
            if text.get(at..found.start).is_none_or(|gap| gap.contains(char::is_alphanumeric)) {
                return false;
            }
            at = found.end;
        }
        at > 0 && text.get(at..).is_some_and(|rest| !rest.contains(char::is_alphanumeric))
    }

    /// Where the last phrase in the text ends.
    pub fn last_end(&self, text: &str) -> Option<usize> {
        self.all(text).last().map(|found| found.end)
    }

    /// Does a phrase begin behind at most so many words?
    pub fn begins_within(&self, text: &str, words: usize) -> bool {
        let first = self.all(text).next().and_then(|found| text.get(..found.start));
        first.is_some_and(|before| before.split_whitespace().count() <= words)
    }

    /// What stands before the first phrase; all of a text without one.
    pub fn cut_off<'t>(&self, text: &'t str) -> &'t str {
        let cut = self.all(text).next().map_or(text.len(), |found| found.start);
        text.get(..cut).unwrap_or(text)
    }

    /// The phrases of a text, in order, without overlap.
    pub fn all(&self, text: &str) -> impl Iterator<Item = Range<usize>> {
        let mut begun: Vec<(usize, usize)> = Vec::new();
        for start in self.starts.iter().flat_map(|starts| starts.find_overlapping_iter(text)) {
            let phrase = self.begins.get(start.pattern().as_usize());
            let phrase = phrase.filter(|_| is_edge(text, start.start()));
            begun.extend(phrase.map(|index| (start.start(), *index)));
        }
        // At one place the longest comes first.
        begun.sort_unstable();
        let mut from = 0;
        begun.into_iter().filter_map(move |(at, index)| {
            let phrase = self.list.get(index).filter(|_| at >= from)?;
            let end = phrase.end_in(text, at)?;
            from = end;
            Some(at..end)
        })
    }
}

impl Phrase {
    /// # Errors
    /// What is wrong, and what to write instead.
    fn new(phrase: &str) -> Result<Self, (&'static str, &'static str)> {
        if !phrase.contains(char::is_alphanumeric) {
            return Err(("has no letter or digit", "write a word or a phrase"));
        }
        let piece = |word: &str| {
            let text = word.trim_end_matches('*');
            Piece { text: text.to_lowercase(), goes_on: text != word }
        };
        let pieces: Vec<Piece> = phrase.split_whitespace().map(piece).collect();
        if pieces.iter().any(|piece| piece.text.contains('*')) {
            return Err(("has a star within a word", "let a star end a word"));
        }
        if pieces.first().is_none_or(|first| first.text.is_empty()) {
            return Err(("begins with any word", "begin with a word"));
        }
        Ok(Self(pieces))
    }

    /// How it may begin: the first letters of ASCII, or a first letter beyond it, small and capital.
    fn starts(&self) -> Vec<String> {
        let first = self.0.first().map_or("", |piece| piece.text.as_str());
        let plain: String = first.chars().take_while(char::is_ascii).collect();
        if !plain.is_empty() {
            return vec![plain];
        }
        let small: String = first.chars().take(1).collect();
        vec![small.to_uppercase(), small]
    }

    /// Where it ends in the text if it stands at `at`.
    fn end_in(&self, text: &str, mut at: usize) -> Option<usize> {
        for (index, piece) in self.0.iter().enumerate() {
            if index > 0 {
                let rest = text.get(at..)?;
                let gap = rest.len() - rest.trim_start_matches(is_between_words).len();
                (gap > 0).then_some(())?;
                at += gap;
            }
            at += after(text.get(at..)?, &piece.text)?;
            if piece.goes_on {
                let rest = text.get(at..)?;
                let more = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
                let last = index + 1 == self.0.len();
                (more > 0 || last || !piece.text.is_empty()).then_some(())?;
                at += more;
            }
        }
        is_edge(text, at).then_some(at)
    }
}

/// The length of what stands first in a text, if that is this, whatever its case.
fn after(text: &str, small: &str) -> Option<usize> {
    if small.is_ascii() {
        let same = text.get(..small.len())?.eq_ignore_ascii_case(small);
        return same.then_some(small.len());
    }
    let mut chars = text.chars();
    let mut rest = small;
    while !rest.is_empty() {
        for c in chars.next()?.to_lowercase() {
            rest = rest.strip_prefix(c)?;
        }
    }
    Some(text.len() - chars.as_str().len())
}

/// Lines of a quote begin with a bar.
fn is_between_words(c: char) -> bool {
    c.is_whitespace() || c == '>'
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || ('\u{300}'..='\u{36f}').contains(&c)
}

/// No word goes on across this place.
fn is_edge(text: &str, at: usize) -> bool {
    let Some((before, behind)) = text.split_at_checked(at) else { return false };
    !(before.ends_with(is_of_word) && behind.starts_with(is_of_word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrases(list: &[&str]) -> Phrases {
        let list: Vec<String> = list.iter().map(ToString::to_string).collect();
        let mut faults = Vec::new();
        let made = Phrases::compile(&list, &Place::default(), &mut faults);
        assert!(faults.is_empty(), "{faults:?}");
        made
    }

    #[test]
    fn phrases_are_whole_words_with_room_for_more_letters_where_a_star_stands() {
        let some = phrases(&["mijn huisarts*", "fax"]);
        assert!(some.found("bij Mijn\nhuisartsenpraktijk"));
        assert!(!some.found("faxen"));
        assert!(!some.found("faxë") && !some.found("éfax") && some.found("faxen, fax"));
        let accented = phrases(&["één", "zo", "zoë", "nr.", "patiënt*"]);
        assert!(accented.found("om Één uur") && !accented.found("géén") && !accented.found("zoëts"));
        assert_eq!(accented.last_end("zo zoë."), Some("zo zoë".len()));
        assert!(accented.found("nr.12") && accented.found("de PATIËNTEN") && !accented.found("de patient"));
    }

    #[test]
    fn a_star_alone_is_any_word_and_at_the_end_perhaps_none() {
        let some = phrases(&["is * bereikbaar", "bel ik *"]);
        assert!(some.found("is Anna bereikbaar") && some.found("is\n> Anna bereikbaar"));
        assert!(!some.found("is bereikbaar") && !some.found("is An na bereikbaar"));
        assert_eq!(some.last_end("bel ik haar dan"), Some("bel ik haar".len()));
        assert!(some.found("bel ik ") && !some.found("bel ik"));
    }

    #[test]
    fn the_longest_phrase_at_a_place_is_found_and_none_within_it() {
        let some = phrases(&["oude", "oude* nummer", "nummer van"]);
        let all: Vec<_> = some.all("Het OUDE  nummer van oude").collect();
        assert_eq!(all, [4..16, 21..25]);
        assert!(some.is_whole("oude, oude nummer!") && !some.is_whole("oude zaak") && !some.is_whole(""));
        assert_eq!(some.cut_off("het oude"), "het ");
        assert!(some.begins_within("het oude", 1) && !some.begins_within("dat het oude", 1));
    }

    #[test]
    fn what_can_be_no_phrase_is_told() {
        let mut faults = Vec::new();
        let list = ["--", "* bereikbaar", "*arts", "huis*arts", "huisarts"].map(str::to_owned);
        Phrases::compile(&list, &Place::default(), &mut faults);
        let told: Vec<&str> = faults.iter().map(|fault| fault.what.as_str()).collect();
        assert_eq!(
            told,
            [
                "'--' has no letter or digit",
                "'* bereikbaar' begins with any word",
                "'*arts' has a star within a word",
                "'huis*arts' has a star within a word",
            ]
        );
    }
}
