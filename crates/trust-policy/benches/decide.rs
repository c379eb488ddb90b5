//! One decision on the sample policy: a traveller with a code and a test. The goal is 100 ns.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "a bench stops where something is wrong"
)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use huxin_attest::{CodeStatus, TestResult};
use huxin_trust_policy::{Evidence, Facts, Listing, Standing, Statement};

#[path = "../tests/policy/support.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod support;

use support::{code, founded_red, load, now, seen, signed, test, travel};

fn decide(criterion: &mut Criterion) {
    let policy = load(44, Some("province-44.toml"));
    let codes = [seen(&policy, code(42, CodeStatus::Green), "data_bureau")];
    let tests = [seen(&policy, test(43, TestResult::Negative, 30), "licensed_lab")];
    let of = |statements| Evidence { statements, unreachable: false };
    let facts = Facts { age: Some(30), evidence: [of(&codes), of(&tests), of(&[])] };
    let (situation, now) = (travel(&policy), now());
    criterion.bench_function("select", |bencher| {
        bencher.iter(|| policy.select(black_box(&situation), black_box(now)).ask());
    });
    let selected = policy.select(&situation, now);
    criterion.bench_function("decide", |bencher| {
        bencher.iter(|| policy.decide(black_box(&selected), black_box(&facts), black_box(now)));
    });
    let attestation = signed(founded_red(42), 42);
    let category = policy.vocabulary().department("health");
    let listing = Listing { category, may_state: true, assigner_may: true };
    criterion.bench_function("from_verified", |bencher| {
        bencher.iter(|| {
            Statement::from_verified(&policy, black_box(&attestation), listing, now, Standing::None)
        });
    });
}

criterion_group!(benches, decide);
criterion_main!(benches);
