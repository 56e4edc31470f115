//! Phone numbers of the writer, by libphonenumber behind a candidate finder of our own.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::fault::Fault;
use super::super::fields::Candidate;
use super::super::reading::View;

/// `[phone]` of `rules/fields.toml`: words that tell whose a number is.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PhoneRules {}

/// [`PhoneRules`], ready to use.
#[derive(Debug, Default)]
pub struct PhoneWords {}

impl PhoneWords {
    /// Faults are added to `faults`.
    pub fn compile(_rules: &PhoneRules, _faults: &mut Vec<Fault>) -> Self {
        Self {}
    }
}

/// Adds a candidate for each number that may be the writer's.
pub fn find(_view: &View, _out: &mut Vec<Candidate>) {}
