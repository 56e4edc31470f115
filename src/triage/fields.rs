//! Candidates with evidence, and the one resolver that chooses among them.
//!
//! Each finder in [`super::values`] adds [`Candidate`]s; none of them decides. [`resolve`] picks
//! the best of each field, or none: doubt means asking.

mod compile;
mod rules;

use std::collections::BTreeMap;
use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::reading::View;
use super::text::Zone;
use super::values::labels::Labelled;

pub use compile::{Field, Fields, pattern};
pub use rules::{FieldRules, LabelRules, SharedFields};

/// What a field holds; decides which finder looks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The full name of the contact person.
    Name,
    /// E.164.
    Phone,
    Email,
    /// A canonical id of `services.toml`.
    Service,
    /// Free text that says what the question or incident is.
    Description,
    /// The day of the incident.
    Date,
    /// People involved: a list.
    Persons,
    /// What one of `patterns` matches, upper case without blanks.
    Pattern,
    /// One of `choices`.
    Choice,
    /// Whatever stands behind a label.
    Text,
}

/// A value in its canonical form (see `interface.md`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Text(String),
    List(Vec<String>),
}

/// The string that a span counts in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// [`super::message::Message::text`]
    Body,
    /// [`super::message::Message::subject`]
    Subject,
    /// Display name or address of `From` or `Reply-To`.
    Header,
    /// File name of the attachment with this index.
    AttachmentName(usize),
    /// Text of the attached mail with this index.
    Attached(usize),
}

/// Where a value was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub source: Source,
    /// Byte offsets in that source.
    pub span: Range<usize>,
    /// The words as written: exactly the span.
    pub text: String,
}

/// A possible value of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// Id of the field.
    pub field: String,
    pub value: Value,
    pub evidence: Evidence,
    /// 0 to 100: how sure a clerk would be. Below [`FLOOR`] it never wins.
    pub score: i32,
    /// Why, in a few words: `label 'Tel'`.
    pub why: String,
}

/// A candidate below this score is not claimed.
pub const FLOOR: i32 = 50;

/// Where a value was found, in the words of `interface.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundIn {
    Body,
    Subject,
    Signature,
    Header,
    Attachment,
}

/// The winner of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    pub value: Value,
    /// As written.
    pub text: String,
    pub from: FoundIn,
    pub why: String,
    #[serde(skip)]
    pub evidence: Evidence,
    /// Candidates that lost, best first.
    #[serde(skip)]
    pub others: Vec<Candidate>,
}

/// What was found of all fields.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// The winner of each field.
    pub found: BTreeMap<String, Found>,
    /// Of fields without a winner: the candidates of which none was sure enough, best first.
    pub doubted: BTreeMap<String, Vec<Candidate>>,
}

/// Runs every finder, then picks for each field the best candidate.
#[must_use]
pub fn find(view: &View) -> Findings {
    let mut candidates = Vec::new();
    super::values::find_all(view, &mut candidates);
    resolve(view, candidates)
}

/// Characters that a value may have: what is longer is no answer to a question.
const LONGEST_VALUE: usize = 1_000;

/// The highest score wins, among equals the earliest in the mail; below [`FLOOR`] nothing does.
fn resolve(view: &View, candidates: Vec<Candidate>) -> Findings {
    let mut by_field: BTreeMap<String, Vec<Candidate>> = BTreeMap::new();
    let candidates =
        candidates.into_iter().filter(|candidate| fits(&candidate.value) && belongs(view, candidate));
    for candidate in candidates {
        by_field.entry(candidate.field.clone()).or_default().push(candidate);
    }
    let mut findings = Findings::default();
    for (field, mut of_field) in by_field {
        of_field.sort_by_key(|candidate| (-candidate.score, place(&candidate.evidence)));
        if of_field.first().is_none_or(|best| best.score < FLOOR) {
            findings.doubted.insert(field, of_field);
            continue;
        }
        let best = of_field.remove(0);
        let from = found_in(view, &best.evidence);
        let Candidate { value, evidence, why, .. } = best;
        let text = evidence.text.clone();
        findings.found.insert(field, Found { value, text, from, why, evidence, others: of_field });
    }
    findings
}

/// Of several fields of one kind each takes what stands behind its own labels; what stands behind
/// none is for the first, and never for one that insists on its labels.
fn belongs(view: &View, candidate: &Candidate) -> bool {
    let fields = &view.context.rules.fields;
    let Some(field) = fields.get(&candidate.field) else { return true };
    let by_labels = field.rules.labelled_only;
    if !by_labels && fields.of_kind(field.kind).nth(1).is_none() {
        return true;
    }
    let mut of_another = false;
    for label in view.labels.iter().filter(|label| is_behind(label, &candidate.evidence)) {
        let id = label.field.split('.').next().unwrap_or_default();
        if id == field.id {
            return true;
        }
        of_another |= !label.shared && fields.get(id).is_some_and(|other| other.kind == field.kind);
    }
    !of_another && !by_labels
}

fn is_behind(label: &Labelled, evidence: &Evidence) -> bool {
    label.source == evidence.source
        && label.value.start < evidence.span.end
        && evidence.span.start < label.value.end
}

fn fits(value: &Value) -> bool {
    let short = |text: &String| !text.is_empty() && text.chars().count() <= LONGEST_VALUE;
    match value {
        Value::Text(text) => short(text),
        Value::List(texts) => !texts.is_empty() && texts.iter().all(short),
    }
}

/// Order of the sources, then of the places in one: the writer's text first.
fn place(evidence: &Evidence) -> (usize, usize) {
    let source = match evidence.source {
        Source::Body => 0,
        Source::Subject => 1,
        Source::AttachmentName(index) => 2 + index,
        Source::Attached(index) => 1_000 + index,
        Source::Header => 10_000,
    };
    (source, evidence.span.start)
}

fn found_in(view: &View, evidence: &Evidence) -> FoundIn {
    match evidence.source {
        Source::Body if view.sections.zone_at(evidence.span.start) == Zone::Signature => FoundIn::Signature,
        Source::Body => FoundIn::Body,
        Source::Subject => FoundIn::Subject,
        Source::Header => FoundIn::Header,
        Source::AttachmentName(_) | Source::Attached(_) => FoundIn::Attachment,
    }
}
