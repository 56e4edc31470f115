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
    let mut lines: Vec<Line> = text
        .split_inclusive('\n')
        .map(|raw| {
            let span = at..at + raw.len();
            at = span.end;
            let (depth, rest) = unquote(raw);
            let rest = rest.trim_start();
            Line { depth, body: rest.trim_end(), body_at: span.end - rest.len(), span }
        })
        .collect();
    mend(&mut lines);
    lines
}

/// A program that breaks a line of a quote within a quote may leave the rest with fewer marks:
/// "> > … een wit scherm met een draaiend" and "> rondje.".
fn mend(lines: &mut [Line]) {
    /// Bytes of a line that was broken.
    const BROKEN: usize = 55;
    for at in 1..lines.len() {
        let [.., before, line] = lines.get_mut(..=at).unwrap_or_default() else { return };
        let goes_on = before.body.len() >= BROKEN && before.body.ends_with(char::is_alphanumeric);
        let rest = line.body.len() < BROKEN && line.body.starts_with(char::is_lowercase);
        if goes_on && rest && line.depth > 0 && line.depth < before.depth {
            line.depth = before.depth;
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_a_broken_line_is_as_deep_as_its_start() {
        let depths = |text: &str| split(text).iter().map(|line| line.depth).collect::<Vec<_>>();
        let broken = "> > Na het inloggen krijg ik alleen een wit scherm met een draaiend\n";
        assert_eq!(depths(&format!("{broken}> rondje. Al drie dagen.\n> > Groet\n")), [2, 2, 2]);
        assert_eq!(depths(&format!("{broken}> Dat is vervelend.\n")), [2, 1], "an answer");
        assert_eq!(depths("> > Na het inloggen\n> rondje\n"), [2, 1], "a short line was not broken");
        assert_eq!(depths(&format!("{broken}rondje\n")), [2, 0], "what has no mark is the writer's");
    }
}
