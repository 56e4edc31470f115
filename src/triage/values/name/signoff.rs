//! The name under a mail: behind closing words, or on the last lines.

use super::super::super::fields::Source;
use super::super::super::text::Zone;
use super::shape::{Case, Named};
use super::{Claim, Hunt, Line, trust};

/// So many lines under a closing may hold the name.
const LINES_BELOW: usize = 7;
/// Digits of a phone number, and bytes that it takes with the words around it.
const FEWEST_DIGITS: usize = 9;
const LONGEST_PHONE: usize = 40;
/// More words than a line has that is no sentence.
const SENTENCE: usize = 8;

/// A name on a line.
struct Signed {
    named: Named,
    /// Where the text that spans count in starts.
    base: usize,
}

impl Hunt<'_> {
    /// Adds the name under the mail. True when a bare first name stands there that is not the sender's.
    pub(super) fn sign_off(&self, claims: &mut Vec<Claim>) -> bool {
        let mut doubt = false;
        let mut signed = false;
        for at in 0..self.lines.len() {
            let Some(line) = self.lines.get(at) else { break };
            let closed = self.closing(line);
            if let Some(found) = closed.and_then(|(rest, base)| self.under(at, rest, base)) {
                doubt |= self.claim_signed(&found, line.zone, !signed, claims);
                signed = true;
            }
        }
        if !signed {
            self.last_lines(claims);
            self.borne_out(claims);
            self.last_words(claims);
        }
        doubt
    }

    /// What stands behind closing words on their line.
    fn closing<'l>(&self, line: &Line<'l>) -> Option<(&'l str, usize)> {
        let words = self.people.words(line.text, 400);
        let mut found = None;
        let mut at = 0;
        while at < words.len() {
            let count = self.people.closings.at(&words, at);
            let starts = at == 0 || words.gap(at).contains(['.', ',', '!', '?', ';', ')', '…', '-']);
            if count > 0 && (starts || found.is_some_and(|(end, _)| end + 1 >= at)) {
                found = Some((at + count, at == 0 || found.is_some_and(|(_, first)| first)));
                at += count;
            } else {
                at += 1;
            }
        }
        let (end, first) = found?;
        let from = words.get(end - 1)?.end;
        let rest = line.text.get(from..)?;
        let short = words.len() - end <= SENTENCE;
        (short && (first || words.len() == end || self.name_on(rest).is_some()))
            .then_some((rest, line.start + from))
    }

    /// The name behind or under a closing; a full one that follows a first name is better.
    fn under(&self, closing: usize, rest: &str, base: usize) -> Option<Signed> {
        let mut best = self.name_on(rest).map(|named| Signed { named, base });
        let below = self.lines.iter().skip(closing + 1).filter(|line| !line.text.trim().is_empty());
        for line in below.take(LINES_BELOW) {
            if best.as_ref().is_some_and(|best| best.named.full) || self.is_sentence(line) {
                break;
            }
            let Some(named) = self.name_on(line.text) else { continue };
            let better = best.as_ref().is_none_or(|best| {
                named.full && (belongs(&best.named, &named) || self.is_long_form(&best.named, &named))
            });
            if better {
                best = Some(Signed { named, base: line.start });
            }
        }
        best
    }

    /// "Kasia" over "Katarzyna Wolny-Hughes" in a mail of the latter.
    fn is_long_form(&self, first: &Named, full: &Named) -> bool {
        let initial = |name: &str| super::words::fold(name).chars().next();
        let person = self.sender.person.as_ref();
        person.is_some_and(|person| super::kin(&person.surname, &full.surname))
            && self.sender.is_given(&full.given)
            && initial(&first.value) == initial(&full.given)
    }

    /// A name that fills a line: capitals, or a common first name in lower case.
    fn name_on(&self, text: &str) -> Option<Named> {
        if let Some(named) = self.behind_work(text) {
            return Some(named);
        }
        let case = if text.chars().any(char::is_uppercase) { Case::Line } else { Case::Loose };
        let named = self.people.line(text, case)?;
        (case == Case::Line || named.known).then_some(named)
    }

    /// "Praktijkmanager Lidy Mooij": a whole name behind what the writer is, where From names nobody else.
    fn behind_work(&self, text: &str) -> Option<Named> {
        let words = self.people.words(text, 8);
        let people = self.people;
        let work = [&people.roles, &people.title_roles, &people.passing_roles, &people.superiors];
        let count = work.iter().map(|list| list.at(&words, 0)).max().filter(|count| *count > 0)?;
        let from = words.get(count).filter(|word| word.is_capital() && words.is_beside(count))?.start;
        let named = people.line(text.get(from..)?, Case::Line).filter(|named| named.full && !named.couple)?;
        let person = self.sender.person.as_ref();
        person.is_none_or(|person| super::kin(&person.surname, &named.surname)).then(|| Named {
            start: named.start + from,
            end: named.end + from,
            ..named
        })
    }

    fn is_sentence(&self, line: &Line) -> bool {
        let words = self.people.words(line.text, 40);
        // "huisarts n.p." has one word.
        let plain = words.iter().filter(|word| !word.is_number() && word.text.len() > 1).count();
        let ends = line.text.trim_end().ends_with(['.', '?', '!']);
        plain > SENTENCE + 2 || (plain > 4 && ends) || self.people.greetings.at(&words, 0) > 0
    }

    fn claim_signed(&self, signed: &Signed, zone: Zone, first: bool, claims: &mut Vec<Claim>) -> bool {
        let named = &signed.named;
        let span = signed.base + named.start..signed.base + named.end;
        let later = if zone == Zone::OwnEarlier || !first { trust::EARLIER } else { 0 };
        // "Mijn naam is Trijntje Hoogeboom" above "mevrouw T. Hoogeboom".
        let said = claims.iter().filter(|claim| claim.score == trust::INTRODUCTION).map(|claim| &claim.value);
        let introduced = said.clone().find(|said| may_be_short_for(named, said)).cloned();
        let mut claim = |value: String, score: i32, why: &str| {
            let why = why.to_owned();
            claims.push(Claim { value, source: Source::Body, span: span.clone(), score: score - later, why });
        };
        if named.couple {
            match &self.sender.person {
                Some(person) if named.value.contains(person.given.trim()) => {}
                _ => claim(named.value.clone(), trust::COUPLE, "two people sign"),
            }
        } else if let Some(person) = self.before_place(named) {
            let end = span.start + person.len();
            let span = span.start..end;
            let score = trust::SIGN_OFF - later;
            let why = "sign-off, before a place".to_owned();
            claims.push(Claim { value: person, source: Source::Body, span, score, why });
        } else if named.full {
            let fuller =
                introduced.filter(|_| initials_only(named)).map(|name| (name, "sign-off, as told in full"));
            let (value, why) =
                fuller.unwrap_or_else(|| (self.as_sender_spells(named.value.clone()), "sign-off"));
            claim(value, trust::SIGN_OFF, why);
        } else if let Some(value) = self.sender.complete(named, self.people) {
            claim(value, trust::COMPLETED, "sign-off, completed by From");
        } else {
            return first && self.sender.contradicts(named, self.people);
        }
        false
    }

    /// The sender's name where one more word stands behind it: "Riet van Ommeren Goes" lives in Goes.
    fn before_place(&self, named: &Named) -> Option<String> {
        let person = &self.sender.person.as_ref().filter(|person| person.full)?.value;
        let place = named.value.strip_prefix(person.as_str())?.strip_prefix(' ')?;
        let plain = named.end - named.start == named.value.len();
        let words = self.people.words(place, 4);
        // "te Den Burg"
        let led = words.len() > 1 && self.people.leads_to_a_place(&words, 0);
        (plain && (led || !place.contains([' ', '-']))).then(|| person.clone())
    }

    /// A line anywhere that is the sender's name, perhaps fuller than `From` has it.
    fn borne_out(&self, claims: &mut Vec<Claim>) {
        let Some(person) = &self.sender.person else { return };
        for line in self.lines.iter().filter(|line| line.zone != Zone::OwnEarlier && line.text.len() <= 200) {
            let Some(named) = self.name_on(line.text).filter(|named| named.full && !named.couple) else {
                continue;
            };
            if super::kin(&named.surname, &person.surname) && self.sender.is_given(&named.given) {
                let span = line.start + named.start..line.start + named.end;
                let why = "a line that From bears out".to_owned();
                let value = self.as_sender_spells(named.value);
                claims.push(Claim { value, source: Source::Body, span, score: trust::BORNE_OUT, why });
                return;
            }
        }
    }

    /// "… graag retour. jan de bruin 0612345678": a name and a phone number end the last line.
    fn last_words(&self, claims: &mut Vec<Claim>) {
        let own = |line: &&Line| !line.text.trim().is_empty() && line.zone != Zone::OwnEarlier;
        let Some(line) = self.lines.iter().rev().find(own) else { return };
        let stop = |(at, _): (usize, &str)| line.text.get(at + 1..).is_some_and(|rest| rest.starts_with(' '));
        let Some((at, _)) = line.text.rmatch_indices(['.', '!', '?']).find(|found| stop(*found)) else {
            return;
        };
        let rest = line.text.get(at + 1..).unwrap_or_default();
        let Some(named) = self.people.line(rest, Case::Loose) else { return };
        let behind = rest.get(named.end..).unwrap_or_default();
        let digits = behind.chars().filter(char::is_ascii_digit).count();
        let phone = digits >= FEWEST_DIGITS && behind.len() <= LONGEST_PHONE;
        if named.full && named.known && !named.couple && phone {
            let start = line.start + at + 1;
            let span = start + named.start..start + named.end;
            let value = self.as_sender_spells(named.value);
            let why = "last words, before a phone number".to_owned();
            claims.push(Claim { value, source: Source::Body, span, score: trust::LAST_LINE, why });
        }
    }

    /// Without closing words: a full name among the last lines, where no sentence follows.
    fn last_lines(&self, claims: &mut Vec<Claim>) {
        let own = |line: &&Line| !line.text.trim().is_empty() && line.zone != Zone::OwnEarlier;
        let mut last: Vec<&Line> = Vec::new();
        for line in self.lines.iter().rev().filter(own).take(14) {
            if self.is_sentence(line) || (self.closing(line).is_some() && self.name_on(line.text).is_none()) {
                break;
            }
            last.push(line);
        }
        for line in last.iter().rev() {
            if line.text.trim_start().starts_with(['•', '*', '>']) {
                continue;
            }
            let Some(named) = self.name_on(line.text) else { continue };
            let span = line.start + named.start..line.start + named.end;
            if named.full && !named.couple {
                let person = self.sender.person.as_ref();
                let familiar = named.known
                    || named.titled
                    || person.is_none()
                    || person.is_some_and(|person| super::kin(&person.surname, &named.surname));
                let score = if familiar { trust::LAST_LINE } else { trust::LAST_LINE_UNKNOWN };
                let value = self.as_sender_spells(named.value);
                claims.push(Claim { value, source: Source::Body, span, score, why: "last lines".to_owned() });
                return;
            }
            if let Some(value) =
                self.sender.complete(&named, self.people).filter(|_| named.known || named.titled)
            {
                let why = "last lines, completed by From".to_owned();
                claims.push(Claim { value, source: Source::Body, span, score: trust::LAST_LINE, why });
                return;
            }
        }
    }
}

/// "Sanne" and under it "Sanne de Wit | praktijkmanager".
fn belongs(first: &Named, full: &Named) -> bool {
    let first = super::words::fold(&first.value);
    full.given.split_whitespace().any(|given| {
        let given = super::words::fold(given);
        given == first || given.starts_with(first.chars().next().unwrap_or('.')) && given.len() <= 2
    }) || super::words::fold(&full.surname) == first
}

/// "T." of "T. Hoogeboom", "J.W.": no first name in full.
fn initials_only(named: &Named) -> bool {
    let mut letters = named.given.split(|c: char| !c.is_alphabetic()).filter(|part| !part.is_empty());
    letters.all(|part| part.chars().count() == 1)
}

/// May somebody who says a name in full sign with the other?
fn may_be_short_for(signed: &Named, said: &str) -> bool {
    let initial = |name: &str| super::words::fold(name).chars().next();
    let rest = said.strip_suffix(signed.surname.as_str()).map(str::trim_end);
    !signed.surname.is_empty()
        && rest.is_some_and(|given| !given.is_empty() && initial(given) == initial(&signed.given))
}
