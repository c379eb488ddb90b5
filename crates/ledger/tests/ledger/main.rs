//! The log from outside: proofs against an independent implementation, journals that were torn and damaged, the thread
//! under load and faults, heads, receipts.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "all of this is tests; clippy.toml reaches test functions only"
)]

mod audit;
mod crash;
mod heads;
mod journal;
mod kept;
mod power;
mod proofs;
mod receipts;
mod support;
mod tiles;
mod writer;
mod writer_faults;
