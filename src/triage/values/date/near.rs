//! Is a day the day of the incident? Its way of writing and what stands near it make a score.

use std::ops::Range;

use chrono::{Datelike, NaiveDate};

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

/// Added to a day on which somebody who is involved did something, where on others nobody did.
const WITH_SOMEBODY: i32 = 9;
/// Two days nearer to each other than this are both possible: the first of a story has no more for it
/// than that it comes first, or the one with somebody in it no more than that.
const DOUBT: i32 = 9;
/// A story that goes on further behind its day is another one.
const LONGEST_STORY: usize = 600;

/// Judges all days of a text, in order. `told` are the places where it tells of people involved.
pub(super) fn judge_all(
    words: &DateWords,
    text: &str,
    days: &[Day],
    told: &[usize],
    frame: Frame,
) -> Vec<Judged> {
    let previous = std::iter::once(0).chain(days.iter().map(|day| day.span.end));
    let vague = words.vague_times.as_ref().is_some_and(|pattern| !days.is_empty() && pattern.is_match(text));
    let stories = stories(words, text, days);
    let mut seen: Vec<Seen> = days
        .iter()
        .zip(previous)
        .zip(&stories)
        .map(|((day, previous), story)| judge(words, text, day, previous, story, frame))
        .collect();
    // A day of birth, of a letter or of what came of it is no other day of the same story.
    let mut meant =
        days.iter().zip(&seen).filter(|(_, seen)| seen.judged.score >= FLOOR).map(|(day, _)| day.date);
    let first = meant.next();
    let several = meant.any(|date| Some(date) != first);
    for (day, seen) in days.iter().zip(&mut seen) {
        if several || vague {
            seen.judged.score += seen.among_others;
        }
        if several && seen.judged.score >= FLOOR {
            seen.judged.score -= rather_to_come(day, frame);
        }
        // It happened at the time that is no day; what came to light later is no substitute.
        if vague {
            seen.judged.score += seen.among_others.min(0);
        }
    }
    // What was asked for, or came of it, is not where a story starts.
    let opening = seen.iter().position(|seen| seen.judged.score >= FLOOR && seen.among_others > -20);
    let mut judged: Vec<Judged> = seen.into_iter().map(|seen| seen.judged).collect();
    if several {
        with_somebody(&stories, told, &mut judged);
    }
    spoken_of(words, text, days, &mut judged);
    // A story starts with what happened; what came of it follows.
    if let Some(first) = opening.filter(|_| several).and_then(|at| judged.get_mut(at)) {
        first.score += 8;
    }
    if several {
        in_doubt(days, &mut judged);
    }
    within_bounds(&mut judged);
    judged
}

/// The best score of a day that is not `other`, and its date.
fn best(days: &[Day], judged: &[Judged], other: Option<NaiveDate>) -> Option<(NaiveDate, i32)> {
    let scores = days.iter().zip(judged).map(|(day, judged)| (day.date, judged.score));
    scores.filter(|(date, _)| Some(*date) != other).max_by_key(|(_, score)| *score)
}

/// Where another day is about as likely no day is claimed: the person is asked.
fn in_doubt(days: &[Day], judged: &mut [Judged]) {
    let Some((best, score)) = best(days, judged, None) else { return };
    let doubt = self::best(days, judged, Some(best)).is_some_and(|(_, other)| score - other < DOUBT);
    if doubt {
        for judged in judged.iter_mut().filter(|judged| judged.score >= FLOOR) {
            judged.score = FLOOR - 1;
            judged.why = format!("{}; another day may as well be meant", judged.why);
        }
    }
}

/// Takes off all what the best has too much: a score has an upper bound, and equals would go by place.
fn within_bounds(judged: &mut [Judged]) {
    let over = judged.iter().map(|judged| judged.score - 100).max().unwrap_or(0).max(0);
    for judged in judged {
        judged.score -= over;
    }
}

/// Prefers the days of whose story somebody involved is a part.
fn with_somebody(stories: &[Range<usize>], told: &[usize], judged: &mut [Judged]) {
    for (story, judged) in stories.iter().zip(judged) {
        if told.iter().any(|place| story.contains(place)) {
            judged.score += WITH_SOMEBODY;
            judged.why = format!("{}; somebody involved is told of", judged.why);
        }
    }
}

/// For each day the bytes that tell of it: up to where the next day is told of.
fn stories(words: &DateWords, text: &str, days: &[Day]) -> Vec<Range<usize>> {
    let starts: Vec<usize> = (0..days.len()).map(|at| story_start(words, text, days, at)).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let longest = days.iter().map(|day| day.span.end + LONGEST_STORY);
    starts.iter().zip(ends).zip(longest).map(|((start, end), longest)| *start..end.min(longest)).collect()
}

/// Where the story of a day begins: with its sentence, or with its part of one that names two days.
fn story_start(words: &DateWords, text: &str, days: &[Day], at: usize) -> usize {
    let Some(day) = days.get(at) else { return text.len() };
    let start = words.near.sentence(text, &day.span).start;
    let before = at.checked_sub(1).and_then(|before| days.get(before)).map_or(0, |before| before.span.end);
    if start >= before {
        return start;
    }
    let between = text.get(before..day.span.start).unwrap_or_default();
    let turn = words.turns.as_ref().and_then(|turns| turns.find_iter(between).last());
    before + turn.map_or(between.len(), |turn| turn.start())
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
fn judge(
    words: &DateWords,
    text: &str,
    day: &Day,
    previous: usize,
    story: &Range<usize>,
    frame: Frame,
) -> Seen {
    let near = words.near.weigh_within(text, &day.span, previous, story);
    let mut score = base(day.how) + near.weight;
    if matches!(day.how, How::Today | How::JustNow | How::Relative | How::BareWeekday) {
        score += near.of_today;
    }
    if may_lie_ahead(day, frame) {
        score += near.to_come;
    }
    let mut reasons = vec![named(day.how).to_owned()];
    reasons.extend(near.reasons);
    if !near.favoured && matches!(day.how, How::BareWeekday | How::JustNow) {
        score -= 20;
    }
    if matches!(day.how, How::Today | How::JustNow) && is_in_quotes(text, day.span.start) {
        score -= 40;
        reasons.push("in what somebody else said".to_owned());
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

/// "Hij zei: \"ik heb nog meer te doen vandaag\"": an open quotation mark ends with its paragraph.
fn is_in_quotes(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let paragraph = before.rsplit("\n\n").next().unwrap_or_default();
    let straight = paragraph.matches('"').count() % 2 == 1;
    let (opened, closed) = (paragraph.rfind(['“', '„']), paragraph.rfind('”'));
    straight || opened.is_some_and(|opened| closed.is_none_or(|closed| closed < opened))
}

/// A date of the last weeks is one of them; a weekday, or one without a year that was long ago, may be
/// the next such day.
fn may_lie_ahead(day: &Day, frame: Frame) -> bool {
    /// Longer ago, and a date without a year is as near in the year to come.
    const WEEKS_GONE: i64 = 17;
    let dated = matches!(day.how, How::Calendar | How::Full | How::Short | How::Feast);
    !dated || (frame.written - day.date).num_weeks() > WEEKS_GONE
}

/// What is taken off a date without a year that was nearly a year ago: it is rather one to come.
fn rather_to_come(day: &Day, frame: Frame) -> i32 {
    const NEARLY_A_YEAR: i64 = 300;
    let yearless = matches!(day.how, How::Calendar | How::Short);
    if yearless && (frame.written - day.date).num_days() > NEARLY_A_YEAR { 24 } else { 0 }
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
