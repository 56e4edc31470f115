//! What the admins hear by another way than the outbox (`[alarm]`): troubles that may keep mail itself
//! from reaching them. Each once, also across restarts.

use chrono::TimeDelta;

use super::alert::{About, Alert, words};
use super::unkept::Unkept;
use super::{Desk, Note, Result, unkept};
use crate::rules::live::Guidance;
use crate::store::{outbox, troubles};
use crate::triage::decide::Outgoing;
use crate::triage::letter::{AlertKind, LetterKind};

/// A server that takes no mail for so long is told to people.
const TOO_LONG: TimeDelta = TimeDelta::minutes(15);

/// What is to be told by the other way.
#[derive(Debug, Clone)]
pub struct Siren {
    /// Which trouble, and which time of it. `None`: it cannot be noted that it was told.
    of: Option<(String, u32)>,
    /// For the standard input of the command: subject, an empty line, text.
    pub text: String,
    /// For `[alarm.smtp]`, one to each who is told.
    pub mails: Vec<Unkept>,
}

impl Siren {
    /// Is it about the same time of the same trouble?
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.of == other.of
    }
}

impl Desk {
    /// The troubles that last and were not told by the other way yet.
    pub async fn sirens(&self) -> Result<Vec<Siren>> {
        let lasting = self.look(troubles::untold).await?;
        let guidance = self.0.live.get();
        let mut sirens = Vec::new();
        for trouble in lasting {
            let Some((kind, mailbox)) = kind(&trouble.key) else { continue };
            let about = mailbox.map_or(About::Program, About::Mailbox);
            let key = format!("siren.{}.{}", trouble.key, trouble.episode);
            let alert = Alert { kind, about, text: &trouble.text, key: &key };
            let of = Some((trouble.key.clone(), trouble.episode));
            sirens.extend(self.siren(&guidance, &alert, of));
        }
        Ok(sirens)
    }

    /// The siren that nothing can be written to the database.
    #[must_use]
    pub fn siren_of(&self, note: &Note) -> Option<Siren> {
        let guidance = self.0.live.get();
        let (key, text) = unkept::words(&guidance, note);
        let alert = Alert { kind: AlertKind::Outbox, about: About::Program, text: &text, key: &key };
        self.siren(&guidance, &alert, None)
    }

    /// It was told: not again, also after a restart.
    pub async fn told(&self, siren: &Siren) -> Result<()> {
        let Some((key, episode)) = siren.of.clone() else { return Ok(()) };
        self.write(move |connection| troubles::told(connection, &key, episode)).await
    }

    /// Since when and why no mail gets out, where that has lasted too long.
    pub async fn stuck(&self) -> Result<Option<String>> {
        let now = self.0.clock.now();
        let stuck = self.look(move |connection| outbox::stuck(connection, now, TOO_LONG)).await?;
        let calendar = self.0.live.get().config.calendar.clone();
        Ok(stuck.map(|(since, why)| {
            let since = calendar.here(since).format("%Y-%m-%d %H:%M");
            format!("Since {since} no mail can be sent; each is tried on. The last answer: {why}")
        }))
    }

    fn siren(&self, guidance: &Guidance, alert: &Alert, of: Option<(String, u32)>) -> Option<Siren> {
        let draft = words(guidance, alert)?;
        let relay = guidance.config.alarm.as_ref().and_then(|alarm| alarm.relay.as_ref());
        let mails = relay.into_iter().flat_map(|relay| {
            relay.to.iter().map(|to| Outgoing {
                key: format!("{}.{to}", alert.key),
                kind: LetterKind::Alert(alert.kind),
                mailbox: String::new(),
                from: relay.from.clone(),
                to: to.clone(),
                subject: draft.subject.clone(),
                body: draft.body.clone(),
                in_reply_to: None,
                references: Vec::new(),
                case: None,
            })
        });
        let mails = mails.filter_map(|outgoing| self.unkept(guidance, outgoing)).collect();
        Some(Siren { of, text: format!("{}\n\n{}", draft.subject, draft.body), mails })
    }
}

/// What a trouble is about, by its key; `None`: nothing keeps mail from the admins (faulty rules, a mail
/// that could not be decided).
fn kind(key: &str) -> Option<(AlertKind, Option<&str>)> {
    match key.split_once('.').unwrap_or((key, "")) {
        ("token" | "secret", _) => Some((AlertKind::Token, None)),
        ("mailbox", name) => Some((AlertKind::Mailbox, Some(name))),
        ("outbox", _) => Some((AlertKind::Outbox, None)),
        _ => None,
    }
}
