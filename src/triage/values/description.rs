//! What the question or incident is, in the writer's own words.

use super::super::fields::Candidate;
use super::super::reading::View;

/// Adds the stretch of own text that says it, when there is one.
pub fn find(_view: &View, _out: &mut Vec<Candidate>) {}
