//! May this person pass here, and why: the walk of a question.
//!
//! The policy says what may be asked; only that is asked, of those who hold it; what comes back is verified before the
//! policy judges it; the decision is logged before it is told. Where nothing is asked, no data moves and no entry about
//! a person exists.

mod ask;
mod convert;
mod decide;
mod hearing;
mod judged;
mod receipt;
mod review;
mod scene;

use std::sync::Arc;

use huxin_attest::Clock as _;
use huxin_identity::PeerIdentity;
use huxin_trust_policy::Selected;
use huxin_wire::{Failure, v1};
use tokio::time::Instant;

use crate::local::Local;
use convert::Request;
pub use judged::{Judged, Particulars};
pub use review::{explain, resolve, reviews};
use scene::Scene;

/// Decides every presentation of one request.
///
/// # Errors
/// If the request is malformed or not the app's to make, or the log does not take the decision.
pub async fn recognise(
    local: &Arc<Local>,
    caller: &PeerIdentity,
    request: v1::RecogniseRequest,
    deadline: Instant,
) -> Result<v1::RecogniseReply, Failure> {
    let shared = &local.shared;
    let now = shared.facts.now();
    let Request { place_id, purpose, origin_area, case_ref, request_id, presentations } =
        Request::parse(request, now)?;
    let scene = Scene::set(shared, caller, &place_id, &purpose, origin_area, now)?;
    let selected = scene.rules.policy.select(&scene.situation, now);
    shared.counters.recognised.add(presentations.len() as u64);
    if selected.ask().is_empty() {
        let results = presentations.iter().map(|one| decide::nothing_asked(local, &scene, &selected, one));
        return Ok(v1::RecogniseReply { results: results.collect() });
    }
    let tag = ask::request_tag(shared, caller, &request_id);
    let frame = convert::Frame { place_id, purpose, case_ref, request_id };
    // On the heap: the many calls that ask nothing should not carry the room that asking takes.
    Box::pin(ask_and_decide(local, &scene, &selected, &frame, presentations, tag, deadline)).await
}

/// Everybody's questions leave first, then the answers are awaited: a group waits as long as its slowest answer.
async fn ask_and_decide(
    local: &Arc<Local>,
    scene: &Scene,
    selected: &Selected<'_>,
    frame: &convert::Frame,
    presentations: Vec<convert::Presentation>,
    tag: [u8; 16],
    deadline: Instant,
) -> Result<v1::RecogniseReply, Failure> {
    let mut asked = Vec::with_capacity(presentations.len());
    for presentation in presentations {
        asked.push(ask::ask(local, scene, selected, presentation, tag, deadline)?);
    }
    let mut heard = Vec::with_capacity(asked.len());
    for one in asked {
        heard.push(one.hear(local, &scene.rules, deadline).await?);
    }
    let mut results = Vec::with_capacity(heard.len());
    let drafts: Vec<_> = heard
        .into_iter()
        .map(|one| decide::draft(local, scene, selected, frame, one))
        .collect::<Result<_, _>>()?;
    let waiting: Vec<_> = drafts.into_iter().map(|draft| draft.submit(local)).collect::<Result<_, _>>()?;
    for one in waiting {
        results.push(one.finish(local).await?);
    }
    Ok(v1::RecogniseReply { results })
}
