//! The rules of the vocabulary, as they are written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::near::NearRules;

/// `rules/services.toml`
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceRules {
    /// Canonical id to the words that people use.
    pub service: BTreeMap<String, Service>,
    /// Endings that every word may have.
    pub endings: Vec<String>,
    /// What every word may have before it ("tele", "kinder").
    pub prefixes: Vec<String>,
    /// Words that are no typing errors of a service.
    pub not_typos: Vec<String>,
    /// What stands before a lay word where it names the service: regular expressions over small letters
    /// without accents.
    pub lead_ins: Vec<String>,
    /// Behind these a full stop ends no sentence.
    pub abbreviations: Vec<String>,
    /// What stands near a service and says whether it is the one asked about.
    pub context: Vec<NearRules>,
    /// Further, for the weak words of services.
    pub context_weak: Vec<NearRules>,
    /// Further, for services of rank 0.
    pub context_portal: Vec<NearRules>,
}

/// One service.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Service {
    /// Which goes before when two are named: 3 an examination, 2 a specialism, 1 general words, 0 the
    /// portal, which counts only where the mail is about it.
    pub rank: u8,
    /// Words that people use for it; a star at either end lets them go on there.
    pub words: Vec<String>,
    /// Words that count only a little, such as the doctor instead of the service.
    pub weak: Vec<String>,
    /// Regular expressions over small letters without accents.
    pub patterns: Vec<String>,
    /// Words that name it only where a service is asked for: under its label, or behind one of
    /// `lead_ins` ("consult over mijn huid").
    pub lay: Vec<String>,
    /// The same as regular expressions over small letters without accents.
    pub lay_patterns: Vec<String>,
}

/// Which of a service's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// Those that name it anywhere.
    Named,
    /// Those that name it only where a service is asked for.
    Lay,
}

impl Level {
    /// The words that count in full, the weak ones and the patterns, with the keys of the first and last.
    pub(super) fn of(self, service: &Service) -> (&[String], &[String], &[String]) {
        match self {
            Self::Named => (&service.words, &service.weak, &service.patterns),
            Self::Lay => (&service.lay, &[], &service.lay_patterns),
        }
    }

    pub(super) fn keys(self) -> (&'static str, &'static str) {
        match self {
            Self::Named => ("words", "patterns"),
            Self::Lay => ("lay", "lay_patterns"),
        }
    }
}
