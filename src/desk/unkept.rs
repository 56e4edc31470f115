//! The one alert that cannot be kept before it is sent: that nothing can be kept. It goes out by
//! itself, and is put in the outbox as sent when there is room again.

use super::alert::{About, Alert, to_admins};
use super::apply::Hand;
use super::{Desk, Result};
use crate::mail::{Sent, compose};
use crate::rules::live::Guidance;
use crate::store::outbox;
use crate::store::sign::{self, Note};
use crate::triage::decide::Outgoing;
use crate::triage::letter::AlertKind;

/// A mail that is in no outbox yet.
#[derive(Debug, Clone)]
pub struct Unkept {
    outgoing: Outgoing,
    message_id: String,
    bytes: Vec<u8>,
}

impl Unkept {
    pub fn from(&self) -> &str {
        &self.outgoing.from
    }

    pub fn to(&self) -> &str {
        &self.outgoing.to
    }

    /// The same at every attempt.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Desk {
    /// Why nothing can be written at present, as the last attempt showed.
    #[must_use]
    pub fn cannot_write(&self) -> Option<String> {
        self.0.writer.trouble()
    }

    /// Shows `status` that the daemon is alive, and what is wrong with the database.
    ///
    /// # Errors
    /// Where even that cannot be written.
    pub fn sign_of_life(&self, note: Option<&Note>) -> std::io::Result<()> {
        sign::give(&self.0.live.get().config.database, note)
    }

    /// The alert to each admin that nothing can be written.
    #[must_use]
    pub fn cry(&self, note: &Note) -> Vec<Unkept> {
        let guidance = self.0.live.get();
        let (key, text) = words(&guidance, note);
        let alert = Alert { kind: AlertKind::Outbox, about: About::Program, text: &text, key: &key };
        let mails = to_admins(&guidance, &alert).into_iter();
        mails.filter_map(|outgoing| self.unkept(&guidance, outgoing)).collect()
    }

    /// A mail with its last bytes; `None` where it cannot be put together.
    pub(super) fn unkept(&self, guidance: &Guidance, outgoing: Outgoing) -> Option<Unkept> {
        let message_id = compose::message_id(&outgoing, &self.0.chance.digits().ok()?);
        let organisation = &guidance.rules.organisation.name;
        let bytes = compose::compose(&outgoing, organisation, &message_id, self.0.clock.now()).ok()?;
        Some(Unkept { outgoing, message_id, bytes })
    }

    /// Keeps a mail that was sent without.
    pub async fn keep_sent(&self, mail: Unkept, end: Sent) -> Result<()> {
        let (guidance, now, chance) = (self.0.live.get(), self.0.clock.now(), self.0.chance.clone());
        self.write(move |connection| {
            let hand = Hand { connection, guidance: &guidance, now, chance: &chance };
            hand.keep(&mail.outgoing, &mail.message_id, &mail.bytes)?;
            let id = connection.last_insert_rowid();
            if let Sent::Uncertain { what } = &end {
                outbox::doubtful(connection, id, what, now)?;
            }
            outbox::accepted(connection, id, now)
        })
        .await
    }
}

/// The key and the text of the alert that nothing can be written.
pub(super) fn words(guidance: &Guidance, note: &Note) -> (String, String) {
    let since = guidance.config.calendar.here(note.since).format("%Y-%m-%d %H:%M");
    let text = format!(
        "Since {since} nothing can be written to the database: {}. No mail is taken in or answered until \
         that is mended. Nothing is lost: the mails stay in their mailboxes, and work goes on by itself.",
        note.what
    );
    (format!("trouble.database.{}", note.since.timestamp_millis()), text)
}
