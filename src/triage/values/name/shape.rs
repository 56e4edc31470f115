//! What a person's name looks like: initials, first names, tussenvoegsels, surnames.

use super::vocabulary::People;
use super::words::{Word, Words, fold};

/// More words than any name has.
const MOST_WORDS: usize = 8;
/// More letters than any part of a name has.
const MOST_LETTERS: usize = 30;

/// How sure the writing must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// Within a sentence: capitals only where a name has them.
    Prose,
    /// A line by itself: all capitals are fine too.
    Line,
    /// Behind a label or a closing: lower case is fine too.
    Loose,
}

/// A run of words that looks like a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub from: usize,
    /// Behind the last word.
    pub to: usize,
    /// First word of the surname; `to` where there is none.
    pub surname: usize,
    /// A first name or initials, and a surname.
    pub full: bool,
}

/// A person's name with what comparing needs.
#[expect(clippy::struct_excessive_bools, reason = "four independent observations, no states")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// As it is to be noted: one blank between words, no screaming capitals.
    pub value: String,
    /// Byte offsets in the text that was looked at.
    pub start: usize,
    pub end: usize,
    pub full: bool,
    /// First names or initials, as in `value`.
    pub given: String,
    /// Surname with its tussenvoegsels, as in `value`; empty where there is none.
    pub surname: String,
    /// A title stood before it.
    pub titled: bool,
    /// The first word is a common first name.
    pub known: bool,
    /// Two people who share a surname ("Hans en Tineke Overbeek").
    pub couple: bool,
}

impl Named {
    /// A name of which no more is known than how it is written ("Ada Kruidenier", which is a trade too).
    pub fn plain(name: &str) -> Self {
        Self {
            value: name.to_owned(),
            start: 0,
            end: name.len(),
            full: true,
            given: String::new(),
            surname: String::new(),
            titled: false,
            known: false,
            couple: false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Initial,
    Name,
    Particle,
    None,
}

impl People {
    /// The longest name that starts with the word at `index`.
    pub fn shape(&self, words: &Words, index: usize, case: Case) -> Option<Shape> {
        let (mut initials, mut names, mut last, mut particle) = (0, 0, index, None);
        let (mut after_particle, mut after_initial) = (false, false);
        for at in index..index + MOST_WORDS {
            // "mevrouw van\nDijk", where a mail program broke the line.
            let broken = (after_particle || after_initial) && case == Case::Prose && words.is_next_to(at);
            if at > index && !broken && !self.continues(words, at) {
                break;
            }
            // "de heer P. Grootveld te Ede"
            let whole = names + usize::from(initials > 0) >= 2;
            if case == Case::Prose && whole && self.leads_to_a_place(words, at) {
                break;
            }
            let part = self.part(words, at, case, names, after_particle);
            after_particle = part == Part::Particle || self.ends_with_particle(words, at);
            after_initial = part == Part::Initial;
            match part {
                Part::None => break,
                Part::Particle => particle = particle.or(Some(at)),
                Part::Initial => initials += 1,
                Part::Name => (names, last) = (names + 1, at),
            }
        }
        (names > 0).then(|| {
            let to = last + 1;
            let surname = match particle.filter(|at| *at < last) {
                Some(at) => at,
                None if names + initials > 1 && last > index => last,
                None => to,
            };
            Shape { from: index, to, surname, full: surname > index && surname < to }
        })
    }

    /// "te" and "in", small, before a place.
    pub fn leads_to_a_place(&self, words: &Words, at: usize) -> bool {
        words.get(at).is_some_and(|word| !word.is_capital() && self.before_places.is(word))
    }

    /// "Ubbink-ter" of "Ubbink-ter Haar": what follows is a surname, though it is a word elsewhere.
    fn ends_with_particle(&self, words: &Words, at: usize) -> bool {
        let end = words.get(at).and_then(|word| word.fold.rsplit_once('-'));
        end.is_some_and(|(_, end)| self.particles.has(end))
    }

    /// "Fenna Dokter", "Hennie Buurman", "Annie Wolfswinkel": behind a first name, and not within a sentence, a
    /// word for what somebody is is a surname, and so is one that ends like a street or a shop.
    fn is_surname_too(&self, words: &Words, at: usize, case: Case, names: usize) -> bool {
        let before = at.checked_sub(1).and_then(|before| words.get(before));
        let given = before.is_some_and(|word| self.first_names.is(word));
        let titled = words.get(at).is_some_and(|word| {
            word.is_capital()
                && word.fold.chars().count() > 4
                && (self.titles.is(word) || self.relations.is(word) || self.is_named_after_a_place(word))
        });
        names == 1 && case != Case::Prose && given && titled
    }

    fn part(&self, words: &Words, at: usize, case: Case, names: usize, after_particle: bool) -> Part {
        let Some(word) = words.get(at) else { return Part::None };
        if !is_wordlike(words, at, word) {
            return Part::None;
        }
        let capital = word.is_capital();
        let leads = || {
            words.is_beside(at + 1)
                && words.get(at + 1).is_some_and(|next| self.particles.is(next) && !next.is_capital())
        };
        // "De Groot in het Amphia" ends before the place; "Kees in 't Veld" does not.
        let place = || case == Case::Prose && names > 0 && self.place_joins.at(words, at) > 1;
        if self.particle_starts.is(word) && leads() {
            return if place() { Part::None } else { Part::Particle };
        }
        // "Tjon A Ten"
        let behind_letter = || at.checked_sub(1).and_then(|before| words.get(before)).is_some_and(is_initial);
        if capital && names > 0 && self.particles.is(word) && behind_letter() {
            return Part::Name;
        }
        if self.particles.is(word)
            && !(names == 0 && capital && self.first_names.is(word))
            && !(capital && is_initial(word))
        {
            return Part::Particle;
        }
        if is_initial(word) {
            return if capital || case == Case::Loose { Part::Initial } else { Part::None };
        }
        // "Ben" and "Wil" begin sentences, and names on lines of their own.
        let given = names == 0 && capital && case != Case::Prose && self.first_names.is(word);
        let barred = match (after_particle, given) {
            (true, _) => self.organisations.is(word),
            (false, true) => false,
            (false, false) => self.is_no_name(word, names) && !self.is_surname_too(words, at, case, names),
        };
        if barred {
            return Part::None;
        }
        if names == 0 && self.is_short_given(words, at, word) {
            return Part::Initial;
        }
        match case {
            Case::Loose => Part::Name,
            Case::Line if capital => Part::Name,
            Case::Prose if capital && !word.is_all_capitals() => Part::Name,
            _ => Part::None,
        }
    }

    /// A role may be a surname ("Piet Arts"), but not a third name ("Piet Bos arts").
    fn is_no_name(&self, word: &Word, names: usize) -> bool {
        // "Dijkema-Post" is no "post", and "Tersteeg" no street.
        let of_a_surname = |at: usize| {
            let front = word.fold.get(..at);
            front.is_some_and(|front| front.ends_with('-') || self.surname_starts.has(front))
        };
        self.not_names.is(word)
            || self.organisations.is(word)
            || self.courtesies.is(word)
            || self.titles.is(word)
            || self.joins.is(word)
            || self.relations.is(word)
            || (names != 1 && self.roles.is(word))
            || self.degrees.is(word)
            || self.endings.endings_of(&word.fold).any(|at| !of_a_surname(at))
    }

    /// One word that only ends like an organisation or a street, and names none by itself.
    fn is_named_after_a_place(&self, word: &Word) -> bool {
        self.surname_endings.endings_of(&word.fold).any(|at| at > 0) && !self.organisations.is(word)
    }

    /// Blanks only, or the full stop of an initial, before the word at `at`; on one line.
    fn continues(&self, words: &Words, at: usize) -> bool {
        let gap = words.gap(at);
        let Some(before) = at.checked_sub(1).and_then(|before| words.get(before)) else { return false };
        let short = is_initial(before) || self.abbreviations.is(before);
        match gap {
            "" => false,
            "." | "/" if is_initial(before) => true,
            "." => short || before.text.chars().count() <= 2,
            _ => words.is_beside(at) && (short || !gap.contains('.')),
        }
    }

    /// "Th." and "JP" before a surname.
    fn is_short_given(&self, words: &Words, at: usize, word: &Word) -> bool {
        let letters = word.text.chars().count();
        let next = words.get(at + 1).filter(|_| self.continues(words, at + 1));
        let before_name = next.is_some_and(|next| next.is_capital() || self.particles.is(next));
        let dotted = word.dot && word.is_capital() && self.abbreviations.is(word);
        let bunched =
            letters <= 3 && word.is_all_capitals() && next.is_some_and(|next| !next.is_all_capitals());
        before_name && (dotted || bunched)
    }

    /// A line that is a name, perhaps with more behind it that tells about the person.
    pub fn line(&self, text: &str, case: Case) -> Option<Named> {
        let plain = self.without_nickname(text);
        let text = plain.as_deref().unwrap_or(text);
        let words = self.words(text, 40);
        let from = self.behind_titles(&words, 0);
        if self.families.at(&words, from) > 0 {
            return None;
        }
        let first = self.shape(&words, from, case)?;
        let mut shape = first;
        let joined = self.joined(&words, first.to);
        if let Some(second) = joined.and_then(|at| self.shape(&words, self.behind_titles(&words, at), case)) {
            match (first.full, second.full) {
                (false, true) => shape = Shape { from, ..second },
                (false, false) => return None,
                (true, _) => return self.named(&words, first, from > 0),
            }
        }
        // Behind a label a sentence may follow: "Naam: Jan Bos. Ik kan niet inloggen."
        let behind = words.gap(shape.to);
        let stops =
            case == Case::Loose && shape.full && behind.starts_with(['.', '!']) && behind.ends_with(' ');
        (stops || self.may_end(&words, shape.to)).then_some(())?;
        let mut named = self.named(&words, shape, from > 0)?;
        named.couple = shape != first;
        Some(named)
    }

    /// "R. (Roel) Smits" with blanks in the place of "(Roel)"; `None` where there is no such thing.
    fn without_nickname(&self, text: &str) -> Option<String> {
        let open = text.find('(').filter(|open| *open > 0)?;
        let inner = text.get(open + 1..)?;
        let close = inner.find(')').filter(|close| *close <= MOST_LETTERS)?;
        let behind = inner.get(close + 1..)?.trim_start();
        let goes_on = behind.starts_with(char::is_alphabetic);
        if !goes_on || !self.is_known(&fold(inner.get(..close)?.trim())) {
            return None;
        }
        let mut plain = text.get(..open)?.to_owned();
        plain.extend(std::iter::repeat_n(' ', close + 2));
        plain.push_str(inner.get(close + 1..)?);
        Some(plain)
    }

    /// The word behind "en" or "&".
    fn joined(&self, words: &Words, at: usize) -> Option<usize> {
        if matches!(words.gap(at).trim(), "&" | "+") && words.get(at).is_some() {
            return Some(at);
        }
        let is_join = words.is_beside(at) && words.get(at).is_some_and(|word| self.joins.is(word));
        (is_join && words.is_beside(at + 1)).then_some(at + 1)
    }

    /// The index of the first word that is no title.
    pub fn behind_titles(&self, words: &Words, mut at: usize) -> usize {
        while let count @ 1.. = self.titles.at(words, at) {
            if words.get(at + count).is_none()
                || is_whole_before_a_stop(words, at + count)
                || !words.gap(at + count).chars().all(|c| ". \u{a0}()\n\r>".contains(c))
                || words.gap(at + count).matches('\n').count() > 1
            {
                break;
            }
            at += count;
        }
        at
    }

    /// May a line that starts with a name go on like this?
    fn may_end(&self, words: &Words, at: usize) -> bool {
        let gap = words.gap(at);
        let Some(next) = words.get(at) else {
            return !gap.contains(['?', ':', '@']);
        };
        let sets_off = |c: char| {
            matches!(
                c,
                ',' | '|' | '(' | '/' | '•' | '·' | '–' | '—' | '-' | ';' | '\t' | '*' | '[' | '<' | '+'
            )
        };
        gap.chars().any(sets_off)
            || next.is_number() && !self.is_an_address(words, at)
            || (words.is_beside(at)
                && (self.after_name.at(words, at) > 0
                    || self.roles.at(words, at) > 0
                    || self.passing_roles.at(words, at) > 0
                    || self.degrees.is(next)))
    }

    /// "Lange Delft 41 Middelburg": the number of a house, unless the first word is a person's.
    fn is_an_address(&self, words: &Words, at: usize) -> bool {
        /// Digits of the number of a house.
        const HOUSE: usize = 4;
        let house = words.get(at).is_some_and(|word| word.text.len() <= HOUSE && !word.text.starts_with('0'));
        let place = words.get(at + 1).is_none_or(|word| word.is_capital() || word.is_number());
        house && place && !words.get(0).is_some_and(|word| self.is_given(word) || is_initial(word))
    }

    /// The name that a shape holds.
    pub fn named(&self, words: &Words, shape: Shape, titled: bool) -> Option<Named> {
        let (text, start, end) = words.slice(shape.from, shape.to)?;
        let surname_at =
            words.get(shape.surname).filter(|_| shape.surname < shape.to).map_or(end, |word| word.start);
        let value = self.spelled(text);
        let raw_given = text.get(..surname_at.saturating_sub(start))?;
        let given = self.spelled_like(raw_given, text);
        let surname = self.spelled_like(text.get(surname_at.saturating_sub(start)..)?, text);
        let known = words.get(shape.from).is_some_and(|word| self.is_given(word));
        Some(Named { value, start, end, full: shape.full, given, surname, titled, known, couple: false })
    }

    /// Is the word, or its first half, a common first name?
    pub fn is_given(&self, word: &Word) -> bool {
        self.first_names.is(word) || self.is_first_half_known(&word.fold)
    }

    fn is_first_half_known(&self, fold: &str) -> bool {
        fold.split_once('-').is_some_and(|(first, _)| self.first_names.has(first))
    }

    /// The same of a folded word.
    pub fn is_known(&self, fold: &str) -> bool {
        self.first_names.has(fold) || self.is_first_half_known(fold)
    }
}

/// "… bij de dokter. Bleek dat …": no title that is cut short is so long.
fn is_whole_before_a_stop(words: &Words, at: usize) -> bool {
    /// Letters of "mevr", "proff" and the like.
    const CUT_SHORT: usize = 5;
    let before = at.checked_sub(1).and_then(|before| words.get(before));
    words.gap(at).starts_with('.') && before.is_some_and(|word| word.fold.chars().count() > CUT_SHORT)
}

fn is_initial(word: &Word) -> bool {
    let letters = word.text.chars().count();
    letters == 1 || (word.fold == "ij" && word.dot)
}

/// Letters only, of a length that a name may have, no part of an address.
fn is_wordlike(words: &Words, at: usize, word: &Word) -> bool {
    let behind = words.gap(at + 1);
    let letters = word.text.chars().take(MOST_LETTERS + 1).count();
    let in_address = words.gap(at).ends_with(['@', '_'])
        || behind.starts_with(['@', '_'])
        || (behind == "." && letters > 3);
    letters <= MOST_LETTERS
        && !in_address
        && !is_thing(word.text)
        && !word.text.chars().any(|c| c.is_ascii_digit())
}

/// "ECG-apparaat", "KNO-arts": a short form in capitals and a word in small letters.
fn is_thing(word: &str) -> bool {
    word.split_once('-').is_some_and(|(short, rest)| {
        short.len() > 1 && short.chars().all(char::is_uppercase) && rest.starts_with(char::is_lowercase)
    })
}
