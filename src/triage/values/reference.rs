//! Numbers and codes by the patterns of a rule file (kind `pattern`), choices and labelled text.

use super::super::fields::Candidate;
use super::super::reading::View;

/// Adds a candidate for each value of a field of kind pattern, choice or text.
pub fn find(_view: &View, _out: &mut Vec<Candidate>) {}
