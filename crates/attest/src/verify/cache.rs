//! Which signatures were checked: bounded, and exact to the last byte of key and signature.
//!
//! Two generations: when the young one is full it becomes the old one, and the old one is forgotten. What is used again
//! moves to the young one, so the signatures in use stay.

use std::collections::HashMap;

use crate::hash::Digest;
use crate::key::{KeyId, Signature};

/// What was signed. With the key's id and the batch's size it determines the signed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Message {
    pub(super) kid: KeyId,
    /// `None`: `digest` names a single statement. Otherwise it is the root of a batch of this size.
    pub(super) batch_size: Option<u16>,
    pub(super) digest: Digest,
}

/// How it was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Proof {
    pub(super) public_key: [u8; 32],
    pub(super) signature: Signature,
}

#[derive(Debug)]
pub(super) struct Checked {
    young: HashMap<Message, Proof>,
    old: HashMap<Message, Proof>,
    generation: usize,
}

impl Checked {
    /// Remembers at most `capacity` signatures, and at least those of the last `capacity / 2` messages.
    pub(super) fn new(capacity: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), generation: capacity / 2 }
    }

    /// Was exactly this signature checked under exactly this key?
    pub(super) fn contains(&mut self, message: &Message, proof: &Proof) -> bool {
        if let Some(known) = self.young.get(message) {
            return known == proof;
        }
        let known = self.old.get(message) == Some(proof);
        if known {
            self.insert(*message, *proof);
        }
        known
    }

    /// Remembers a signature that was checked, in place of another over the same message.
    pub(super) fn insert(&mut self, message: Message, proof: Proof) {
        if self.generation == 0 {
            return;
        }
        if self.young.len() >= self.generation && !self.young.contains_key(&message) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(message, proof);
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(number: u8) -> Message {
        Message { kid: KeyId([1; 8]), batch_size: None, digest: Digest([number; 32]) }
    }

    const PROOF: Proof = Proof { public_key: [2; 32], signature: [3; 64] };

    #[test]
    fn only_the_same_key_and_signature_are_known() {
        let mut checked = Checked::new(8);
        checked.insert(message(1), PROOF);
        assert!(checked.contains(&message(1), &PROOF));
        let mut other = PROOF;
        other.signature[63] ^= 1;
        assert!(!checked.contains(&message(1), &other));
        assert!(!checked.contains(&message(1), &Proof { public_key: [4; 32], ..PROOF }));
        assert!(!checked.contains(&Message { batch_size: Some(2), ..message(1) }, &PROOF));
    }

    #[test]
    fn it_never_grows_beyond_its_capacity_and_keeps_what_is_used() {
        let mut checked = Checked::new(8);
        for number in 0..100 {
            checked.insert(message(number), PROOF);
            assert!(checked.contains(&message(0), &PROOF), "{number}");
            assert!(checked.len() <= 8);
        }
        assert!(!checked.contains(&message(50), &PROOF));
    }

    #[test]
    fn without_capacity_nothing_is_known() {
        let mut checked = Checked::new(1);
        checked.insert(message(1), PROOF);
        assert!(!checked.contains(&message(1), &PROOF));
    }
}
