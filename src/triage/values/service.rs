//! The service: the vocabulary of `rules/services.toml` over folded text; the most specific wins.
//!
//! [`vocabulary`] finds the words, whatever their hyphens, blanks, endings and typing errors; here
//! they are weighed: an examination goes before its specialism, that before "e-consult", and what is
//! only said to work well, or to be the writer's trade, does not count.

mod rules;
mod squeezed;
mod vocabulary;

use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};

use super::super::expression::Expression;
use super::super::fault::{Fault, Place};
use super::super::fields::{Candidate, Evidence, Kind, Source, Value};
use super::super::fold::Folded;
use super::super::reading::View;
use super::super::text::Zone;
use super::near::{self, NearRules, Nearby};
use rules::Level;
pub use rules::{Service, ServiceRules};
use vocabulary::{How, Named, Vocabulary};

/// Namings weighed in one text; more say nothing new.
const MOST_NAMED: usize = 200;
/// Namings looked at in one answer.
const MOST_ANSWERED: usize = 4;
/// Words of an answer in which a lay word names a service; a longer one is a story.
const LONGEST_ANSWER: usize = 12;
/// Bytes behind a lead-in that can be a lay word.
const LAY_REACH: usize = 40;
/// What a description loses where another examination is named.
const OUTDONE: i32 = 20;
/// Weights of words that say of a service that nothing is wrong with it; of what is not meant at all
/// they are lower.
const SAID_TO_BE_RIGHT: RangeInclusive<i32> = -40..=-20;
/// What it loses then wherever it is named beside another.
const LESS_AS_RIGHT: i32 = 8;
/// What brackets that say more add to it.
const PRECISE: i32 = 30;
/// What a lead-in adds to a lay word.
const LED_IN: i32 = 12;

/// [`ServiceRules`], ready to use.
#[derive(Debug, Default)]
pub struct Services {
    vocabulary: Vocabulary,
    /// What lay words name where a service is asked for.
    lay: Vocabulary,
    lead_ins: Option<Expression>,
    near: Nearby,
    near_weak: Nearby,
    near_portal: Nearby,
    ranks: BTreeMap<String, u8>,
}

impl Services {
    /// # Errors
    /// Every fault of the rules.
    pub fn compile(rules: &ServiceRules) -> Result<Self, Vec<Fault>> {
        let ranks = rules.service.iter().map(|(id, service)| (id.clone(), service.rank)).collect();
        let vocabulary = Vocabulary::compile(rules, Level::Named);
        let lay = Vocabulary::compile(rules, Level::Lay);
        let mut faults: Vec<Fault> = Vec::new();
        let mut near = |key: &str, list: &[NearRules]| {
            Nearby::compile(key, list, &rules.abbreviations)
                .map_err(|of_list| faults.extend(of_list))
                .unwrap_or_default()
        };
        let (near, near_weak, near_portal) = (
            near("context", &rules.context),
            near("context_weak", &rules.context_weak),
            near("context_portal", &rules.context_portal),
        );
        let vocabulary = vocabulary.map_err(|of_words| faults.extend(of_words)).unwrap_or_default();
        let lay = lay.map_err(|of_words| faults.extend(of_words)).unwrap_or_default();
        let lead_ins = near::source(&[], &rules.lead_ins).and_then(|source| near::compile(&source));
        let lead_ins = lead_ins.map_err(|error| {
            let place = Place::default().key("lead_ins");
            let remedy = "look-around and back references are not possible";
            faults.push(Fault::new(place, format!("no regular expression: {error}"), remedy));
        });
        if faults.is_empty() {
            let lead_ins = lead_ins.ok();
            Ok(Self { vocabulary, lay, lead_ins, near, near_weak, near_portal, ranks })
        } else {
            Err(faults)
        }
    }

    fn rank(&self, id: &str) -> u8 {
        self.ranks.get(id).copied().unwrap_or_default()
    }

    /// The services that a text names, each once, with a score as if the text were the writer's own.
    fn weigh(&self, text: &str, subject: bool) -> Vec<Weighed> {
        let folded = Folded::new(text);
        let (mut from, mut general) = (0, None);
        let (mut out, mut right) = (Vec::new(), Vec::new());
        let mut all = self.vocabulary.find(folded.text());
        self.add_led_in(folded.text(), &mut all);
        let several = all.iter().any(|named| all.first().is_some_and(|first| first.id != named.id));
        // "24-uurs bloeddrukmeting … het ding pompte 's nachts": a name says more than a description.
        let by_name = |named: &Named| {
            named.how == How::Written && !(named.weak || named.lay) && self.rank(&named.id) > 2
        };
        let plain: Vec<String> =
            all.iter().filter(|named| by_name(named)).map(|one| one.id.clone()).collect();
        for named in all.into_iter().take(MOST_NAMED) {
            let rank = self.rank(&named.id);
            let outdone = named.how == How::Described && !plain.is_empty() && !plain.contains(&named.id);
            let mut near = self.near.weigh(folded.text(), &named.span, from);
            if rank == 0 {
                near.add(self.near_portal.weigh(folded.text(), &named.span, from));
            } else if named.weak {
                near.add(self.near_weak.weigh(folded.text(), &named.span, from));
            }
            from = named.span.end;
            let others = if several { near.among_others } else { 0 };
            let precise =
                if rank > 1 && general.is_some_and(|end| in_brackets(folded.text(), end, &named.span)) {
                    PRECISE
                } else {
                    0
                };
            general = if rank == 1 { Some(named.span.end) } else { general };
            let mut score =
                base(rank, &named) + near.weight + others + precise + if named.lay { LED_IN } else { 0 };
            score -= if outdone { OUTDONE } else { 0 };
            if subject && rank == 0 && !named.weak {
                score += 20;
            }
            let mut why = format!("named as '{}'", folded.text().get(named.span.clone()).unwrap_or_default());
            if precise > 0 {
                why.push_str("; in brackets behind general words");
            }
            for reason in &near.reasons {
                why.push_str("; ");
                why.push_str(reason);
            }
            let is_right = SAID_TO_BE_RIGHT.contains(&near.weight);
            if is_right {
                right.push(named.id.clone());
            }
            let span = folded.original(named.span.clone());
            out.push(Weighed { span, id: named.id, score, why, is_right });
        }
        // "Er staan holters en slaaponderzoeken op. De holters kloppen": it counts where it is named before, too.
        for one in out.iter_mut().filter(|one| several && !one.is_right && right.contains(&one.id)) {
            one.score -= LESS_AS_RIGHT;
            one.why.push_str("; said elsewhere to be right");
        }
        out
    }
}

/// "beeldbelconsult van vrijdag (tele-KNO)": brackets that say more of the general words before them.
fn in_brackets(text: &str, general: usize, named: &Range<usize>) -> bool {
    const REACH: usize = 60;
    text.get(general..named.start).is_some_and(|between| {
        between.len() <= REACH && between.trim_end().ends_with('(') && !between.contains(['.', '!', '?', ')'])
    })
}

impl Services {
    /// Lay words right behind what leads in to a service: "consult over mijn huid".
    fn add_led_in(&self, text: &str, all: &mut Vec<Named>) {
        let Some(lead_ins) = &self.lead_ins else { return };
        // Whoever names a service by its own words needs none of this, and most mails do.
        if all.iter().any(|named| !named.weak && self.rank(&named.id) > 1) {
            return;
        }
        let before = all.len();
        for lead in lead_ins.find_iter(text).take(MOST_NAMED) {
            let from = lead.end();
            let Some(behind) = text.get(from..text.ceil_char_boundary(from + LAY_REACH)) else { continue };
            let led_in = self.lay.find(behind).into_iter().filter(|named| named.span.start == 0);
            for named in led_in {
                let span = from..from + named.span.end;
                let known = |other: &Named| other.span.start < span.end && span.start < other.span.end;
                if !all.iter().take(before).any(known) {
                    all.push(Named { span, weak: true, lay: true, ..named });
                }
            }
        }
        all.sort_by_key(|named| named.span.start);
    }

    /// What an answer to the question for the service names, with its score.
    fn answered(&self, answer: &str, doubtful: bool) -> Vec<(Named, i32)> {
        let mut named = self.vocabulary.find(answer);
        named.truncate(MOST_ANSWERED);
        // General words under a label give way to a specialism anywhere else.
        let general = |named: &Named| self.rank(&named.id) < 2;
        let short = answer.split_whitespace().count() <= LONGEST_ANSWER;
        let lay = short && !doubtful && named.iter().all(general);
        let mut out: Vec<(Named, i32)> = Vec::new();
        for found in named {
            let score = match (general(&found), out.is_empty()) {
                (true, _) => 74,
                (_, true) => 98,
                (_, false) => 94,
            };
            out.push((found, score));
        }
        if lay {
            // An examination before its specialism: "hart (filmpje)".
            for found in self.lay.find(answer).into_iter().take(MOST_ANSWERED) {
                let score = 90 + i32::from(self.rank(&found.id));
                out.push((found, score));
            }
        }
        out
    }
}

#[derive(Debug)]
struct Weighed {
    id: String,
    /// Of the original text.
    span: Range<usize>,
    score: i32,
    why: String,
    /// Said here to be as it should be.
    is_right: bool,
}

fn base(rank: u8, named: &Named) -> i32 {
    let base = match (rank, named.weak) {
        (0, false) => 42,
        (0, true) => 22,
        (1, _) => 62,
        (2, false) => 76,
        (2, true) => 40,
        (_, true) => 46,
        (_, false) => 79,
    };
    // A word seen through a typing error, or a description, is a little less sure.
    if named.how == How::Written { base } else { base - 3 }
}

/// Adds a candidate for each service named.
pub fn find(view: &View, out: &mut Vec<Candidate>) {
    let services = &view.context.rules.services;
    for field in view.context.rules.fields.of_kind(Kind::Service) {
        if labelled(view, services, &field.id, out) {
            continue;
        }
        free(view, services, &field.id, out);
    }
}

/// What stands behind a label wins; a label without an answer settles it too. Says whether it did.
fn labelled(view: &View, services: &Services, field: &str, out: &mut Vec<Candidate>) -> bool {
    let (mut unanswered, mut answered) = (false, false);
    for label in view.labels.iter().filter(|label| label.field == field) {
        let Some(text) = source_text(view, &label.source) else { continue };
        let zone = (label.source == Source::Body).then(|| view.sections.zone_at(label.label.start));
        if zone.is_some_and(|zone| burden(zone).is_none()) {
            continue;
        }
        let value = text.get(label.value.clone()).unwrap_or_default();
        let mut any = false;
        if label.no_answer || value.trim().is_empty() {
            // What a letter of ours asks for is answered elsewhere.
            unanswered |= zone != Some(Zone::QuotedOurs);
            continue;
        }
        let folded = Folded::new(value);
        // "weet ik niet precies, iets met mijn knie misschien"
        let doubtful = view.context.rules.fields.labels.starts_with_nothing(value);
        for (named, score) in services.answered(folded.text(), doubtful) {
            // A second label says no more than the first.
            let score = if answered { score.min(94) } else { score };
            let span = folded.original(named.span);
            let span = span.start + label.value.start..span.end + label.value.start;
            let name = text.get(label.label.clone()).unwrap_or_default();
            push(out, field, &named.id, text, &label.source, span, score, format!("label '{name}'"));
            any = true;
        }
        answered |= any;
    }
    unanswered && !answered
}

fn free(view: &View, services: &Services, field: &str, out: &mut Vec<Candidate>) {
    let message = view.message;
    let mut texts: Vec<(Source, &str, i32)> =
        vec![(Source::Body, &message.text, 0), (Source::Subject, &message.subject, 4)];
    if let Some(author) = message.author() {
        for (index, mail) in message.attached.iter().enumerate() {
            if mail.from.iter().any(|from| from.address == author.address) {
                texts.push((Source::Attached(index), &mail.text, 10));
            }
        }
    }
    for (index, attachment) in message.attachments.iter().enumerate() {
        if let Some(name) = &attachment.name {
            texts.push((Source::AttachmentName(index), name, 18));
        }
    }
    let mut times: BTreeMap<String, i32> = BTreeMap::new();
    for (source, text, less) in texts {
        for weighed in services.weigh(text, source == Source::Subject) {
            let zone = match source {
                Source::Body => burden(view.sections.zone_at(weighed.span.start)),
                _ => Some(0),
            };
            let Some(of_zone) = zone else { continue };
            // Named again and again: that is what it is about.
            let again = times.entry(weighed.id.clone()).or_insert(0);
            let score = weighed.score - less - of_zone + (*again).min(3);
            if weighed.score >= super::super::fields::FLOOR {
                *again += 1;
            }
            push(out, field, &weighed.id, text, &source, weighed.span, score, weighed.why);
        }
    }
}

/// What a zone takes off a score; `None`: what is named there does not count.
fn burden(zone: Zone) -> Option<i32> {
    match zone {
        Zone::Own => Some(0),
        Zone::OwnEarlier => Some(8),
        Zone::QuotedOurs => Some(14),
        Zone::Signature | Zone::QuotedOther | Zone::Boilerplate => None,
    }
}

fn source_text<'a>(view: &View<'a>, source: &Source) -> Option<&'a str> {
    match source {
        Source::Body => Some(&view.message.text),
        Source::Subject => Some(&view.message.subject),
        Source::Attached(index) => view.message.attached.get(*index).map(|mail| mail.text.as_str()),
        Source::Header | Source::AttachmentName(_) => None,
    }
}

#[expect(clippy::too_many_arguments, reason = "a candidate has that many parts")]
fn push(
    out: &mut Vec<Candidate>,
    field: &str,
    id: &str,
    text: &str,
    source: &Source,
    span: Range<usize>,
    score: i32,
    why: String,
) {
    let Some(words) = text.get(span.clone()) else { return };
    let evidence = Evidence { source: source.clone(), text: words.to_owned(), span };
    out.push(Candidate {
        field: field.to_owned(),
        value: Value::Text(id.to_owned()),
        evidence,
        score: score.clamp(0, 100),
        why,
    });
}

#[cfg(test)]
mod tests;
