//! The ends of baseline and overlay, announced while there is time: 14, 7 and 1 days ahead, and when one has come.
//!
//! Nothing is put into force or out of it here: which file holds is judged for every request by its own clock reading.

use std::collections::BTreeSet;

use huxin_attest::{Clock, UnixMs};
use huxin_trust_policy::{FileValidity, Phase, Policy};
use huxin_wire::Warning;

const DAY_MS: i64 = 24 * 3_600_000;

/// What there is to say of the validity of a policy's files at `now`: at most one warning a file, the most pressing.
pub fn warnings(policy: &Policy, now: UnixMs) -> impl Iterator<Item = Warning> {
    let validity = policy.validity(now);
    let of_overlay = validity.overlay.and_then(|overlay| OVERLAY.warning(&overlay, now));
    [BASELINE.warning(&validity.baseline, now), of_overlay].into_iter().flatten()
}

/// The warnings of one file.
struct Words {
    not_yet: Warning,
    /// In the order in which they begin: so many days ahead.
    ends: [(i64, Warning); 3],
    expired: Warning,
}

const BASELINE: Words = Words {
    not_yet: Warning::BaselineNotYet,
    ends: [(14, Warning::BaselineEnds14d), (7, Warning::BaselineEnds7d), (1, Warning::BaselineEnds1d)],
    expired: Warning::BaselineExpired,
};
const OVERLAY: Words = Words {
    not_yet: Warning::OverlayNotYet,
    ends: [(14, Warning::OverlayEnds14d), (7, Warning::OverlayEnds7d), (1, Warning::OverlayEnds1d)],
    expired: Warning::OverlayExpired,
};

impl Words {
    fn warning(&self, file: &FileValidity, now: UnixMs) -> Option<Warning> {
        match file.phase {
            Phase::NotYet => Some(self.not_yet),
            Phase::Expired => Some(self.expired),
            Phase::InForce => {
                let left = file.until.ms_since(now);
                let begun = self.ends.iter().rev().find(|(days, _)| left <= days * DAY_MS);
                begun.map(|(_, warning)| *warning)
            }
        }
    }
}

/// Says each warning once in the node's own log, when it begins.
#[derive(Debug, Default)]
pub struct Announcer {
    said: BTreeSet<&'static str>,
}

impl Announcer {
    /// Looks at the policy in force by `clock`, and says what begins; gives what it said.
    pub fn look(&mut self, policy: &Policy, clock: &impl Clock) -> Vec<Warning> {
        let current: Vec<Warning> = warnings(policy, clock.now()).collect();
        let begun: Vec<_> =
            current.iter().copied().filter(|warning| !self.said.contains(warning.name())).collect();
        for warning in &begun {
            let text = warning.text_en();
            match warning {
                Warning::BaselineExpired => {
                    tracing::error!(warning = warning.name(), text, "policy validity")
                }
                _ => tracing::warn!(warning = warning.name(), text, "policy validity"),
            }
        }
        // What is over is forgotten: the next file's end is announced anew.
        self.said = current.iter().map(|warning| warning.name()).collect();
        begun
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::rules::testing;

    struct At(UnixMs);

    impl Clock for At {
        fn now(&self) -> UnixMs {
            self.0
        }
    }

    /// Says what begins as the clock moves over these times.
    fn announced(policy: &Policy, times: &[&str]) -> Vec<Vec<&'static str>> {
        let mut announcer = Announcer::default();
        let at = |time: &&str| At(UnixMs::parse_rfc3339(time).unwrap());
        let looks = times.iter().map(|time| announcer.look(policy, &at(time)));
        looks.map(|begun| begun.iter().map(|warning| warning.name()).collect()).collect()
    }

    #[test]
    fn each_stage_is_said_once_and_to_the_millisecond() {
        let baseline = testing::baseline("2022-07-01T00:00:00+08:00", "2022-09-01T00:00:00+08:00");
        let policy: Arc<Policy> = testing::policy(&baseline, None);
        let said = announced(
            &policy,
            &[
                "2022-06-30T23:59:59+08:00",
                "2022-07-01T00:00:00+08:00",
                "2022-08-17T23:59:59.999+08:00",
                "2022-08-18T00:00:00+08:00",
                "2022-08-18T00:00:01+08:00",
                "2022-08-25T00:00:00+08:00",
                "2022-08-30T00:00:00+08:00",
                "2022-08-31T00:00:00+08:00",
                "2022-08-31T23:59:59.999+08:00",
                "2022-09-01T00:00:00+08:00",
                "2022-09-02T00:00:00+08:00",
            ],
        );
        let expected: [&[&str]; 11] = [
            &["baseline_not_yet"],
            &[],
            &[],
            &["baseline_ends_14d"],
            &[],
            &["baseline_ends_7d"],
            &[],
            &["baseline_ends_1d"],
            &[],
            &["baseline_expired"],
            &[],
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn an_overlay_has_stages_of_its_own() {
        let baseline = testing::baseline("2022-07-01T00:00:00+08:00", "2022-12-01T00:00:00+08:00");
        let overlay = testing::overlay("2022-07-10T00:00:00+08:00", "2022-07-20T00:00:00+08:00");
        let policy = testing::policy(&baseline, Some(&overlay));
        let said = announced(
            &policy,
            &["2022-07-08T00:00:00+08:00", "2022-07-10T00:00:00+08:00", "2022-07-20T00:00:00+08:00"],
        );
        assert_eq!(said, [["overlay_not_yet"], ["overlay_ends_14d"], ["overlay_expired"]]);
    }
}
