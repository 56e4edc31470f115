//! Who is only told of in passing: referred, quoted, waited for, asked for, or where the writer went.

use std::ops::Range;

use super::super::super::name::words::Phrases;
use super::{Mood, Teller};

impl Teller<'_> {
    /// Told of on the way to what the mail is about.
    pub(super) fn is_in_passing(&self, at: usize, role_at: usize, next: usize, mood: Mood) -> bool {
        self.is_on_the_way(at, role_at, next)
            || self.is_what_they_do(at, next)
            || self.is_where_to(at, role_at, next, mood)
            || self.is_an_outsider(at, role_at)
    }

    /// "bij de opticien", "voor de huidarts": a place or an aim, unless they do something there.
    fn is_on_the_way(&self, at: usize, role_at: usize, next: usize) -> bool {
        let passing = self
            .people
            .passing_roles
            .at(&self.words, role_at)
            .max(self.people.shops.at(&self.words, role_at));
        let before =
            at.checked_sub(1).is_some_and(|before| self.people.on_the_way.at(&self.words, before) > 0);
        let who = self.people.who_words.at(&self.words, next) > 0;
        let partner = self.people.partners.at(&self.words, next) > 0;
        let doctor = self.words.get(role_at).is_some_and(|word| self.people.doctors.is(word));
        let yours = (role_at..next).any(|at| self.people.readers.at(&self.words, at) > 0);
        (passing > 0 || doctor)
            && (before && (!who || partner) || self.is_awaited(at))
            && !yours
            && self.people.your_words.at(&self.words, at) == 0
    }

    /// "decided to send my file TO one of your cardiologists", "de foto's waren VOOR jullie huidarts"
    fn is_where_to(&self, at: usize, role_at: usize, next: usize, mood: Mood) -> bool {
        let before =
            |list: &Phrases| at.checked_sub(1).is_some_and(|before| list.at(&self.words, before) > 0);
        let doctor = self.words.get(role_at).is_some_and(|word| self.people.doctors.is(word));
        let who = self.people.who_words.at(&self.words, next) > 0;
        let aim = before(&self.people.destinations);
        mood.refers && (aim || before(&self.people.on_the_way)) || aim && doctor && !who
    }

    /// "De apotheker belde dat de dosis niet klopte": nobody of the organisation, who only found out.
    fn is_an_outsider(&self, at: usize, role_at: usize) -> bool {
        self.people.outsiders.at(&self.words, role_at) > 0 && self.people.your_words.at(&self.words, at) == 0
    }

    /// "een vriendin die doktersassistente is": what somebody else is.
    pub(super) fn is_what_they_are(&self, at: usize, article: usize) -> bool {
        let who = self.people.who_words.at(&self.words, at) == article;
        let end = at + article + self.role(at + article);
        let copula = self.people.copulas.at(&self.words, end);
        let ends = self.words.gap(end + copula).contains([',', '.', ';', '!', '?']);
        who && end > at + article && copula > 0 && (ends || end + copula >= self.words.len())
    }

    /// "an eye measurement, which is judged by your ophthalmologists": what is done with everybody.
    fn is_what_they_do(&self, at: usize, next: usize) -> bool {
        /// Words between "wordt" and "door".
        const NEAR: usize = 5;
        let by = at.checked_sub(1).filter(|by| self.people.by_words.at(&self.words, *by) > 0);
        let done = |by: usize| {
            (by.saturating_sub(NEAR)..by)
                .rev()
                .take_while(|at| self.words.is_next_to(at + 1))
                .any(|at| self.people.always.at(&self.words, at) > 0)
        };
        let behind = |at: usize| self.people.always_behind.at(&self.words, at) > 0;
        by.is_some_and(|by| done(by) || behind(next)) && self.people.your_words.at(&self.words, at) > 0
    }

    /// "vroeg om een arts", "weigerde een arts te bellen": who did not come was not involved.
    pub(super) fn is_wanted(&self, at: usize, next: usize) -> bool {
        let ends_at = |from: usize| from + self.people.wanted_before.at(&self.words, from) == at;
        (at.saturating_sub(3)..at).any(ends_at)
            || (next..next + 2).any(|at| self.people.wanted_behind.at(&self.words, at) > 0)
    }

    /// "zegt de dokter", "naderhand hoorde ik van de dokter": who is only quoted.
    fn is_quoted_from(&self, at: usize) -> bool {
        /// The longest of such phrases, in words.
        const LONGEST: usize = 4;
        let ends_here = |from: usize| from + self.people.told_by.at(&self.words, from) == at;
        (at.saturating_sub(LONGEST)..at).any(ends_here)
    }

    /// "dat heb ik van de dokter gehoord"; "de rekening van de opticien", "de naam van een andere meneer":
    /// who said something, or has something, and did nothing.
    fn is_source(&self, at: usize, role: &Range<usize>) -> bool {
        let Some(join) = at.checked_sub(1).filter(|join| self.people.place_joins.at(&self.words, *join) > 0)
        else {
            return false;
        };
        let is = |list: &Phrases| list.at(&self.words, role.start) > 0;
        let has = |list: &Phrases| join.checked_sub(1).is_some_and(|at| list.at(&self.words, at) == 1);
        let outsider = is(&self.people.outsiders) || is(&self.people.shops);
        let anybody = is(&self.people.vague_roles) && self.people.indefinite.at(&self.words, at) > 0;
        (has(&self.people.bills) && outsider
            || has(&self.people.belongings) && anybody
            || self.people.told_behind.at(&self.words, role.end) > 0)
            && self.people.your_words.at(&self.words, at) == 0
    }

    /// "wachtte op het oordeel van de uroloog": whose answer was awaited did nothing yet.
    fn is_awaited(&self, at: usize) -> bool {
        /// Words between "wachtte op" and who is waited for, and those two.
        const NEAR: usize = 6;
        let awaits = |from: usize| self.people.awaiting.at(&self.words, from) > 0;
        (at.saturating_sub(NEAR)..at).rev().take_while(|from| self.words.is_next_to(from + 1)).any(awaits)
    }

    /// Who referred, is only quoted, leads those whom something is asked of, signed a letter or is denied.
    pub(super) fn only_told_of(&self, at: usize, role: &Range<usize>, mood: Mood) -> bool {
        let is = |list: &Phrases| list.at(&self.words, role.start) > 0;
        let referrer = is(&self.people.referring_roles);
        let superior = is(&self.people.superiors);
        referrer && (self.is_quoted_from(at) || mood.refers || mood.orders)
            || mood.referred_by && (referrer || is(&self.people.passing_roles))
            || superior && (mood.wishes || self.is_writer_of_a_paper(at))
            || self.is_denied(at)
            || self.is_source(at, role)
    }

    /// "de brief van uw klachtenfunctionaris": who only signed what came.
    pub(super) fn is_writer_of_a_paper(&self, at: usize) -> bool {
        let paper = at.checked_sub(2).is_some_and(|paper| self.people.papers.at(&self.words, paper) == 1);
        paper && self.people.place_joins.at(&self.words, at - 1) > 0
    }

    /// "you are the patient, not the nurse"
    pub(super) fn is_denied(&self, at: usize) -> bool {
        at.checked_sub(1).is_some_and(|before| self.people.denials.at(&self.words, before) > 0)
            && self.people.indefinite.at(&self.words, at) == 0
            && self.words.gap(at - 1).contains(',')
    }

    /// "toen ik naar de manager vroeg", "I asked for the manager"
    pub(super) fn is_asked_for(&self, at: usize, next: usize) -> bool {
        let asks = |at: usize| self.people.asking.at(&self.words, at) > 0;
        let before = at.checked_sub(1);
        before.is_some_and(|before| {
            let wanted = self.people.wanted_before.at(&self.words, before) == 1;
            wanted && (asks(next) || (before.saturating_sub(2)..before).any(asks))
        })
    }

    /// Did a mail program break the line before the word at `at`?
    pub(super) fn is_wrapped(&self, at: usize) -> bool {
        /// Bytes of such a line.
        const BROKEN: usize = 45;
        let (Some(last), 1) = (at.checked_sub(1), self.words.gap(at).matches('\n').count()) else {
            return false;
        };
        let starts = |word: &usize| self.words.gap(*word).contains('\n');
        let first = (last.saturating_sub(BROKEN)..=last).rev().find(starts).unwrap_or(0);
        let bounds = self.words.get(first).zip(self.words.get(last));
        bounds.is_some_and(|(first, last)| last.end - first.start >= BROKEN)
    }
}
