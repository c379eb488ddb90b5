//! Statements from claims to belief's doorstep: what is signed is read back, and nothing else is.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "these modules are tests; clippy.toml allows it inside test functions only"
)]

mod arbitrary;
mod canonical;
mod cose;
mod format;
mod mutation;
mod support;
mod verification;
