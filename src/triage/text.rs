//! Whose words are these? Splits [`Message::text`] into sections.

use std::ops::Range;

use schemars::JsonSchema;
use serde::Deserialize;

use super::fault::Fault;
use super::message::Message;

/// What a stretch of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// The writer's own words, answers between quoted lines included.
    Own,
    /// The block under the writer's words that says who and where they are.
    Signature,
    /// Words of an earlier mail by the same writer, quoted or forwarded: they count as stated.
    OwnEarlier,
    /// A mail of ours that the writer answers: an invoice number or a service may come from it.
    QuotedOurs,
    /// Words of anybody else, quoted or forwarded.
    QuotedOther,
    /// Legal small print, advertisements, "Verstuurd vanaf mijn iPhone".
    Boilerplate,
}

/// A stretch of [`Message::text`] with one zone. Spans are byte offsets on character boundaries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    pub zone: Zone,
    pub span: Range<usize>,
}

/// The sections of a text: in order, without gaps or overlap, together the whole text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sections(pub Vec<Section>);

impl Sections {
    /// The zone of the byte at `offset`; [`Zone::Own`] beyond the end.
    #[must_use]
    pub fn zone_at(&self, offset: usize) -> Zone {
        let at = self.0.partition_point(|section| section.span.end <= offset);
        self.0.get(at).map_or(Zone::Own, |section| section.zone)
    }

    /// The sections of one of these zones.
    pub fn of<'a>(&'a self, zones: &'a [Zone]) -> impl Iterator<Item = &'a Section> {
        self.0.iter().filter(move |section| zones.contains(&section.zone))
    }
}

/// `rules/text.toml`: how quotes, signatures and small print look.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TextRules {}

/// [`TextRules`], ready to use.
#[derive(Debug, Default)]
pub struct TextMarks {}

impl TextMarks {
    /// # Errors
    /// Every fault of the rules.
    pub fn compile(_rules: &TextRules) -> Result<Self, Vec<Fault>> {
        Ok(Self {})
    }
}

/// Splits the text of a mail. Total, linear in its size.
#[must_use]
pub fn split(message: &Message, _marks: &TextMarks, _own_domains: &[String]) -> Sections {
    Sections(vec![Section { zone: Zone::Own, span: 0..message.text.len() }])
}
