//! The policy language from outside: what is refused and how it is said, what is believed, what is decided.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

mod samples;
