//! The effects of a decision, done inside the transaction that is open.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::alert::{About, Alert};
use super::{Chance, Result};
use crate::mail::compose::{self, alert_word, kind_word};
use crate::rules::live::Guidance;
use crate::store::events::{self, Event};
use crate::store::{cases, outbox, troubles};
use crate::triage::decide::{Effect, Outgoing};
use crate::triage::letter::{AlertKind, LetterKind};

/// Who the program says it is in the log.
pub const TRIAGED: &str = "triaged";

/// What effects are applied with.
#[derive(Debug, Clone, Copy)]
pub struct Hand<'a> {
    pub connection: &'a Connection,
    pub guidance: &'a Guidance,
    pub now: DateTime<Utc>,
    pub chance: &'a Chance,
}

impl Hand<'_> {
    /// Applies all effects. Returns whether there is something new to send.
    pub fn apply(&self, effects: &[Effect]) -> Result<bool> {
        let mut queued = false;
        for effect in effects {
            match effect {
                Effect::Open(case) => cases::open(self.connection, case)?,
                Effect::Update(case) => cases::update(self.connection, case)?,
                Effect::Event { number, what, by, text } => self.log(Some(number), what, by, text)?,
                Effect::Send(outgoing) => queued |= self.send(outgoing)?,
                Effect::Bounced { message_id } => {
                    outbox::bounced(self.connection, message_id, self.now)?;
                    queued |= self.came_back(message_id)?;
                }
                Effect::TemplateFault { text } => queued |= self.template_fault(text)?,
            }
        }
        Ok(queued)
    }

    /// A line of the log.
    pub fn log(&self, number: Option<&str>, what: &str, by: &str, text: &str) -> Result<()> {
        events::add(self.connection, &Event { time: self.now, number, what, by, text })
    }

    /// Queues a mail with its final bytes and its Message-ID, once for its key.
    pub fn send(&self, outgoing: &Outgoing) -> Result<bool> {
        if outbox::has(self.connection, &outgoing.key)? {
            return Ok(false);
        }
        let message_id = compose::message_id(outgoing, &self.chance.digits()?);
        let organisation = &self.guidance.rules.organisation.name;
        let bytes = match compose::compose(outgoing, organisation, &message_id, self.now) {
            Ok(bytes) => bytes,
            Err(error) => return self.unsendable(outgoing, &error.0),
        };
        self.keep(outgoing, &message_id, &bytes)?;
        Ok(true)
    }

    /// Puts a mail in the outbox as it is.
    pub fn keep(&self, outgoing: &Outgoing, message_id: &str, bytes: &[u8]) -> Result<()> {
        let new = outbox::New {
            key: &outgoing.key,
            kind: kind_word(outgoing.kind),
            alert: alert_of(outgoing.kind).map(alert_word),
            mailbox: &outgoing.mailbox,
            from: &outgoing.from,
            to: &outgoing.to,
            number: outgoing.case.as_deref(),
            message_id,
            bytes,
        };
        outbox::add(self.connection, &new, self.now)
    }

    /// An alert that came back reached nobody: the admins hear of its address, once a day. A relay takes
    /// every mail, so this may be all that tells of a slip in the configuration.
    fn came_back(&self, message_id: &str) -> Result<bool> {
        let Some(to) = outbox::recipient_of_alert(self.connection, message_id)? else { return Ok(false) };
        let today = self.guidance.config.calendar.day_of(self.now);
        self.alert(&Alert {
            kind: AlertKind::Outbox,
            about: About::Program,
            text: &format!(
                "An alert to {to} came back: nobody reads it there. Check the addresses in the configuration."
            ),
            key: &format!("came_back.{to}.{today}"),
        })
    }

    /// No mail can be made of it: a coordinator must know that the person got none.
    fn unsendable(&self, outgoing: &Outgoing, why: &str) -> Result<bool> {
        self.log(outgoing.case.as_deref(), "not_sent", TRIAGED, why)?;
        let case = outgoing.case.as_deref().map(|number| cases::load(self.connection, number)).transpose()?;
        // An alert that cannot be made makes no alert about itself.
        let (Some(case), None) = (case.flatten(), alert_of(outgoing.kind)) else { return Ok(false) };
        let occasion = format!("unsendable.{}", outgoing.key);
        self.alert_about(&case, AlertKind::Review, &occasion, "unsendable")
    }

    /// The admins hear once about the letters of a set of rules.
    fn template_fault(&self, text: &str) -> Result<bool> {
        let key = format!("letters.{}", self.guidance.rules.digest);
        match troubles::begin(self.connection, &key, text, self.now)? {
            Some(episode) => self.alert(&Alert {
                kind: AlertKind::Rules,
                about: About::Program,
                text,
                key: &format!("{key}.{episode}"),
            }),
            None => Ok(false),
        }
    }
}

fn alert_of(kind: LetterKind) -> Option<AlertKind> {
    match kind {
        LetterKind::Alert(kind) => Some(kind),
        _ => None,
    }
}
