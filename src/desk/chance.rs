//! Where unguessable numbers come from. Chance enters here, never in the decisions.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{DeskError, Result};

/// The system's, or a sequence that a test can have once more.
#[derive(Debug, Clone, Default)]
pub struct Chance(Option<Arc<AtomicU64>>);

impl Chance {
    /// A sequence that everybody can guess: for runs that must be the same each time.
    #[doc(hidden)]
    #[must_use]
    pub fn guessable() -> Self {
        Self(Some(Arc::default()))
    }

    /// Sixteen hexadecimal digits that nobody can guess.
    pub fn digits(&self) -> Result<String> {
        let number = match &self.0 {
            Some(sequence) => sequence.fetch_add(1, Ordering::Relaxed),
            None => getrandom::u64().map_err(|error| {
                DeskError::temporary(format!("the system gives no random numbers: {error}"))
            })?,
        };
        Ok(format!("{number:016x}"))
    }
}
