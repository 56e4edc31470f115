//! The address at which the writer wants to be reached.

use super::super::fields::Candidate;
use super::super::reading::View;

/// Adds a candidate for each address that may be the writer's.
pub fn find(_view: &View, _out: &mut Vec<Candidate>) {}
