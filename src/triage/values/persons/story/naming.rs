//! Names that are given to somebody told of: "de trainer (Rutger)", "ze heette Annelies", "mevrouw Drent
//! was dat", "op zijn pasje stond D. Kramer".

use std::ops::Range;

use super::super::super::name::Shape;
use super::super::super::name::words::Phrases;
use super::super::Mention;
use super::Teller;

/// Words between a badge and what stands on it.
const BADGE: usize = 6;

impl Teller<'_> {
    /// "… the nurse. His name is Wouter", "… a clerk. Mrs Rhine that was": the first of those told of
    /// who may be meant. Of the sentence before (`earlier` were told of until then) it is anybody, unless
    /// of two people; of further back the only one without a name, or the last.
    pub(super) fn named_afterwards(
        &self,
        sentence: Range<usize>,
        before: Range<usize>,
        earlier: usize,
        all: &[Mention],
    ) -> Option<usize> {
        let from = sentence.start;
        let named = || self.titled(from).or_else(|| self.known_name(from));
        let was_that = || named().is_some_and(|(_, next)| self.people.was_that.at(&self.words, next) > 0);
        let on_a_badge = || sentence.clone().any(|at| self.on_a_badge(at, from).is_some());
        let called = || self.naming(from).is_some() || self.is_called_within(from, sentence.end);
        // "According to his badge his name is Wouter."
        let called = || called() || self.says_their_name(&sentence);
        if !called() && !was_that() && !on_a_badge() && self.beside_a_pronoun(from).is_none() {
            return None;
        }
        let named = all.iter().rposition(|mention| !mention.name.is_empty());
        let behind = named.map_or(0, |last| last + 1);
        if all.len() <= earlier + 1
            && behind < all.len()
            && !self.tells_of_relatives(before.start, before.end)
        {
            let last = all.iter().rposition(counts).filter(|last| *last >= behind);
            return Some(last.unwrap_or(all.len() - 1));
        }
        let mut nameless = all.iter().enumerate().filter(|(_, one)| counts(one)).map(|(at, _)| at);
        let (first, last) = (nameless.next(), nameless.next_back());
        // Of several the last one told of, where somebody was left to be called by a name.
        let meant = if last.is_none() || called() || on_a_badge() { last.or(first) } else { None };
        meant.filter(|_| !self.tells_of_relatives(0, from))
    }

    /// "He, Dennis I believe, smelled of smoke" and "Hij (Dennis) rook" at the start of a sentence: the name,
    /// and where it goes on.
    pub(super) fn beside_a_pronoun(&self, from: usize) -> Option<(Mention, usize)> {
        let at = from + self.people.pronouns.at(&self.words, from);
        let gap = self.words.gap(at).trim();
        (at > from && matches!(gap, "," | "(")).then_some(())?;
        let (name, next) = self.titled(at).or_else(|| self.bare(at))?;
        if gap == "(" && self.words.gap(next).starts_with(')') {
            return Some((name, next));
        }
        // Without "geloof ik" the sentence may be about the name: "Zij, mevrouw Kok, is een naam die …".
        let hedged = self.people.hedges.at(&self.words, next);
        (hedged > 0 && self.words.gap(next + hedged).starts_with(',')).then_some((name, next + hedged))
    }

    /// The names of "mijn huisarts dokter Smit" and "dokter Smit, mijn huisarts": the writer's own, wherever
    /// the mail comes back to them.
    pub(super) fn own_doctors(&self) -> Vec<Vec<String>> {
        let named = |at: usize| {
            let own = self.people.own_words.at(&self.words, at);
            let role = self.behind_adjectives(at + own);
            let count = self.people.passing_roles.at(&self.words, role);
            let staff = self.people.own_staff.at(&self.words, role) == count;
            (own > 0 && count > 0 && !staff).then_some(())?;
            let (mention, _) = self.named_behind(role + count).or_else(|| self.set_off_before(at))?;
            Some(mention.name)
        };
        (0..self.words.len()).filter_map(named).collect()
    }

    /// The name that ends before a comma before the word at `at`.
    fn set_off_before(&self, at: usize) -> Option<(Mention, usize)> {
        /// Words of a title and a name.
        const LONGEST: usize = 4;
        (self.words.gap(at).trim() == ",").then_some(())?;
        let mut named =
            (at.saturating_sub(LONGEST)..at).filter_map(|from| self.titled(from).or_else(|| self.bare(from)));
        named.find(|(_, next)| *next == at)
    }

    /// Gives a name to the last person of the sentence who has none.
    pub(super) fn call(&self, name: Mention, first: usize, surely: bool, all: &mut Vec<Mention>) {
        if self.writer.is_some_and(|writer| name.is(writer)) {
            return;
        }
        // Somebody who counts goes before one told of in passing.
        let any = !all.iter().skip(first).any(counts);
        let mut told = all.iter_mut().skip(first).rev();
        let nameless = told.find(|mention| counts(mention) || any && mention.name.is_empty());
        match nameless {
            Some(mention) => *mention = Mention { role: mention.role.clone(), ..name },
            None if surely || self.is_plainly_a_name(&name) => all.push(name),
            None => {}
        }
    }

    /// A common first name, or a title before it.
    pub(super) fn is_plainly_a_name(&self, mention: &Mention) -> bool {
        mention.name.first().is_some_and(|word| self.people.is_known(word))
            || self.people.titles.at(&self.people.words(&mention.value, 3), 0) > 0
    }

    /// Is a bare name set off within the words about somebody nameless: "de planner (ik geloof Marieke)"?
    pub(super) fn sets_off(&self, mention: &Mention, next: usize, first: usize, all: &[Mention]) -> bool {
        let Some(last) = all.get(first..).and_then(<[Mention]>::last).filter(|last| last.name.is_empty())
        else {
            return false;
        };
        let before = self.words.between(last.span.end, mention.span.start);
        // "de planner (ik geloof Marieke)", "de medewerker die wij belden (Sem)"
        let opened = before.split_once('(').filter(|(_, behind)| !behind.contains(')') && behind.len() < 60);
        let bracket = opened.is_some_and(|(words, _)| words.len() < 90);
        // "…, a Mr Pieters, …"
        let plain = before.trim_end();
        let article = plain.rsplit([' ', '\n']).next().unwrap_or("");
        let plain = if self.people.articles.has(&article.to_lowercase()) {
            plain.get(..plain.len() - article.len()).unwrap_or(plain)
        } else {
            plain
        };
        // "… over de mevrouw die hier was, mevrouw Grootenhuis."
        let first = before.split_whitespace().next().unwrap_or("");
        let mut said = last.value.split(' ').chain([first]);
        let ends = self.words.gap(next).starts_with('.')
            && said.any(|word| self.people.who_words.has(&word.to_lowercase()))
            && self.is_plainly_a_name(mention);
        let commas = plain.trim_end().ends_with(',') && (self.words.gap(next).starts_with(',') || ends);
        // "de longarts, een meneer Van Kampen, …"
        let plainly = mention.role.is_empty() || self.people.vague_roles.has(&mention.role);
        plainly && !mention.name.is_empty() && (bracket || commas)
    }

    /// Does "heette", or "heet" behind "die", follow a name: "zei dat ze Noor heette"?
    pub(super) fn is_called(&self, at: usize, next: usize) -> bool {
        let list = |list: &Phrases| at.checked_sub(1).is_some_and(|before| list.at(&self.words, before) > 0);
        let who = list(&self.people.who_words) || list(&self.people.pronouns);
        // "Kreeg ene Mick": such words are said of the name behind them.
        let named = |list: &Phrases| {
            let count = list.at(&self.words, next);
            count > 0 && self.prose(next + count).is_none()
        };
        named(&self.people.sure_namings) || who && named(&self.people.namings)
    }

    /// "die zich voorstelde als Kevin", "her badge said "Demi""
    pub(super) fn naming(&self, at: usize) -> Option<(Mention, usize)> {
        let count = self.people.namings.at(&self.words, at);
        let opens = |c: char| {
            c.is_whitespace() || matches!(c, '"' | '“' | '„' | '\'' | '‘' | ':' | ',' | '(' | '«' | '.')
        };
        let next = at + count + self.people.hedges.at(&self.words, at + count);
        if count > 0 && self.words.gap(next).chars().all(opens) {
            return self.titled(next).or_else(|| self.bare(next)).or_else(|| self.mumbled(next));
        }
        // "een klacht over Berber Nauta": a whole name, since it may be about a thing.
        let count = self.people.complained_about.at(&self.words, at);
        if count > 0 && self.prose(at + count).is_some_and(|shape| shape.full) {
            return self.titled(at + count).or_else(|| self.bare(at + count));
        }
        let count = self.people.copulas.at(&self.words, at);
        let next = at + count;
        (count > 0 && self.words.gap(next).trim().is_empty()).then_some(())?;
        self.titled(next).or_else(|| self.known_name(next))
    }

    /// "hij heet jordy" where nothing has a capital.
    pub(super) fn mumbled(&self, at: usize) -> Option<(Mention, usize)> {
        let known = self.words.get(at).is_some_and(|word| self.people.is_given(word));
        let shape = Shape { from: at, to: at + 1, surname: at + 1, full: false };
        (self.mumbles && known).then_some(())?;
        Some((self.noted(at, shape, "")?, at + 1))
    }

    /// "op het pasje van de koerier stond D. Kramer"
    pub(super) fn on_a_badge(&self, at: usize, from: usize) -> Option<(Mention, usize)> {
        let count = self.people.badge_says.at(&self.words, at);
        let badge = || {
            let first = at.saturating_sub(BADGE).max(from);
            (first..at).any(|at| self.people.badges.at(&self.words, at) > 0)
        };
        (count > 0 && badge()).then_some(())?;
        self.titled(at + count).or_else(|| self.bare(at + count))
    }

    /// "de heer Rutgers, MDL-arts, schreef": somebody whose work follows the name, so that "een arts van u"
    /// told of before is nobody else.
    pub(super) fn with_work_behind(&self, mention: Mention, next: usize) -> Mention {
        let at = next + self.people.articles.at(&self.words, next);
        let end = at + self.role(at).max(self.people.passing_roles.at(&self.words, at));
        let set_off = matches!(self.words.gap(next).trim(), "," | "(");
        let closes = self.words.gap(end).trim_start().starts_with([',', '.', ')', ';', '!', '?']);
        let plain = mention.role.is_empty() && !mention.name.is_empty() && !mention.relative;
        match self.words.get(end.saturating_sub(1)).filter(|_| plain && set_off && closes && end > at) {
            Some(work) => Mention { role: work.fold.to_string(), ..mention },
            None => mention,
        }
    }

    /// "Mijn man zou zeggen: Jaap, laat rusten": who is spoken to in what somebody said.
    pub(super) fn is_spoken_to(&self, at: usize, next: usize) -> bool {
        let opens = self.words.gap(at).trim_end().ends_with([':', '"', '“', '„', '«']);
        let goes_on = self.words.get(next).is_some_and(|word| !word.is_capital());
        let says = (at.saturating_sub(4)..at).any(|at| self.people.says.at(&self.words, at) > 0);
        opens && says && goes_on && self.words.gap(next).trim() == ","
    }

    /// Does "was dat" follow a name?
    pub(super) fn is_that(&self, mention: &Mention, next: usize) -> bool {
        mention.role.is_empty() && !mention.name.is_empty() && self.people.was_that.at(&self.words, next) > 0
    }

    /// Does a name follow that needs no other sign: "ene Priscilla"?
    pub(super) fn surely_names(&self, at: usize) -> bool {
        self.people.complained_about.at(&self.words, at) > 0
            || self.people.sure_namings.at(&self.words, at) > 0
    }

    /// "mijn man", "her little brother"
    fn tells_of_relatives(&self, from: usize, to: usize) -> bool {
        let owned = |at: usize| {
            self.people.own_words.at(&self.words, at) + self.people.their_words.at(&self.words, at) > 0
        };
        (from..to)
            .any(|at| self.people.relations.at(&self.words, at) > 0 && (at.saturating_sub(2)..at).any(owned))
    }

    fn says_their_name(&self, sentence: &Range<usize>) -> bool {
        /// Words before "his name is".
        const FRONT: usize = 6;
        let front = sentence.start..sentence.end.min(sentence.start + FRONT);
        front.into_iter().any(|at| self.people.namings.at(&self.words, at) > 1 && self.naming(at).is_some())
    }

    /// "Hij bleek Luuk te heten": a sentence about somebody told of before.
    fn is_called_within(&self, from: usize, to: usize) -> bool {
        let them = self.people.pronouns.at(&self.words, from) > 0;
        them && (from + 1..to.min(from + 6)).any(|at| self.people.sure_namings.at(&self.words, at) > 0)
    }
}

/// A nameless person who counts, and is told of on purpose.
fn counts(mention: &Mention) -> bool {
    mention.name.is_empty() && !mention.in_passing && !mention.value.is_empty()
}
