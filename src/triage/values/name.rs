//! The contact person's full name: label, "mijn naam is", sign-off, signature, From.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::fault::Fault;
use super::super::fields::Candidate;
use super::super::reading::View;

/// `rules/people.toml`: titles, roles, greetings, closings in Dutch and English.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PeopleRules {}

/// [`PeopleRules`], ready to use.
#[derive(Debug, Default)]
pub struct People {}

impl People {
    /// # Errors
    /// Every fault of the rules.
    pub fn compile(_rules: &PeopleRules) -> Result<Self, Vec<Fault>> {
        Ok(Self {})
    }
}

/// Adds a candidate for each name that may be the writer's.
pub fn find(_view: &View, _out: &mut Vec<Candidate>) {}
