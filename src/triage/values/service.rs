//! The service: the vocabulary of `rules/services.toml` over folded text; the most specific wins.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::fault::Fault;
use super::super::fields::Candidate;
use super::super::reading::View;

/// `rules/services.toml`
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceRules {
    /// Canonical id to the words that people use.
    pub service: BTreeMap<String, Service>,
}

/// One service.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Service {
    /// Words that people use for it.
    pub words: Vec<String>,
}

/// [`ServiceRules`], ready to use.
#[derive(Debug, Default)]
pub struct Services {}

impl Services {
    /// # Errors
    /// Every fault of the rules.
    pub fn compile(_rules: &ServiceRules) -> Result<Self, Vec<Fault>> {
        Ok(Self {})
    }
}

/// Adds a candidate for each service named.
pub fn find(_view: &View, _out: &mut Vec<Candidate>) {}
