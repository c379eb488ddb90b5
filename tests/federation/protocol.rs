//! The exchange, spoken by hand: what a node does with a peer that keeps the rules, and with one that does not.

mod order;
mod questions;
mod refusals;
