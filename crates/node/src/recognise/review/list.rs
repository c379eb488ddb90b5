//! The reviews that wait for a person.

use std::sync::Arc;

use huxin_attest::Clock as _;
use huxin_identity::PeerIdentity;
use huxin_ledger::public::Decision;
use huxin_wire::{Failure, v1};
use prost::Message as _;

use super::{aside, convert, department, internal};
use crate::exchange::Details;
use crate::local::Local;
use crate::shared::Shared;

/// Open reviews, of all departments, that one page looks at. A page that finds fewer than wanted among them names where
/// the next one goes on.
const LOOKED_AT: usize = 1024;

/// The open reviews of the caller's department, oldest first, by pages.
///
/// # Errors
/// If there can be no such page, or the log cannot be read.
pub async fn reviews(
    local: &Arc<Local>,
    caller: &PeerIdentity,
    request: v1::ReviewsRequest,
) -> Result<v1::ReviewsReply, Failure> {
    let (size, after) = convert::page(request)?;
    let (shared, department) = (Arc::clone(&local.shared), department(caller)?);
    aside(move || page(&shared, &department, size, after)).await
}

fn page(
    shared: &Shared,
    department: &str,
    size: usize,
    after: Option<u64>,
) -> Result<v1::ReviewsReply, Failure> {
    let now = shared.facts.now();
    let open = shared.log_reader.open_reviews(after, LOOKED_AT).map_err(internal)?;
    let mut behind = open.last().copied().filter(|_| open.len() == LOOKED_AT);
    let mut reviews = Vec::with_capacity(size);
    for index in open {
        let kept = shared.log_reader.kept(index).map_err(internal)?;
        if !Decision::decode(&kept.public).is_ok_and(|found| found.department.as_str() == department) {
            continue;
        }
        let details = kept.details.map(|details| Details::decode(&*details)).transpose().map_err(internal)?;
        let origin = shared.log_key.origin().as_str();
        reviews.push(convert::open_review(origin, index, kept.leaf.at, now, &details.unwrap_or_default()));
        if reviews.len() == size {
            behind = Some(index);
            break;
        }
    }
    Ok(convert::page_reply(reviews, behind))
}
