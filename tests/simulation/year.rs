//! Working days of Amsterdam, written down by hand: nothing of the program's own calendar.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, TimeZone, Timelike, Utc, Weekday};
use chrono_tz::Europe::Amsterdam;

/// Public holidays of the days that a run can see.
const HOLIDAYS: [(i32, u32, u32); 10] = [
    (2026, 12, 25),
    (2026, 12, 26),
    (2027, 1, 1),
    (2027, 3, 26), // Good Friday
    (2027, 3, 29), // Easter Monday
    (2027, 4, 27),
    (2027, 5, 5),
    (2027, 5, 6),  // Ascension Day
    (2027, 5, 17), // Whit Monday
    (2027, 12, 25),
];

pub const STARTS: u32 = 8;
pub const ENDS: u32 = 18;
const DAY_ENDS: u32 = 17;
const TERM: usize = 3;

fn works(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
        && !HOLIDAYS.contains(&(day.year(), day.month(), day.day()))
}

fn at(day: NaiveDate, hour: u32) -> DateTime<Utc> {
    let local = day.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap());
    Amsterdam.from_local_datetime(&local).unwrap().to_utc()
}

pub fn day_of(moment: DateTime<Utc>) -> NaiveDate {
    moment.with_timezone(&Amsterdam).date_naive()
}

/// Until when a person reacts to what arrived then.
pub fn due(arrived: DateTime<Utc>) -> DateTime<Utc> {
    let day = day_of(arrived).iter_days().skip(1).filter(|day| works(*day)).nth(TERM - 1);
    at(day.unwrap(), DAY_ENDS)
}

/// From when on coordinators are warned of that.
pub fn warned_from(due: DateTime<Utc>) -> DateTime<Utc> {
    let mut day = day_of(due);
    loop {
        day -= TimeDelta::days(1);
        if works(day) {
            return at(day, STARTS);
        }
    }
}

/// May an alert about a deadline go out?
pub fn is_office_hour(moment: DateTime<Utc>) -> bool {
    let hour = moment.with_timezone(&Amsterdam).hour();
    works(day_of(moment)) && (STARTS..ENDS).contains(&hour)
}
