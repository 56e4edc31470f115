//! Stretches of text that could be a phone number: digits and what people write between them.

use std::ops::Range;

use phonenumber::Type;

/// Digits that an international number has at most (ITU-T E.164 §6).
const MOST_DIGITS: usize = 15;
/// Characters between two groups of digits: " - ", ") ".
const WIDEST_GAP: usize = 3;
/// A line of at least so many bytes may have been wrapped amid a number.
const WRAPPED_AT: usize = 40;
/// Digits of a country's code, with or without `00`.
const COUNTRY: usize = 5;
/// Digits of the shortest number that is written with its area.
const SHORTEST: usize = 8;
/// Our own country's code: numbers without one are of here.
const HOME: &str = "31";

/// A number that can exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    pub span: Range<usize>,
    /// E.164.
    pub value: String,
    pub form: Form,
    /// A plus stands before it: a phone number even where nothing says so.
    pub plus: bool,
    pub mobile: bool,
    /// In use by the plan of its country; else only its length is right.
    pub valid: bool,
}

impl Number {
    /// The same digits as a mobile number of another country, when they are one.
    pub fn elsewhere(&self, code: &str) -> Option<Self> {
        let digits = self.value.strip_prefix('+')?.strip_prefix(HOME)?;
        let value = format!("+{code}{digits}");
        known(&value).filter(|known| *known == (true, true))?;
        Some(Self { value, mobile: true, ..self.clone() })
    }
}

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `+31 …`, `0031 …`
    International,
    /// `06 …`
    National,
    /// `6 …` or `31 6 …`: only behind a label.
    Bare,
}

/// A group of digits in a run, with what the gap before it says.
#[derive(Debug)]
struct Group {
    span: Range<usize>,
    gap: Gap,
}

/// What stands between two groups of digits.
#[derive(Debug, Clone, Copy, Default)]
struct Gap {
    width: usize,
    /// A slash between blanks: two numbers, not one.
    apart: bool,
    /// The end of a line that a mail program wrapped.
    wrapped: bool,
}

/// The first `most` numbers of a text, in order, without overlap.
pub fn numbers(text: &str, most: usize) -> Vec<Number> {
    let mut out = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(offset) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| is_start(*byte))) {
        if out.len() >= most {
            break;
        }
        let start = at + offset;
        let (groups, plus) = run(bytes, start);
        let Some(last) = groups.last() else {
            at = start + 1;
            continue;
        };
        let end = last.span.end;
        split(text, start, plus, &groups, &mut out);
        at = end;
    }
    out
}

fn is_start(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b'+'
}

/// The groups of digits from `start` on, and whether a plus stands before them.
fn run(bytes: &[u8], start: usize) -> (Vec<Group>, bool) {
    let plus = bytes.get(start) == Some(&b'+');
    let mut at = start + usize::from(plus);
    let mut groups: Vec<Group> = Vec::new();
    let mut digits = 0;
    let mut between = Gap::default();
    loop {
        let length = bytes.get(at..).map_or(0, |rest| rest.iter().take_while(|b| b.is_ascii_digit()).count());
        if length == 0 {
            break;
        }
        groups.push(Group { span: at..at + length, gap: between });
        digits += length;
        at += length;
        // Longer runs are tried again from where this one ends.
        if digits > 2 * MOST_DIGITS {
            break;
        }
        let Some(next) = gap(bytes, at, digits) else { break };
        at += next.width;
        between = next;
    }
    (groups, plus)
}

/// The gap from `at` to the next group, behind so many digits.
fn gap(bytes: &[u8], at: usize, digits: usize) -> Option<Gap> {
    let rest = bytes.get(at..)?;
    let mut width = 0;
    let mut characters = 0;
    let mut slash = false;
    let mut blank = false;
    let mut wrapped = false;
    while let Some(&byte) = rest.get(width) {
        let step = match byte {
            b' ' | b'.' | b'-' | b')' | b'/' => 1,
            // "+31 (0)6 …", "+1 (612) …"; a bracket further on begins another number, and so does one with
            // the same digits in it: "neem mijn 06 (06 34 …".
            b'(' if digits <= COUNTRY && !says_again(bytes, at, digits, at + width + 1) => 1,
            b'\n' if !wrapped && is_full(bytes, at + width) => {
                wrapped = true;
                1
            }
            // "0172 ? 47 09 63": a dash that a program on the way could not spell.
            b'?' if blank && rest.get(width + 1) == Some(&b' ') => 1,
            // No-break space; en dash and the hyphens beside it.
            0xc2 if rest.get(width + 1) == Some(&0xa0) => 2,
            0xe2 if rest.get(width + 1) == Some(&0x80)
                && rest.get(width + 2).is_some_and(|b| (0x90..=0x94).contains(b) || *b == 0xaf) =>
            {
                3
            }
            _ => break,
        };
        slash |= byte == b'/';
        blank |= byte == b' ';
        width += step;
        characters += 1;
    }
    let digits = rest.get(width).is_some_and(u8::is_ascii_digit);
    (digits && (1..=WIDEST_GAP).contains(&characters)).then_some(Gap {
        width,
        apart: slash && blank,
        wrapped,
    })
}

/// Do the digits that end at `end` stand at `at` again?
fn says_again(bytes: &[u8], end: usize, digits: usize, at: usize) -> bool {
    let before = end.checked_sub(digits).and_then(|start| bytes.get(start..end));
    before.is_some_and(|before| bytes.get(at..).is_some_and(|rest| rest.starts_with(before)))
}

/// Is the line that ends here as long as those that mail programs wrap?
fn is_full(bytes: &[u8], end: usize) -> bool {
    let line = end.checked_sub(WRAPPED_AT).and_then(|start| bytes.get(start..end));
    line.is_some_and(|line| !line.contains(&b'\n'))
}

/// Cuts a run into numbers: at each group the first stretch that is one.
fn split(text: &str, start: usize, plus: bool, groups: &[Group], out: &mut Vec<Number>) {
    let mut first = 0;
    while first < groups.len() {
        let plus = plus && first == 0;
        let from = if plus { Some(start) } else { groups.get(first).map(|group| group.span.start) };
        let Some(from) = from else { break };
        match longest(text, from, plus, groups.get(first..).unwrap_or_default()) {
            Some((number, used)) => {
                out.push(number);
                first += used;
            }
            None => first += 1,
        }
    }
}

/// The number that begins at the first group, and how many groups it takes.
fn longest(text: &str, from: usize, plus: bool, groups: &[Group]) -> Option<(Number, usize)> {
    let dialled: String = groups.first().and_then(|group| text.get(group.span.clone()))?.to_owned();
    if !plus && is_date(text, groups) {
        return None;
    }
    let mut digits = String::new();
    let mut best = None;
    let (mut spelled, mut wrapped) = (true, false);
    for (index, group) in groups.iter().enumerate() {
        // "020 / 123 45 67" is one number, "020-1234567 / 06-12345678" two.
        if group.gap.apart && index > 0 && digits.len() >= SHORTEST {
            break;
        }
        // What is a number already ends with its line.
        if group.gap.wrapped && index > 0 {
            if best.is_some() || wrapped {
                break;
            }
            wrapped = true;
        }
        let part = text.get(group.span.clone())?;
        spelled &= part.len() == 1;
        // "(0)" between country and area is not dialled from abroad.
        if part == "0" && index > 0 && text.get(..group.span.start)?.ends_with('(') {
            continue;
        }
        digits.push_str(part);
        if digits.len() > MOST_DIGITS + 2 {
            break;
        }
        let span = opened(text, from)..group.span.end;
        if glued(text, &span) {
            continue;
        }
        if let Some(number) = number(&digits, plus, if spelled { "" } else { &dialled }, span) {
            let settled = number.value.starts_with("+31");
            let worse = best.as_ref().is_some_and(|(best, _): &(Number, usize)| best.valid && !number.valid);
            if !worse {
                best = Some((number, index + 1));
            }
            // Numbers of here all have one length.
            if settled {
                break;
            }
        }
    }
    best
}

/// "(06) …": the bracket is part of what is written.
fn opened(text: &str, from: usize) -> usize {
    if text.get(..from).is_some_and(|before| before.ends_with('('))
        && text.get(from..).is_some_and(|rest| rest.find(')').is_some_and(|close| close <= 5))
    {
        from - 1
    } else {
        from
    }
}

/// Part of a longer word, address or code?
fn glued(text: &str, span: &Range<usize>) -> bool {
    let after = text.get(span.end..).and_then(|rest| rest.chars().next());
    after.is_some_and(|c| c.is_alphanumeric() || matches!(c, '@' | '_' | '€' | '%'))
}

fn number(digits: &str, plus: bool, dialled: &str, span: Range<usize>) -> Option<Number> {
    let (international, form) = if plus {
        (digits.to_owned(), Form::International)
    } else if let Some(rest) = digits.strip_prefix("00") {
        (rest.to_owned(), Form::International)
    } else if let Some(rest) = digits.strip_prefix('0') {
        if rest.len() != 9 || dialled == "0" && !rest.starts_with('6') {
            return None;
        }
        (format!("{HOME}{rest}"), Form::National)
    } else if digits.len() == 11 && digits.starts_with(HOME) {
        (digits.to_owned(), Form::Bare)
    } else if digits.len() == 9 && digits.starts_with('6') {
        (format!("{HOME}{digits}"), Form::Bare)
    } else {
        return None;
    };
    // "+31 06 …": a zero that is not dialled from abroad.
    let international = match international.strip_prefix(HOME) {
        Some(rest) => {
            let rest = rest.strip_prefix('0').unwrap_or(rest);
            if rest.len() != 9 {
                return None;
            }
            format!("{HOME}{rest}")
        }
        None => international,
    };
    if international.len() < 8 || international.len() > MOST_DIGITS {
        return None;
    }
    let value = format!("+{international}");
    let (valid, mobile) = known(&value)?;
    // Not in the plan: a number range newer than the plan, or one kept for examples. Of our own
    // country the length says enough; of others the plus and a usual length.
    let abroad = plus || form == Form::International;
    let plausible = value.starts_with("+31") || abroad && (10..=13).contains(&international.len());
    (valid || plausible).then_some(Number { span, value, form, plus, mobile, valid })
}

/// Is the number in use by its country's plan, and is it a mobile one? `None`: a number that nobody
/// is called at (premium, free, shared cost).
fn known(value: &str) -> Option<(bool, bool)> {
    let Ok(parsed) = phonenumber::parse(None, value) else { return Some((false, false)) };
    let kind = parsed.number_type(&phonenumber::metadata::DATABASE);
    match kind {
        Type::PremiumRate
        | Type::TollFree
        | Type::SharedCost
        | Type::Pager
        | Type::ShortCode
        | Type::Emergency => None,
        Type::Mobile => Some((true, true)),
        Type::FixedLineOrMobile => Some((true, false)),
        _ => Some((parsed.is_valid(), false)),
    }
}

/// "03-04-2026 10:15": a day, not Rotterdam.
fn is_date(text: &str, groups: &[Group]) -> bool {
    let value = |index: usize| -> Option<(usize, u32)> {
        let part = text.get(groups.get(index)?.span.clone())?;
        Some((part.len(), part.parse().ok()?))
    };
    let (Some(day), Some(month), Some(year)) = (value(0), value(1), value(2)) else { return false };
    let between = |left: usize, right: usize| {
        let (left, right) = (groups.get(left)?, groups.get(right)?);
        text.get(left.span.end..right.span.start).map(str::trim)
    };
    let joined = matches!((between(0, 1), between(1, 2)), (Some(left), Some(right)) if left == right && matches!(left, "-" | "/" | "." | "–"));
    let day_first = day.0 <= 2
        && month.0 <= 2
        && year.0 == 4
        && (1..=31).contains(&day.1)
        && (1..=12).contains(&month.1)
        && (1900..=2100).contains(&year.1);
    joined && day_first
}
