//! Is a day the day of the incident? Its way of writing and what stands near it make a score.

use std::ops::Range;

use chrono::Datelike;

use super::super::super::fields::FLOOR;
use super::words::DateWords;
use super::{Day, Frame, How};

/// So far behind a day it may be spoken of.
const REACH: usize = 400;

/// A score of 0 to 100 and its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judged {
    pub score: i32,
    pub why: String,
}

/// Judges all days of a text, in order.
pub(super) fn judge_all(words: &DateWords, text: &str, days: &[Day], frame: Frame) -> Vec<Judged> {
    let previous = std::iter::once(0).chain(days.iter().map(|day| day.span.end));
    let vague = words.vague_times.as_ref().is_some_and(|pattern| !days.is_empty() && pattern.is_match(text));
    let mut seen: Vec<Seen> =
        days.iter().zip(previous).map(|(day, previous)| judge(words, text, day, previous, frame)).collect();
    // A day of birth, of a letter or of what came of it is no other day of the same story.
    let mut meant =
        days.iter().zip(&seen).filter(|(_, seen)| seen.judged.score >= FLOOR).map(|(day, _)| day.date);
    let first = meant.next();
    let several = meant.any(|date| Some(date) != first);
    for seen in &mut seen {
        if several || vague {
            seen.judged.score += seen.among_others;
        }
        // It happened at the time that is no day; what came to light later is no substitute.
        if vague {
            seen.judged.score += seen.among_others.min(0);
        }
    }
    let mut judged: Vec<Judged> = seen.into_iter().map(|seen| seen.judged).collect();
    spoken_of(words, text, days, &mut judged);
    // A story starts with what happened; what came of it follows.
    if let Some(first) = judged.first_mut().filter(|first| several && first.score >= FLOOR) {
        first.score += 8;
    }
    judged
}

/// Adds what is said of a day from further away: "diezelfde dag", "daar gaat mijn klacht over".
fn spoken_of(words: &DateWords, text: &str, days: &[Day], judged: &mut [Judged]) {
    for rule in &words.back {
        let mut last = usize::MAX;
        for found in rule.pattern.find_iter(text) {
            let before = days.partition_point(|day| day.span.end <= found.start());
            let Some(at) = before.checked_sub(1).filter(|at| *at != last) else { continue };
            let near = days.get(at).is_some_and(|day| found.start() - day.span.end < REACH);
            if let Some(judged) = judged.get_mut(at).filter(|_| near) {
                judged.score += rule.weight;
                judged.why = format!("{}; {}", judged.why, rule.why);
                last = at;
            }
        }
    }
}

/// A day judged by itself, and what is to be added where it is not the only one.
#[derive(Debug)]
struct Seen {
    judged: Judged,
    among_others: i32,
}

/// Judges one day. What stands before the end of the `previous` one belongs to that.
fn judge(words: &DateWords, text: &str, day: &Day, previous: usize, frame: Frame) -> Seen {
    let near = words.near.weigh(text, &day.span, previous);
    let mut score = base(day.how) + near.weight;
    if matches!(day.how, How::Today | How::JustNow | How::Relative | How::BareWeekday) {
        score += near.of_today;
    }
    let mut reasons = vec![named(day.how).to_owned()];
    reasons.extend(near.reasons);
    if !near.favoured && matches!(day.how, How::BareWeekday | How::JustNow) {
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
    Seen { judged: Judged { score, why: reasons.join("; ") }, among_others: near.among_others }
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
