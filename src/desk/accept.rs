//! What people order at the command line.

use chrono::{DateTime, Utc};

use super::apply::Hand;
use super::receive::{decide, outcome};
use super::ring::alarm_context;
use super::{Desk, DeskError, Result, known, read};
use crate::rules::live::Guidance;
use crate::store::cases;
use crate::store::mails::{self, Among, Kept};
use crate::triage::decide::{self as core, Disposition, Folder, Incoming, Order};
use crate::triage::message::Message;

impl Desk {
    /// Carries out an order about a case; `by` gave it.
    ///
    /// # Errors
    /// Where there is no such case, or its state does not allow it: one sentence.
    pub async fn order(&self, number: &str, order: Order, by: &str) -> Result<()> {
        let (guidance, now, chance) = (self.0.live.get(), self.0.clock.now(), self.0.chance.clone());
        let (number, by) = (number.to_owned(), by.to_owned());
        self.write(move |connection| {
            let case = cases::load(connection, &number)?
                .ok_or_else(|| DeskError::permanent(format!("there is no case {number}")))?;
            let effects = core::on_order(&case, &order, &by, &alarm_context(&guidance, now))
                .map_err(|refused| DeskError::permanent(refused.0))?;
            Hand { connection, guidance: &guidance, now, chance: &chance }.apply(&effects).map(|_| ())
        })
        .await
    }

    /// Treats an ignored mail as a person's. Returns the number of its case.
    ///
    /// # Errors
    /// Where there is no such mail, or it was not ignored: one sentence.
    pub async fn accept(&self, mail_id: i64, by: &str) -> Result<Option<String>> {
        let (guidance, now, by) = (self.0.live.get(), self.0.clock.now(), by.to_owned());
        let chance = self.0.chance.clone();
        self.write(move |connection| {
            let kept = mails::kept(connection, mail_id)?
                .ok_or_else(|| DeskError::permanent(format!("there is no mail {mail_id}")))?;
            let hand = Hand { connection, guidance: &guidance, now, chance: &chance };
            Accepted::new(&kept, mail_id)?.carry_out(&hand, &guidance, now, &by)
        })
        .await
    }
}

/// A mail that was ignored and is not any more.
struct Accepted {
    id: i64,
    mailbox: String,
    arrived: DateTime<Utc>,
    message: Message,
}

impl Accepted {
    fn new(kept: &Kept, id: i64) -> Result<Self> {
        let no = |why: &str| DeskError::permanent(format!("mail {id} {why}"));
        if kept.disposition != Disposition::Ignore || kept.sent {
            return Err(no("was not ignored: there is nothing to overrule"));
        }
        let json = kept
            .message
            .as_deref()
            .ok_or_else(|| no("was too large to be kept: look at it in the mailbox"))?;
        let message = serde_json::from_str(json).map_err(|_| no("cannot be read any more"))?;
        Ok(Self { id, mailbox: kept.mailbox.clone(), arrived: kept.arrived, message })
    }

    fn carry_out(
        &self,
        hand: &Hand,
        guidance: &Guidance,
        now: DateTime<Utc>,
        by: &str,
    ) -> Result<Option<String>> {
        let mailbox = read::mailbox_named(guidance, &self.mailbox)?;
        let reading = read::read_again(guidance, mailbox, &self.message, self.arrived);
        let context = read::context(guidance, mailbox, self.arrived, &[]);
        let incoming = Incoming {
            message: &self.message,
            reading: &reading,
            context,
            calendar: &guidance.config.calendar,
            folder: Folder::Inbox,
            now,
            poisonous: false,
            accepted: true,
        };
        let among = Among { folder: Folder::Inbox, except: Some(self.id) };
        let (known, copy_of) = known::load(hand.connection, &self.message, among, context, now)?;
        let decision = decide(&incoming, &known)?;
        hand.apply(&decision.effects)?;
        let notes = decision.notes.join("\n");
        mails::overrule(hand.connection, self.id, &outcome(&decision, *hand, &notes, None, copy_of))?;
        hand.log(decision.number.as_deref(), "accepted", by, &format!("mail {}", self.id))?;
        Ok(decision.number)
    }
}
