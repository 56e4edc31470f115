//! Codes as they are written, and what only looks like one.

use std::ops::Range;

use regex::{Match, Regex};

use super::super::labels::fold;

/// Digits that a code has at least.
const FEWEST_DIGITS: usize = 4;
/// Characters that a code has at most.
const LONGEST: usize = 30;

/// A stretch of text that could be a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub span: Range<usize>,
    /// Upper case without blanks.
    pub value: String,
}

impl Token {
    pub fn digits(&self) -> usize {
        self.value.chars().filter(char::is_ascii_digit).count()
    }

    /// Digits and nothing else: needs a word that says what it is.
    pub fn plain(&self) -> bool {
        self.value.chars().all(|c| c.is_ascii_digit())
    }

    /// `20261004417`
    pub fn begins_with_year(&self) -> bool {
        self.value.starts_with("20") && self.value.len() >= 8
    }
}

/// Words that tell whether the word before a number is a part of the code.
pub struct Vocabulary<'a> {
    /// Words that a code does not begin with ("van 2026 0413").
    pub fillers: &'a [String],
    /// Words for the thing itself: "invoice INV 26 0413" begins with one, behind another.
    pub names: &'a [String],
    /// Words for "number".
    pub numbers: &'a [String],
}

/// The first `most` codes of a text. `shape` finds them.
pub fn tokens(text: &str, shape: &Regex, words: &Vocabulary, most: usize) -> Vec<Token> {
    let mut out = Vec::new();
    let mut from = 0;
    while let Some(found) = shape.find_at(text, from).filter(|_| out.len() < most) {
        let found = unbroken(text, shape, found);
        let word = found.as_str().split_once([' ', '\n']).map(|(word, _)| word);
        let filler = word.filter(|word| {
            words.fillers.contains(&fold(word)) || is_of_the_sentence(text, found.start(), word, words)
        });
        if let Some(word) = filler.filter(|word| !twice_named(text, found.start(), word, words.names)) {
            from = found.start() + word.len();
            continue;
        }
        out.extend(token(text, begun(text, found.start(), words)..found.end()));
        // A match is never empty: every pattern has been checked for that.
        from = found.end().max(from + 1);
    }
    out
}

/// Where a code begins of which only the end has a known shape: "ZW-" before "Q1-26-004". A word of the
/// sentence ("factuur-2026-0417") is no part of it.
fn begun(text: &str, at: usize, words: &Vocabulary) -> usize {
    const LONGEST_PART: usize = 6;
    let Some(front) = text.get(..at).and_then(|before| before.strip_suffix('-')) else { return at };
    let is_part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    let part = front.rsplit(|c| !is_part(c)).next().unwrap_or_default();
    let set_off = front.get(..front.len() - part.len()).is_some_and(|before| {
        before.chars().next_back().is_none_or(|c| c.is_whitespace() || "(:\"'".contains(c))
    });
    if part.is_empty() || part.len() > LONGEST_PART || !set_off {
        return at;
    }
    let word = fold(part);
    let named = [words.names, words.numbers, words.fillers].into_iter().any(|list| list.contains(&word));
    if named { at } else { at - part.len() - 1 }
}

/// Bytes of a line that a mail program has broken; shorter ones end where their writer ended them.
const BROKEN_LINE: usize = 50;

/// The match, or what of it stands on the first line when the lines were not broken by a program.
fn unbroken<'t>(text: &'t str, shape: &Regex, found: Match<'t>) -> Match<'t> {
    let Some(at) = found.as_str().find('\n').map(|at| found.start() + at) else { return found };
    let line = text.get(..at).unwrap_or_default();
    if line.len() - line.rfind('\n').map_or(0, |start| start + 1) >= BROKEN_LINE {
        return found;
    }
    shape.find_at(line, found.start()).filter(|part| part.start() == found.start()).unwrap_or(found)
}

/// "om 2026-00123": a word in small letters is a part of a code only right behind what the code is
/// called ("factuur ks 2026 0457", "nr is ks 26 0457").
fn is_of_the_sentence(text: &str, at: usize, word: &str, words: &Vocabulary) -> bool {
    let plain = word.chars().count() > 1 && word.chars().all(char::is_alphabetic);
    let mut before = text.get(..at).unwrap_or_default().split_whitespace().rev().take(2).map(fold);
    let called = before.any(|before| words.names.contains(&before) || words.numbers.contains(&before));
    plain && word.chars().any(char::is_lowercase) && !called
}

/// Is the word one of `names` in capitals, and the word before it another?
fn twice_named(text: &str, at: usize, word: &str, names: &[String]) -> bool {
    let before = text.get(..at).and_then(|before| before.split_whitespace().next_back());
    word.chars().all(char::is_uppercase)
        && names.contains(&fold(word))
        && before.is_some_and(|before| names.contains(&fold(before)))
}

fn token(text: &str, span: Range<usize>) -> Option<Token> {
    let written = text.get(span.clone())?;
    let front = written.trim_start_matches(|c: char| !c.is_alphanumeric());
    let kept = without_tail(front);
    let start = span.end - front.len();
    let span = start..start + kept.len();
    let value: String = kept.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect();
    let token = Token { span, value };
    let fits = token.digits() >= FEWEST_DIGITS && token.value.len() <= LONGEST;
    (fits && !glued(text, &token.span) && !looks_like_another(text, &token)).then_some(token)
}

/// Without the word that a missing blank has joined to it ("26-03391.Kunt u").
fn without_tail(code: &str) -> &str {
    code.rfind(['.', '-', '/']).map_or(code, |cut| {
        let tail = code.get(cut + 1..).unwrap_or_default();
        // "3326-AMV" goes on in capitals.
        let capitals = !code.get(cut..).is_some_and(|tail| tail.starts_with('.'))
            && tail.chars().all(char::is_uppercase);
        let word = tail.len() >= 3 && tail.chars().all(char::is_alphabetic) && !capitals;
        if word { code.get(..cut).unwrap_or(code) } else { code }
    })
}

/// Part of an address, an amount or a longer word?
fn glued(text: &str, span: &Range<usize>) -> bool {
    let before = text.get(..span.start).and_then(|before| before.chars().next_back());
    let mut after = text.get(span.end..).map(str::chars).into_iter().flatten();
    let (next, then) = (after.next(), after.next());
    // "factuurnummer =2610417" is no part of an address.
    let set_off = text.get(..span.start).is_some_and(|before| before.ends_with(" ="));
    before.is_some_and(|c| c.is_alphanumeric() || "@/_€$£=&%+".contains(c)) && !set_off
        || next.is_some_and(|c| c.is_alphanumeric() || "@_%€".contains(c))
        || next.is_some_and(|c| ",.:".contains(c)) && then.is_some_and(|c| c.is_ascii_digit())
}

/// A date, an amount, a year, an account, a postcode, a phone, an IP address.
fn looks_like_another(text: &str, token: &Token) -> bool {
    let value = token.value.as_str();
    let currency = text.get(token.span.end..).is_some_and(|after| {
        let after = after.trim_start().to_lowercase_prefix(4);
        [",-", ",–", ",—"].iter().any(|dash| after.starts_with(dash))
            || after.starts_with("euro")
            || after.starts_with("eur")
            || after.starts_with('€')
    });
    let parts: Vec<&str> = value.split(['-', '/', '.']).collect();
    // "per 12-2026"
    let behind_word = text
        .get(token.span.clone())
        .and_then(|written| written.split_once(char::is_whitespace))
        .filter(|(word, _)| word.chars().all(char::is_alphabetic))
        .map(|(_, rest)| rest.split(['-', '/']).map(str::trim).collect::<Vec<_>>());
    currency
        || is_date(&parts)
        || is_period(&parts)
        || behind_word.is_some_and(|parts| is_date(&parts))
        || is_year(value)
        || is_account(value)
        || is_tax_number(value)
        || is_creditor_reference(value, text.get(token.span.end..).unwrap_or_default())
        || is_postcode(value)
        || is_phone(value)
        || begins_a_phone(text, token)
        || is_amount(value)
        || is_ip(value, &parts)
}

/// The first characters in lower case.
trait Prefix {
    fn to_lowercase_prefix(&self, most: usize) -> String;
}

impl Prefix for str {
    fn to_lowercase_prefix(&self, most: usize) -> String {
        self.chars().take(most).flat_map(char::to_lowercase).collect()
    }
}

fn number(part: &str) -> Option<u32> {
    (part.len() <= 4 && part.chars().all(|c| c.is_ascii_digit())).then(|| part.parse().ok()).flatten()
}

/// "12-03-2026", "12/3/26", "2026-03-12", "03-2026".
pub fn is_date(parts: &[&str]) -> bool {
    let year = |part: &str, value: u32| match part.len() {
        4 => (1900..=2100).contains(&value),
        2 => (15..=40).contains(&value) || value >= 60,
        _ => false,
    };
    let is_day = |part: &str, value: u32| part.len() <= 2 && (1..=31).contains(&value);
    let is_month = |part: &str, value: u32| part.len() <= 2 && (1..=12).contains(&value);
    let long_year = |part: &str, value: u32| part.len() == 4 && year(part, value);
    let numbers: Option<Vec<(&str, u32)>> = parts.iter().map(|part| Some((*part, number(part)?))).collect();
    match numbers.as_deref() {
        Some(&[(one, first), (two, second), (three, third)]) => {
            let day_first = is_day(one, first) && is_month(two, second) && year(three, third);
            let month_first = is_month(one, first) && is_day(two, second) && year(three, third);
            let year_first = long_year(one, first) && is_month(two, second) && is_day(three, third);
            day_first || month_first || year_first
        }
        Some(&[(one, first), (two, second)]) => {
            let month_and_year = is_month(one, first) && long_year(two, second);
            let year_and_month = long_year(one, first) && is_month(two, second);
            // "26/10": a day without its year.
            let day =
                is_day(one, first) && is_month(two, second) || is_month(one, first) && is_day(two, second);
            // "2025-2026"
            let years = long_year(one, first) && two.len() == 4 && second == first + 1;
            month_and_year || year_and_month || years || day
        }
        _ => false,
    }
}

/// "Q3-2026", "2026-Q3", "10-2026/2026"
fn is_period(parts: &[&str]) -> bool {
    let quarter = |part: &str| part.len() == 2 && matches!(part.as_bytes(), [b'Q' | b'K', b'1'..=b'4']);
    let month = |part: &str| part.len() <= 2 && number(part).is_some_and(|month| (1..=12).contains(&month));
    let others = || parts.iter().filter(|part| !is_year(part));
    parts.iter().any(|part| is_year(part))
        && others().all(|part| quarter(part) || month(part))
        && (parts.len() == 2 && others().any(|part| quarter(part))
            || parts.len() == 3 && others().count() == 1)
}

fn is_year(value: &str) -> bool {
    value.len() == 4 && number(value).is_some_and(|year| (1900..=2100).contains(&year))
}

/// An IBAN (ISO 13616).
fn is_account(value: &str) -> bool {
    let mut chars = value.chars();
    let country = chars.by_ref().take(2).all(|c| c.is_ascii_uppercase());
    let check = chars.by_ref().take(2).all(|c| c.is_ascii_digit());
    country && check && value.len() >= 15 && chars.all(|c| c.is_ascii_alphanumeric())
}

/// `NL001234567B01`, as the Belastingdienst gives them.
fn is_tax_number(value: &str) -> bool {
    let digits = |part: &str, count: usize| part.len() == count && part.chars().all(|c| c.is_ascii_digit());
    let parts = value.strip_prefix("NL").and_then(|rest| rest.split_once('B'));
    parts.is_some_and(|(number, sub)| digits(number, 9) && digits(sub, 2))
}

/// "RF18 5390 0754 7034" (ISO 11649), of which a code may be the first groups.
fn is_creditor_reference(value: &str, behind: &str) -> bool {
    let digits = |part: &str| part.len() >= 6 && part.chars().all(|c| c.is_ascii_digit());
    let goes_on = behind.trim_start().starts_with(|c: char| c.is_ascii_digit());
    value.strip_prefix("RF").is_some_and(digits) && (value.len() > 12 || goes_on)
}

fn is_postcode(value: &str) -> bool {
    value.len() == 6
        && value.get(..4).is_some_and(|d| d.chars().all(|c| c.is_ascii_digit()))
        && value.get(4..).is_some_and(|l| l.chars().all(|c| c.is_ascii_uppercase()))
}

fn is_phone(value: &str) -> bool {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let signs = value.chars().all(|c| c.is_ascii_digit() || c == '-' || c == '.' || c == '/');
    signs
        && (digits.len() == 10 && digits.starts_with('0')
            || digits.starts_with("0031")
            || digits.len() == 11 && digits.starts_with("316"))
}

/// "0411-55" of "0411-55 26 60"
fn begins_a_phone(text: &str, token: &Token) -> bool {
    let rest = text.get(token.span.end..).unwrap_or_default();
    let more = rest.chars().take_while(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | '\u{a0}'));
    token.value.starts_with('0')
        && is_phone(&token.value.chars().chain(more.filter(char::is_ascii_digit)).collect::<String>())
}

/// "1.250.00" and the like.
fn is_amount(value: &str) -> bool {
    value.rsplit_once('.').is_some_and(|(front, cents)| {
        // Four digits are no group of thousands: "1250.00", but not "2026.114.07".
        let longest = if front.contains('.') { 3 } else { 4 };
        cents.len() == 2
            && cents.chars().all(|c| c.is_ascii_digit())
            && front.split('.').enumerate().all(|(i, part)| {
                part.chars().all(|c| c.is_ascii_digit())
                    && (part.len() == 3 && i > 0 || i == 0 && (1..=longest).contains(&part.len()))
            })
    })
}

fn is_ip(value: &str, parts: &[&str]) -> bool {
    parts.len() == 4
        && !value.contains(['-', '/'])
        && parts.iter().all(|part| part.len() <= 3 && number(part).is_some_and(|n| n <= 255))
}
