//! Why a decision came out as it did: as it was logged, with its proof, what became of it, and in words.

use std::sync::Arc;

use huxin_identity::PeerIdentity;
use huxin_trust_policy::Lang;
use huxin_wire::{Failure, v1};
use prost::Message as _;

use super::convert::Which;
use super::kept::{Recorded, decision_of};
use super::{aside, convert, department, internal};
use crate::explanation;
use crate::local::Local;
use crate::shared::Shared;

/// Explains a decision of the caller's department.
///
/// # Errors
/// If it is unknown, of another department, or what opens it was erased.
pub async fn explain(
    local: &Arc<Local>,
    caller: &PeerIdentity,
    request: v1::ExplainRequest,
) -> Result<v1::ExplainReply, Failure> {
    let which = convert::explain(request)?;
    let (shared, department) = (Arc::clone(&local.shared), department(caller)?);
    aside(move || of(&shared, &which, &department)).await
}

fn of(shared: &Shared, which: &Which, department: &str) -> Result<v1::ExplainReply, Failure> {
    decision_of(shared, which, department)?;
    let recorded = Recorded::read(shared, which.index)?;
    let decision = v1::Decision::decode(recorded.body.clone()).map_err(internal)?;
    let resolution = match shared.log_reader.resolution_of(which.index).map_err(internal)? {
        Some(index) => {
            let body = Recorded::read(shared, index)?.body;
            Some(v1::ResolutionRecord::decode(body).map_err(internal)?)
        }
        None => None,
    };
    let text = |lang| explanation::of_decision(&decision, resolution.as_ref(), lang);
    let (text_zh, text_en) = (text(Lang::Zh), text(Lang::En));
    let receipt = Some(recorded.receipt(shared)?);
    Ok(v1::ExplainReply { decision: Some(decision), receipt, resolution, text_zh, text_en })
}
