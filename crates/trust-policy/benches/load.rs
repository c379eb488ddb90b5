//! Loading a generated policy of 1,000 rules with an example each: read, check, compile, run the examples. The goal is 50 ms.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a bench stops where something is wrong")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use huxin_attest::RegionCode;
use huxin_trust_policy::{Policy, Source};

#[path = "support/generated.rs"]
mod generated;

use generated::{REGION, generated};

fn load(criterion: &mut Criterion) {
    let region = RegionCode::new(REGION).unwrap();
    for rules in [100, 1_000] {
        let texts = generated(rules);
        let load = |overlay| {
            let vocabulary = Source { name: "vocabulary.toml", text: black_box(&texts.vocabulary) };
            let baseline = Source { name: "national.toml", text: black_box(&texts.baseline) };
            Policy::load(region, vocabulary, baseline, overlay, &[]).unwrap()
        };
        let overlay = Source { name: "province-90.toml", text: &texts.overlay };
        criterion.bench_function(&format!("load {rules} rules"), |bencher| bencher.iter(|| load(None)));
        criterion.bench_function(&format!("load {rules} + {rules} rules"), |bencher| {
            bencher.iter(|| load(Some(black_box(overlay))));
        });
    }
}

criterion_group!(benches, load);
criterion_main!(benches);
