//! How long to wait before the next try: doubling, with full jitter, up to a limit.

use std::time::Duration;

/// The waits between tries of one thing.
#[derive(Debug, Clone)]
pub struct Backoff {
    first: Duration,
    most: Duration,
    failures: u32,
}

impl Backoff {
    #[must_use]
    pub fn new(first: Duration, most: Duration) -> Self {
        Self { first, most, failures: 0 }
    }

    /// It worked: the next failure waits the shortest time again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// It failed: how long to wait, from half of the step to the whole of it, so that many clients of
    /// one server do not come back in one moment. `chance` is a random number.
    pub fn next(&mut self, chance: u32) -> Duration {
        let step = self.first.saturating_mul(1 << self.failures.min(16)).min(self.most);
        self.failures += 1;
        step / 2 + (step / 2).mul_f64(f64::from(chance) / f64::from(u32::MAX))
    }
}

/// A random number for [`Backoff::next`]; a fixed one where the system has none to give.
pub fn chance() -> u32 {
    getrandom::u32().unwrap_or(u32::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_limit_and_start_small_again_after_a_success() {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));
        let waits: Vec<u64> = (0..8).map(|_| backoff.next(u32::MAX).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
        backoff.reset();
        assert_eq!(backoff.next(0), Duration::from_millis(500));
    }
}
