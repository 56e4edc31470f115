//! A provider that wants less mail from us is left alone for a while: nothing is taken from the outbox.
//!
//! Not kept: a program that is started anew tries one mail, and is told again.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// Where a server stays with it, the rests grow up to this. A send is tried again at least so often.
const LONGEST: TimeDelta = TimeDelta::seconds(120);

/// The rest of one server at a time.
#[derive(Debug, Default)]
pub struct Pause(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    rest: Option<Rest>,
    /// Rests since the program was started.
    count: u32,
}

#[derive(Debug)]
struct Rest {
    server: String,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    /// Rests before this one, with no mail in between.
    before: u32,
}

impl Pause {
    /// This server wants so much rest from now on. Until when it gets it.
    pub fn begin(&self, server: &str, now: DateTime<Utc>, wanted: Duration) -> DateTime<Utc> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.count = known.count.wrapping_add(1);
        let last = known.rest.take().filter(|last| last.server == server && last.from <= now);
        // What several connections hear at once is one request.
        let before = last.as_ref().map_or(0, |last| last.before + u32::from(now >= last.until));
        let wanted = TimeDelta::from_std(wanted).unwrap_or(LONGEST);
        let grown = (wanted * 2_i32.saturating_pow(before.min(8))).min(LONGEST.max(wanted));
        let until = last.map_or(now + grown, |last| last.until.max(now + grown));
        known.rest = Some(Rest { server: server.to_owned(), from: now, until, before });
        until
    }

    /// Until when this server is left alone; `None`: it takes mail.
    pub fn until(&self, server: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back must not make a long rest of a short one.
        let rest = known
            .rest
            .as_ref()
            .filter(|rest| rest.server == server && rest.from <= now && now < rest.until)?;
        Some(rest.until)
    }

    /// Which of so many mails goes first. A server that takes a few at a time and then wants rest would hear
    /// of the same ones first each time: the others, or all behind one that it minds, would never get there.
    pub fn first_of(&self, many: usize) -> usize {
        /// The golden ratio's fraction spreads turns evenly, however many there are.
        const GOLDEN: f64 = 0.618_033_988_749_894_9;
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = (f64::from(known.count) * GOLDEN).fract();
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a fraction of a small number, rounded down"
        )]
        let first = (turn * many as f64) as usize;
        first
    }

    /// A mail went out. One that was on its way already ends no rest.
    pub fn end(&self, now: DateTime<Utc>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).rest.take_if(|rest| now >= rest.until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    #[test]
    fn rests_grow_while_nothing_goes_out_and_never_beyond_two_minutes() {
        let (pause, wanted) = (Pause::default(), Duration::from_mins(1));
        assert_eq!(pause.begin("a", at(0), wanted), at(60));
        assert_eq!(pause.begin("a", at(1), wanted), at(61), "a second connection hears the same");
        assert_eq!(pause.until("a", at(60)), Some(at(61)));
        assert_eq!(pause.until("a", at(61)), None);
        assert_eq!(pause.begin("a", at(61), wanted), at(181));
        assert_eq!(pause.begin("a", at(181), wanted), at(301));
        assert_eq!(pause.begin("a", at(301), Duration::from_hours(1)), at(3901), "a limit of a day lasts");
        pause.end(at(3900));
        assert_eq!(pause.until("a", at(3900)), Some(at(3901)));
        pause.end(at(3901));
        assert_eq!(pause.begin("a", at(4000), wanted), at(4060));
    }

    #[test]
    fn everybody_has_a_turn_at_being_first() {
        let pause = Pause::default();
        assert_eq!(pause.first_of(16), 0, "nobody was throttled yet");
        for many in [1, 4, 10, 16] {
            let mut turns = std::collections::BTreeSet::new();
            for _ in 0..40 {
                pause.begin("a", at(0), Duration::ZERO);
                turns.insert(pause.first_of(many));
            }
            assert_eq!(turns, (0..many).collect(), "{many}");
        }
        assert_eq!(pause.first_of(0), 0);
    }

    #[test]
    fn another_server_and_a_clock_set_back_know_nothing_of_it() {
        let pause = Pause::default();
        pause.begin("a", at(1000), Duration::from_hours(1));
        assert_eq!(pause.until("a", at(1001)), Some(at(4600)));
        assert_eq!((pause.until("b", at(1001)), pause.until("a", at(999))), (None, None));
        assert_eq!(pause.begin("b", at(1001), Duration::from_mins(1)), at(1061));
    }
}
