//! Days written with numbers: `12-3-2026`, `12/3/'26`, "3 t/m 5 maart", "March 3rd", "de 14e".

use chrono::{Datelike, NaiveDate, Weekday};

use super::super::super::super::fields::FLOOR;
use super::{Gap, How, Kind, Read, Scan, mark};

// The floor of the resolver is what makes "doubt means asking" true of short forms too.
const _: () = assert!(FLOOR > 0);

/// How many days of one list are read: "3, 4, 5 en 6 maart".
const LONGEST_LIST: usize = 6;

impl Scan<'_> {
    pub(super) fn numeric(&self, at: usize) -> Read {
        self.numeric_on(at, None)
    }

    /// Three numbers: day, month, year in the orders that are used here.
    pub(super) fn numeric_on(&self, at: usize, weekday: Option<Weekday>) -> Read {
        let (first, first_digits) = self.number(at)?;
        if self.tied_before(at) {
            return None;
        }
        if first_digits == 8 && self.frame.asked && !self.tied_behind(at) {
            // ISO 8601, basic format: 20260312
            let (year, month, day) = (i32::try_from(first / 10_000).ok()?, first / 100 % 100, first % 100);
            let date = NaiveDate::from_ymd_opt(year, month, day).filter(|date| *date <= self.frame.latest)?;
            return Some((at + 1, Some((date, How::Calendar))));
        }
        let (second_at, mark) = self.separated(at)?;
        let (second, second_digits) = self.number(second_at)?;
        let (mut third_at, second_mark) = self.separated(second_at)?;
        let apostrophe = self.is_mark(third_at, '\'');
        third_at += usize::from(apostrophe);
        let (third, third_digits) = self.number(third_at)?;
        if mark.is_some() != second_mark.is_some() || self.tied_behind(third_at) || second_digits > 2 {
            return None;
        }
        let next = third_at + 1;
        let choices = match (first_digits, third_digits) {
            // ISO 8601
            (4, 1..=2) => vec![(third, second, i32::try_from(first).ok()?)],
            (1..=2, 2 | 4) if mark.is_some() || third_digits == 4 => {
                let year = self.full_year(third, third_digits)?;
                vec![(first, second, year), (second, first, year)]
            }
            _ => return None,
        };
        Some((next, self.choose(&choices, weekday).map(|date| (date, How::Calendar))))
    }

    /// Day first, as here; month first only where the first cannot be, or in English where the
    /// first lies ahead or the weekday says so.
    fn choose(&self, choices: &[(u32, u32, i32)], weekday: Option<Weekday>) -> Option<NaiveDate> {
        let dates: Vec<NaiveDate> = choices
            .iter()
            .filter_map(|(day, month, year)| NaiveDate::from_ymd_opt(*year, *month, *day))
            .collect();
        let fits = |date: &NaiveDate| *date <= self.frame.latest;
        if self.frame.english {
            let on_weekday = dates.iter().copied().find(|date| fits(date) && Some(date.weekday()) == weekday);
            return on_weekday.or_else(|| dates.into_iter().find(fits));
        }
        dates.into_iter().next().filter(fits)
    }

    fn full_year(&self, year: u32, digits: u8) -> Option<i32> {
        let year = i32::try_from(year).ok()?;
        if digits == 4 {
            return (1900..=2100).contains(&year).then_some(year);
        }
        let this = self.frame.latest.year().rem_euclid(100);
        Some(if year <= this { 2000 + year } else { 1900 + year })
    }

    /// "14 maart", "3 t/m 5 maart", "3rd of March 2026", "de veertiende maart".
    pub(super) fn day_and_month(&self, at: usize) -> Read {
        let (first, mut next) = self.day_number(at)?;
        if self.tied_before(at) {
            return None;
        }
        let (mut last, mut doubt) = (first, false);
        for _ in 0..LONGEST_LIST {
            let Some((mut other, or)) = self.connector(next) else { break };
            if self.is_weekday(other) || self.senses(other).short {
                other += 1;
            }
            if matches!(self.word(other), "de" | "the") {
                other += 1;
            }
            let Some((day, behind)) = self.day_number(other) else { break };
            (last, next, doubt) = (day, behind, doubt || or);
        }
        if matches!(self.word(next), "of" | "van" | "in" | "de") {
            next += 1;
        }
        let (next, month, year_of_month) = self.month(next)?;
        if self.clock(at, next) {
            return None;
        }
        let (next, year) = self.year(next);
        if doubt || self.senses(next).is(mark::NEXT_BEHIND) {
            return Some((next, None));
        }
        let (month, year) = if first > last {
            if month == 1 { (12, year.map(|year| year - 1)) } else { (month - 1, year) }
        } else {
            (month, year.or(year_of_month))
        };
        Some((next, self.resolve(first, month, year).map(|date| (date, How::Calendar))))
    }

    /// A month by its name, or "deze maand", "of last month". Gives its number and perhaps its year.
    fn month(&self, at: usize) -> Option<(usize, u32, Option<i32>)> {
        let senses = self.senses(at);
        if let Some(month) = senses.month {
            // The full stop of "mrt. 2026"; behind "mei" it ends the sentence.
            let short = self.is_mark(at + 1, '.') && self.glued(at + 1) && self.word(at).len() <= 4;
            let dot = short && matches!(self.kind(at + 2), Some(Kind::Number { .. } | Kind::Mark('\'')));
            return Some((at + 1 + usize::from(dot), month, None));
        }
        if senses.is(mark::LAST | mark::THIS) && self.senses(at + 1).is(mark::MONTH) {
            let written = self.frame.written;
            let (month, year) = match (senses.is(mark::LAST), written.month()) {
                (true, 1) => (12, written.year() - 1),
                (true, month) => (month - 1, written.year()),
                (false, month) => (month, written.year()),
            };
            return Some((at + 2, month, Some(year)));
        }
        (self.word(at) == "dezer")
            .then(|| (at + 1, self.frame.written.month(), Some(self.frame.written.year())))
    }

    /// "om 10 mei" is no time, "14:30 maart" would be.
    fn clock(&self, at: usize, _next: usize) -> bool {
        at > 0 && self.is_mark(at - 1, ':') && self.glued(at)
    }

    /// "March 3rd, 2026", "March 3-5".
    pub(super) fn month_first(&self, at: usize) -> Read {
        let month = self.senses(at).month?;
        let mut next = at + 1;
        next += usize::from(self.is_mark(next, '.') && self.glued(next));
        next += usize::from(self.word(next) == "the");
        let (day, behind) = self.day_number(next)?;
        let ordinal = behind > next + 1 && self.word(behind - 1).chars().all(char::is_alphabetic);
        // "in maart 14 consulten": in Dutch the day comes first.
        if (!self.frame.english && !self.frame.asked && !ordinal)
            || self.senses(behind).is(mark::COUNT)
            || matches!(self.kind(behind), Some(Kind::Mark(':' | '%')))
            || matches!(self.kind(behind), Some(Kind::Number { .. })) && self.glued(behind)
        {
            return None;
        }
        let mut end = behind;
        let mut doubt = false;
        while let Some((other, or)) = self.connector(end)
            && let Some((_, after)) = self.day_number(other)
            && !self.tied_behind(after - 1)
            && self.number(other).is_none_or(|(_, digits)| digits <= 2)
        {
            (end, doubt) = (after, doubt || or);
        }
        let (next, year) = self.year(end);
        let date = self.resolve(day, month, year).filter(|_| !doubt);
        Some((next, date.map(|date| (date, How::Calendar))))
    }

    /// "de 14e", "the 3rd": the latest such day.
    pub(super) fn day_of_month(&self, at: usize) -> Read {
        let (day, next) = self.day_number(at)?;
        let in_letters = self.kind(at) == Some(Kind::Word);
        let ordinal = next > at + 1 || in_letters;
        let gone = self.senses(next).is(mark::LAST_BEHIND);
        // "On the 2nd one of your nurses"
        let counted = self.senses(next).is(mark::COUNT)
            && !(self.frame.english && self.senses(next).number.is_some() && self.word(next + 1) == "of");
        if !(ordinal || gone || self.frame.asked) || self.tied_before(at) || counted {
            return None;
        }
        let article = at > 0 && matches!(self.word(at - 1), "de" | "the" | "den");
        let led = at.checked_sub(2).is_some_and(|i| {
            let senses = self.senses(i);
            senses.is(mark::ON | mark::LAST) || senses.weekday.is_some()
        });
        let on_weekday = at > 0 && self.senses(at - 1).weekday.is_some();
        let ends = self.kind(next).is_none()
            || matches!(self.kind(next), Some(Kind::Mark('.' | ',' | ';' | '!' | '?' | ')' | '(')))
            || self.tokens.get(next).is_some_and(|token| token.gap == Gap::Line);
        // "De 13e kwam er niemand."
        let opens = at == 1
            || self.tokens.get(at.wrapping_sub(1)).is_some_and(|token| token.gap == Gap::Line)
            || at > 1 && matches!(self.kind(at - 2), Some(Kind::Mark('.' | '!' | '?')));
        // "Hallo, de 3e was ik bij u."
        let greeted = at > 1 && self.is_mark(at - 2, ',');
        // "…, en de 18e ben ik gegaan": a second one of five is not meant.
        let follows = at > 1 && day > 5 && self.senses(at - 2).is(mark::THROUGH);
        // "had de 8e een gehoortest"
        let amid = day > 5
            && at.checked_sub(2).is_some_and(|i| self.senses(i).is(mark::HAPPENS))
            && self.senses(next).is(mark::GOES_ON);
        // "de 2e medewerker" is no day.
        let goes_on = self.kind(next) == Some(Kind::Word) && day > 5;
        let alone = self.frame.asked && (ordinal || at == 0) && self.kind(next).is_none();
        let sure = alone
            || gone
            || on_weekday
            || (article && (opens && goes_on || amid))
            || (article && (opens || led || greeted || follows) && self.senses(next).is(mark::HAPPENS))
            || (article && if in_letters { led && (ends && day > 2 || goes_on) } else { led || ends });
        let next = if gone { next + 1 } else { next };
        sure.then(|| (next, self.resolve_day(day).map(|date| (date, How::DayOfMonth))))
    }

    /// A day's number with what makes it an ordinal; the token behind.
    pub(super) fn day_number(&self, at: usize) -> Option<(u32, usize)> {
        if let Some(ordinal) = self.senses(at).ordinal {
            return Some((ordinal, at + 1));
        }
        // "drie maart"
        if let Some(number) = self.senses(at).number.filter(|_| self.senses(at + 1).month.is_some()) {
            return Some((number, at + 1));
        }
        let (day, digits) = self.number(at)?;
        if digits > 2 || !(1..=31).contains(&day) {
            return None;
        }
        let mut next = at + 1;
        if self.glued(next) && self.senses(next).is(mark::ORDINAL_END) {
            next += 1;
        } else if self.glued(next) && self.is_mark(next, '.') && self.senses(next + 1).month.is_some() {
            // "3. maart", and "12.mrt"
            next += 1;
        } else if self.glued(next)
            && matches!(self.kind(next), Some(Kind::Mark('-' | '/')))
            && self.senses(next + 1).month.is_some()
        {
            // "12-mrt-2026", "12/mrt/2026"
            next += 1;
        } else if self.is_mark(next, '\'')
            && self.senses(next + 1).is(mark::ORDINAL_END)
            && self.glued(next + 1)
        {
            next += 2;
        }
        Some((day, next))
    }

    /// The year behind a date, when there is one; the token behind.
    pub(super) fn year(&self, at: usize) -> (usize, Option<i32>) {
        let mut start = at;
        if matches!(self.kind(start), Some(Kind::Mark(',' | '-' | '/'))) {
            start += 1;
        }
        if self.senses(start).is(mark::LAST | mark::THIS) && self.senses(start + 1).is(mark::YEAR) {
            let last = i32::from(self.senses(start).is(mark::LAST));
            return (start + 2, Some(self.frame.written.year() - last));
        }
        let of = matches!(self.word(start), "of" | "van");
        // "van het vorige jaar"
        start += usize::from(of && matches!(self.word(start + 1), "het" | "the"));
        if of && self.senses(start + 1).is(mark::LAST | mark::THIS) && self.senses(start + 2).is(mark::YEAR) {
            let last = i32::from(self.senses(start + 1).is(mark::LAST));
            return (start + 3, Some(self.frame.written.year() - last));
        }
        let apostrophe = self.is_mark(start, '\'');
        let number_at = start + usize::from(apostrophe);
        let Some((year, digits)) = self.number(number_at) else { return (at, None) };
        let next = number_at + 1;
        let this = self.frame.latest.year();
        let year = match (digits, i32::try_from(year)) {
            (4, Ok(year)) if (1900..=2100).contains(&year) => Some(year),
            (2, Ok(year)) if apostrophe => Some(2000 + year),
            (2, Ok(year)) => {
                let timed = self.senses(next).is(mark::COUNT)
                    || matches!(self.kind(next), Some(Kind::Mark(':' | '.' | '-')));
                let near = 2000 + year == this || 2000 + year == this - 1;
                (near && (!timed || self.is_end_of_sentence(next)) && start == at).then_some(2000 + year)
            }
            _ => None,
        };
        if year.is_some() { (next, year) } else { (at, None) }
    }

    fn is_end_of_sentence(&self, at: usize) -> bool {
        self.is_mark(at, '.') && !self.glued(at + 1)
    }

    pub(super) fn number(&self, at: usize) -> Option<(u32, u8)> {
        match self.kind(at)? {
            Kind::Number { value, digits } if digits <= 9 => Some((value, digits)),
            _ => None,
        }
    }

    /// The number behind a separator: a mark, or a blank alone.
    pub(super) fn separated(&self, at: usize) -> Option<(usize, Option<char>)> {
        match self.kind(at + 1)? {
            Kind::Mark(mark @ ('-' | '/' | '.')) => Some((at + 2, Some(mark))),
            Kind::Number { .. } if !self.glued(at + 1) => Some((at + 1, None)),
            _ => None,
        }
    }

    /// Is a number the tail of something longer, such as a phone number or an IBAN?
    pub(super) fn tied_before(&self, at: usize) -> bool {
        if at == 0 || !self.glued(at) {
            return false;
        }
        match self.kind(at - 1) {
            Some(Kind::Mark('-' | '/' | '.' | ',')) => {
                self.glued(at - 1) && matches!(self.kind(at.wrapping_sub(2)), Some(Kind::Number { .. }))
            }
            Some(Kind::Mark('#' | '+' | '_' | '@' | '=') | Kind::Number { .. } | Kind::Word) => true,
            _ => false,
        }
    }

    /// Does something longer go on behind a number?
    pub(super) fn tied_behind(&self, at: usize) -> bool {
        if !self.glued(at + 1) {
            return false;
        }
        match self.kind(at + 1) {
            Some(Kind::Number { .. } | Kind::Word) => true,
            Some(Kind::Mark('-' | '/' | '.' | ',')) => {
                self.glued(at + 2) && matches!(self.kind(at + 2), Some(Kind::Number { .. }))
            }
            _ => false,
        }
    }
}
