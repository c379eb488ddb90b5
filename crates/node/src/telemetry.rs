//! What a node counts. Counters are relaxed: they are for people and benches, never for decisions.

use std::sync::atomic::{AtomicU64, Ordering};

use huxin_wire::v1;

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Everything that is counted since start.
        #[derive(Debug, Default)]
        pub struct Counters { $($(#[$doc])* pub $name: Counter,)* }

        impl Counters {
            /// The counters as they travel in `Operator.Status`.
            pub fn message(&self) -> v1::Counters {
                v1::Counters { $($name: self.$name.get(),)* }
            }
        }
    };
}

counters! {
    /// Presentations decided.
    recognised,
    /// Of these, decided without asking anything.
    not_required,
    /// Of these, admitted.
    admitted,
    /// Of these, sent to a human.
    reviewed,
    /// Questions sent to other provinces.
    queries_sent,
    /// Replies whose every check passed.
    answers_verified,
    /// Replies or heads that failed a check.
    answers_rejected,
    /// Questions of other provinces that were answered.
    queries_answered,
    /// Questions refused, and logged so.
    queries_refused,
    /// Questions not taken (busy, malformed).
    queries_declined,
    /// Statements verified.
    statements_verified,
    /// Statement signatures checked; the rest were batch roots checked before.
    signatures_checked,
    /// Log heads of other provinces verified.
    heads_verified,
    /// Look-ups repeated because the person's facts changed meanwhile.
    looked_again,
    /// Failures that were answered with a status.
    errors,
    /// Questions for which an earlier answer was used again.
    answers_reused,
    /// Reports that an answer of ours was used again.
    reports_received,
    /// Statements that the registry refused to take, and logged so.
    statements_refused,
    /// Reviews that a human resolved.
    resolutions,
}

/// A counter that many threads add to.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Counts one.
    pub fn one(&self) {
        self.add(1);
    }

    /// Counts `n`.
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    /// The count so far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
