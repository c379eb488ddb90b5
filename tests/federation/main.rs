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
mod founded;
mod hearsay;
mod interface;
mod limits;
mod malformed;
mod middle;
mod one_call;
mod policy_in_force;
mod prepared;
mod protocol;
mod refusals;
mod reports;
mod reuse;
mod rule_breakers;
mod rules;
mod runtimes;
mod samples;
mod scenarios;
mod several;
mod state;
mod tampering;
mod tiles;
mod withdrawn;
