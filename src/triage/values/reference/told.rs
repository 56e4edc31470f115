//! What the words around a code tell of it: right before it, behind it, or sentences earlier.

use super::super::super::fields::Field;
use super::super::super::reading::View;
use super::super::context::{sentence_after, sentence_before};
use super::super::labels::fold;
use super::token::Token;
use super::{Reference, words_in};

/// Bytes before a number in which invoices are told of.
const REACH_BACK: usize = 400;

/// "Het gaat om HA-26-0903", "number 26-0413 is the one", behind a sentence about invoices, which the
/// subject may be.
pub(super) fn told_of_before(rules: &Reference, text: &str, subject: &str, token: &Token) -> bool {
    let Some(before) = text.get(..token.span.start) else { return false };
    let back =
        before.get(before.ceil_char_boundary(before.len().saturating_sub(REACH_BACK))..).unwrap_or_default();
    let last: Vec<&str> = back.split_whitespace().rev().take(4).collect();
    let phrase = |words: &[&str]| fold(&words.iter().rev().copied().collect::<Vec<_>>().join(" "));
    let mut phrases = (1..=last.len()).filter_map(|count| last.get(..count)).map(phrase);
    let mut points =
        || phrases.any(|phrase| rules.pointing.contains(&phrase) || rules.number_words.contains(&phrase));
    // "Nummer is 2026…"
    let named = || {
        let [filler, number, ..] = last.as_slice() else { return false };
        rules.between.contains(&fold(filler)) && rules.number_words.contains(&fold(number))
    };
    let told = || [back, subject].iter().any(|told| rules.near.last_end(told).is_some());
    if token.plain() && !token.begins_with_year() {
        let others = rules.not_after.found(back) || rules.not_after.found(subject);
        return token.digits() > 4 && is_all_there_is(rules, text, token) && told() && !others;
    }
    (points() || named()) && told()
}

/// "Nr. 610317", "Het nummer is 610317", "Het gaat om het nummer 610317": nothing else stands in the sentence before it.
fn is_all_there_is(rules: &Reference, text: &str, token: &Token) -> bool {
    let before = text.get(sentence_before(text, token.span.start, 0)).unwrap_or_default();
    let words: Vec<String> = before.split_whitespace().map(fold).filter(|word| !word.is_empty()).collect();
    let Some(at) = words.iter().rposition(|word| rules.number_words.contains(word)) else { return false };
    let (front, rest) = words.split_at(at + 1);
    let front = front.concat();
    let pointed = || {
        let fronts = rules.number_words.iter().filter_map(|number| front.strip_suffix(number.as_str()));
        fronts.into_iter().any(|front| rules.pointing.iter().any(|phrase| phrase == front))
    };
    rest.iter().all(|word| rules.between.contains(word)) && (rules.number_words.contains(&front) || pointed())
}

/// Is the code the whole subject of a mail to where people ask about such things?
pub(super) fn is_the_subject(view: &View, field: &Field, token: &Token) -> bool {
    let rest = view.message.subject.rsplit(": ").next().unwrap_or_default();
    let rest: String = rest.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect();
    let asked =
        view.context.rules.inquiries.iter().any(|inquiry| {
            inquiry.id == view.context.mailbox.inquiry && inquiry.mandatory.contains(&field.id)
        });
    asked && !token.plain() && rest == token.value
}

/// Does a word speak of a code that stands so far behind it? "Mijn dossiernummer bij de verzekeraar IS …"
pub(super) fn is_near(rules: &Reference, gap: Option<&str>) -> bool {
    let last = gap.and_then(|gap| gap.split_whitespace().next_back()).map(fold);
    let leads = last.is_some_and(|last| rules.between.contains(&last));
    words_in(gap) <= if leads { 6 } else { 3 }
}

/// Do the words around a code say that it is likely not the one meant? "niet om 2026-00123", "vervangt
/// 2026-00123", "de vorige factuur 2026-00123", "2026-00123 is betaald"
pub(super) fn less_likely(rules: &Reference, before: &str, near: Option<usize>, behind: &str) -> bool {
    // Of a number that stands between they are said, not of this one.
    let own = |end: &usize| before.get(*end..).is_some_and(|gap| !gap.contains(|c: char| c.is_ascii_digit()));
    let of_its_name = || {
        let end = near.filter(own)?;
        let part = before.get(..end)?;
        rules.less_after.last_end(part).filter(|at| words_in(part.get(*at..)) <= 3 && own(at))
    };
    let right_before = || {
        let end = rules.less_after.last_end(before)?;
        (words_in(before.get(end..)) <= 1 && !points(rules, before)).then_some(end)
    };
    // "A is fine, B is not": what is said behind another number is said of that. The day of a payment is none.
    let behind = until_number(behind);
    let settled = || {
        let found = rules.less_before.all(behind).next()?;
        let between = behind.get(..found.start)?;
        // "nog niet is voldaan"
        let still = rules.denials.last_end(between).is_some_and(|end| words_in(between.get(end..)) <= 1);
        (words_in(Some(between)) <= 8 && !still).then_some(0)
    };
    of_its_name().or_else(right_before).or_else(settled).is_some()
}

/// The text before the next word with more digits than a day has.
fn until_number(text: &str) -> &str {
    const DAY: usize = 2;
    let digits = |word: &str| word.bytes().filter(u8::is_ascii_digit).count();
    let number = text.split_whitespace().find(|word| digits(word) > DAY);
    number.and_then(|word| text.split_once(word)).map_or(text, |(before, _)| before)
}

/// "Mijn vraag gaat over de andere:", at the end of a text.
fn points(rules: &Reference, before: &str) -> bool {
    let last: Vec<&str> = before.split_whitespace().rev().take(5).collect();
    let phrase = |words: &[&str]| fold(&words.iter().rev().copied().collect::<Vec<_>>().join(" "));
    (2..=4).any(|count| {
        last.get(..count).is_some_and(|words| rules.pointing.contains(&phrase(words)))
            && last.get(count).is_none_or(|word| rules.less_after.last_end(word).is_none())
    })
}

/// Added to one that is asked about in so many words, among others that are only named.
pub(super) const ASKED: i32 = 8;
/// Words between those and the word for the thing itself.
const ASKED_REACH: usize = 3;

/// "Mijn vraag gaat alleen over factuur 2026-00123"
pub(super) fn is_asked_about(rules: &Reference, before: &str, near: Option<usize>) -> bool {
    let name = near.and_then(|end| before.get(..end)).and_then(|name| {
        let start = rules.near.all(name).last()?.start;
        name.get(..start)
    });
    let asked = name.and_then(|front| Some((front, rules.asked.last_end(front)?)));
    // "een rekening van u gekregen, KS-2026-20417"
    let of_ours = near.and_then(|end| before.get(end..)).is_some_and(|gap| rules.ours.begins_within(gap, 1));
    of_ours
        || asked.is_some_and(|(front, end)| {
            let gap = front.get(end..);
            words_in(gap) <= ASKED_REACH && gap.is_some_and(|gap| !rules.less_after.found(gap))
        })
}

/// Score where anything but a word for "number" right before the code stands between.
pub(super) const LOOSE: i32 = 80;

/// Score where nothing but fillers, or a word for "number", stands between.
pub(super) fn joined(rules: &Reference, gap: &str) -> Option<i32> {
    let words: Vec<String> = gap
        .split(|c: char| c.is_whitespace() || ":()#=,\"'".contains(c))
        .map(fold)
        .filter(|word| !word.is_empty())
        .collect();
    if words.iter().all(|word| rules.between.contains(word) || rules.number_words.contains(word)) {
        return Some(86);
    }
    let last = words.last().is_some_and(|last| rules.number_words.contains(last));
    (last && !rules.denials.found(gap)).then_some(LOOSE)
}

/// "Er staat geen factuurnummer op de brief": right before the word for it stands that there is none.
pub(super) fn denied(rules: &Reference, before: &str, near: Option<usize>) -> bool {
    let Some((name, gap)) = near.map(|end| before.split_at(end)) else { return false };
    // Behind another number it was said of that.
    if gap.contains(|c: char| c.is_ascii_digit()) {
        return false;
    }
    rules.near.all(name).last().is_some_and(|found| {
        let front = name.get(..found.start).unwrap_or_default();
        rules.denials.last_end(front).is_some_and(|end| words_in(front.get(end..)) == 0)
    })
}

/// "Het factuurnummer volgens de brief is 2610417": behind a word for the number of an invoice a few
/// others may stand, as long as they neither deny nor begin anew.
pub(super) fn numbered(rules: &Reference, before: &str, near: Option<usize>) -> bool {
    let Some((name, gap)) = near.map(|end| before.split_at(end)) else { return false };
    let named = name.split(|c: char| !c.is_alphanumeric() && c != '.').next_back().map(fold);
    let says_number = |word: String| rules.number_words.iter().any(|number| word.ends_with(number.as_str()));
    named.is_some_and(says_number)
        && words_in(Some(gap)) <= 6
        && !gap.contains([',', ';', '?'])
        && !gap.contains(|c: char| c.is_ascii_digit())
        && !rules.less_after.found(gap)
        && !rules.denials.found(gap)
}

/// "26-03391 is het factuurnummer", "F26/40228 staan, dat is jullie factuurnummer"
pub(super) fn named_behind(rules: &Reference, text: &str, token: &Token) -> bool {
    let after = text.get(sentence_after(text, token.span.end, text.len())).unwrap_or_default();
    let first = rules.near.all(after).next();
    first.is_some_and(|found| {
        let gap = after.get(..found.start).unwrap_or_default();
        let filled = || {
            gap.split(|c: char| c.is_whitespace() || c == ',')
                .map(fold)
                .filter(|word| !word.is_empty())
                .all(|word| rules.between.contains(&word))
        };
        let words = words_in(Some(gap));
        let says_number = || {
            let name = fold(after.get(found.clone()).unwrap_or_default());
            rules.number_words.iter().any(|number| name.ends_with(number.as_str()))
        };
        words <= 2 && !gap.contains(',') && filled() || words <= 8 && says_number() && filled()
    })
}

/// "Ha, 26-F-9031 is naar mijn oude adres gegaan": the first that a mail says whose subject is "factuur".
pub(super) fn opens_below_the_subject(rules: &Reference, text: &str, subject: &str, token: &Token) -> bool {
    /// Words, and bytes, of a greeting.
    const GREETING: (usize, usize) = (2, 40);
    !token.plain()
        && token.value.contains(char::is_alphabetic)
        && token.span.start <= GREETING.1
        && words_in(text.get(..token.span.start)) <= GREETING.0
        && rules.near.is_whole(subject)
}

/// "Vandaag krijg ik KB-26-01-052", sentences behind "nota's" or below a subject that speaks of one: a code
/// that nothing else is said of.
pub(super) fn amid_talk_of_one(rules: &Reference, text: &str, subject: &str, token: &Token) -> bool {
    let back = text.get(..token.span.start).unwrap_or_default();
    let back = back.get(back.ceil_char_boundary(back.len().saturating_sub(REACH_BACK))..).unwrap_or_default();
    // "Q1-2026" and "week 40-2026" are times.
    let whole = text.get(token.span.clone()).is_some_and(|code| !code.contains(char::is_whitespace));
    let begins = |letters: usize| token.value.chars().take_while(|c| c.is_alphabetic()).count() >= letters;
    // "Kenmerk van die brief is WIK-55301"
    let sentence = text.get(sentence_before(text, token.span.start, 0)).unwrap_or_default();
    let named = rules.not_after.found(sentence)
        || sentence.split_whitespace().any(|word| rules.number_words.contains(&fold(word)));
    whole && begins(2) && !named && [back, subject].iter().any(|told| rules.near.found(told))
}

/// A code on a line of its own in a mail whose subject is "factuur".
pub(super) fn alone_below_the_subject(rules: &Reference, text: &str, subject: &str, token: &Token) -> bool {
    let line = |part: Option<&str>, last: bool| {
        let mut lines = part.unwrap_or_default().split('\n');
        let line = if last { lines.next_back() } else { lines.next() };
        line.is_none_or(|line| fold(line).is_empty())
    };
    !token.plain()
        && line(text.get(..token.span.start), true)
        && line(text.get(token.span.end..), false)
        && rules.near.found(subject)
        && !rules.not_after.found(subject)
}
