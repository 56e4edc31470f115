//! What a code is taken for by its looks, its label and the words around it, and how surely.

use super::super::super::fields::{Field, Source};
use super::super::super::reading::View;
use super::super::super::text::Zone;
use super::super::context::{sentence_after, sentence_before, words_before};
use super::super::labels::{Labelled, Shape, fold};
use super::token::Token;
use super::told::{
    ASKED, LOOSE, alone_below_the_subject, amid_talk_of_one, denied, is_asked_about, is_near, is_the_subject,
    joined, less_likely, named_behind, numbered, opens_below_the_subject, told_of_before,
};
use super::{AMID_TALK, IS_SETTLED, REACH, Reference, less_by_settled, words_in};

/// Digits of an amount that somebody writes without a sign for it.
const MOST_OF_AN_AMOUNT: usize = 5;

/// What stands around a code.
struct Around<'t> {
    before: &'t str,
    behind: &'t str,
    /// Where the last word for the thing itself ends in `before`.
    near: Option<usize>,
    /// It needs no word to be known.
    strong: bool,
    label: Option<&'t Labelled>,
}

/// What the words around a code say of it; `None`: nothing.
pub(super) fn judge(
    view: &View,
    field: &Field,
    source: &Source,
    text: &str,
    token: &Token,
) -> Option<(i32, String)> {
    let rules = &field.reference;
    let before = text.get(sentence_before(text, token.span.start, 0))?;
    let label = view.labels.iter().find(|label| {
        label.source == *source && label.field == field.id && label.value.contains(&token.span.start)
    });
    let around = Around {
        before,
        behind: text.get(sentence_after(text, token.span.end, text.len())).unwrap_or_default(),
        near: rules.near.last_end(before).filter(|end| before.len() - end <= REACH),
        strong: rules.strong.iter().any(|regex| regex.is_match(&token.value)),
        label: label
            .filter(|label| first_word(view, rules, text, label, token) && !of_another(rules, text, label)),
    };
    if around.label.is_none() && (is_another(rules, &around, token) || case_number(view, text, token)) {
        return None;
    }
    let (score, why) = score(view, field, source, text, token, &around)?;
    if less_likely(rules, before, around.near, around.behind) {
        return Some((less_by_settled(score), why + IS_SETTLED));
    }
    Some((score, why))
}

/// Do the words before it, or its own first letters, say that a code is the number of something else?
fn is_another(rules: &Reference, around: &Around, token: &Token) -> bool {
    let Around { before, near, strong, .. } = *around;
    // The end of "ggz-consult" is no consult's number.
    let whole = |start: usize| !before.get(..start).unwrap_or_default().ends_with('-');
    let parted = |end: usize| strong && before.get(end..).is_some_and(|gap| rules.apart.found(gap));
    let other = rules.not_after.all(before).filter(|found| whole(found.start)).last();
    let other = other.filter(|found| is_near(rules, before.get(found.end..)) && !parted(found.end));
    // "vanaf rekening" is more than "rekening", "credit factuur" more than "factuur".
    let wins = other.is_some_and(|other| {
        Some(other.end) > near
            || Some(other.end) == near
                && rules.near.all(before).last().is_some_and(|it| other.start < it.start)
    });
    // "de rekening van 1250"
    let short = token.plain() && token.digits() <= MOST_OF_AN_AMOUNT;
    let amount = short && rules.amounts.last_end(before).is_some_and(|end| words_in(before.get(end..)) == 0);
    let letters: String = token.value.chars().take_while(|c| c.is_alphabetic()).collect();
    let named = near.is_some_and(|end| words_in(before.get(end..)) <= 1);
    wins || amount || !named && rules.others.contains(&fold(&letters))
}

/// How likely a code is the value, and why.
fn score(
    view: &View,
    field: &Field,
    source: &Source,
    text: &str,
    token: &Token,
    around: &Around,
) -> Option<(i32, String)> {
    let rules = &field.reference;
    let Around { before, behind, near, strong, label } = *around;
    let gap = near.and_then(|end| before.get(end..));
    let subject = &view.message.subject;
    if let Some(label) = label {
        return Some((90, format!("label '{}'", text.get(label.label.clone()).unwrap_or_default())));
    }
    let (score, why) = if strong && is_the_one(rules, behind) {
        (92, "said to be the one")
    } else if let Some(how) =
        gap.and_then(|gap| joined(rules, gap)).filter(|how| *how > LOOSE || !denied(rules, before, near))
    {
        let asked = how > LOOSE && is_asked_about(rules, before, near);
        (if asked { how + ASKED } else { how }, "the words before it")
    } else if !denied(rules, before, near) && numbered(rules, before, near) {
        (78, "a few words behind its name")
    } else if strong {
        (74, "looks like one")
    } else if named_behind(rules, text, token) {
        (75, "the words behind it")
    } else if near.is_some()
        && !denied(rules, before, near)
        && !token.plain()
        && token.digits() > 4
        && !token.value.contains(' ')
        && !spaced(text, token)
    {
        (62, "in a sentence about one")
    } else if !denied(rules, before, near) && told_of_before(rules, text, subject, token) {
        (72, "the invoice told of before")
    } else if is_the_subject(view, field, token) {
        (70, "the subject is nothing else")
    } else if *source == Source::Body && alone_below_the_subject(rules, text, subject, token) {
        (70, "alone below a subject about one")
    } else if *source == Source::Body && opens_below_the_subject(rules, text, subject, token) {
        (66, "the first that a mail about one says")
    } else if amid_talk_of_one(rules, text, subject, token) {
        (58, AMID_TALK)
    } else {
        return None;
    };
    Some((score, why.to_owned()))
}

/// "26/118834, daar gaat het om", with no other number between.
fn is_the_one(rules: &Reference, behind: &str) -> bool {
    let behind = behind.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default();
    rules.more_before.begins_within(behind, 2)
}

/// Blanks that are not just room around its slashes.
fn spaced(text: &str, token: &Token) -> bool {
    text.get(token.span.clone()).is_some_and(|written| {
        written.split(['/', '-']).any(|part| part.trim().contains(char::is_whitespace))
    })
}

/// "PO on invoice: 4500", "De rekening van patiënt 3301882"
fn of_another(rules: &Reference, text: &str, label: &Labelled) -> bool {
    let before = text.get(words_before(text, label.label.start, 0, 2)).unwrap_or_default();
    let written = text.get(label.label.clone()).unwrap_or_default();
    let ends = |end: usize| written.get(end..).is_some_and(|rest| fold(rest).is_empty());
    label.shape == Shape::Inline && rules.not_after.last_end(before).is_some()
        || rules.not_after.last_end(written).is_some_and(ends)
            && !rules.near.last_end(written).is_some_and(ends)
}

/// Is the code what the label asks for, and not something further on in its value?
fn first_word(view: &View, rules: &Reference, text: &str, label: &Labelled, token: &Token) -> bool {
    // What a quoted letter asks is answered in sentences: "Boven in de hoek staat …".
    let asked = label.source == Source::Body
        && matches!(view.sections.zone_at(label.label.start), Zone::QuotedOurs | Zone::QuotedOther);
    let most = if asked { 8 } else { 3 };
    let between = text.get(label.value.start..token.span.start);
    between.is_some_and(|between| {
        words_in(Some(between)) <= most
            && !between.contains(|c: char| c.is_ascii_digit())
            // "in rekening: holter met serienummer HK-20931"
            && !rules.not_after.found(between)
    })
}

/// One of our own case numbers: the prefix of an inquiry, the year and six digits; or any code in
/// the square brackets that our subjects put them in.
fn case_number(view: &View, text: &str, token: &Token) -> bool {
    let bracketed = text.get(..token.span.start).is_some_and(|before| before.ends_with('['))
        && text.get(token.span.end..).is_some_and(|after| after.starts_with(']'));
    bracketed
        || view.context.rules.inquiries.iter().any(|inquiry| {
            let rest = token.value.strip_prefix(&inquiry.case_prefix.to_uppercase());
            rest.and_then(|rest| rest.strip_prefix('-')).and_then(|rest| rest.split_once('-')).is_some_and(
                |(year, number)| {
                    let digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
                    year.len() == 4 && number.len() == 6 && digits(year) && digits(number)
                },
            )
        })
}
