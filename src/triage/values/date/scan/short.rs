//! Days written as two numbers: `12-3`, `12/3`, "3 t/m 5-3". Only where something says that they are one.

use chrono::{Datelike, NaiveDate, Weekday};

use super::{Gap, How, Kind, Read, Scan, mark};

/// In English either number may be the month: days ago from which a date is long gone, and up to which
/// it was lately.
const LONG_AGO: i64 = 60;
const LATELY: i64 = 31;

impl Scan<'_> {
    /// `12/3`, `12-3`: only behind a word such as "op", behind a weekday or where a date is asked for.
    pub(super) fn short(&self, at: usize) -> Read {
        let before = at.checked_sub(1);
        let led = before.is_some_and(|i| {
            self.senses(i).is(mark::ON)
                || self.is_mark(i, ':')
                || (self.is_mark(i, '.') && i > 0 && self.senses(i - 1).is(mark::ON))
        });
        (led || self.frame.asked || self.opens(at) && self.is_told_of(at)).then(|| self.short_on(at, None))?
    }

    /// Is a token the first of its sentence or line?
    fn opens(&self, at: usize) -> bool {
        at == 0
            || self.tokens.get(at).is_some_and(|token| token.gap == Gap::Line)
            || !self.glued(at) && matches!(self.kind(at - 1), Some(Kind::Mark('.' | '!' | '?')))
    }

    /// "17/3 is het advies gekomen", "12-3: kastje opgehaald"; "3/4 is al op" may be a fraction.
    fn is_told_of(&self, at: usize) -> bool {
        let Some((second_at, Some('-' | '/'))) = self.separated(at) else { return false };
        let fraction = matches!((self.number(at), self.number(second_at)), (Some((a, 1)), Some((b, 1))) if a < b && b < 5);
        let next = second_at + 1;
        self.is_mark(next, ':') && !self.glued(next + 1) || self.senses(next).is(mark::HAPPENS) && !fraction
    }

    pub(super) fn short_on(&self, at: usize, weekday: Option<Weekday>) -> Read {
        let (first, first_digits) = self.number(at)?;
        let (second_at, mark) = self.separated(at)?;
        let (second, second_digits) = self.number(second_at)?;
        let next = second_at + 1;
        let refused = first_digits > 2
            || second_digits > 2
            || !self.glued(at + 1)
            || !self.glued(second_at)
            || self.tied_before(at)
            || self.tied_behind(second_at)
            || self.senses(next).is(mark::COUNT)
            || self.is_mark(next, '%')
            || self.is_mark(next, ':') && self.glued(next + 1);
        if refused || !matches!(mark, Some('-' | '/' | '.')) {
            return None;
        }
        // A clock's time is written with a full stop: "om 10.00", "14.30".
        if mark == Some('.') && (second == 0 || second > 12) {
            return None;
        }
        let order: &[(u32, u32)] = &[(first, second), (second, first)];
        let mut dates = order.iter().take(if self.frame.english { 2 } else { 1 });
        let fits = |date: &NaiveDate| weekday.is_none_or(|weekday| date.weekday() == weekday);
        let dates: Vec<NaiveDate> =
            dates.by_ref().filter_map(|(day, month)| self.resolve(*day, *month, None)).collect();
        let date = dates.iter().copied().find(fits).or_else(|| dates.first().copied())?;
        // An American of last week, or a Briton of last winter?
        let gone = |date: NaiveDate| (self.frame.written - date).num_days();
        let either = weekday.is_none()
            && gone(date) > LONG_AGO
            && dates.last().is_some_and(|other| gone(*other) < LATELY);
        Some((next, Some((date, How::Short)).filter(|_| !either)))
    }

    /// "3 t/m 5-3": the first day of a stretch whose last one is a short date.
    pub(super) fn stretch_to_short(&self, at: usize) -> Read {
        let (first, next) = self.day_number(at).filter(|_| !self.tied_before(at))?;
        let (last_at, or) = self.connector(next).filter(|(behind, _)| *behind > next + 1)?;
        let (end, last) = self.short_on(last_at, None)?;
        let date = last.and_then(|(last, _)| last.with_day(first).filter(|date| *date <= last));
        Some((end, date.filter(|_| !or).map(|date| (date, How::Short))))
    }
}
