//! Whose words are these? Splits [`Message::text`] into sections.
//!
//! [`quotes`] finds out who wrote each line; [`signature`] then parts the writer's own lines into
//! words, signature and small print. The words by which all that is recognised stand in
//! `rules/text.toml`. Knows nothing of what a mail is about.

mod author;
mod lines;
mod marks;
mod quotes;
mod signature;

use std::ops::Range;

use self::author::Authors;
pub use self::marks::{HeaderWords, TextMarks, TextRules};
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

/// Splits the text of a mail. Total, linear in its size. `rows` are the places at which the rows of a
/// form begin, in order: no signature reaches over them.
#[must_use]
pub fn split(message: &Message, marks: &TextMarks, own_domains: &[String], rows: &[usize]) -> Sections {
    let authors = Authors::of(message, own_domains);
    let lines = lines::split(&message.text);
    let forwarded = marks.is_forward(&message.subject);
    let mut zones = quotes::zones(&lines, marks, &authors, forwarded);
    let mut cuts = Vec::new();
    let mut at = 0;
    while at < zones.len() {
        let zone = zones.get(at).copied();
        let end = (at..zones.len()).find(|i| zones.get(*i).copied() != zone).unwrap_or(zones.len());
        if zone == Some(Zone::Own) {
            signature::mark(&lines, at..end, marks, &authors, rows, &mut zones, &mut cuts);
        }
        at = end;
    }
    tile(&lines, &zones, &cuts)
}

/// Joins neighbours of one zone; at a cut a signature begins within its line.
fn tile(lines: &[lines::Line], zones: &[Zone], cuts: &[usize]) -> Sections {
    let mut sections: Vec<Section> = Vec::new();
    let mut put = |zone: Zone, span: Range<usize>| match sections.last_mut() {
        _ if span.is_empty() => {}
        Some(last) if last.zone == zone => last.span.end = span.end,
        _ => sections.push(Section { zone, span }),
    };
    let mut cuts = cuts.iter().copied().peekable();
    for (line, zone) in lines.iter().zip(zones) {
        while cuts.next_if(|cut| *cut < line.span.start).is_some() {}
        if let Some(cut) = cuts.next_if(|cut| line.span.contains(cut)) {
            put(*zone, line.span.start..cut);
            put(Zone::Signature, cut..line.span.end);
        } else {
            put(*zone, line.span.clone());
        }
    }
    Sections(sections)
}

#[cfg(test)]
mod tests;
