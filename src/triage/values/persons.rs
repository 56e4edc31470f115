//! The people whom it is about: titles, roles, names; not the writer.

use super::super::fields::Candidate;
use super::super::reading::View;

/// Adds one candidate with the list of all people involved.
pub fn find(_view: &View, _out: &mut Vec<Candidate>) {}
