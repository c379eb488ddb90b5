//! Federations of real nodes.

mod scenarios;
