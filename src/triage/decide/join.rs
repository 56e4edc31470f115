//! Which case does a mail belong to?
//!
//! A Message-ID of ours cannot be guessed, so who answers it has our mail: that joins, whoever
//! writes. Ids of others and case numbers can be known to anybody: they join only for a person whom
//! the case knows. A stranger gets a case of their own and learns nothing. Whom a colleague consulted
//! is neither: what they answer is for a colleague.

use super::answer::writer;
use super::{Ancestor, Incoming, Known, Parent};
use crate::triage::case::Case;
use crate::triage::message::Message;
use crate::triage::surroundings::Surroundings;

/// A case, and what led to it.
pub(super) struct Joined<'a> {
    pub(super) case: &'a Case,
    pub(super) by: By,
    /// The case has not heard of this sender before.
    pub(super) stranger: bool,
    /// The sender may be taken for the person from now on. Not who only has a mail of ours somewhere in
    /// the thread: a mail of staff to them would stop the clock.
    pub(super) trusted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// It answers a mail of ours.
    OurMail,
    /// It answers another mail of the case.
    TheirMail,
    /// Its subject shows the number.
    Number,
    /// A colleague's mail that shows the number.
    NumberByStaff,
    /// It answers a colleague's mail about the case to somebody else.
    Consulted,
}

impl By {
    pub(super) fn why(self) -> &'static str {
        match self {
            Self::OurMail => "it answers a mail of ours",
            Self::TheirMail => "it answers a mail of the case, from an address that the case knows",
            Self::Number => "case number in the subject, from an address that the case knows",
            Self::NumberByStaff => "case number in the subject of a colleague's mail",
            Self::Consulted => "it answers a colleague's mail about the case to somebody else",
        }
    }
}

/// The case of a mail that arrived.
pub(super) fn case_of<'a>(incoming: &Incoming, known: &'a Known) -> Option<Joined<'a>> {
    let writer = writer(incoming.message, &incoming.context.rules.machines);
    let is_of = |case: &Case| writer.is_some_and(|writer| case.is_of(writer));
    if known.parent == Parent::Consulting
        && let Some(Ancestor { case, .. }) = known.ancestors.first()
        && !is_of(case)
    {
        return Some(Joined { case, by: By::Consulted, stranger: true, trusted: false });
    }
    let ancestor = known.ancestors.iter().find(|ancestor| ancestor.ours || is_of(&ancestor.case));
    if let Some(Ancestor { case, ours, .. }) = ancestor {
        let by = if *ours { By::OurMail } else { By::TheirMail };
        let stranger = !is_of(case);
        return Some(Joined { case, by, stranger, trusted: !stranger || known.parent == Parent::Ours });
    }
    let case = known.numbered.iter().find(|case| is_of(case))?;
    Some(Joined { case, by: By::Number, stranger: false, trusted: true })
}

/// The same where From is not believed.
pub(super) fn by_our_mail(known: &Known) -> Option<Joined<'_>> {
    let ancestor = known.ancestors.iter().find(|ancestor| ancestor.ours)?;
    Some(Joined { case: &ancestor.case, by: By::OurMail, stranger: true, trusted: false })
}

/// The case that a mail of staff answers: its person must be among the recipients, so that a mail
/// to a colleague stops no clock. Without a mark, the person must have one waiting case only.
pub(super) fn case_answered<'a>(incoming: &Incoming, known: &'a Known) -> Option<&'a Case> {
    let recipients: Vec<&str> = outsiders(incoming.message, incoming.context.surroundings).collect();
    let to_its_person = |case: &&Case| recipients.iter().any(|recipient| case.is_of(recipient));
    let mut marked = known.ancestors.iter().map(|ancestor| &ancestor.case).chain(&known.numbered);
    marked.find(to_its_person).or_else(|| {
        let arrived = incoming.arrived();
        // An answer cannot be older than what it answers.
        let open = |case: &&Case| case.waits() && case.received <= arrived;
        let mut waiting = known.of_recipients.iter().filter(open).filter(to_its_person);
        let case = waiting.next()?;
        waiting.all(|other| other.number == case.number).then_some(case)
    })
}

/// Recipients who are not staff.
fn outsiders<'a>(message: &'a Message, surroundings: &Surroundings) -> impl Iterator<Item = &'a str> {
    let all = message.to.iter().chain(&message.cc).chain(&message.bcc);
    all.map(|to| to.address.as_str()).filter(|address| !surroundings.is_staff(address))
}
