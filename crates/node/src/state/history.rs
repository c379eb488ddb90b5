//! What the calling department stated about a person, and what became of it. Never what others stated.

use std::sync::Arc;

use bytes::Bytes;
use huxin_identity::PeerIdentity;
use huxin_registry::{HistoryEntry, Registry as _, State};
use huxin_wire::{Failure, v1};
use prost::Message as _;
use tokio::task::spawn_blocking;

use super::commit::internal;
use super::page::Bound;
use super::{convert, department};
use crate::exchange::standing_message;
use crate::limits;
use crate::local::Local;

/// What a reply takes beside its statements, in bytes: the token and the frames.
const RESERVE: usize = 256;

/// One page of the department's own statements about a person.
///
/// # Errors
/// If a field is malformed, the token is none of this node's, or the registry fails.
pub async fn history(
    local: &Arc<Local>,
    caller: &PeerIdentity,
    request: v1::HistoryRequest,
) -> Result<v1::HistoryReply, Failure> {
    let convert::Wanted { subject, page_size, page_token } = convert::history(request)?;
    let department = department(caller)?;
    let shared = Arc::clone(&local.shared);
    let person = shared.secret.person(&subject);
    let uri = caller.uri.to_string();
    let bound = Bound { key: &local.shared.stating.page_key, caller: &uri, person: &person };
    let skip = bound.skip(&page_token)?;
    // One more than asked for tells whether there is another page.
    let (from, limit) = (usize::try_from(skip).map_err(internal)?, page_size + 1);
    let read = spawn_blocking(move || shared.registry.history_by(&department, &person, from, limit));
    let found = read.await.map_err(internal)?.map_err(internal)?;
    let (mut reply, mut len, mut next) = (v1::HistoryReply::default(), RESERVE, skip);
    let all = found.len();
    for statement in found.into_iter().take(page_size).map(message) {
        // Tag and length of a statement take at most 6 bytes.
        len += statement.encoded_len() + 6;
        if len > limits::MESSAGE {
            break;
        }
        reply.statements.push(statement);
        next += 1;
    }
    if reply.statements.len() < all {
        reply.next_page_token = bound.token(next);
    }
    Ok(reply)
}

fn message(entry: HistoryEntry) -> v1::HistoricStatement {
    let HistoryEntry { held, state, order: _, department: _, item: _ } = entry;
    let state = match state {
        State::Head => v1::StatementState::Head,
        State::Past => v1::StatementState::Past,
        State::Withdrawn => v1::StatementState::Withdrawn,
    };
    v1::HistoricStatement {
        attestation: held.envelope.into(),
        subject_salt: Bytes::copy_from_slice(&held.subject_salt.0),
        digest: Bytes::copy_from_slice(&held.digest.0),
        state: state.into(),
        standing: standing_message(held.standing).into(),
    }
}
