//! From the tree to the model: every key read, every value checked against the vocabulary.
//!
//! Each function reports all that it finds and gives `None` where its part cannot be built; nothing here compares
//! one rule with another.

pub(crate) mod baseline;
mod case;
mod entries;
mod example;
pub(crate) mod header;
pub(crate) mod overlay;
mod rule;
mod tables;
mod terms;

pub(crate) use case::OTHERWISE;
pub(crate) use example::read_case_file;
pub(crate) use terms::{term, terms};

/// The largest policy file, in bytes.
pub(crate) const MAX_BYTES: usize = 1024 * 1024;
/// The most rules, entries or examples of one block.
const MAX_BLOCKS: usize = 4096;
/// The most cases of one rule, and elements of a plain list.
pub(crate) const MAX_ITEMS: usize = 256;
