//! The answer to a person: to which address, or why to none; and the letter.
//!
//! Refuses to answer more than one address, a machine, staff, and anybody too often (invariants 6
//! and 7 of the design).

use super::alert::{many, put};
use super::{AlarmContext, BY_US, Decision, Effect, Incoming, Known, Outgoing, Reply, event};
use crate::triage::calendar::{in_words, with_hour};
use crate::triage::case::Case;
use crate::triage::letter::{Draft, Facts, LetterKind, Missing};
use crate::triage::message::{Message, ReturnPath};
use crate::triage::reading::Language;
use crate::triage::screen::Machines;
use crate::triage::surroundings::Surroundings;

/// Answers to one address in 24 hours; after that a person takes over. Two machines that answer
/// each other in spite of all signs stop here.
const MOST_ANSWERS_A_DAY: u32 = 5;

/// Ids of `References` that an answer carries on: enough to keep a thread together, and a header of
/// bounded size.
const MOST_REFERENCES: usize = 20;

/// Which letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) kind: LetterKind,
    /// It says that the case was opened again.
    pub(super) reopened: bool,
}

impl From<LetterKind> for Letter {
    fn from(kind: LetterKind) -> Self {
        Self { kind, reopened: false }
    }
}

/// Where an answer goes and why there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) to: String,
    pub(super) why: String,
}

/// Who wrote: From, but behind a form mailer the person who filled in the form.
pub(super) fn writer<'a>(message: &'a Message, machines: &Machines) -> Option<&'a str> {
    let author = message.author()?;
    if !machines.is_form_mailer(&author.address) {
        return Some(&author.address);
    }
    match message.reply_to.as_slice() {
        [only] => Some(&only.address),
        _ => None,
    }
}

/// The one address that an answer to this mail may go to, or why there is none.
pub(super) fn way_to(message: &Message, machines: &Machines, staff: &Surroundings) -> Result<Way, String> {
    // RFC 3834 §2: never answer a null return path.
    if message.return_path == ReturnPath::Null {
        return Err("no answer: null return path".to_owned());
    }
    let author = message.author().ok_or("no answer: no usable From")?;
    let form = machines.is_form_mailer(&author.address);
    let (to, why) = match message.reply_to.as_slice() {
        [only] if form => (only, "Reply-To of a form mailer"),
        _ if form => return Err("no answer: a form mailer without a single Reply-To".to_owned()),
        [only] if only.address != author.address && only.domain() == author.domain() => {
            (only, "Reply-To on the domain of From")
        }
        _ => (author, "From"),
    };
    if staff.is_staff(&to.address) {
        return Err("no answer: an address of our own staff".to_owned());
    }
    Ok(Way { to: to.address.clone(), why: format!("the answer goes to {why}") })
}

/// Sends the letter to the case's person, or tells the coordinators, once a day, that this address
/// has had enough of them. A request is counted in the case only when it goes out.
pub(super) fn answer(
    incoming: &Incoming,
    known: &Known,
    case: &mut Case,
    letter: Letter,
    way: &Way,
    decision: &mut Decision,
) {
    if known.answers_today >= MOST_ANSWERS_A_DAY {
        decision.notes.push(format!("no answer: {MOST_ANSWERS_A_DAY} answers to this address in 24 hours"));
        decision.effects.push(event(
            &case.number,
            BY_US,
            "no_answer",
            "this address had enough answers for today",
        ));
        let told = many(incoming, case, &way.to, "many_answers");
        let new = told.into_iter().filter(|one| !decision.effects.iter().any(|said| is_same(one, said)));
        let new: Vec<Effect> = new.collect();
        decision.effects.extend(new);
        return;
    }
    if letter.kind != LetterKind::Acknowledgement {
        case.requests = case.requests.saturating_add(1);
    }
    let (reply, effects) = write(incoming, case, letter, &way.to);
    decision.notes.push(way.why.clone());
    decision.effects.push(event(&case.number, BY_US, letter.kind.name(), way.why.clone()));
    decision.effects.extend(effects);
    decision.reply = Some(reply);
}

/// Two mails of one key are one mail.
fn is_same(one: &Effect, other: &Effect) -> bool {
    matches!((one, other), (Effect::Send(one), Effect::Send(other)) if one.key == other.key)
}

/// The letter, as `explain` shows it and as it goes out.
fn write(incoming: &Incoming, case: &Case, letter: Letter, to: &str) -> (Reply, Vec<Effect>) {
    let around = incoming.around();
    let Letter { kind, reopened } = letter;
    let mut facts = Facts { reopened, ..facts(case, case.language, &around) };
    if case.due.is_some_and(|due| due <= around.now) {
        // After a stop of ours the day may be over: the promise stands, but nobody is promised a day
        // that is past.
        (facts.due, facts.due_at) = (None, None);
    }
    let (draft, fault) = draft(case, kind, case.language, &facts, &around);
    let reply = Reply {
        kind: if kind == LetterKind::Acknowledgement { "acknowledgement" } else { "request" }.to_owned(),
        to: to.to_owned(),
        subject: draft.subject.clone(),
        body: draft.body.clone(),
    };
    let mail = Outgoing {
        key: format!("{}.{}.{}.{}", case.number, case.term, kind.name(), incoming.message.content_digest),
        kind,
        mailbox: incoming.context.mailbox.name.clone(),
        from: incoming.context.mailbox.address.clone(),
        to: to.to_owned(),
        subject: draft.subject,
        body: draft.body,
        in_reply_to: incoming.message.message_id.clone(),
        references: references(incoming.message),
        case: Some(case.number.clone()),
    };
    (reply, put(mail, fault))
}

/// RFC 5322 §3.6.4: the parent's References, else its In-Reply-To, then its own id.
pub(super) fn references(parent: &Message) -> Vec<String> {
    let thread = if parent.references.is_empty() { &parent.in_reply_to } else { &parent.references };
    let mut ids: Vec<String> = thread.iter().chain(&parent.message_id).cloned().collect();
    ids.drain(..ids.len().saturating_sub(MOST_REFERENCES));
    ids
}

/// What letters and alerts may say of a case: titles and dates, never what a mail said.
#[must_use]
pub fn facts(case: &Case, language: Language, around: &AlarmContext) -> Facts {
    let (rules, calendar) = (around.rules, around.calendar);
    let inquiry = rules.inquiry(&case.inquiry);
    let title =
        |id: &String| rules.fields.get(id).map_or(id.as_str(), |field| field.title.get(language)).to_owned();
    let help = |id: &String| rules.fields.get(id).map_or("", |field| field.help.get(language)).to_owned();
    let noted: Vec<String> = match inquiry {
        Some(inquiry) => inquiry.mandatory.iter().chain(&inquiry.optional).cloned().collect(),
        None => case.fields.keys().cloned().collect(),
    };
    Facts {
        organisation: rules.organisation.name.clone(),
        contact: rules.organisation.contact.get(language).to_owned(),
        number: case.number.clone(),
        inquiry: inquiry.map_or(case.inquiry.as_str(), |inquiry| inquiry.title.get(language)).to_owned(),
        due: case.due.map(|due| in_words(calendar.day_of(due), language)),
        due_at: case.due.map(|due| with_hour(calendar.here(due), language)),
        received: in_words(calendar.day_of(case.received), language),
        noted: noted.iter().filter(|id| case.fields.contains_key(*id)).map(title).collect(),
        missing: case.missing.iter().map(|id| Missing { title: title(id), help: help(id) }).collect(),
        reasons: Vec::new(),
        person: case.contact.clone(),
        trouble: None,
        mailbox: case.mailbox.clone(),
        reopened: false,
    }
}

/// Renders, and holds the template to what interface.md promises of a subject: one line with the
/// case number in square brackets.
#[must_use]
pub fn draft(
    case: &Case,
    kind: LetterKind,
    language: Language,
    facts: &Facts,
    around: &AlarmContext,
) -> (Draft, Option<String>) {
    let (mut draft, fault) = around.rules.letters.render(kind, &case.inquiry, language, facts);
    if draft.subject.contains(char::is_control) {
        draft.subject = draft.subject.replace(char::is_control, " ");
    }
    let mark = format!("[{}]", case.number);
    if !draft.subject.contains(&mark) {
        draft.subject.insert_str(0, &format!("{mark} "));
    }
    (draft, fault)
}
