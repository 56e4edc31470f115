//! The contact person's full name: label, introduction, sign-off, signature, `From`.
//!
//! Never made out of the local part of an address, never a bare first name, an organisation or
//! somebody whom the writer only tells of. Doubt means asking.

mod addressed;
mod sender;
mod shape;
mod signoff;
mod spelling;
mod vocabulary;
pub mod words;

use std::ops::Range;

use super::super::fields::{Candidate, Evidence, Kind, Source, Value};
use super::super::reading::View;
use super::super::text::Zone;

pub use sender::Sender;
pub use shape::{Case, Named, Shape};
pub use vocabulary::{People, PeopleRules};

use super::labels::Labelled;
use words::{Words, kin, same};

/// How sure a clerk would be of each source.
mod trust {
    pub const LABEL: i32 = 95;
    pub const PARTS: i32 = 94;
    pub const LISTED: i32 = 91;
    pub const SIGN_OFF: i32 = 90;
    pub const COMPLETED: i32 = 88;
    pub const INTRODUCTION: i32 = 85;
    pub const BORNE_OUT: i32 = 83;
    pub const LAST_LINE: i32 = 82;
    pub const FIRST_IN_LIST: i32 = 78;
    pub const SENDER: i32 = 75;
    pub const LAST_LINE_UNKNOWN: i32 = 72;
    pub const REPLY_TO: i32 = 70;
    pub const COUPLE: i32 = 60;
    /// What the sign-off contradicts; below the floor.
    pub const DOUBTED: i32 = 30;
    /// Taken off for words of an earlier mail.
    pub const EARLIER: i32 = 15;
}

/// A name that may be the writer's, and where it stands.
#[derive(Debug)]
struct Claim {
    value: String,
    source: Source,
    span: Range<usize>,
    score: i32,
    why: String,
}

/// A line of the writer's.
#[derive(Debug, Clone)]
struct Line<'t> {
    text: &'t str,
    start: usize,
    zone: Zone,
}

/// Everything that the search for a name shares.
struct Hunt<'v> {
    view: &'v View<'v>,
    people: &'v People,
    lines: Vec<Line<'v>>,
    sender: Sender,
}

/// Adds a candidate for each name that may be the writer's.
pub fn find(view: &View, out: &mut Vec<Candidate>) {
    let people = &view.context.rules.people;
    let hunt = Hunt { view, people, lines: lines(view), sender: Sender::of(view.message, people) };
    let claims = hunt.claims();
    let fields: Vec<&str> =
        view.context.rules.fields.of_kind(Kind::Name).map(|field| field.id.as_str()).collect();
    for claim in claims {
        let Some(text) = hunt.text_of(&claim.source).and_then(|text| text.get(claim.span.clone())) else {
            continue;
        };
        for field in &fields {
            out.push(Candidate {
                field: (*field).to_owned(),
                value: Value::Text(claim.value.clone()),
                evidence: Evidence {
                    source: claim.source.clone(),
                    span: claim.span.clone(),
                    text: text.to_owned(),
                },
                score: claim.score,
                why: claim.why.clone(),
            });
        }
    }
}

/// The lines that the writer wrote, now or earlier; empty ones too.
fn lines<'v>(view: &'v View<'v>) -> Vec<Line<'v>> {
    let mut lines = Vec::new();
    for section in view.sections.of(&[Zone::Own, Zone::Signature, Zone::OwnEarlier]) {
        let Some(text) = view.message.text.get(section.span.clone()) else { continue };
        let mut start = section.span.start;
        for line in text.split('\n') {
            lines.push(Line { text: line, start, zone: section.zone });
            start += line.len() + 1;
        }
    }
    lines
}

impl Hunt<'_> {
    fn claims(&self) -> Vec<Claim> {
        let mut claims = Vec::new();
        self.labels(&mut claims);
        self.parts(&mut claims);
        self.introductions(&mut claims);
        self.beside_reply_to(&mut claims);
        self.borne_out_by_the_address(&mut claims);
        let doubt = self.sign_off(&mut claims);
        self.first_in_list(&mut claims);
        if let Some((named, source, span)) = self.sender.person() {
            let (score, why) = match (doubt, self.sender.from_reply_to) {
                (true, _) => (trust::DOUBTED, "another name under the mail"),
                (false, true) => (trust::REPLY_TO, "name in Reply-To"),
                (false, false) => (trust::SENDER, "name in From"),
            };
            claims.push(Claim { value: named, source, span, score, why: why.to_owned() });
        }
        claims
    }

    fn text_of(&self, source: &Source) -> Option<&str> {
        match source {
            Source::Body => Some(&self.view.message.text),
            Source::Subject => Some(&self.view.message.subject),
            Source::Header => self.sender.display.as_deref(),
            Source::AttachmentName(_) | Source::Attached(_) => None,
        }
    }

    /// "Naam: …", "Contact: …"
    fn labels(&self, claims: &mut Vec<Claim>) {
        let of_name = |l: &&Labelled| self.is_name(&l.field) && !l.no_answer;
        for labelled in self.view.labels.iter().filter(of_name) {
            let Some(text) = self.text_of(&labelled.source) else { continue };
            let (Some(label), Some(value)) =
                (text.get(labelled.label.clone()), text.get(labelled.value.clone()))
            else {
                continue;
            };
            if matches!(labelled.source, Source::Body) && self.is_foreign(labelled.value.start) {
                continue;
            }
            let value = value.lines().next().unwrap_or("");
            if self.is_of_others(label, value) {
                continue;
            }
            let start = labelled.value.start;
            self.claim_labelled(label, value, start, &labelled.source, claims);
        }
    }

    fn is_name(&self, field: &str) -> bool {
        self.view.context.rules.fields.get(field).is_some_and(|field| field.kind == Kind::Name)
    }

    fn claim_labelled(
        &self,
        label: &str,
        value: &str,
        start: usize,
        source: &Source,
        claims: &mut Vec<Claim>,
    ) {
        let turned = sender::turned(value, self.people);
        let Some(named) = turned.or_else(|| self.people.line(value, Case::Loose)) else { return };
        let span = start + named.start..start + named.end;
        let score = if self.is_earlier(source, start) { trust::LABEL - trust::EARLIER } else { trust::LABEL };
        let why = format!("label '{}'", label.trim());
        if named.full {
            let value = self.as_sender_spells(named.value);
            claims.push(Claim { value, source: source.clone(), span, score, why });
        } else if let Some(value) = self.sender.complete(&named, self.people) {
            claims.push(Claim {
                value,
                source: source.clone(),
                span,
                score,
                why: why + ", completed by From",
            });
        }
    }

    /// The label or what stands behind the name tells of somebody else ("Naam patiënt").
    fn is_of_others(&self, label: &str, value: &str) -> bool {
        let label = self.people.words(label, 20);
        let value = self.people.words(value, 20);
        self.people.other_labels.within(&label, 0, label.len())
            || (0..value.len()).any(|at| {
                self.people.own_words.at(&value, at) > 0 && self.people.relations.at(&value, at + 1) > 0
            })
    }

    /// "Voornaam: …" and "Achternaam: …", each under its own label.
    fn parts(&self, claims: &mut Vec<Claim>) {
        let part = |part: &str| {
            let labelled = self.view.labels.iter().find(|labelled| {
                !labelled.no_answer
                    && matches!(labelled.source, Source::Body)
                    && labelled
                        .field
                        .split_once('.')
                        .is_some_and(|(field, of)| of == part && self.is_name(field))
                    && !self.is_foreign(labelled.value.start)
            })?;
            let text = self.view.message.text.get(labelled.value.clone())?.trim();
            (text.len() <= 80 && !text.contains(|c: char| c.is_ascii_digit())).then_some((text, labelled))
        };
        let given = part("first").or_else(|| part("initials"));
        let (Some((given, first)), Some((surname, last))) = (given, part("last")) else { return };
        let whole = match part("infix") {
            Some((infix, _)) => format!("{given} {infix} {surname}"),
            None => format!("{given} {surname}"),
        };
        let span =
            if first.value.start < last.value.start { first.value.clone() } else { last.value.clone() };
        if self.people.line(&whole, Case::Loose).is_some_and(|named| named.full) {
            let why = "labels for first name and surname".to_owned();
            let value = self.people.spelled(&whole);
            claims.push(Claim { value, source: Source::Body, span, score: trust::PARTS, why });
        }
    }

    /// "Mijn naam is …", "u spreekt met …"
    fn introductions(&self, claims: &mut Vec<Claim>) {
        for section in self.view.sections.of(&[Zone::Own, Zone::Signature]) {
            let Some(text) = self.view.message.text.get(section.span.clone()) else { continue };
            let words = self.people.words(text, 20_000);
            for at in 0..words.len() {
                let count = self.people.introductions.at(&words, at);
                if count > 0 && !words.gap(at).ends_with(['"', '“', '„', '\'', '‘', '”']) {
                    self.introduced(&words, at + count, section.span.start, claims);
                }
                self.at_the_greeting(&words, at, section.span.start, claims);
            }
        }
    }

    /// "Hallo, met Petra Jansen" and "Petra Jansen hier"
    fn at_the_greeting(&self, words: &Words, at: usize, base: usize, claims: &mut Vec<Claim>) {
        let greeted = (at.saturating_sub(2)..at).any(|before| {
            let count = self.people.greetings.at(words, before);
            count > 0 && before + count == at && words.gap(at).trim().len() <= 1
        });
        let met = self.people.after_greeting.at(words, at);
        if greeted && met > 0 {
            self.introduced(words, at + met, base, claims);
        }
        if self.people.after_own_name.at(words, at) == 0 || !words.is_beside(at) {
            return;
        }
        let opens = |from: usize| from == 0 || words.gap(from).contains([',', '.', '!', '\n']);
        let starts = at.saturating_sub(5)..at.saturating_sub(1);
        for from in starts.filter(|from| opens(*from)) {
            let whole =
                self.people.shape(words, from, Case::Prose).filter(|shape| shape.full && shape.to == at);
            if whole.is_some() {
                self.introduced(words, from, base, claims);
                return;
            }
        }
    }

    fn introduced(&self, words: &Words, at: usize, base: usize, claims: &mut Vec<Claim>) {
        if !words.gap(at).chars().all(|c| c.is_whitespace() || matches!(c, ',' | ':' | '.' | '!'))
            || words.gap(at).len() > 4
        {
            return;
        }
        let from = self.people.behind_titles(words, at);
        let shape = self.people.shape(words, from, Case::Prose).or_else(|| self.mumbled(words, from));
        let Some(shape) = shape else { return };
        let Some(named) = self.people.named(words, shape, from > at) else { return };
        let span = base + named.start..base + named.end;
        let why = "the writer says so".to_owned();
        if named.full {
            let value = self.as_sender_spells(named.value);
            claims.push(Claim { value, source: Source::Body, span, score: trust::INTRODUCTION, why });
        } else if let Some(value) =
            self.sender.complete(&named, self.people).filter(|_| named.known || named.titled)
        {
            let why = why + ", completed by From";
            claims.push(Claim { value, source: Source::Body, span, score: trust::INTRODUCTION, why });
        }
    }

    /// "ik ben mohamed el idrissi": a common first name and a surname up to the end of the line, or to
    /// what the writer says next of themselves ("en ik ben 16").
    fn mumbled(&self, words: &Words, from: usize) -> Option<Shape> {
        let known = words.get(from).is_some_and(|word| self.people.is_given(word));
        let shape = self.people.shape(words, from, Case::Loose).filter(|shape| known && shape.full)?;
        let join = self.people.joins.at(words, shape.to);
        let goes_on = join > 0 && self.people.speakers.at(words, shape.to + join) > 0;
        let ends = words.get(shape.to).is_none() || words.gap(shape.to).contains(['\n', ',', '.', '!']);
        ((ends || goes_on) && shape.to - from <= 4).then_some(shape)
    }

    /// "1) Stef Aarts, Helmond, …": answers in the order of the questions.
    fn first_in_list(&self, claims: &mut Vec<Claim>) {
        for line in self.lines.iter().take(40).filter(|line| line.zone != Zone::OwnEarlier) {
            let text = line.text.trim_start();
            let Some(rest) = text
                .strip_prefix(['1', 'a', 'A'])
                .and_then(|rest| rest.strip_prefix([')', '.', ':', '-', ' ', '/']))
            else {
                continue;
            };
            let start = line.start + line.text.len() - rest.len();
            if let Some(named) = self.people.line(rest, Case::Line).filter(|named| named.full) {
                let span = start + named.start..start + named.end;
                let why = "first in the list".to_owned();
                // "a. Bernadette Olivier" in a mail of "B. Olivier".
                let spelled_out = self.sender.person.as_ref().is_some_and(|person| {
                    kin(&person.surname, &named.surname) && self.sender.is_given(&named.given)
                });
                let score = if spelled_out { trust::LISTED } else { trust::FIRST_IN_LIST };
                claims.push(Claim { value: named.value, source: Source::Body, span, score, why });
            }
            return;
        }
    }

    /// Words of somebody else, or small print.
    fn is_foreign(&self, at: usize) -> bool {
        matches!(self.view.sections.zone_at(at), Zone::QuotedOther | Zone::QuotedOurs | Zone::Boilerplate)
    }

    fn is_earlier(&self, source: &Source, at: usize) -> bool {
        matches!(source, Source::Body) && self.view.sections.zone_at(at) == Zone::OwnEarlier
    }

    /// The same name with the capitals that `From` has, or the whole of a first name of two words.
    fn as_sender_spells(&self, value: String) -> String {
        match &self.sender.person {
            Some(person)
                if person.value.strip_prefix(&value).is_some_and(|rest| rest.starts_with([' ', '-'])) =>
            {
                person.value.clone()
            }
            Some(person)
                if value != person.value
                    && value.chars().all(|c| !c.is_uppercase())
                    && same(&person.value, &value) =>
            {
                person.value.clone()
            }
            _ => value,
        }
    }
}
