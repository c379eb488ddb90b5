//! Mutated policy files: none makes the reader panic, and each that is refused says why and where, in both languages.
//!
//! The mutations follow from a fixed seed. `HUXIN_MUTATIONS` sets another count; docs/testing.md has the million.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test: what goes wrong here ends it, and it prints what it saw"
)]

mod change;
mod judge;
#[path = "../../../../tests/hostile/random.rs"]
#[allow(dead_code, reason = "the mutated requests use the rest")]
mod random;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crate::change::changed;
use crate::judge::{Files, Tally, Target};
use crate::random::Random;

const SEED: u64 = 20_220_708;
/// How many in every run of the tests.
const MUTATIONS: usize = 4_000;

#[test]
fn a_mutated_policy_file_is_read_or_refused_with_a_reason_and_never_panics() {
    let mutations = std::env::var("HUXIN_MUTATIONS").ok().map_or(MUTATIONS, |text| text.parse().unwrap());
    let (whole, bare) = (samples(), samples().without_examples());
    let mut tally = Tally::default();
    for index in 0..mutations {
        let mut random = Random::of(SEED, index);
        let target = Target::of(&mut random);
        let files = if random.one_in(2) { &whole } else { &bare };
        let bytes = changed(files.text(target), &mut random);
        let judged = catch_unwind(AssertUnwindSafe(|| files.judge(target, &bytes)));
        match judged {
            Ok(Ok(what)) => tally.count(what),
            Ok(Err(fault)) => panic!("mutation {index} of {target:?}: {fault}\n{}", shown(&bytes)),
            Err(_) => panic!("mutation {index} of {target:?} panicked\n{}", shown(&bytes)),
        }
    }
    println!("{mutations} mutations: {tally:?}");
    tally.assert_every_way_was_seen();
}

fn samples() -> Files {
    Files::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/policies"))
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_files_that_are_mutated_are_right_before() {
    for files in [samples(), samples().without_examples()] {
        for target in Target::ALL {
            let judged = files.judge(target, files.text(target).as_bytes());
            assert_eq!(judged, Ok(judge::What::Accepted), "{target:?}");
        }
    }
}
