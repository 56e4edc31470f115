//! The people whom it is about: named behind a label, else told of in the writer's own sentences.
//!
//! Not the writer, not relatives by relation alone, not the doctor who referred, nobody thanked,
//! nobody out of a quoted mail.

mod labelled;
mod story;

use std::ops::Range;

use super::super::fields::{Candidate, Evidence, Kind, Source, Value};
use super::super::reading::View;
use super::super::text::Zone;
use super::labels::Labelled;
use super::name::{Case, Named};

/// More people than any complaint is about.
const MOST: usize = 12;
const LABELLED: i32 = 92;
const TOLD: i32 = 80;

/// Somebody who is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mention {
    /// As it is to be noted; empty while only a vague word was seen that may yet get a name.
    value: String,
    /// Byte offsets in the text that was looked at.
    span: Range<usize>,
    /// The word for what they do, folded; empty where there is none.
    role: String,
    /// The words of the name, folded; empty where there is none.
    name: Vec<String>,
    /// Named as a relative of the writer: the patient, or a witness.
    relative: bool,
    /// Perhaps only where the writer went: counts where nobody else does.
    in_passing: bool,
}

/// Adds one candidate with the list of all people involved. Runs behind the finder of names,
/// whose best candidate is the writer. Gives the places in the body where the story tells of
/// somebody: the day on which they did something is more likely the one that is asked for.
pub fn find(view: &View, out: &mut Vec<Candidate>) -> Vec<usize> {
    let writer = writer(view, out);
    let mut places = Vec::new();
    let fields = &view.context.rules.fields;
    for field in fields.of_kind(Kind::Persons) {
        let labels: Vec<&Labelled> = view
            .labels
            .iter()
            .filter(|labelled| labelled.field == field.id && is_own(view, labelled))
            .collect();
        let mut people = Vec::new();
        for labelled in labels.iter().filter(|labelled| !labelled.no_answer) {
            let found = labelled::people(view, labelled, writer.as_ref());
            add_all(&mut people, found);
        }
        // A label with an answer that says nothing: the writer does not know.
        let asked = labels.iter().any(|labelled| !labelled.shared && labelled.value.len() < 60);
        let mut score = LABELLED;
        if people.is_empty() && !asked {
            score = TOLD;
            people = story::people(view, out, writer.as_ref(), &mut places);
        } else if !people.is_empty() {
            // Whom a label asks for is the culprit; a patient who is named stands elsewhere.
            let told = story::people(view, out, writer.as_ref(), &mut places);
            add_all(&mut people, told.into_iter().filter(|mention| mention.relative).collect());
        }
        people.retain(|mention| !mention.value.is_empty());
        if people.iter().any(|mention| !mention.in_passing) {
            people.retain(|mention| !mention.in_passing);
        }
        people.truncate(MOST);
        out.extend(candidate(view, &field.id, people, score));
    }
    places
}

fn candidate(view: &View, field: &str, people: Vec<Mention>, score: i32) -> Option<Candidate> {
    let span = people.first()?.span.clone();
    let text = view.message.text.get(span.clone())?.to_owned();
    Some(Candidate {
        field: field.to_owned(),
        value: Value::List(people.into_iter().map(|mention| mention.value).collect()),
        evidence: Evidence { source: Source::Body, span, text },
        score,
        why: if score == LABELLED { "label" } else { "told in a sentence" }.to_owned(),
    })
}

/// Behind a label in the writer's own words.
fn is_own(view: &View, labelled: &Labelled) -> bool {
    labelled.source == Source::Body
        && matches!(
            view.sections.zone_at(labelled.value.start),
            Zone::Own | Zone::OwnEarlier | Zone::Signature
        )
}

/// The writer, as far as the finder of names knows them.
fn writer(view: &View, out: &[Candidate]) -> Option<Named> {
    let fields = &view.context.rules.fields;
    let is_name = |field: &str| fields.get(field).is_some_and(|field| field.kind == Kind::Name);
    let best =
        out.iter().filter(|candidate| is_name(&candidate.field)).max_by_key(|candidate| candidate.score)?;
    match &best.value {
        Value::Text(name) => {
            view.context.rules.people.line(name, Case::Line).or_else(|| Some(Named::plain(name)))
        }
        Value::List(_) => None,
    }
}

impl Mention {
    /// Is this the writer under another form of their name ("Petra Jansen" of "P. Jansen")?
    fn is(&self, writer: &Named) -> bool {
        let words: Vec<String> =
            writer.value.split([' ', '.']).map(|word| super::name::words::fold(word).into_owned()).collect();
        let initial = words.first().filter(|word| word.chars().count() == 1);
        let stands = |(at, word): (usize, &String)| {
            words.contains(word)
                || at == 0 && initial.is_some_and(|initial| word.starts_with(initial.as_str()))
        };
        let surname = self.name.last().is_some_and(|last| words.contains(last));
        surname && self.name.iter().enumerate().all(stands)
    }
}

fn add_all(people: &mut Vec<Mention>, found: Vec<Mention>) {
    for mention in found {
        add(people, mention);
    }
}

/// Adds somebody, unless they are there already; a name goes before the role that it belongs to.
fn add(people: &mut Vec<Mention>, mention: Mention) {
    if people.len() > 4 * MOST {
        return;
    }
    let all_in = |some: &[String], others: &[String]| {
        !some.is_empty() && some.iter().all(|word| others.contains(word))
    };
    for earlier in people.iter_mut() {
        if all_in(&mention.name, &earlier.name) {
            return;
        }
        let fuller = all_in(&earlier.name, &mention.name);
        let same_role = !mention.role.is_empty() && is_same_role(&earlier.role, &mention.role);
        if fuller || (same_role && earlier.name.is_empty() && !mention.name.is_empty()) {
            *earlier = mention;
            return;
        }
        if same_role && mention.name.is_empty() {
            if earlier.value.is_empty() {
                *earlier = mention;
            }
            return;
        }
    }
    people.push(mention);
}

/// "medewerker" is the "baliemedewerker" of before.
fn is_same_role(earlier: &str, later: &str) -> bool {
    !earlier.is_empty()
        && (earlier.ends_with(later) || later.ends_with(earlier) || earlier.starts_with(later))
}
