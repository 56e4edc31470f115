//! Labels in all their shapes (`Naam:`, `Naam -`, a tab, the next line, a table cell, several on a
//! line): found once for all fields, used by every finder.

use std::ops::Range;

use super::super::fields::{Fields, Source};
use super::super::message::Message;
use super::super::text::Sections;

/// A label with what stands behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    /// Id of the field that the label names.
    pub field: String,
    pub source: Source,
    /// The label as written, without its punctuation.
    pub label: Range<usize>,
    /// What stands behind it, trimmed; empty when nothing does.
    pub value: Range<usize>,
    /// The value is a non-answer ("volgt", "n.v.t.", "-", "zie bijlage") or nothing.
    pub no_answer: bool,
}

/// All labels in body, subject and attached mails, in order.
#[must_use]
pub fn find(_message: &Message, _sections: &Sections, _fields: &Fields) -> Vec<Labelled> {
    Vec::new()
}
