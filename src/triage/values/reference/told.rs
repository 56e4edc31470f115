//! What the words around a code tell of it: right before it, behind it, or sentences earlier.

use super::super::super::fields::Field;
use super::super::super::reading::View;
use super::super::context::sentence_after;
use super::super::labels::fold;
use super::token::Token;
use super::{Reference, words_in};

/// Bytes before a number in which invoices are told of.
const REACH_BACK: usize = 400;

/// "Het gaat om HA-26-0903", "number 26-0413 is the one", behind a sentence about invoices, which the
/// subject may be.
pub(super) fn told_of_before(rules: &Reference, text: &str, subject: &str, token: &Token) -> bool {
    let Some(before) = text.get(..token.span.start) else { return false };
    let back = before.get(floor(before, REACH_BACK)..).unwrap_or_default();
    let last: Vec<&str> = back.split_whitespace().rev().take(4).collect();
    let phrase = |words: &[&str]| fold(&words.iter().rev().copied().collect::<Vec<_>>().join(" "));
    let mut phrases = (1..=last.len()).filter_map(|count| last.get(..count)).map(phrase);
    let points = phrases.any(|phrase| {
        !token.plain() && rules.pointing.contains(&phrase) || rules.number_words.contains(&phrase)
    });
    // "Nummer is 2026…"
    let named = || {
        let [filler, number, ..] = last.as_slice() else { return false };
        rules.between.contains(&fold(filler)) && rules.number_words.contains(&fold(number))
    };
    (points || named()) && [back, subject].iter().any(|told| rules.near.last_end(told).is_some())
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

/// The start of the last `most` bytes, at a character.
fn floor(text: &str, most: usize) -> usize {
    let mut at = text.len().saturating_sub(most);
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// Does a word speak of a code that stands so far behind it? "Mijn dossiernummer bij de verzekeraar IS …"
pub(super) fn is_near(rules: &Reference, gap: Option<&str>) -> bool {
    let last = gap.and_then(|gap| gap.split_whitespace().next_back()).map(fold);
    let leads = last.is_some_and(|last| rules.between.contains(&last));
    words_in(gap) <= if leads { 6 } else { 3 }
}

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
    words.last().is_some_and(|last| rules.number_words.contains(last)).then_some(80)
}

/// "26-03391 is het factuurnummer"
pub(super) fn named_behind(rules: &Reference, text: &str, token: &Token) -> bool {
    let after = text.get(sentence_after(text, token.span.end, text.len())).unwrap_or_default();
    let first = rules.near.all(after).next();
    first.is_some_and(|found| {
        let gap = after.get(..found.start()).unwrap_or_default();
        words_in(Some(gap)) <= 2
            && !gap.contains(',')
            && gap.split_whitespace().map(fold).all(|word| rules.between.contains(&word))
    })
}
