//! A machine's mail? Says so with the sign that showed it.
//!
//! Follows RFC 3834, 3464, 8098, 5230 §4.6, 2919 and practice; the signs that are words or
//! header values stand in `rules/machines.toml`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::message::Message;
use super::surroundings::Surroundings;

/// What the screen says of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum Verdict {
    /// A person wrote it and may be answered.
    Person,
    /// A machine's: recorded, not answered.
    Machine { reason: String },
    /// A person must look; no automatic answer.
    Review { reason: String },
}

/// One sign that was looked for and found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sign {
    /// What it says of the mail: `auto_reply`, `bounce`, …
    pub reason: String,
    /// What was seen, without personal data: `Auto-Submitted: auto-replied`.
    pub seen: String,
}

/// The verdict and what led to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Screening {
    #[serde(flatten)]
    pub verdict: Verdict,
    pub signs: Vec<Sign>,
}

/// `rules/machines.toml`
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MachineRules {}

/// [`MachineRules`], ready to use.
#[derive(Debug, Default)]
pub struct Machines {}

impl Machines {
    /// # Errors
    /// Every fault of the rules.
    pub fn compile(_rules: &MachineRules) -> Result<Self, Vec<Fault>> {
        Ok(Self {})
    }

    /// Is `address` a form mailer that the rules trust: its Reply-To is the person?
    #[must_use]
    pub fn is_form_mailer(&self, _address: &str) -> bool {
        false
    }
}

/// Looks for every sign. `own_text` is what the writer wrote themselves (no quotes, no signature).
#[must_use]
pub fn screen(
    _message: &Message,
    _own_text: &str,
    _machines: &Machines,
    _surroundings: &Surroundings,
) -> Screening {
    Screening { verdict: Verdict::Person, signs: Vec::new() }
}
