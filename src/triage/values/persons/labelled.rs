//! People behind a label: "Betrokken: dr. Bakker en de assistente".

use super::super::super::fields::Kind;
use super::super::super::reading::View;
use super::super::labels::Labelled;
use super::super::name::words::{Word, Words};
use super::super::name::{Case, Named, People};
use super::Mention;
use super::story::{Teller, folded};

/// A longer item is a story, not a person.
const LONGEST_ITEM: usize = 9;
/// Digits of a phone number.
const FEWEST_DIGITS: usize = 8;

/// Everybody whom the value of a label names.
pub fn people(view: &View, labelled: &Labelled, writer: Option<&Named>) -> Vec<Mention> {
    let people = &view.context.rules.people;
    let Some(value) = view.message.text.get(labelled.value.clone()) else { return Vec::new() };
    let value = before_closing(value, people);
    if people.unknown.at(&people.words(value, 12), 0) > 0 {
        return Vec::new();
    }
    // "Wie:" asks for the writer as well as for others.
    let is_writer = |mention: &Mention| writer.is_some_and(|writer| mention.is(writer));
    let mut found: Vec<Mention> = Vec::new();
    for (item, start) in items(value, people).into_iter().filter(|(item, _)| !is_contact(view, item)) {
        let start = start + item.len() - item.trim_start_matches(is_edge).len();
        if item.split_whitespace().count() > LONGEST_ITEM {
            let item = item.trim_start_matches(is_edge);
            found.extend(
                Teller::new(people, item, writer).tell().into_iter().map(|mention| moved(mention, start)),
            );
        } else if let Some(mention) = one(item, people).map(|mention| moved(mention, start)) {
            let apposition = mention.name.is_empty()
                && found.last().is_some_and(|last| !last.name.is_empty())
                && is_bare_role(&mention.value, people)
                && value.get(..start).is_some_and(|before| before.trim_end().ends_with(','));
            if !apposition && !is_writer(&mention) {
                found.push(mention);
            }
        }
    }
    // "de verpleegkundige, Tamara" is one person, also at the end of a list.
    if let [.., role, name] = found.as_slice()
        && role.name.is_empty()
        && is_bare_role(role.value.split_once(' ').map_or("", |(_, role)| role), people)
        && name.name.len() == 1
        && !begins_with_join(value.get(role.span.end..).unwrap_or_default(), people)
        && value
            .get(role.span.end..name.span.start)
            .is_some_and(|gap| gap.trim().ends_with(',') && gap.matches(',').count() == 1)
    {
        found.remove(found.len() - 2);
    }
    for mention in &mut found {
        mention.span = labelled.value.clone();
    }
    found
}

/// Without the "Met vriendelijke groet," on a line below, where the last row of a table is followed by it.
fn before_closing<'v>(value: &'v str, people: &People) -> &'v str {
    let closes = |at: &usize| {
        let line = value.get(at + 1..).unwrap_or_default();
        people.closings.at(&people.words(line, 8), 0) > 0
    };
    let end = value.match_indices('\n').map(|(at, _)| at).find(closes);
    end.and_then(|end| value.get(..end)).unwrap_or(value)
}

/// ", en mevrouw Kok"
fn begins_with_join(text: &str, people: &People) -> bool {
    people.joins.at(&people.words(text, 2), 0) > 0
}

/// "06-13 55 80 64" and "e-mail als afzender" beside the writer's name, behind "Wie:".
fn is_contact(view: &View, item: &str) -> bool {
    let first = item.trim_matches(is_edge).split_whitespace().next().unwrap_or_default();
    let claims = view.context.rules.fields.labels.claims(first).unwrap_or_default();
    item.contains('@')
        || item.chars().filter(char::is_ascii_digit).count() >= FEWEST_DIGITS
        || claims.iter().any(|claim| matches!(claim.kind, Kind::Phone | Kind::Email))
}

fn moved(mention: Mention, by: usize) -> Mention {
    Mention { span: mention.span.start + by..mention.span.end + by, ..mention }
}

/// Stands around an item and is no part of it.
fn is_edge(c: char) -> bool {
    c.is_whitespace() || "-–•*.:;,".contains(c)
}

/// "cardioloog" behind "dr. Bakker,"
fn is_bare_role(value: &str, people: &People) -> bool {
    let words = people.words(value, 12);
    let count = people.roles.at(&words, 0).max(people.passing_roles.at(&words, 0));
    count > 0 && people.titles.at(&words, count) == 0 && people.shape(&words, count, Case::Prose).is_none()
}

/// The value cut at commas, line ends, "en" and "&", but not within brackets.
fn items<'v>(value: &'v str, people: &People) -> Vec<(&'v str, usize)> {
    let words = people.words(value, 400);
    let mut cuts = vec![(0, 0)];
    let mut depth = 0_usize;
    for at in 1..words.len() {
        let gap = words.gap(at);
        depth = (depth + gap.matches('(').count()).saturating_sub(gap.matches(')').count());
        let Some(word) = words.get(at) else { break };
        let gap_start = word.start - gap.len();
        if depth > 0 || gap.contains('(') {
            continue;
        }
        if gap.contains([',', ';', '&', '+', '/', '•'])
            || gap.contains('\n') && !goes_on(&words, at, people)
            || gap.contains(". ") && !is_abbreviation(&words, at, people)
        {
            cuts.push((gap_start, word.start));
        } else if people.joins.is(word) && words.get(at + 1).is_some() {
            cuts.push((gap_start, word.end));
        }
    }
    let ends = cuts.iter().skip(1).map(|(end, _)| *end).chain([value.len()]);
    cuts.iter().zip(ends).filter_map(|((_, start), end)| Some((value.get(*start..end)?, *start))).collect()
}

/// A mail program broke the line: "de baliemedewerker in", and below it "Goes".
fn goes_on(words: &Words, at: usize, people: &People) -> bool {
    const LONGEST_LINK: usize = 4;
    let before = at.checked_sub(1).and_then(|before| words.get(before));
    words.gap(at) == "\n"
        && before.is_some_and(|word| {
            word.text.chars().count() <= LONGEST_LINK && word.text.chars().all(char::is_lowercase)
        })
        && people.roles.at(words, at - 1).max(people.relations.at(words, at - 1)) == 0
}

/// "de baliemedewerker in Goes": which of several it was.
fn names_a_town(words: &Words, at: usize) -> bool {
    let link = words.get(at).is_some_and(|word| word.text.chars().all(char::is_lowercase));
    link && at + 2 == words.len() && words.get(at + 1).is_some_and(Word::is_capital)
}

fn is_abbreviation(words: &Words, at: usize, people: &People) -> bool {
    let before = at.checked_sub(1).and_then(|before| words.get(before));
    before.is_some_and(|word| word.text.chars().count() < 2 || people.titles.is(word))
}

/// The person that an item names; none for "ikzelf", "mijn man" or "geen idee".
fn one(item: &str, people: &People) -> Option<Mention> {
    let item = item.trim_matches(is_edge);
    let words = people.words(item, 24);
    let rest = people.joins.is(words.get(0)?);
    // "…, die meeluisterde" says more of the one before.
    if people.who_words.at(&words, 0) > 0 {
        return None;
    }
    let from = usize::from(rest);
    // "toevallig ook mijn buurman"
    let nearest = (from..words.len()).any(|at| {
        let own = people.own_words.at(&words, at);
        let relation = people.relations.at(&words, at + own);
        own > 0 && relation > 0 && at + own + relation == words.len()
    });
    if nearest && (from..words.len()).all(|at| words.get(at).is_some_and(|word| !word.is_capital())) {
        return None;
    }
    let own = people.own_words.at(&words, from);
    let relation = people.relations.at(&words, from + own);
    if people.unknown.at(&words, from) > 0
        || (people.nobody.at(&words, from) > 0 && !people.roles.within(&words, from, words.len()))
        || (own > 0 && relation > 0 && from + own + relation == words.len())
    {
        return None;
    }
    let text = item.get(words.get(from)?.start..)?;
    let told = Teller::new(people, text, None).tell();
    if let Some(named) = told.iter().find(|mention| !mention.name.is_empty()) {
        return Some(named.clone());
    }
    let shape = people.shape(&words, from, Case::Line);
    if let Some((name, start, end)) = shape.and_then(|shape| words.slice(shape.from, shape.to)) {
        let name_words =
            name.split_whitespace().map(|word| super::super::name::words::fold(word).into_owned());
        return Some(Mention {
            value: folded(name),
            span: start..end,
            role: String::new(),
            name: name_words.collect(),
            relative: false,
            in_passing: false,
        });
    }
    // "de koerier weigerde te wachten" names the courier; "de chauffeur van de koeriersdienst" is all name.
    let short = told.into_iter().find(|mention| mention.span.start == 0 && !mention.value.is_empty());
    let longer = |mention: &Mention| {
        let count = mention.value.split(' ').count();
        words.len() > count + 1 && !names_a_town(&words, count)
    };
    if let Some(mention) = short.filter(longer) {
        return Some(mention);
    }
    let value = folded(text.split('(').next().unwrap_or(text));
    (!value.is_empty() && own == 0).then(|| Mention {
        value,
        span: 0..item.len(),
        role: String::new(),
        name: Vec::new(),
        relative: false,
        in_passing: false,
    })
}
