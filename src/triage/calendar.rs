//! Working days and deadlines. Days are added, not hours, so a day of 23 or 25 hours moves nothing.
//!
//! Refuses to know the time and to know any case: dates in, dates out. Total for every calendar,
//! one that is closed for ever included ([`HORIZON`]).

mod holidays;
mod words;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

pub use words::{in_words, with_hour};

/// So many days are looked at for a working day: ten years. Only a calendar without working days
/// gets there; it then gives the day it has got to, rather than no answer or none in time.
pub const HORIZON: u32 = 3_660;

/// Which holidays are no working days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Holidays {
    /// The days of the Algemene termijnenwet, art. 3.
    #[default]
    #[serde(rename = "NL")]
    Nl,
    /// Weekends only.
    #[serde(rename = "none")]
    None,
}

/// The working days of an organisation.
#[derive(Debug, Clone)]
pub struct Calendar {
    pub time_zone: Tz,
    pub holidays: Holidays,
    /// Further days that are no working days.
    pub closed: Vec<NaiveDate>,
    /// Holidays and weekend days on which the office works after all: they overrule all else.
    pub open_days: Vec<NaiveDate>,
    /// Local time at which a deadline falls.
    pub day_ends: NaiveTime,
    /// Alerts about deadlines go out on working days from `.0` to before `.1`, local time. An end
    /// that is not after the start is midnight: `00:00-24:00` is `(00:00, 00:00)`, all day long.
    pub alert_hours: (NaiveTime, NaiveTime),
    /// Working days before the deadline at which coordinators are warned; 0: never.
    pub due_soon: u32,
}

/// A day that was passed over, and why (in Dutch, as in the law).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    pub date: NaiveDate,
    pub why: String,
}

/// A deadline with its reckoning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    pub arrives: DateTime<Tz>,
    pub due: DateTime<Tz>,
    /// The working days that were counted; the last is the day of the deadline.
    pub counted: Vec<NaiveDate>,
    pub skipped: Vec<Skipped>,
}

impl Calendar {
    /// Why `date` is no working day, in Dutch (`zaterdag`, `Eerste Kerstdag`, `gesloten`); `None` for a working day.
    #[must_use]
    pub fn why_not_working(&self, date: NaiveDate) -> Option<String> {
        if self.open_days.contains(&date) {
            return None;
        }
        let holiday = match self.holidays {
            Holidays::Nl => holidays::name(date),
            Holidays::None => None,
        };
        holiday
            .or_else(|| words::weekend(date.weekday()))
            .or_else(|| self.closed.contains(&date).then_some("gesloten"))
            .map(str::to_owned)
    }

    /// Does the office work on this day?
    #[must_use]
    pub fn works(&self, date: NaiveDate) -> bool {
        self.why_not_working(date).is_none()
    }

    /// The deadline of what arrives at `arrives`: the day of arrival does not count, the
    /// `working_days`-th working day after it does, at [`Calendar::day_ends`]. A term of no days is
    /// taken as one of a single day: nothing is late when it arrives.
    #[must_use]
    pub fn deadline(&self, arrives: DateTime<Utc>, working_days: u32) -> Deadline {
        let arrives = self.here(arrives);
        let wanted = usize::try_from(working_days.max(1)).unwrap_or(usize::MAX);
        let (mut counted, mut skipped) = (Vec::new(), Vec::new());
        let mut date = arrives.date_naive();
        for _ in 0..HORIZON {
            let Some(next) = date.succ_opt() else { break };
            date = next;
            match self.why_not_working(date) {
                Some(why) => skipped.push(Skipped { date, why }),
                None => counted.push(date),
            }
            if counted.len() >= wanted {
                break;
            }
        }
        Deadline { arrives, due: self.local(date, self.day_ends), counted, skipped }
    }

    /// The first moment at or after `moment` at which an alert may ring. Where no day is a working
    /// day it is `moment`: an alert at a bad hour is better than none.
    #[must_use]
    pub fn next_alert_moment(&self, moment: DateTime<Utc>) -> DateTime<Utc> {
        let local = self.here(moment);
        let (starts, ends) = self.alert_hours;
        let today = local.date_naive();
        if self.works(today) {
            if local.time() < starts {
                // An hour that a clock change repeats may put the start before a moment that reads earlier.
                return self.morning(today).max(moment);
            }
            if ends <= starts || local.time() < ends {
                return moment;
            }
        }
        self.working_day_after(today).map_or(moment, |day| self.morning(day).max(moment))
    }

    /// The moment to warn before `due`: [`Calendar::due_soon`] working days earlier, when alerts
    /// start. It may lie before the arrival; who asks decides what that means.
    #[must_use]
    pub fn due_soon_moment(&self, due: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut left = self.due_soon;
        if left == 0 {
            return None;
        }
        let mut date = self.day_of(due);
        for _ in 0..HORIZON {
            date = date.pred_opt()?;
            if self.works(date) {
                left -= 1;
            }
            if left == 0 {
                return Some(self.morning(date));
            }
        }
        None
    }

    /// When alerts start on the first working day after the day of `moment`.
    #[must_use]
    pub fn next_working_morning(&self, moment: DateTime<Utc>) -> DateTime<Utc> {
        let today = self.day_of(moment);
        let day = self.working_day_after(today).or_else(|| today.succ_opt()).unwrap_or(today);
        self.morning(day).max(moment)
    }

    /// Day in the calendar's zone.
    #[must_use]
    pub fn day_of(&self, moment: DateTime<Utc>) -> NaiveDate {
        self.here(moment).date_naive()
    }

    /// Local time. What lies beyond four-digit years is brought back to them: no mail is from
    /// there (RFC 9051 date-year), and at the ends of its range local time cannot be reckoned.
    #[must_use]
    pub fn here(&self, moment: DateTime<Utc>) -> DateTime<Tz> {
        const YEAR_1: i64 = -62_135_510_400;
        const YEAR_9999: i64 = 253_370_764_800;
        let seconds = moment.timestamp().clamp(YEAR_1, YEAR_9999);
        let moment = if seconds == moment.timestamp() {
            moment
        } else {
            DateTime::from_timestamp(seconds, 0).unwrap_or_default()
        };
        moment.with_timezone(&self.time_zone)
    }

    fn working_day_after(&self, date: NaiveDate) -> Option<NaiveDate> {
        date.iter_days().skip(1).take(HORIZON as usize).find(|day| self.works(*day))
    }

    fn morning(&self, date: NaiveDate) -> DateTime<Utc> {
        self.local(date, self.alert_hours.0).with_timezone(&Utc)
    }

    /// The moment at which the wall clock shows this. Of two such moments the first: a promise is
    /// not stretched by a clock change. Of none (the hour is skipped, or in some zones a whole day)
    /// the first that exists after it.
    fn local(&self, date: NaiveDate, time: NaiveTime) -> DateTime<Tz> {
        const DAY_AND_A_BIT: i64 = 26 * 60;
        let wanted = date.and_time(time);
        (0..=DAY_AND_A_BIT)
            .filter_map(|minutes| wanted.checked_add_signed(TimeDelta::minutes(minutes)))
            .find_map(|local| self.time_zone.from_local_datetime(&local).earliest())
            .unwrap_or_else(|| self.time_zone.from_utc_datetime(&wanted))
    }
}
