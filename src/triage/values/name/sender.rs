//! Who sent it, by the display name of `From` (or of `Reply-To` behind a form mailer).

use std::ops::Range;

use super::super::super::fields::Source;
use super::super::super::message::{Address, Message};
use super::shape::{Case, Named};
use super::vocabulary::People;
use super::words::{Word, Words, fold};

/// What the display name tells.
#[derive(Debug, Default)]
pub struct Sender {
    /// The display name that spans count in.
    pub display: Option<String>,
    /// One person with a full name.
    pub person: Option<Named>,
    /// A surname without one person before it ("Familie Ten Cate", "Jan & Marie Pietersen").
    pub household: Option<String>,
    pub from_reply_to: bool,
}

impl People {
    /// Is a surname that of the author, by the display name or the address?
    pub fn is_surname_of(&self, surname: &Word, author: Option<&Address>) -> bool {
        author.is_some_and(|author| {
            let name = author.name.as_deref().unwrap_or_default();
            author.address.contains(&*surname.fold)
                || self.words(name, 20).iter().any(|word| word.fold == surname.fold)
        })
    }
}

impl Sender {
    pub fn of(message: &Message, people: &People) -> Self {
        let display = |list: &[Address]| {
            list.first().and_then(|address| address.name.clone()).filter(|name| name.len() <= 300)
        };
        let local = |list: &[Address]| {
            let address = list.first().map(|address| address.address.as_str()).unwrap_or_default();
            letters(address.split('@').next().unwrap_or_default())
        };
        let mut sender = Self::read(display(&message.from), &local(&message.from), people);
        if sender.person.is_none() && sender.household.is_none() && message.reply_to.len() == 1 {
            let other = Self::read(display(&message.reply_to), &local(&message.reply_to), people);
            if other.person.is_some() {
                sender = Self { from_reply_to: true, ..other };
            }
        }
        sender
    }

    /// `local` is the address before its @, letters only.
    fn read(display: Option<String>, local: &str, people: &People) -> Self {
        let mut sender = Self::default();
        if let Some(name) = display.as_deref().filter(|name| !name.contains('@')) {
            for (segment, start) in segments(name, people) {
                sender.look_at(segment, start, local, people);
                if sender.person.is_some() {
                    break;
                }
            }
        }
        sender.display = display;
        sender
    }

    fn look_at(&mut self, segment: &str, start: usize, local: &str, people: &People) {
        let words = people.words(segment, 20);
        let family = people.families.at(&words, 0);
        if family > 0 {
            let rest = words.get(family).and_then(|word| segment.get(word.start..)).unwrap_or("");
            self.household = people.line(rest, Case::Line).map(|named| named.value);
            return;
        }
        if people.organisations.within(&words, 0, words.len()) {
            return;
        }
        let named = turned(segment, people)
            .or_else(|| turned_as_the_address_says(segment, local, people))
            .or_else(|| whole(segment, local, people));
        if let Some(mut named) = named {
            named.start += start;
            named.end += start;
            if named.couple {
                self.household = Some(named.surname);
            } else if named.full {
                self.person = Some(named);
            }
        }
    }

    /// The sender's full name and where it stands.
    pub fn person(&self) -> Option<(String, Source, Range<usize>)> {
        let person = self.person.as_ref()?;
        Some((person.value.clone(), Source::Header, person.start..person.end))
    }

    /// A first name, or a title and a surname, made a full name by what the sender is called.
    pub fn complete(&self, named: &Named, people: &People) -> Option<String> {
        let Some(person) = &self.person else {
            let surname = self.household.as_ref()?;
            let bare = named.surname.is_empty() && !named.titled && !named.couple;
            return bare.then(|| format!("{} {surname}", named.value));
        };
        if is_same_surname(named, person) {
            return Some(person.value.clone());
        }
        if !named.surname.is_empty() || !fits(&named.given, &person.given) {
            return None;
        }
        let initials = Words::cut(&person.given, 8).iter().all(|word| word.text.chars().count() <= 2);
        let value =
            if initials { format!("{} {}", named.value, person.surname) } else { person.value.clone() };
        people.line(&value, Case::Line).map(|_| value)
    }

    /// May the sender be called so?
    pub fn is_given(&self, given: &str) -> bool {
        let first = given.split_whitespace().next().unwrap_or("").trim_end_matches('.');
        self.person
            .as_ref()
            .is_some_and(|person| fits(first, &person.given) || person.given.starts_with(first))
    }

    /// Does a bare first name under the mail speak of somebody else than the sender?
    pub fn contradicts(&self, named: &Named, people: &People) -> bool {
        self.person.as_ref().is_some_and(|person| {
            named.surname.is_empty()
                && named.known
                && person.known
                && people.first_names.has(&fold(&named.given))
                && !fits(&named.given, &person.given)
                && !is_same_surname(named, person)
        })
    }
}

/// "mevrouw De Boer" under a mail of "Anneke de Boer".
fn is_same_surname(named: &Named, person: &Named) -> bool {
    let alone = if named.surname.is_empty() { &named.given } else { &named.surname };
    !named.full && !alone.is_empty() && fold(alone) == fold(&person.surname)
}

/// Is a first name the one that somebody has: the same, a short form, or one that begins with the initial?
fn fits(bare: &str, given: &str) -> bool {
    let bare = fold(bare.trim());
    let given_words = Words::cut(given, 8);
    given_words.iter().enumerate().any(|(index, word)| {
        let theirs = word.fold.as_ref();
        let short = |a: &str, b: &str| b.len() >= 3 && a.starts_with(b);
        if theirs.chars().count() <= 2 {
            return index == 0 && theirs.chars().next() == bare.chars().next();
        }
        theirs == bare || short(theirs, &bare) || short(&bare, theirs)
    }) || fold(given.trim()) == bare
}

/// The pieces of a display name that may be a name by themselves, with where they start.
fn segments<'d>(display: &'d str, people: &People) -> Vec<(&'d str, usize)> {
    let words = people.words(display, 30);
    let end = (1..words.len())
        .find(|at| people.not_after.at(&words, *at) > 0)
        .and_then(|at| words.get(at))
        .map_or(display.len(), |word| word.start);
    let mut segments = Vec::new();
    let mut start = 0;
    for piece in display.get(..end).unwrap_or("").split(['|', '–', '—', '•', '·', '\t', '[', ']', ':'])
    {
        let mut from = start;
        for part in
            piece.split_inclusive([' ']).collect::<Vec<_>>().split(|word| matches!(*word, "- " | "/ "))
        {
            let length = part.iter().map(|word| word.len()).sum::<usize>();
            segments.push((display.get(from..from + length).unwrap_or(""), from));
            from += length + "- ".len();
        }
        start += piece.len();
        start += display.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    }
    segments
}

/// The letters of a text, small.
fn letters(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphabetic()).collect()
}

/// A segment that is a name from end to end, but for a title, a role, a nickname in brackets. One
/// without capitals must be borne out: by a common first name, or by the address.
fn whole(segment: &str, local: &str, people: &People) -> Option<Named> {
    let case = if segment.chars().any(char::is_uppercase) { Case::Line } else { Case::Loose };
    let named = people.line(segment, case)?;
    let familiar = named.known
        || named.given.contains('.')
        || case == Case::Line
        || named.full && local.contains(&letters(&named.value));
    let rest = segment.get(named.end..)?;
    let rest = people.words(rest, 10);
    let ends =
        rest.is_empty() || rest.gap(0).contains([',', '(', '"', '\'']) || people.roles.at(&rest, 0) > 0;
    (familiar && ends).then_some(named)
}

/// "Vries, J. de (Jan)" and "Hoek, W. van der" the right way round.
pub fn turned(text: &str, people: &People) -> Option<Named> {
    turn(text, people, false)
}

/// "O'Rourke, Siobhan" of "s.orourke@…": a first name that is not common, with the letters of the address
/// (`local`) to bear it out.
fn turned_as_the_address_says(text: &str, local: &str, people: &People) -> Option<Named> {
    let (family, given) = text.split_once(',').map(|(left, right)| (letters(left), letters(right)))?;
    let initial = given.chars().next()?;
    let (before, behind) = local.split_once(family.as_str()).filter(|_| family.len() > 2)?;
    (before.starts_with(initial) || behind.starts_with(initial)).then(|| turn(text, people, true))?
}

/// `surely`: whatever has a capital behind the comma is a first name.
fn turn(text: &str, people: &People, surely: bool) -> Option<Named> {
    let (left, right) = text.split_once(',')?;
    let left = left.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'');
    let (right, nick) = match right.split_once('(') {
        Some((right, nick)) => (right, nick.split(')').next()),
        None => (right, None),
    };
    let family = people.words(left, 8);
    let shape = people.shape(&family, 0, Case::Line).filter(|shape| shape.to == family.len())?;
    if shape.full && !left.contains('-') {
        return None;
    }
    let (given, particles) = given_and_particles(right, people, surely)?;
    let known_nick = nick.map(str::trim).filter(|nick| people.is_known(&fold(nick)));
    let is_initials = Words::cut(&given, 8).iter().all(|word| word.text.chars().count() <= 2);
    let given = match known_nick {
        Some(nick) if is_initials => nick.to_owned(),
        _ => given,
    };
    // "JANSEN, Petra"
    let family = people.spelled(left);
    let surname = if particles.is_empty() { family } else { format!("{particles} {family}") };
    let value = people.spelled(&format!("{given} {surname}"));
    Some(Named {
        value,
        start: 0,
        end: text.len(),
        full: true,
        known: people.is_known(&fold(given.split_whitespace().next().unwrap_or(""))),
        given,
        surname: people.spelled(&surname),
        titled: false,
        couple: false,
    })
}

/// What stands behind the comma: first names or initials, then tussenvoegsels.
fn given_and_particles(right: &str, people: &People, surely: bool) -> Option<(String, String)> {
    let words = people.words(right, 10);
    let from = people.behind_titles(&words, 0);
    let is_particle = |at: usize| {
        words
            .get(at)
            .is_some_and(|word| people.particles.is(word) && word.text.len() > 1 && !word.is_capital())
    };
    let mut to = from;
    while to < words.len() && to < from + 4 && !is_particle(to) {
        to += 1;
    }
    let mut end = to;
    while is_particle(end) {
        end += 1;
    }
    let is_given = |at: usize| {
        words.get(at).is_some_and(|word| {
            let letters = word.text.chars().count();
            people.is_known(&word.fold)
                || (word.is_capital() && (letters == 1 || (letters <= 3 && word.dot)))
                || ((surely || at > from) && word.is_capital())
                || (letters <= 3 && word.is_all_capitals() && !people.organisations.is(word))
        })
    };
    let rest_is_degree =
        (end..words.len()).all(|at| words.get(at).is_some_and(|word| people.degrees.is(word)));
    if to == from || !(from..to).all(is_given) || !rest_is_degree {
        return None;
    }
    let (_, start, stop) = words.slice(from, to)?;
    let stop = stop + usize::from(right.get(stop..).is_some_and(|rest| rest.starts_with('.')));
    let particles = words.slice(to, end).filter(|_| end > to).map_or("", |(text, _, _)| text);
    Some((right.get(start..stop)?.to_owned(), particles.to_owned()))
}
