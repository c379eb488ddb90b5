//! The tamper-evident log: leaves, tree, checkpoints, journal, proofs.
