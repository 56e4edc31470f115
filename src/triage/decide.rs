//! A mail, an alarm or an order in; a decision out. Nothing is done here: a decision is data.
//!
//! Refuses to read a clock, a file or a case that it was not given, and to put a word of a mail
//! into an event or a letter. The order in which a mail is looked at is that of [`on_mail`]:
//! a copy of an earlier one? staff's? a machine's? for a person to look at? of which case?

mod alarm;
mod alert;
mod answer;
mod copy;
mod follow_up;
mod join;
mod machine;
mod opening;
mod order;
mod staff;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use super::case::Case;
use super::fields::Found;
use super::letter::LetterKind;
use super::message::Message;
use super::reading::{Context, Language, Reading};
use super::screen::Verdict;

pub use alert::alert;
pub use answer::{draft, facts};
pub use opening::GATHERS;

/// What became of one mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// Opened a case.
    Case,
    /// Joined a case.
    FollowUp,
    /// A coordinator answered.
    StaffReply,
    /// A machine's: recorded with its reason, no answer.
    Ignore,
    /// A case with its clock, no automatic answer; a coordinator is told to look.
    Review,
}

impl Disposition {
    pub const ALL: [Self; 5] = [Self::Case, Self::FollowUp, Self::StaffReply, Self::Ignore, Self::Review];
}

/// Which folder a mail was found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folder {
    Inbox,
    /// What staff sent from this mailbox.
    Sent,
}

/// An earlier copy of the same mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    pub disposition: Disposition,
    pub reason: Option<String>,
    pub number: Option<String>,
}

/// A case that one of the mail's ancestors belongs to.
#[derive(Debug, Clone)]
pub struct Ancestor {
    pub case: Case,
    /// The ancestor is a mail that we sent: its id cannot be guessed.
    pub ours: bool,
    /// One of these is an alert.
    pub alert: bool,
}

/// What the mail that this one answers is to its case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Parent {
    /// The person's, or nothing that we know.
    #[default]
    Other,
    /// A mail that we sent.
    Ours,
    /// A colleague's mail about the case to somebody else: who answers it was consulted.
    Consulting,
}

/// What the store knows that bears on a mail; loaded within the transaction that will apply the decision.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The same mail came before (in another mailbox, under another UID).
    pub earlier: Option<Earlier>,
    /// The cases of the ancestors, nearest first. For a DSN: of the mail that bounced.
    pub ancestors: Vec<Ancestor>,
    /// Of the nearest ancestor.
    pub parent: Parent,
    /// The cases whose numbers the subject shows.
    pub numbered: Vec<Case>,
    /// Cases without a person's answer whose person is one of the mail's recipients (Sent folder, or mail from a coordinator).
    pub of_recipients: Vec<Case>,
    /// The mail's own Message-ID is one that we sent.
    pub sent_by_us: bool,
    /// The alert or answer that bounced, when the mail is a DSN about one of ours: was it an alert?
    pub bounced_alert: bool,
    /// Answers to the author's address in the last 24 hours.
    pub answers_today: u32,
    /// Cases opened by the author's address in the last 24 hours.
    pub cases_today: u32,
    /// The case that gathers the mail of an author who opened too many today, while it waits.
    pub gathering: Option<Case>,
    /// It arrived in a time of which the store knows nothing: the database was restored. It may have
    /// been answered then.
    pub in_a_gap: bool,
    /// The serial number that the next case will get.
    pub next_serial: u32,
}

/// A mail to decide about.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    pub message: &'a Message,
    pub reading: &'a Reading,
    pub context: Context<'a>,
    pub calendar: &'a Calendar,
    pub folder: Folder,
    pub now: DateTime<Utc>,
    /// Process nothing: the mail killed the program before (invariant 10).
    pub poisonous: bool,
    /// An admin overruled the screen (`mail accept`): a person's mail.
    pub accepted: bool,
}

/// A mail that goes out, but for its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outgoing {
    /// Once means once: a key is sent a single time, such as `K-2026-000123.1.overdue.1.a@b`.
    pub key: String,
    pub kind: LetterKind,
    /// Name of the mailbox that sends it.
    pub mailbox: String,
    /// Address of that mailbox.
    pub from: String,
    pub to: String,
    pub subject: String,
    pub body: String,
    /// Message-ID of the mail that it answers.
    pub in_reply_to: Option<String>,
    pub references: Vec<String>,
    /// Case number.
    pub case: Option<String>,
}

/// One thing to do. All effects of a decision are applied in one transaction.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// A new case, as it stands at first.
    Open(Box<Case>),
    /// A case as it stands from now on.
    Update(Box<Case>),
    /// A line of the append-only log. Never holds the mail's words.
    Event { number: String, what: String, by: String, text: String },
    /// A mail for the outbox.
    Send(Box<Outgoing>),
    /// An outgoing mail, by its Message-ID, came back undeliverable.
    Bounced { message_id: String },
    /// A letter's template failed and the built-in one went out: tell the admin.
    TemplateFault { text: String },
}

/// The answer that goes out, as `explain` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reply {
    /// `acknowledgement` or `request` (a reminder is a request too).
    pub kind: String,
    pub to: String,
    pub subject: String,
    pub body: String,
}

/// What is to become of one mail, and all that has to be done for it.
#[derive(Debug, Clone, Serialize)]
pub struct Decision {
    pub disposition: Disposition,
    pub reason: Option<String>,
    /// The case that it opened or joined.
    #[serde(skip)]
    pub number: Option<String>,
    pub inquiry: Option<String>,
    pub language: Option<Language>,
    pub fields: BTreeMap<String, Found>,
    pub missing: Vec<String>,
    pub due: Option<DateTime<Tz>>,
    pub reply: Option<Reply>,
    /// Why there is no reply or why it goes where it goes, for `explain` and the event log.
    #[serde(skip)]
    pub notes: Vec<String>,
    #[serde(skip)]
    pub effects: Vec<Effect>,
}

/// An order given by a person at the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    Answer { note: Option<String> },
    Close { outcome: String },
    Reopen,
    Note { text: String },
}

/// An order that does not fit the case: says so in one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// Decides about a mail.
#[must_use]
pub fn on_mail(incoming: &Incoming, known: &Known) -> Decision {
    let mut decision = on_what_was_read(incoming, known);
    if incoming.message.cut {
        decision.notes.push(CUT.to_owned());
        if let Some(number) = decision.number.as_deref().filter(|_| !decision.effects.is_empty()) {
            let cut = event(number, BY_US, "cut", CUT);
            decision.effects.push(cut);
        }
    }
    decision
}

/// Why a field may be missing that stands in the mail.
const CUT: &str =
    "the text is longer than is read of one mail: what stands only behind that counts for nothing";

fn on_what_was_read(incoming: &Incoming, known: &Known) -> Decision {
    if let Some(decision) = copy::of_an_earlier_one(incoming, known) {
        return decision;
    }
    match incoming.folder {
        Folder::Sent => staff::in_sent(incoming, known),
        Folder::Inbox => in_inbox(incoming, known),
    }
}

fn in_inbox(incoming: &Incoming, known: &Known) -> Decision {
    if incoming.poisonous {
        return opening::for_a_person_to_look_at(incoming, known, "unreadable", Vec::new());
    }
    if !incoming.accepted
        && let Some(decision) = staff::in_inbox(incoming, known)
    {
        return decision;
    }
    match &incoming.reading.screening.verdict {
        Verdict::Machine { reason } if !incoming.accepted => machine::ignored(incoming, known, reason),
        Verdict::Review { reason } if !incoming.accepted => review(incoming, known, reason),
        // A second answer is a robot that forgot; a coordinator can see what went out.
        Verdict::Person if known.in_a_gap && !incoming.accepted => review(incoming, known, "restored"),
        _ => match join::case_of(incoming, known) {
            Some(joined) if joined.by == join::By::Consulted => {
                follow_up::for_a_person_to_look_at(incoming, &joined, "consulted")
            }
            Some(joined) => follow_up::of_a_person(incoming, known, &joined),
            None if opening::is_flood(incoming, known) => opening::gathered(incoming, known),
            None => opening::of_a_case(incoming, known),
        },
    }
}

/// Where the sender may be forged, only what cannot be guessed joins a case.
fn review(incoming: &Incoming, known: &Known, reason: &str) -> Decision {
    let joined = if reason == "spam" { join::by_our_mail(known) } else { join::case_of(incoming, known) };
    match joined {
        Some(joined) => follow_up::for_a_person_to_look_at(incoming, &joined, reason),
        None => opening::for_a_person_to_look_at(incoming, known, reason, Vec::new()),
    }
}

impl<'a> Incoming<'a> {
    /// What letters and alarms are made with.
    fn around(&self) -> AlarmContext<'a> {
        AlarmContext {
            rules: self.context.rules,
            surroundings: self.context.surroundings,
            calendar: self.calendar,
            now: self.now,
        }
    }

    fn arrived(&self) -> DateTime<Utc> {
        self.context.arrived.with_timezone(&Utc)
    }
}

impl Decision {
    fn new(disposition: Disposition, reason: Option<&str>) -> Self {
        Self {
            disposition,
            reason: reason.map(str::to_owned),
            number: None,
            inquiry: None,
            language: None,
            fields: BTreeMap::new(),
            missing: Vec::new(),
            due: None,
            reply: None,
            notes: Vec::new(),
            effects: Vec::new(),
        }
    }

    /// About a case as it stands after the decision.
    fn about(disposition: Disposition, reason: Option<&str>, case: &Case, calendar: &Calendar) -> Self {
        Self {
            number: Some(case.number.clone()),
            due: case.due.map(|due| calendar.here(due)),
            ..Self::new(disposition, reason)
        }
    }
}

/// The program itself, in the event log.
const BY_US: &str = "triaged";

/// A line of the log.
fn event(number: &str, by: &str, what: &str, text: impl Into<String>) -> Effect {
    Effect::Event { number: number.to_owned(), what: what.to_owned(), by: by.to_owned(), text: text.into() }
}

/// Decides what rings for a case whose alarm is due. `Effect::Update` carries the next alarm.
#[must_use]
pub fn on_alarm(case: &Case, context: &AlarmContext) -> Vec<Effect> {
    alarm::ring(case, context)
}

/// The case with an earlier alarm, where the configuration has changed so that it may ring sooner.
#[must_use]
pub fn brought_forward(case: &Case, context: &AlarmContext) -> Option<Case> {
    alarm::brought_forward(case, context)
}

/// What an alarm or an order is decided with.
#[derive(Debug, Clone, Copy)]
pub struct AlarmContext<'a> {
    pub rules: &'a super::ruleset::RuleSet,
    pub surroundings: &'a super::surroundings::Surroundings,
    pub calendar: &'a Calendar,
    pub now: DateTime<Utc>,
}

/// Decides about an order. `by` is the person who gave it.
///
/// # Errors
/// Where the case's state does not allow it.
pub fn on_order(
    case: &Case,
    order: &Order,
    by: &str,
    context: &AlarmContext,
) -> Result<Vec<Effect>, Refused> {
    order::carry_out(case, order, by, context)
}
