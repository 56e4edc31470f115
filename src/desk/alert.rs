//! Alerts that the desk itself has to send: about the program, and about mail that did not arrive.

use super::Result;
use super::apply::Hand;
use super::ring::alarm_context;
use crate::rules::live::Guidance;
use crate::triage::case::Case;
use crate::triage::decide::{Outgoing, alert};
use crate::triage::letter::{AlertKind, Draft, Facts, LetterKind};
use crate::triage::reading::Language;
use crate::triage::surroundings::{Mailbox, Surroundings};

/// An alert, before it is known who gets it.
#[derive(Debug, Clone, Copy)]
pub struct Alert<'a> {
    pub kind: AlertKind,
    pub about: About<'a>,
    /// What is wrong and what to do. Never a mail's words.
    pub text: &'a str,
    /// Once for this key and each recipient.
    pub key: &'a str,
}

/// What it is about; decides who gets it.
#[derive(Debug, Clone, Copy)]
pub enum About<'a> {
    /// The coordinators of this mailbox, and the admins.
    Mailbox(&'a str),
    /// The admins.
    Program,
}

impl Hand<'_> {
    /// Tells the coordinators of a case; `occasion` makes it happen once.
    pub fn alert_about(&self, case: &Case, kind: AlertKind, occasion: &str, reason: &str) -> Result<bool> {
        self.apply(&alert(case, kind, occasion, &[reason], &alarm_context(self.guidance, self.now)))
    }

    /// Queues an alert about the program for everybody whom it concerns.
    pub fn alert(&self, alert: &Alert) -> Result<bool> {
        let surroundings = &self.guidance.config.surroundings;
        let Some(mailbox) = sender(surroundings, alert.about) else { return Ok(false) };
        let mut queued = false;
        for mail in mails(self.guidance, alert, mailbox) {
            queued |= self.send(&mail)?;
        }
        Ok(queued)
    }
}

/// The alert about the program to each admin, from the first mailbox.
pub fn to_admins(guidance: &Guidance, alert: &Alert) -> Vec<Outgoing> {
    let mailbox = sender(&guidance.config.surroundings, alert.about);
    mailbox.map(|mailbox| mails(guidance, alert, mailbox)).unwrap_or_default()
}

/// The words of an alert about the program.
pub fn words(guidance: &Guidance, alert: &Alert) -> Option<Draft> {
    sender(&guidance.config.surroundings, alert.about).map(|mailbox| draft(guidance, alert, mailbox))
}

/// The alert to each who gets it.
fn mails(guidance: &Guidance, alert: &Alert, mailbox: &Mailbox) -> Vec<Outgoing> {
    let draft = draft(guidance, alert, mailbox);
    let to = recipients(&guidance.config.surroundings, alert.about, mailbox).into_iter();
    to.map(|to| Outgoing {
        key: format!("{}.{to}", alert.key),
        kind: LetterKind::Alert(alert.kind),
        mailbox: mailbox.name.clone(),
        from: mailbox.address.clone(),
        to: to.to_owned(),
        subject: draft.subject.clone(),
        body: draft.body.clone(),
        in_reply_to: None,
        references: Vec::new(),
        case: None,
    })
    .collect()
}

fn draft(guidance: &Guidance, alert: &Alert, mailbox: &Mailbox) -> Draft {
    let rules = &guidance.rules;
    // The house works in Dutch, as in alerts about cases.
    let language = Language::Nl;
    let facts = Facts {
        organisation: rules.organisation.name.clone(),
        contact: rules.organisation.contact.get(language).to_owned(),
        mailbox: mailbox.name.clone(),
        trouble: Some(alert.text.to_owned()),
        ..Facts::default()
    };
    // A fault of this template is shown by the check of the rules; the built-in letter goes out.
    rules.letters.render(LetterKind::Alert(alert.kind), "", language, &facts).0
}

/// The mailbox that an alert is sent from.
fn sender<'a>(surroundings: &'a Surroundings, about: About) -> Option<&'a Mailbox> {
    let found = match about {
        About::Mailbox(name) => surroundings.mailbox(name),
        About::Program => None,
    };
    found.or_else(|| surroundings.mailboxes.first())
}

fn recipients<'a>(surroundings: &'a Surroundings, about: About, mailbox: &'a Mailbox) -> Vec<&'a str> {
    let (coordinators, admins): (&[String], &[String]) = match about {
        About::Mailbox(_) => (&mailbox.coordinators, &surroundings.admins),
        About::Program => (&[], &surroundings.admins),
    };
    let mut all: Vec<&str> = Vec::new();
    for address in coordinators.iter().chain(admins) {
        if !all.contains(&address.as_str()) {
            all.push(address);
        }
    }
    all
}
