//! Judging a peer's overlay as if it were the own one, by the own baseline.

use huxin_attest::RegionCode;
use huxin_trust_policy::{LoadError, Policy, Reference, Source};

use super::fetch::Shown;
use super::known::Found;
use crate::limits;
use crate::rules::Rules;

/// What is found of the overlay of `peer` in these very bytes, and who signed it.
pub fn judge(rules: &Rules, peer: RegionCode, overlay: &Reference, shown: &Shown) -> (Found, Vec<String>) {
    let Shown { text, .. } = shown;
    let Some(policy) = std::str::from_utf8(text).ok().filter(|text| text.len() <= limits::POLICY_FILE) else {
        return (Found::Invalid, Vec::new());
    };
    let [Ok(vocabulary), Ok(baseline)] =
        [&rules.files.vocabulary, &rules.files.baseline].map(|file| std::str::from_utf8(&file.text))
    else {
        return (Found::Unchecked, Vec::new());
    };
    let loaded = Policy::load(
        peer,
        Source { name: "vocabulary", text: vocabulary },
        Source { name: "baseline", text: baseline },
        Some(Source { name: "overlay", text: policy }),
        // What the peer distrusted before is not known here: its pauses are its own node's to keep.
        &[],
    );
    match loaded {
        Ok(policy) if policy.references().overlay.as_ref() == Some(overlay) => (Found::Unchecked, Vec::new()),
        Err(LoadError::OverReach(_)) => (Found::OverReach, Vec::new()),
        Ok(_) | Err(LoadError::Invalid(_)) => (Found::Invalid, Vec::new()),
    }
}
