//! Of several numbers the one that is asked for behind them: "overdag 020 …, 's avonds 06 …. Bel
//! s.v.p. 's avonds."

use super::super::context::words_before;
use super::scan::Number;
use super::whose::bracket;
use super::words::PhoneWords;

/// Bytes behind the last number in which it may be asked.
const REACH: usize = 120;
/// Bytes between the wish and the time or place.
const NEAR: usize = 32;
/// Words before a number that say when or where it is answered.
const WORDS: usize = 5;

/// Which of the numbers is asked for.
pub(super) fn wished(words: &PhoneWords, text: &str, numbers: &[Number]) -> Option<usize> {
    let last = numbers.last().filter(|_| numbers.len() > 1)?.span.end;
    let told = text.get(last..)?;
    let told = told.get(..told.ceil_char_boundary(REACH))?.split("\n\n").next()?;
    let wish = words.wishes.all(told).next()?;
    let times = words.times.iter().map(|times| (times, None));
    let lists: Vec<_> = times.chain([(&words.mobile, Some(true)), (&words.landline, Some(false))]).collect();
    // The time, place or kind that stands nearest to the wish.
    let near = lists.iter().enumerate().filter_map(|(which, (times, _))| {
        let far = |found: &std::ops::Range<usize>| {
            found.start.saturating_sub(wish.end).max(wish.start.saturating_sub(found.end))
        };
        let found = times.all(told).min_by_key(far)?;
        let between = told.get(found.end.min(wish.end)..found.start.max(wish.start)).unwrap_or_default();
        (far(&found) <= NEAR && !words.not_wished.found(between)).then_some((far(&found), which))
    });
    let (_, which) = near.min()?;
    let (times, kind) = lists.get(which)?;
    let mut floor = 0;
    let mut meant = numbers.iter().enumerate().filter(|(_, number)| {
        let before = text.get(words_before(text, number.span.start, floor, WORDS)).unwrap_or_default();
        floor = number.span.end;
        kind.is_some_and(|mobile| number.mobile == mobile)
            || times.found(before)
            || times.found(bracket(text.get(number.span.end..).unwrap_or_default()))
    });
    let first = meant.next()?;
    meant.next().is_none().then_some(first.0)
}
