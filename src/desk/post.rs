//! Mail goes out: taken, sent by somebody else, settled. Never two answers to one decision, and
//! what nobody can know is said (design, invariant 5).

use chrono::{DateTime, TimeDelta, Utc};

use super::apply::{Hand, TRIAGED};
use super::trouble::Trouble;
use super::{Desk, Result};
use crate::config::Outgoing;
use crate::mail::{Sender, Sent};
use crate::store::cases;
use crate::store::outbox::{self, Queued, Taken};
use crate::triage::letter::AlertKind;

/// The waits after the first attempts; within the first hour never longer than the last of them.
const FIRST_WAITS: [i64; 6] = [5, 10, 20, 40, 80, 120];
const FIRST_HOUR: TimeDelta = TimeDelta::hours(1);
/// Later at most so long, in seconds.
const LONGEST_WAIT: i64 = 900;
/// RFC 5321 §4.5.4.1: the give-up time needs to be at least 4 to 5 days. It counts from the first
/// attempt: while the program was down nobody tried.
const GIVE_UP: TimeDelta = TimeDelta::days(5);
/// In five days there are more than a hundred attempts. Fewer than these: the clock was set forward, or
/// the program was down.
const FEW_ATTEMPTS: u32 = 20;
/// Where the outbox drained within this time, a trouble of it is over.
const DRAINED: TimeDelta = TimeDelta::minutes(15);

impl Desk {
    /// Takes at most `most` mails to send now, and marks them as being sent. A person's mails come
    /// one after the other: settle one to get the next. No more than the server is given in a minute.
    pub async fn take(&self, most: usize) -> Result<Vec<Queued>> {
        self.settle_and_take(Vec::new(), most).await
    }

    /// Notes what became of mails that were taken. A mail that was settled before stays as it is.
    pub async fn settle(&self, ends: Vec<(i64, Sent)>) -> Result<()> {
        self.settle_and_take(ends, 0).await.map(drop)
    }

    /// When the next mail may be sent; may be past.
    pub async fn next_send(&self) -> Result<Option<DateTime<Utc>>> {
        let (now, per_minute) = (self.0.clock.now(), self.per_minute());
        let next = self.look(move |connection| outbox::next_send(connection, now, per_minute)).await?;
        Ok(next.map(|next| self.rests_until(now).into_iter().fold(next, DateTime::max)))
    }

    /// Until when the server is left alone, where it asked for that.
    fn rests_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.0.pause.until(&self.server(), now)
    }

    fn server(&self) -> String {
        match &self.0.live.get().config.outgoing {
            Outgoing::Smtp(smtp) => format!("{}:{}", smtp.server.host, smtp.server.port),
            Outgoing::Directory(path) => path.display().to_string(),
        }
    }

    fn per_minute(&self) -> Option<usize> {
        match &self.0.live.get().config.outgoing {
            Outgoing::Smtp(smtp) => smtp.per_minute,
            Outgoing::Directory(_) => None,
        }
    }

    /// Both in one transaction: while a backlog is taken in, each waits its turn for a while.
    pub async fn settle_and_take(&self, ends: Vec<(i64, Sent)>, most: usize) -> Result<Vec<Queued>> {
        let (guidance, now, chance) = (self.0.live.get(), self.0.clock.now(), self.0.chance.clone());
        let mut rests_until = None;
        for (_, end) in &ends {
            match end {
                Sent::Throttled { rest, .. } => {
                    rests_until = Some(self.0.pause.begin(&self.server(), now, *rest));
                }
                Sent::Accepted => self.0.pause.end(now),
                _ => {}
            }
        }
        let most = if self.rests_until(now).is_some() { 0 } else { most };
        if ends.is_empty() && most == 0 {
            return Ok(Vec::new());
        }
        let per_minute = self.per_minute();
        let mut taken = self
            .write(move |connection| {
                let hand = Hand { connection, guidance: &guidance, now, chance: &chance };
                ends.iter().try_for_each(|(id, end)| hand.settle(*id, end, rests_until))?;
                if most == 0 { Ok(Vec::new()) } else { Ok(outbox::take(connection, now, most, per_minute)?) }
            })
            .await?;
        let first = self.0.pause.first_of(taken.len());
        taken.rotate_left(first);
        Ok(taken)
    }
}

/// After so many put-offs in a row the server is taken to be away and the rest of a chunk is put
/// off untried.
const SERVER_AWAY: u32 = 2;

/// Sends mails that were taken, one after the other, and says what became of each. What is not begun
/// when `goes_on` says no is put back.
pub async fn send_each(
    sender: &mut impl Sender,
    rows: Vec<Queued>,
    mut goes_on: impl FnMut() -> bool,
) -> Vec<(i64, Sent)> {
    let mut ends: Vec<(i64, Sent)> = Vec::with_capacity(rows.len());
    let (mut put_off, mut throttled) = (0, false);
    for row in rows {
        let end = if !goes_on() {
            Sent::NotTried { what: "the program was stopped".to_owned() }
        } else if throttled {
            Sent::NotTried { what: "the server wants less mail for now".to_owned() }
        } else if put_off >= SERVER_AWAY {
            Sent::NotTried { what: "the server put off the mails before this one".to_owned() }
        } else {
            sender.send(&row.from, &row.to, &row.bytes).await
        };
        throttled |= matches!(end, Sent::Throttled { .. });
        put_off = if matches!(end, Sent::Deferred { .. } | Sent::NotTried { .. }) { put_off + 1 } else { 0 };
        ends.push((row.id, end));
    }
    ends
}

/// What a daemon had taken when it ended: it may have been sent.
pub fn doubt_what_was_under_way(hand: &Hand) -> Result<()> {
    let what = "the program ended while it was being sent".to_owned();
    outbox::all_taken(hand.connection)?
        .into_iter()
        .try_for_each(|id| hand.settle(id, &Sent::Uncertain { what: what.clone() }, None))
}

impl Hand<'_> {
    /// `rests_until`: the server is left alone from now on.
    fn settle(&self, id: i64, end: &Sent, rests_until: Option<DateTime<Utc>>) -> Result<()> {
        let Some(mail) = outbox::taken(self.connection, id)? else { return Ok(()) };
        match end {
            Sent::Accepted => self.accepted(&mail),
            Sent::Deferred { .. } | Sent::Throttled { .. }
                if self.now - mail.first_try > GIVE_UP && mail.attempts > FEW_ATTEMPTS =>
            {
                self.refused(&mail, "not delivered within five days", true)
            }
            Sent::Throttled { what, .. } => {
                let next = rests_until.unwrap_or(self.now);
                outbox::deferred(self.connection, id, next, what)?;
                self.throttled(what, next)
            }
            // Nobody minded this mail: as if it had never been taken.
            Sent::NotTried { .. } if rests_until.is_some() => outbox::put_back(self.connection, id),
            Sent::Deferred { what } | Sent::NotTried { what } => {
                let next = self.now + wait(&mail, self.now);
                outbox::deferred(self.connection, id, next, what)
            }
            Sent::Refused { what, recipient } => self.refused(&mail, what, *recipient),
            Sent::Uncertain { what } => self.doubtful(&mail, what),
        }
    }

    fn accepted(&self, mail: &Taken) -> Result<()> {
        outbox::accepted(self.connection, mail.id, self.now)?;
        if mail.alert.is_some() {
            self.mended(&recipient_key(&mail.to))?;
        }
        // That an alert about a refusal gets out says nothing of what was refused.
        if !is_about_the_outbox(mail) {
            self.mended(&sender_key(&mail.from))?;
        }
        let oldest = outbox::oldest_waiting(self.connection)?;
        if oldest.is_none_or(|oldest| self.now - oldest <= DRAINED) {
            self.mended("outbox")?;
        }
        Ok(())
    }

    /// A limit that lasts for hours is told at once; what passes within minutes only where it stays.
    fn throttled(&self, what: &str, until: DateTime<Utc>) -> Result<()> {
        if until - self.now < DRAINED {
            return Ok(());
        }
        let text = format!(
            "The mail provider takes no more mail from us for now: {what}. Nothing is lost: all of it waits and is \
             tried again each hour, until the provider's limit of a day ends."
        );
        self.trouble(&Trouble::Outbox, &text).map(|_| ())
    }

    /// 5xx: nothing is tried again, and somebody must know.
    fn refused(&self, mail: &Taken, what: &str, recipient: bool) -> Result<()> {
        outbox::failed(self.connection, mail.id, what)?;
        self.log(mail.number.as_deref(), "refused", TRIAGED, "the mail server refused a mail for good")?;
        if mail.alert.is_none() {
            self.tell_coordinators(mail)?;
        }
        // An alert about an alert, but never about one of its own kind.
        if is_about_the_outbox(mail) {
            return Ok(());
        }
        if !recipient {
            let text = format!("The mail server refuses mail of ours from {}: {what}", mail.from);
            self.trouble_with_key(&Trouble::Outbox, &sender_key(&mail.from), &text)?;
        } else if mail.alert.is_some() {
            let text =
                "The mail server refuses an alert to a colleague: check the addresses in the configuration.";
            self.trouble_with_key(&Trouble::Outbox, &recipient_key(&mail.to), text)?;
        }
        Ok(())
    }

    fn tell_coordinators(&self, mail: &Taken) -> Result<()> {
        let Some(number) = &mail.number else { return Ok(()) };
        let Some(case) = cases::load(self.connection, number)? else { return Ok(()) };
        self.alert_about(&case, AlertKind::Bounce, &format!("refused.{}", mail.id), "undeliverable")?;
        Ok(())
    }

    fn doubtful(&self, mail: &Taken, what: &str) -> Result<()> {
        let again = outbox::doubtful(self.connection, mail.id, what, self.now)?;
        self.log(
            mail.number.as_deref(),
            "uncertain",
            TRIAGED,
            "nobody can say whether a mail was delivered",
        )?;
        if !again && !is_about_the_outbox(mail) {
            self.trouble(
                &Trouble::Outbox,
                &format!("Nobody can say whether a mail of ours was delivered: {what}"),
            )?;
        }
        Ok(())
    }
}

fn is_about_the_outbox(mail: &Taken) -> bool {
    mail.alert.as_deref() == Some("outbox")
}

/// Episodes for each recipient of alerts.
fn recipient_key(to: &str) -> String {
    format!("outbox.{to}")
}

/// Episodes for each address of ours: a server may refuse one and take the others.
fn sender_key(from: &str) -> String {
    format!("outbox.from.{from}")
}

/// How long until the next attempt: up to a quarter sooner, by the row, so that not all come at once.
fn wait(mail: &Taken, now: DateTime<Utc>) -> TimeDelta {
    let since_first = now - mail.first_try;
    let at = usize::try_from(mail.attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    let first = FIRST_WAITS.get(at).or(FIRST_WAITS.last()).copied().unwrap_or(LONGEST_WAIT);
    let longest = if since_first < FIRST_HOUR {
        first
    } else {
        (since_first.num_seconds() / 8).clamp(first, LONGEST_WAIT)
    };
    // Neighbouring rows, and attempts of one row, come to lie far apart.
    let sooner = mail.id.wrapping_mul(89).wrapping_add(i64::from(mail.attempts) * 53).rem_euclid(250);
    TimeDelta::milliseconds(longest * (1000 - sooner))
}
