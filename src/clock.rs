//! The time: the system's, or one that tests and the demo move. Nothing else reads a clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

/// A clock that can be shared; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// Milliseconds ahead of the system's clock. Only tests and the demo move it.
    ahead: Arc<AtomicI64>,
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// Now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the time")]
    pub fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::milliseconds(self.ahead.load(Ordering::Relaxed))
    }

    /// Moves the clock so that it shows `to` now, never a moment before it, and goes on from there.
    pub fn jump(&self, to: DateTime<Utc>) {
        let ahead = to.signed_duration_since(self.now()).num_milliseconds() + 1;
        self.ahead.fetch_add(ahead, Ordering::Relaxed);
    }
}
