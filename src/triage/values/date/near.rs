//! Is a day the day of the incident? Judged by the words that stand near it.

use std::ops::Range;

use chrono::Datelike;

use super::words::{At, DateWords};
use super::{Day, Frame, How};

/// How far a sentence is followed to either side; a longer one says nothing about its far end.
const REACH: usize = 240;
/// Words before and behind a date that are its own.
const WORDS_BEFORE: usize = 7;
const WORDS_BEHIND: usize = 4;

/// Judges all days of a text, in order.
pub(super) fn judge_all(words: &DateWords, text: &str, days: &[Day], frame: Frame) -> Vec<Judged> {
    let previous = std::iter::once(None).chain(days.iter().map(Some));
    days.iter().zip(previous).map(|(day, previous)| judge(words, text, day, previous, frame)).collect()
}

/// A score of 0 to 100 and its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judged {
    pub score: i32,
    pub why: String,
}

/// Judges one day. What stands before the day named `previous`ly belongs to that one.
fn judge(words: &DateWords, text: &str, day: &Day, previous: Option<&Day>, frame: Frame) -> Judged {
    let sentence = sentence(words, text, &day.span);
    let clause = clause(text, &sentence, &day.span);
    let from = sentence.start.max(previous.map_or(0, |previous| previous.span.end)).min(day.span.start);
    let before = text.get(last_words(text, from..day.span.start)).unwrap_or_default();
    let behind = text.get(first_words(text, day.span.end..sentence.end)).unwrap_or_default();
    let mut score = base(day.how);
    let mut reasons = vec![named(day.how).to_owned()];
    let mut happened = false;
    for near in &words.near {
        let place = match near.at {
            At::Before => before,
            At::After => behind,
            At::Clause => text.get(clause.clone()).unwrap_or_default(),
            At::Sentence => text.get(sentence.clone()).unwrap_or_default(),
        };
        if near.pattern.is_match(place) {
            score += near.weight;
            happened |= near.weight > 0;
            reasons.push(near.why.clone());
        }
    }
    if !happened && matches!(day.how, How::BareWeekday | How::JustNow) {
        score -= 20;
    }
    // A day of years ago is a date of birth or of another story.
    if frame.written.year() - day.date.year() > 3 {
        score -= 40;
        reasons.push("years ago".to_owned());
    }
    if is_date_line(text, &day.span) && !frame.asked {
        score -= if (frame.written - day.date).num_days() <= 3 { 40 } else { 10 };
        reasons.push("a date on a line of its own, as above a letter".to_owned());
    }
    Judged { score, why: reasons.join("; ") }
}

fn base(how: How) -> i32 {
    match how {
        How::Full => 74,
        How::Calendar | How::Feast | How::Weekday => 70,
        How::Relative => 69,
        How::Short => 66,
        How::DayOfMonth => 64,
        How::Today => 62,
        How::BareWeekday => 60,
        How::JustNow => 56,
    }
}

fn named(how: How) -> &'static str {
    match how {
        How::Full => "a weekday with its date",
        How::Calendar => "a date",
        How::Feast => "a feast day",
        How::Weekday => "the last such weekday",
        How::Relative => "counted back from the day of writing",
        How::Short => "a date without a year",
        How::DayOfMonth => "the latest such day of a month",
        How::Today => "the day of writing",
        How::BareWeekday => "a weekday",
        How::JustNow => "a moment before writing",
    }
}

/// The sentence around a day: up to a full stop, a blank line or the end of a short line.
fn sentence(words: &DateWords, text: &str, day: &Range<usize>) -> Range<usize> {
    let from = floor(text, day.start.saturating_sub(REACH));
    let to = ceil(text, (day.end + REACH).min(text.len()));
    let before = text.get(from..day.start).unwrap_or_default();
    let mut start = from;
    for (at, c) in before.char_indices() {
        if ends_sentence(words, text, from + at, c) {
            start = from + at + c.len_utf8();
        }
    }
    let behind = text.get(day.end..to).unwrap_or_default();
    let end = behind
        .char_indices()
        .find(|(at, c)| ends_sentence(words, text, day.end + at, *c))
        .map_or(to, |(at, _)| day.end + at);
    start..end
}

fn ends_sentence(words: &DateWords, text: &str, at: usize, c: char) -> bool {
    match c {
        '!' | '?' | ';' => true,
        '\n' => {
            let line = text.get(..at).and_then(|before| before.get(floor(before, at.saturating_sub(60))..));
            let line = line.map_or(0, |line| line.len() - line.rfind('\n').map_or(0, |i| i + 1));
            // A line that was not wrapped ends what it says.
            line < 50 || text.get(at + 1..).is_some_and(|rest| rest.starts_with(['\n', '-', '*', '>']))
        }
        '.' => {
            let blank = text
                .get(at + 1..)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace));
            let before = text.get(floor(text, at.saturating_sub(20))..at).unwrap_or_default();
            let word = before.rsplit(|c: char| !(c.is_alphanumeric() || c == '.')).next().unwrap_or_default();
            blank && !words.is_abbreviation(word)
        }
        _ => false,
    }
}

/// Within a sentence: between commas, brackets do not count.
fn clause(text: &str, sentence: &Range<usize>, day: &Range<usize>) -> Range<usize> {
    let before = text.get(sentence.start..day.start).unwrap_or_default();
    let behind = text.get(day.end..sentence.end).unwrap_or_default();
    // A comma right behind the date belongs to it: "on Monday, 8 June, I was".
    let start = before
        .trim_end()
        .trim_end_matches(',')
        .rfind(',')
        .map_or(sentence.start, |at| sentence.start + at + 1);
    let skip = behind.len() - behind.trim_start_matches([',', ' ', ')', '\n']).len();
    let end =
        behind.get(skip..).and_then(|rest| rest.find(',')).map_or(sentence.end, |at| day.end + skip + at);
    start..end
}

fn last_words(text: &str, span: Range<usize>) -> Range<usize> {
    let slice = text.get(span.clone()).unwrap_or_default();
    let start =
        slice.trim_end().rmatch_indices(char::is_whitespace).nth(WORDS_BEFORE - 1).map_or(0, |(at, _)| at);
    span.start + start..span.end
}

fn first_words(text: &str, span: Range<usize>) -> Range<usize> {
    let slice = text.get(span.clone()).unwrap_or_default();
    let lead = slice.len() - slice.trim_start().len();
    let end = slice
        .get(lead..)
        .and_then(|rest| rest.match_indices(char::is_whitespace).nth(WORDS_BEHIND - 1))
        .map_or(slice.len(), |(at, _)| lead + at);
    span.start..span.start + end
}

/// "Utrecht, 19 maart 2026" by itself is where and when a letter was written.
fn is_date_line(text: &str, day: &Range<usize>) -> bool {
    let before = text.get(..day.start).unwrap_or_default();
    let line = before.get(before.rfind('\n').map_or(0, |at| at + 1)..).unwrap_or_default().trim();
    let behind = text.get(day.end..).unwrap_or_default();
    let rest = behind.get(..behind.find('\n').unwrap_or(behind.len())).unwrap_or_default().trim();
    let place = line.trim_end_matches(',');
    rest.chars().all(|c| c == '.' || c == ')')
        && place.len() <= 25
        && place.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '\''))
        && place.split_whitespace().count() <= 2
        && (line.is_empty() || line.ends_with(','))
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn ceil(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}
