//! The policy language from outside: the sample files, statements that were really signed, and what a decision costs.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "these modules are tests; clippy.toml allows it inside test functions only"
)]

mod allocation;
#[path = "../../benches/support/generated.rs"]
mod generated;
mod of_any_size;
mod samples;
mod support;
mod verified;
