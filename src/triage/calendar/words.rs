//! Dates in words. Names of days and months are part of the calendar, not of a vocabulary that an
//! admin would edit, so they stand here.

use chrono::{DateTime, Datelike, NaiveDate, Weekday};
use chrono_tz::Tz;

use crate::triage::reading::Language;

const DAYS_NL: [&str; 7] = ["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"];
const DAYS_EN: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS_NL: [&str; 12] = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Such as `donderdag 26 november 2026` or `Thursday 26 November 2026`.
#[must_use]
pub fn in_words(date: NaiveDate, language: Language) -> String {
    let (days, months) = match language {
        Language::Nl => (&DAYS_NL, &MONTHS_NL),
        Language::En => (&DAYS_EN, &MONTHS_EN),
    };
    let day = days.get(date.weekday().num_days_from_monday() as usize).unwrap_or(&"");
    let month = months.get(date.month0() as usize).unwrap_or(&"");
    format!("{day} {} {month} {}", date.day(), date.year())
}

/// Such as `donderdag 26 november 2026 om 17.00 uur` or `Thursday 26 November 2026 at 17:00`.
#[must_use]
pub fn with_hour(moment: DateTime<Tz>, language: Language) -> String {
    let day = in_words(moment.date_naive(), language);
    match language {
        Language::Nl => format!("{day} om {} uur", moment.format("%H.%M")),
        Language::En => format!("{day} at {}", moment.format("%H:%M")),
    }
}

pub(super) fn weekend(day: Weekday) -> Option<&'static str> {
    match day {
        Weekday::Sat => Some("zaterdag"),
        Weekday::Sun => Some("zondag"),
        _ => None,
    }
}
