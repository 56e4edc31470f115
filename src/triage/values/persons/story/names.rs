//! The names of people in sentences: behind a title, set off by commas or brackets, by themselves.

use super::super::super::name::words::Word;
use super::super::super::name::{Case, Shape};
use super::super::Mention;
use super::{Teller, folded};

impl Teller<'_> {
    /// A name directly behind, in brackets, or set off by a comma.
    pub(super) fn named_behind(&self, at: usize) -> Option<(Mention, usize)> {
        let gap = self.words.gap(at);
        let beside = self.words.is_next_to(at) && !gap.contains('.');
        let bracket = gap.trim() == "(" || matches!(gap.trim(), "\"" | "“" | "„" | "'" | "‘");
        let comma = matches!(gap.trim(), "," | ":" | "-" | "–");
        if !(beside || bracket || comma) {
            return None;
        }
        // "De beoordelaar, optometrist Hoeksema, …"
        if let Some(found) = self.titled(at).or_else(|| comma.then(|| self.role_and_name(at)).flatten()) {
            return Some(found);
        }
        let (mention, next) = self.bare(at)?;
        let known = mention.name.first().is_some_and(|word| self.people.is_known(word));
        // "De medewerker, Delano, hing op."
        let set_off = comma && self.words.gap(next).starts_with(',');
        let ends = self.words.gap(next).starts_with([',', ')', '.', '-', ' ']) && mention.name.len() > 1;
        let closes = set_off || ends;
        (beside || bracket || known || closes).then_some((mention, next))
    }

    /// "dr. Bakker", "de heer Baan", "Mrs. Van Leeuwen"
    pub(super) fn titled(&self, at: usize) -> Option<(Mention, usize)> {
        let from = self.people.behind_titles(&self.words, at);
        (from > at).then_some(())?;
        let shape = self
            .prose(from)
            .or_else(|| self.in_capitals(from))
            .or_else(|| self.without_capitals(at, from))?;
        Some((self.noted(at, shape, "")?, shape.to))
    }

    /// "dr smith", "dokter van dam", "mevrouw jansen van de receptie" where nothing has a capital: "de
    /// dokter keek" names nobody, so something else must say that a name stands there.
    fn without_capitals(&self, at: usize, from: usize) -> Option<Shape> {
        let shape = self.mumbles.then(|| self.people.shape(&self.words, from, Case::Loose)).flatten()?;
        let is_particle = |at: &usize| self.words.get(*at).is_some_and(|word| self.people.particles.is(word));
        let name = (from..shape.to).find(|at| !is_particle(at))?;
        let to = name + 1;
        // "dr" and "mw" are never said by themselves.
        let short = self.words.get(from.checked_sub(1)?)?;
        let abbreviated = at + 1 == from && !short.text.contains(['a', 'e', 'i', 'o', 'u']);
        let placed = self.is_placed(to);
        let place = self.people.places.at(&self.words, name) > 0;
        ((name > from || abbreviated || placed) && !place).then_some(Shape { to, ..shape })
    }

    /// "… van de planning" stands there.
    fn is_placed(&self, at: usize) -> bool {
        let join = self.people.place_joins.at(&self.words, at);
        join > 0 && self.people.places.at(&self.words, at + join) > 0
    }

    /// A name within a sentence. Many of the questions about a word begin with this one, so the answer is kept.
    pub(super) fn prose(&self, at: usize) -> Option<Shape> {
        let answer = self.prose.get(at)?;
        *answer.get_or_init(|| self.prose_anew(at))
    }

    fn prose_anew(&self, at: usize) -> Option<Shape> {
        self.people.shape(&self.words, at, Case::Prose).or_else(|| {
            let known = self.screams && self.words.get(at).is_some_and(|word| self.people.is_given(word));
            known.then(|| self.in_capitals(at)).flatten()
        })
    }

    /// "JANSEN" behind a title; where all is capitals, one surname with what belongs before it.
    pub(super) fn in_capitals(&self, at: usize) -> Option<Shape> {
        let shape = self.people.shape(&self.words, at, Case::Line)?;
        let mut names = (shape.from..shape.to)
            .filter_map(|at| Some((at, self.words.get(at)?)))
            .filter(|(_, word)| word.text.chars().count() > 1 && !self.people.particles.is(word));
        let (first, word) = names.next().filter(|(_, word)| word.is_all_capitals())?;
        if !self.screams {
            return Some(shape);
        }
        let surname = names.next().filter(|_| self.people.is_given(word)).map_or(first, |(at, _)| at);
        Some(Shape { to: surname + 1, ..shape })
    }

    /// A name by itself.
    pub(super) fn bare(&self, at: usize) -> Option<(Mention, usize)> {
        self.words.get(at).filter(|word| word.is_capital())?;
        let shape = self.prose(at)?;
        Some((self.noted(at, shape, "")?, shape.to))
    }

    /// The mention of a name, as written from the word at `from`.
    pub(super) fn noted(&self, from: usize, shape: Shape, role: &str) -> Option<Mention> {
        let (text, start, end) = self.words.slice(from, shape.to)?;
        // "Freja's headaches"
        let own = text.strip_suffix("'s").or_else(|| text.strip_suffix("’s")).unwrap_or(text);
        let end = end - (text.len() - own.len());
        let particles = &self.people.particles;
        let name = (shape.from..shape.to)
            .filter_map(|at| self.words.get(at))
            .map(|word| word.fold.trim_end_matches("'s").to_owned())
            .filter(|word| !particles.has(word) || shape.to - shape.from == 1)
            .collect();
        Some(Mention {
            value: folded(own),
            span: start..end,
            role: role.to_owned(),
            name,
            relative: false,
            in_passing: false,
        })
    }

    /// "Boaz (4)": somebody whose age is told, which is the patient.
    pub(super) fn aged(&self, at: usize) -> Option<(Mention, usize)> {
        let (mention, next) = self.titled(at).or_else(|| self.bare(at))?;
        let age = self.words.get(next).filter(|word| word.is_number() && word.text.len() <= 2);
        let bracket =
            self.words.gap(next).trim() == "(" && self.words.gap(next + 1).trim_start().starts_with(')');
        (age.is_some() && bracket).then_some((Mention { relative: true, ..mention }, next))
    }

    /// "Joke Pronk, mijn begeleidster, was erbij": somebody of the writer's who is named.
    pub(super) fn with_relation(&self, at: usize) -> Option<(Mention, usize)> {
        self.words.get(at).filter(|word| word.is_capital())?;
        let shape = self.prose(at).filter(|shape| shape.full)?;
        let own = self.people.own_words.at(&self.words, shape.to);
        let relation = self.people.relations.at(&self.words, shape.to + own);
        (own > 0 && relation > 0 && self.words.gap(shape.to).trim() == ",").then_some(())?;
        Some((Mention { relative: true, ..self.noted(at, shape, "")? }, shape.to + own + relation))
    }

    /// A common first name, with or without a surname.
    pub(super) fn known_name(&self, at: usize) -> Option<(Mention, usize)> {
        let word = self.words.get(at)?;
        if self.mumbles && self.people.is_given(word) && self.is_placed(at + 1) {
            let shape = Shape { from: at, to: at + 1, surname: at + 1, full: false };
            return Some((self.noted(at, shape, "")?, at + 1));
        }
        let is_name =
            word.is_capital() && (self.screams || !word.is_all_capitals()) && self.people.is_given(word);
        let by_number =
            [at.wrapping_sub(1), at + 1].iter().any(|at| self.words.get(*at).is_some_and(Word::is_number));
        // "DAN DE HOORN EROP": where all is capitals, something must say that a name stands there.
        let told = at.checked_sub(1).is_some_and(|before| {
            self.people.by_words.at(&self.words, before) + self.people.spoken_to.at(&self.words, before) > 0
        });
        if self.screams && !told && !self.is_placed(at + 1) {
            return None;
        }
        // "… viel het uit. Jordy …" is no place.
        let before = !self.words.gap(at).contains(['.', '!', '?', ','])
            && at.checked_sub(1).is_some_and(|before| self.people.before_places.at(&self.words, before) > 0);
        (is_name && !by_number && !before).then_some(())?;
        let (mention, next) = self.bare(at)?;
        if self.is_spoken_to(at, next) {
            return None;
        }
        // "het Anna Ziekenhuis"
        let place = self.words.get(next).is_some_and(|word| self.people.organisations.is(word));
        (!place || !self.words.is_next_to(next)).then_some((mention, next))
    }
}
