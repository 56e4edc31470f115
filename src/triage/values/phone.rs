//! Phone numbers of the writer, by libphonenumber behind a candidate finder of our own.
//!
//! A number is only a candidate where the words around it do not give it to somebody else, and
//! never where the writer asks not to be called. Numbers are made of digits: letters typed in
//! their place are not guessed.

mod scan;

use std::ops::Range;

use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;

use super::super::fault::{Fault, Place};
use super::super::fields::{Candidate, Evidence, Kind, Source, Value, pattern};
use super::super::reading::View;
use super::super::text::Zone;
use super::context::{Phrases, sentence_after, sentence_before, words_before};
use super::labels::fold;
use scan::{Form, Number};

/// Zones whose numbers can be the writer's.
const ZONES: [Zone; 3] = [Zone::Own, Zone::Signature, Zone::OwnEarlier];
/// Numbers of one mail that are looked at.
const MOST_NUMBERS: usize = 200;

/// `[phone]` of `rules/fields.toml`: words that tell whose a number is.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PhoneRules {
    /// Words that make a number the writer's: `["mijn nummer", "bel mij op"]`. The nearest before
    /// the number decides between these and `others`.
    pub mine: Vec<String>,
    /// Words that make a number somebody else's: `["mijn huisarts*", "van hem"]`; `*` stands for
    /// more letters.
    pub others: Vec<String>,
    /// Words right before a number that is not for calling: `["fax", "bsn"]`.
    pub not_calls: Vec<String>,
    /// Words that say that a number is not in use or not to be used: `["oude nummer"]`.
    pub gone: Vec<String>,
    /// Words of the number that a person would rather be called at: `["direct", "mobiel"]`.
    pub preferred: Vec<String>,
    /// Words of the number to be called when there is no better one: `["algemeen"]`.
    pub general: Vec<String>,
    /// Regular expressions of sentences that ask not to be called at all.
    pub refusals: Vec<String>,
}

/// [`PhoneRules`], ready to use.
#[derive(Debug, Default)]
pub struct PhoneWords {
    mine: Phrases,
    others: Phrases,
    not_calls: Phrases,
    gone: Phrases,
    preferred: Phrases,
    general: Phrases,
    refusals: Vec<Regex>,
}

impl PhoneWords {
    /// Faults are added to `faults`.
    pub fn compile(rules: &PhoneRules, faults: &mut Vec<Fault>) -> Self {
        let place = |key: &str| Place::default().key("phone").key(key);
        let mut phrases = |list: &[String], key: &str| Phrases::compile(list, &place(key), faults);
        Self {
            mine: phrases(&rules.mine, "mine"),
            others: phrases(&rules.others, "others"),
            not_calls: phrases(&rules.not_calls, "not_calls"),
            gone: phrases(&rules.gone, "gone"),
            preferred: phrases(&rules.preferred, "preferred"),
            general: phrases(&rules.general, "general"),
            refusals: rules
                .refusals
                .iter()
                .enumerate()
                .filter_map(|(i, text)| pattern(text, place("refusals").index(i), faults))
                .collect(),
        }
    }
}

/// Adds a candidate for each number that may be the writer's.
pub fn find(view: &View, out: &mut Vec<Candidate>) {
    let fields: Vec<&str> =
        view.context.rules.fields.of_kind(Kind::Phone).map(|field| field.id.as_str()).collect();
    if fields.is_empty() {
        return;
    }
    let refused = refuses(view);
    let organisation: Vec<String> = view
        .context
        .rules
        .organisation
        .phones
        .iter()
        .flat_map(|phone| scan::numbers(phone, 1))
        .map(|number| number.value)
        .collect();
    for (source, text) in [(Source::Body, &view.message.text), (Source::Subject, &view.message.subject)] {
        let numbers = scan::numbers(text, MOST_NUMBERS);
        let mut floor = 0;
        for (index, number) in numbers.iter().enumerate() {
            let ceiling = numbers.get(index + 1).map_or(text.len(), |next| next.span.start);
            let judged = judge(view, &source, text, number, floor..ceiling);
            floor = number.span.end;
            let Some(mut verdict) = judged else { continue };
            if organisation.contains(&number.value) {
                verdict = Verdict::lost("a number of our own");
            } else if refused && !verdict.asked {
                verdict = Verdict::lost("asks not to be called");
            }
            out.extend(fields.iter().map(|field| candidate(field, &source, text, number, &verdict)));
        }
    }
}

/// Does the writer ask not to be called?
fn refuses(view: &View) -> bool {
    let refusals = &view.context.rules.fields.phone.refusals;
    view.sections
        .of(&[Zone::Own])
        .filter_map(|section| view.message.text.get(section.span.clone()))
        .any(|own| refusals.iter().any(|refusal| refusal.is_match(own)))
}

/// What the words around a number say of it.
#[derive(Debug, Clone)]
struct Verdict {
    score: i32,
    why: String,
    /// The writer asks to be called at this one.
    asked: bool,
}

impl Verdict {
    fn lost(why: &str) -> Self {
        Self { score: 0, why: why.to_owned(), asked: false }
    }
}

/// `None`: no phone number at all. `room` is what lies between the numbers beside this one.
fn judge(view: &View, source: &Source, text: &str, number: &Number, room: Range<usize>) -> Option<Verdict> {
    let words = &view.context.rules.fields.phone;
    let zone = match source {
        Source::Body => view.sections.zone_at(number.span.start),
        _ => Zone::Own,
    };
    if !ZONES.contains(&zone) {
        return None;
    }
    let label = label(view, source, text, number)?;
    let doubtful = number.form == Form::Bare || !number.valid && !number.plus;
    if label.is_none() && doubtful || in_iban(text, &number.span) {
        return None;
    }
    let near = text.get(words_before(text, number.span.start, room.start, 3))?;
    let before = text.get(sentence_before(text, number.span.start, room.start))?;
    let after = text.get(sentence_after(text, number.span.end, room.end))?;
    if not_for_calling(view, near) {
        return Some(Verdict::lost("not for calling"));
    }
    if gone(words, before) || words.gone.found(after) {
        return Some(Verdict::lost("said not to be in use"));
    }
    let mine = words.mine.last_end(before);
    let theirs = words.others.last_end(before);
    if zone != Zone::Signature && (theirs > mine || mine.is_none() && words.others.found(after)) {
        return Some(Verdict::lost("somebody else's"));
    }
    Some(weigh(words, number, zone, label.as_deref(), near, after, mine.is_some()))
}

/// Is the last word before the number one of a fax, an account, a dossier …? "tel/fax" is not.
fn not_for_calling(view: &View, near: &str) -> bool {
    let last = near.split_whitespace().last().unwrap_or_default();
    let words = &view.context.rules.fields.phone;
    words.not_calls.last_end(near).is_some_and(|end| {
        let both = last.contains('/') && says_phone(view, last);
        !both && !says_phone(view, near.get(end..).unwrap_or_default())
    })
}

/// Said not to be in use, and nothing else said since ("… no longer works, use 06…").
fn gone(words: &PhoneWords, before: &str) -> bool {
    let since = words.gone.last_end(before).and_then(|end| before.get(end..));
    since.is_some_and(|since| !since.split(',').skip(1).any(|part| part.contains(char::is_alphabetic)))
}

fn weigh(
    words: &PhoneWords,
    number: &Number,
    zone: Zone,
    label: Option<&str>,
    near: &str,
    after: &str,
    mine: bool,
) -> Verdict {
    let preferred = words.preferred.found(near) || words.preferred.found(after);
    let mut score = if label.is_some() { 85 } else { 75 };
    score += if mine { 5 } else { 0 } + if number.mobile { 3 } else { 0 } + if preferred { 12 } else { 0 };
    score -= if words.general.found(near) { 4 } else { 0 };
    score -= if zone == Zone::OwnEarlier { 12 } else { 0 } + if number.valid { 0 } else { 20 };
    let why = match (label, zone) {
        (Some(label), _) => format!("label '{label}'"),
        (None, Zone::Signature) => "in the signature".to_owned(),
        (None, Zone::OwnEarlier) => "in an earlier mail of the writer".to_owned(),
        (None, _) => "in the writer's own words".to_owned(),
    };
    Verdict { score: score.min(100), why, asked: mine || preferred || label.is_some() }
}

/// The label of a number: one of the labels of the mail, or the word it is glued to or stands
/// behind. The outer `None`: it is glued to a word that is no label ("F0612345678").
#[expect(
    clippy::option_option,
    reason = "the outer says that it is no number, the inner that it has no label"
)]
fn label(view: &View, source: &Source, text: &str, number: &Number) -> Option<Option<String>> {
    let labelled = view.labels.iter().find(|label| {
        label.source == *source
            && label.value.contains(&number.span.start)
            && view.context.rules.fields.get(&label.field).is_some_and(|field| field.kind == Kind::Phone)
    });
    if let Some(found) = labelled {
        return Some(text.get(found.label.clone()).map(str::to_owned));
    }
    let before = text.get(..number.span.start)?;
    let glued =
        before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '/' | '@' | '#' | '€' | '='));
    let word = words_before(text, number.span.start, 0, 1);
    let word = text.get(word)?.trim_end_matches(|c: char| c.is_whitespace() || ".:-(".contains(c));
    let known = says_phone(view, word);
    match (known, glued) {
        (true, _) => Some(Some(word.to_owned())),
        (false, true) => None,
        (false, false) => Some(None),
    }
}

/// Is the last word a label of a phone?
fn says_phone(view: &View, words: &str) -> bool {
    let fields = &view.context.rules.fields;
    words.split(|c: char| c.is_whitespace() || c == '/').any(|word| {
        !fold(word).is_empty()
            && fields
                .labels
                .claims(word)
                .is_some_and(|claims| claims.iter().any(|claim| claim.kind == Kind::Phone && !claim.shared))
    })
}

/// Digits of a bank account: "NL91 ABNA 0417 1643 00".
fn in_iban(text: &str, span: &Range<usize>) -> bool {
    let Some(before) = text.get(words_before(text, span.start, 0, 6)) else { return false };
    let tail: Vec<char> = before.chars().rev().filter(|c| !c.is_whitespace()).take(10).collect();
    let bank = tail.iter().take(4).filter(|c| c.is_ascii_uppercase()).count() == 4
        && tail.iter().skip(4).take(2).filter(|c| c.is_ascii_digit()).count() == 2;
    // "BE68 5390 0754 7034": two letters and two digits, then fours.
    let country = before.rsplit(char::is_whitespace).find(|word| !word.chars().all(|c| c.is_ascii_digit()));
    let foreign = country.is_some_and(|word| {
        word.len() == 4
            && word.chars().take(2).all(|c| c.is_ascii_uppercase())
            && word.chars().skip(2).all(|c| c.is_ascii_digit())
    });
    bank || foreign
}

fn candidate(field: &str, source: &Source, text: &str, number: &Number, verdict: &Verdict) -> Candidate {
    Candidate {
        field: field.to_owned(),
        value: Value::Text(number.value.clone()),
        evidence: Evidence {
            source: source.clone(),
            text: text.get(number.span.clone()).unwrap_or_default().to_owned(),
            span: number.span.clone(),
        },
        score: verdict.score,
        why: verdict.why.clone(),
    }
}
