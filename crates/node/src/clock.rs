//! The two clocks of a node.
//!
//! The real clock judges certificates, revocation lists and the membership list. The facts clock, the real clock moved
//! by a constant, stamps `checked_at`, log entries and policy decisions, so that an exercise can replay a past day.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use huxin_attest::{Clock, UnixMs};

/// The system's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct RealClock;

impl Clock for RealClock {
    fn now(&self) -> UnixMs {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixMs::default().saturating_add_ms(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The system's clock moved by a constant. Clones are one clock: what moves one moves all.
#[derive(Debug, Default, Clone)]
pub struct FactsClock {
    offset_ms: Arc<AtomicI64>,
}

impl FactsClock {
    /// A facts clock that runs `offset_ms` milliseconds ahead of the real one (negative: behind).
    pub fn with_offset_ms(offset_ms: i64) -> Self {
        Self { offset_ms: Arc::new(AtomicI64::new(offset_ms)) }
    }

    /// The facts clock that shows `at` now.
    pub fn starting_at(at: UnixMs) -> Self {
        Self::with_offset_ms(at.ms_since(RealClock.now()))
    }

    /// How far it runs ahead of the real clock, in milliseconds.
    pub fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::Relaxed)
    }

    /// Moves the clock on by `ms` milliseconds (negative: back). For exercises and tests: what a node stamped before
    /// and after is then not that far apart.
    pub fn dangerous_move_ms(&self, ms: i64) {
        self.offset_ms.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Clock for FactsClock {
    fn now(&self) -> UnixMs {
        RealClock.now().saturating_add_ms(self.offset_ms())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facts_clock_shows_the_day_that_it_was_set_to() {
        let day = UnixMs::parse_rfc3339("2022-07-08T09:00:00+08:00").unwrap();
        let passed = FactsClock::starting_at(day).now().ms_since(day);
        assert!((0..60_000).contains(&passed), "{passed}");
    }

    #[test]
    fn what_moves_one_clone_moves_all() {
        let clock = FactsClock::with_offset_ms(-5);
        let other = clock.clone();
        clock.dangerous_move_ms(600_000);
        assert_eq!(other.offset_ms(), 599_995);
    }
}
