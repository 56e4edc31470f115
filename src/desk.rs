//! One transaction for each happening: a mail, an alarm, an order, a mail on its way out.
//!
//! Everything that the decisions want done is done here, whole or not at all (design, invariant
//! 2). Nothing remote is waited for, and no lock is held, while a transaction is open.

mod accept;
mod alert;
mod apply;
mod chance;
mod hands;
mod known;
mod pause;
mod post;
mod read;
mod receive;
mod resume;
mod ring;
mod siren;
#[cfg(test)]
mod tests;
mod trouble;
mod unkept;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use crate::clock::Clock;
use crate::mail::Failure;
use crate::mail::maildir::UidLedger;
use crate::rules::live::Live;
use crate::store::open::open;
use crate::store::positions::{self, Place};
use crate::store::tokens::TokenState;
use crate::store::writer::{Durable, Writer};
use crate::store::{backup, cases, tokens, troubles};
use apply::Hand;
use pause::Pause;

pub use crate::store::StoreError as DeskError;
pub use crate::store::open::Role;
pub use crate::store::outbox::Queued;
pub use crate::store::positions::Position;
pub use crate::store::sign::Note;
pub use crate::store::troubles::Failing;
pub use chance::Chance;
pub use post::send_each;
pub use receive::{InHand, Received};
pub use siren::Siren;
pub use trouble::Trouble;
pub use unkept::Unkept;

type Result<T> = std::result::Result<T, DeskError>;

/// The desk; cheap to clone. The database is closed when the last clone is dropped.
#[derive(Debug, Clone)]
pub struct Desk(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    writer: Writer,
    readers: Arc<read::Readers>,
    hands: hands::Hands,
    live: Live,
    clock: Clock,
    chance: Chance,
    pause: Pause,
    /// Names this run of the program.
    run: String,
}

impl Desk {
    /// Opens the database that the configuration names. A daemon also makes it, brings it up to
    /// date, and puts in doubt what was being sent when the last one ended.
    ///
    /// # Errors
    /// In one sentence: what is wrong and what to do.
    pub fn open(live: Live, clock: Clock, role: Role) -> Result<Self> {
        Self::open_with(live, clock, role, Chance::default(), |_| Ok(()))
    }

    /// The same with other chance, and with something done to the connection that writes before it is
    /// used: for tests that put a fuse in it.
    ///
    /// # Errors
    /// Those of [`Desk::open`] and of `prepare`.
    #[doc(hidden)]
    pub fn open_with(
        live: Live,
        clock: Clock,
        role: Role,
        chance: Chance,
        prepare: impl FnOnce(&mut Connection) -> Result<()>,
    ) -> Result<Self> {
        let guidance = live.get();
        let path = &guidance.config.database;
        let mut opened = open(path, role)?;
        prepare(&mut opened.connection)?;
        if role == Role::Daemon {
            start_over(&Hand {
                connection: &opened.connection,
                guidance: &guidance,
                now: clock.now(),
                chance: &chance,
            })?;
        }
        let readers = Arc::new(read::Readers::new(path.clone()));
        let hands = hands::Hands::start()?;
        let writer = Writer::start(opened)?;
        Ok(Self(Arc::new(Inner {
            writer,
            readers,
            hands,
            live,
            clock,
            run: chance.digits()?,
            chance,
            pause: Pause::default(),
        })))
    }

    /// Up to where a folder has been read; `None`: never begun.
    pub async fn position(&self, mailbox: &str, folder: &str) -> Result<Option<Position>> {
        let (mailbox, folder) = (mailbox.to_owned(), folder.to_owned());
        self.look(move |c| positions::load(c, &mailbox, &folder)).await
    }

    /// Where the reading of a folder begins, unless it has begun.
    pub async fn begin(&self, mailbox: &str, folder: &str, position: Position) -> Result<()> {
        let (mailbox, folder) = (mailbox.to_owned(), folder.to_owned());
        self.write(move |c| positions::begin(c, &mailbox, &folder, position)).await
    }

    /// Moves the position of a folder: to `(validity, 0)` where its UIDVALIDITY is a new one.
    pub async fn advance(&self, mailbox: &str, folder: &str, validity: u32, uid: u32) -> Result<()> {
        let (mailbox, folder) = (mailbox.to_owned(), folder.to_owned());
        self.write(move |c| {
            positions::advance(c, Place { mailbox: &mailbox, folder: &folder, validity }, uid)
        })
        .await
    }

    /// When the next alarm rings.
    pub async fn next_alarm(&self) -> Result<Option<DateTime<Utc>>> {
        self.look(cases::next_alarm).await
    }

    /// Notes a look at a mailbox for `status`, and why it failed.
    pub async fn checked(&self, mailbox: &str, failing: Option<Failing>) -> Result<()> {
        let (mailbox, now) = (mailbox.to_owned(), self.0.clock.now());
        self.0.writer.run(Durable::No, move |c| troubles::checked(c, &mailbox, failing.as_ref(), now)).await
    }

    /// For how long a mailbox could not be read when a daemon last looked.
    pub async fn failing_for(&self, mailbox: &str) -> Result<Duration> {
        let mailbox = mailbox.to_owned();
        self.look(move |c| troubles::failing_for(c, &mailbox)).await
    }

    /// Notes for `status` how it stands with an access token; never the token.
    pub async fn token_stands(
        &self,
        name: &str,
        user: &str,
        valid_until: Option<DateTime<Utc>>,
        error: Option<String>,
    ) -> Result<()> {
        let (name, user, state) = (name.to_owned(), user.to_owned(), TokenState { valid_until, error });
        self.0.writer.run(Durable::No, move |c| tokens::note(c, &name, &user, &state)).await
    }

    /// Every reachable mailbox has its starting position, or no longer.
    pub async fn set_ready(&self, ready: bool) -> Result<()> {
        self.write(move |c| troubles::set_ready(c, ready)).await
    }

    /// Which rules are in force, and why newer ones are not, for `status`.
    pub async fn rules_loaded(&self, digest: &str, error: Option<String>) -> Result<()> {
        let (digest, now) = (digest.to_owned(), self.0.clock.now());
        self.write(move |c| troubles::rules_loaded(c, &digest, error.as_deref(), now)).await
    }

    /// Returns when the thread that writes has come to it.
    pub async fn answers(&self) {
        // What the answer is does not matter.
        let _ = self.look(|_| Ok(())).await;
    }

    /// The thread that writes has not ended.
    #[must_use]
    pub fn lives(&self) -> bool {
        self.0.writer.lives()
    }

    /// Any work on the connection that writes, as one happening. The program never calls it: it is
    /// for tests that break the disk under a desk on purpose.
    #[doc(hidden)]
    pub async fn on_connection<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.look(work).await
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.writer.run(Durable::Yes, work).await
    }

    /// On the writer as well: it sees everything, and a transaction without changes costs nothing.
    async fn look<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.writer.run(Durable::No, work).await
    }
}

impl UidLedger for Desk {
    async fn number(
        &self,
        mailbox: &str,
        folder: &str,
        keys: &[String],
    ) -> std::result::Result<Vec<u32>, Failure> {
        let (mailbox, folder, keys) = (mailbox.to_owned(), folder.to_owned(), keys.to_vec());
        self.write(move |c| positions::number_files(c, &mailbox, &folder, &keys)).await.map_err(failure)
    }

    async fn next(&self, mailbox: &str, folder: &str) -> std::result::Result<u32, Failure> {
        let (mailbox, folder) = (mailbox.to_owned(), folder.to_owned());
        self.look(move |c| positions::next_file(c, &mailbox, &folder)).await.map_err(failure)
    }
}

fn failure(error: DeskError) -> Failure {
    Failure { permanent: !error.temporary, ..Failure::temporary(error.what) }
}

/// What the last daemon left unfinished.
fn start_over(hand: &Hand) -> Result<()> {
    let connection = hand.connection;
    let work = || {
        troubles::set_ready(connection, false)?;
        if let Some(since) = backup::begin_again(connection, hand.now)? {
            tracing::warn!(%since, "the database is a backup: mails since then are for a coordinator to look at");
            hand.log(None, "restored", apply::TRIAGED, &format!("from a backup of {since}"))?;
        }
        // The configuration may have changed since.
        hand.bring_forward()?;
        post::doubt_what_was_under_way(hand)
    };
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let end = work().and_then(|()| Ok(connection.execute_batch("COMMIT")?));
    if !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    end
}

/// Does all of `work` or none of it, inside the transaction that is open.
fn whole<T>(connection: &Connection, work: impl FnOnce() -> Result<T>) -> Result<T> {
    connection.prepare_cached("SAVEPOINT whole")?.execute([])?;
    let end = work();
    if end.is_err() && !connection.is_autocommit() {
        connection.prepare_cached("ROLLBACK TO whole")?.execute([])?;
    }
    if !connection.is_autocommit() {
        connection.prepare_cached("RELEASE whole")?.execute([])?;
    }
    end
}
