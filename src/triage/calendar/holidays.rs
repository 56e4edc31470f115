//! The days of the Algemene termijnenwet, art. 3, reckoned, not listed.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// The year of the first Koningsdag (27 April); before it was Koninginnedag (30 April).
const FIRST_KINGS_DAY: i32 = 2014;

/// What day of the law this is. The two Sundays are no days of art. 3 but are named as feasts.
pub(super) fn name(date: NaiveDate) -> Option<&'static str> {
    fixed(date).or_else(|| movable(date))
}

/// Algemene termijnenwet art. 3, first paragraph: days with a date of their own.
fn fixed(date: NaiveDate) -> Option<&'static str> {
    match (date.month(), date.day()) {
        (1, 1) => Some("Nieuwjaarsdag"),
        (4, 26..=30) => birthday_of_the_monarch(date),
        (5, 5) => Some("Bevrijdingsdag"),
        (12, 25) => Some("Eerste Kerstdag"),
        (12, 26) => Some("Tweede Kerstdag"),
        _ => None,
    }
}

/// The day on which the birthday is celebrated: the day before where it would be a Sunday.
fn birthday_of_the_monarch(date: NaiveDate) -> Option<&'static str> {
    let (day, name) = if date.year() >= FIRST_KINGS_DAY { (27, "Koningsdag") } else { (30, "Koninginnedag") };
    let full = NaiveDate::from_ymd_opt(date.year(), 4, day)?;
    let kept = if full.weekday() == Weekday::Sun { full.pred_opt()? } else { full };
    (date == kept).then_some(name)
}

/// Days that move with Easter. Goede Vrijdag: art. 3, second paragraph.
fn movable(date: NaiveDate) -> Option<&'static str> {
    let easter = easter_sunday(date.year())?;
    match date.signed_duration_since(easter).num_days() {
        -2 => Some("Goede Vrijdag"),
        0 => Some("Eerste Paasdag"),
        1 => Some("Tweede Paasdag"),
        39 => Some("Hemelvaartsdag"),
        49 => Some("Eerste Pinksterdag"),
        50 => Some("Tweede Pinksterdag"),
        _ => None,
    }
}

/// Easter Sunday of the Gregorian calendar: the method "from a New York correspondent" of Nature,
/// 20 April 1876, as in J. Meeus, Astronomical Algorithms, ch. 8. The letters are Meeus's.
#[expect(clippy::many_single_char_names, reason = "the letters of the source, so that it can be compared")]
pub(super) fn easter_sunday(year: i32) -> Option<NaiveDate> {
    let a = year.rem_euclid(19);
    let (b, c) = (year.div_euclid(100), year.rem_euclid(100));
    let (d, e) = (b.div_euclid(4), b.rem_euclid(4));
    let f = (b + 8).div_euclid(25);
    let g = (b - f + 1).div_euclid(3);
    let h = (19 * a + b - d - g + 15).rem_euclid(30);
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k).rem_euclid(7);
    let m = (a + 11 * h + 22 * l) / 451;
    let days_from_22_march = h + l - 7 * m;
    NaiveDate::from_ymd_opt(year, 3, 22)?.checked_add_days(Days::new(u64::try_from(days_from_22_march).ok()?))
}
