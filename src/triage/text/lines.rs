//! A text as lines with their quote marks taken off.

use std::ops::Range;

/// Deeper quotes count as this deep.
pub const DEEPEST: usize = 16;

/// One line of the text.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    /// With its line end.
    pub span: Range<usize>,
    /// How many `>` it begins with.
    pub depth: usize,
    /// Without quote marks, line end and outer blanks.
    pub body: &'a str,
    /// Where the body begins in the text.
    pub body_at: usize,
}

impl Line<'_> {
    pub fn is_blank(&self) -> bool {
        self.body.is_empty()
    }
}

/// Every line; the spans tile the text.
pub fn split(text: &str) -> Vec<Line<'_>> {
    let mut at = 0;
    text.split_inclusive('\n')
        .map(|raw| {
            let span = at..at + raw.len();
            at = span.end;
            let (depth, rest) = unquote(raw);
            let rest = rest.trim_start();
            Line { depth, body: rest.trim_end(), body_at: span.end - rest.len(), span }
        })
        .collect()
}

/// Takes off `> > ` and the like.
fn unquote(raw: &str) -> (usize, &str) {
    let (mut depth, mut rest) = (0, raw);
    loop {
        let bare = rest.trim_start_matches([' ', '\t']);
        // Four blanks before a `>` are a person's own drawing, not a quote.
        let Some(inner) = bare.strip_prefix('>').filter(|_| rest.len() - bare.len() < 4) else {
            return (depth, rest);
        };
        depth = (depth + 1).min(DEEPEST);
        rest = inner;
    }
}
