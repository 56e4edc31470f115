//! The patterns of a mail's text, all together.
//!
//! "A, and within 1500 characters B" as one expression is laid out as 1500 characters at each such
//! place, and is matched as slowly. So a pattern is cut at its gaps: one pass over the text finds
//! what may begin, and only behind such finds is anything else looked for.

use crate::triage::expression::{Expression, Expressions, lean_for_long};

/// How a pattern writes a gap, up to the number of characters that it spans.
const GAP: &str = r"(?:.|\n){0,";

/// Patterns, ready to use.
#[derive(Debug, Default)]
pub struct Bodies {
    starts: Expressions,
    patterns: Vec<Pattern>,
}

/// A pattern that was cut: its first part, and the others with the gaps before them.
#[derive(Debug)]
struct Pattern {
    start: Option<Expression>,
    rest: Vec<(usize, Expression)>,
}

impl Bodies {
    /// The patterns are known to be valid each by itself.
    ///
    /// # Errors
    /// Where they are too large.
    pub fn compile(patterns: &[String]) -> Result<Self, String> {
        let cut: Vec<(&str, Vec<(usize, &str)>)> = patterns.iter().map(|pattern| cut(pattern)).collect();
        let starts = Expressions::any_case(cut.iter().map(|(start, _)| lean_for_long(start)))?;
        let compiled = cut.iter().map(|(start, rest)| {
            let start = if rest.is_empty() { None } else { Some(part(start)?) };
            let rest = rest.iter().map(|(gap, next)| Ok((*gap, part(next)?)));
            Ok(Pattern { start, rest: rest.collect::<Result<_, String>>()? })
        });
        let patterns = compiled.collect::<Result<_, String>>()?;
        Ok(Self { starts, patterns })
    }

    /// For each pattern: is it in the text?
    pub fn matches(&self, text: &str) -> Vec<bool> {
        let starts = self.starts.matches(text);
        let found = |(index, pattern): (usize, &Pattern)| starts.matched(index) && pattern.goes_on(text);
        self.patterns.iter().enumerate().map(found).collect()
    }
}

impl Pattern {
    /// Does what comes behind the first part stand near enough behind it?
    fn goes_on(&self, text: &str) -> bool {
        let Some(start) = &self.start else { return true };
        let mut ends: Vec<usize> = start.find_iter(text).map(|found| found.end()).collect();
        for (gap, next) in &self.rest {
            let mut before = ends.iter().copied().peekable();
            let mut reached: Option<usize> = None;
            let mut behind = Vec::new();
            for found in next.find_iter(text) {
                while let Some(end) = before.next_if(|end| *end <= found.start()) {
                    reached = Some(end);
                }
                let between = reached.and_then(|end| text.get(end..found.start()));
                if between.is_some_and(|between| between.len() <= *gap || between.chars().count() <= *gap) {
                    behind.push(found.end());
                }
            }
            ends = behind;
        }
        !ends.is_empty()
    }
}

fn part(pattern: &str) -> Result<Expression, String> {
    Expression::any_case(lean_for_long(pattern))
}

/// Cuts a pattern at its gaps; one whose gaps stand within brackets or beside a `|` stays whole.
fn cut(pattern: &str) -> (&str, Vec<(usize, &str)>) {
    let mut rest = Vec::new();
    let mut pieces = pattern.split(GAP);
    let start = pieces.next().unwrap_or(pattern);
    for piece in pieces {
        let Some((gap, next)) = piece.split_once('}') else { return (pattern, Vec::new()) };
        match gap.parse() {
            Ok(gap) if !next.is_empty() => rest.push((gap, next)),
            _ => return (pattern, Vec::new()),
        }
    }
    let simple = std::iter::once(start).chain(rest.iter().map(|(_, next)| *next)).all(is_closed);
    if simple { (start, rest) } else { (pattern, Vec::new()) }
}

/// Every bracket is closed, and no `|` stands outside of them.
fn is_closed(pattern: &str) -> bool {
    let (mut depth, mut class, mut escaped) = (0_i32, false, false);
    for c in pattern.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ']' => class = false,
            _ if class => {}
            '[' => class = true,
            '(' => depth += 1,
            ')' => depth -= 1,
            '|' if depth == 0 => return false,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0 && !class && !pattern.starts_with(['{', '?', '*', '+'])
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;

    #[test]
    fn a_gap_is_as_wide_as_it_says() {
        let patterns =
            [r"bericht(?:.|\n){0,10}(?:klik|open)(?:.|\n){0,5}hier\b", r"a(?:b(?:.|\n){0,2}c|d)", "x|y"];
        let bodies = Bodies::compile(&patterns.map(str::to_owned)).unwrap();
        for text in [
            "Bericht:\nklik dan hier",
            "Bericht. Bericht, klik hierop klik hier",
            "bericht één twee drié klik hier",
            "bericht ééééééé open hier ad",
            "ab12c",
            "ab123c y",
            "",
        ] {
            let whole = patterns.map(|p| Regex::new(&format!("(?i){p}")).unwrap().is_match(text));
            assert_eq!(bodies.matches(text), whole, "{text}");
        }
    }
}
