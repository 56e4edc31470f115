//! Template and facts to a draft. Templates never see the mail's own words: no health details, no
//! description and no third party can go out by mail.
//!
//! A letter is one file: notes (`# ...`), `Subject: ...`, an empty line, the body. It cannot
//! include another, has no loops beyond its facts, and its fuel is counted, so it ends.

mod check;
mod kind;
mod layout;
mod tags;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, ErrorKind, UndefinedBehavior, Value, escape_formatter};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::reading::Language;
use super::ruleset::ByLanguage;
pub use check::sample_facts;
pub use kind::{AlertKind, LetterKind};

/// Subject and body, ready to be composed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Draft {
    pub subject: String,
    pub body: String,
}

/// Everything that a template may name.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Facts {
    pub organisation: String,
    /// How to reach a person.
    pub contact: String,
    /// Case number.
    pub number: String,
    /// Title of the inquiry in the letter's language.
    pub inquiry: String,
    /// The deadline in words, such as "donderdag 26 november 2026".
    pub due: Option<String>,
    /// The deadline with its hour, for alerts.
    pub due_at: Option<String>,
    /// Day of arrival in words.
    pub received: String,
    /// Titles of the fields that were noted.
    pub noted: Vec<String>,
    /// What is missing.
    pub missing: Vec<Missing>,
    /// Alerts: what a coordinator should know, one line each (never the mail's words). Of a review:
    /// its reason (`unreadable`, `spam`, …), `still_missing`, `unanswerable`, `many_answers` or
    /// `many_cases`, which the template puts into words.
    pub reasons: Vec<String>,
    /// Alerts: the address that a coordinator answers.
    pub person: Option<String>,
    /// Alerts about the program: what is wrong and what to do.
    pub trouble: Option<String>,
    /// Name of the mailbox.
    pub mailbox: String,
    /// The case was opened again by a new mail.
    pub reopened: bool,
}

/// A missing field in the words of the letter.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Missing {
    pub title: String,
    pub help: String,
}

/// `rules/reasons.toml`: why a person must look, in the words of alerts.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReasonRules {
    /// The reason that a decision gives, and the words for it: `[reason.empty]`.
    pub reason: BTreeMap<String, ByLanguage>,
}

/// What is wrong with a letter file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterFault {
    /// File name without `.txt`.
    pub name: String,
    /// Byte offsets in its source; `None`: the file as a whole.
    pub span: Option<Range<usize>>,
    pub what: String,
    pub remedy: String,
    /// Legal but odd.
    pub odd: bool,
}

/// What is wrong with a template: a span in its source, and why.
struct TemplateFault {
    span: Option<Range<usize>>,
    what: String,
    remedy: String,
}

/// Steps that a letter may take; the longest of ours takes a few hundred.
const FUEL: u64 = 20_000;

/// Said of a value that some cases have and others do not.
const MAY_BE_MISSING: &str = "this can be without a value: ask `{% if ... %}` first";

/// Names of files that lie beside the others to be read, not to be used.
const BUILT_IN: &str = "builtin.";

/// The last resort, said to people and so kept beside the other letters.
const BUILT_IN_LETTER: &str = include_str!("../../rules/letters/builtin.letter.txt");
const BUILT_IN_ALERT: &str = include_str!("../../rules/letters/builtin.alert.txt");

/// All templates, compiled.
#[derive(Debug)]
pub struct Letters {
    environment: Environment<'static>,
    reasons: BTreeMap<String, ByLanguage>,
}

impl Default for Letters {
    /// No letters: the built-in ones go out.
    fn default() -> Self {
        Self { environment: environment(), reasons: BTreeMap::new() }
    }
}

impl Letters {
    /// Compiles the letters: file name without `.txt` (such as `request.complaint.nl`) and source.
    /// Faults do not hide each other; what is merely odd comes along in either case.
    ///
    /// # Errors
    /// Every fault, where there is one that is more than odd.
    pub fn compile(
        sources: &BTreeMap<String, String>,
        inquiries: &[&str],
    ) -> Result<(Self, Vec<LetterFault>), Vec<LetterFault>> {
        let mut letters = Self::default();
        let mut faults = Vec::new();
        let mut sources = sources.clone();
        sources.retain(|name, _| !name.starts_with(BUILT_IN));
        for (name, source) in &sources {
            if let Err(fault) = letters.add(name, source) {
                let TemplateFault { span, what, remedy } = fault;
                faults.push(LetterFault { name: name.clone(), span, what, remedy, odd: false });
            }
        }
        faults.extend(check::check(&letters, &sources, inquiries));
        if faults.iter().any(|fault| !fault.odd) { Err(faults) } else { Ok((letters, faults)) }
    }

    fn add(&mut self, name: &str, source: &str) -> Result<(), TemplateFault> {
        let parts = layout::parts(source)?;
        for (part, span) in [("subject", &parts.subject), ("body", &parts.body)] {
            tags::check(source, span)?;
            let text = source.get(span.clone()).unwrap_or_default().to_owned();
            self.environment
                .add_template_owned(format!("{name}/{part}"), text)
                .map_err(|error| template_fault(&error, span))?;
        }
        Ok(())
    }

    /// Renders the letter of this kind for this inquiry: `KIND.INQUIRY.LANGUAGE` where there is
    /// one, else `KIND.LANGUAGE`, an alert else in Dutch. A template that fails gives way to a
    /// built-in plain letter; the fault is returned beside it, for the admin.
    #[must_use]
    pub fn render(
        &self,
        kind: LetterKind,
        inquiry: &str,
        language: Language,
        facts: &Facts,
    ) -> (Draft, Option<String>) {
        let facts = &self.in_words(facts, language);
        let Some(name) = self.name_for(kind, inquiry, language) else {
            let what = format!("there is no letter {}.{}.txt", kind.name(), language.code());
            return (built_in(kind, facts), Some(what));
        };
        match self.draft(&name, facts) {
            Ok(draft) => (draft, None),
            Err((part, fault)) => {
                (built_in(kind, facts), Some(format!("letters/{name}.txt, {part}: {}", fault.what)))
            }
        }
    }

    /// The words for the reasons of alerts; without them a reason appears as it is.
    #[must_use]
    pub fn with_reasons(mut self, rules: &ReasonRules) -> Self {
        self.reasons = rules.reason.clone();
        self
    }

    /// Reasons in words; dates kept on one line.
    fn in_words(&self, facts: &Facts, language: Language) -> Facts {
        let word = |reason: &String| match self.reasons.get(reason) {
            Some(words) => words.get(language).to_owned(),
            None => reason.clone(),
        };
        Facts {
            reasons: facts.reasons.iter().map(word).collect(),
            due: facts.due.as_deref().map(layout::unbroken),
            due_at: facts.due_at.as_deref().map(layout::unbroken),
            received: layout::unbroken(&facts.received),
            ..facts.clone()
        }
    }

    /// The letter file (without `.txt`) that [`Letters::render`] uses.
    #[must_use]
    pub fn name_for(&self, kind: LetterKind, inquiry: &str, language: Language) -> Option<String> {
        let (kind, code) = (kind.name(), language.code());
        let mut names = vec![format!("{kind}.{inquiry}.{code}"), format!("{kind}.{code}")];
        if kind.starts_with("alert-") {
            names.extend([format!("{kind}.{inquiry}.nl"), format!("{kind}.nl")]);
        }
        names.into_iter().find(|name| self.environment.get_template(&format!("{name}/body")).is_ok())
    }

    /// One letter by its file name; the fault comes with the part that it is in.
    fn draft(&self, name: &str, facts: &Facts) -> Result<Draft, (&'static str, TemplateFault)> {
        let render = |part: &'static str| {
            self.environment
                .get_template(&format!("{name}/{part}"))
                .and_then(|template| template.render(Value::from(minijinja::value::Serde(facts))))
                .map_err(|error| (part, template_fault(&error, &(0..0))))
        };
        let subject = layout::subject(&render("subject")?, &facts.number);
        Ok(Draft { subject, body: layout::body(&render("body")?) })
    }
}

/// An engine with nothing in it but what letters need: no includes, no functions, few filters.
fn environment() -> Environment<'static> {
    use minijinja::{filters, tests};
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(50);
    environment.set_debug(true); // for the spans of faults
    if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
        environment.set_syntax(syntax);
    }
    // "None" in a letter is a slip of its author: say so instead of sending it.
    environment.set_formatter(|out, state, value| {
        if value.is_none() {
            return Err(minijinja::Error::new(ErrorKind::InvalidOperation, MAY_BE_MISSING));
        }
        escape_formatter(out, state, value)
    });
    environment.add_filter("join", filters::join);
    environment.add_filter("length", filters::length);
    environment.add_filter("upper", filters::upper);
    environment.add_filter("lower", filters::lower);
    environment.add_filter("first", filters::first);
    environment.add_filter("last", filters::last);
    environment.add_filter("replace", filters::replace);
    environment.add_test("defined", tests::is_defined);
    environment.add_test("none", tests::is_none);
    environment
}

/// In words for an admin; spans count from the start of the part, which stands at `part`.
fn template_fault(error: &minijinja::Error, part: &Range<usize>) -> TemplateFault {
    let said = error.detail().unwrap_or_default();
    let remedy = match error.kind() {
        _ if said == MAY_BE_MISSING => {
            "write {% if due %} before the sentence and {% endif %} behind it, with the name of the value for `due`"
        }
        ErrorKind::SyntaxError if said.contains("end of input") => {
            "each {% if ... %} ends with {% endif %}, each {% for ... %} with {% endfor %}"
        }
        ErrorKind::UnknownFilter => "the filters are join, length, upper, lower, first, last and replace",
        ErrorKind::UnknownTest => "the tests are `is defined` and `is none`",
        ErrorKind::UnknownFunction => "letters have no functions",
        ErrorKind::SyntaxError => "a value is written {{ number }}, a condition {% if due %} ... {% endif %}",
        ErrorKind::OutOfFuel => "the letter does too much: make it simpler",
        ErrorKind::UndefinedError => {
            "each thing in the list `missing` has {{ item.title }} and {{ item.help }}"
        }
        _ => "",
    };
    let what = match (error.kind(), error.detail()) {
        (ErrorKind::SyntaxError, Some(detail)) if detail.contains("end of input") => {
            "the letter ends before a condition or a list is closed".to_owned()
        }
        (ErrorKind::UndefinedError, _) => "there is no such value here".to_owned(),
        (_, Some(detail)) => detail.to_owned(),
        (kind, None) => kind.to_string(),
    };
    let span = error.range().map(|range| part.start + range.start..part.start + range.end);
    TemplateFault { span, what, remedy: remedy.to_owned() }
}

/// A letter that cannot fail: no template language, only two words that are replaced.
fn built_in(kind: LetterKind, facts: &Facts) -> Draft {
    let text = if matches!(kind, LetterKind::Alert(_)) { BUILT_IN_ALERT } else { BUILT_IN_LETTER };
    let mut list = String::new();
    for item in &facts.missing {
        let _ = writeln!(list, "- {}: {}", item.title, item.help);
    }
    for line in facts.reasons.iter().chain(&facts.trouble) {
        let _ = writeln!(list, "{line}");
    }
    let (subject, body) = match layout::parts(text) {
        Ok(parts) => (text.get(parts.subject), text.get(parts.body)),
        Err(_) => (None, None),
    };
    let fill = |text: &str| {
        text.replace("NUMBER", &facts.number).replace("KIND", kind.name()).replace("LIST", list.trim_end())
    };
    Draft {
        subject: layout::subject(&fill(subject.unwrap_or_default()), &facts.number),
        body: layout::body(&fill(body.unwrap_or_default())),
    }
}

#[cfg(test)]
mod tests;
