//! Federations of real nodes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests: what goes wrong here ends the test"
)]

mod belief;
mod border;
mod decisions;
mod endpoints;
mod faults;
mod hearsay;
mod interface;
mod limits;
mod malformed;
mod middle;
mod protocol;
mod refusals;
mod rule_breakers;
mod rules;
mod runtimes;
mod samples;
mod scenarios;
mod state;
mod tampering;
