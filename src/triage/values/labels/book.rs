//! All labels of all fields, ready to be looked up by what a mail writes before a value.

use rustc_hash::{FxHashMap, FxHashSet};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::super::super::fields::{Field, Kind, LabelRules};

/// A label shorter than this is only known as written: one letter off "naam" is another word.
const SHORTEST_WITH_TYPO: usize = 6;
/// What is left of a label without the words around it must have this many letters, so that
/// "uw T:" is not taken for a phone.
const SHORTEST_STRIPPED: usize = 3;
/// Words that an answer may have beside the phrase that makes it none ("weet ik niet, sorry hoor").
const MOST_WORDS_BESIDE: usize = 5;
/// Longer than any answer that says nothing.
const LONGEST_NON_ANSWER: usize = 200;

/// A field that a label names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Id of the field, or `FIELD.PART` for a label of a part.
    pub field: String,
    pub kind: Kind,
    /// Other fields may take their part of the same value.
    pub shared: bool,
}

/// The labels, and the answers that say nothing.
#[derive(Debug, Default)]
pub struct LabelBook {
    /// Folded label to those who claim it; nobody: it ends the value before it.
    exact: FxHashMap<String, Vec<Claim>>,
    /// A long label with one letter left out, to the label.
    near: FxHashMap<String, String>,
    before: Vec<String>,
    after: Vec<String>,
    /// Non-answers, folded, without blanks.
    no_answer: FxHashSet<String>,
    /// Those of several words, as folded words.
    no_answer_starts: Vec<Vec<String>>,
}

impl LabelBook {
    /// From fields whose labels have been checked.
    #[must_use]
    pub fn new(fields: &[Field], rules: &LabelRules) -> Self {
        let mut exact: FxHashMap<String, Vec<Claim>> =
            rules.others.iter().map(|label| (fold(label), Vec::new())).collect();
        for field in fields {
            let parts = field.rules.parts.iter().flat_map(|(part, labels)| {
                labels.iter().map(move |label| (label, format!("{}.{part}", field.id), false))
            });
            let whole = field.rules.labels.iter().map(|label| (label, field.id.clone(), false));
            let common = field.rules.shared_labels.iter().map(|label| (label, field.id.clone(), true));
            for (label, id, shared) in whole.chain(parts).chain(common) {
                let claims = exact.entry(fold(label)).or_default();
                if !claims.iter().any(|claim| claim.field == id) {
                    claims.push(Claim { field: id, kind: field.kind, shared });
                }
            }
        }
        exact.remove("");
        let no_answer: Vec<Vec<String>> = rules.no_answer.iter().map(|phrase| words(phrase)).collect();
        let mut near = FxHashMap::default();
        for label in exact.keys().filter(|label| label.chars().count() >= SHORTEST_WITH_TYPO) {
            near.extend(without_one(label).map(|shorter| (shorter, label.clone())));
        }
        Self {
            exact,
            near,
            before: longest_first(&rules.before),
            after: longest_first(&rules.after),
            no_answer: no_answer.iter().map(|phrase| phrase.concat()).collect(),
            no_answer_starts: no_answer.into_iter().filter(|phrase| phrase.len() > 1).collect(),
        }
    }

    /// Who claims this text as a label? `None`: it is no label; nobody: it is a label of something
    /// that is not asked for.
    #[must_use]
    pub fn claims(&self, text: &str) -> Option<&[Claim]> {
        self.look_up(&fold(text)).or_else(|| self.of_parts(text))
    }

    /// "Omschrijving incident/klacht", "Klant/factuurnummer": who claims one of the parts, where the
    /// first is a label too.
    fn of_parts(&self, text: &str) -> Option<&[Claim]> {
        let (front, back) = text.split_once('/')?;
        let front = self.known(&fold(front))?;
        if front.is_empty() { self.known(&fold(back)) } else { Some(front) }
    }

    /// As [`Self::claims`], also with one letter wrong, missing or too many in a long label.
    #[must_use]
    pub fn claims_with_typo(&self, text: &str) -> Option<&[Claim]> {
        self.claims(text).or_else(|| self.look_up_near(&fold(text)))
    }

    fn look_up(&self, folded: &str) -> Option<&[Claim]> {
        self.known(folded).or_else(|| {
            let front = self.before.iter().find_map(|word| folded.strip_prefix(word.as_str()));
            let rest = front.unwrap_or(folded);
            let back = self.after.iter().find_map(|word| rest.strip_suffix(word.as_str()));
            [front, back]
                .into_iter()
                .flatten()
                .filter(|bare| bare.len() >= SHORTEST_STRIPPED)
                .find_map(|bare| self.known(bare))
        })
    }

    fn known(&self, label: &str) -> Option<&[Claim]> {
        self.exact.get(label).map(Vec::as_slice)
    }

    fn look_up_near(&self, folded: &str) -> Option<&[Claim]> {
        let long = |text: &str| text.chars().count() >= SHORTEST_WITH_TYPO;
        // A letter is missing.
        if let Some(label) = self.near.get(folded) {
            return self.known(label);
        }
        if !long(folded) {
            return None;
        }
        without_one(folded).find_map(|shorter| {
            // A letter too many; or a wrong one, or two that changed places.
            let extra = long(&shorter).then(|| self.known(&shorter)).flatten();
            extra.or_else(|| self.near.get(&shorter).and_then(|label| self.known(label)))
        })
    }

    /// Does an answer say nothing ("volgt", "n.v.t.", "zie bijlage", a dash)?
    #[must_use]
    pub fn says_nothing(&self, answer: &str) -> bool {
        if !answer.chars().any(char::is_alphanumeric) {
            return true;
        }
        if answer.len() > LONGEST_NON_ANSWER {
            return false;
        }
        let said = words(answer);
        let stated = answer.contains(|c: char| c.is_ascii_digit() || c == '@');
        let begins =
            |phrase: &Vec<String>| said.starts_with(phrase) && said.len() <= phrase.len() + MOST_WORDS_BESIDE;
        self.no_answer.contains(&said.concat()) || !stated && self.no_answer_starts.iter().any(begins)
    }

    /// Does an answer begin by saying nothing ("weet ik niet precies, iets met …")?
    #[must_use]
    pub fn starts_with_nothing(&self, answer: &str) -> bool {
        let said = words(answer);
        self.no_answer_starts.iter().any(|phrase| said.starts_with(phrase))
    }
}

/// Letters and digits in lower case without accents: "E-mail adres" and "emailadres" are one.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    }
    text.nfd()
        .filter(|c| !is_combining_mark(*c) && c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(fold).filter(|word| !word.is_empty()).collect()
}

fn longest_first(phrases: &[String]) -> Vec<String> {
    let mut folded: Vec<String> = phrases.iter().map(|phrase| fold(phrase)).collect();
    folded.retain(|phrase| !phrase.is_empty());
    folded.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
    folded
}

/// Every string that is this one with one character left out.
fn without_one(text: &str) -> impl Iterator<Item = String> {
    text.char_indices().map(move |(at, c)| {
        let (front, rest) = text.split_at(at);
        let mut shorter = String::with_capacity(text.len());
        shorter.push_str(front);
        shorter.push_str(rest.strip_prefix(c).unwrap_or(rest));
        shorter
    })
}
