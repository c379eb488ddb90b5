//! The policies that benches generate are policies: they load with every example, and nothing in them is by chance.

use huxin_trust_policy::{Policy, Source};

use crate::generated::{Generated, MAX_RULES, REGION, generated};
use crate::support::{region, shown};

fn load(texts: &Generated) -> Policy {
    shown(Policy::load(
        region(REGION),
        Source { name: "vocabulary.toml", text: &texts.vocabulary },
        Source { name: "national.toml", text: &texts.baseline },
        Some(Source { name: "province-90.toml", text: &texts.overlay }),
        &[],
    ))
}

#[test]
fn generated_policies_of_any_size_load_and_their_examples_hold() {
    for rules in [1, 7, 100, MAX_RULES] {
        let texts = generated(rules);
        load(&texts);
        for text in [&texts.baseline, &texts.overlay] {
            assert_eq!(text.matches("[[rule]]").count(), rules);
            assert_eq!(text.matches("[[example]]").count(), rules);
        }
    }
}

#[test]
fn the_same_size_gives_the_same_texts() {
    let (one, other) = (generated(50), generated(50));
    assert_eq!(
        (one.vocabulary, one.baseline, one.overlay),
        (other.vocabulary, other.baseline, other.overlay)
    );
}
