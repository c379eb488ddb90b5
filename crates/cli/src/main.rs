//! `huxin`: parses, runs, returns a documented exit code.
fn main() {}
