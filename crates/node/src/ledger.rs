//! `Ledger`: checkpoints and proofs, for anyone who is authenticated. Nothing in a leaf names a person.

use huxin_wire::{Failure, Reason, v1};

use crate::exchange::hash_bytes;
use crate::log_port::read_failure;
use crate::shared::Shared;

/// The newest signed checkpoint.
///
/// # Errors
/// If the node keeps no such log.
pub fn checkpoint(shared: &Shared, request: &v1::CheckpointRequest) -> Result<v1::CheckpointReply, Failure> {
    let v1::CheckpointRequest { origin } = request;
    check_origin(shared, origin)?;
    Ok(v1::CheckpointReply { checkpoint: shared.log_reader.head().text().to_string() })
}

/// A leaf and its inclusion path.
///
/// # Errors
/// If the node keeps no such log, or the log has no such entry at that size.
pub fn proof(shared: &Shared, request: &v1::ProofRequest) -> Result<v1::ProofReply, Failure> {
    let v1::ProofRequest { origin, index, size } = request;
    check_origin(shared, origin)?;
    let size = or_newest(shared, *size);
    let leaf = shared.log_reader.entry(*index).map_err(read_failure)?;
    let path = shared.log_reader.inclusion(*index, size).map_err(read_failure)?;
    Ok(v1::ProofReply { leaf: leaf.to_bytes().to_vec().into(), path: hash_bytes(&path), size })
}

/// That one size extends another.
///
/// # Errors
/// If the node keeps no such log, or never had such sizes.
pub fn consistency(
    shared: &Shared,
    request: &v1::ConsistencyRequest,
) -> Result<v1::ConsistencyReply, Failure> {
    let v1::ConsistencyRequest { origin, from, to } = request;
    check_origin(shared, origin)?;
    let to = or_newest(shared, *to);
    let proof = shared.log_reader.consistency(*from, to).map_err(read_failure)?;
    Ok(v1::ConsistencyReply { consistency: hash_bytes(&proof), to })
}

fn check_origin(shared: &Shared, origin: &str) -> Result<(), Failure> {
    if origin.is_empty() || origin == shared.log_key.origin().as_str() {
        return Ok(());
    }
    Err(Failure::new(Reason::NotInLog, "this node keeps no log of this origin"))
}

fn or_newest(shared: &Shared, size: u64) -> u64 {
    if size == 0 { shared.log_reader.size() } else { size }
}
