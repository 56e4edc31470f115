//! Mail of staff: found in a Sent folder, or come to an inbox. Only a person's mail to the case's
//! person stops the clock; what the program sent, an out-of-office and a note to a colleague do not.

use super::alert::astray;
use super::join::{self, By, Joined, case_answered};
use super::{Decision, Disposition, Effect, Incoming, Known, alarm, event, opening};
use crate::triage::case::{Case, State};
use crate::triage::message::Message;
use crate::triage::screen::{self, Author, Verdict};
use crate::triage::text::Zone;

/// Marks of a machine that no person's answer bears. What else the screen may see in our own mail
/// (our own address, a list, an empty text beside an attachment) is no machine's doing.
const MACHINE_MARKS: [&str; 5] = ["auto_reply", "bounce", "calendar", "receipt", "report"];

/// A colleague's mail without text that can be read, such as a letter in an attachment, is an answer all
/// the same where it answers an alert.
const WITHOUT_TEXT: [&str; 2] = ["empty", "unreadable"];

/// A mail found in a Sent folder.
pub(super) fn in_sent(incoming: &Incoming, known: &Known) -> Decision {
    let mut ignored = Decision::new(Disposition::Ignore, Some("own_mail"));
    if is_automatic(incoming, known) {
        return ignored;
    }
    if let Some(case) = case_answered(incoming, known) {
        return answers(incoming, case);
    }
    // To somebody else about a case: with it, so that what comes back is known for what it is.
    let mut about = known.ancestors.iter().map(|ancestor| &ancestor.case).chain(&known.numbered);
    ignored.number = about.next().map(|case| case.number.clone());
    ignored
}

/// A mail of staff in an inbox; `None` where it goes the way of every other mail.
pub(super) fn in_inbox(incoming: &Incoming, known: &Known) -> Option<Decision> {
    if known.sent_by_us {
        return Some(Decision::new(Disposition::Ignore, Some("own_mail")));
    }
    let author = &incoming.message.author()?.address;
    let surroundings = incoming.context.surroundings;
    if !surroundings.is_staff(author) || is_automatic(incoming, known) {
        return None;
    }
    let screening = &incoming.reading.screening;
    match &screening.verdict {
        Verdict::Review { reason }
            if WITHOUT_TEXT.contains(&reason.as_str())
                && known.ancestors.iter().any(|ancestor| ancestor.alert) => {}
        // Our own address, and what is passed on from it, may still be an answer with a copy to us.
        Verdict::Machine { reason } | Verdict::Review { reason } if reason != "own_mail" => return None,
        // A sender who may be forged never stops a clock.
        _ if screening.signs.iter().any(|sign| sign.reason == "spam") => return None,
        _ => {}
    }
    // Anybody can write a colleague's address into From. Where no receiver of ours is configured
    // there is nobody to ask; `check` says so.
    if screen::author(incoming.message, surroundings) == Author::NotProved {
        return unproved(incoming, known);
    }
    if let Some(case) = case_answered(incoming, known) {
        return Some(answers(incoming, case));
    }
    if let Some(joined) = join::by_our_mail(known).or_else(|| by_number(incoming, known)) {
        return Some(notes(incoming, known, &joined));
    }
    if matches!(screening.verdict, Verdict::Review { .. }) {
        return None;
    }
    if surroundings.is_own(author) && !passes_something_on(incoming) {
        return Some(Decision::new(Disposition::Ignore, Some("own_mail")));
    }
    Some(opening::for_a_person_to_look_at(incoming, known, "own_mail", Vec::new()))
}

/// It says that it is staff's, and no receiver of ours vouches for that: it stops no clock and joins a
/// case only by what cannot be guessed. Our own address goes the way of our own mail.
fn unproved(incoming: &Incoming, known: &Known) -> Option<Decision> {
    if matches!(incoming.reading.screening.verdict, Verdict::Machine { .. }) {
        return None;
    }
    if let Some(joined) = join::by_our_mail(known) {
        return Some(notes(incoming, known, &joined));
    }
    let author = incoming.message.author();
    let ours = author.is_some_and(|author| incoming.context.surroundings.is_own(&author.address));
    let reason = if ours { "own_mail" } else { UNPROVED };
    Some(opening::for_a_person_to_look_at(incoming, known, reason, Vec::new()))
}

/// The reason of such a mail, for which `rules/reasons.toml` has words.
const UNPROVED: &str = "unproved";

/// Staff answered the person.
fn answers(incoming: &Incoming, case: &Case) -> Decision {
    let arrived = incoming.arrived();
    let by = incoming.message.author().map_or("staff", |author| &author.address);
    let mut after = case.clone();
    let mut effects = Vec::new();
    if case.waits() {
        after.answer(arrived);
        effects.push(event(&case.number, by, "answered", "a mail to the person: the clock stops"));
        if case.latest > case.received && arrived < case.latest {
            // Mails that crossed: the person's later one is not answered by this.
            alarm::renew(&mut after, case.latest, &incoming.around());
            effects.push(event(&case.number, super::BY_US, "reopened", "the person wrote after that answer"));
        }
        effects.insert(0, Effect::Update(Box::new(after.clone())));
    } else {
        let state = if case.state == State::Closed { "closed" } else { "answered" };
        effects.push(event(
            &case.number,
            by,
            "wrote",
            format!("a further mail to the person; {state} as before"),
        ));
    }
    let mut decision = Decision::about(Disposition::StaffReply, None, &after, incoming.calendar);
    decision.inquiry = Some(case.inquiry.clone());
    decision.due = None;
    decision.notes.push(format!("staff answered the person of {}", case.number));
    decision.effects = effects;
    decision
}

/// The waiting case that a coordinator, writing to us alone, names in the subject: mail programs and
/// people lose the thread of an alert. What passes something on is for a person to look at.
fn by_number<'a>(incoming: &Incoming, known: &'a Known) -> Option<Joined<'a>> {
    let case = known.numbered.iter().find(|case| case.waits())?;
    coordinator_to_us_alone(incoming)?;
    if passes_something_on(incoming) {
        return None;
    }
    Some(Joined { case, by: By::NumberByStaff, stranger: false, trusted: false })
}

/// Staff answered a mail of ours, such as an alert, but not the person: noted, the clock goes on. Who
/// meant it for the person hears that it did not get there, while the case waits for an answer.
fn notes(incoming: &Incoming, known: &Known, joined: &Joined) -> Decision {
    let case = joined.case;
    let by = incoming.message.author().map_or("staff", |author| &author.address);
    let mut decision = Decision::about(Disposition::FollowUp, None, case, incoming.calendar);
    decision.inquiry = Some(case.inquiry.clone());
    decision.notes.push(format!("{}; it did not go to the person, so the clock goes on", joined.by.why()));
    let text = "a mail to us, not to the person: the clock goes on";
    decision.effects.push(event(&case.number, by, "joined", text));
    let meant_for_the_person = joined.by == By::NumberByStaff || alert_answered(known, case);
    if let Some(writer) = coordinator_to_us_alone(incoming).filter(|_| meant_for_the_person && case.waits()) {
        decision.notes.push("the coordinator is told, once a day, that the person did not get it".to_owned());
        decision.effects.extend(astray(incoming, case, writer));
    }
    decision
}

/// An alert about this case is among the mails that it answers.
fn alert_answered(known: &Known, case: &Case) -> bool {
    known.ancestors.iter().any(|ancestor| ancestor.alert && ancestor.case.number == case.number)
}

/// The author, where that is a coordinator who writes to no other To than our own mailboxes: what goes
/// to a colleague or a doctor as well was not meant for the case's person.
fn coordinator_to_us_alone<'a>(incoming: &Incoming<'a>) -> Option<&'a str> {
    let surroundings = incoming.context.surroundings;
    let author = incoming.message.author()?.address.as_str();
    let to = &incoming.message.to;
    let to_us = !to.is_empty() && to.iter().all(|to| surroundings.is_own(&to.address));
    (to_us && surroundings.is_coordinator(author) && !surroundings.is_own(author)).then_some(author)
}

/// What this program sent, and what another sent in staff's name.
fn is_automatic(incoming: &Incoming, known: &Known) -> bool {
    let message = incoming.message;
    known.sent_by_us
        || message.header("x-triaged-case").is_some()
        || answers_by_itself(message)
        || incoming.reading.screening.signs.iter().any(|sign| MACHINE_MARKS.contains(&sign.reason.as_str()))
}

/// RFC 3834 §5: anything but `no`, whatever parameters follow.
fn answers_by_itself(message: &Message) -> bool {
    message.headers_named("auto-submitted").any(|value| {
        let keyword = value.split([';', '(']).next().unwrap_or_default().trim();
        !keyword.is_empty() && !keyword.eq_ignore_ascii_case("no")
    })
}

/// Does it carry somebody else's words, as a forwarded mail of a customer does?
fn passes_something_on(incoming: &Incoming) -> bool {
    !incoming.message.attached.is_empty()
        || incoming.reading.sections.0.iter().any(|section| section.zone == Zone::QuotedOther)
}
