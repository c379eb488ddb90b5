//! What peers say of their policies, taken apart and put together for the wire.

use bytes::Bytes;
use huxin_wire::convert::InvalidField;
use huxin_wire::v1;

use super::known::Known;
use crate::rules::message;

type Parts = (v1::FileReference, v1::FileReference, Option<v1::FileReference>, i64);

/// Baseline, vocabulary, overlay, and since when.
///
/// # Errors
/// If a mandatory part is missing.
pub fn in_force_parts(message: v1::InForce) -> Result<Parts, InvalidField> {
    let v1::InForce { baseline, vocabulary, overlay, since_unix_ms } = message;
    let baseline = baseline.ok_or(InvalidField::Missing("baseline"))?;
    let vocabulary = vocabulary.ok_or(InvalidField::Missing("vocabulary"))?;
    Ok((baseline, vocabulary, overlay, since_unix_ms))
}

/// Id, version and digest.
pub fn file_parts(file: v1::FileReference) -> (String, u64, Bytes) {
    let v1::FileReference { id, version, sha256 } = file;
    (id, version, sha256)
}

/// What is known of one peer, as it is shown.
pub fn peer_policy(region: String, known: &Known, other_baseline: bool) -> v1::PeerPolicy {
    let Known { files, said, since, found, signers } = known;
    let named = [Some(&files.baseline), Some(&files.vocabulary), files.overlay.as_ref()];
    v1::PeerPolicy {
        region,
        files: named.into_iter().flatten().map(message).collect(),
        said_unix_ms: said.as_ms(),
        since_unix_ms: since.as_ms(),
        signers: signers.clone(),
        other_baseline,
        overlay_found: if files.overlay.is_some() { found.name().to_owned() } else { String::new() },
    }
}

/// The overlay that a peer shows.
pub fn shown_text(reply: v1::PolicyReply) -> Option<Bytes> {
    let v1::PolicyReply {
        baseline: _,
        vocabulary: _,
        overlay,
        signers: _,
        signatures: _,
        comparison: _,
        shadow: _,
        peers: _,
    } = reply;
    let v1::FileInForce { file: _, from_unix_ms: _, until_unix_ms: _, applied_unix_ms: _, text } = overlay?;
    Some(text)
}
