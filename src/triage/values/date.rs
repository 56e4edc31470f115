//! The day of the incident: dates in Dutch and English, resolved from the day of writing.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::fault::Fault;
use super::super::fields::Candidate;
use super::super::reading::View;

/// `rules/dates.toml`: names of months and days, words such as "gisteren".
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DateRules {}

/// [`DateRules`], ready to use.
#[derive(Debug, Default)]
pub struct DateWords {}

impl DateWords {
    /// # Errors
    /// Every fault of the rules.
    pub fn compile(_rules: &DateRules) -> Result<Self, Vec<Fault>> {
        Ok(Self {})
    }
}

/// Adds a candidate for each day that may be the one asked for.
pub fn find(_view: &View, _out: &mut Vec<Candidate>) {}
