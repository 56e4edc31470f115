//! From what a template gives to what goes out: one line of subject, lines of body that fit.

use std::ops::Range;

use super::TemplateFault;

/// RFC 5322 §2.1.1 asks for 78 at most; a reader's `> ` takes two of them.
const WIDTH: usize = 76;

/// Longer subjects are cut by mail programs anyway.
const SUBJECT: usize = 200;

/// Stands for a blank at which no line may break, until the lines are made.
const UNBROKEN: char = '\u{a0}';

/// A date of which no part gets lost on the next line.
pub(super) fn unbroken(text: &str) -> String {
    text.replace(' ', "\u{a0}")
}

/// Where subject and body stand in a letter file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts {
    pub subject: Range<usize>,
    pub body: Range<usize>,
}

/// Notes, `Subject: ...`, an empty line, the body.
pub(super) fn parts(source: &str) -> Result<Parts, TemplateFault> {
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        let Some(subject) = line.strip_prefix("Subject:") else {
            return Err(fault(
                start..start + line.trim_end().len(),
                "this line does not begin with `Subject:`",
            ));
        };
        let end = line.trim_end().len();
        let lead = ("Subject:".len() + subject.len() - subject.trim_start().len()).min(end);
        let subject = start + lead..start + end;
        let rest = source.get(at..).unwrap_or_default();
        let next = rest.split('\n').next().unwrap_or_default();
        if !next.trim().is_empty() {
            return Err(fault(at..at + next.len(), "an empty line must follow the subject"));
        }
        return Ok(Parts { subject, body: at..source.len() });
    }
    Err(fault(0..0, "there is no subject"))
}

fn fault(span: Range<usize>, what: &str) -> TemplateFault {
    let remedy =
        "a letter has a line `Subject: ...` (that word, in any language), an empty line, and then its text";
    TemplateFault { span: Some(span), what: what.to_owned(), remedy: remedy.to_owned() }
}

/// One line without control characters that shows the number, whatever the template made of it.
pub(super) fn subject(text: &str, number: &str) -> String {
    // A line break here would be the start of another header (RFC 5322 §2.2).
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    let line = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let line: String = line.chars().take(SUBJECT).collect();
    let tag = format!("[{number}]");
    if number.is_empty() || line.contains(&tag) {
        return line;
    }
    format!("{tag} {line}").chars().take(SUBJECT).collect()
}

/// Lines of at most [`WIDTH`] characters where words allow it, never two empty ones in a row, one line end at the end.
pub(super) fn body(text: &str) -> String {
    let mut out = String::new();
    let mut empty = true; // no empty lines at the top
    for line in text.lines() {
        let line: String = line.chars().filter(|c| !c.is_control() || *c == '\t').collect();
        let line = line.trim_end();
        if !(line.is_empty() && empty) {
            wrap(line, &mut out);
        }
        empty = line.is_empty();
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out.replace(UNBROKEN, " ")
}

fn wrap(line: &str, out: &mut String) {
    if line.chars().count() <= WIDTH || is_picture(line) {
        out.push_str(line);
        out.push('\n');
        return;
    }
    let indent = if line.starts_with("- ") { "  " } else { "" };
    let mut width = 0;
    for word in line.split(' ') {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > WIDTH {
            out.push('\n');
            out.push_str(indent);
            width = indent.len();
        } else if width > 0 {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += length;
    }
    out.push('\n');
}

/// A line of a fault's excerpt (`14 | text`, `   | ^^^^`): it would lose its meaning if it were wrapped.
fn is_picture(line: &str) -> bool {
    line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ').starts_with('|')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_line_and_always_shows_the_number() {
        assert_eq!(subject("[K-1] a\r\nBcc: x@y", "K-1"), "[K-1] a Bcc: x@y");
        assert_eq!(subject("hello", "K-1"), "[K-1] hello");
        assert_eq!(subject("hello", ""), "hello");
        let long = subject(&format!("{} [K-1]", "x".repeat(300)), "K-1");
        assert!(long.starts_with("[K-1] x") && long.chars().count() == 200);
    }

    #[test]
    fn long_lines_are_wrapped_at_words_and_lists_hang() {
        let text = body(&format!("\n\n- {}\n\n\n\nend  \n\n", "woord ".repeat(30)));
        assert!(text.lines().all(|line| line.chars().count() <= 76), "{text}");
        assert!(text.contains("\n  woord") && text.ends_with("\n\nend\n") && !text.contains("\n\n\n"));
        let url = format!("https://{}", "a".repeat(100));
        assert_eq!(body(&url), format!("{url}\n"));
    }

    #[test]
    fn the_excerpt_of_a_fault_is_not_wrapped() {
        let line = format!("14 | {}", "woord ".repeat(30));
        assert_eq!(body(&line).lines().count(), 1);
    }
}
