//! How often other provinces may ask: decided before any look-up, so that a refusal tells nothing about a person.
//!
//! Each disclosure rule bounds questions a minute and questions about unknown people an hour, for each peer. The
//! counts live in memory: a restart forgets at most one window.

use std::sync::{Mutex, PoisonError};

use dashmap::DashMap;
use huxin_attest::{RegionCode, UnixMs};
use huxin_wire::Reason;

use crate::limits;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;

/// What one peer used up of each disclosure rule.
#[derive(Debug, Default)]
pub struct Admission {
    peers: DashMap<RegionCode, Mutex<Vec<Budget>>>,
}

#[derive(Debug)]
struct Budget {
    rule: String,
    questions: Window,
    misses: Window,
}

/// A count inside the current window; windows begin at multiples of their length.
#[derive(Debug, Default)]
struct Window {
    number: i64,
    count: u32,
}

impl Window {
    fn in_window(&mut self, now: UnixMs, length_ms: i64) -> &mut u32 {
        let number = now.as_ms().div_euclid(length_ms);
        if number != self.number {
            *self = Self { number, count: 0 };
        }
        &mut self.count
    }
}

impl Admission {
    /// Counts one question under `rule`.
    ///
    /// # Errors
    /// If the peer used up its questions of this minute or its misses of this hour.
    pub fn question(
        &self,
        peer: RegionCode,
        rule: &str,
        (per_minute, misses_per_hour): (u32, u32),
        now: UnixMs,
    ) -> Result<(), Reason> {
        self.with(peer, rule, |budget| {
            if *budget.misses.in_window(now, HOUR_MS) >= misses_per_hour {
                return Err(Reason::MissesExceeded);
            }
            let questions = budget.questions.in_window(now, MINUTE_MS);
            if *questions >= per_minute {
                return Err(Reason::RateExceeded);
            }
            *questions += 1;
            Ok(())
        })
    }

    /// Counts one report of a reuse.
    ///
    /// # Errors
    /// If the peer used up its reports of this minute.
    pub fn report(&self, peer: RegionCode, now: UnixMs) -> Result<(), Reason> {
        // No disclosure rule has such a name.
        self.question(peer, "/reports", (limits::REPORTS_PER_MINUTE, u32::MAX), now)
    }

    /// Counts one question about a person of whom nothing is known.
    pub fn miss(&self, peer: RegionCode, rule: &str, now: UnixMs) {
        self.with(peer, rule, |budget| {
            let misses = budget.misses.in_window(now, HOUR_MS);
            *misses = misses.saturating_add(1);
        });
    }

    fn with<T>(&self, peer: RegionCode, rule: &str, f: impl FnOnce(&mut Budget) -> T) -> T {
        if !self.peers.contains_key(&peer) {
            self.peers.entry(peer).or_default();
        }
        let Some(budgets) = self.peers.get(&peer) else {
            // Entries are never removed; were one missing, an unused budget that is thrown away refuses nothing wrongly.
            return f(&mut Budget::new(rule));
        };
        let mut budgets = budgets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(budget) = budgets.iter_mut().find(|budget| budget.rule == rule) {
            return f(budget);
        }
        let mut budget = Budget::new(rule);
        let result = f(&mut budget);
        budgets.push(budget);
        result
    }
}

impl Budget {
    fn new(rule: &str) -> Self {
        Self { rule: rule.to_owned(), questions: Window::default(), misses: Window::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer() -> RegionCode {
        RegionCode::new(44).unwrap()
    }

    fn at(secs: i64) -> UnixMs {
        UnixMs::from_secs(1_657_242_000 + secs).unwrap()
    }

    #[test]
    fn questions_beyond_the_rate_wait_for_the_next_minute() {
        let admission = Admission::default();
        for _ in 0..3 {
            assert_eq!(admission.question(peer(), "D-10", (3, 9), at(0)), Ok(()));
        }
        assert_eq!(admission.question(peer(), "D-10", (3, 9), at(59)), Err(Reason::RateExceeded));
        assert_eq!(
            admission.question(peer(), "D-20", (3, 9), at(59)),
            Ok(()),
            "each rule has its own budget"
        );
        assert_eq!(admission.question(peer(), "D-10", (3, 9), at(60)), Ok(()));
    }

    #[test]
    fn too_many_misses_close_the_rule_for_the_hour() {
        let admission = Admission::default();
        for _ in 0..2 {
            admission.miss(peer(), "D-10", at(0));
        }
        assert_eq!(admission.question(peer(), "D-10", (9, 2), at(1)), Err(Reason::MissesExceeded));
        let other = RegionCode::new(42).unwrap();
        assert_eq!(admission.question(other, "D-10", (9, 2), at(1)), Ok(()), "each peer has its own budget");
        assert_eq!(admission.question(peer(), "D-10", (9, 2), at(3600)), Ok(()));
    }
}
