//! People in sentences: "jullie planner Marijn", "de mevrouw van de balie", "mijn dochter Romy".

use super::super::super::fields::{Candidate, Kind, Source, Value};
use super::super::super::reading::View;
use super::super::super::text::Zone;
use super::super::name::words::{Phrases, Word, Words};
use super::super::name::{Case, Named, People, Shape};
use super::{Mention, add};

/// Words of a mail that are looked at.
const MOST_WORDS: usize = 20_000;

/// Everybody in the writer's own sentences.
pub fn people(view: &View, candidates: &[Candidate], writer: Option<&Named>) -> Vec<Mention> {
    let end = signature_start(view, candidates);
    let mut people = Vec::new();
    for section in view.sections.of(&[Zone::Own, Zone::OwnEarlier]) {
        let span = section.span.start..section.span.end.min(end);
        let Some(text) = view.message.text.get(span.clone()) else { continue };
        let teller = Teller::new(&view.context.rules.people, text, writer);
        for mut mention in teller.tell() {
            mention.span = mention.span.start + span.start..mention.span.end + span.start;
            add(&mut people, mention);
        }
    }
    people
}

/// Where the writer's name stands under the mail, if only short lines follow.
fn signature_start(view: &View, candidates: &[Candidate]) -> usize {
    let text = view.message.text.as_str();
    let fields = &view.context.rules.fields;
    let is_name = |candidate: &&Candidate| {
        fields.get(&candidate.field).is_some_and(|field| field.kind == Kind::Name)
            && candidate.evidence.source == Source::Body
            && matches!(candidate.value, Value::Text(_))
    };
    let last = candidates.iter().filter(is_name).map(|candidate| candidate.evidence.span.start).max();
    let Some(start) = last else { return text.len() };
    let line = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let short = |line: &str| line.split_whitespace().count() <= 9;
    let follows = text.get(start..).unwrap_or("");
    // A name on top is the first answer of a list, not a signature.
    let below_text = text.get(..line).is_some_and(|above| above.split_whitespace().nth(4).is_some());
    if below_text && start - line < 30 && follows.lines().take(30).all(short) { line } else { text.len() }
}

/// Reads sentences and notes who is told of.
pub struct Teller<'t> {
    people: &'t People,
    words: Words<'t>,
    writer: Option<&'t Named>,
}

/// What is true of a whole sentence.
#[derive(Debug, Clone, Copy, Default)]
struct Mood {
    praises: bool,
    wishes: bool,
    refers: bool,
}

impl<'t> Teller<'t> {
    pub fn new(people: &'t People, text: &'t str, writer: Option<&'t Named>) -> Self {
        Self { people, words: Words::cut(text, MOST_WORDS), writer }
    }

    /// Everybody, in order; the same person perhaps more than once.
    pub fn tell(&self) -> Vec<Mention> {
        let mut all = Vec::new();
        let mut from = 0;
        while from < self.words.len() {
            let to =
                (from + 1..self.words.len()).find(|at| self.starts_sentence(*at)).unwrap_or(self.words.len());
            if self.people.greetings.at(&self.words, from) == 0 || to - from > 8 {
                let from = from + self.greeting(from, to);
                self.sentence(from, to, &mut all);
            }
            from = to;
        }
        all
    }

    /// Words of a greeting with which a sentence starts: up to its comma.
    fn greeting(&self, from: usize, to: usize) -> usize {
        if self.people.greetings.at(&self.words, from) == 0 {
            return 0;
        }
        (from + 1..to.min(from + 8))
            .find(|at| self.words.gap(*at).contains([',', '\n', '!']))
            .map_or(0, |at| at - from)
    }

    fn starts_sentence(&self, at: usize) -> bool {
        let gap = self.words.gap(at);
        if gap.contains(['!', '?', ';']) || gap.contains("\n\n") || gap.contains("\n \n") {
            return true;
        }
        let Some(before) = at.checked_sub(1).and_then(|before| self.words.get(before)) else { return true };
        if gap.contains(',') && self.people.turns.at(&self.words, at) > 0 {
            return true;
        }
        let abbreviation = before.text.chars().count() == 1 || self.people.titles.has(&before.fold);
        gap.contains('.') && !(before.dot && abbreviation) && gap.contains(char::is_whitespace)
    }

    fn sentence(&self, from: usize, to: usize, all: &mut Vec<Mention>) {
        let within = |phrases: &Phrases| phrases.within(&self.words, from, to);
        let mood = Mood {
            praises: within(&self.people.praise),
            wishes: within(&self.people.wishes) && !within(&self.people.complaining),
            refers: within(&self.people.referrals),
        };
        if mood.praises && !within(&self.people.complaining) {
            return;
        }
        let first = all.len();
        let mut at = from;
        while at < to {
            if let Some((name, next)) = self.naming(at) {
                self.call(name, first, all);
                at = next;
                continue;
            }
            let (mention, next) = self.mention(at, mood);
            let is_writer = |mention: &Mention| self.writer.is_some_and(|writer| mention.is(writer));
            match mention.filter(|mention| !is_writer(mention)) {
                Some(name) if self.sets_off(&name, next, first, all) => self.call(name, first, all),
                Some(role) if self.is_apposition(&role, at, next, all) => {}
                mention => all.extend(mention),
            }
            at = next.max(at + 1);
        }
    }

    /// Gives a name to the last person of the sentence who has none.
    fn call(&self, name: Mention, first: usize, all: &mut Vec<Mention>) {
        let nameless = all.iter_mut().skip(first).rev().find(|mention| mention.name.is_empty());
        match nameless {
            Some(mention) => *mention = Mention { role: mention.role.clone(), ..name },
            None if self.is_plainly_a_name(&name) => all.push(name),
            None => {}
        }
    }

    /// A common first name, or a title before it.
    fn is_plainly_a_name(&self, mention: &Mention) -> bool {
        mention.name.first().is_some_and(|word| self.people.is_known(word))
            || self.people.titles.at(&Words::cut(&mention.value, 3), 0) > 0
    }

    /// Is a bare name set off within the words about somebody nameless: "de planner (ik geloof Marieke)"?
    fn sets_off(&self, mention: &Mention, next: usize, first: usize, all: &[Mention]) -> bool {
        let Some(last) = all.get(first..).and_then(<[Mention]>::last).filter(|last| last.name.is_empty())
        else {
            return false;
        };
        let before = self.words.between(last.span.end, mention.span.start);
        let bracket = before.trim_start().starts_with('(') && !before.contains(')') && before.len() < 60;
        let commas = before.trim_end().ends_with(',') && self.words.gap(next).starts_with(',');
        mention.role.is_empty() && !mention.name.is_empty() && (bracket || commas)
    }

    /// "de dermatoloog" in "dr. Visser, de dermatoloog, keek": told of already.
    fn is_apposition(&self, mention: &Mention, at: usize, next: usize, all: &[Mention]) -> bool {
        let before = at.checked_sub(1).and_then(|before| self.words.get(before));
        mention.name.is_empty()
            && self.words.gap(at).trim() == ","
            && self.words.gap(next).starts_with([',', '.'])
            && all.last().is_some_and(|last| {
                !last.name.is_empty() && before.is_some_and(|before| before.end == last.span.end)
            })
    }

    /// "die zich voorstelde als Kevin", "her badge said "Demi""
    fn naming(&self, at: usize) -> Option<(Mention, usize)> {
        let count = self.people.namings.at(&self.words, at);
        let opens = |c: char| {
            c.is_whitespace() || matches!(c, '"' | '“' | '„' | '\'' | '‘' | ':' | ',' | '(' | '«' | '.')
        };
        (count > 0 && self.words.gap(at + count).chars().all(opens)).then_some(())?;
        let (mention, next) = self.titled(at + count).or_else(|| self.bare(at + count))?;
        Some((mention, next))
    }

    /// Whoever is named or meant from the word at `at` on, and where to go on.
    fn mention(&self, at: usize, mood: Mood) -> (Option<Mention>, usize) {
        if let Some(next) = self.introduces_writer(at) {
            return (None, next);
        }
        let own = self.people.own_words.at(&self.words, at);
        if own > 0 {
            return self.of_the_writer(at + own);
        }
        let negated = self.people.negations.at(&self.words, at);
        if negated > 0 {
            let role = self.behind_adjectives(at + negated);
            return (None, role + self.role(role).max(self.people.vague_roles.at(&self.words, role)));
        }
        if let Some((mention, next)) = self.titled(at) {
            return ((!mood.refers).then_some(mention), next);
        }
        if let Some(found) = self.with_article(at, mood) {
            return found;
        }
        if let Some((mention, next)) = self.role_and_name(at) {
            return ((!mood.refers).then_some(mention), next);
        }
        match self.known_name(at) {
            Some((mention, next)) => (Some(mention), next),
            None => (None, at + 1),
        }
    }

    /// "Ik ben mevrouw Jansen": skipped.
    fn introduces_writer(&self, at: usize) -> Option<usize> {
        let count = self.people.introductions.at(&self.words, at);
        if count == 0 {
            return None;
        }
        let from = self.people.behind_titles(&self.words, at + count);
        self.people.shape(&self.words, from, Case::Prose).map(|shape| shape.to)
    }

    /// Behind "mijn": a relative counts with a name, a doctor does not.
    fn of_the_writer(&self, at: usize) -> (Option<Mention>, usize) {
        let relation = (at..at + 3).find(|at| self.people.relations.at(&self.words, *at) > 0);
        if let Some(found) = relation.filter(|found| (at + 1..=*found).all(|at| self.words.is_next_to(at))) {
            let next = found + self.people.relations.at(&self.words, found);
            return self.named_behind(next).map_or((None, next), |(mention, next)| (Some(mention), next));
        }
        let at = self.behind_adjectives(at);
        let count = self.people.passing_roles.at(&self.words, at).max(self.role(at));
        if count == 0 {
            return (None, at);
        }
        let next = self.named_behind(at + count).map_or(at + count, |(_, next)| next);
        (None, next)
    }

    /// A name directly behind, in brackets, or set off by a comma.
    fn named_behind(&self, at: usize) -> Option<(Mention, usize)> {
        let gap = self.words.gap(at);
        let beside = self.words.is_next_to(at) && !gap.contains('.');
        let bracket = gap.trim() == "(" || matches!(gap.trim(), "\"" | "“" | "„" | "'" | "‘");
        let comma = matches!(gap.trim(), "," | ":" | "-" | "–");
        if !(beside || bracket || comma) {
            return None;
        }
        if let Some(found) = self.titled(at) {
            return Some(found);
        }
        let (mention, next) = self.bare(at)?;
        let known = mention.name.first().is_some_and(|word| self.people.is_known(word));
        let closes = self.words.gap(next).starts_with([',', ')', '.', '-', ' ']) && mention.name.len() > 1;
        (beside || bracket || known || closes).then_some((mention, next))
    }

    /// "dr. Bakker", "de heer Baan", "Mrs. Van Leeuwen"
    fn titled(&self, at: usize) -> Option<(Mention, usize)> {
        let from = self.people.behind_titles(&self.words, at);
        (from > at).then_some(())?;
        let shape = self.people.shape(&self.words, from, Case::Prose)?;
        Some((self.noted(at, shape, "")?, shape.to))
    }

    /// A name by itself.
    fn bare(&self, at: usize) -> Option<(Mention, usize)> {
        let shape = self.people.shape(&self.words, at, Case::Prose)?;
        self.words.get(at).filter(|word| word.is_capital())?;
        Some((self.noted(at, shape, "")?, shape.to))
    }

    /// The mention of a name, as written from the word at `from`.
    fn noted(&self, from: usize, shape: Shape, role: &str) -> Option<Mention> {
        let (text, start, end) = self.words.slice(from, shape.to)?;
        let particles = &self.people.particles;
        let name = (shape.from..shape.to)
            .filter_map(|at| self.words.get(at))
            .map(|word| word.fold.trim_end_matches("'s").to_owned())
            .filter(|word| !particles.has(word) || shape.to - shape.from == 1)
            .collect();
        Some(Mention { value: folded(text), span: start..end, role: role.to_owned(), name })
    }

    fn behind_adjectives(&self, mut at: usize) -> usize {
        while self.people.adjectives.at(&self.words, at) > 0 && self.words.is_next_to(at) {
            at += self.people.adjectives.at(&self.words, at);
        }
        at
    }

    fn role(&self, at: usize) -> usize {
        self.people.roles.at(&self.words, at)
    }

    /// "de assistente", "jullie planner Marijn", "een medewerker van de klantenservice (Bram)"
    fn with_article(&self, at: usize, mood: Mood) -> Option<(Option<Mention>, usize)> {
        let theirs = self.people.their_words.at(&self.words, at);
        let count = self.people.articles.at(&self.words, at).max(theirs);
        let role_at = self.behind_adjectives(at + count);
        let plain = self.role(role_at);
        let vague = self.people.vague_roles.at(&self.words, role_at);
        let passing = self.people.passing_roles.at(&self.words, role_at);
        let length = plain.max(vague).max(passing);
        if count == 0 || length == 0 || !self.words.is_next_to(role_at) {
            return None;
        }
        let end = role_at + length;
        let placed = self.behind_place(end, vague >= length);
        let role = self.words.get(end - 1).map(|word| word.fold.to_string()).unwrap_or_default();
        for behind in [end, placed] {
            if let Some((mention, next)) = self.named_behind(behind) {
                let dropped = mood.refers && passing > 0;
                return Some(((!dropped).then_some(Mention { role, ..mention }), next));
            }
        }
        let counts = theirs == 0 && (placed > end || plain >= vague.max(passing).max(1));
        let anybody = mood.wishes && self.people.indefinite.at(&self.words, at) > 0;
        let (text, start, end) = self.words.slice(at, placed)?;
        let noted = if counts && !anybody { folded(text) } else { String::new() };
        Some((Some(Mention { value: noted, span: start..end, role, name: Vec::new() }), placed))
    }

    /// The word behind "van de balie", "van dokter Nas"; `at` where no place stands.
    fn behind_place(&self, at: usize, any_word: bool) -> usize {
        let join = self.people.place_joins.at(&self.words, at);
        let from = at + join;
        if join == 0 || !self.words.is_next_to(at) || !self.words.is_next_to(from) {
            return at;
        }
        let place = self.people.places.at(&self.words, from);
        if place > 0 {
            return from + place;
        }
        if let Some((_, next)) = self.titled(from) {
            return next;
        }
        let lower = self.words.get(from).is_some_and(|word| !word.is_capital() && !word.is_number());
        if any_word && join > 1 && lower { from + 1 } else { at }
    }

    /// "doktersassistente Britt" as written; "medewerker Bram" as the name alone.
    fn role_and_name(&self, at: usize) -> Option<(Mention, usize)> {
        let title = self.people.title_roles.at(&self.words, at);
        let count = self.role(at).max(title).max(self.people.passing_roles.at(&self.words, at));
        (count > 0 && self.words.is_next_to(at + count) && !self.words.gap(at + count).contains(['.', '\n']))
            .then_some(())?;
        let role = self.words.get(at + count - 1)?.fold.to_string();
        if let Some((mention, next)) = self.titled(at + count) {
            return Some((Mention { role, ..mention }, next));
        }
        let shape = self.people.shape(&self.words, at + count, Case::Prose)?;
        let from = if title == count { at } else { shape.from };
        Some((self.noted(from, shape, &role)?, shape.to))
    }

    /// A common first name, with or without a surname.
    fn known_name(&self, at: usize) -> Option<(Mention, usize)> {
        let word = self.words.get(at)?;
        let is_name = word.is_capital() && !word.is_all_capitals() && self.people.is_known(&word.fold);
        let by_number =
            [at.wrapping_sub(1), at + 1].iter().any(|at| self.words.get(*at).is_some_and(Word::is_number));
        (is_name && !by_number).then(|| self.bare(at))?
    }
}

/// One blank between words.
pub fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
