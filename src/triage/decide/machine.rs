//! A machine's mail: recorded, never answered. A bounce of a mail in a case is told to the
//! coordinators, for the person has not heard from us.

use super::alert::alert;
use super::{Ancestor, BY_US, Decision, Disposition, Effect, Incoming, Known, event, join};
use crate::triage::letter::AlertKind;

pub(super) fn ignored(incoming: &Incoming, known: &Known, reason: &str) -> Decision {
    let mut decision = Decision::new(Disposition::Ignore, Some(reason));
    decision.notes.push(format!("no answer to a machine: {reason}"));
    if reason != "bounce" {
        // For the record: an out-of-office in answer to ours shows with the case, and changes nothing.
        decision.number = join::case_of(incoming, known).map(|joined| joined.case.number.clone());
        return decision;
    }
    let first = known.ancestors.first();
    decision.number = first.map(|ancestor| ancestor.case.number.clone());
    let delivery = incoming.message.delivery.as_ref();
    let action = delivery.and_then(|status| status.action.as_deref());
    // RFC 3464 §2.3.3: delayed, delivered, relayed and expanded are no failures.
    if action.is_some_and(|action| action != "failed") {
        return decision;
    }
    let original = delivery.and_then(|status| status.original_message_id.as_deref());
    match (first, original) {
        (Some(ancestor), _) => decision.effects = came_back(incoming, known, ancestor, original),
        // An alert about the program has no case.
        (None, Some(id)) if known.bounced_alert => {
            decision.effects.push(Effect::Bounced { message_id: id.to_owned() });
        }
        _ => {}
    }
    decision
}

fn came_back(incoming: &Incoming, known: &Known, ancestor: &Ancestor, original: Option<&str>) -> Vec<Effect> {
    let original = original.or_else(|| incoming.message.ancestors().first().copied());
    let case = &ancestor.case;
    let mut effects = Vec::new();
    if let (true, Some(id)) = (ancestor.ours, original) {
        effects.push(Effect::Bounced { message_id: id.to_owned() });
    }
    effects.push(event(&case.number, BY_US, "bounced", "a mail in this case came back undeliverable"));
    // An alert about an alert that bounced would bounce: the admins hear of that.
    if !known.bounced_alert {
        // Once for each mail of ours. A report about another may be made up, id and all: once a day.
        let occasion = match original {
            Some(id) if ancestor.ours => format!("bounce.{id}"),
            _ => format!("bounce.{}", incoming.calendar.day_of(incoming.now)),
        };
        effects.extend(alert(case, AlertKind::Bounce, &occasion, &["undeliverable"], &incoming.around()));
    }
    effects
}
