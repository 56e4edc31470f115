//! The time: the system's, or one that tests and the demo move. Nothing else reads a clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

/// A clock that can be shared; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// Milliseconds ahead of the system's clock, or since 1970 where it stands. Only tests and the
    /// demo move it.
    ahead: Arc<AtomicI64>,
    /// It goes on only when somebody moves it: what happens can happen again exactly so.
    stands: bool,
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that shows `at` until it is moved.
    #[must_use]
    pub fn standing(at: DateTime<Utc>) -> Self {
        Self { ahead: Arc::new(AtomicI64::new(at.timestamp_millis())), stands: true }
    }

    /// Now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the time")]
    pub fn now(&self) -> DateTime<Utc> {
        let ahead = TimeDelta::milliseconds(self.ahead.load(Ordering::Relaxed));
        if self.stands { DateTime::UNIX_EPOCH + ahead } else { Utc::now() + ahead }
    }

    /// Moves the clock so that it shows `to` now, never a moment before it, and goes on from there.
    pub fn jump(&self, to: DateTime<Utc>) {
        let ahead = to.signed_duration_since(self.now()).num_milliseconds();
        // The system's clock goes on by less than a millisecond meanwhile.
        self.ahead.fetch_add(ahead + i64::from(!self.stands), Ordering::Relaxed);
    }
}
