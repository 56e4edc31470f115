//! Whose number is it? What the words before and behind it say.

use super::super::super::reading::View;
use super::super::context::ends_abbreviated;
use super::super::name::Case;
use super::words::PhoneWords;

/// Bytes between words about a number and the number.
const REACH: usize = 90;
/// Bytes between a wrong number and the right one.
const CORRECTION: usize = 50;
/// Behind a full stop somebody who was spoken of so many words before has nothing to do with a number.
const LONG_AGO: usize = 8;

/// Where the last mention of somebody else ends, whose the number behind these words is then.
pub(super) fn theirs(view: &View, before: &str, ended: bool) -> Option<usize> {
    let others = view.context.rules.fields.phone.others.last_end(before);
    let last = others.max(colleague(view, before)).max(somebody(view, before)).max(reached(view, before));
    let since = |end: usize| before.get(end..).map_or(0, |rest| rest.split_whitespace().count());
    last.filter(|end| !ended || since(*end) <= LONG_AGO)
}

/// "Uw telefoonnummer: …" without "uw": a form speaks to whoever fills it in.
pub(super) fn unaddressed<'t>(view: &View, before: &'t str) -> &'t str {
    let people = &view.context.rules.people;
    let words = people.words(before, 3);
    let count = people.your_words.at(&words, 0);
    let rest = words.get(count).filter(|_| count > 0).and_then(|word| before.get(word.start..));
    rest.unwrap_or(before)
}

/// Where the last words end that make the number behind them the writer's.
pub(super) fn mine(words: &PhoneWords, before: &str, theirs: Option<usize>) -> Option<usize> {
    // "my wife or me, me is +34 655 …"
    let bare = before.trim_end_matches(|c: char| !c.is_alphanumeric());
    if words.myself.last_end(bare) == Some(bare.len()) {
        return Some(before.len());
    }
    let mine = words.mine.last_end(before)?;
    // "U kunt mij bellen, mijn vrouw neemt niet op: 0593 …"
    let unreached = theirs.and_then(|end| before.get(end..)).is_some_and(|rest| words.unreached.found(rest));
    Some(if unreached { before.len() } else { mine })
}

/// Has the sentence before a number ended? "… dat mag niet. 0529 55 08 12", but not "tel. 0529 …".
pub(super) fn ended(before: &str, is_label: impl Fn(&str) -> bool) -> bool {
    let said = before.trim_end();
    let word = said.trim_end_matches(['.', '!', '?']);
    let last = word.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    said.len() < before.len() && word.len() < said.len() && !ends_abbreviated(last) && !is_label(last)
}

/// Where the last mention of a colleague or relative ends ("onze nieuwe praktijkondersteuner").
fn colleague(view: &View, before: &str) -> Option<usize> {
    let people = &view.context.rules.people;
    let words = people.words(before, 60);
    let owned = |at: usize| people.own_words.at(&words, at).max(people.their_words.at(&words, at));
    let role = |at: usize| {
        let roles = [&people.roles, &people.passing_roles, &people.relations];
        roles
            .iter()
            .map(|roles| roles.at(&words, at))
            .max()
            .filter(|count| *count > 0)
            .map(|count| at + count)
    };
    (0..words.len())
        .filter_map(|at| {
            let next = at + owned(at);
            let end = (next > at).then(|| role(next).or_else(|| role(next + 1)))??;
            words.get(end.checked_sub(1)?).map(|word| word.end)
        })
        .next_back()
}

/// "Ook bereikbaar via mijn dochter (06…", right before a number in a signature.
pub(super) fn of_a_relative(view: &View, before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default();
    colleague(view, line)
        .is_some_and(|end| line.get(end..).is_some_and(|rest| !rest.contains(char::is_alphanumeric)))
}

/// Where the name of somebody with a title ends who is set before the number: "de heer Pinas (06…",
/// "dr. Holt, 06…".
fn somebody(view: &View, before: &str) -> Option<usize> {
    let people = &view.context.rules.people;
    let open = before.trim_end().strip_suffix(['(', ',', ':'])?;
    let words = people.words(open, 60);
    let last = words.len().checked_sub(1)?;
    let named = |at: usize| {
        let from = people.behind_titles(&words, at);
        from > at && people.shape(&words, from, Case::Prose).is_some_and(|shape| shape.to == last + 1)
    };
    let surname = words.get(last)?;
    let own = people.is_surname_of(surname, view.message.author());
    (!own && (last.saturating_sub(5)..last).any(named)).then_some(before.len())
}

/// Where the words end that say how somebody named is reached: "Tineke is tot vanavond bereikbaar op".
fn reached(view: &View, before: &str) -> Option<usize> {
    let people = &view.context.rules.people;
    let reached = &view.context.rules.fields.phone.reached;
    let from = reached.last_end(before)?;
    let words = people.words(before, 60);
    let is_named = |at: usize| {
        let Some(word) = words.get(at).filter(|word| word.is_capital() && people.is_given(word)) else {
            return false;
        };
        let end = people.shape(&words, at, Case::Prose).map_or(at + 1, |shape| shape.to);
        let rest = words.get(end.saturating_sub(1)).and_then(|last| before.get(last.end..));
        !people.is_surname_of(word, view.message.author())
            && rest.is_some_and(|rest| reached.begins_within(rest, 0))
    };
    (0..words.len()).any(is_named).then_some(from)
}

/// Without the brackets that belong to the number before: "(van mijn man) of ".
pub(super) fn behind_bracket(before: &str, is_second: bool) -> &str {
    let inner = before.trim_start().strip_prefix('(').filter(|_| is_second);
    inner.and_then(|inner| inner.split_once(')')).map_or(before, |(_, rest)| rest)
}

/// What stands in brackets right behind a number: "0514 55 02 77 (praktijk)".
pub(super) fn bracket(after: &str) -> &str {
    let inner = after.trim_start().strip_prefix('(').and_then(|inner| inner.split_once(')'));
    inner.map_or("", |(inner, _)| inner)
}

/// The next sentence, where it speaks of the number before: "06 … Dat nummer heb ik niet meer."
pub(super) fn said_back<'t>(words: &PhoneWords, text: &'t str, at: usize, end: usize) -> &'t str {
    let rest = text.get(at..end.max(at)).unwrap_or_default();
    let next = rest.strip_prefix(['.', '!']).unwrap_or_default();
    if !words.said_back.begins_within(next, 0) {
        return "";
    }
    next.split(['.', '!', '?']).next().unwrap_or_default()
}

/// Is one number put in the place of another between these words: "06 … moet zijn 06 …"?
pub(super) fn corrects(words: &PhoneWords, between: Option<&str>) -> bool {
    between.is_some_and(|between| between.len() <= CORRECTION && words.corrected.found(between))
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// What is said of a number before the next one is spoken of.
pub(super) fn until_join<'t>(words: &PhoneWords, after: &'t str) -> &'t str {
    // "0497 … maar die lijn is opgezegd"
    let goes_back = |end: usize| {
        let rest = after.get(end..).unwrap_or_default();
        let join = words.joins.all(rest).next().filter(|join| rest.get(..join.start).is_some_and(is_blank));
        let behind = rest.get(join.map_or(0, |join| join.end)..).unwrap_or_default();
        words.said_back.begins_within(behind, 0)
    };
    let comma = after.match_indices([',', '/']).map(|(at, _)| at).find(|at| !goes_back(at + 1));
    let mut joins = words.joins.all(after);
    let join = joins.find(|join| !goes_back(join.end)).map(|join| join.start);
    // "… (the practice line, 043-…)" tells of the number within.
    let bracket = after.find('(').filter(|open| after.get(*open..).is_some_and(|rest| !rest.contains(')')));
    let cut = [comma, join, bracket].into_iter().flatten().min().unwrap_or(after.len());
    after.get(..cut).unwrap_or(after)
}

/// Said not to be in use, and nothing else said since ("… no longer works, use 06…"), nor of the number
/// before ("040 … heeft geen zin, 06 … wel").
pub(super) fn gone(words: &PhoneWords, before: &str, is_second: bool) -> bool {
    // "mijn vrouw neemt niet op: 0593 …" is said of her.
    let person = words.unreached.last_end(before);
    let said = words.gone.last_end(before).max(words.gone_before.last_end(before));
    let said = said.filter(|end| person != Some(*end));
    // In a mail without full stops what was said far before is of something else.
    let since = said.filter(|end| before.len() - end <= REACH).and_then(|end| before.get(end..));
    since.is_some_and(|since| {
        // "code werkt niet. bel 06 …"
        let ends = |(at, end): (usize, &str)| {
            let rest = since.get(at + end.len()..).unwrap_or_default();
            rest.starts_with(char::is_whitespace) && rest.contains(char::is_alphabetic)
        };
        let mut parts = since.split(',').skip(1);
        let goes_on = since.match_indices(['.', '!', '?', ';']).any(ends)
            || parts.any(|part| is_second || part.contains(char::is_alphabetic));
        // "Ik werk niet meer dus bel wanneer u wilt, 0174 …"
        !goes_on && !words.turns.found(since)
    })
}
