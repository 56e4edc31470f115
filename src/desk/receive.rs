//! Mail comes in: noted, read on all cores, then decided and kept in one transaction.

mod part;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rusqlite::Connection;

use self::part::{Fate, Part};
use super::apply::{Hand, TRIAGED};
use super::read::{self, Read};
use super::trouble::Trouble;
use super::{Desk, DeskError, Result, known, whole};
use crate::mail::Arrival;
use crate::rules::live::Guidance;
use crate::store::mails::{self, Among, Mail, Outcome};
use crate::store::positions::{self, Place};
use crate::store::{attempts, writer::Durable};
use crate::triage::decide::{self, Decision, Disposition, Effect, Folder, Incoming};
use crate::triage::message::Message;
use crate::triage::surroundings::Mailbox;

/// Of an ignored mail no more is kept than this, in bytes of JSON.
const LARGEST_KEPT: usize = 256_000;

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
        let origin = Arc::new(Origin { mailbox: mailbox.to_owned(), folder, name: folder_name.to_owned() });
        let guidance = self.0.live.get();
        let mut received = Received::default();
        for part in self.sort(&origin, arrivals).await? {
            let one = self.receive_part(&origin, &guidance, part).await?;
            received.handled += one.handled;
            received.queued |= one.queued;
        }
        Ok(received)
    }

    /// Parts that are handled each at once: a suspect is alone, so that nobody else suffers from it.
    async fn sort(&self, origin: &Arc<Origin>, arrivals: Vec<Arrival>) -> Result<Vec<Part>> {
        let keys: Vec<_> = arrivals.iter().map(|a| (a.validity, a.uid, a.arrived)).collect();
        let (origin, run) = (Arc::clone(origin), self.0.run.clone());
        let fates = self
            .look(move |c| {
                let position = positions::load(c, &origin.mailbox, &origin.name)?;
                keys.into_iter()
                    .map(|(validity, uid, arrived)| {
                        let place = origin.place(validity);
                        if position.is_some_and(|p| arrived < p.since) || mails::is_known(c, place, uid)? {
                            return Ok(Fate::Pass);
                        }
                        let crashes = attempts::crashes(c, place, uid, &run)?;
                        Ok(if crashes == 0 { Fate::Fresh } else { Fate::Suspect(crashes) })
                    })
                    .collect::<Result<Vec<_>>>()
            })
            .await?;
        let mut parts: Vec<Part> = Vec::new();
        for (arrival, fate) in arrivals.into_iter().zip(fates) {
            match parts.last_mut() {
                Some(part) if part.takes(&arrival, fate) => part.add(arrival, fate),
                _ => parts.push(Part::new(arrival, fate)),
            }
        }
        Ok(parts)
    }

    async fn receive_part(
        &self,
        origin: &Arc<Origin>,
        guidance: &Arc<Guidance>,
        part: Part,
    ) -> Result<Received> {
        let (validity, last) = (part.validity, part.last);
        if part.poisonous {
            let mailbox = read::mailbox_named(guidance, &origin.mailbox)?;
            let read = part.mails.iter().map(|arrival| read::poisonous(mailbox, arrival)).collect();
            return self.keep_all(origin, guidance, validity, last, read).await;
        }
        let uids: Vec<u32> = part.mails.iter().map(|arrival| arrival.uid).collect();
        self.note(origin, validity, uids.clone()).await?;
        let received = match self.read(origin, guidance, part.mails).await {
            Ok(read) => self.keep_all(origin, guidance, validity, last, read).await,
            Err(error) => Err(error),
        };
        if received.is_err() {
            self.put_back(origin, validity, uids).await;
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

    /// Before anything is taken apart: so that a crash is noticed. It need not survive a power cut.
    async fn note(&self, origin: &Arc<Origin>, validity: u32, uids: Vec<u32>) -> Result<()> {
        let (origin, run) = (Arc::clone(origin), self.0.run.clone());
        self.0
            .writer
            .run(Durable::No, move |c| {
                uids.into_iter().try_for_each(|uid| attempts::note(c, origin.place(validity), uid, &run))
            })
            .await
    }

    /// After a full disk or the like: that the program is then stopped is no crash of these mails.
    async fn put_back(&self, origin: &Arc<Origin>, validity: u32, uids: Vec<u32>) {
        let origin = Arc::clone(origin);
        let put = self.0.writer.run(Durable::No, move |c| {
            uids.into_iter().try_for_each(|uid| attempts::put_back(c, origin.place(validity), uid))
        });
        if let Err(error) = put.await {
            tracing::warn!("cannot note that mails were put back: {error}");
        }
    }

    async fn read(
        &self,
        origin: &Arc<Origin>,
        guidance: &Arc<Guidance>,
        mails: Vec<Arrival>,
    ) -> Result<Vec<Read>> {
        if mails.is_empty() {
            return Ok(Vec::new());
        }
        self.0.hands.read_all(guidance, &origin.mailbox, mails, &self.0.readers).await
    }
}

/// Decides about mails and keeps them, inside a transaction.
struct Clerk<'a> {
    hand: Hand<'a>,
    mailbox: &'a Mailbox,
    folder: Folder,
    place: Place<'a>,
}

impl Clerk<'_> {
    /// A savepoint for each mail copies every page that the mail changes. Hardly ever does a mail need
    /// it, so all go without at first, and only where one of them fails each gets its own.
    fn record_all(&self, read: &[Read]) -> Result<Received> {
        let connection = self.hand.connection;
        let trusting = |mail: &Read| self.decide_and_keep(mail, mail.poisonous);
        whole(connection, || self.record_each(read, trusting)).or_else(|error| {
            fatal(connection, &error)?;
            self.record_each(read, |mail| self.record_alone(mail))
        })
    }

    fn record_each(&self, read: &[Read], record: impl Fn(&Read) -> Result<bool>) -> Result<Received> {
        let connection = self.hand.connection;
        let mut received = Received::default();
        for mail in read {
            attempts::forget(connection, self.place, mail.uid)?;
            if !mails::is_known(connection, self.place, mail.uid)? {
                received.handled += 1;
                received.queued |= record(mail)?;
            }
        }
        Ok(received)
    }

    /// A mail that breaks its own transaction must not hold up all that come after it.
    fn record_alone(&self, mail: &Read) -> Result<bool> {
        let connection = self.hand.connection;
        let recorded = whole(connection, || self.decide_and_keep(mail, mail.poisonous));
        let recorded = recorded.or_else(|error| {
            fatal(connection, &error)?;
            whole(connection, || self.decide_and_keep(mail, true))
        });
        recorded.or_else(|error| self.keep_bare(mail, &error))
    }

    fn decide_and_keep(&self, mail: &Read, poisonous: bool) -> Result<bool> {
        let Hand { connection, guidance, now, .. } = self.hand;
        let unread;
        let reading = if poisonous && !mail.poisonous {
            unread = read::unread(self.mailbox);
            &unread
        } else {
            &mail.reading
        };
        let context = read::context(guidance, self.mailbox, mail.arrived, &[]);
        let incoming = Incoming {
            message: &mail.message,
            reading,
            context,
            calendar: &guidance.config.calendar,
            folder: self.folder,
            now,
            poisonous,
            accepted: false,
        };
        let among = Among { folder: self.folder, except: None };
        let (known, copy_of) = known::load(connection, &mail.message, among, context, now)?;
        let decision = decide(&incoming, &known)?;
        let queued = self.hand.apply(&decision.effects)?;
        self.keep(mail, &decision, copy_of)?;
        Ok(queued)
    }

    fn keep(&self, mail: &Read, decision: &Decision, copy_of: Option<i64>) -> Result<()> {
        let ignored = decision.disposition == Disposition::Ignore && self.folder == Folder::Inbox;
        let kept = if ignored { to_json(&mail.message) } else { None };
        self.add(mail, &outcome(decision, self.hand, &decision.notes.join("\n"), kept.as_deref(), copy_of))
    }

    /// Accounted for, if nothing else.
    fn keep_bare(&self, mail: &Read, error: &DeskError) -> Result<bool> {
        let Hand { connection, guidance, now, .. } = self.hand;
        fatal(connection, error)?;
        let Place { mailbox, .. } = self.place;
        tracing::error!(uid = mail.uid, mailbox, "a mail could not be decided: {error}");
        self.hand.log(None, "undecided", TRIAGED, &format!("{mailbox} {}: {error}", mail.uid))?;
        let outcome = Outcome {
            disposition: Disposition::Review,
            reason: Some("unreadable"),
            number: None,
            opened: false,
            copy_of: None,
            decided: now,
            rules: &guidance.rules.digest,
            notes: &error.what,
            kept: None,
        };
        self.add(mail, &outcome)?;
        self.tell_of_undecided(mail)
    }

    /// It has no case that could remind anybody: the people of the mailbox hear of it now.
    fn tell_of_undecided(&self, mail: &Read) -> Result<bool> {
        let Place { mailbox, validity, .. } = self.place;
        let arrived = self.hand.guidance.config.calendar.here(mail.arrived).format("%Y-%m-%d %H:%M");
        let text = format!(
            "A mail that arrived on {arrived} could not be handled and has no case: please look at it in the mailbox."
        );
        let key = format!("undecided.{mailbox}.{validity}.{}", mail.uid);
        self.hand.trouble_with_key(&Trouble::Mailbox(mailbox.to_owned()), &key, &text)
    }

    fn add(&self, mail: &Read, outcome: &Outcome) -> Result<()> {
        mails::add(
            self.hand.connection,
            &Mail {
                place: self.place,
                uid: mail.uid,
                folder: self.folder,
                message: &mail.message,
                arrived: mail.arrived,
                outcome: *outcome,
            },
        )?;
        Ok(())
    }
}

/// The decision; a panic inside it is an error here.
pub fn decide(incoming: &Incoming, known: &decide::Known) -> Result<Decision> {
    catch_unwind(AssertUnwindSafe(|| decide::on_mail(incoming, known)))
        .map_err(|_| DeskError::permanent("a fault in the program while deciding"))
}

/// What is kept of a decision.
pub fn outcome<'a>(
    decision: &'a Decision,
    hand: Hand<'a>,
    notes: &'a str,
    kept: Option<&'a str>,
    copy_of: Option<i64>,
) -> Outcome<'a> {
    Outcome {
        disposition: decision.disposition,
        reason: decision.reason.as_deref(),
        number: decision.number.as_deref(),
        opened: decision.effects.iter().any(|effect| matches!(effect, Effect::Open(_))),
        copy_of,
        decided: hand.now,
        rules: &hand.guidance.rules.digest,
        notes,
        kept,
    }
}

/// Errors that are about the disk or end the transaction are the caller's; others are about one mail.
fn fatal(connection: &Connection, error: &DeskError) -> Result<()> {
    let of_all = error.temporary || error.of_database || connection.is_autocommit();
    if of_all { Err(error.clone()) } else { Ok(()) }
}

/// The mail as JSON for `mail accept`; a large one loses what decisions can do without.
fn to_json(message: &Message) -> Option<String> {
    let json = serde_json::to_string(message).ok()?;
    if json.len() <= LARGEST_KEPT {
        return Some(json);
    }
    let mut small = message.clone();
    small.attached.clear();
    small.headers.truncate(100);
    small.headers.retain(|(_, value)| value.len() <= 500);
    // A character takes at most six bytes of JSON.
    small.text = small.text.chars().take(LARGEST_KEPT / 8).collect();
    serde_json::to_string(&small).ok().filter(|json| json.len() <= LARGEST_KEPT)
}
