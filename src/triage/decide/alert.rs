//! Mail to the coordinators: one to each of the mailbox whose inquiry is the case's, wherever the
//! mail arrived. Each has a key, so that once means once, also across restarts.

use super::answer::{draft, facts, references};
use super::{AlarmContext, Effect, Incoming, Outgoing};
use crate::triage::case::Case;
use crate::triage::letter::{AlertKind, Facts, LetterKind};
use crate::triage::reading::Language;

/// Coordinators are written to in the language of the house.
const LANGUAGE: Language = Language::Nl;

/// Alerts about a case. `occasion` makes the key unique within the case and its term.
pub fn alert(
    case: &Case,
    kind: AlertKind,
    occasion: &str,
    reasons: &[&str],
    around: &AlarmContext,
) -> Vec<Effect> {
    keyed(case, kind, &format!("{}.{}.{occasion}", case.number, case.term), reasons, around)
}

/// The same with a key of its own, for what is told once however many cases it is about.
fn keyed(case: &Case, kind: AlertKind, key: &str, reasons: &[&str], around: &AlarmContext) -> Vec<Effect> {
    let Some(mailbox) = around.surroundings.mailbox_for(&case.inquiry, &case.mailbox) else {
        return Vec::new();
    };
    let reasons = reasons.iter().map(|reason| (*reason).to_owned()).collect();
    let facts = Facts { reasons, ..facts(case, LANGUAGE, around) };
    let letter = LetterKind::Alert(kind);
    let (draft, mut fault) = draft(case, letter, LANGUAGE, &facts, around);
    let mut told: Vec<&str> = Vec::new();
    let mut effects = Vec::new();
    for coordinator in &mailbox.coordinators {
        if told.contains(&coordinator.as_str()) {
            continue;
        }
        told.push(coordinator);
        let mail = Outgoing {
            key: format!("{key}.{coordinator}"),
            kind: letter,
            mailbox: mailbox.name.clone(),
            from: mailbox.address.clone(),
            to: coordinator.clone(),
            subject: draft.subject.clone(),
            body: draft.body.clone(),
            in_reply_to: None,
            references: Vec::new(),
            case: Some(case.number.clone()),
        };
        effects.extend(put(mail, fault.take()));
    }
    effects
}

/// That an address sends more than it is answered: once a day, whichever of its bounds it met first.
pub(super) fn many(incoming: &Incoming, case: &Case, who: &str, reason: &str) -> Vec<Effect> {
    let key = format!("many.{}.{who}", incoming.calendar.day_of(incoming.now));
    keyed(case, AlertKind::Review, &key, &[reason], &incoming.around())
}

/// To the coordinator who answered an alert of ours instead of the person, as an answer to that mail:
/// once a day for each case.
pub(super) fn astray(incoming: &Incoming, case: &Case, writer: &str) -> Vec<Effect> {
    let (mailbox, around) = (incoming.context.mailbox, incoming.around());
    let letter = LetterKind::Alert(AlertKind::Astray);
    let facts = Facts { mailbox: mailbox.name.clone(), ..facts(case, LANGUAGE, &around) };
    let (draft, fault) = draft(case, letter, LANGUAGE, &facts, &around);
    let today = incoming.calendar.day_of(incoming.now);
    let mail = Outgoing {
        key: format!("{}.astray.{today}.{writer}", case.number),
        kind: letter,
        mailbox: mailbox.name.clone(),
        from: mailbox.address.clone(),
        to: writer.to_owned(),
        subject: draft.subject,
        body: draft.body,
        in_reply_to: incoming.message.message_id.clone(),
        references: references(incoming.message),
        case: Some(case.number.clone()),
    };
    put(mail, fault)
}

/// A mail for the outbox, and the fault of its template where there was one.
pub(super) fn put(mail: Outgoing, fault: Option<String>) -> Vec<Effect> {
    let fault = fault.map(|text| Effect::TemplateFault { text });
    std::iter::once(Effect::Send(Box::new(mail))).chain(fault).collect()
}
