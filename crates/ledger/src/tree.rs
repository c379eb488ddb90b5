//! The growing Merkle tree of RFC 6962: its newest part in memory, and the proofs over it.
//!
//! Every complete subtree is hashed once. What is incomplete is only the right border of a size, at most 64 nodes: a
//! [`Border`] computes it once, and all paths to that size share it. A tree may begin behind what tiles hold already:
//! whoever needs older nodes gives proofs another source of [`Nodes`]. Nothing here does I/O.

use huxin_attest::{Digest, merkle::node_hash, sha256};

use crate::blocks::Blocks;

/// Eight levels of the tree are one level of tiles.
pub(crate) const TILE_HEIGHT: u32 = 8;

/// The newest part of the tree over all leaf hashes appended so far.
#[derive(Debug, Default)]
pub struct Tree {
    /// `levels[k][i]` is the hash over the leaves `i·2^k` to `(i+1)·2^k`, present once all of them are.
    levels: Vec<Blocks<Digest>>,
}

/// Where proofs find the hashes of complete subtrees.
pub trait Nodes {
    /// Why one is not found.
    type Error: From<BeyondTree>;

    /// The hash over the leaves from `index·2^level` to `(index+1)·2^level`.
    ///
    /// # Errors
    /// If the tree has not all of them, or the hash cannot be read.
    fn complete(&self, level: u32, index: u64) -> Result<Digest, Self::Error>;
}

/// The rightmost node of each level in a tree of one size, where most are incomplete.
#[derive(Debug, Clone)]
pub struct Border {
    size: u64,
    /// Below this level the rightmost nodes are complete.
    lowest: u32,
    /// `nodes[k]` is the rightmost node of level `lowest + k`: it covers the leaves behind `size − 1` cut to a multiple of
    /// two to that level. Empty for size 0.
    nodes: Vec<Digest>,
    root: Digest,
}

/// A size or an index that the tree does not reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the log has only {size} entries; ask for a smaller size or index")]
pub struct BeyondTree {
    /// The size that the log has.
    pub size: u64,
}

impl Tree {
    /// An empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// A tree of `size` leaves of which only the right edge is known: `edge[l]` holds the hashes of the incomplete
    /// tile at tile level `l`, which are the nodes of tree level 8·`l` behind the last multiple of 256.
    pub(crate) fn from_edge(size: u64, edge: &[Vec<Digest>]) -> Self {
        let mut levels = Vec::new();
        for (tiles, hashes) in (0..).step_by(TILE_HEIGHT as usize).zip(edge) {
            let mut nodes = hashes.clone();
            for level in tiles..tiles + TILE_HEIGHT {
                if size >> level == 0 {
                    return Self { levels };
                }
                let mut run = Blocks::starting_at(kept_from(size, level));
                let above =
                    nodes.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(left, right)).collect();
                std::mem::replace(&mut nodes, above).into_iter().for_each(|node| run.push(node));
                levels.push(run);
            }
        }
        Self { levels }
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, Blocks::end)
    }

    /// Appends one leaf by its hash. Amortised one node hash.
    pub fn append(&mut self, leaf_hash: Digest) {
        let mut node = leaf_hash;
        for level in &mut self.levels {
            level.push(node);
            match level.last_pair() {
                Some((left, right)) => node = node_hash(left, right),
                None => return,
            }
        }
        let mut level = Blocks::starting_at(0);
        level.push(node);
        self.levels.push(level);
    }

    /// Gives back what proofs from `size` on no longer need. The caller drops it, outside of any lock.
    pub(crate) fn trim(&mut self, size: u64) -> Vec<Vec<Digest>> {
        let levels = (0..).zip(&mut self.levels);
        levels.flat_map(|(level, run)| run.trim(kept_from(size, level))).collect()
    }

    /// See [`border`].
    ///
    /// # Errors
    /// If the tree is smaller.
    pub fn border(&self, size: u64) -> Result<Border, BeyondTree> {
        if size > self.size() {
            return Err(self.beyond());
        }
        border(self, size)
    }

    /// The root at `size`.
    ///
    /// # Errors
    /// If the tree is smaller.
    pub fn root(&self, size: u64) -> Result<Digest, BeyondTree> {
        self.border(size).map(|border| border.root)
    }

    /// See [`inclusion`].
    ///
    /// # Errors
    /// If that tree has no such leaf.
    pub fn inclusion(&self, index: u64, to: &Border) -> Result<Vec<Digest>, BeyondTree> {
        inclusion(self, index, to)
    }

    /// See [`consistency`].
    ///
    /// # Errors
    /// If `from` lies beyond the border's size.
    pub fn consistency(&self, from: u64, to: &Border) -> Result<Vec<Digest>, BeyondTree> {
        consistency(self, from, to)
    }

    /// The hash of a complete subtree, if it is in memory.
    pub(crate) fn node(&self, level: u32, index: u64) -> Option<Digest> {
        self.levels.get(level as usize)?.get(index).copied()
    }

    fn beyond(&self) -> BeyondTree {
        BeyondTree { size: self.size() }
    }
}

impl Nodes for Tree {
    type Error = BeyondTree;

    fn complete(&self, level: u32, index: u64) -> Result<Digest, BeyondTree> {
        self.node(level, index).ok_or_else(|| self.beyond())
    }
}

/// The first node of a level that is kept once the tree was written to tiles up to `size`: where the incomplete tile
/// above which it stands begins.
const fn kept_from(size: u64, level: u32) -> u64 {
    let tiles = level - level % TILE_HEIGHT;
    (((size >> tiles) & !255) << tiles) >> level
}

/// The right border of the tree at `size`, at most 64 hashes' work.
///
/// # Errors
/// If the nodes do not reach so far, or one cannot be read.
pub fn border<N: Nodes>(nodes: &N, size: u64) -> Result<Border, N::Error> {
    let Some(last) = size.checked_sub(1) else {
        return Ok(Border { size, lowest: 0, nodes: Vec::new(), root: sha256(&[]) });
    };
    // Nothing below it is asked for: tiles that are complete up to here may have replaced it.
    let lowest = size.trailing_zeros();
    let mut node = nodes.complete(lowest, last >> lowest)?;
    let mut border = vec![node];
    for level in lowest.. {
        let index = last >> level;
        if index == 0 {
            break;
        }
        if index & 1 == 1 {
            node = node_hash(&nodes.complete(level, index - 1)?, &node);
        }
        border.push(node);
    }
    Ok(Border { size, lowest, nodes: border, root: node })
}

/// The inclusion path of leaf `index` in the tree of the border's size (RFC 6962 §2.1.1), from the leaf's sibling up.
///
/// # Errors
/// If that tree has no such leaf, or a node cannot be read.
pub fn inclusion<N: Nodes>(nodes: &N, index: u64, to: &Border) -> Result<Vec<Digest>, N::Error> {
    if index >= to.size {
        return Err(BeyondTree { size: to.size }.into());
    }
    let mut path = Vec::with_capacity(to.nodes.len());
    climb(nodes, 0, index, to, &mut path)?;
    Ok(path)
}

/// The proof that the tree of `from` leaves is the beginning of the border's (RFC 6962 §2.1.2). From 0, and from the same
/// size, nothing needs proof and it is empty.
///
/// # Errors
/// If `from` lies beyond the border's size, or a node cannot be read.
pub fn consistency<N: Nodes>(nodes: &N, from: u64, to: &Border) -> Result<Vec<Digest>, N::Error> {
    if from > to.size {
        return Err(BeyondTree { size: to.size }.into());
    }
    if from == 0 || from == to.size {
        return Ok(Vec::new());
    }
    // The last complete subtree that ends at `from`: everything left of it is complete too.
    let level = from.trailing_zeros();
    let node = (from - 1) >> level;
    let mut proof = Vec::with_capacity(to.nodes.len() + 1);
    if node != 0 {
        proof.push(nodes.complete(level, node)?);
    }
    climb(nodes, level, node, to, &mut proof)?;
    Ok(proof)
}

/// Pushes the siblings of the node and of its ancestors, up to the root's children.
fn climb<N: Nodes>(
    nodes: &N,
    mut level: u32,
    mut index: u64,
    to: &Border,
    path: &mut Vec<Digest>,
) -> Result<(), N::Error> {
    let mut last = (to.size - 1) >> level;
    while last != 0 {
        let sibling = index ^ 1;
        if sibling < last || (sibling == last && level < to.lowest) {
            path.push(nodes.complete(level, sibling)?);
        } else if sibling == last {
            let rightmost = to.nodes.get((level - to.lowest) as usize);
            path.push(*rightmost.ok_or(BeyondTree { size: to.size })?);
        }
        level += 1;
        index >>= 1;
        last >>= 1;
    }
    Ok(())
}

impl Border {
    /// The size of the tree that this is the border of.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root of that tree.
    pub const fn root(&self) -> Digest {
        self.root
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocks::BLOCK;
    use huxin_attest::merkle;

    fn hashes(count: u64) -> Vec<Digest> {
        hashes_from(0, count).collect()
    }

    fn hashes_from(first: u64, count: u64) -> impl Iterator<Item = Digest> {
        (first..first + count).map(|number| merkle::leaf_hash(&number.to_be_bytes()))
    }

    fn tree(count: u64) -> Tree {
        let mut tree = Tree::new();
        hashes(count).into_iter().for_each(|hash| tree.append(hash));
        tree
    }

    #[test]
    fn every_size_of_a_grown_tree_has_the_root_and_paths_of_its_leaves() {
        let all = hashes(70);
        let tree = tree(70);
        for size in 0..=70 {
            let border = tree.border(size).unwrap();
            let leaves = &all[..size as usize];
            assert_eq!(border.root(), merkle::root(leaves), "size {size}");
            for index in 0..size {
                let path = merkle::path(leaves, index as usize).unwrap();
                assert_eq!(tree.inclusion(index, &border).unwrap(), path, "{index} in {size}");
            }
        }
    }

    #[test]
    fn a_tree_over_several_blocks_is_the_same_tree() {
        let size = 3 * BLOCK + 5;
        let leaves = hashes(size);
        let tree = tree(size);
        assert_eq!((tree.size(), tree.root(size).unwrap()), (size, merkle::root(&leaves)));
        let border = tree.border(size).unwrap();
        for index in [0, BLOCK - 1, BLOCK, size - 1] {
            let path = tree.inclusion(index, &border).unwrap();
            let root = merkle::root_from_path(&leaves[index as usize], index, size, &path);
            assert_eq!(root, Some(border.root()));
        }
    }

    /// The incomplete tiles of a tree, as they are written.
    fn edge(tree: &Tree, size: u64) -> Vec<Vec<Digest>> {
        let levels = (0..).map(|level| TILE_HEIGHT * level).take_while(|level| size >> level > 0);
        let incomplete = |level: u32| {
            let nodes = size >> level;
            (nodes & !255..nodes).map(|index| tree.node(level, index).unwrap()).collect()
        };
        levels.map(incomplete).collect()
    }

    #[test]
    fn a_tree_goes_on_from_its_right_edge_at_any_size() {
        let last = 65_536 + 3;
        let all = tree(last + 300);
        let sizes = (0..1_030).chain([5_000, 32_768, 65_279, 65_280, 65_281]).chain(65_530..=last);
        for size in sizes {
            let mut tree = Tree::from_edge(size, &edge(&all, size));
            assert_eq!((tree.size(), tree.root(size)), (size, all.root(size)), "{size}");
            for leaf in hashes_from(size, 300) {
                tree.append(leaf);
            }
            let to = size + 300;
            let (ours, theirs) = (tree.border(to).unwrap(), all.border(to).unwrap());
            assert_eq!(ours.root(), theirs.root(), "{size}");
            for index in [size, size + 1, size + 255, to - 1] {
                assert_eq!(
                    tree.inclusion(index, &ours),
                    all.inclusion(index, &theirs),
                    "{index} from {size}"
                );
                assert_eq!(tree.consistency(index, &ours), all.consistency(index, &theirs));
            }
            // The same once it was trimmed to where it began.
            tree.trim(size);
            assert_eq!((tree.root(size), tree.root(to)), (all.root(size), all.root(to)));
        }
    }

    #[test]
    fn what_lies_beyond_the_tree_is_refused() {
        let tree = tree(5);
        let beyond = BeyondTree { size: 5 };
        assert_eq!(tree.border(6).unwrap_err(), beyond);
        let border = tree.border(5).unwrap();
        assert_eq!(tree.inclusion(5, &border), Err(beyond));
        assert_eq!(tree.consistency(6, &border), Err(beyond));
    }
}
