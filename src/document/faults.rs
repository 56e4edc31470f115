//! Faults with file, line and column, shown so that the message alone is enough to mend them.

use std::fmt;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Serialize;

use super::Span;

/// A line of a fault is not shown beyond this many characters before and after the offence.
const AROUND: usize = 100;

/// More are not shown: who sees a hundred mends the first ten and looks again.
const MOST: usize = 100;

/// A mail shows these: who mends them looks with `triaged check` for the rest.
const MOST_IN_A_MAIL: usize = 10;

/// Does it stop the file from being used?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    /// Legal but odd.
    Warning,
}

/// A fault where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LocatedFault {
    pub file: PathBuf,
    /// From 1; 0 when it is about the file as a whole.
    pub line: usize,
    /// From 1, in characters; 0 when it is about the file as a whole.
    pub column: usize,
    /// Column behind the last offending character on that line.
    pub end: usize,
    /// The offending text.
    pub text: String,
    /// What is wrong.
    pub what: String,
    /// What to write instead; may be empty.
    pub remedy: String,
    pub severity: Severity,
    /// The line that it stands on, cut to what is shown, and the columns that are underlined in it.
    #[serde(skip)]
    excerpt: Option<(String, Span)>,
}

impl LocatedFault {
    /// About a file as a whole.
    #[must_use]
    pub fn of_file(file: &Path, what: &str, remedy: &str) -> Self {
        Self {
            file: file.to_path_buf(),
            line: 0,
            column: 0,
            end: 0,
            text: String::new(),
            what: what.to_owned(),
            remedy: remedy.to_owned(),
            severity: Severity::Error,
            excerpt: None,
        }
    }

    pub(super) fn in_text(file: &Path, text: &str, span: Span, what: String, remedy: String) -> Self {
        let start = text.floor_char_boundary(span.start);
        let before = text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = text.get(line_start..).unwrap_or_default().lines().next().unwrap_or_default();
        let from = (start - line_start).min(line.len());
        let to = line.floor_char_boundary(span.end.saturating_sub(line_start)).max(from);
        let offending = line.get(from..to).unwrap_or_default();
        let column = line.get(..from).unwrap_or_default().chars().count() + 1;
        Self {
            file: file.to_path_buf(),
            line: before.matches('\n').count() + 1,
            column,
            end: column + offending.chars().count(),
            text: if holds_secret(line) { String::new() } else { offending.to_owned() },
            what,
            remedy,
            severity: Severity::Error,
            excerpt: Some(if holds_secret(line) { secret(line) } else { cut(line, from, to) }),
        }
    }

    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }
}

/// A password that does not belong there: it goes into no log and no mail.
fn holds_secret(line: &str) -> bool {
    let key = line.split('=').next().unwrap_or_default().trim().to_ascii_lowercase();
    let words = ["password", "passwd", "wachtwoord", "secret", "token"];
    line.contains('=')
        && words.iter().any(|word| key.contains(word))
        && !key.ends_with("_file")
        && !key.ends_with("_env")
}

/// The line without its value.
fn secret(line: &str) -> (String, Span) {
    let key = line.split('=').next().unwrap_or_default().trim_end();
    let start = key.len() - key.trim_start().len();
    (format!("{key} = ..."), start..key.len())
}

/// A text out of a file, made fit for a terminal and a mail.
fn harmless(text: &str) -> String {
    text.chars().map(|c| if steers(c) { ' ' } else { c }).collect()
}

/// Controls, and marks that turn the direction of writing.
fn steers(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The part of a long line that is worth showing.
fn cut(line: &str, from: usize, to: usize) -> (String, Span) {
    let start = line.get(..from).and_then(|l| l.char_indices().rev().nth(AROUND)).map_or(0, |(at, _)| at);
    let end = line.get(to..).and_then(|l| l.char_indices().nth(AROUND)).map_or(line.len(), |(at, _)| to + at);
    let to = to.min(end);
    let part = |from: usize, to: usize| harmless(line.get(from..to).unwrap_or_default());
    let (before, offence) = (part(start, from), part(from, to));
    let span = before.len()..before.len() + offence.len();
    (before + &offence + &part(to, end), span)
}

impl fmt::Display for LocatedFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", harmless(&self.file.display().to_string()))?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        let odd = if self.severity == Severity::Warning { "warning: " } else { "" };
        write!(f, ": {odd}{}", harmless(&self.what))?;
        match &self.excerpt {
            Some((line, span)) => write!(f, "\n{}", picture(line, span, self)),
            None if self.remedy.is_empty() => Ok(()),
            None => write!(f, "\n  = help: {}", harmless(&self.remedy)),
        }
    }
}

/// The line with the offence underlined, and the remedy below it.
fn picture(line: &str, span: &Span, fault: &LocatedFault) -> String {
    let level = if fault.severity == Severity::Warning { Level::WARNING } else { Level::ERROR };
    let snippet =
        Snippet::source(line).line_start(fault.line).annotation(AnnotationKind::Primary.span(span.clone()));
    let mut group = Group::with_level(level).element(snippet);
    if !fault.remedy.is_empty() {
        group = group.element(Level::HELP.message(harmless(&fault.remedy)));
    }
    Renderer::plain().render(&[group]).trim_end().to_owned()
}

/// Everything that is wrong, in the order in which it was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Faults(pub Vec<LocatedFault>);

impl Faults {
    pub fn push(&mut self, fault: LocatedFault) {
        self.0.push(fault);
    }

    /// Is there one that stops the file from being used?
    #[must_use]
    pub fn fatal(&self) -> bool {
        self.0.iter().any(|fault| fault.severity == Severity::Error)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// By file, then by line.
    pub fn sort(&mut self) {
        self.0.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        self.0.dedup();
    }

    /// For a mail about a set that was refused: the first of what is wrong with it, and nothing of what is
    /// merely odd. Why the edit does not count must not drown in what was so before.
    #[must_use]
    pub fn in_a_mail(&self) -> String {
        let wrong = || self.0.iter().filter(|fault| fault.severity == Severity::Error);
        let mut told: Vec<String> = wrong().take(MOST_IN_A_MAIL).map(ToString::to_string).collect();
        match wrong().count().saturating_sub(MOST_IN_A_MAIL) {
            0 => {}
            more => told.push(format!("... and {more} more")),
        }
        told.join("\n\n")
    }

    /// One line: the first fault and how many more there are.
    #[must_use]
    pub fn headline(&self) -> String {
        let first = self.0.iter().find(|fault| fault.severity == Severity::Error).or(self.0.first());
        let Some(first) = first else { return "no faults".to_owned() };
        let line = first.to_string().lines().next().unwrap_or_default().to_owned();
        match self.0.len() {
            1 => line,
            more => format!("{line} (and {} more)", more - 1),
        }
    }
}

impl From<LocatedFault> for Faults {
    fn from(fault: LocatedFault) -> Self {
        Self(vec![fault])
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.0.iter().take(MOST).enumerate() {
            let space = if i == 0 { "" } else { "\n\n" };
            write!(f, "{space}{fault}")?;
        }
        if self.0.len() > MOST {
            write!(f, "\n\n... and {} more", self.0.len() - MOST)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
