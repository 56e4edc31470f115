//! Phone numbers of the writer, by libphonenumber behind a candidate finder of our own.
//!
//! A number is only a candidate where the words around it do not give it to somebody else, and
//! never where the writer asks not to be called. Numbers are made of digits: letters typed in
//! their place are not guessed.

mod scan;
mod whose;
mod wish;
mod words;

use std::ops::Range;

use super::super::fields::{Candidate, Evidence, FLOOR, Kind, Source, Value};
use super::super::reading::View;
use super::super::text::Zone;
use super::context::{sentence_after, sentence_before, words_before};
use super::labels::{Shape, fold};
use scan::{Form, Number};
use whose::{
    behind_bracket, bracket, corrects, ended, gone, mine, of_a_relative, said_back, theirs, unaddressed,
    until_join,
};
use wish::wished;
pub use words::{AbroadRules, PhoneRules, PhoneWords};

/// Zones whose numbers can be the writer's.
const ZONES: [Zone; 3] = [Zone::Own, Zone::Signature, Zone::OwnEarlier];
/// Numbers of one mail that are looked at.
const MOST_NUMBERS: usize = 200;

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
        let wish = wished(&view.context.rules.fields.phone, text, &numbers);
        let (mut floor, mut asked) = (0, false);
        for (index, number) in numbers.iter().enumerate() {
            let next = numbers.get(index + 1).map(|next| next.span.start);
            let beside = Beside { floor, next, asked };
            let judged = judge(view, &source, text, number, &beside);
            floor = number.span.end;
            asked = judged.as_ref().is_some_and(|verdict| verdict.mine);
            let Some(mut verdict) = judged else { continue };
            let number = &abroad(view, text, number).unwrap_or_else(|| number.clone());
            if organisation.contains(&number.value) {
                verdict = Verdict::lost("a number of our own");
            } else if refused && !verdict.asked {
                verdict = Verdict::lost("asks not to be called");
            } else if wish == Some(index) && verdict.score >= FLOOR {
                verdict = Verdict { score: 100, why: verdict.why + "; asked for behind it", ..verdict };
            }
            out.extend(fields.iter().map(|field| candidate(field, &source, text, number, &verdict)));
        }
    }
}

/// Does the writer ask not to be called?
pub(super) fn refuses(view: &View) -> bool {
    let own = view.sections.of(&[Zone::Own]);
    own.filter_map(|section| view.message.text.get(section.span.clone()))
        .any(|own| view.context.rules.fields.phone.refuses(own))
}

/// What the words around a number say of it.
#[derive(Debug, Clone)]
struct Verdict {
    score: i32,
    why: String,
    /// The writer asks to be called at this one.
    asked: bool,
    /// The writer says that it is theirs.
    mine: bool,
}

impl Verdict {
    fn lost(why: &str) -> Self {
        Self { score: 0, why: why.to_owned(), asked: false, mine: false }
    }
}

/// The numbers beside one.
struct Beside {
    /// Where the one before ends.
    floor: usize,
    /// Where the next begins.
    next: Option<usize>,
    /// The one before is said to be the writer's.
    asked: bool,
}

/// `None`: no phone number at all.
fn judge(view: &View, source: &Source, text: &str, number: &Number, beside: &Beside) -> Option<Verdict> {
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
    let near = text.get(words_before(text, number.span.start, beside.floor, 3))?;
    // A label of a line of its own parts a number from what the lines above tell.
    let floor = label.as_ref().and_then(|label| label.line).map_or(beside.floor, |at| at.max(beside.floor));
    let before = behind_bracket(text.get(sentence_before(text, number.span.start, floor))?, beside.floor > 0);
    // "… in my account. My number: 06…" is no number of an account.
    let near = behind_bracket(near, beside.floor > 0);
    let near = if near.len() > before.len() { before } else { near };
    let ended = ended(before, |word| says_phone(view, word) || words.not_calls.found(word));
    let end = next_label(view, source, number.span.end).min(beside.next.unwrap_or(text.len()));
    // "… (mijn oude nummer is vervallen)" is said of another number.
    let after = words.another.cut_off(text.get(sentence_after(text, number.span.end, end))?);
    let after = if beside.next.is_some() { until_join(words, after) } else { after };
    if !ended && not_for_calling(view, near) {
        return Some(Verdict::lost("not for calling"));
    }
    // "My new number, 06…; the old one is no longer in use."
    if !ended && gone(words, before, beside.floor > 0)
        || words.gone.found(after) && !words.preferred.found(near)
        || words.gone_behind.found(after)
        || words.gone.found(said_back(words, text, number.span.end, end))
    {
        return Some(Verdict::lost("said not to be in use"));
    }
    if corrects(words, beside.next.and_then(|next| text.get(number.span.end..next))) {
        return Some(Verdict::lost("said to be wrong"));
    }
    let put_right = beside.floor > 0 && corrects(words, text.get(beside.floor..number.span.start));
    let with_last = put_right || beside.asked && words.is_join(text.get(beside.floor..number.span.start)?);
    let of_a_line = label.as_ref().is_some_and(|label| label.line.is_some());
    let before = if of_a_line { unaddressed(view, before) } else { before };
    let theirs = theirs(view, before, ended);
    let mine = mine(words, before, theirs);
    let reach = if label.is_some() { 2 } else { 6 };
    let said_behind = || mine.is_none() && !with_last && words.others.begins_within(after, reach);
    // Where both end at the same word ("bel haar"), the longer is meant.
    let beside_signature = zone == Zone::Signature && of_a_relative(view, before);
    if beside_signature || zone != Zone::Signature && (theirs.is_some() && theirs >= mine || said_behind()) {
        return Some(Verdict::lost("somebody else's"));
    }
    // "033-555…, maar liever na vijven op 06…"
    let wide = text.get(words_before(text, number.span.start, beside.floor, 5))?;
    let wide = wide.rsplit([',', '.', ';']).next().unwrap_or_default();
    // "Mijn mobiel had u toch? Anders: 06 …": behind no other number it is the one to call.
    let (otherwise, first) = (words.otherwise.found(near), beside.floor == 0);
    let less = otherwise && !first || words.general.found(near) || words.general.found(bracket(after));
    let mine = mine.is_some() || with_last || otherwise && first;
    Some(weigh(words, number, zone, label.as_ref(), (near, wide, after), mine, less))
}

/// Where the next label stands: what is said behind it is not said of the number.
fn next_label(view: &View, source: &Source, from: usize) -> usize {
    let starts = view.labels.iter().filter(|label| label.source == *source && label.shape == Shape::Line);
    starts.map(|label| label.label.start).filter(|start| *start >= from).min().unwrap_or(usize::MAX)
}

/// The number as one of another country, where the mail is plainly from there and it is a mobile one
/// of there, but not of here.
fn abroad(view: &View, text: &str, number: &Number) -> Option<Number> {
    if number.form != Form::National || number.mobile {
        return None;
    }
    let countries = &view.context.rules.fields.phone.abroad;
    let author = view.message.author().map(|author| author.address.as_str()).unwrap_or_default();
    let before = text.get(words_before(text, number.span.start, 0, 3))?;
    let after = text.get(sentence_after(text, number.span.end, text.len()))?;
    countries.iter().find_map(|country| {
        let from_there = country
            .domains
            .iter()
            .any(|end| author.strip_suffix(end.as_str()).is_some_and(|rest| rest.ends_with('.')));
        let said = country.words.found(before) || country.words.found(after);
        if from_there || said { number.elsewhere(&country.code) } else { None }
    })
}

/// Is the last word before the number one of a fax, an account, a dossier …? "tel/fax" is not.
fn not_for_calling(view: &View, near: &str) -> bool {
    // "declaraties@post.example, 0546 …" speaks of no claim.
    let near = near.rsplit_once('@').map_or(near, |(_, rest)| rest);
    let last = near.split_whitespace().last().unwrap_or_default();
    let words = &view.context.rules.fields.phone;
    words.not_calls.last_end(near).is_some_and(|end| {
        let both = last.contains('/') && says_phone(view, last);
        let behind = near.get(end..).unwrap_or_default();
        // The initial of "F. Loos 06…" is no fax.
        let word = near.get(..end).unwrap_or_default().rsplit(|c: char| !c.is_alphanumeric()).next();
        let initial = word.is_some_and(|word| word.len() == 1) && behind.contains(char::is_alphabetic);
        !both && !initial && !words.changed_to.found(near) && !says_phone(view, behind)
    })
}

fn weigh(
    words: &PhoneWords,
    number: &Number,
    zone: Zone,
    label: Option<&Label>,
    (near, wide, after): (&str, &str, &str),
    mine: bool,
    less: bool,
) -> Verdict {
    let preferred = [near, wide, after].into_iter().any(|part| words.preferred.found(part));
    // Asked for, then direct, then mobile, whatever stands before it.
    let mut score = 65;
    for (holds, weight) in [
        (preferred, 14),
        (mine, 10),
        (label.is_some(), 6),
        (number.mobile, 7),
        (!preferred && less, -9),
        (zone == Zone::OwnEarlier, -9),
        // In passing, without a word that says whose it is: the one in the signature goes before.
        (zone == Zone::Own && label.is_none() && !mine && !preferred, -8),
        (!number.valid && !number.plus, -10),
    ] {
        score += if holds { weight } else { 0 };
    }
    let why = match (label, zone) {
        (Some(label), _) => format!("label '{}'", label.text),
        (None, Zone::Signature) => "in the signature".to_owned(),
        (None, Zone::OwnEarlier) => "in an earlier mail of the writer".to_owned(),
        (None, _) => "in the writer's own words".to_owned(),
    };
    Verdict { score: score.clamp(FLOOR, 100), why, asked: mine || preferred || label.is_some(), mine }
}

/// What stands before a number and says that it is one.
struct Label {
    text: String,
    /// Where it begins, when it has a line or a cell of its own.
    line: Option<usize>,
}

/// The label of a number: one of the labels of the mail, or the word it is glued to or stands
/// behind. The outer `None`: it is glued to a word that is no label ("F0612345678").
#[expect(
    clippy::option_option,
    reason = "the outer says that it is no number, the inner that it has no label"
)]
fn label(view: &View, source: &Source, text: &str, number: &Number) -> Option<Option<Label>> {
    let labelled = view.labels.iter().find(|label| {
        label.source == *source
            && label.value.contains(&number.span.start)
            && view.context.rules.fields.get(&label.field).is_some_and(|field| field.kind == Kind::Phone)
    });
    if let Some(found) = labelled {
        // "Uw telefoonnummer" in a letter of ours is the writer's.
        let ours = *source == Source::Body && view.sections.zone_at(found.label.start) == Zone::QuotedOurs;
        let start = if ours { found.label.end } else { found.label.start };
        let line = (found.shape == Shape::Line).then_some(start);
        return Some(text.get(found.label.clone()).map(|text| Label { text: text.to_owned(), line }));
    }
    let before = text.get(..number.span.start)?;
    let glued =
        before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '/' | '@' | '#' | '€' | '='));
    let word = words_before(text, number.span.start, 0, 1);
    let word = text.get(word)?.trim_end_matches(|c: char| c.is_whitespace() || ".:-(".contains(c));
    let known = says_phone(view, word);
    match (known, glued) {
        (true, _) => Some(Some(Label { text: word.to_owned(), line: None })),
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
