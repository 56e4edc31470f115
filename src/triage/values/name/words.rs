//! Words of a text and phrases of a vocabulary, compared without regard to case and accents.

use std::borrow::Cow;

use rustc_hash::FxHashMap;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longest run of letters that can be a word of a language; longer ones are rubbish.
const LONGEST: usize = 60;

/// A word: letters and digits with the apostrophes and hyphens between them.
#[derive(Debug, Clone)]
pub struct Word<'t> {
    pub text: &'t str,
    /// Lower case, without accents.
    pub fold: Cow<'t, str>,
    /// Byte offsets in the text that was cut up.
    pub start: usize,
    pub end: usize,
    /// A full stop follows directly.
    pub dot: bool,
    /// What the lists of the vocabulary say of it.
    known: Known,
}

impl Word<'_> {
    pub fn is_number(&self) -> bool {
        self.text.starts_with(|c: char| c.is_ascii_digit())
    }

    /// "Hondt" and "d'Hondt"
    pub fn is_capital(&self) -> bool {
        let mut chars = self.text.chars().skip_while(|c| !c.is_alphabetic());
        let first = chars.next().is_some_and(char::is_uppercase);
        first
            || chars.next().is_some_and(|c| matches!(c, '\'' | '’'))
                && chars.next().is_some_and(char::is_uppercase)
    }

    pub fn is_all_capitals(&self) -> bool {
        self.text.chars().any(char::is_uppercase) && !self.text.chars().any(char::is_lowercase)
    }
}

/// A text cut into words.
#[derive(Debug)]
pub struct Words<'t> {
    text: &'t str,
    list: Vec<Word<'t>>,
}

impl<'t> Words<'t> {
    /// For words that no list is asked about: each would say that it does not know them.
    pub(super) fn cut(text: &'t str, most: usize) -> Self {
        Self::looked_up(text, most, &Lexicon::default())
    }

    /// Linear; at most `most` words are cut, each looked up in the vocabulary.
    pub fn looked_up(text: &'t str, most: usize, lexicon: &Lexicon) -> Self {
        let mut list = Vec::new();
        let mut chars = text.char_indices().peekable();
        let mut before = ' ';
        while let Some((start, c)) = chars.next() {
            if !starts_word(before, c, &text[start + c.len_utf8()..]) {
                before = c;
                continue;
            }
            if list.len() == most {
                break;
            }
            let mut end = start + c.len_utf8();
            let mut joint = None;
            while let Some(&(at, next)) = chars.peek() {
                if next.is_alphanumeric() || is_combining_mark(next) {
                    end = at + next.len_utf8();
                    joint = None;
                } else if joint.is_none() && is_joint(next) {
                    joint = Some(at);
                } else {
                    break;
                }
                chars.next();
            }
            let word = &text[start..end];
            let dot = text[end..].starts_with('.');
            let fold = fold(word);
            let known = lexicon.get(&fold);
            list.push(Word { text: word, fold, start, end, dot, known });
            before = if joint.is_some() { ' ' } else { 'a' };
        }
        Self { text, list }
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn get(&self, index: usize) -> Option<&Word<'t>> {
        self.list.get(index)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Word<'t>> {
        self.list.iter()
    }

    /// What stands between the word before and this one; from the start of the text for the first,
    /// to its end for the one behind the last.
    pub fn gap(&self, index: usize) -> &'t str {
        let from = index.checked_sub(1).and_then(|i| self.list.get(i)).map_or(0, |word| word.end);
        let to = self.list.get(index).map_or(self.text.len(), |word| word.start);
        self.text.get(from..to).unwrap_or("")
    }

    /// What stands between two byte offsets.
    pub fn between(&self, from: usize, to: usize) -> &'t str {
        self.text.get(from..to).unwrap_or("")
    }

    /// Only blanks (and the full stop of an abbreviation) between the word before and this one.
    pub fn is_next_to(&self, index: usize) -> bool {
        let gap = self.gap(index);
        gap.len() < 64 && !gap.contains("\n\n") && gap.chars().all(|c| c == '.' || c.is_whitespace())
    }

    /// As [`Words::is_next_to`], on one line.
    pub fn is_beside(&self, index: usize) -> bool {
        self.is_next_to(index) && !self.gap(index).contains('\n')
    }

    /// The text of the words `from..to`, a full stop behind the last one left out.
    pub fn slice(&self, from: usize, to: usize) -> Option<(&'t str, usize, usize)> {
        let start = self.list.get(from)?.start;
        let end = self.list.get(to.checked_sub(1)?)?.end;
        Some((self.text.get(start..end)?, start, end))
    }
}

fn is_joint(c: char) -> bool {
    matches!(c, '\'' | '’' | '-' | '‐')
}

/// A letter or digit starts a word; an apostrophe does in `'t` and `'s`.
fn starts_word(before: char, c: char, rest: &str) -> bool {
    if before.is_alphanumeric() {
        return false;
    }
    let mut rest = rest.chars();
    c.is_alphanumeric()
        || (matches!(c, '\'' | '’')
            && rest.next().is_some_and(|c| matches!(c, 't' | 's' | 'T' | 'S'))
            && rest.next().is_none_or(char::is_whitespace))
}

/// Lower case, accents and typographic apostrophes taken off.
pub fn fold(word: &str) -> Cow<'_, str> {
    if word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'\'' || b == b'-') {
        return Cow::Borrowed(word);
    }
    if word.len() > LONGEST * 4 {
        return Cow::Borrowed("");
    }
    let plain = word.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    Cow::Owned(plain.map(|c| if c == '’' { '\'' } else { c }).collect())
}

/// The same surname, or one of the two that a person has by marriage ("Drenth", "Drenth-Bulthuis").
pub fn kin(a: &str, b: &str) -> bool {
    let (a, b) = (fold(a), fold(b));
    let part = |whole: &str, part: &str| {
        whole.strip_prefix(part).is_some_and(|rest| rest.starts_with('-'))
            || whole.strip_suffix(part).is_some_and(|rest| rest.ends_with('-'))
    };
    // "vd Berg" and "van den Berg"
    let last = |name: &str| name.rsplit_once(' ').map(|(_, last)| last.to_owned());
    let abbreviated = last(&a).zip(last(&b)).is_some_and(|(one, other)| one == other);
    a == b || abbreviated || !a.is_empty() && !b.is_empty() && (part(&a, &b) || part(&b, &a))
}

/// The same name but for capitals and accents.
pub fn same(a: &str, b: &str) -> bool {
    fold(a) == fold(b)
}

/// A bit for each list of a vocabulary.
type Lists = u128;

/// The lists in which a word begins a phrase, and those in which it is one by itself.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    begins: Lists,
    whole: Lists,
}

/// The first words of all lists of a vocabulary. A mail's words are looked up in it once, as they are cut;
/// what a hundred lists say of each of them is then a bit.
#[derive(Debug, Default)]
pub struct Lexicon {
    words: FxHashMap<String, Known>,
    lists: u32,
}

impl Lexicon {
    /// More lists have no bit of their own.
    pub const MOST: usize = Lists::BITS as usize;

    /// Takes in a list, and tells it which bit is its own.
    pub fn add(&mut self, phrases: &mut Phrases) {
        let list = Lists::from(1u8).checked_shl(self.lists).unwrap_or_default();
        self.lists += 1;
        phrases.list = list;
        for (first, rests) in &phrases.by_first {
            let known = self.words.entry(first.clone()).or_default();
            known.begins |= list;
            if rests.iter().any(Vec::is_empty) {
                known.whole |= list;
            }
        }
    }

    fn get(&self, fold: &str) -> Known {
        self.words.get(fold).copied().unwrap_or_default()
    }
}

/// The place of the bit for the last two letters of a word.
fn last_letters(fold: &str) -> Option<(usize, u64)> {
    let [first, second] = *fold.as_bytes().last_chunk()?;
    let at = usize::from(first.wrapping_mul(31) ^ second);
    Some((at / 64, 1 << (at % 64)))
}

/// Phrases of one or more words, found by their first word.
#[derive(Debug, Default)]
pub struct Phrases {
    by_first: FxHashMap<String, Vec<Vec<String>>>,
    /// A bit for the last letters of each phrase of one word, see [`Phrases::endings_of`].
    lasts: [u64; 4],
    /// Its bit in the vocabulary's [`Lexicon`].
    list: Lists,
}

impl Phrases {
    pub fn new(phrases: &[String]) -> Self {
        let mut by_first: FxHashMap<String, Vec<Vec<String>>> = FxHashMap::default();
        for phrase in phrases {
            let mut words = Words::cut(phrase, 12).list.into_iter().map(|word| word.fold.into_owned());
            if let Some(first) = words.next() {
                by_first.entry(first).or_default().push(words.collect());
            }
        }
        for rests in by_first.values_mut() {
            rests.sort_by_key(|rest| std::cmp::Reverse(rest.len()));
        }
        let mut lasts = [0; 4];
        let single = by_first.iter().filter(|(_, rests)| rests.iter().any(Vec::is_empty));
        for (at, bit) in single.filter_map(|(first, _)| last_letters(first)) {
            if let Some(bits) = lasts.get_mut(at) {
                *bits |= bit;
            }
        }
        Self { by_first, lasts, list: 0 }
    }

    /// How many words the longest phrase at `index` has; 0 when none stands there.
    pub fn at(&self, words: &Words, index: usize) -> usize {
        let first = words.get(index).filter(|word| word.known.begins & self.list != 0);
        let Some(rests) = first.and_then(|word| self.by_first.get(word.fold.as_ref())) else {
            return 0;
        };
        let fits = |rest: &&Vec<String>| {
            rest.iter().enumerate().all(|(i, wanted)| {
                let at = index + i + 1;
                words.is_next_to(at) && words.get(at).is_some_and(|word| word.fold == wanted.as_str())
            })
        };
        rests.iter().find(fits).map_or(0, |rest| rest.len() + 1)
    }

    /// Is this word a phrase by itself?
    pub fn is(&self, word: &Word) -> bool {
        word.known.whole & self.list != 0
    }

    /// Is this folded word a phrase by itself?
    pub fn has(&self, fold: &str) -> bool {
        self.by_first.get(fold).is_some_and(|rests| rests.iter().any(Vec::is_empty))
    }

    /// Where in a folded word the phrases begin that it ends with, the longest first; the word itself is none.
    pub fn endings_of(&self, fold: &str) -> impl Iterator<Item = usize> {
        let may = last_letters(fold)
            .is_some_and(|(at, bit)| self.lasts.get(at).is_some_and(|bits| bits & bit != 0));
        let length = if may { fold.len() } else { 0 };
        (1..length).filter(move |at| fold.get(*at..).is_some_and(|end| self.has(end)))
    }

    /// Does any phrase stand within the words `from..to`?
    pub fn within(&self, words: &Words, from: usize, to: usize) -> bool {
        (from..to.min(words.len())).any(|index| self.at(words, index) > 0)
    }

    /// The folded words that phrases are made of.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.by_first
            .iter()
            .flat_map(|(first, rests)| std::iter::once(first).chain(rests.iter().flatten()))
            .map(String::as_str)
    }
}
