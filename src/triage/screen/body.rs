//! The patterns of a mail's text, all together.
//!
//! "A, and within 1500 characters B" as one expression is laid out as 1500 characters at each such
//! place, and is matched as slowly. So a pattern is cut at its gaps, and each part is looked for by
//! itself: first by the words that it needs, which hardly any mail has.

use crate::triage::expression::{Expression, lean_for_long};
use crate::triage::fold::fold;
use crate::triage::sieve::Sieve;

/// How a pattern writes a gap, up to the number of characters that it spans.
const GAP: &str = r"(?:.|\n){0,";

/// Patterns, ready to use.
#[derive(Debug, Default)]
pub struct Bodies {
    patterns: Vec<Pattern>,
    /// Over the parts of all patterns, one after the other.
    sieve: Sieve,
}

/// A pattern that was cut: its first part, and the others with the gaps before them.
#[derive(Debug)]
struct Pattern {
    start: Expression,
    rest: Vec<(usize, Expression)>,
}

impl Bodies {
    /// The patterns are known to be valid each by itself.
    ///
    /// # Errors
    /// Where they are too large.
    pub fn compile(patterns: &[String]) -> Result<Self, String> {
        let compiled = patterns.iter().map(|pattern| {
            let (start, rest) = cut(pattern);
            let rest = rest.iter().map(|(gap, next)| Ok((*gap, part(next)?)));
            Ok(Pattern { start: part(start)?, rest: rest.collect::<Result<_, String>>()? })
        });
        Ok(Self { patterns: compiled.collect::<Result<_, String>>()?, sieve: Sieve::default() })
    }

    /// For each pattern: is it in the text?
    pub fn matches(&self, text: &str) -> Vec<bool> {
        let parts = self.patterns.iter().flat_map(Pattern::parts);
        let may = self.sieve.may_match(&fold(text), parts);
        let mut may = may.as_slice();
        let found = |pattern: &Pattern| {
            let (parts, others) = may.split_at_checked(pattern.parts().count()).unwrap_or_default();
            may = others;
            parts.iter().all(|part| *part) && pattern.is_in(text)
        };
        self.patterns.iter().map(found).collect()
    }
}

impl Pattern {
    fn parts(&self) -> impl Iterator<Item = &Expression> {
        std::iter::once(&self.start).chain(self.rest.iter().map(|(_, next)| next))
    }

    /// Does each part stand near enough behind the one before?
    fn is_in(&self, text: &str) -> bool {
        if self.rest.is_empty() {
            return self.start.is_match(text);
        }
        let mut ends: Vec<usize> = self.start.find_iter(text).map(|found| found.end()).collect();
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

    /// With the shipped patterns, and what people and machines wrote.
    #[test]
    fn no_pattern_is_passed_over_where_it_would_match() {
        let rules: toml::Table = toml::from_str(include_str!("../../../rules/machines.toml")).unwrap();
        let signs = rules["sign"].as_array().unwrap().iter();
        let patterns: Vec<String> =
            signs.filter_map(|sign| Some(sign.get("body")?.as_str().unwrap().replace(' ', r"\s+"))).collect();
        let bodies = Bodies::compile(&patterns).unwrap();
        let mails = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/mails");
        let mut matched = 0;
        for mail in std::fs::read_dir(mails).unwrap().step_by(16) {
            let bytes = std::fs::read(mail.unwrap().path()).unwrap();
            let text: String = String::from_utf8_lossy(&bytes).chars().take(4_000).collect();
            let each: Vec<bool> = bodies.patterns.iter().map(|pattern| pattern.is_in(&text)).collect();
            assert_eq!(bodies.matches(&text), each, "{text}");
            matched += each.iter().filter(|found| **found).count();
        }
        assert!(matched > 10, "{matched} matches: this shows nothing");
    }
}
