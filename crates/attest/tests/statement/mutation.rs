//! A signed statement changed anywhere is refused, by a receiver that knows the true one too.

use huxin_attest::{Envelope, StatementVerifier, sign_batch, sign_single};
use proptest::prelude::*;

use crate::support::{green_codes, key, red_code, verify, verify_once};

fn single() -> Vec<u8> {
    sign_single(&red_code(), &key()).unwrap()
}

/// One statement from the inside of a batch and one from its ragged end.
fn batched() -> [Vec<u8>; 2] {
    let batch = sign_batch(&green_codes(13), &key()).unwrap();
    [batch[5].clone(), batch[12].clone()]
}

fn refuses_every_change(statement: &[u8]) {
    let mut verifier = StatementVerifier::new(16);
    assert!(verify(&mut verifier, statement).is_ok());
    for place in 0..statement.len() {
        let original = statement[place];
        let flipped = (0..8).map(|bit| original ^ 1 << bit);
        let stepped = [original.wrapping_add(1), original.wrapping_sub(1), 0x00, 0xff];
        for byte in flipped.chain(stepped).filter(|byte| *byte != original) {
            let mut changed = statement.to_vec();
            changed[place] = byte;
            assert!(verify(&mut verifier, &changed).is_err(), "byte {place} as {byte:02x}");
        }
    }
    assert!(verify(&mut verifier, statement).is_ok());
}

#[test]
fn a_single_statement_changed_in_any_byte_is_refused() {
    refuses_every_change(&single());
}

#[test]
fn a_statement_of_a_batch_changed_in_any_byte_is_refused() {
    batched().iter().for_each(|statement| refuses_every_change(statement));
}

#[test]
fn a_statement_cut_or_continued_is_refused() {
    for statement in batched().into_iter().chain([single()]) {
        for len in 0..statement.len() {
            assert!(Envelope::parse(&statement[..len]).is_err(), "{len}");
        }
        for byte in [0x00, 0xf6, 0xff] {
            assert!(Envelope::parse(&[&statement[..], &[byte]].concat()).is_err());
        }
        assert!(Envelope::parse(&[&statement[..], &statement[..]].concat()).is_err());
    }
}

#[test]
fn a_longer_head_is_refused_anywhere() {
    for statement in batched().into_iter().chain([single()]) {
        for (place, byte) in statement.iter().enumerate().filter(|(_, byte)| **byte & 0x1f < 24) {
            let longer = [byte & 0xe0 | 24, byte & 0x1f];
            let changed = [&statement[..place], &longer, &statement[place + 1..]].concat();
            assert!(verify_once(&changed).is_err(), "at {place}");
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(verify_once(&bytes).is_err());
    }

    #[test]
    fn a_statement_with_several_changed_bytes_is_refused(
        which in 0..3_usize,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), 1..=255_u8), 1..6),
    ) {
        let [inside, end] = batched();
        let statement = &[single(), inside, end][which];
        let mut changed = statement.clone();
        for (place, difference) in changes {
            let place = place.index(changed.len());
            changed[place] ^= difference;
        }
        prop_assume!(changed != *statement);
        prop_assert!(verify_once(&changed).is_err());
    }
}
