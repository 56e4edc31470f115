//! Of several numbers the one that is counted off further on: "het gaat om de laatste", "de eerste is
//! betaald, de tweede klopt niet".

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::super::fault::{Fault, Place};
use super::super::super::fields::Candidate;
use super::super::context::sentence_after;
use super::super::labels::fold;
use super::super::phrases::Phrases;
use super::{IS_SETTLED, Reference, less_by_settled};

/// Bytes behind the last number in which it may be said.
const REACH: usize = 240;
/// Added to the one that is meant.
const MEANT: i32 = 30;

/// Words that count numbers off.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OrderRules {
    /// `["de eerste", "the first"]`
    pub first: Vec<String>,
    /// `["de tweede", "the second"]`
    pub second: Vec<String>,
    /// `["de derde", "the third"]`
    pub third: Vec<String>,
    /// `["de laatste", "the last"]`
    pub last: Vec<String>,
    /// Words that the sentence may go on with: "de tweede KLOPT niet", but not "de tweede brief".
    pub goes_on: Vec<String>,
}

/// [`OrderRules`], ready to use.
#[derive(Debug, Clone, Default)]
pub struct Order {
    /// Which one of the numbers, counted from the front; `None` is the last.
    list: Vec<(Option<usize>, Phrases)>,
    goes_on: Vec<String>,
}

impl Order {
    /// Faults are added to `faults`, their place under `place`.
    pub fn compile(rules: &OrderRules, place: &Place, faults: &mut Vec<Fault>) -> Self {
        let lists = [
            (Some(0), "first", &rules.first),
            (Some(1), "second", &rules.second),
            (Some(2), "third", &rules.third),
            (None, "last", &rules.last),
        ];
        let list = lists
            .into_iter()
            .map(|(which, key, list)| (which, Phrases::compile(list, &place.clone().key(key), faults)))
            .collect();
        Self { list, goes_on: rules.goes_on.iter().map(|word| fold(word)).collect() }
    }

    /// Makes the number that is counted off more likely, or less where it is said to be settled.
    /// `found` are the candidates of one text.
    pub fn point(&self, rules: &Reference, text: &str, found: &mut [Candidate]) {
        let mut places: Vec<usize> = (0..found.len()).collect();
        places.sort_by_key(|at| found.get(*at).map(|one| one.evidence.span.start));
        places.dedup_by_key(|at| found.get(*at).map(|one| one.value.clone()));
        let Some(behind) = places.last().and_then(|at| found.get(*at)).map(|last| last.evidence.span.end)
        else {
            return;
        };
        if places.len() < 2 {
            return;
        }
        let told = text.get(behind..).unwrap_or_default();
        let told = told.get(..told.floor_char_boundary(REACH)).unwrap_or_default();
        for (which, phrases) in &self.list {
            let Some(said) = phrases.all(told).find(|said| self.is_of_a_number(rules, told, said.end)) else {
                continue;
            };
            let which = which.unwrap_or(places.len() - 1);
            let Some(meant) = places.get(which).and_then(|at| found.get_mut(*at)) else { continue };
            let rest = told.get(sentence_after(told, said.end, told.len())).unwrap_or_default();
            let denied = told
                .get(..said.start)
                .and_then(|before| before.split_whitespace().next_back())
                .is_some_and(|word| rules.less_after.found(word));
            if denied || rules.less_before.found(rest) {
                meant.score = less_by_settled(meant.score);
                meant.why.push_str(IS_SETTLED);
            } else {
                meant.score += MEANT;
                meant.why.push_str("; counted off as the one");
            }
        }
    }

    /// Does the sentence go on as one about a number does?
    fn is_of_a_number(&self, rules: &Reference, text: &str, end: usize) -> bool {
        let rest = text.get(end..).unwrap_or_default();
        let next = fold(rest.split_whitespace().next().unwrap_or_default());
        !rest.starts_with(char::is_whitespace)
            || next.is_empty()
            || rules.names.contains(&next)
            || rules.between.contains(&next)
            || self.goes_on.contains(&next)
    }
}
