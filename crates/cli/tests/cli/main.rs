//! The binary from outside: exit codes, results, and a whole round as child processes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "all of this is tests; clippy.toml reaches test functions only"
)]

mod bad_files;
mod cases;
mod demo;
mod diffs;
mod imports;
mod matrices;
mod node_folder;
mod policies;
mod provinces;
mod reviews;
mod round_trip;
mod support;
mod usage;
