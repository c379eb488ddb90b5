//! `Peer.Query`: one question in one call. A thin adapter: it opens a stream of its own, asks on it, and gathers what
//! the stream would have said.

use std::sync::Arc;

use huxin_attest::RegionCode;
use huxin_wire::v1::{self, peer_reply, query_call_reply};
use huxin_wire::{Failure, Reason};
use tokio::sync::mpsc;

use super::convert::call_parts;
use super::serve::begin;
use crate::local::Local;

/// More than the greeting, a head, and a reply: such a stream is never congested.
const OUT_QUEUE: usize = 8;

/// Answers one question of `peer`.
///
/// # Errors
/// What would end the stream; a question that is declined is none.
pub async fn answer_call(
    local: &Arc<Local>,
    peer: RegionCode,
    call: v1::QueryCall,
) -> Result<v1::QueryCallReply, Failure> {
    let (open, ask) = call_parts(call)?;
    let (out, mut said) = mpsc::channel(OUT_QUEUE);
    let stream = begin(local, peer, open, &out)?;
    local.streams.ask(local, stream.id, peer, ask)?;
    let mut stopping = local.shared.stopping.clone();
    let mut reply = v1::QueryCallReply::default();
    loop {
        let message = tokio::select! {
            message = said.recv() => message,
            _ = stopping.wait_for(|stop| *stop) => return Err(Reason::ShuttingDown.into()),
        };
        match message.and_then(Result::ok).and_then(|message| message.message) {
            Some(peer_reply::Message::Opened(opened)) => reply.opened = Some(opened),
            Some(peer_reply::Message::Head(head)) => reply.head = Some(head),
            Some(peer_reply::Message::Reply(answer)) => {
                reply.outcome = Some(query_call_reply::Outcome::Reply(answer));
                return Ok(reply);
            }
            Some(peer_reply::Message::Declined(declined)) => {
                let outcome = Some(query_call_reply::Outcome::Declined(declined));
                return Ok(v1::QueryCallReply { head: None, outcome, ..reply });
            }
            // What changes meanwhile is told to those who keep a stream.
            Some(peer_reply::Message::InForce(_)) => {}
            // Nobody joins or reports here, and nobody but us ends this stream.
            Some(peer_reply::Message::Joined(_) | peer_reply::Message::Reported(_)) | None => {
                return Err(Failure::new(Reason::Internal, "the stream of a call said what nobody asked"));
            }
        }
    }
}
