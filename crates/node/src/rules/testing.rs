//! Policies for tests of this crate: the samples, with other times.

use std::sync::Arc;

use huxin_trust_policy::{Policy, Source};

const VOCABULARY: &str = include_str!("../../../../deploy/policies/vocabulary.toml");
const BASELINE: &str = include_str!("../../../../deploy/policies/national.toml");
const OVERLAY: &str = include_str!("../../../../deploy/policies/province-44.toml");

/// The sample baseline with this validity.
pub fn baseline(from: &str, until: &str) -> String {
    valid(BASELINE, from, until)
}

/// Guangdong's sample overlay with this validity.
pub fn overlay(from: &str, until: &str) -> String {
    valid(OVERLAY, from, until)
}

/// The first `from` and `until` of a policy file are its own.
fn valid(text: &str, from: &str, until: &str) -> String {
    let with = |text: &str, key: &str, value: &str| {
        let line = text.lines().find(|line| line.starts_with(&format!("{key} = "))).unwrap();
        text.replacen(line, &format!("{key} = {value}"), 1)
    };
    with(&with(text, "from", from), "until", until)
}

/// A policy of region 44.
pub fn policy(baseline: &str, overlay: Option<&str>) -> Arc<Policy> {
    let source = |name, text| Source { name, text };
    let policy = Policy::load(
        "44".parse().unwrap(),
        source("vocabulary.toml", VOCABULARY),
        source("national.toml", baseline),
        overlay.map(|text| source("province-44.toml", text)),
        &[],
    );
    Arc::new(policy.unwrap())
}
