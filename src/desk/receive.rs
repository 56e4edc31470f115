//! Mail comes in: noted, read on all cores, then decided and kept in one transaction.

mod clerk;
mod part;

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;

use rusqlite::Connection;

use self::clerk::Clerk;
use self::part::{Fate, Part};
use super::apply::Hand;
use super::read::{self, Read};
use super::{Desk, Result};
use crate::mail::Arrival;
use crate::rules::live::Guidance;
use crate::store::positions::{self, Place};
use crate::store::{attempts, mails, writer::Durable};
use crate::triage::decide::Folder;

pub use clerk::{decide, outcome};

/// What came of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Received {
    /// Mails that were not known yet.
    pub handled: usize,
    /// There is something new to send.
    pub queued: bool,
}

/// A folder that mails come from.
#[derive(Debug)]
struct Origin {
    mailbox: String,
    folder: Folder,
    name: String,
}

impl Origin {
    fn place(&self, validity: u32) -> Place<'_> {
        Place { mailbox: &self.mailbox, folder: &self.name, validity }
    }
}

/// Mails of a folder on their way through the desk: taken in hand, read, kept. While some are being kept
/// the next ones can be read, so that neither the threads that read nor the one that writes waits for the
/// other. What is not kept after all is to be [put back](Desk::put_back).
#[derive(Debug)]
#[must_use = "mails in hand are kept or put back"]
pub struct InHand {
    origin: Arc<Origin>,
    guidance: Arc<Guidance>,
    /// Ascending.
    parts: VecDeque<Part>,
    /// What the mails of the first part say, where they were read already.
    read: Option<Vec<Read>>,
}

impl InHand {
    /// Nothing else of its mailbox should be in hand meanwhile: one of these mails may have killed the
    /// program, and if it does so again, those beside it are suspects as well.
    #[must_use]
    pub fn is_suspect(&self) -> bool {
        has_suspect(&self.parts)
    }
}

impl Desk {
    /// Takes in the mails of a folder, ascending, and moves its position past them. The live rules
    /// are taken once. After an error nothing of the failing part is kept: call again with the same.
    ///
    /// # Errors
    /// Temporary ones (disk full, busy): nothing is lost, try again.
    pub async fn receive(
        &self,
        mailbox: &str,
        folder: Folder,
        folder_name: &str,
        arrivals: Vec<Arrival>,
    ) -> Result<Received> {
        let in_hand = self.take_in_hand(mailbox, folder, folder_name, arrivals).await?;
        self.keep(self.read(in_hand).await?).await
    }

    /// The first step: notes which mails are about to be taken apart, so that a crash is noticed.
    ///
    /// # Errors
    /// As [`Desk::receive`]; nothing is in hand then.
    pub async fn take_in_hand(
        &self,
        mailbox: &str,
        folder: Folder,
        folder_name: &str,
        arrivals: Vec<Arrival>,
    ) -> Result<InHand> {
        let origin = Arc::new(Origin { mailbox: mailbox.to_owned(), folder, name: folder_name.to_owned() });
        let guidance = self.0.live.get();
        let (of, run) = (Arc::clone(&origin), self.0.run.clone());
        let sort_and_note = move |c: &Connection| {
            let parts = sort(c, &of, &run, arrivals)?;
            if let Some(first) = parts.front().filter(|_| !has_suspect(&parts)) {
                note(c, &of, first, &run)?;
            }
            Ok(parts)
        };
        // The note need not survive a power cut.
        let parts = self.0.writer.run(Durable::No, sort_and_note).await?;
        Ok(InHand { origin, guidance, parts, read: None })
    }

    /// The second step, on all cores. Suspects are not read before their turn to be kept has come.
    ///
    /// # Errors
    /// As [`Desk::receive`]; the mails were put back then.
    pub async fn read(&self, mut in_hand: InHand) -> Result<InHand> {
        if !in_hand.is_suspect()
            && let Some(mut part) = in_hand.parts.pop_front()
        {
            in_hand.read = Some(self.read_part(&in_hand, &mut part).await?);
            in_hand.parts.push_front(part);
        }
        Ok(in_hand)
    }

    /// The last step: decisions and the position in one transaction.
    ///
    /// # Errors
    /// As [`Desk::receive`].
    pub async fn keep(&self, mut in_hand: InHand) -> Result<Received> {
        let mut received = Received::default();
        while let Some(part) = in_hand.parts.pop_front() {
            let one = match in_hand.read.take() {
                Some(read) => self.keep_part(&in_hand, &part, read).await?,
                None => self.receive_part(&in_hand, part).await?,
            };
            received.handled += one.handled;
            received.queued |= one.queued;
        }
        Ok(received)
    }

    /// Mails that are not kept after all: that the program then ends is no crash of theirs.
    pub async fn put_back(&self, in_hand: InHand) {
        let Some(part) = in_hand.parts.front() else { return };
        let read = in_hand.read.iter().flatten().map(|mail| mail.uid);
        let uids = part.uids().into_iter().chain(read).collect();
        self.put_uids_back(&in_hand.origin, part.validity, uids).await;
    }

    /// A part whose turn has come before it was read.
    async fn receive_part(&self, in_hand: &InHand, mut part: Part) -> Result<Received> {
        let InHand { origin, guidance, .. } = in_hand;
        if part.poisonous {
            let mailbox = read::mailbox_named(guidance, &origin.mailbox)?;
            let read = part.mails.iter().map(|arrival| read::poisonous(mailbox, arrival)).collect();
            return self.keep_all(origin, guidance, part.validity, part.last, read).await;
        }
        let (of, run) = (Arc::clone(origin), self.0.run.clone());
        let noted = self.0.writer.run(Durable::No, move |c| note(c, &of, &part, &run).map(|()| part));
        part = noted.await?;
        let read = self.read_part(in_hand, &mut part).await?;
        self.keep_part(in_hand, &part, read).await
    }

    async fn read_part(&self, in_hand: &InHand, part: &mut Part) -> Result<Vec<Read>> {
        let InHand { origin, guidance, .. } = in_hand;
        let uids = part.uids();
        let mails = mem::take(&mut part.mails);
        if mails.is_empty() {
            return Ok(Vec::new());
        }
        let read = self.0.hands.read_all(guidance, &origin.mailbox, mails, &self.0.readers).await;
        if read.is_err() {
            self.put_uids_back(origin, part.validity, uids).await;
        }
        read
    }

    async fn keep_part(&self, in_hand: &InHand, part: &Part, read: Vec<Read>) -> Result<Received> {
        let InHand { origin, guidance, .. } = in_hand;
        let uids = read.iter().map(|mail| mail.uid).collect();
        let received = self.keep_all(origin, guidance, part.validity, part.last, read).await;
        if received.is_err() {
            self.put_uids_back(origin, part.validity, uids).await;
        }
        received
    }

    /// Decides about mails that were read, and moves the position to `last`: one transaction.
    async fn keep_all(
        &self,
        origin: &Arc<Origin>,
        guidance: &Arc<Guidance>,
        validity: u32,
        last: u32,
        read: Vec<Read>,
    ) -> Result<Received> {
        let (origin, guidance, now) = (Arc::clone(origin), Arc::clone(guidance), self.0.clock.now());
        let chance = self.0.chance.clone();
        self.write(move |connection| {
            let clerk = Clerk {
                hand: Hand { connection, guidance: &guidance, now, chance: &chance },
                mailbox: read::mailbox_named(&guidance, &origin.mailbox)?,
                folder: origin.folder,
                place: origin.place(validity),
            };
            let received = clerk.record_all(&read)?;
            positions::advance(connection, origin.place(validity), last)?;
            Ok(received)
        })
        .await
    }

    async fn put_uids_back(&self, origin: &Arc<Origin>, validity: u32, uids: Vec<u32>) {
        let origin = Arc::clone(origin);
        let put = self.0.writer.run(Durable::No, move |c| {
            uids.into_iter().try_for_each(|uid| attempts::put_back(c, origin.place(validity), uid))
        });
        if let Err(error) = put.await {
            tracing::warn!("cannot note that mails were put back: {error}");
        }
    }
}

/// Parts that are handled each at once: a suspect is alone, so that nobody else suffers from it.
fn sort(
    connection: &Connection,
    origin: &Origin,
    run: &str,
    arrivals: Vec<Arrival>,
) -> Result<VecDeque<Part>> {
    let position = positions::load(connection, &origin.mailbox, &origin.name)?;
    let mut parts: VecDeque<Part> = VecDeque::new();
    for arrival in arrivals {
        let (place, uid) = (origin.place(arrival.validity), arrival.uid);
        let fate = if position.is_some_and(|p| arrival.arrived < p.since)
            || mails::is_known(connection, place, uid)?
        {
            Fate::Pass
        } else {
            match attempts::crashes(connection, place, uid, run)? {
                0 => Fate::Fresh,
                crashes => Fate::Suspect(crashes),
            }
        };
        match parts.back_mut() {
            Some(part) if part.takes(&arrival, fate) => part.add(arrival, fate),
            _ => parts.push_back(Part::new(arrival, fate)),
        }
    }
    Ok(parts)
}

fn has_suspect(parts: &VecDeque<Part>) -> bool {
    parts.iter().any(Part::is_suspect)
}

/// Before anything is taken apart: so that a crash is noticed.
fn note(connection: &Connection, origin: &Origin, part: &Part, run: &str) -> Result<()> {
    let place = origin.place(part.validity);
    part.mails.iter().try_for_each(|arrival| attempts::note(connection, place, arrival.uid, run))
}
