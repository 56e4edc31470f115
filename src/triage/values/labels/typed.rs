//! Answers that were typed into our own letter, behind the things that it asks for: "- uw
//! telefoonnummer: 06-…". They stand in a mail of ours, and are the writer's words all the same.

use std::ops::Range;

use super::super::super::fields::{Fields, Source};
use super::super::super::message::Message;
use super::super::super::text::{Section, Sections, Zone};
use super::{Labelled, fold};

/// The sections with what was typed behind an item of a list of ours as the writer's own.
#[must_use]
pub fn rezoned(sections: Sections, message: &Message, labels: &[Labelled], fields: &Fields) -> Sections {
    let text = message.text.as_str();
    let ours = |label: &&Labelled| {
        label.source == Source::Body && sections.zone_at(label.label.start) == Zone::QuotedOurs
    };
    let mut typed: Vec<Range<usize>> = labels
        .iter()
        .filter(ours)
        .filter(|label| is_item(text, label.label.start))
        .filter_map(|label| answer(text, label, fields))
        .collect();
    if typed.is_empty() {
        return sections;
    }
    typed.sort_by_key(|answer| answer.start);
    let mut out = Vec::with_capacity(sections.0.len() + 2 * typed.len());
    let mut answers = typed.into_iter().peekable();
    for Section { zone, span } in sections.0 {
        let mut at = span.start;
        while let Some(answer) = answers.next_if(|answer| answer.start < span.end) {
            let answer = answer.start.max(at)..answer.end.min(span.end);
            if zone != Zone::QuotedOurs || answer.is_empty() {
                continue;
            }
            push(&mut out, zone, at..answer.start);
            push(&mut out, Zone::Own, answer.clone());
            at = answer.end;
        }
        push(&mut out, zone, at..span.end);
    }
    Sections(out)
}

fn push(out: &mut Vec<Section>, zone: Zone, span: Range<usize>) {
    if !span.is_empty() {
        out.push(Section { zone, span });
    }
}

/// An item of a list, as our letters have them; the lines of our signature are none.
fn is_item(text: &str, label: usize) -> bool {
    let before = text.get(..label).unwrap_or_default();
    let line = before.get(before.rfind('\n').map_or(0, |at| at + 1)..).unwrap_or_default();
    let lead = line.trim_start_matches(|c: char| c.is_whitespace() || c == '>');
    let counter = lead.trim_start_matches(|c: char| c.is_ascii_digit());
    lead.starts_with(['-', '*', '•', '·', '–', '○'])
        || counter.len() < lead.len() && counter.starts_with(['.', ')'])
}

/// The label and what was typed behind it, without the line of help that our letters print there.
fn answer(text: &str, label: &Labelled, fields: &Fields) -> Option<Range<usize>> {
    let value = text.get(label.value.clone())?;
    // What stands below an item is the next item, or an answer on lines of its own.
    let behind = text.get(label.label.end..label.value.start).is_some_and(|between| !between.contains('\n'));
    if label.no_answer || !behind {
        return None;
    }
    let said = fold(value);
    let rules = &fields.get(label.field.split('.').next()?)?.rules;
    for help in [fold(&rules.help.nl), fold(&rules.help.en)] {
        // A mail program may have broken the line amid the help.
        if help.starts_with(&said) {
            return None;
        }
        if said.starts_with(&help) {
            let behind = value.char_indices().find(|(at, _)| fold(value.get(..*at).unwrap_or("")) == help)?.0;
            return Some(label.value.start + behind..label.value.end);
        }
    }
    Some(label.label.start..label.value.end)
}
