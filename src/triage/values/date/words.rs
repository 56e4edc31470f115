//! `rules/dates.toml`: how days are called, and what stands near them.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use rustc_hash::FxHashMap;

use super::super::super::expression::Expression;
use super::super::super::fault::{Fault, Place};
use super::super::super::fold::fold;
use super::super::super::typo::one_apart;
use super::super::near::{Nearby, pattern};
use super::rules::DateRules;

/// [`BackRules`], ready to use.
#[derive(Debug)]
pub(super) struct Back {
    pub why: String,
    pub weight: i32,
    pub pattern: Expression,
}

/// What a single word can mean. A word may mean several things ("may").
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Senses {
    pub month: Option<u32>,
    pub weekday: Option<Weekday>,
    /// The weekday is an abbreviation.
    pub short: bool,
    pub number: Option<u32>,
    pub ordinal: Option<u32>,
    /// The day of writing minus so many days.
    pub before_written: Option<u64>,
    pub marks: u32,
}

/// The single meanings of [`Senses::marks`].
pub(super) mod mark {
    pub const LAST: u32 = 1;
    pub const LAST_BEHIND: u32 = 1 << 1;
    pub const THIS: u32 = 1 << 2;
    pub const NEXT: u32 = 1 << 3;
    pub const WEEK: u32 = 1 << 4;
    pub const YEAR: u32 = 1 << 5;
    pub const MONTH: u32 = 1 << 6;
    pub const DAYS: u32 = 1 << 7;
    pub const WEEKS: u32 = 1 << 8;
    pub const AGO: u32 = 1 << 9;
    pub const EXACTLY: u32 = 1 << 10;
    pub const THROUGH: u32 = 1 << 11;
    pub const OR: u32 = 1 << 12;
    pub const VAGUE: u32 = 1 << 13;
    pub const ON: u32 = 1 << 14;
    pub const COUNT: u32 = 1 << 15;
    pub const ORDINAL_END: u32 = 1 << 16;
    pub const NEXT_BEHIND: u32 = 1 << 17;
    pub const EVERY: u32 = 1 << 18;
    pub const HAPPENS: u32 = 1 << 19;
    pub const GOES_ON: u32 = 1 << 20;
}

impl Senses {
    pub fn is(&self, marks: u32) -> bool {
        self.marks & marks != 0
    }
}

/// A day of the year that has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Feast {
    Fixed { month: u32, day: u32, not_sunday: bool },
    Easter(i64),
}

/// [`DateRules`], ready to use.
#[derive(Debug, Default)]
pub struct DateWords {
    senses: FxHashMap<String, Senses>,
    /// Names long enough to be seen through a typing error, by first letter.
    long: FxHashMap<char, Vec<String>>,
    not_typos: Vec<String>,
    /// Phrases of several words and their meaning, by first word; longest first.
    phrases: FxHashMap<String, Vec<(String, Phrase)>>,
    pub(super) near: Nearby,
    pub(super) back: Vec<Back>,
    /// Where a sentence about two days goes over to the second.
    pub(super) turns: Option<Expression>,
    pub(super) vague_times: Option<Expression>,
}

/// What a phrase of several words means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phrase {
    Before(u64),
    JustNow,
    Feast(Feast),
}

impl DateWords {
    /// # Errors
    /// Every fault of the rules.
    pub fn compile(rules: &DateRules) -> Result<Self, Vec<Fault>> {
        let mut made = Self::default();
        made.names(rules);
        made.marks(rules);
        made.relative(rules);
        made.not_typos = rules.not_typos.iter().map(|word| fold(word)).collect();
        let mut faults = made.feasts(rules);
        match Nearby::compile("context", &rules.context, &rules.abbreviations) {
            Ok(near) => made.near = near,
            Err(of_context) => faults.extend(of_context),
        }
        faults.extend(made.elsewhere(rules));
        if !rules.months.is_empty() && rules.months.len() != 12 {
            faults.push(Fault::new(
                Place::default().key("months"),
                "there are twelve months",
                "a list of names for each",
            ));
        }
        for (key, list) in [("weekdays", &rules.weekdays), ("weekdays_short", &rules.weekdays_short)] {
            if !list.is_empty() && list.len() != 7 {
                let place = Place::default().key(key);
                faults.push(Fault::new(
                    place,
                    "a week has seven days",
                    "a list of names for each, Monday first",
                ));
            }
        }
        for of_word in made.phrases.values_mut() {
            of_word.sort_by_key(|(phrase, _)| std::cmp::Reverse(phrase.len()));
        }
        if faults.is_empty() { Ok(made) } else { Err(faults) }
    }

    /// Words that speak of days from further away.
    fn elsewhere(&mut self, rules: &DateRules) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut expression = |place: Place, words: &[String], patterns: &[String]| {
            pattern(words, patterns)
                .map_err(|error| {
                    let what = format!("no regular expression: {error}");
                    faults.push(Fault::new(place, what, "look-around and back references are not possible"));
                })
                .ok()
        };
        for (index, rule) in rules.back.iter().enumerate() {
            let place = Place::default().key("back").index(index).key("patterns");
            if let Some(pattern) = expression(place, &rule.words, &rule.patterns) {
                self.back.push(Back { why: rule.why.clone(), weight: rule.weight, pattern });
            }
        }
        if !rules.vague_times.is_empty() {
            self.vague_times = expression(Place::default().key("vague_times"), &[], &rules.vague_times);
        }
        if !rules.turns.is_empty() {
            let comma = [r",\s".to_owned()];
            self.turns = expression(Place::default().key("turns"), &rules.turns, &comma);
        }
        faults
    }

    /// What a folded word means; long names are seen through one typing error.
    pub(super) fn senses(&self, word: &str, after_number: bool) -> Senses {
        if let Some(senses) = self.senses.get(word) {
            return *senses;
        }
        self.typo(word, after_number).and_then(|name| self.senses.get(name)).copied().unwrap_or_default()
    }

    fn typo(&self, word: &str, after_number: bool) -> Option<&str> {
        let least = if after_number { 5 } else { 6 };
        if word.len() < least || word.len() > 14 {
            return None;
        }
        let names = self.long.get(&word.chars().next()?)?;
        let name = names.iter().map(String::as_str).find(|name| {
            // A plural is no typing error: "zondags", "Sundays" name no day.
            name.len() >= least && one_apart(name, word) && word.strip_suffix('s') != Some(name)
        });
        name.filter(|_| !self.not_typos.iter().any(|not| not == word))
    }

    /// The phrase that starts a text whose first word is `word`: its length and meaning.
    pub(super) fn phrase(&self, word: &str, text: &str) -> Option<(usize, Phrase)> {
        let of_word = self.phrases.get(word)?;
        of_word.iter().find_map(|(phrase, meaning)| {
            let rest = text.strip_prefix(phrase.as_str())?;
            let ends = !rest.chars().next().is_some_and(char::is_alphanumeric);
            ends.then_some((phrase.len(), *meaning))
        })
    }

    fn names(&mut self, rules: &DateRules) {
        for (number, names) in (1u32..).zip(&rules.months) {
            for name in names {
                self.entry(name, 5).month = Some(number);
            }
        }
        for (number, names) in (0u8..).zip(&rules.weekdays) {
            let weekday = Weekday::try_from(number).ok();
            for name in names {
                self.entry(name, 6).weekday = weekday;
                for part in &rules.day_parts {
                    self.entry(&format!("{name}{part}"), 6).weekday = weekday;
                }
            }
        }
        for (number, names) in (0u8..).zip(&rules.weekdays_short) {
            for name in names {
                let senses = self.entry(name, usize::MAX);
                senses.weekday = Weekday::try_from(number).ok();
                senses.short = true;
            }
        }
        for (number, names) in (1u32..).zip(&rules.numbers) {
            for name in names {
                self.entry(name, usize::MAX).number = Some(number);
            }
        }
        for (number, names) in (1u32..).zip(&rules.ordinals) {
            for name in names {
                self.entry(name, usize::MAX).ordinal = Some(number);
            }
        }
    }

    fn marks(&mut self, rules: &DateRules) {
        let lists = [
            (&rules.last, mark::LAST),
            (&rules.last_behind, mark::LAST_BEHIND),
            (&rules.this, mark::THIS),
            (&rules.next, mark::NEXT),
            (&rules.next_behind, mark::NEXT_BEHIND),
            (&rules.every, mark::EVERY),
            (&rules.week, mark::WEEK),
            (&rules.year, mark::YEAR),
            (&rules.month, mark::MONTH),
            (&rules.days, mark::DAYS),
            (&rules.weeks, mark::WEEKS),
            (&rules.ago, mark::AGO),
            (&rules.exactly, mark::EXACTLY),
            (&rules.through, mark::THROUGH),
            (&rules.or, mark::OR),
            (&rules.vague, mark::VAGUE),
            (&rules.on, mark::ON),
            (&rules.counts, mark::COUNT),
            (&rules.ordinal_ends, mark::ORDINAL_END),
            (&rules.happens, mark::HAPPENS),
            (&rules.goes_on, mark::GOES_ON),
        ];
        for (words, mark) in lists {
            for word in words {
                self.entry(word, usize::MAX).marks |= mark;
            }
        }
    }

    fn relative(&mut self, rules: &DateRules) {
        let lists = [(&rules.today, 0), (&rules.yesterday, 1), (&rules.day_before_yesterday, 2)];
        for (words, days) in lists {
            for word in words {
                if word.contains(' ') {
                    self.phrase_of(word, Phrase::Before(days));
                    continue;
                }
                self.entry(word, 7).before_written = Some(days);
                for part in rules.day_parts.iter().filter(|_| days > 0) {
                    self.entry(&format!("{word}{part}"), 7).before_written = Some(days);
                }
            }
        }
        for word in &rules.just_now {
            self.phrase_of(word, Phrase::JustNow);
        }
    }

    fn feasts(&mut self, rules: &DateRules) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (name, day) in &rules.feasts {
            match Feast::parse(day) {
                Some(feast) => self.phrase_of(name, Phrase::Feast(feast)),
                None => faults.push(Fault::new(
                    Place::default().key("feasts").key(name),
                    format!("'{day}' is no day of the year"),
                    "month-day such as \"04-27\", or \"easter+50\"",
                )),
            }
        }
        faults
    }

    fn entry(&mut self, word: &str, seen_through_from: usize) -> &mut Senses {
        let word = fold(word);
        if word.len() >= seen_through_from
            && !self.senses.contains_key(&word)
            && let Some(first) = word.chars().next()
        {
            self.long.entry(first).or_default().push(word.clone());
        }
        self.senses.entry(word).or_default()
    }

    fn phrase_of(&mut self, words: &str, meaning: Phrase) {
        let words = fold(words);
        let first: String = words.chars().take_while(|c| c.is_alphanumeric()).collect();
        // A number and what is glued to it are two words to the scanner: "2e kerstdag".
        let digits: String = first.chars().take_while(char::is_ascii_digit).collect();
        let first = if digits.is_empty() { first } else { digits };
        self.phrases.entry(first).or_default().push((words, meaning));
    }
}

impl Feast {
    fn parse(text: &str) -> Option<Self> {
        if let Some(days) = text.strip_prefix("easter") {
            let days: i64 = days.strip_prefix('+').unwrap_or(days).parse().ok()?;
            return (-100..=100).contains(&days).then_some(Self::Easter(days));
        }
        let (text, not_sunday) = match text.strip_suffix(" not sunday") {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let (month, day) = text.split_once('-')?;
        let (month, day) = (month.parse().ok()?, day.parse().ok()?);
        NaiveDate::from_ymd_opt(2028, month, day)?;
        Some(Self::Fixed { month, day, not_sunday })
    }

    pub fn in_year(self, year: i32) -> Option<NaiveDate> {
        match self {
            Self::Fixed { month, day, not_sunday } => {
                let date = NaiveDate::from_ymd_opt(year, month, day)?;
                // Koningsdag: on 26 April where the 27th is a Sunday.
                if not_sunday && date.weekday() == Weekday::Sun { date.pred_opt() } else { Some(date) }
            }
            Self::Easter(days) => {
                let easter = easter(year)?;
                let shift = Days::new(days.unsigned_abs());
                if days < 0 { easter.checked_sub_days(shift) } else { easter.checked_add_days(shift) }
            }
        }
    }
}

/// Easter Sunday of the Gregorian calendar (the anonymous computus).
fn easter(year: i32) -> Option<NaiveDate> {
    let (golden, century, of_century) = (year.rem_euclid(19), year / 100, year % 100);
    let leap = (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
    let week = (32 + 2 * (century % 4) + 2 * (of_century / 4) - leap - of_century % 4) % 7;
    let late = (golden + 11 * leap + 22 * week) / 451;
    let sum = leap + week - 7 * late + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(sum / 31).ok()?, u32::try_from(sum % 31 + 1).ok()?)
}
