//! Every date in here was worked out by hand with a wall calendar, not by this code.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::{Europe::Amsterdam, Pacific::Apia};
use proptest::prelude::*;

use super::{Calendar, Holidays, holidays, in_words, with_hour};
use crate::triage::reading::Language;

fn calendar() -> Calendar {
    Calendar {
        time_zone: Amsterdam,
        holidays: Holidays::Nl,
        closed: Vec::new(),
        open_days: Vec::new(),
        day_ends: time("17:00"),
        alert_hours: (time("08:00"), time("18:00")),
        due_soon: 1,
    }
}

fn time(text: &str) -> NaiveTime {
    NaiveTime::parse_from_str(text, "%H:%M").unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn due(calendar: &Calendar, arrives: &str, days: u32) -> String {
    calendar.deadline(at(arrives), days).due.to_rfc3339()
}

#[test]
fn easter_falls_where_the_almanac_says() {
    let almanac = [
        "1818-03-22",
        "1886-04-25",
        "1943-04-25",
        "1954-04-18",
        "1981-04-19",
        "2000-04-23",
        "2008-03-23",
        "2024-03-31",
        "2025-04-20",
        "2026-04-05",
        "2027-03-28",
        "2028-04-16",
        "2029-04-01",
        "2030-04-21",
        "2031-04-13",
        "2032-03-28",
        "2033-04-17",
        "2034-04-09",
        "2035-03-25",
        "2038-04-25",
        "2049-04-18",
        "2076-04-19",
        "2285-03-22",
    ];
    for sunday in almanac.map(day) {
        assert_eq!(holidays::easter_sunday(sunday.year()), Some(sunday));
    }
}

#[test]
fn days_of_the_law_are_named() {
    for (date, why) in [
        ("2026-01-01", Some("Nieuwjaarsdag")),
        ("2026-04-03", Some("Goede Vrijdag")),
        ("2026-04-05", Some("Eerste Paasdag")),
        ("2026-04-06", Some("Tweede Paasdag")),
        ("2026-04-27", Some("Koningsdag")),
        ("2026-05-05", Some("Bevrijdingsdag")),
        ("2026-05-14", Some("Hemelvaartsdag")),
        ("2026-05-24", Some("Eerste Pinksterdag")),
        ("2026-05-25", Some("Tweede Pinksterdag")),
        ("2026-12-25", Some("Eerste Kerstdag")),
        ("2026-12-26", Some("Tweede Kerstdag")),
        // King's Day on a Sunday is kept on the Saturday before it.
        ("2025-04-26", Some("Koningsdag")),
        ("2025-04-27", Some("zondag")),
        ("2031-04-26", Some("Koningsdag")),
        ("2036-04-26", Some("Koningsdag")),
        ("2028-04-27", Some("Koningsdag")),
        ("2026-04-30", None),
        // Queen's Day until 2013.
        ("2013-04-30", Some("Koninginnedag")),
        ("2006-04-29", Some("Koninginnedag")),
        ("2006-04-30", Some("zondag")),
        ("2012-04-27", None),
        ("2027-05-06", Some("Hemelvaartsdag")),
        ("2030-06-10", Some("Tweede Pinksterdag")),
        ("2034-05-18", Some("Hemelvaartsdag")),
        // Days that are often thought to be free.
        ("2026-05-15", None),
        ("2026-05-04", None),
        ("2026-12-24", None),
        ("2026-12-31", None),
        ("2026-11-21", Some("zaterdag")),
        ("2026-11-22", Some("zondag")),
        ("2026-11-23", None),
    ] {
        assert_eq!(calendar().why_not_working(day(date)).as_deref(), why, "{date}");
    }
}

#[test]
fn three_working_days_over_weekends_and_holidays() {
    for (arrives, expected) in [
        ("2026-11-16T09:00:00+01:00", "2026-11-19T17:00:00+01:00"),
        ("2026-11-20T16:00:00+01:00", "2026-11-25T17:00:00+01:00"),
        ("2026-11-21T16:00:00+01:00", "2026-11-25T17:00:00+01:00"),
        ("2026-11-22T16:00:00+01:00", "2026-11-25T17:00:00+01:00"),
        ("2026-12-23T10:00:00+01:00", "2026-12-29T17:00:00+01:00"),
        ("2024-12-31T10:00:00+01:00", "2025-01-06T17:00:00+01:00"),
        ("2026-04-02T10:00:00+02:00", "2026-04-09T17:00:00+02:00"),
        ("2025-04-25T10:00:00+02:00", "2025-04-30T17:00:00+02:00"),
        ("2026-04-24T10:00:00+02:00", "2026-04-30T17:00:00+02:00"),
        ("2026-05-12T10:00:00+02:00", "2026-05-18T17:00:00+02:00"),
        ("2027-05-03T10:00:00+02:00", "2027-05-10T17:00:00+02:00"),
        ("2028-06-02T10:00:00+02:00", "2028-06-08T17:00:00+02:00"),
        ("2016-05-04T10:00:00+02:00", "2016-05-10T17:00:00+02:00"),
        ("2032-12-24T10:00:00+01:00", "2032-12-29T17:00:00+01:00"),
        // The local day counts, whatever the hour and whatever day it is in London.
        ("2026-11-23T00:00:00+01:00", "2026-11-26T17:00:00+01:00"),
        ("2026-11-22T23:30:00Z", "2026-11-26T17:00:00+01:00"),
        ("2026-11-23T23:59:59+01:00", "2026-11-26T17:00:00+01:00"),
        // Summer time starts and ends on the way.
        ("2026-03-27T23:30:00+01:00", "2026-04-01T17:00:00+02:00"),
        ("2026-10-23T10:00:00+02:00", "2026-10-28T17:00:00+01:00"),
    ] {
        assert_eq!(due(&calendar(), arrives, 3), expected, "{arrives}");
    }
}

#[test]
fn the_reckoning_names_each_day_passed_over() {
    let deadline = calendar().deadline(at("2026-12-23T10:00:00+01:00"), 3);
    let skipped: Vec<(String, &str)> =
        deadline.skipped.iter().map(|skipped| (skipped.date.to_string(), skipped.why.as_str())).collect();
    assert_eq!(
        skipped,
        [
            ("2026-12-25".to_owned(), "Eerste Kerstdag"),
            ("2026-12-26".to_owned(), "Tweede Kerstdag"),
            ("2026-12-27".to_owned(), "zondag"),
        ]
    );
    assert_eq!(deadline.counted, ["2026-12-24", "2026-12-28", "2026-12-29"].map(day));
    assert_eq!(deadline.arrives.to_rfc3339(), "2026-12-23T10:00:00+01:00");
}

#[test]
fn closed_days_count_no_more_and_open_days_overrule_all() {
    let mut calendar = calendar();
    calendar.closed = vec![day("2026-05-15")];
    assert_eq!(due(&calendar, "2026-05-12T10:00:00+02:00", 3), "2026-05-19T17:00:00+02:00");
    assert_eq!(calendar.why_not_working(day("2026-05-15")).as_deref(), Some("gesloten"));
    calendar.open_days = vec![day("2026-05-14"), day("2026-05-15"), day("2026-05-16")];
    assert_eq!(due(&calendar, "2026-05-12T10:00:00+02:00", 4), "2026-05-16T17:00:00+02:00");
}

#[test]
fn without_holidays_only_weekends_are_passed_over() {
    let calendar = Calendar { holidays: Holidays::None, ..calendar() };
    assert_eq!(due(&calendar, "2026-12-23T10:00:00+01:00", 3), "2026-12-28T17:00:00+01:00");
}

#[test]
fn an_hour_that_does_not_exist_or_comes_twice_still_is_a_moment() {
    let mut calendar = Calendar { day_ends: time("02:30"), ..calendar() };
    calendar.open_days = vec![day("2026-03-29"), day("2026-10-25")];
    assert_eq!(due(&calendar, "2026-03-27T10:00:00+01:00", 1), "2026-03-29T03:00:00+02:00");
    assert_eq!(due(&calendar, "2026-10-23T10:00:00+02:00", 1), "2026-10-25T02:30:00+02:00");
    // Samoa had no 30 December 2011, a Friday.
    let samoa = Calendar { time_zone: Apia, ..calendar };
    assert_eq!(due(&samoa, "2011-12-29T10:00:00-10:00", 1), "2011-12-31T00:00:00+14:00");
}

#[test]
fn alerts_wait_for_working_hours() {
    let calendar = calendar();
    for (moment, expected) in [
        ("2026-11-23T08:00:00+01:00", "2026-11-23T08:00:00+01:00"),
        ("2026-11-23T17:00:00+01:00", "2026-11-23T17:00:00+01:00"),
        ("2026-11-23T17:59:59+01:00", "2026-11-23T17:59:59+01:00"),
        ("2026-11-23T07:59:59+01:00", "2026-11-23T08:00:00+01:00"),
        ("2026-11-23T18:00:00+01:00", "2026-11-24T08:00:00+01:00"),
        ("2026-11-20T18:30:00+01:00", "2026-11-23T08:00:00+01:00"),
        ("2026-12-24T20:00:00+01:00", "2026-12-28T08:00:00+01:00"),
        ("2026-03-28T12:00:00+01:00", "2026-03-30T08:00:00+02:00"),
    ] {
        assert_eq!(calendar.next_alert_moment(at(moment)), at(expected), "{moment}");
    }
}

#[test]
fn alert_hours_may_be_the_whole_day() {
    let all_day = Calendar { alert_hours: (time("00:00"), time("00:00")), ..calendar() };
    let night = at("2026-11-24T03:00:00+01:00");
    assert_eq!(all_day.next_alert_moment(night), night);
    assert_eq!(
        all_day.next_alert_moment(at("2026-11-21T03:00:00+01:00")),
        at("2026-11-23T00:00:00+01:00"),
        "a weekend is quiet even so"
    );
}

#[test]
fn the_warning_comes_working_days_before_the_deadline() {
    let mut calendar = calendar();
    let monday = at("2026-11-23T17:00:00+01:00");
    assert_eq!(calendar.due_soon_moment(monday), Some(at("2026-11-20T08:00:00+01:00")));
    calendar.due_soon = 2;
    assert_eq!(calendar.due_soon_moment(monday), Some(at("2026-11-19T08:00:00+01:00")));
    calendar.due_soon = 0;
    assert_eq!(calendar.due_soon_moment(monday), None);
}

#[test]
fn the_next_working_morning_is_never_today() {
    let calendar = calendar();
    assert_eq!(
        calendar.next_working_morning(at("2026-11-23T06:00:00+01:00")),
        at("2026-11-24T08:00:00+01:00")
    );
    assert_eq!(
        calendar.next_working_morning(at("2026-11-27T17:00:00+01:00")),
        at("2026-11-30T08:00:00+01:00")
    );
}

#[test]
fn a_calendar_that_is_always_closed_ends_all_the_same() {
    let start = day("2026-01-01");
    let closed = start.iter_days().take(5_000).collect();
    let calendar = Calendar { closed, ..calendar() };
    let arrives = at("2026-01-02T10:00:00+01:00");
    let deadline = calendar.deadline(arrives, 3);
    assert!(deadline.counted.is_empty() && deadline.due > arrives);
    assert_eq!(calendar.next_alert_moment(arrives), arrives);
    assert!(calendar.next_working_morning(arrives) > arrives);
    assert_eq!(calendar.due_soon_moment(at("2039-01-02T10:00:00+01:00")), None);
}

#[test]
fn the_ends_of_time_are_no_trouble() {
    for moment in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        let _ = calendar().deadline(moment, 3);
        let _ = calendar().next_alert_moment(moment);
        let _ = calendar().next_working_morning(moment);
        let _ = calendar().due_soon_moment(moment);
    }
    let far = calendar().deadline(at("2026-11-23T10:00:00Z"), u32::MAX);
    assert!(far.counted.len() < 4_000);
}

#[test]
fn dates_are_written_out_in_both_languages() {
    assert_eq!(in_words(day("2026-11-26"), Language::Nl), "donderdag 26 november 2026");
    assert_eq!(in_words(day("2026-11-26"), Language::En), "Thursday 26 November 2026");
    assert_eq!(in_words(day("2027-03-01"), Language::Nl), "maandag 1 maart 2027");
    let deadline = calendar().deadline(at("2026-11-23T10:00:00+01:00"), 3);
    assert_eq!(with_hour(deadline.due, Language::Nl), "donderdag 26 november 2026 om 17.00 uur");
    assert_eq!(with_hour(deadline.due, Language::En), "Thursday 26 November 2026 at 17:00");
}

fn some_moment() -> impl Strategy<Value = DateTime<Utc>> {
    // 2000 to 2060
    (946_684_800_i64..2_840_140_800).prop_map(|second| DateTime::from_timestamp(second, 0).unwrap())
}

proptest! {
    #[test]
    fn a_deadline_is_on_a_working_day_after_arrival(arrives in some_moment(), days in 1_u32..12) {
        let calendar = calendar();
        let deadline = calendar.deadline(arrives, days);
        prop_assert!(deadline.due > arrives);
        prop_assert!(calendar.works(deadline.due.date_naive()));
        prop_assert_eq!(deadline.counted.len(), days as usize);
        let passed = deadline.due.date_naive().signed_duration_since(deadline.arrives.date_naive());
        prop_assert_eq!(usize::try_from(passed.num_days()).unwrap(), deadline.counted.len() + deadline.skipped.len());
    }

    #[test]
    fn who_writes_later_is_never_due_earlier(
        arrives in some_moment(), later in 0_i64..20_000, days in 1_u32..6
    ) {
        let calendar = calendar();
        let second = arrives + TimeDelta::minutes(later);
        prop_assert!(calendar.deadline(arrives, days).due <= calendar.deadline(second, days).due);
    }

    #[test]
    fn closing_a_day_never_shortens_a_term(arrives in some_moment(), offset in 0_u64..15, days in 1_u32..6) {
        let before = calendar().deadline(arrives, days).due;
        let shut = before.date_naive().checked_sub_days(Days::new(offset)).unwrap();
        let closed = Calendar { closed: vec![shut], ..calendar() };
        prop_assert!(closed.deadline(arrives, days).due >= before);
    }

    #[test]
    fn alerts_ring_on_working_days_within_hours(moment in some_moment()) {
        let calendar = calendar();
        for rings in [calendar.next_alert_moment(moment), calendar.next_working_morning(moment)] {
            let local = rings.with_timezone(&Amsterdam);
            prop_assert!(rings >= moment && calendar.works(local.date_naive()));
            prop_assert!(local.time() >= time("08:00") && local.time() < time("18:00"));
            prop_assert_eq!(calendar.next_alert_moment(rings), rings);
        }
    }

    #[test]
    fn a_warning_precedes_its_deadline(arrives in some_moment(), days in 1_u32..6) {
        let calendar = calendar();
        let due = calendar.deadline(arrives, days).due.with_timezone(&Utc);
        let soon = calendar.due_soon_moment(due).unwrap();
        prop_assert!(soon < due);
        prop_assert_eq!(calendar.next_alert_moment(soon), soon);
    }
}
