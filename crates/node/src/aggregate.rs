//! Decisions for which nothing was asked: counted by rule and app, logged once a second without naming anybody.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A rule and how often it admitted.
type RuleCount = (String, u64);

/// The counts of one runtime since they were last taken. A crash loses at most these.
#[derive(Debug, Default)]
pub struct Aggregates {
    counts: Mutex<HashMap<Arc<str>, Vec<RuleCount>>>,
}

impl Aggregates {
    /// Counts one decision of `rule` for the app with this identity.
    pub fn count(&self, app: &Arc<str>, rule: &str) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if !counts.contains_key(app) {
            counts.insert(Arc::clone(app), Vec::new());
        }
        let Some(rules) = counts.get_mut(app) else { return };
        match rules.iter_mut().find(|(known, _)| known == rule) {
            Some((_, count)) => *count += 1,
            None => rules.push((rule.to_owned(), 1)),
        }
    }

    /// Takes what was counted: app, rule, count.
    pub fn take(&self) -> Vec<(Arc<str>, String, u64)> {
        let counts = std::mem::take(&mut *self.counts.lock().unwrap_or_else(PoisonError::into_inner));
        let rows = |(app, rules): (Arc<str>, Vec<RuleCount>)| {
            rules.into_iter().map(move |(rule, count)| (Arc::clone(&app), rule, count))
        };
        counts.into_iter().flat_map(rows).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_are_counted_by_rule_and_app_and_taken_once() {
        let (aggregates, gate) =
            (Aggregates::default(), Arc::from("spiffe://gd.example/app/commerce-1/gate"));
        for rule in ["N-10", "N-50", "N-10"] {
            aggregates.count(&gate, rule);
        }
        let mut taken = aggregates.take();
        taken.sort();
        assert_eq!(taken, [(Arc::clone(&gate), "N-10".to_owned(), 2), (gate, "N-50".to_owned(), 1)]);
        assert!(aggregates.take().is_empty());
    }
}
