//! `Operator.Policy`: by what this node judges, for anyone whom the membership list names.
//!
//! The files, who signed them and how far the overlay departs from the baseline are public among members: that is what
//! keeps a province from piling on in silence. What is only tried out, and what others said of themselves, is for the
//! node's own operators and for its supervisors.

use std::sync::Arc;

use bytes::Bytes;
use huxin_attest::{Clock as _, UnixMs};
use huxin_identity::{PeerIdentity, RoleKind};
use huxin_trust_policy::{FileValidity, Reference};
use huxin_wire::v1;

use super::{InForceText, OverlayText, PolicyFiles, Rules, message};
use crate::local::Local;
use crate::shared::Shared;

/// What `caller` may read of the policy.
pub fn policy(local: &Arc<Local>, caller: &PeerIdentity, request: v1::PolicyRequest) -> v1::PolicyReply {
    let v1::PolicyRequest { with_files } = request;
    let shared = &local.shared;
    let rules = shared.rules.load();
    let public = public(&rules, shared.facts.now(), with_files);
    if !is_insider(shared, caller) {
        return public;
    }
    v1::PolicyReply { peers: shared.peer_policies.all(&shared.membership), ..public }
}

/// An operator of the own province, or a supervisor of it.
fn is_insider(shared: &Shared, caller: &PeerIdentity) -> bool {
    match caller.id.role.kind() {
        RoleKind::Operator => caller.region == Some(shared.region),
        RoleKind::Supervisor => shared
            .membership
            .supervisor(&caller.id.trust_domain)
            .is_some_and(|supervisor| supervisor.supervises(shared.region)),
        _ => false,
    }
}

/// What everybody may read.
fn public(rules: &Rules, now: UnixMs, with_files: bool) -> v1::PolicyReply {
    let references = rules.policy.references();
    let validity = rules.policy.validity(now);
    let PolicyFiles { baseline, vocabulary, overlay } = &*rules.files;
    let mut reply = v1::PolicyReply {
        baseline: Some(in_force(&references.baseline, baseline, Some(&validity.baseline), with_files)),
        vocabulary: Some(in_force(&references.vocabulary, vocabulary, None, with_files)),
        ..v1::PolicyReply::default()
    };
    if let (Some(reference), Some(overlay)) = (&references.overlay, overlay) {
        let OverlayText { file, signatures, signers, comparison } = overlay;
        reply.overlay = Some(in_force(reference, file, validity.overlay.as_ref(), with_files));
        reply.signers = signers.clone();
        reply.signatures = if with_files { signatures.clone() } else { Bytes::new() };
        reply.comparison = Some(comparison.clone());
    }
    reply
}

/// One file as it is shown.
pub fn in_force(
    reference: &Reference,
    file: &InForceText,
    validity: Option<&FileValidity>,
    with_text: bool,
) -> v1::FileInForce {
    v1::FileInForce {
        file: Some(message(reference)),
        from_unix_ms: validity.map_or(0, |validity| validity.from.as_ms()),
        until_unix_ms: validity.map_or(0, |validity| validity.until.as_ms()),
        applied_unix_ms: file.applied.as_ms(),
        text: if with_text { file.text.clone() } else { Bytes::new() },
    }
}
