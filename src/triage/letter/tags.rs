//! The brackets of a letter: `{{ value }}`, `{% statement %}`, `{# note #}`.
//!
//! The engine tells where it gave up, often lines behind the slip, and takes a lone bracket for text
//! that goes out. Here the bracket itself is found, before the engine sees the letter.

use std::ops::Range;

use super::TemplateFault;

/// Statements of letters, those that a slip is compared with first.
const STATEMENTS: [&str; 6] = ["if", "elif", "else", "endif", "for", "endfor"];
/// Further ones that the engine knows.
const FURTHER: [&str; 8] = ["set", "endset", "with", "endwith", "filter", "endfilter", "raw", "endraw"];

const TWO_BRACKETS: &str = "a value is written {{ number }}, a condition {% if due %} ... {% endif %}";

/// A pair of brackets and what is between them.
struct Tag<'s> {
    span: Range<usize>,
    inside: &'s str,
    is_statement: bool,
}

/// A condition or a list that is open.
struct Open<'s> {
    word: &'s str,
    /// The name that a list gives to each of its things.
    item: Option<&'s str>,
    span: Range<usize>,
}

/// Does each bracket have its other half, each condition its end? `part` is the stretch of the
/// source that is looked at.
pub(super) fn check(source: &str, part: &Range<usize>) -> Result<(), TemplateFault> {
    let tags = tags(source, part)?;
    let items: Vec<&str> = tags.iter().filter_map(item_of).collect();
    let mut open: Vec<Open> = Vec::new();
    for tag in &tags {
        if tag.is_statement {
            statement(tag, &mut open)?;
        }
        let stray = items.iter().find(|item| {
            names(tag.inside).any(|name| name == **item) && !open.iter().any(|open| open.item == Some(item))
        });
        if let Some(item) = stray {
            let what = format!("`{item}` is known only within its list");
            let remedy = format!("it belongs between {{% for {item} in ... %}} and {{% endfor %}}");
            return Err(fault(&tag.span, &what, &remedy));
        }
    }
    match open.last() {
        Some(Open { word, span, .. }) => {
            Err(fault(span, "this has no end", &format!("write {{% end{word} %}} where it ends")))
        }
        None => Ok(()),
    }
}

/// Every pair of brackets, or the first bracket that has no other half.
fn tags<'s>(source: &'s str, part: &Range<usize>) -> Result<Vec<Tag<'s>>, TemplateFault> {
    let (mut tags, mut at) = (Vec::new(), part.start);
    while let Some(found) = source.get(at..part.end).and_then(|rest| rest.find(['{', '}'])) {
        let start = at + found;
        let rest = source.get(start..part.end).unwrap_or_default();
        let Some((close, like)) = closing(rest) else {
            return Err(lone(source, start, rest));
        };
        let behind = rest.get(2..).unwrap_or_default();
        let next = ["{{", "{%", "{#"].iter().filter_map(|opening| behind.find(opening)).min();
        let end = behind.find(close).filter(|end| next.is_none_or(|next| *end < next));
        let Some(end) = end else {
            return Err(fault(&(start..start + 2), "this bracket is not closed", like));
        };
        tags.push(Tag {
            span: start..start + end + 4,
            inside: behind.get(..end).unwrap_or_default().trim_matches(['-', '+', ' ']),
            is_statement: close == "%}",
        });
        at = start + end + 4;
    }
    tags.retain(|tag| source.get(tag.span.clone()).is_some_and(|text| !text.starts_with("{#")));
    Ok(tags)
}

/// What closes the brackets that the text begins with, and how they are written.
fn closing(text: &str) -> Option<(&'static str, &'static str)> {
    match text.get(..2)? {
        "{{" => Some(("}}", "a value begins with {{ and ends with }}: {{ due }}")),
        "{%" => Some(("%}", "a condition begins with {% and ends with %}: {% if due %}")),
        "{#" => Some(("#}", "a note begins with {# and ends with #}")),
        _ => None,
    }
}

fn lone(source: &str, start: usize, rest: &str) -> TemplateFault {
    let opens_a_statement = start > 0 && source.get(start - 1..start) == Some("%") && rest.starts_with('}');
    let from = start - usize::from(opens_a_statement);
    let to = start + if rest.starts_with("}}") { 2 } else { 1 };
    fault(&(from..to), "this bracket would stand in the letter as it is", TWO_BRACKETS)
}

/// The name that a list gives to its things.
fn item_of<'s>(tag: &Tag<'s>) -> Option<&'s str> {
    let mut words = tag.inside.split_whitespace();
    (tag.is_statement && words.next() == Some("for")).then(|| words.next())?
}

fn statement<'s>(tag: &Tag<'s>, open: &mut Vec<Open<'s>>) -> Result<(), TemplateFault> {
    let word = tag.inside.split_whitespace().next().unwrap_or_default();
    let around = open.last().map(|open| open.word);
    match word {
        "if" | "for" if tag.inside == word => {
            let what = "nothing says what this is about";
            Err(fault(&tag.span, what, "write {% if due %}, or {% for item in missing %}"))
        }
        "if" | "for" | "with" | "filter" => {
            open.push(Open { word, item: item_of(tag), span: tag.span.clone() });
            Ok(())
        }
        "elif" | "else" if matches!(around, Some("if" | "for")) => Ok(()),
        "elif" | "else" => Err(fault(&tag.span, "no condition is open here", "write {% if ... %} before it")),
        "endif" | "endfor" | "endwith" | "endfilter" => {
            let begins = word.trim_start_matches("end");
            if around == Some(begins) {
                open.pop();
                return Ok(());
            }
            let what = match around {
                Some(other) => format!("first the {{% {other} ... %}} that is open here has to end"),
                None => format!("there is no {{% {begins} ... %}} that ends here"),
            };
            let remedy = match around {
                Some(other) => format!("write {{% end{other} %}}"),
                None => format!("write {{% {begins} ... %}} before it, or leave it out"),
            };
            Err(fault(&tag.span, &what, &remedy))
        }
        word if FURTHER.contains(&word) => Ok(()),
        word => {
            let near = STATEMENTS.iter().map(|known| (strsim::damerau_levenshtein(known, word), known));
            let near = near.min_by_key(|(distance, _)| *distance).filter(|(distance, _)| *distance <= 2);
            let meant = near.map(|(_, known)| format!("did you mean `{known}`? ")).unwrap_or_default();
            let what = format!("there is no statement `{word}`");
            Err(fault(&tag.span, &what, &format!("{meant}a letter may use {}", STATEMENTS.join(", "))))
        }
    }
}

/// Names of values in a tag: `item` of `item.title`, and nothing between quotes.
fn names(inside: &str) -> impl Iterator<Item = &str> {
    let unquoted = inside.split(['"', '\'']).step_by(2);
    unquoted.flat_map(|text| text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))).filter_map(
        |word| {
            let name = word.split('.').next()?;
            (!name.is_empty()).then_some(name)
        },
    )
}

fn fault(span: &Range<usize>, what: &str, remedy: &str) -> TemplateFault {
    TemplateFault { span: Some(span.clone()), what: what.to_owned(), remedy: remedy.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text that is underlined, and what is said of it.
    fn said(source: &str) -> Option<(String, String)> {
        let fault = check(source, &(0..source.len())).err()?;
        Some((source.get(fault.span?)?.to_owned(), fault.what))
    }

    #[test]
    fn a_letter_with_its_brackets_in_order_has_nothing_to_say_about() {
        for good in [
            "[{{ number }}] hallo",
            "{% if due %}{{ due }}{% elif noted %}x{% else %}y{% endif %}",
            "{% for item in missing %}- {{ item.title }}{% if loop.last %}.{% endif %}{% endfor %}",
            "{# item #}{{ \"item\" }}{%- if due -%}x{%- endif -%}",
        ] {
            assert_eq!(said(good), None, "{good}");
        }
    }

    #[test]
    fn the_bracket_at_fault_is_underlined() {
        for (source, underlined) in [
            ("Voor { due }.", "{"),
            ("Voor due }}.", "}}"),
            ("Voor %} x", "%}"),
            ("Voor {{ due.\n\n{{ number }}", "{{"),
            ("Voor {{ due }.", "{{"),
            ("{% if due }x{% endif %}", "{%"),
            ("{% if due %}x", "{% if due %}"),
            ("x{% endif %}", "{% endif %}"),
            ("{% if due %}{% for a in missing %}{% endif %}", "{% endif %}"),
            ("{% else %}", "{% else %}"),
            ("{% if %}x{% endif %}", "{% if %}"),
            ("{% fi due %}", "{% fi due %}"),
            ("{% for item in missing %}{% endfor %}{{ item.title }}", "{{ item.title }}"),
        ] {
            let (text, what) = said(source).unwrap_or_default();
            assert_eq!(text, underlined, "{source}: {what}");
        }
    }
}
