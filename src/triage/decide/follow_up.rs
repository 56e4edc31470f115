//! A mail that joins a case: it may bring what was missing, or open an answered case again.

use std::collections::BTreeMap;

use super::alert::alert;
use super::answer::{Letter, Way, answer, way_to, writer};
use super::join::Joined;
use super::opening::{of_inquiry, stated_by, what_is_missing};
use super::{BY_US, Decision, Disposition, Effect, Incoming, Known, alarm, event};
use crate::triage::case::{Case, State};
use crate::triage::fields::{Found, FoundIn, Kind, Source};
use crate::triage::letter::{AlertKind, LetterKind};
use crate::triage::message::Legibility;
use crate::triage::reading::{self, Context};
use crate::triage::text::Zone;

/// Requests for missing fields in one case; then a coordinator asks.
const MOST_REQUESTS: u32 = 2;

/// Addresses that a case remembers of its person.
const MOST_SENDERS: usize = 20;

/// A person's mail in a case.
pub(super) fn of_a_person(incoming: &Incoming, known: &Known, joined: &Joined) -> Decision {
    let rules = incoming.context.rules;
    let mut case = joined.case.clone();
    let stated = of_inquiry(rules.inquiry(&case.inquiry), &stated_in(incoming, &case));
    take_in(incoming, &mut case, joined, &stated);

    let mut decision = Decision::new(Disposition::FollowUp, None);
    decision.notes.push(format!("joins {}: {}", case.number, joined.by.why()));
    decision.effects.push(event(&case.number, BY_US, "joined", who_joined(joined)));
    match case.state {
        State::Open => decision.notes.push("no answer: a person's answer is awaited".to_owned()),
        State::AwaitingInformation => go_on(incoming, known, &mut case, &mut decision),
        State::Answered | State::Closed => open_again(incoming, known, &mut case, &mut decision),
    }
    decision.number = Some(case.number.clone());
    decision.inquiry = Some(case.inquiry.clone());
    decision.language = Some(incoming.reading.language);
    decision.fields = stated;
    decision.missing.clone_from(&case.missing);
    decision.due = case.due.map(|due| incoming.calendar.here(due));
    decision.effects.insert(0, Effect::Update(Box::new(case)));
    decision
}

/// A mail in a case that a person must look at: nothing is taken out of it, nobody is answered.
pub(super) fn for_a_person_to_look_at(incoming: &Incoming, joined: &Joined, reason: &str) -> Decision {
    let mut case = joined.case.clone();
    case.latest = case.latest.max(incoming.arrived());
    let around = incoming.around();
    let mut effects =
        vec![event(&case.number, BY_US, "joined", format!("for a person to look at: {reason}"))];
    if !case.waits() {
        alarm::renew(&mut case, incoming.arrived(), &around);
        effects.push(event(&case.number, BY_US, "reopened", "a new term"));
    }
    // Once a day: whoever holds a mail of ours could otherwise make us flood the coordinators.
    let occasion = format!("review.{}", incoming.calendar.day_of(incoming.now));
    effects.extend(alert(&case, AlertKind::Review, &occasion, &[reason], &around));
    let mut decision = Decision::about(Disposition::Review, Some(reason), &case, incoming.calendar);
    decision.notes.push(format!("joins {}: {}", case.number, joined.by.why()));
    decision.notes.push(format!("no answer by itself: {reason}; a coordinator is told to look"));
    effects.insert(0, Effect::Update(Box::new(case)));
    decision.effects = effects;
    decision
}

fn who_joined(joined: &Joined) -> String {
    let who = if joined.stranger { "; the case has not heard of this sender before" } else { "" };
    format!("{}{who}", joined.by.why())
}

/// What the mail states. Read again where the case waits for something: an answer to a request may
/// be a bare value that means nothing elsewhere.
fn stated_in(incoming: &Incoming, case: &Case) -> BTreeMap<String, Found> {
    let mut fields = incoming.reading.fields.clone();
    if !case.missing.is_empty() && incoming.message.legibility == Legibility::Readable {
        let context = Context { expecting: &case.missing, ..incoming.context };
        fields.extend(reading::read(incoming.message, context).fields);
    }
    fields
}

/// The case with what the mail brings. What was stated stands; only a phone number or an address
/// that the person, no stranger, now names by a label takes the place of an earlier one.
fn take_in(incoming: &Incoming, case: &mut Case, joined: &Joined, stated: &BTreeMap<String, Found>) {
    for (id, found) in stated {
        // The name and address of a stranger's From are not the person's.
        if joined.stranger && found.from == FoundIn::Header {
            continue;
        }
        let replaces = !joined.stranger && is_new_contact(incoming, id, found);
        if replaces || !case.fields.contains_key(id) {
            case.fields.insert(id.clone(), stated_by(found.clone()));
        }
    }
    case.missing.retain(|id| !case.fields.contains_key(id));
    case.latest = case.latest.max(incoming.arrived());
    case.rules.clone_from(&incoming.context.rules.digest);
    let machines = &incoming.context.rules.machines;
    if joined.trusted
        && let Some(sender) = writer(incoming.message, machines)
        && !case.senders.iter().any(|known| known == sender)
        && !incoming.context.surroundings.is_staff(sender)
        && case.senders.len() < MOST_SENDERS
    {
        case.senders.push(sender.to_owned());
    }
    if case.contact.is_none() && !joined.stranger {
        let way = way_to(incoming.message, machines, incoming.context.surroundings);
        case.contact = way.ok().map(|way| way.to);
    }
}

fn is_new_contact(incoming: &Incoming, id: &str, found: &Found) -> bool {
    let kind = incoming.context.rules.fields.get(id).map(|field| field.kind);
    let own = found.evidence.source == Source::Body
        && incoming.reading.sections.zone_at(found.evidence.span.start) == Zone::Own;
    matches!(kind, Some(Kind::Phone | Kind::Email)) && own && found.why.starts_with("label")
}

/// The case waits for information: is it complete now?
fn go_on(incoming: &Incoming, known: &Known, case: &mut Case, decision: &mut Decision) {
    if case.missing.is_empty() {
        case.state = State::Open;
        decision.effects.push(event(&case.number, BY_US, "completed", "everything is there"));
        reply(incoming, known, case, LetterKind::Acknowledgement.into(), decision);
        return;
    }
    if case.review {
        decision.notes.push("no request: the case is with a person".to_owned());
        return;
    }
    if wants_a_person(incoming) {
        hand_over(incoming, case, "wants_a_person", "asks for a person: a coordinator is told", decision);
        // From now on a person's: a program's second try is what they refused.
        case.review = true;
        return;
    }
    if case.requests < MOST_REQUESTS {
        let kind = if case.requests == 0 { LetterKind::Request } else { LetterKind::Reminder };
        reply(incoming, known, case, kind.into(), decision);
        return;
    }
    hand_over(incoming, case, "still_missing", "no third request: a coordinator is told", decision);
}

/// Does the person say in their own words that they would rather have a person?
fn wants_a_person(incoming: &Incoming) -> bool {
    let own = reading::own_text(incoming.message, &incoming.reading.sections);
    incoming.context.rules.machines.wants_a_person(&own)
}

/// A coordinator takes over: told why, once in each term.
fn hand_over(incoming: &Incoming, case: &Case, reason: &str, note: &str, decision: &mut Decision) {
    decision.notes.push(note.to_owned());
    decision.effects.push(event(&case.number, BY_US, reason, what_is_missing(case)));
    decision.effects.extend(alert(case, AlertKind::Review, reason, &[reason], &incoming.around()));
}

/// A person wrote after the answer: a new promise.
fn open_again(incoming: &Incoming, known: &Known, case: &mut Case, decision: &mut Decision) {
    alarm::renew(case, incoming.arrived(), &incoming.around());
    decision.effects.push(event(&case.number, BY_US, "reopened", "the person wrote again: a new term"));
    let letter = Letter { kind: LetterKind::Acknowledgement, reopened: true };
    reply(incoming, known, case, letter, decision);
}

/// To the address that the case has been answering; never to a stranger's, who may only hold a copy.
fn reply(incoming: &Incoming, known: &Known, case: &mut Case, letter: Letter, decision: &mut Decision) {
    if case.review {
        decision.notes.push("no answer: the case is with a person".to_owned());
        return;
    }
    let staff = incoming.context.surroundings;
    // The mail itself may forbid an answer, wherever that would go.
    let machines = &incoming.context.rules.machines;
    let way = way_to(incoming.message, machines, staff).and_then(|_| {
        let to = case.contact.clone().ok_or("no answer: the case has no address to answer")?;
        Ok(Way { to, why: "the answer goes to the address that the case has been answering".to_owned() })
    });
    match way {
        Ok(way) => answer(incoming, known, case, letter, &way, decision),
        Err(why) => {
            decision.effects.push(event(&case.number, BY_US, "no_answer", why.clone()));
            let around = incoming.around();
            decision.effects.extend(alert(
                case,
                AlertKind::Review,
                "unanswerable",
                &["unanswerable"],
                &around,
            ));
            decision.notes.push(why);
        }
    }
}
