//! Numbers and codes by the patterns of a rule file (kind `pattern`), choices and labelled text.

use regex::Regex;

use super::super::fault::{Fault, Place};
use super::super::fields::{Candidate, FieldRules, pattern};
use super::super::reading::View;

/// What a field of kind pattern or choice is recognised by.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    pub patterns: Vec<Regex>,
}

impl Reference {
    /// Faults are added to `faults`, their place under `place`.
    pub fn compile(rules: &FieldRules, place: &Place, faults: &mut Vec<Fault>) -> Self {
        let patterns = rules
            .patterns
            .iter()
            .enumerate()
            .filter_map(|(i, text)| pattern(text, place.clone().key("patterns").index(i), faults))
            .collect();
        Self { patterns }
    }
}

/// Adds a candidate for each value of a field of kind pattern, choice or text.
pub fn find(_view: &View, _out: &mut Vec<Candidate>) {}
