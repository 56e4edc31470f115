//! Alarms: what must happen to a case without a mail, and an outbox that does not drain.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, TimeDelta, Utc};

use super::apply::{Hand, TRIAGED};
use super::trouble::Trouble;
use super::{Desk, DeskError, Result, whole};
use crate::rules::live::Guidance;
use crate::store::{cases, outbox};
use crate::triage::decide::{self, AlarmContext};

/// Alarms of one transaction.
const MOST: usize = 100;
/// A case whose alarm cannot be rung is tried again after this long.
const AGAIN: TimeDelta = TimeDelta::minutes(10);
/// Nothing waits longer than this in an outbox that works (design, invariant 12).
const DRAINS_WITHIN: TimeDelta = TimeDelta::minutes(15);

impl Desk {
    /// Rings every alarm that is due, and returns when the next one is.
    ///
    /// # Errors
    /// Temporary ones: what has not rung will ring at the next call.
    pub async fn ring(&self) -> Result<Option<DateTime<Utc>>> {
        loop {
            let (guidance, now, chance) = (self.0.live.get(), self.0.clock.now(), self.0.chance.clone());
            let rung = self
                .write(move |connection| {
                    let hand = Hand { connection, guidance: &guidance, now, chance: &chance };
                    hand.look_at_outbox()?;
                    hand.ring_due()
                })
                .await?;
            if rung < MOST {
                return self.next_alarm().await;
            }
        }
    }
}

impl Desk {
    /// The configuration has changed: what may ring sooner now does.
    ///
    /// # Errors
    /// Temporary ones: every alarm stays where it was.
    pub async fn bring_forward(&self) -> Result<()> {
        let (guidance, now, chance) = (self.0.live.get(), self.0.clock.now(), self.0.chance.clone());
        self.write(move |connection| {
            Hand { connection, guidance: &guidance, now, chance: &chance }.bring_forward()
        })
        .await
    }
}

/// What an alarm or an order is decided with.
pub fn alarm_context(guidance: &Guidance, now: DateTime<Utc>) -> AlarmContext<'_> {
    AlarmContext {
        rules: &guidance.rules,
        surroundings: &guidance.config.surroundings,
        calendar: &guidance.config.calendar,
        now,
    }
}

impl Hand<'_> {
    /// Moves the alarms that may ring sooner than when they were set.
    pub fn bring_forward(&self) -> Result<()> {
        let context = alarm_context(self.guidance, self.now);
        for number in cases::ringing_after(self.connection, self.now)? {
            let case = cases::load(self.connection, &number)?;
            if let Some(sooner) = case.and_then(|case| decide::brought_forward(&case, &context)) {
                cases::update(self.connection, &sooner)?;
            }
        }
        Ok(())
    }

    fn ring_due(&self) -> Result<usize> {
        let due = cases::ringing(self.connection, self.now, MOST)?;
        for number in &due {
            let end = whole(self.connection, || self.ring(number));
            match end {
                Ok(()) => {}
                Err(error) if error.temporary || error.of_database || self.connection.is_autocommit() => {
                    return Err(error);
                }
                Err(error) => {
                    tracing::error!(number, "an alarm could not be rung: {error}");
                    self.log(Some(number), "alarm_failed", TRIAGED, &error.what)?;
                }
            }
            self.must_move_on(number)?;
        }
        Ok(due.len())
    }

    fn ring(&self, number: &str) -> Result<()> {
        let Some(case) = cases::load(self.connection, number)? else { return Ok(()) };
        let context = alarm_context(self.guidance, self.now);
        let effects = catch_unwind(AssertUnwindSafe(|| decide::on_alarm(&case, &context)))
            .map_err(|_| DeskError::permanent("a fault in the program while deciding"))?;
        self.apply(&effects).map(|_| ())
    }

    /// An alarm that stands where it stood would ring for ever.
    fn must_move_on(&self, number: &str) -> Result<()> {
        match cases::load(self.connection, number)? {
            Some(mut case) if case.alarm.is_some_and(|alarm| alarm <= self.now) => {
                cases::postpone(self.connection, &mut case, self.now + AGAIN)
            }
            _ => Ok(()),
        }
    }

    fn look_at_outbox(&self) -> Result<()> {
        let oldest = outbox::oldest_waiting(self.connection)?;
        if oldest.is_some_and(|oldest| self.now - oldest > DRAINS_WITHIN) {
            let text = "Outgoing mail has been waiting for more than 15 minutes.";
            self.trouble(&Trouble::Outbox, text)?;
        }
        Ok(())
    }
}
