//! What is it about? Scores each inquiry by the words of its rule file.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::fields::FieldRules;
use super::reading::View;
use super::ruleset::{ByLanguage, Term};

/// A rule file of an inquiry, such as `rules/invoice.toml`. Its id is the file's name.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InquiryRules {
    /// What it is called in letters: `title.nl = "vraag over een factuur"`.
    pub title: ByLanguage,
    /// First letters of its case numbers: `case_prefix = "K"` makes `K-2026-000123`.
    pub case_prefix: String,
    /// Working days within which a person must react, or `"none"`.
    pub working_days: Term,
    /// Fields that a mail must state.
    pub mandatory: Vec<String>,
    /// Fields that are noted where they are stated, never asked for.
    #[serde(default)]
    pub optional: Vec<String>,
    /// Tell the coordinators at once about each new case.
    #[serde(default)]
    pub alert_new: bool,
    /// Words and patterns that point to this inquiry.
    #[serde(default)]
    pub words: WordRules,
    /// Fields of this inquiry alone; those that several share stand in `fields.toml`.
    #[serde(default)]
    pub field: BTreeMap<String, FieldRules>,
}

/// Words that speak for or against an inquiry.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WordRules {}

/// An inquiry, ready to use.
#[derive(Debug, Clone)]
pub struct Inquiry {
    pub id: String,
    pub title: ByLanguage,
    pub case_prefix: String,
    /// `None`: no term, no deadline.
    pub working_days: Option<u32>,
    pub mandatory: Vec<String>,
    pub optional: Vec<String>,
    pub alert_new: bool,
}

/// The words of all inquiries, ready to use.
#[derive(Debug, Default)]
pub struct InquiryWords {}

impl InquiryWords {
    /// # Errors
    /// Every fault of the rules, with the id of the inquiry.
    pub fn compile(_rules: &[(String, InquiryRules)]) -> Result<Self, Vec<(String, Fault)>> {
        Ok(Self {})
    }
}

/// The inquiry chosen and why.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Choice {
    pub id: String,
    /// Score of each inquiry, best first.
    pub scores: Vec<(String, i32)>,
    /// Such as `words 'klacht indienen'` or `the mailbox`.
    pub why: String,
}

/// Chooses by content, else by mailbox.
#[must_use]
pub fn choose(view: &View) -> Choice {
    Choice { id: view.context.mailbox.inquiry.clone(), scores: Vec::new(), why: "the mailbox".to_owned() }
}
