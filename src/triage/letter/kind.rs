//! Which letters and alerts there are, and what their files are called.

use serde::Serialize;

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
    /// A coordinator answered an alert, and the person heard nothing.
    Astray,
    Mailbox,
    Outbox,
    Rules,
    Token,
}

impl LetterKind {
    /// Every kind there is.
    pub const ALL: [Self; 13] = [
        Self::Acknowledgement,
        Self::Request,
        Self::Reminder,
        Self::Alert(AlertKind::New),
        Self::Alert(AlertKind::DueSoon),
        Self::Alert(AlertKind::Overdue),
        Self::Alert(AlertKind::Review),
        Self::Alert(AlertKind::Bounce),
        Self::Alert(AlertKind::Astray),
        Self::Alert(AlertKind::Mailbox),
        Self::Alert(AlertKind::Outbox),
        Self::Alert(AlertKind::Rules),
        Self::Alert(AlertKind::Token),
    ];

    /// As letter files are named.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Acknowledgement => "acknowledgement",
            Self::Request => "request",
            Self::Reminder => "reminder",
            Self::Alert(AlertKind::New) => "alert-new",
            Self::Alert(AlertKind::DueSoon) => "alert-due_soon",
            Self::Alert(AlertKind::Overdue) => "alert-overdue",
            Self::Alert(AlertKind::Review) => "alert-review",
            Self::Alert(AlertKind::Bounce) => "alert-bounce",
            Self::Alert(AlertKind::Astray) => "alert-astray",
            Self::Alert(AlertKind::Mailbox) => "alert-mailbox",
            Self::Alert(AlertKind::Outbox) => "alert-outbox",
            Self::Alert(AlertKind::Rules) => "alert-rules",
            Self::Alert(AlertKind::Token) => "alert-token",
        }
    }

    /// The kind that `name` names.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// About the program, not about a case: it may have no number.
    #[must_use]
    pub fn is_about_program(self) -> bool {
        matches!(
            self,
            Self::Alert(AlertKind::Mailbox | AlertKind::Outbox | AlertKind::Rules | AlertKind::Token)
        )
    }
}
