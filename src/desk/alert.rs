//! Alerts that the desk itself has to send: about the program, and about mail that did not arrive.

use super::Result;
use super::apply::Hand;
use crate::triage::case::Case;
use crate::triage::decide::Outgoing;
use crate::triage::letter::{AlertKind, Facts, LetterKind};
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
    /// The coordinators of the case's inquiry.
    Case(&'a Case),
    /// The coordinators of this mailbox, and the admins.
    Mailbox(&'a str),
    /// The admins.
    Program,
}

impl Hand<'_> {
    /// Queues an alert for everybody whom it concerns.
    pub fn alert(&self, alert: &Alert) -> Result<bool> {
        let surroundings = &self.guidance.config.surroundings;
        let Some(mailbox) = sender(surroundings, alert.about) else { return Ok(false) };
        let draft = self.draft(alert, mailbox);
        let mut queued = false;
        for to in recipients(surroundings, alert.about, mailbox) {
            queued |= self.send(&Outgoing {
                key: format!("{}.{to}", alert.key),
                kind: LetterKind::Alert(alert.kind),
                mailbox: mailbox.name.clone(),
                from: mailbox.address.clone(),
                to: to.to_owned(),
                subject: draft.subject.clone(),
                body: draft.body.clone(),
                in_reply_to: None,
                references: Vec::new(),
                case: number(alert.about).map(str::to_owned),
            })?;
        }
        Ok(queued)
    }

    fn draft(&self, alert: &Alert, mailbox: &Mailbox) -> crate::triage::letter::Draft {
        let rules = &self.guidance.rules;
        // Alerts go to staff, who work in Dutch (rules/letters).
        let language = Language::Nl;
        let mut facts = Facts {
            organisation: rules.organisation.name.clone(),
            contact: rules.organisation.contact.get(language).to_owned(),
            mailbox: mailbox.name.clone(),
            trouble: Some(alert.text.to_owned()),
            reasons: vec![alert.text.to_owned()],
            ..Facts::default()
        };
        let mut inquiry = "";
        if let About::Case(case) = alert.about {
            inquiry = &case.inquiry;
            facts.number.clone_from(&case.number);
            facts.person.clone_from(&case.contact);
            facts.inquiry =
                rules.inquiry(inquiry).map_or_else(String::new, |i| i.title.get(language).to_owned());
        }
        // A fault of this template is told by the check of the rules; the built-in letter goes out.
        rules.letters.render(LetterKind::Alert(alert.kind), inquiry, language, &facts).0
    }
}

fn number<'a>(about: About<'a>) -> Option<&'a str> {
    match about {
        About::Case(case) => Some(&case.number),
        About::Mailbox(_) | About::Program => None,
    }
}

/// The mailbox that an alert is sent from.
fn sender<'a>(surroundings: &'a Surroundings, about: About) -> Option<&'a Mailbox> {
    let found = match about {
        About::Case(case) => surroundings.mailbox_for(&case.inquiry, &case.mailbox),
        About::Mailbox(name) => surroundings.mailbox(name),
        About::Program => None,
    };
    found.or_else(|| surroundings.mailboxes.first())
}

fn recipients<'a>(surroundings: &'a Surroundings, about: About, mailbox: &'a Mailbox) -> Vec<&'a str> {
    let (coordinators, admins): (&[String], &[String]) = match about {
        About::Case(_) => (&mailbox.coordinators, &[]),
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
