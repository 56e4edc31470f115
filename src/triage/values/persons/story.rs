//! People in sentences: "jullie planner Marijn", "de mevrouw van de balie", "mijn dochter Romy".

mod again;
mod clauses;
mod looks;
mod names;
mod naming;
mod passing;
mod roles;

use std::cell::OnceCell;
use std::ops::Range;

use super::super::super::fields::{Candidate, Kind, Source, Value};
use super::super::super::reading::View;
use super::super::super::text::Zone;
use super::super::name::words::{Phrases, Words};
use super::super::name::{Case, Named, People, Shape};
use super::{Mention, add};

/// Words of a mail that are looked at.
const MOST_WORDS: usize = 20_000;

/// Everybody in the writer's own sentences; each place where somebody of them is told of is added to
/// `places`.
pub fn people(
    view: &View,
    candidates: &[Candidate],
    writer: Option<&Named>,
    places: &mut Vec<usize>,
) -> Vec<Mention> {
    let end = signature_start(view, candidates);
    let mut people = Vec::new();
    for section in view.sections.of(&[Zone::Own, Zone::OwnEarlier]) {
        let span = section.span.start..section.span.end.min(end);
        let Some(text) = view.message.text.get(span.clone()) else { continue };
        let (from, to) = story_of(&view.context.rules.people, text);
        let span = span.start + from..span.start + to;
        let Some(text) = view.message.text.get(span.clone()) else { continue };
        let teller = Teller::new(&view.context.rules.people, text, writer);
        for mut mention in teller.tell() {
            mention.span = mention.span.start + span.start..mention.span.end + span.start;
            if !(mention.value.is_empty() || mention.relative || mention.in_passing) {
                places.push(mention.span.start);
            }
            add(&mut people, mention);
        }
    }
    people
}

/// The bytes of a text without a first line that only calls somebody ("Piet,") and a last one that
/// is only a name ("Truus"), which is the writer's.
fn story_of(people: &People, text: &str) -> (usize, usize) {
    let few = |line: &str| line.split_whitespace().count() <= 3;
    let called = text.len() - text.trim_start().len();
    let first = text.get(called..).and_then(|rest| rest.lines().next()).unwrap_or("");
    let from = if few(first) && first.trim_end().ends_with([',', '!']) { called + first.len() } else { 0 };
    let body = text.trim_end();
    let start = body.rfind('\n').map_or(0, |at| at + 1);
    let last = body.get(start..).unwrap_or("");
    let words = people.words(last, 4);
    let is_name = people.shape(&words, 0, Case::Line).is_some_and(|shape| shape.to == words.len());
    let to = if start > 0 && few(last) && is_name { start } else { text.len() };
    (from.min(to), to)
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
    /// All in capitals: they tell nothing about what is a name.
    screams: bool,
    /// Hardly a capital anywhere: names have none either.
    mumbles: bool,
    /// For each word: does it stand between quotation marks?
    quoted: Vec<bool>,
    /// For each word the name that starts there, once that was asked.
    prose: Vec<OnceCell<Option<Shape>>>,
}

/// What is true of a whole sentence.
#[expect(clippy::struct_excessive_bools, reason = "five independent observations, no states")]
#[derive(Debug, Clone, Copy, Default)]
struct Mood {
    wishes: bool,
    /// Of the clause: it tells of a referral.
    refers: bool,
    /// Of the clause before such a one that goes on "die mij …": a doctor in it referred.
    referred_by: bool,
    /// Of the clause: it tells what a doctor had done elsewhere.
    orders: bool,
    /// Of the clause: it happens in a place that is not the organisation's.
    elsewhere: bool,
}

impl<'t> Teller<'t> {
    pub fn new(people: &'t People, text: &'t str, writer: Option<&'t Named>) -> Self {
        let letters = text.chars().filter(|c| c.is_alphabetic()).count();
        let capitals = text.chars().filter(|c| c.is_uppercase()).count();
        let screams = letters > 12 && capitals * 4 > letters * 3;
        let mumbles = letters > 20 && capitals * 100 < letters;
        let words = people.words(text, MOST_WORDS);
        let quoted = clauses::quoted(&words);
        let prose = vec![OnceCell::new(); words.len()];
        Self { people, words, writer, screams, mumbles, quoted, prose }
    }

    /// Everybody, in order; the same person perhaps more than once.
    pub fn tell(&self) -> Vec<Mention> {
        let mut all = Vec::new();
        let mut from = 0;
        // Where the sentence before starts, and how many were told of before it.
        let (mut before, mut earlier) = (0, 0);
        while from < self.words.len() {
            let to =
                (from + 1..self.words.len()).find(|at| self.starts_sentence(*at)).unwrap_or(self.words.len());
            let closes = self.people.closings.at(&self.words, from) > 0 && to - from <= 6;
            if !closes && (self.people.greetings.at(&self.words, from) == 0 || to - from > 8) {
                let from = from + self.greeting(from, to);
                let told = all.len();
                let first = self.named_afterwards(from..to, before..from, earlier, &all).unwrap_or(told);
                self.sentence(from, to, first, &mut all);
                (before, earlier) = (from, told);
            }
            from = to;
        }
        let passing = self.own_doctors();
        let is_own = |mention: &Mention| {
            passing.iter().any(|name| !name.is_empty() && mention.name.iter().all(|word| name.contains(word)))
        };
        all.retain(|mention| mention.name.is_empty() || mention.relative || !is_own(mention));
        // "de dokter" is the "dr. Bakker" who has been named.
        if all.iter().any(|mention| self.is_doctor(mention)) {
            all.retain(|mention| !mention.name.is_empty() || !self.people.doctors.has(&mention.role));
        }
        all
    }

    /// Somebody named with the title or the work of a doctor.
    fn is_doctor(&self, mention: &Mention) -> bool {
        let words = self.people.words(&mention.value, 6);
        let titled = (0..words.len()).any(|at| self.people.doctors.at(&words, at) > 0);
        !mention.name.is_empty() && !mention.relative && (titled || self.people.doctors.has(&mention.role))
    }

    /// People told of from `first` on may be named in the sentence.
    fn sentence(&self, from: usize, to: usize, first: usize, all: &mut Vec<Mention>) {
        let within = |phrases: &Phrases| phrases.within(&self.words, from, to);
        let complains = within(&self.people.complaining);
        let praising = if complains { Vec::new() } else { self.clauses(&self.people.praise, from, to) };
        let mut referring = self.clauses(&self.people.referrals, from, to);
        // "een door mij ingestuurd plekje": the writer did.
        referring.retain(|clause| !self.people.own_referrals.within(&self.words, clause.start, clause.end));
        let before_referring = self.before_relative(&referring, from);
        let ordering = self.clauses(&self.people.orders, from, to);
        let elsewhere = self.clauses(&self.people.elsewhere, from, to);
        let wishes = within(&self.people.wishes) && !complains;
        let mut at = from;
        while at < to {
            let among = |clauses: &[Range<usize>]| clauses.iter().any(|clause| clause.contains(&at));
            if among(&praising) {
                at += 1;
                continue;
            }
            let mood = Mood {
                wishes,
                refers: among(&referring),
                referred_by: among(&before_referring),
                orders: among(&ordering),
                elsewhere: among(&elsewhere),
            };
            if let Some((name, next)) = self.naming(at).or_else(|| self.on_a_badge(at, from)) {
                let name = self.with_work_behind(name, next);
                self.call(name, first, self.surely_names(at), all);
                at = next;
                continue;
            }
            if let Some((name, next)) = self.beside_a_pronoun(at).filter(|_| at == from) {
                self.call(name, first, true, all);
                at = next;
                continue;
            }
            // "Hij bleek Luuk te heten"
            let called = self.prose(at).filter(|shape| self.is_called(at, shape.to));
            if let Some((name, next)) = called.and_then(|_| self.bare(at)) {
                self.call(name, first, true, all);
                at = next;
                continue;
            }
            let (mention, next) = self.mention(at, mood);
            let is_writer = |mention: &Mention| self.writer.is_some_and(|writer| mention.is(writer));
            // "De huisarts, dokter Miedema, heeft mij geadviseerd u te schrijven."
            let counsels = self.people.counsels.at(&self.words, next) > 0;
            match mention.filter(|mention| !is_writer(mention) && !counsels) {
                // "zei dat ze Noor heette"
                Some(name) if name.role.is_empty() && !name.name.is_empty() && self.is_called(at, next) => {
                    self.call(name, first, true, all);
                }
                Some(name) if self.sets_off(&name, next, first, all) => self.call(name, first, false, all),
                // "Mevrouw Drent was dat."
                Some(name) if at == from && first < all.len() && self.is_that(&name, next) => {
                    self.call(name, first, false, all);
                }
                Some(role)
                    if self.is_apposition(&role, at, next, all)
                        || self.says_again(&role, at, all)
                        || self.points_back(&role, at, all) => {}
                mention => all.extend(mention.map(|mention| self.with_work_behind(mention, next))),
            }
            at = next.max(at + 1);
        }
    }

    /// Whoever is named or meant from the word at `at` on, and where to go on.
    fn mention(&self, at: usize, mood: Mood) -> (Option<Mention>, usize) {
        let of_the_writer = self.introduces_writer(at).or_else(|| self.own_capacity(at));
        if let Some(next) = of_the_writer.or_else(|| self.meant_not(at)) {
            return (None, next);
        }
        if let Some((mention, next)) = self.aged(at).or_else(|| self.with_relation(at)) {
            return (Some(mention), next);
        }
        let article = self.people.articles.at(&self.words, at);
        let of_whom =
            self.relative_of(at).or_else(|| (article > 0).then(|| self.relative_of(at + article)).flatten());
        if let Some((mention, next)) = of_whom {
            return (Some(mention), next);
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
            let referred = mood.referred_by && self.is_doctor(&mention);
            let passing = mood.refers || referred || self.of_the_writers_own(next).is_some();
            return ((!passing).then_some(mention), next);
        }
        if let Some(found) = self.with_article(at, mood) {
            return found;
        }
        if let Some((mention, next)) = self.role_and_name(at) {
            let passing = mood.refers || self.of_the_writers_own(next).is_some();
            return ((!passing).then_some(mention), next);
        }
        let named =
            self.role_as_label(at).or_else(|| self.somebody_named(at)).or_else(|| self.known_name(at));
        match named
            .or_else(|| self.placed_name(at))
            .or_else(|| self.role_at_work(at).map(|found| (found, at + 1)))
        {
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
        if let Some(other) = self.somebodys(at + count) {
            return Some(other);
        }
        let from = self.people.behind_titles(&self.words, at + count);
        let named = self.people.shape(&self.words, from, Case::Prose).map(|shape| shape.to);
        named.or_else(|| self.own_work(at + count))
    }

    /// Behind "ik ben de buurvrouw van": whoever comes next is not the writer.
    fn somebodys(&self, at: usize) -> Option<usize> {
        let article = self.people.articles.at(&self.words, at);
        let who = at + article;
        let count =
            self.people.relations.at(&self.words, who).max(self.people.passing_roles.at(&self.words, who));
        let join = who + count;
        let of = self.people.place_joins.at(&self.words, join) > 0;
        let titled = of && self.titled(join + 1).is_some();
        (article > 0 && count > 0 && titled && self.words.is_next_to(join)).then_some(join + 1)
    }

    /// Behind "het gaat niet over mevrouw Bos".
    fn meant_not(&self, at: usize) -> Option<usize> {
        let count = self.people.not_about.at(&self.words, at);
        (count > 0).then_some(())?;
        let next = at + count;
        let named = self.titled(next).or_else(|| self.bare(next)).or_else(|| self.role_and_name(next));
        named
            .or_else(|| self.with_article(next, Mood::default()).and_then(|(found, to)| Some((found?, to))))
            .map(|(_, next)| next)
    }

    /// "de moeder van Jip": Jip is the patient.
    fn relative_of(&self, at: usize) -> Option<(Mention, usize)> {
        let count = self.people.relations.at(&self.words, at);
        (count > 0).then_some(())?;
        let behind = at + count;
        // "de buurvrouw van de heer Stokman"
        let is_of = self.words.get(behind).is_some_and(|word| self.people.place_joins.is(word));
        let vague = self.people.vague_roles.at(&self.words, at) > 0;
        let titled = (is_of && !vague).then(|| self.titled(behind + 1)).flatten();
        if let Some((mention, next)) = titled {
            return Some((Mention { relative: true, ..mention }, next));
        }
        let joined = self.people.place_joins.at(&self.words, behind) == 1
            // "uw partner in Ede"
            && !self.people.leads_to_a_place(&self.words, behind);
        (joined && self.words.is_next_to(behind + 1)).then_some(())?;
        let (mention, next) = self.bare(behind + 1)?;
        (mention.name.len() == 1).then_some((Mention { relative: true, ..mention }, next))
    }

    /// Behind "mijn": a relative counts with a name, a doctor does not.
    fn of_the_writer(&self, at: usize) -> (Option<Mention>, usize) {
        let relation = (at..at + 3).find(|at| self.people.relations.at(&self.words, *at) > 0);
        if let Some(found) = relation.filter(|found| (at + 1..=*found).all(|at| self.words.is_next_to(at))) {
            let next = found + self.people.relations.at(&self.words, found);
            // "my baby, his name is Yusuf"
            let called = || (next..next + 3).find_map(|at| self.naming(at));
            let advises = |next: usize| self.people.advises.at(&self.words, next) > 0;
            let named = self.named_behind(next).or_else(called);
            if let Some((_, behind)) = named.as_ref().filter(|(_, behind)| advises(*behind)) {
                return (None, *behind);
            }
            return named
                .map_or((None, next), |(mention, next)| (Some(Mention { relative: true, ..mention }), next));
        }
        // "onze drie medewerkers"
        let at = self.behind_adjectives(at + self.people.counted.at(&self.words, at));
        let count = self.people.passing_roles.at(&self.words, at).max(self.role(at));
        if count == 0 {
            return (None, at);
        }
        let Some((mention, next)) = self.named_behind(at + count) else { return (None, at + count) };
        // "Mijn assistente Joke las dit mee": a doctor's staff are witnesses, a patient has none.
        let staff = self.people.own_staff.at(&self.words, at) == count;
        (staff.then_some(Mention { relative: true, ..mention }), next)
    }
}

/// One blank between words, and no marks of quoted lines.
pub fn folded(text: &str) -> String {
    let is_mark = |word: &&str| word.chars().all(|c| c == '>');
    text.split_whitespace().filter(|word| !is_mark(word)).collect::<Vec<_>>().join(" ")
}
