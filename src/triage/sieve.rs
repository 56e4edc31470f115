//! Which of many expressions can match a text at all, told by one pass over it.
//!
//! The rules hold hundreds of expressions and a sentence meets few of them, yet each that is tried
//! costs a search and fetches tables of its own into the cache. Nearly all name words without which
//! they match nothing: one automaton of all these words finds those that are there, and only the
//! expressions that need one of them are tried. It never rules out a match, so it changes no result.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};
use regex_syntax::hir::literal::{ExtractKind, Extractor};
use regex_syntax::hir::{Hir, HirKind};

use super::expression::Expression;
use super::fold::fold;

/// A shorter piece of a word is in any text.
const SHORTEST: usize = 2;
/// Beyond this length a piece becomes no rarer.
const LONG_ENOUGH: usize = 5;
/// An expression with more words than this is tried without asking.
const MOST: usize = 500;

/// So many parts of an expression are looked at for the rarest words: more would only cost time.
const MOST_PARTS: usize = 50;

/// Built when it is first asked, from expressions over folded text, or from such as take capital and
/// small letters for the same: their words are looked for in the text's fold.
#[derive(Debug, Default)]
pub struct Sieve(OnceLock<Built>);

#[derive(Debug)]
struct Built {
    words: Option<AhoCorasick>,
    /// For each word the expression that needs it, or another word beside it.
    needed_by: Vec<usize>,
    /// For each expression: it needs no word.
    always: Vec<bool>,
}

impl Sieve {
    /// For each of these expressions, always the same ones: may it match within the text of which this
    /// is the fold?
    pub fn may_match<'e>(&self, text: &str, all: impl Iterator<Item = &'e Expression>) -> Vec<bool> {
        let built = self.0.get_or_init(|| Built::new(all));
        let mut may = built.always.clone();
        for word in built.words.iter().flat_map(|words| words.find_overlapping_iter(text)) {
            if let Some(may) = built.needed_by.get(word.pattern().as_usize()).and_then(|at| may.get_mut(*at))
            {
                *may = true;
            }
        }
        may
    }
}

impl Built {
    fn new<'e>(all: impl Iterator<Item = &'e Expression>) -> Self {
        let (mut words, mut needed_by, mut always) = (Vec::new(), Vec::new(), Vec::new());
        for (index, expression) in all.enumerate() {
            let needed = regex_syntax::parse(expression.source()).ok().and_then(|parsed| needed(&parsed));
            let needed = if expression.is_any_case() { needed.and_then(all_folded) } else { needed };
            let needed = needed.filter(|needed| needed.len() <= MOST);
            always.push(needed.is_none());
            for word in needed.into_iter().flatten() {
                words.push(word);
                needed_by.push(index);
            }
        }
        let words = AhoCorasick::builder().match_kind(MatchKind::Standard).build(words).ok();
        if words.is_none() {
            always.fill(true);
        }
        Self { words, needed_by, always }
    }
}

/// Pieces of text of which each match holds at least one; `None` where none can be named.
fn needed(parsed: &Hir) -> Option<Vec<Vec<u8>>> {
    match parsed.kind() {
        HirKind::Alternation(parts) => {
            let all: Option<Vec<_>> = parts.iter().map(needed).collect();
            all.map(|all| all.concat())
        }
        HirKind::Capture(group) => needed(&group.sub),
        HirKind::Repetition(repeated) if repeated.min > 0 => needed(&repeated.sub),
        HirKind::Concat(parts) => (0..parts.len().min(MOST_PARTS))
            .flat_map(|from| {
                let rest = parts.get(from..).unwrap_or_default();
                [starts(&Hir::concat(rest.to_vec())), rest.first().and_then(needed)]
            })
            .flatten()
            .max_by_key(|pieces| (shortest(pieces).min(LONG_ENOUGH), std::cmp::Reverse(pieces.len()))),
        _ => starts(parsed),
    }
}

/// How each match begins.
fn starts(parsed: &Hir) -> Option<Vec<Vec<u8>>> {
    let starts = Extractor::new().kind(ExtractKind::Prefix).extract(parsed);
    let pieces: Vec<Vec<u8>> = starts.literals()?.iter().map(|piece| piece.as_bytes().to_vec()).collect();
    (shortest(&pieces) >= SHORTEST).then_some(pieces)
}

/// Of letters without accents it is known that a capital letter and its small one have the same fold.
fn all_folded(pieces: Vec<Vec<u8>>) -> Option<Vec<Vec<u8>>> {
    let folded =
        |piece| String::from_utf8(piece).ok().map(|piece| fold(&piece)).filter(|word| word.is_ascii());
    let all: Option<Vec<_>> = pieces.into_iter().map(|piece| folded(piece).map(String::into_bytes)).collect();
    all.filter(|all| shortest(all) >= SHORTEST)
}

fn shortest(pieces: &[Vec<u8>]) -> usize {
    pieces.iter().map(Vec::len).min().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use regex_syntax::hir::Class;

    use super::super::expression::lean_folded;
    use super::*;

    fn may(pattern: &str, text: &str) -> bool {
        let all = [Expression::new(pattern.to_owned()).unwrap()];
        Sieve::default().may_match(text, all.iter()) == [true]
    }

    #[test]
    fn an_expression_is_tried_only_where_a_word_stands_that_it_needs() {
        for pattern in [
            r"\b(?:klacht|klagen)\b",
            r"(?:een |de )?(?:klacht|klagen)",
            r"[a-z]+ (?:klacht|klagen)$",
            r"^.{0,9}kla(?:cht|gen)+",
            r"(klacht){2}|klagen",
        ] {
            assert!(may(pattern, "mijn klacht"), "{pattern}");
            assert!(may(pattern, "klagen"), "{pattern}");
            assert!(!may(pattern, "mijn vraag"), "{pattern}");
        }
    }

    #[test]
    fn one_that_needs_no_word_is_always_tried() {
        for pattern in [r"\d+", r"(?:klacht)?", r"klacht|\d", r"[a-z]+", "", r"(?:klacht)*"] {
            assert!(may(pattern, "1"), "{pattern}");
        }
    }

    #[test]
    fn letters_that_are_the_same_to_an_expression_have_the_same_fold() {
        for c in '\0'..=char::MAX {
            let folded = fold(&c.to_string());
            if folded.is_empty() || !folded.is_ascii() {
                continue;
            }
            let mut parser = regex_syntax::ParserBuilder::new().case_insensitive(true).build();
            let parsed = parser.parse(&regex::escape(&c.to_string())).unwrap();
            let HirKind::Class(Class::Unicode(same)) = parsed.into_kind() else { continue };
            for other in same.ranges().iter().flat_map(|range| range.start()..=range.end()) {
                assert_eq!(fold(&other.to_string()), folded, "{c} {other}");
            }
        }
    }

    /// The promise of the whole: with the shipped expressions and what people wrote, no match is ruled out.
    #[test]
    fn no_match_is_ever_ruled_out() {
        let rules: toml::Table = toml::from_str(include_str!("../../rules/description.toml")).unwrap();
        let patterns = rules["empty"].as_array().unwrap().iter().map(|pattern| pattern.as_str().unwrap());
        let all: Vec<Expression> = patterns
            .map(|pattern| Expression::new(lean_folded(&format!("^(?:{pattern})$"))).unwrap())
            .collect();
        let sieve = Sieve::default();
        let (mut matched, mut spared) = (0, 0);
        for mail in
            std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/mails")).unwrap().step_by(8)
        {
            let bytes = std::fs::read(mail.unwrap().path()).unwrap();
            for sentence in fold(&String::from_utf8_lossy(&bytes)).split(['.', '\n', '?']).map(str::trim) {
                for (expression, may) in all.iter().zip(sieve.may_match(sentence, all.iter())) {
                    let hit = expression.is_match(sentence);
                    assert!(may || !hit, "{} in {sentence:?}", expression.source());
                    matched += u32::from(hit);
                    spared += u32::from(!may);
                }
            }
        }
        assert!(
            matched > 100 && spared > 100 * matched,
            "{matched} matches, {spared} spared: this shows nothing"
        );
    }
}
