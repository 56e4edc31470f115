//! Who has been told of already.

use super::{Mention, Teller};

impl Teller<'_> {
    /// "de dermatoloog" in "dr. Visser, de dermatoloog, keek": told of already.
    pub(super) fn is_apposition(&self, mention: &Mention, at: usize, next: usize, all: &[Mention]) -> bool {
        let before = at.checked_sub(1).and_then(|before| self.words.get(before));
        mention.name.is_empty()
            && self.words.gap(at).trim() == ","
            && (next..next + 4).any(|at| self.words.gap(at).starts_with([',', '.']))
            && (self.words.gap(next).starts_with([',', '.'])
                // "meneer Boudewijn, de chef geloof ik, zei"
                || self.people.hedges.at(&self.words, next) > 0
                || self.people.place_joins.at(&self.words, next) > 0)
            && all.last().is_some_and(|last| {
                !last.name.is_empty() && before.is_some_and(|before| before.end == last.span.end)
            })
    }

    /// "een man" in "the technician, a man called Sjoerd": the one told of just before.
    pub(super) fn says_again(&self, mention: &Mention, at: usize, all: &[Mention]) -> bool {
        let before = at.checked_sub(1).and_then(|before| self.words.get(before));
        mention.name.is_empty()
            && self.people.vague_roles.has(&mention.role)
            && self.words.gap(at).trim() == ","
            && all.last().zip(before).is_some_and(|(last, before)| last.span.end == before.end)
    }

    /// "deze medewerkster" behind "mevrouw Rietveld", "de betrokken specialist" behind "cardioloog Bos": who
    /// was named.
    pub(super) fn points_back(&self, mention: &Mention, at: usize, all: &[Mention]) -> bool {
        let named = |earlier: &&Mention| !earlier.name.is_empty() && !earlier.relative;
        mention.name.is_empty()
            && self.people.again.at(&self.words, at) > 0
            && all.iter().rev().take(2).any(|earlier| {
                let doctors = self.is_doctor(earlier) && self.people.passing_roles.has(&mention.role);
                named(&earlier) && (earlier.role.is_empty() || doctors)
            })
    }
}
