//! Regular expressions of the rules, made lean before they are compiled, and compiled when they are
//! first needed: the rules hold hundreds, a mail meets few of them, and each takes time and memory.
//!
//! `\w` of Unicode has 760 ranges, which an engine lays out anew at each of the hundreds of places
//! where the rules say it: that was nine tenths of the time of a start. What people write to us has
//! letters of Latin script, so those are enough. And a Unicode `\b` makes the quick engine give up
//! at the first letter beyond ASCII: folded text does without. Checks cost a parse, not a compile.

use std::ops::Deref;
use std::sync::OnceLock;

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use regex_syntax::hir::{Class, Hir, HirKind};

/// Letters of Latin script with their accents, digits, and `_`.
const WORD: &str = r"0-9A-Z_a-zªµºÀ-ÖØ-öø-ɏ\x{300}-\x{36f}Ḁ-ỿ";
/// What is left of them in folded text (see [`super::fold`]).
const FOLDED_WORD: &str = "0-9A-Z_a-z";

/// The expression for text as it was written.
#[must_use]
pub fn lean(pattern: &str) -> String {
    rewrite(pattern, WORD, r"\b")
}

/// The expression for long text: words end where letters of ASCII do, so that the quick engine runs
/// to the end of any text.
#[must_use]
pub fn lean_for_long(pattern: &str) -> String {
    rewrite(pattern, WORD, r"(?-u:\b)")
}

/// The expression for folded text.
#[must_use]
pub fn lean_folded(pattern: &str) -> String {
    rewrite(pattern, FOLDED_WORD, r"(?-u:\b)")
}

/// A class may stand within another, so that no brackets need to be looked at.
fn rewrite(pattern: &str, word: &str, bound: &str) -> String {
    let mut lean = String::with_capacity(pattern.len() * 2);
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            lean.push(c);
            continue;
        }
        match chars.next() {
            Some('w') => lean.extend(["[", word, "]"]),
            Some('W') => lean.extend(["[^", word, "]"]),
            Some('d') => lean.push_str("[0-9]"),
            // `\b{start}` says more.
            Some('b') if !chars.as_str().starts_with('{') => lean.push_str(bound),
            Some(other) => lean.extend(['\\', other]),
            None => lean.push('\\'),
        }
    }
    lean
}

/// Is it an expression, of a bearable size? Compiles nothing.
///
/// # Errors
/// What is wrong with it, in a few words.
pub fn check(pattern: &str) -> Result<(), String> {
    parse(&lean(pattern)).map(|_| ())
}

fn parse(lean: &str) -> Result<Hir, String> {
    let parsed = regex_syntax::parse(lean).map_err(|error| last_line(&error.to_string()))?;
    if size(&parsed) > LARGEST { Err(TOO_LARGE.to_owned()) } else { Ok(parsed) }
}

/// Bytes and ranges of characters that the engine would lay out, about. Nesting is bounded by the parser.
fn size(parsed: &Hir) -> usize {
    match parsed.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(Class::Bytes(_)) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(Class::Unicode(class)) => class.ranges().len(),
        HirKind::Repetition(repeated) => {
            let times = repeated.max.unwrap_or(repeated.min).max(1);
            size(&repeated.sub).saturating_mul(usize::try_from(times).unwrap_or(usize::MAX))
        }
        HirKind::Capture(group) => size(&group.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().fold(0, |sum, part| sum.saturating_add(size(part)))
        }
    }
}

/// How the engine begins to say what is wrong, and the same for people who never wrote a pattern.
const WORDS: [(&str, &str); 11] = [
    ("unclosed group", "a ( has no )"),
    ("unopened group", "a ) has no ( before it"),
    ("unclosed character class", "a [ has no ]"),
    ("unclosed counted repetition", "a { has no }"),
    ("repetition operator missing", "nothing stands before ?, *, + or {"),
    ("repetition quantifier expects", "between { and } stand one or two numbers: {4} or {4,6}"),
    ("invalid repetition count range", "between { and } the smaller number comes first"),
    ("invalid character class range", "between [ and ] the lower end comes first: [0-9]"),
    ("unrecognized escape", "a \\ stands before a letter that it gives no meaning"),
    ("backreferences", "\\1 and the like do not exist here"),
    ("look-around", "look-ahead and look-behind, (?=...) and the like, do not exist here"),
];

/// What is wrong, in words: the engine draws a picture of the pattern above its own.
pub fn last_line(error: &str) -> String {
    let said = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
    let known = WORDS.iter().find(|(start, _)| said.starts_with(start));
    known.map_or(said, |(_, words)| words).to_owned()
}

/// Largest size of one expression: no file of rules may use up the memory.
const LARGEST: usize = 50_000;
/// What is wrong with one that is larger.
pub const TOO_LARGE: &str = "it is too large: repeat fewer times, or use shorter patterns";
/// Bytes of a compiled expression or set. Those of a bearable size are far smaller.
const COMPILED: usize = 64 << 20;
/// Bytes that an engine keeps, for each thread, of what it has seen of texts. Beyond it begins anew.
const REMEMBERED: usize = 2 << 20;

/// A lean expression, compiled when it is first used as the [`Regex`] that it stands for.
#[derive(Debug, Clone)]
pub struct Expression {
    source: String,
    any_case: bool,
    compiled: OnceLock<Regex>,
}

impl Expression {
    /// # Errors
    /// What is wrong with it, in a few words.
    pub fn new(lean: String) -> Result<Self, String> {
        parse(&lean)?;
        Ok(Self { source: lean, any_case: false, compiled: OnceLock::new() })
    }

    /// The same without regard to case.
    ///
    /// # Errors
    /// What is wrong with it, in a few words.
    pub fn any_case(lean: String) -> Result<Self, String> {
        Ok(Self { any_case: true, ..Self::new(lean)? })
    }

    /// As it was given. Compiles nothing.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Capital and small letters are the same to it.
    #[must_use]
    pub fn is_any_case(&self) -> bool {
        self.any_case
    }
}

impl Deref for Expression {
    type Target = Regex;

    fn deref(&self) -> &Regex {
        self.compiled.get_or_init(|| {
            RegexBuilder::new(&self.source)
                .case_insensitive(self.any_case)
                .size_limit(COMPILED)
                .dfa_size_limit(REMEMBERED)
                .build()
                .unwrap_or_else(|_| nothing())
        })
    }
}

/// What parses and is of a bearable size compiles; were it not so, it would find nothing.
#[expect(clippy::expect_used, reason = "a constant")]
fn nothing() -> Regex {
    Regex::new(r"[^\s\S]").expect("a valid expression")
}

/// Lean expressions that are tried together, without regard to case; compiled when first used as the
/// [`RegexSet`] that they stand for.
#[derive(Debug, Clone, Default)]
pub struct Expressions {
    sources: Vec<String>,
    compiled: OnceLock<RegexSet>,
}

impl Expressions {
    /// # Errors
    /// What is wrong with one of them, in a few words.
    pub fn any_case(lean: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let sources: Vec<String> = lean.into_iter().collect();
        sources.iter().try_for_each(|source| parse(source).map(|_| ()))?;
        Ok(Self { sources, compiled: OnceLock::new() })
    }
}

impl Deref for Expressions {
    type Target = RegexSet;

    fn deref(&self) -> &RegexSet {
        self.compiled.get_or_init(|| {
            RegexSetBuilder::new(&self.sources)
                .case_insensitive(true)
                .size_limit(COMPILED)
                .dfa_size_limit(REMEMBERED)
                .build()
                .unwrap_or_default()
        })
    }
}

/// Does it also fit a text without any character?
///
/// # Errors
/// What is wrong with it, in a few words.
pub fn fits_nothing(pattern: &str) -> Result<bool, String> {
    Ok(parse(&lean(pattern))?.properties().minimum_len() == Some(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lean_expression_finds_what_the_full_one_finds() {
        let texts = ["één jaar", "Müllers-Işık", "e\u{301}e\u{301}n", "a_1 € 2", "\\w", "-–—", ""];
        for pattern in [r"\w+", r"[\w-]+", r"\W+", r"[^\W\d]+", r"\\w", r"\b\w*\d\b", r"[\d.]+"] {
            let (full, lean) = (Regex::new(pattern).unwrap(), Regex::new(&lean(pattern)).unwrap());
            for text in texts {
                let all =
                    |regex: &Regex| regex.find_iter(text).map(|found| found.range()).collect::<Vec<_>>();
                assert_eq!(all(&lean), all(&full), "{pattern} in {text}");
            }
        }
    }

    #[test]
    fn words_of_folded_text_end_where_words_end() {
        let regex = Regex::new(&lean_folded(r"\bpatient\w*\b")).unwrap();
        assert_eq!(regex.find("de “patienten” – €").map(|found| found.as_str()), Some("patienten"));
        assert!(!regex.is_match("inpatient"));
    }

    #[test]
    fn a_fault_is_told_in_one_line() {
        assert_eq!(check("a(").unwrap_err(), "a ( has no )");
        assert_eq!(check("a{,2}").unwrap_err().lines().count(), 1);
        assert!(check(r"a\b").is_ok());
        assert_eq!(check("(?:[a-z]{99}){999}").unwrap_err(), TOO_LARGE);
    }
}
