//! Statements in batches: read as they come, judged together, taken all or none.

use std::sync::Arc;

use huxin_identity::PeerIdentity;
use huxin_wire::{Failure, Reason, v1};
use tonic::Streaming;

use super::commit::Summary;
use super::convert::{self, Received};
use super::{admit, take};
use crate::limits;
use crate::local::Local;
use crate::unread::unread;

/// States one batch, all or none.
///
/// # Errors
/// As [`super::state`], for the first statement that is refused; the detail names its number, from 0.
pub async fn import(
    local: &Arc<Local>,
    caller: &PeerIdentity,
    mut requests: Streaming<v1::ImportRequest>,
) -> Result<v1::ImportReply, Failure> {
    let first = requests.message().await.map_err(|status| unread(&status))?;
    let convert::Header { request_id, count } = convert::header(first)?;
    let mut writes = Vec::with_capacity(count);
    while let Some(request) = requests.message().await.map_err(|status| unread(&status))? {
        for statement in convert::items(request)? {
            let number = writes.len();
            if number == count {
                return Err(Failure::new(
                    Reason::InvalidRequest,
                    format!("more than the {count} items announced"),
                ));
            }
            let at = |failure| item(number, failure);
            let received = Received::read(statement).map_err(Failure::from).map_err(at)?;
            writes.push(admit::authenticate(local, received).map_err(at)?);
        }
    }
    if writes.len() != count {
        let detail = format!("{} items arrived, {count} were announced", writes.len());
        return Err(Failure::new(Reason::InvalidRequest, detail));
    }
    let taken = take(local, caller, request_id, writes, limits::IMPORTED_AT_MS).await;
    let Summary { changed, known } = taken.map_err(|(number, failure)| match number {
        Some(number) => item(number, failure),
        None => failure,
    })?;
    Ok(v1::ImportReply { changed, unchanged: known })
}

fn item(number: usize, failure: Failure) -> Failure {
    Failure::new(failure.reason, format!("item {number}: {}", failure.detail))
}
