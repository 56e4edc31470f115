//! Finds the days that a folded text names. One pass over its words; each way of naming a day is
//! one small function that says where it ends and what day it is, or that it is none.

mod token;

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

use super::words::{DateWords, Phrase, Senses, mark};
use super::{Day, Frame, How, MOST_DAYS};
use token::{Gap, Kind, Token};

/// The index of the token behind, and the day: `None` where what was read is no day after all.
type Read = Option<(usize, Option<(NaiveDate, How)>)>;

struct Scan<'a> {
    words: &'a DateWords,
    text: &'a str,
    tokens: Vec<Token>,
    frame: Frame,
}

/// The days named in a folded text, in order; of a stretch of days the first.
pub(super) fn days(words: &DateWords, text: &str, frame: Frame) -> Vec<Day> {
    let scan = Scan { words, text, tokens: token::tokens(text), frame };
    let mut found: Vec<Day> = Vec::new();
    // Where the last day ended, to know the second end of a stretch.
    let mut last_end = usize::MAX;
    let mut at = 0;
    while at < scan.tokens.len() && found.len() < MOST_DAYS {
        let Some((next, day)) = scan.day_at(at) else {
            at += 1;
            continue;
        };
        let next = next.max(at + 1);
        let joined = scan.joined(last_end, at);
        if joined == Some(true) {
            found.pop();
        } else if joined.is_none()
            && !scan.is_vague(at)
            && let Some((date, how)) = day
            && let (Some(first), Some(last)) = (scan.tokens.get(at), scan.tokens.get(next - 1))
        {
            found.push(Day { date, span: first.span().start..last.span().end, how });
        }
        last_end = next;
        at = next;
    }
    found
}

impl Scan<'_> {
    fn day_at(&self, at: usize) -> Read {
        match self.kind(at)? {
            Kind::Number { .. } => self
                .phrase(at)
                .or_else(|| self.numeric(at))
                .or_else(|| self.day_and_month(at))
                .or_else(|| self.some_time_ago(at))
                .or_else(|| self.stretch_to_short(at))
                .or_else(|| self.short(at))
                .or_else(|| self.day_of_month(at)),
            Kind::Word => self.by_word(at),
            Kind::Mark(_) => None,
        }
    }

    fn by_word(&self, at: usize) -> Read {
        let senses = self.senses(at);
        if let Some(read) = self.phrase(at) {
            return Some(read);
        }
        if let Some(days) = senses.before_written {
            return Some(self.relative(at, days));
        }
        if senses.is(mark::NEXT) && self.is_weekday(at + 1) {
            return self.weekday(at + 1).map(|(next, _)| (next, None));
        }
        if senses.is(mark::LAST | mark::LAST_BEHIND | mark::THIS)
            && let Some(read) = self.by_last(at, senses)
        {
            return Some(read);
        }
        if senses.weekday.is_some()
            && let Some(read) = self.weekday(at)
        {
            return Some(read);
        }
        if senses.month.is_some()
            && let Some(read) = self.month_first(at)
        {
            return Some(read);
        }
        if senses.ordinal.is_some()
            && let Some(read) = self.day_and_month(at).or_else(|| self.day_of_month(at))
        {
            return Some(read);
        }
        let date = || self.day_and_month(at).filter(|_| self.senses(at + 1).month.is_some());
        senses.number.and_then(|_| self.some_time_ago(at).or_else(date))
    }

    /// "tweede pinksterdag", "this morning".
    fn phrase(&self, at: usize) -> Read {
        let token = self.tokens.get(at)?;
        let (length, phrase) = self.words.phrase(self.word(at), self.text.get(token.span().start..)?)?;
        let end = token.span().start + length;
        let next = at + self.tokens.get(at..)?.iter().take_while(|token| token.span().start < end).count();
        Some(match phrase {
            Phrase::Before(days) => self.relative(next - 1, days),
            Phrase::JustNow => (next, Some((self.frame.written, How::JustNow))),
            Phrase::Feast(feast) => {
                let (next, year) = self.year(next);
                let years = match year {
                    Some(year) => vec![year],
                    None => vec![self.frame.written.year(), self.frame.written.year() - 1],
                };
                let date =
                    years.into_iter().filter_map(|y| feast.in_year(y)).find(|d| *d <= self.frame.latest);
                (next, date.map(|date| (date, How::Feast)))
            }
        })
    }

    /// "gisteren", "gisteren een week geleden", "vandaag over een week". `at` is its last word.
    fn relative(&self, at: usize, days: u64) -> (usize, Option<(NaiveDate, How)>) {
        let mut next = at + 1;
        let exactly = if self.senses(next).is(mark::EXACTLY) { next + 1 } else { next };
        let mut total = days;
        if let Some((end, weeks)) = self.count_ago(exactly, mark::WEEKS) {
            next = end;
            total += 7 * u64::from(weeks);
        }
        if self.word(next) == "over" || self.senses(next).is(mark::OR) {
            return (next + 1, None);
        }
        let how = if total == 0 { How::Today } else { How::Relative };
        (next, self.back(total).map(|date| (date, how)))
    }

    /// "drie dagen geleden"; "een week geleden" only where it is exact or a weekday follows.
    fn some_time_ago(&self, at: usize) -> Read {
        if let Some((next, days)) = self.count_ago(at, mark::DAYS) {
            return Some((next, self.back(u64::from(days)).map(|date| (date, How::Relative))));
        }
        let (next, weeks) = self.count_ago(at, mark::WEEKS)?;
        let on = if self.senses(next).is(mark::ON) { next + 1 } else { next };
        if let Some(weekday) = self.senses(on).weekday.filter(|_| self.is_weekday(on)) {
            return Some((on + 1, self.in_week(weekday, u64::from(weeks)).map(|date| (date, How::Weekday))));
        }
        // "precies een week geleden", "a week ago today"
        let behind = self.senses(next).before_written == Some(0);
        let exact = behind || at > 0 && self.senses(at - 1).is(mark::EXACTLY);
        let next = if behind { next + 1 } else { next };
        let date = self.back(7 * u64::from(weeks)).filter(|_| exact);
        Some((next, date.map(|date| (date, How::Relative))))
    }

    /// A number, a unit and "geleden".
    fn count_ago(&self, at: usize, unit: u32) -> Option<(usize, u32)> {
        let count = match self.kind(at)? {
            Kind::Number { value, .. } => value,
            Kind::Word => self.senses(at).number?,
            Kind::Mark(_) => return None,
        };
        let fits =
            (1..=365).contains(&count) && self.senses(at + 1).is(unit) && self.senses(at + 2).is(mark::AGO);
        fits.then_some((at + 3, count))
    }

    /// "vorige week woensdag", "afgelopen vrijdag", "this past Monday", "vorige week".
    fn by_last(&self, at: usize, senses: Senses) -> Read {
        let mut next = at + 1;
        let mut last = senses.is(mark::LAST | mark::LAST_BEHIND);
        if self.senses(next).is(mark::LAST) {
            last = true;
            next += 1;
        }
        if self.senses(next).is(mark::WEEK) {
            let on = if self.senses(next + 1).is(mark::ON) { next + 2 } else { next + 1 };
            let weekday = self.senses(on).weekday.filter(|_| self.is_weekday(on));
            let date = weekday.and_then(|day| self.in_week(day, u64::from(last)));
            // A date behind it says more: "vorige week woensdag 11 maart".
            if let Some((end, Some((dated, How::Full)))) = weekday.and_then(|_| self.weekday(on)) {
                return Some((end, Some((dated, How::Full))));
            }
            let end = if weekday.is_some() { on + 1 } else { next + 1 };
            return Some((end, date.map(|date| (date, How::Weekday))));
        }
        let (end, day) = self.weekday(next).filter(|_| self.is_weekday(next))?;
        let day = day.map(|(date, how)| match how {
            How::BareWeekday => (date, How::Weekday),
            other => (date, other),
        });
        Some((end, day))
    }

    /// A weekday, alone or with a date, "jl.", "vorige week" behind it.
    fn weekday(&self, at: usize) -> Read {
        let senses = self.senses(at);
        let weekday = senses.weekday?;
        let mut next = at + 1;
        if senses.short && self.is_mark(next, '.') {
            next += 1;
        }
        if let Some(read) = self.weekday_of_week(weekday, next) {
            return Some(read);
        }
        let behind = self.senses(next);
        let last = behind.is(mark::LAST_BEHIND);
        if last {
            next += 1;
            next += usize::from(self.is_mark(next, '.'));
        } else if behind.is(mark::NEXT_BEHIND) {
            return Some((next + 1, None));
        }
        if let Some((end, date)) = self.date_behind(next, weekday) {
            return Some((end, date.map(|(date, _)| (date, How::Full))));
        }
        if senses.short {
            return None;
        }
        // "van maandag op dinsdag": the night between.
        if let Some((after, false)) = self.connector(next)
            && matches!(self.word(next), "op" | "to" | "on")
            && self.is_weekday(after)
            && self.nightly(at)
        {
            let read = self.weekday(after).map_or(after + 1, |(end, _)| end);
            return Some((read, self.last_weekday(weekday).map(|date| (date, How::Weekday))));
        }
        let recurs = at > 0 && self.senses(at - 1).is(mark::EVERY);
        let listed = self.connector(next).is_some_and(|(after, _)| self.is_weekday(after));
        if recurs || (listed && !last) {
            let after = self.connector(next).map_or(next, |(after, _)| after + 1);
            return Some((if listed { after } else { next }, None));
        }
        let how = if last { How::Weekday } else { How::BareWeekday };
        Some((next, self.last_weekday(weekday).map(|date| (date, how))))
    }

    /// "van", or "nacht van", before the first day of a night.
    fn nightly(&self, at: usize) -> bool {
        let from = at.checked_sub(1).is_some_and(|before| matches!(self.word(before), "van" | "from"));
        let night = (at.saturating_sub(4)..at).any(|at| matches!(self.word(at), "nacht" | "night"));
        night || from && self.word(at + 1) == "op"
    }

    /// Behind a weekday: "vorige week", "of last week", "deze week", "twee weken geleden".
    fn weekday_of_week(&self, weekday: Weekday, at: usize) -> Read {
        let start = if self.senses(at).is(mark::ON) { at + 1 } else { at };
        let senses = self.senses(start);
        if senses.is(mark::LAST | mark::THIS | mark::NEXT) && self.senses(start + 1).is(mark::WEEK) {
            let date = if senses.is(mark::NEXT) {
                None
            } else {
                self.in_week(weekday, u64::from(senses.is(mark::LAST)))
            };
            return Some((start + 2, date.map(|date| (date, How::Weekday))));
        }
        let (next, weeks) = self.count_ago(start, mark::WEEKS)?;
        Some((next, self.in_week(weekday, u64::from(weeks)).map(|date| (date, How::Weekday))))
    }

    /// The date that belongs to a weekday: "(9 februari)", ", 16 November", "12/3".
    fn date_behind(&self, at: usize, weekday: Weekday) -> Read {
        let mut next = at;
        if matches!(self.kind(next), Some(Kind::Mark('(' | ',' | '-'))) {
            next += 1;
        }
        if matches!(self.word(next), "de" | "the" | "den" | "op" | "on" | "d.d" | "dd") {
            next += 1;
        }
        let (end, day) = self
            .numeric_on(next, Some(weekday))
            .or_else(|| self.day_and_month(next))
            .or_else(|| self.month_first(next))
            .or_else(|| self.short_on(next, Some(weekday)))
            .or_else(|| self.day_of_month(next))?;
        Some((end, day))
    }

    fn is_weekday(&self, at: usize) -> bool {
        let senses = self.senses(at);
        senses.weekday.is_some() && !senses.short
    }

    /// `Some(true)`: joined to the day before by "of"; `Some(false)`: the other end of a stretch.
    fn joined(&self, last_end: usize, at: usize) -> Option<bool> {
        let (next, or) = self.connector(last_end)?;
        let next = if matches!(self.word(next), "op" | "on" | "de" | "the") { next + 1 } else { next };
        // A bracket or comma between two days joins nothing: "gisteren, 16 november".
        (next == at && !self.is_mark(last_end, ',')).then_some(or)
    }

    /// What joins two days: the token behind it, and whether it is an "of".
    fn connector(&self, at: usize) -> Option<(usize, bool)> {
        match self.kind(at)? {
            Kind::Mark('-' | '/' | '&' | ',' | '+') => Some((at + 1, false)),
            Kind::Mark(_) | Kind::Number { .. } => None,
            Kind::Word => {
                let (word, senses) = (self.word(at), self.senses(at));
                if matches!(word, "t" | "tot") {
                    let slash = usize::from(self.is_mark(at + 1, '/'));
                    if word == "t" && self.word(at + 1 + slash) == "m" {
                        return Some((at + 2 + slash, false));
                    }
                    if self.word(at + 1) == "en" && self.word(at + 2) == "met" {
                        return Some((at + 3, false));
                    }
                }
                if senses.is(mark::OR) && self.word(at) != "op" {
                    // "3rd of March" is no choice.
                    let of_month = self.frame.english && word == "of";
                    return (!of_month).then_some((at + 1, true));
                }
                senses.is(mark::THROUGH).then_some((at + 1, false))
            }
        }
    }

    fn is_vague(&self, at: usize) -> bool {
        let before = |back: usize| at.checked_sub(back).map(|i| (self.word(i), self.senses(i)));
        match before(1) {
            Some((_, senses)) if senses.is(mark::VAGUE) => true,
            // "in de week van 3 maart"
            Some(("van" | "of", _)) if before(2).is_some_and(|(_, senses)| senses.is(mark::WEEK)) => true,
            Some(("de" | "the" | "den" | "of" | "op" | "on", _)) => {
                before(2).is_some_and(|(_, senses)| senses.is(mark::VAGUE))
            }
            _ => false,
        }
    }

    fn back(&self, days: u64) -> Option<NaiveDate> {
        self.frame.written.checked_sub_days(Days::new(days))
    }

    /// The last such weekday before the day of writing.
    fn last_weekday(&self, weekday: Weekday) -> Option<NaiveDate> {
        (1..=7).filter_map(|days| self.back(days)).find(|date| date.weekday() == weekday)
    }

    /// That weekday of the calendar week (Monday to Sunday) so many weeks before this one.
    fn in_week(&self, weekday: Weekday, weeks: u64) -> Option<NaiveDate> {
        let monday = self.back(u64::from(self.frame.written.weekday().num_days_from_monday()) + 7 * weeks)?;
        monday
            .checked_add_days(Days::new(u64::from(weekday.num_days_from_monday())))
            .filter(|date| *date <= self.frame.latest)
    }

    /// The latest such day not after the day of writing.
    fn resolve(&self, day: u32, month: u32, year: Option<i32>) -> Option<NaiveDate> {
        if let Some(year) = year {
            return NaiveDate::from_ymd_opt(year, month, day).filter(|date| *date <= self.frame.latest);
        }
        let this_year = self.frame.written.year();
        // Nine years find a 29 February.
        (0..9)
            .filter_map(|back| NaiveDate::from_ymd_opt(this_year - back, month, day))
            .find(|date| *date <= self.frame.written)
    }

    fn resolve_day(&self, day: u32) -> Option<NaiveDate> {
        let first = self.frame.written.with_day(1)?;
        (0..12)
            .filter_map(|back| first.checked_sub_months(Months::new(back))?.with_day(day))
            .find(|date| *date <= self.frame.written)
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).and_then(|token| self.text.get(token.span())).unwrap_or_default()
    }

    fn senses(&self, at: usize) -> Senses {
        match self.kind(at) {
            Some(Kind::Word) => {
                let after_number = at > 0 && matches!(self.kind(at - 1), Some(Kind::Number { .. }));
                self.words.senses(self.word(at), after_number)
            }
            _ => Senses::default(),
        }
    }

    fn is_mark(&self, at: usize, mark: char) -> bool {
        self.kind(at) == Some(Kind::Mark(mark))
    }

    /// Does this token touch the one before it?
    fn glued(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.gap == Gap::None)
    }
}

mod numbers;
mod short;
