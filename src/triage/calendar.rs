//! Working days and deadlines. Days are added, not hours, so a day of 23 or 25 hours moves nothing.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

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
    /// Holidays and weekend days on which the office works after all.
    pub open_days: Vec<NaiveDate>,
    /// Local time at which a deadline falls.
    pub day_ends: NaiveTime,
    /// Alerts about deadlines go out on working days from `.0` to before `.1`, local time.
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
    pub fn why_not_working(&self, _date: NaiveDate) -> Option<String> {
        None
    }

    /// The deadline of what arrives at `arrives`: the day of arrival does not count, the
    /// `working_days`-th working day after it does, at [`Calendar::day_ends`].
    #[must_use]
    pub fn deadline(&self, arrives: DateTime<Utc>, _working_days: u32) -> Deadline {
        let arrives = arrives.with_timezone(&self.time_zone);
        Deadline { arrives, due: arrives, counted: Vec::new(), skipped: Vec::new() }
    }

    /// The first moment at or after `moment` at which an alert may ring.
    #[must_use]
    pub fn next_alert_moment(&self, moment: DateTime<Utc>) -> DateTime<Utc> {
        moment
    }

    /// The moment to warn before `due`: [`Calendar::due_soon`] working days earlier, when alerts start.
    #[must_use]
    pub fn due_soon_moment(&self, due: DateTime<Utc>) -> Option<DateTime<Utc>> {
        Some(due)
    }

    /// When alerts start on the first working day after the day of `moment`.
    #[must_use]
    pub fn next_working_morning(&self, moment: DateTime<Utc>) -> DateTime<Utc> {
        moment
    }
}
