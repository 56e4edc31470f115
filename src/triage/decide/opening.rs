//! A new case: of a person who is answered at once, or of a mail that a person must look at.

use std::collections::BTreeMap;

use chrono::Datelike;

use super::alert::{alert, many};
use super::answer::{Way, answer, way_to, writer};
use super::{BY_US, Decision, Disposition, Effect, Incoming, Known, alarm, event};
use crate::triage::case::{Bell, Case, State, Stated};
use crate::triage::fields::Found;
use crate::triage::inquiry::Inquiry;
use crate::triage::letter::{AlertKind, LetterKind};

/// New cases of one address in 24 hours that coordinators are told of one by one: as many as it gets
/// answers. A flood of mail is no flood of alerts.
const MOST_TOLD_A_DAY: u32 = 5;

/// Cases of one address in 24 hours. Further mail of it is gathered in one more, for a person to look
/// at: the alarms of ten thousand cases would bury those of everybody else.
const MOST_CASES_A_DAY: u32 = 20;

/// The reason of the case that gathers a flood; `rules/reasons.toml` has words for it.
pub const GATHERS: &str = "many_cases";

/// A person's mail that belongs to no case yet.
pub(super) fn of_a_case(incoming: &Incoming, known: &Known) -> Decision {
    let (rules, staff) = (incoming.context.rules, incoming.context.surroundings);
    let way = match way_to(incoming.message, &rules.machines, staff) {
        Ok(way) => way,
        Err(why) => return for_a_person_to_look_at(incoming, known, "no_reply_sender", vec![why]),
    };
    let mut case = new_case(incoming, known);
    case.contact = Some(way.to.clone());
    case.missing = missing(rules.inquiry(&case.inquiry), &case);
    case.state = if case.missing.is_empty() { State::Open } else { State::AwaitingInformation };
    case.alarm = alarm::first(&case, incoming.calendar, incoming.now);

    let mut decision = Decision::about(Disposition::Case, None, &case, incoming.calendar);
    decision.inquiry = Some(case.inquiry.clone());
    decision.language = Some(case.language);
    decision.fields = of_inquiry(rules.inquiry(&case.inquiry), &incoming.reading.fields);
    decision.missing.clone_from(&case.missing);
    decision.effects.push(event(&case.number, BY_US, "opened", what_is_missing(&case)));
    decision.effects.extend(tell_of_new(incoming, known, &case));
    begin(incoming, known, case, &way, decision)
}

/// The first letter, and the case as it then stands.
fn begin(incoming: &Incoming, known: &Known, mut case: Case, way: &Way, mut decision: Decision) -> Decision {
    let kind = if case.missing.is_empty() { LetterKind::Acknowledgement } else { LetterKind::Request };
    answer(incoming, known, &mut case, kind.into(), way, &mut decision);
    decision.effects.insert(0, Effect::Open(Box::new(case)));
    decision
}

/// A mail to which no answer may go out, though a person may have written it: its clock runs.
pub(super) fn for_a_person_to_look_at(
    incoming: &Incoming,
    known: &Known,
    reason: &str,
    notes: Vec<String>,
) -> Decision {
    if is_flood(incoming, known) {
        gathered(incoming, known)
    } else {
        looked_at(incoming, known, reason, notes)
    }
}

fn looked_at(incoming: &Incoming, known: &Known, reason: &str, notes: Vec<String>) -> Decision {
    let (rules, staff) = (incoming.context.rules, incoming.context.surroundings);
    let mut case = new_case(incoming, known);
    case.review = true;
    // A coordinator may answer whom the program may not.
    case.contact = way_to(incoming.message, &rules.machines, staff).ok().map(|way| way.to);
    case.alarm = alarm::first(&case, incoming.calendar, incoming.now);

    // Nothing is claimed of such a mail: neither what it is about nor what it lacks.
    let mut decision = Decision::about(Disposition::Review, Some(reason), &case, incoming.calendar);
    decision.notes = notes;
    decision.notes.push(format!("no answer by itself: {reason}; a coordinator is told to look"));
    decision.effects.push(event(&case.number, BY_US, "opened", format!("for a person to look at: {reason}")));
    decision.effects.extend(if reason == GATHERS {
        tell_of_many(incoming, &case)
    } else {
        alert(&case, AlertKind::Review, "review", &[in_an_alert(incoming, reason)], &incoming.around())
    });
    decision.effects.insert(0, Effect::Open(Box::new(case)));
    decision
}

/// More cases than a person opens in a day. What an admin took for a person's mail by hand is not asked.
pub(super) fn is_flood(incoming: &Incoming, known: &Known) -> bool {
    known.cases_today >= MOST_CASES_A_DAY && !incoming.accepted
}

/// One more of a flood: in the one case that gathers it, which the first of them opens.
pub(super) fn gathered(incoming: &Incoming, known: &Known) -> Decision {
    let Some(case) = &known.gathering else {
        return looked_at(incoming, known, GATHERS, Vec::new());
    };
    let mut case = case.clone();
    case.latest = case.latest.max(incoming.arrived());
    let mut decision = Decision::about(Disposition::Review, Some(GATHERS), &case, incoming.calendar);
    decision
        .notes
        .push(format!("joins {}: it gathers the mail of an address that sends too much", case.number));
    decision.effects.push(Effect::Update(Box::new(case)));
    decision
}

/// The record calls all mail of ours `own_mail`; an alert tells a colleague's from a mailbox's.
fn in_an_alert<'a>(incoming: &Incoming, reason: &'a str) -> &'a str {
    let author = incoming.message.author();
    let of_a_mailbox = author.is_some_and(|author| incoming.context.surroundings.is_own(&author.address));
    if reason == "own_mail" && !of_a_mailbox { "staff" } else { reason }
}

/// A case as its first mail makes it: open, nothing missing, nobody to answer, no alarm yet.
fn new_case(incoming: &Incoming, known: &Known) -> Case {
    let context = &incoming.context;
    let inquiry = inquiry(incoming);
    let id = inquiry.map_or(incoming.reading.inquiry.id.as_str(), |inquiry| &inquiry.id);
    let prefix = inquiry.map_or("X", |inquiry| &inquiry.case_prefix);
    let stated = of_inquiry(inquiry, &incoming.reading.fields);
    let sender = writer(incoming.message, &context.rules.machines);
    let sender = sender.filter(|address| !context.surroundings.is_staff(address));
    Case {
        number: format!("{prefix}-{}-{:06}", context.arrived.year(), known.next_serial),
        inquiry: id.to_owned(),
        mailbox: context.mailbox.name.clone(),
        state: State::Open,
        language: incoming.reading.language,
        contact: None,
        senders: sender.map(str::to_owned).into_iter().collect(),
        fields: stated.into_iter().map(|(id, found)| (id, stated_by(found))).collect(),
        missing: Vec::new(),
        requests: 0,
        review: false,
        received: incoming.arrived(),
        latest: incoming.arrived(),
        due: alarm::due(id, incoming.arrived(), &incoming.around()),
        answered: None,
        closed: None,
        term: 1,
        bell: Bell::default(),
        alarm: None,
        rules: context.rules.digest.clone(),
    }
}

/// What the reading chose; else the mailbox's; else whatever there is: a mail without an inquiry
/// would be a mail without a clock.
fn inquiry<'a>(incoming: &Incoming<'a>) -> Option<&'a Inquiry> {
    let rules = incoming.context.rules;
    rules
        .inquiry(&incoming.reading.inquiry.id)
        .or_else(|| rules.inquiry(&incoming.context.mailbox.inquiry))
        .or_else(|| rules.inquiries.first())
}

/// Of all that a mail states, what its inquiry asks for or notes.
pub(super) fn of_inquiry(
    inquiry: Option<&Inquiry>,
    fields: &BTreeMap<String, Found>,
) -> BTreeMap<String, Found> {
    let wanted = |id: &String| {
        inquiry.is_some_and(|inquiry| inquiry.mandatory.contains(id) || inquiry.optional.contains(id))
    };
    fields.iter().filter(|(id, _)| wanted(id)).map(|(id, found)| (id.clone(), found.clone())).collect()
}

/// A finding as the case keeps it.
pub(super) fn stated_by(found: Found) -> Stated {
    Stated { value: found.value, text: found.text, from: found.from, why: found.why }
}

fn missing(inquiry: Option<&Inquiry>, case: &Case) -> Vec<String> {
    let mandatory = inquiry.map(|inquiry| inquiry.mandatory.as_slice()).unwrap_or_default();
    mandatory.iter().filter(|id| !case.fields.contains_key(*id)).cloned().collect()
}

/// For the log: ids of fields, no values.
pub(super) fn what_is_missing(case: &Case) -> String {
    if case.missing.is_empty() {
        "complete".to_owned()
    } else {
        format!("missing: {}", case.missing.join(", "))
    }
}

fn tell_of_new(incoming: &Incoming, known: &Known, case: &Case) -> Vec<Effect> {
    match incoming.context.rules.inquiry(&case.inquiry) {
        Some(inquiry) if inquiry.alert_new && known.cases_today >= MOST_TOLD_A_DAY => {
            tell_of_many(incoming, case)
        }
        Some(inquiry) if inquiry.alert_new => alert(case, AlertKind::New, "new", &[], &incoming.around()),
        _ => Vec::new(),
    }
}

fn tell_of_many(incoming: &Incoming, case: &Case) -> Vec<Effect> {
    let who = case.contact.as_ref().or(case.senders.first()).map_or("", String::as_str);
    many(incoming, case, who, GATHERS)
}
