//! The contact person's full name: label, introduction, sign-off, signature, `From`.
//!
//! Never made out of the local part of an address, never a bare first name, an organisation or
//! somebody whom the writer only tells of. Doubt means asking.

mod sender;
mod shape;
mod signoff;
mod vocabulary;
pub mod words;

#[cfg(test)]
mod tests;

use std::ops::Range;

use super::super::fields::{Candidate, Evidence, Kind, Source, Value};
use super::super::reading::View;
use super::super::text::Zone;

pub use sender::Sender;
pub use shape::{Case, Named, Shape};
pub use vocabulary::{People, PeopleRules};

use words::Words;

/// How sure a clerk would be of each source.
mod trust {
    pub const LABEL: i32 = 95;
    pub const PARTS: i32 = 94;
    pub const FULL_UNDER_FIRST: i32 = 91;
    pub const SIGN_OFF: i32 = 90;
    pub const COMPLETED: i32 = 88;
    pub const INTRODUCTION: i32 = 85;
    pub const OWN_DATA: i32 = 84;
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
    let mut fields: Vec<&str> =
        view.context.rules.fields.of_kind(Kind::Name).map(|field| field.id.as_str()).collect();
    if fields.is_empty() {
        fields.push("name");
    }
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
        let fields = &self.view.context.rules.fields;
        let is_name = |id: &str| fields.get(id).map_or(id == "name", |field| field.kind == Kind::Name);
        for labelled in self.view.labels.iter().filter(|l| is_name(&l.field) && !l.no_answer) {
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
            if self.is_of_others(label, value) || self.is_part_label(label) {
                continue;
            }
            let start = labelled.value.start;
            self.claim_labelled(label, value, start, &labelled.source, claims);
        }
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
        let label = Words::cut(label, 20);
        let value = Words::cut(value, 20);
        self.people.other_labels.within(&label, 0, label.len())
            || (0..value.len()).any(|at| {
                self.people.own_words.at(&value, at) > 0 && self.people.relations.at(&value, at + 1) > 0
            })
    }

    fn is_part_label(&self, label: &str) -> bool {
        let label = Words::cut(label, 8);
        [&self.people.given_labels, &self.people.particle_labels, &self.people.surname_labels]
            .iter()
            .any(|list| list.at(&label, 0) == label.len() && label.len() > 0)
    }

    /// "Voornaam: …" and "Achternaam: …" on lines of their own, or on one.
    fn parts(&self, claims: &mut Vec<Claim>) {
        let (mut given, mut particle, mut surname) = (None, None, None);
        for line in self.lines.iter().take(400).filter(|line| line.zone != Zone::OwnEarlier) {
            let words = Words::cut(line.text, 24);
            for at in 0..words.len().min(16) {
                self.take_part(&words, at, line, &self.people.given_labels, &mut given);
                self.take_part(&words, at, line, &self.people.particle_labels, &mut particle);
                self.take_part(&words, at, line, &self.people.surname_labels, &mut surname);
            }
        }
        let (Some((given, span)), Some((surname, end))) = (given, surname) else { return };
        let particle = particle.map_or(String::new(), |(particle, _)| particle + " ");
        let whole = format!("{given} {particle}{surname}");
        let span = if span.start < end.start { span } else { end };
        if self.people.line(&whole, Case::Loose).is_some_and(|named| named.full) {
            let why = "labels for first name and surname".to_owned();
            let value = self.people.spelled(&whole);
            claims.push(Claim { value, source: Source::Body, span, score: trust::PARTS, why });
        }
    }

    /// What stands behind a label of one part of the name, up to the next label.
    fn take_part(
        &self,
        words: &Words,
        at: usize,
        line: &Line,
        labels: &words::Phrases,
        part: &mut Option<(String, Range<usize>)>,
    ) {
        let from = at + labels.at(words, at);
        let gap = words.gap(from);
        let starts =
            at == 0 || words.gap(at).contains([',', ';', '\t', '|', '/']) || words.gap(at).starts_with("  ");
        if part.is_some() || from == at || !starts || !gap.contains([':', '\t', '-', '–', '=', '|']) {
            return;
        }
        let ends = |i: usize| words.gap(i).contains([',', ';', '\t', '|', '(', ':', '/']);
        let mut to = from;
        while to < words.len()
            && to < from + 5
            && (to == from || !ends(to))
            && !self.is_any_part_label(words, to)
        {
            to += 1;
        }
        let Some((text, start, end)) = words.slice(from, to.max(from)) else { return };
        if text.len() <= 80 && !text.contains(|c: char| c.is_ascii_digit()) {
            *part = Some((text.to_owned(), line.start + start..line.start + end));
        }
    }

    fn is_any_part_label(&self, words: &Words, at: usize) -> bool {
        self.people.given_labels.at(words, at) > 0
            || self.people.particle_labels.at(words, at) > 0
            || self.people.surname_labels.at(words, at) > 0
    }

    /// "Mijn naam is …", "u spreekt met …"
    fn introductions(&self, claims: &mut Vec<Claim>) {
        for section in self.view.sections.of(&[Zone::Own, Zone::Signature]) {
            let Some(text) = self.view.message.text.get(section.span.clone()) else { continue };
            let words = Words::cut(text, 20_000);
            for at in 0..words.len() {
                let count = self.people.introductions.at(&words, at);
                if count > 0 && !words.gap(at).ends_with(['"', '“', '„', '\'', '‘', '”']) {
                    self.introduced(&words, at + count, section.span.start, claims);
                }
            }
        }
    }

    fn introduced(&self, words: &Words, at: usize, base: usize, claims: &mut Vec<Claim>) {
        if !words.gap(at).chars().all(|c| c.is_whitespace() || matches!(c, ',' | ':' | '.'))
            || words.gap(at).len() > 4
        {
            return;
        }
        let from = self.people.behind_titles(words, at);
        let Some(shape) = self.people.shape(words, from, Case::Prose) else { return };
        let Some(named) = self.people.named(words, shape, from > at) else { return };
        let span = base + named.start..base + named.end;
        let why = "the writer says so".to_owned();
        if named.full {
            claims.push(Claim {
                value: named.value,
                source: Source::Body,
                span,
                score: trust::INTRODUCTION,
                why,
            });
        } else if let Some(value) =
            self.sender.complete(&named, self.people).filter(|_| named.known || named.titled)
        {
            let why = why + ", completed by From";
            claims.push(Claim { value, source: Source::Body, span, score: trust::INTRODUCTION, why });
        }
    }

    /// "1) Stef Aarts, Helmond, …": answers in the order of the questions.
    fn first_in_list(&self, claims: &mut Vec<Claim>) {
        for line in self.lines.iter().take(40).filter(|line| line.zone != Zone::OwnEarlier) {
            let text = line.text.trim_start();
            let Some(rest) =
                text.strip_prefix('1').and_then(|rest| rest.strip_prefix([')', '.', ':', '-', ' ', '/']))
            else {
                continue;
            };
            let start = line.start + line.text.len() - rest.len();
            if let Some(named) = self.people.line(rest, Case::Line).filter(|named| named.full) {
                let span = start + named.start..start + named.end;
                let why = "first in the list".to_owned();
                let score = trust::FIRST_IN_LIST;
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

    /// The same name with the capitals and accents that `From` has.
    fn as_sender_spells(&self, value: String) -> String {
        match &self.sender.person {
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

/// The same name but for capitals and accents.
pub(super) fn same(a: &str, b: &str) -> bool {
    words::fold(a) == words::fold(b)
}
