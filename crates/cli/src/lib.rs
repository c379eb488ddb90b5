//! The one binary: run a node, show the story, issue certificates, query, verify, measure.

pub mod exercise;
