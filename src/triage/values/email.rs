//! The address at which the writer wants to be reached.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::fault::Fault;
use super::super::fields::Candidate;
use super::super::reading::View;

/// `[email]` of `rules/fields.toml`: words that tell whose an address is.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EmailRules {}

/// [`EmailRules`], ready to use.
#[derive(Debug, Default)]
pub struct EmailWords {}

impl EmailWords {
    /// Faults are added to `faults`.
    pub fn compile(_rules: &EmailRules, _faults: &mut Vec<Fault>) -> Self {
        Self {}
    }
}

/// Adds a candidate for each address that may be the writer's.
pub fn find(_view: &View, _out: &mut Vec<Candidate>) {}
