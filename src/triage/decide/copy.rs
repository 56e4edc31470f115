//! The same mail again: in a second watched mailbox, under a new UID. One mail is one case and one
//! answer, whichever copy comes first.

use super::{BY_US, Decision, Disposition, Earlier, Folder, Incoming, Known, event};

/// What becomes of a copy; `None` where the mail is to be decided about by itself.
pub(super) fn of_an_earlier_one(incoming: &Incoming, known: &Known) -> Option<Decision> {
    let earlier = known.earlier.as_ref()?;
    if !settles(incoming, earlier) {
        return None;
    }
    let Some(number) = &earlier.number else {
        return Some(Decision::new(earlier.disposition, earlier.reason.as_deref()));
    };
    let disposition = match earlier.disposition {
        Disposition::Case | Disposition::Review | Disposition::FollowUp => Disposition::FollowUp,
        other => other,
    };
    let reason =
        if disposition == Disposition::Ignore { earlier.reason.as_deref() } else { Some("duplicate") };
    let mut decision = Decision::new(disposition, reason);
    decision.number = Some(number.clone());
    decision.notes.push("a copy of a mail that came before: one case, one answer".to_owned());
    if disposition != Disposition::Ignore {
        let text = format!("the same mail came to {} as well", incoming.context.mailbox.name);
        decision.effects.push(event(number, BY_US, "duplicate", text));
    }
    Some(decision)
}

/// The two folders say different things of one mail: in Sent it may be staff's answer, in an inbox
/// it may need a look. Neither silences the other.
fn settles(incoming: &Incoming, earlier: &Earlier) -> bool {
    if incoming.accepted {
        return earlier.number.is_some() && earlier.disposition != Disposition::Ignore;
    }
    match incoming.folder {
        Folder::Sent => earlier.disposition == Disposition::StaffReply,
        Folder::Inbox => {
            !(earlier.disposition == Disposition::Ignore && earlier.reason.as_deref() == Some("own_mail"))
        }
    }
}
