//! Checking proofs: that one tree is the beginning of another, that a leaf is in a tree.
//!
//! Pure, and total over hostile input: a proof of the wrong length proves nothing.

use huxin_attest::{
    Digest,
    merkle::{node_hash, root_from_path},
};

/// The longest path or proof that a tree of 2^63 leaves can need; what is longer need not be read.
pub const MAX_PROOF_LEN: usize = 64;

/// Is `leaf` (a leaf hash) at `index` of the tree with `size` leaves and this `root`? (RFC 9162 §2.1.3.2)
#[must_use]
pub fn verify_inclusion(leaf: &Digest, index: u64, size: u64, path: &[Digest], root: &Digest) -> bool {
    root_from_path(leaf, index, size, path) == Some(*root)
}

/// Is the tree (`from`, `from_root`) the beginning of the tree (`to`, `to_root`)? (RFC 9162 §2.1.4.2)
///
/// The empty tree is the beginning of every tree, and a tree of itself; for both the proof is empty.
#[must_use]
pub fn verify_consistency(
    from: u64,
    from_root: &Digest,
    to: u64,
    to_root: &Digest,
    proof: &[Digest],
) -> bool {
    if from > to {
        return false;
    }
    if from == to {
        return proof.is_empty() && from_root == to_root;
    }
    if from == 0 {
        return proof.is_empty() && *from_root == huxin_attest::sha256(&[]);
    }
    let level = from.trailing_zeros();
    let (mut node, mut last) = ((from - 1) >> level, (to - 1) >> level);
    // A power of two is one complete subtree: its root is known and not repeated in the proof.
    let (start, rest) = match proof.split_first() {
        _ if node == 0 => (from_root, proof),
        Some((first, rest)) => (first, rest),
        None => return false,
    };
    let (mut old, mut new) = (*start, *start);
    for sibling in rest {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            old = node_hash(sibling, &old);
            new = node_hash(sibling, &new);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new = node_hash(&new, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && old == *from_root && new == *to_root
}
