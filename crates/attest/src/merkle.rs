//! The Merkle tree of RFC 6962 §2.1: hashes, roots and inclusion paths.
//!
//! Statement batches and the log share these functions. Everything here is pure; the log's growing tree and its
//! consistency proofs live in the ledger.

use crate::hash::{Digest, sha256};

/// The hash of a leaf: SHA-256(0x00 ‖ data).
pub fn leaf_hash(data: &[u8]) -> Digest {
    sha256(&[&[0], data])
}

/// The hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    sha256(&[&[1], &left.0, &right.0])
}

/// The root over leaf hashes, in order. An empty tree has the hash of the empty string.
pub fn root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => sha256(&[]),
        [only] => *only,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node_hash(&root(left), &root(right))
        }
    }
}

/// The inclusion path of leaf `index`, from the leaf's sibling up to the root's child; `None` if there is no such leaf.
pub fn path(leaves: &[Digest], index: usize) -> Option<Vec<Digest>> {
    match leaves {
        [] => None,
        [_] => (index == 0).then(Vec::new),
        _ => {
            let middle = split(leaves.len());
            let (left, right) = leaves.split_at(middle);
            let (mut path, sibling) = if index < middle {
                (path(left, index)?, root(right))
            } else {
                (path(right, index - middle)?, root(left))
            };
            path.push(sibling);
            Some(path)
        }
    }
}

/// A whole tree, hashed once: paths for every leaf of a batch.
#[derive(Debug, Clone)]
pub struct Tree {
    /// The leaves, then the nodes above them, up to the root. A last node without sibling moves up unchanged, which
    /// gives the tree of RFC 6962.
    levels: Vec<Vec<Digest>>,
}

impl Tree {
    /// Hashes the tree over `leaves`, which are leaf hashes.
    pub fn new(leaves: Vec<Digest>) -> Self {
        let mut levels = Vec::new();
        let mut level = leaves;
        while level.len() > 1 {
            let above = level.chunks(2).map(|pair| match pair {
                [left, right] => node_hash(left, right),
                _ => pair.first().copied().unwrap_or_default(),
            });
            let above = above.collect();
            levels.push(std::mem::replace(&mut level, above));
        }
        levels.push(level);
        Self { levels }
    }

    /// The root, as [`root`] has it.
    pub fn root(&self) -> Digest {
        self.levels.last().map_or_else(|| root(&[]), |top| root(top))
    }

    /// The inclusion path of leaf `index`, as [`path`] has it.
    pub fn path(&self, index: usize) -> Option<Vec<Digest>> {
        let (top, below) = self.levels.split_last()?;
        if index >= below.first().unwrap_or(top).len() {
            return None;
        }
        let siblings =
            below.iter().enumerate().filter_map(|(height, level)| level.get((index >> height) ^ 1));
        Some(siblings.copied().collect())
    }
}

/// The root that `path` leads to from the leaf hash at `index` in a tree of `size` leaves (RFC 9162 §2.1.3.2).
///
/// `None` if the path has not exactly the length that index and size demand, so a path proves one place only.
pub fn root_from_path(leaf: &Digest, index: u64, size: u64, path: &[Digest]) -> Option<Digest> {
    if index >= size {
        return None;
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in path {
        if last == 0 {
            return None;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            // A node at the right border has no sibling on the levels where the tree is ragged.
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(hash)
}

/// The largest power of two below `len`; `len` is at least 2.
fn split(len: usize) -> usize {
    1 << (usize::BITS - 1 - (len - 1).leading_zeros())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: usize) -> Vec<Digest> {
        (0..count).map(|i| leaf_hash(&i.to_be_bytes())).collect()
    }

    #[test]
    fn every_path_of_every_small_tree_leads_to_its_root() {
        for size in 1..=70 {
            let leaves = leaves(size);
            let root = root(&leaves);
            for (index, leaf) in leaves.iter().enumerate() {
                let path = path(&leaves, index).unwrap();
                assert_eq!(root_from_path(leaf, index as u64, size as u64, &path), Some(root));
            }
        }
    }

    #[test]
    fn the_tree_hashed_once_has_the_same_root_and_paths() {
        for size in 0..=70 {
            let leaves = leaves(size);
            let tree = Tree::new(leaves.clone());
            assert_eq!(tree.root(), root(&leaves));
            for index in 0..=size {
                assert_eq!(tree.path(index), path(&leaves, index), "{index} of {size}");
            }
        }
    }

    #[test]
    fn a_path_proves_no_other_place_and_no_other_length() {
        let leaves = leaves(13);
        let root = root(&leaves);
        let path = path(&leaves, 5).unwrap();
        for index in (0..13).filter(|index| *index != 5) {
            assert_ne!(root_from_path(&leaves[5], index, 13, &path), Some(root));
        }
        assert_eq!(root_from_path(&leaves[5], 5, 13, &path[..3]), None);
        assert_eq!(root_from_path(&leaves[5], 5, 13, &[path.clone(), path].concat()), None);
        assert_eq!(root_from_path(&leaves[5], 13, 13, &[]), None);
    }
}
