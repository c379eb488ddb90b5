//! Generates the messages and services from `proto/`, with a compiler in Rust: no `protoc`, nothing committed.

use std::error::Error;
use std::path::{Path, PathBuf};

use prost::Message as _;

const FILES: [&str; 6] = ["common", "recognition", "peer", "registry", "ledger", "operator"];

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    println!("cargo::rerun-if-changed={}", root.display());
    let files = FILES.map(|name| root.join(format!("huxin/v1/{name}.proto")));
    let descriptors = protox::compile(files, [&root])?;
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    std::fs::write(out.join("huxin.v1.descriptors.bin"), descriptors.encode_to_vec())?;
    tonic_prost_build::configure().bytes(".huxin.v1").compile_fds(descriptors)?;
    Ok(())
}
