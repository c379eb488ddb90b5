//! Federations of real nodes.

mod scenarios;
mod state;
