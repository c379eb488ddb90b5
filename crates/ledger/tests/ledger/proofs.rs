use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use huxin_attest::{Digest, merkle::leaf_hash};
use huxin_ledger::proof::{verify_consistency, verify_inclusion};
use huxin_ledger::tree::Tree;
use proptest::prelude::*;
use sha2::Sha256;

type Theirs = MemoryBackedTree<Sha256, Vec<u8>>;

fn data(index: u64) -> Vec<u8> {
    format!("entry {index}").into_bytes()
}

fn both(size: u64) -> (Tree, Theirs) {
    let (mut ours, mut theirs) = (Tree::new(), Theirs::new());
    for index in 0..size {
        ours.append(leaf_hash(&data(index)));
        theirs.push(data(index));
    }
    (ours, theirs)
}

fn their_root(root: Digest, size: u64) -> RootHash<Sha256> {
    RootHash::new(root.0.into(), size)
}

fn bytes(digests: &[Digest]) -> Vec<u8> {
    digests.iter().flat_map(|digest| digest.0).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn inclusion_paths_are_those_of_an_independent_implementation(size in 1..600_u64, pick in any::<u64>()) {
        let index = pick % size;
        let (ours, theirs) = both(size);
        let border = ours.border(size).unwrap();
        let path = ours.inclusion(index, &border).unwrap();
        let (their_root_bytes, our_root): ([u8; 32], _) = ((*theirs.root().as_bytes()).into(), border.root());
        prop_assert_eq!(their_root_bytes, our_root.0);
        let proof = theirs.prove_inclusion(index as usize);
        prop_assert_eq!(proof.as_bytes(), bytes(&path));
        let proof = InclusionProof::try_from_bytes(bytes(&path)).unwrap();
        let root = their_root(border.root(), size);
        prop_assert!(root.verify_inclusion(&data(index), index, &proof).is_ok());
        prop_assert!(verify_inclusion(&leaf_hash(&data(index)), index, size, &path, &border.root()));
    }

    #[test]
    fn consistency_proofs_are_those_of_an_independent_implementation(
        to in 2..600_u64,
        pick in any::<u64>(),
        more in 0..50_u64,
    ) {
        let from = 1 + pick % (to - 1);
        let (_, theirs) = both(to);
        // The proof must not change when the tree grew beyond `to`.
        let (ours, _) = both(to + more);
        let border = ours.border(to).unwrap();
        let proof = ours.consistency(from, &border).unwrap();
        let theirs = theirs.prove_consistency((to - from) as usize);
        prop_assert_eq!(theirs.as_bytes(), bytes(&proof));
        let (old, new) = (ours.root(from).unwrap(), border.root());
        prop_assert!(verify_consistency(from, &old, to, &new, &proof));
        let again = ConsistencyProof::try_from_bytes(bytes(&proof)).unwrap();
        prop_assert!(their_root(new, to).verify_consistency(&their_root(old, from), &again).is_ok());
    }
}

#[test]
fn every_pair_of_small_sizes_is_proved() {
    let (tree, _) = both(66);
    for to in 0..=66 {
        let border = tree.border(to).unwrap();
        for from in 0..=to {
            let proof = tree.consistency(from, &border).unwrap();
            let old = tree.root(from).unwrap();
            assert!(verify_consistency(from, &old, to, &border.root(), &proof), "{from} to {to}");
        }
    }
}

#[test]
fn a_changed_cut_or_lengthened_consistency_proof_proves_nothing() {
    let (tree, _) = both(40);
    for to in 2..=40 {
        let border = tree.border(to).unwrap();
        let new = border.root();
        for from in 1..to {
            let old = tree.root(from).unwrap();
            let proof = tree.consistency(from, &border).unwrap();
            let refused = |proof: &[Digest]| !verify_consistency(from, &old, to, &new, proof);
            for at in 0..proof.len() {
                let mut changed = proof.clone();
                changed[at].0[7] ^= 1;
                assert!(refused(&changed), "{from} to {to}, hash {at}");
                let mut without = proof.clone();
                without.remove(at);
                assert!(refused(&without), "{from} to {to} without hash {at}");
            }
            let mut longer = proof.clone();
            longer.push(new);
            assert!(refused(&longer) && (proof.is_empty() || refused(&[])), "{from} to {to}");
            assert!(!verify_consistency(from, &new, to, &new, &proof), "another old root");
            assert!(!verify_consistency(from, &old, to, &old, &proof), "another new root");
            assert!(!verify_consistency(to, &new, from, &old, &proof), "backwards");
        }
    }
}

#[test]
fn the_empty_tree_is_the_beginning_of_every_tree_and_needs_no_proof() {
    let (tree, _) = both(3);
    let (empty, root) = (tree.root(0).unwrap(), tree.root(3).unwrap());
    assert!(verify_consistency(0, &empty, 3, &root, &[]));
    assert!(!verify_consistency(0, &empty, 3, &root, &[root]));
    assert!(!verify_consistency(0, &root, 3, &root, &[]));
}

#[test]
fn a_log_that_claims_to_have_grown_under_the_same_root_is_refused() {
    let (tree, _) = both(8);
    for from in 1..=8 {
        let root = tree.root(from).unwrap();
        for to in from + 1..=16 {
            assert!(!verify_consistency(from, &root, to, &root, &[]), "{from} to {to}");
        }
    }
}
