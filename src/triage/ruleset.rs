//! All rules together, checked and compiled: what a decision is made with. Built by `rules` from
//! files, as a whole or not at all.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fields::Fields;
use super::inquiry::{Inquiry, InquiryWords};
use super::letter::Letters;
use super::reading::{Language, Languages};
use super::screen::Machines;
use super::text::TextMarks;
use super::values::date::DateWords;
use super::values::description::DescriptionWords;
use super::values::name::People;
use super::values::service::Services;

/// A text in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ByLanguage {
    /// In Dutch.
    #[schemars(length(min = 1))]
    pub nl: String,
    /// In English.
    #[schemars(length(min = 1))]
    pub en: String,
}

impl ByLanguage {
    #[must_use]
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Nl => &self.nl,
            Language::En => &self.en,
        }
    }
}

/// A term in working days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Term {
    // A year has some 250 working days: more is a slip of the finger.
    Days(
        #[schemars(
            range(min = 1, max = 250),
            extend("errorMessage" = "a term of 0 days is over before it begins; one of more than 250 is a slip of the finger")
        )]
        u32,
    ),
    None(NoTerm),
}

/// The word `"none"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NoTerm {
    None,
}

/// `rules/organisation.toml`
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// As it signs its letters.
    pub name: String,
    /// Its own mail domains.
    #[serde(default)]
    pub domains: Vec<String>,
    /// Its own phone numbers, never a writer's.
    #[serde(default)]
    pub phones: Vec<String>,
    /// How to reach a person, one line, for letters.
    pub contact: ByLanguage,
}

/// Every rule, ready to use.
#[derive(Debug)]
pub struct RuleSet {
    /// SHA-256 of all files, the first 16 hexadecimal digits.
    pub digest: String,
    pub organisation: Organisation,
    /// In the order of their file names.
    pub inquiries: Vec<Inquiry>,
    pub inquiry_words: InquiryWords,
    pub fields: Fields,
    pub services: Services,
    pub machines: Machines,
    /// Some kilobytes of lists: too large to be handed on by value.
    pub people: Box<People>,
    pub text: TextMarks,
    pub dates: DateWords,
    pub descriptions: DescriptionWords,
    pub languages: Languages,
    pub letters: Letters,
}

impl RuleSet {
    #[must_use]
    pub fn inquiry(&self, id: &str) -> Option<&Inquiry> {
        self.inquiries.iter().find(|inquiry| inquiry.id == id)
    }
}
