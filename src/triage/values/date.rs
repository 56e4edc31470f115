//! The day of the incident: dates in Dutch and English, resolved from the day of writing.
//!
//! [`scan`] finds days, [`words`] knows how they are called, [`near`] judges by what stands near
//! one whether it is the day that is asked for. A guess is refused: "begin maart" is no day.

mod near;
mod rules;
mod scan;
mod words;

use std::ops::Range;

use chrono::NaiveDate;

use super::super::fields::{Candidate, Evidence, FLOOR, Kind, Source, Value};
use super::super::fold::Folded;
use super::super::reading::{Language, View};
use super::super::text::Zone;
use super::labels::Labelled;
pub use rules::DateRules;
pub use words::DateWords;

/// Days looked at in one mail; a mail with more is a table, not a story.
const MOST_DAYS: usize = 48;
/// A labelled value longer than this is a story behind a word that looked like a label.
const LONGEST_ANSWER: usize = 160;

/// A day that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Day {
    pub date: NaiveDate,
    /// Bytes of the folded text.
    pub span: Range<usize>,
    pub how: How,
}

/// How a day is named, which says how sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Day and month, perhaps a year.
    Calendar,
    /// Weekday with day and month.
    Full,
    /// `12-3`, `12/3`
    Short,
    /// "de 14e"
    DayOfMonth,
    /// "afgelopen dinsdag"
    Weekday,
    /// "dinsdag" with nothing else.
    BareWeekday,
    /// "gisteren", "3 dagen geleden"
    Relative,
    /// "vandaag"
    Today,
    /// "zojuist"
    JustNow,
    /// "tweede pinksterdag"
    Feast,
}

/// What days are reckoned from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub written: NaiveDate,
    /// No incident lies after this day.
    pub latest: NaiveDate,
    pub english: bool,
    /// The text stands behind a label that asks for a date: short forms need no further sign.
    pub asked: bool,
}

/// Adds a candidate for each day that may be the one asked for. `told` are the places of the body
/// where somebody is told of who was involved.
pub fn find(view: &View, told: &[usize], out: &mut Vec<Candidate>) {
    let words = &view.context.rules.dates;
    let frame =
        Frame {
            written: view.written,
            latest: view.written.max(view.context.arrived.date_naive()),
            english: view.language == Language::En,
            asked: view.context.expecting.iter().any(|field| {
                view.context.rules.fields.get(field).is_some_and(|field| field.kind == Kind::Date)
            }),
        };
    for field in view.context.rules.fields.of_kind(Kind::Date) {
        let mut labels = view.labels.iter().filter(|label| label.field == field.id).peekable();
        if labels.peek().is_some() && labelled(view, labels, words, frame, &field.id, out) {
            continue;
        }
        free(view, words, frame, &field.id, told, out);
    }
}

/// What stands behind a label wins; a label without an answer settles it too. Says whether it did.
fn labelled<'a>(
    view: &View,
    labels: impl Iterator<Item = &'a Labelled>,
    words: &DateWords,
    frame: Frame,
    field: &str,
    out: &mut Vec<Candidate>,
) -> bool {
    let mut settled = false;
    for label in labels {
        let Some(text) = source_text(view, &label.source) else { continue };
        if label.source == Source::Body && !is_own(view.sections.zone_at(label.label.start)) {
            continue;
        }
        let value = text.get(label.value.clone()).unwrap_or_default();
        if label.no_answer || value.trim().is_empty() {
            settled = true;
            continue;
        }
        let folded = Folded::new(value);
        let days = scan::days(words, folded.text(), Frame { asked: true, ..frame });
        let Some(day) = days.first() else {
            settled = settled || value.len() <= LONGEST_ANSWER;
            continue;
        };
        let name = text.get(label.label.clone()).unwrap_or_default();
        let span = shift(folded.original(day.span.clone()), label.value.start);
        out.extend(candidate(
            field,
            day.date,
            text,
            label.source.clone(),
            span,
            98,
            format!("label '{name}'"),
        ));
        settled = true;
    }
    settled
}

fn free(view: &View, words: &DateWords, frame: Frame, field: &str, told: &[usize], out: &mut Vec<Candidate>) {
    let message = view.message;
    let less = |at: usize, how: How| burden(view.sections.zone_at(at), how);
    let mut told_of = judged(words, field, (&Source::Body, &message.text), frame, told, less);
    // Where the body leaves a choice the subject may settle it, but with no day of its own.
    let open = told_of.len() > 1 && told_of.iter().all(|day| day.score < FLOOR);
    let named = judged(words, field, (&Source::Subject, &message.subject), frame, &[], |_, _| Some(4));
    let named = named.into_iter().filter(|day| !open || told_of.iter().any(|told| told.value == day.value));
    let named: Vec<Candidate> = named.collect();
    prefer_the_subject(&named, &mut told_of);
    out.extend(named);
    out.extend(told_of);
    if open {
        return;
    }
    // An attached mail of the same writer counts like forwarded text; its days count from its own date.
    let Some(author) = message.author() else { return };
    let zone = view.context.arrived.timezone();
    for (index, mail) in message.attached.iter().enumerate() {
        if !mail.from.iter().any(|from| from.address == author.address) {
            continue;
        }
        let written = mail.date.map_or(frame.written, |date| date.with_timezone(&zone).date_naive());
        let frame = Frame { written: written.min(frame.latest), asked: false, ..frame };
        let source = Source::Attached(index);
        out.extend(judged(words, field, (&source, &mail.text), frame, &[], |_, _| Some(8)));
    }
}

/// Of several days that the text tells of, the one that the subject names: "Klacht over 6 mei".
fn prefer_the_subject(named: &[Candidate], told_of: &mut [Candidate]) {
    /// Less than where the text says what the complaint is about.
    const MORE: i32 = 20;
    let [named] = named else { return };
    if named.score < FLOOR || told_of.iter().all(|day| day.value == named.value) {
        return;
    }
    for day in told_of.iter_mut().filter(|day| day.value == named.value && day.score >= FLOOR) {
        day.score = (day.score + MORE).min(100);
        day.why.push_str("; the subject names it too");
    }
}

/// The days of a text with their scores. `less` says what the place of a day takes off, or that a day
/// there counts for nothing; such a one is no other day of the story either.
fn judged(
    words: &DateWords,
    field: &str,
    (source, text): (&Source, &str),
    frame: Frame,
    told: &[usize],
    less: impl Fn(usize, How) -> Option<i32>,
) -> Vec<Candidate> {
    let folded = Folded::new(text);
    let mut days = scan::days(words, folded.text(), frame);
    let mut burdens = Vec::with_capacity(days.len());
    days.retain(|day| {
        let burden = less(folded.original(day.span.clone()).start, day.how);
        burdens.extend(burden);
        burden.is_some()
    });
    let told: Vec<usize> = told.iter().map(|at| folded.folded(*at)).collect();
    let judged = near::judge_all(words, folded.text(), &days, &told, frame);
    let candidates = days.iter().zip(judged).zip(burdens).filter_map(|((day, judged), burden)| {
        let span = folded.original(day.span.clone());
        candidate(field, day.date, text, source.clone(), span, judged.score - burden, judged.why)
    });
    candidates.collect()
}

/// What a zone takes off a day's score; `None`: days there count for nothing.
fn burden(zone: Zone, how: How) -> Option<i32> {
    match zone {
        Zone::Own => Some(0),
        // "gisteren" in an earlier mail counts from a day that is not known.
        Zone::OwnEarlier => match how {
            How::Calendar | How::Full | How::Short | How::Feast => Some(8),
            _ => None,
        },
        Zone::Signature | Zone::QuotedOurs | Zone::QuotedOther | Zone::Boilerplate => None,
    }
}

fn is_own(zone: Zone) -> bool {
    matches!(zone, Zone::Own | Zone::OwnEarlier | Zone::Signature)
}

fn source_text<'a>(view: &View<'a>, source: &Source) -> Option<&'a str> {
    match source {
        Source::Body => Some(&view.message.text),
        Source::Subject => Some(&view.message.subject),
        Source::Attached(index) => view.message.attached.get(*index).map(|mail| mail.text.as_str()),
        Source::Header | Source::AttachmentName(_) => None,
    }
}

fn shift(span: Range<usize>, by: usize) -> Range<usize> {
    span.start + by..span.end + by
}

fn candidate(
    field: &str,
    date: NaiveDate,
    text: &str,
    source: Source,
    span: Range<usize>,
    score: i32,
    why: String,
) -> Option<Candidate> {
    let words = text.get(span.clone())?.to_owned();
    Some(Candidate {
        field: field.to_owned(),
        value: Value::Text(date.format("%Y-%m-%d").to_string()),
        evidence: Evidence { source, span, text: words },
        score: score.clamp(0, 100),
        why,
    })
}

#[cfg(test)]
mod tests;
