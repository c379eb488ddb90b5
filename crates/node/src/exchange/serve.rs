//! The answerer's side of one exchange stream: it is opened, greeted, and read by one task until it ends.

use std::sync::Arc;

use huxin_attest::{Clock as _, RegionCode, UnixMs};
use huxin_identity::PeerIdentity;
use huxin_ledger::StreamId;
use huxin_ledger::writer::OpenStreamError;
use huxin_wire::v1::{self, peer_reply, peer_request};
use huxin_wire::{Failure, Reason};
use tokio::sync::Notify;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tonic::Streaming;
use tracing::Instrument as _;

use super::streams::Outgoing;
use crate::limits;
use crate::local::Local;
use crate::unread::{broke_off, unread};

/// Replies that wait to be written. A peer that does not read loses its stream, not our memory.
const OUT_QUEUE: usize = 2 * limits::IN_FLIGHT;
/// Logs that a peer may name in `Open`.
const MAX_KNOWN: usize = 16;

/// Serves one stream of `caller`, a node of `peer`; replies arrive in the receiver.
pub fn serve_stream(
    local: &Arc<Local>,
    caller: Arc<PeerIdentity>,
    peer: RegionCode,
    requests: Streaming<v1::PeerRequest>,
) -> mpsc::Receiver<Outgoing> {
    let (out, replies) = mpsc::channel(OUT_QUEUE);
    let local = Arc::clone(local);
    let span = tracing::debug_span!("exchange", %peer);
    let answering = async move {
        if let Err(failure) = converse(&local, peer, requests, &out).await {
            let _ = out.try_send(Err(local.status(&failure, &caller)));
        }
    };
    tokio::spawn(answering.instrument(span));
    replies
}

async fn converse(
    local: &Arc<Local>,
    peer: RegionCode,
    mut requests: Streaming<v1::PeerRequest>,
    out: &mpsc::Sender<Outgoing>,
) -> Result<(), Failure> {
    let first = timeout(limits::PREFACE, requests.message()).await.unwrap_or(Ok(None));
    let first = first.map_err(|status| unread(&status))?.and_then(|request| request.message);
    let Some(peer_request::Message::Open(open)) = first else { return Err(Reason::OutOfOrder.into()) };
    let begun = begin(local, peer, open, out)?;
    let (stream, congested) = (begun.id, Arc::clone(&begun.congested));
    let mut stopping = local.shared.stopping.clone();
    loop {
        let request = tokio::select! {
            request = requests.message() => request,
            () = out.closed() => return Ok(()),
            () = congested.notified() => return Err(Reason::Overloaded.into()),
            _ = stopping.wait_for(|stop| *stop) => return Err(Reason::ShuttingDown.into()),
        };
        let request = match request {
            Ok(Some(request)) => request,
            Ok(None) => break,
            Err(status) if broke_off(&status) => break,
            Err(status) => return Err(unread(&status)),
        };
        match request.message {
            Some(peer_request::Message::Ask(ask)) => local.streams.ask(local, stream, peer, ask)?,
            Some(peer_request::Message::Join(join)) => local.streams.join(local, stream, join)?,
            Some(peer_request::Message::Report(report)) => {
                local.streams.report(local, stream, peer, report)?;
            }
            Some(peer_request::Message::InForce(news)) => {
                local.shared.peer_policies.hear(peer, Some(news), local.shared.facts.now())?;
            }
            Some(peer_request::Message::Open(_)) | None => return Err(Reason::OutOfOrder.into()),
        }
    }
    drop(begun);
    Ok(())
}

/// A stream that is open and greeted. It is closed however its task ends.
pub struct Begun<'a> {
    local: &'a Local,
    /// The stream.
    pub id: StreamId,
    congested: Arc<Notify>,
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        self.local.shared.log.close_stream(self.id);
        self.local.streams.close(self.id);
    }
}

/// Opens a stream of `peer` whose replies go to `out`, and greets it.
///
/// # Errors
/// If what it opens with is not acceptable, or there are too many.
pub fn begin<'a>(
    local: &'a Local,
    peer: RegionCode,
    open: v1::Open,
    out: &mpsc::Sender<Outgoing>,
) -> Result<Begun<'a>, Failure> {
    let id = open_stream(local, peer, open)?;
    let begun = Begun { local, id, congested: Arc::default() };
    let opened = v1::Opened {
        unix_ms: local.shared.facts.now().as_ms(),
        runtime: u32::try_from(local.index).unwrap_or_default(),
        runtimes: u32::try_from(local.shared.runtimes).unwrap_or_default(),
        in_force: Some(local.shared.own_policy.message()),
    };
    if !local.streams.open(id, peer, out, &begun.congested) {
        return Err(Reason::Overloaded.into());
    }
    local.streams.send(id, peer_reply::Message::Opened(opened));
    Ok(begun)
}

fn open_stream(local: &Local, peer: RegionCode, open: v1::Open) -> Result<StreamId, Failure> {
    let v1::Open { known, unix_ms, in_force } = open;
    let theirs = UnixMs::from_ms(unix_ms).ok_or_else(|| Failure::new(Reason::InvalidRequest, "unix_ms"))?;
    let now = local.shared.facts.now();
    if theirs.ms_since(now).abs() > limits::CLOCK_SKEW_MS {
        return Err(Reason::ClockSkew.into());
    }
    if known.len() > MAX_KNOWN {
        return Err(Failure::new(Reason::InvalidRequest, "known: at most 16 logs"));
    }
    local.shared.peer_policies.hear(peer, in_force, now)?;
    let origin = local.shared.log_key.origin().as_str();
    let size = known.iter().find(|known| known.origin == origin).map_or(0, |known| known.size);
    local.shared.log.open_stream(local.log.runtime(), size).map_err(|error| match error {
        OpenStreamError::SizeAhead { .. } => Failure::new(Reason::SizeAhead, error.to_string()),
        OpenStreamError::Submit(_) => Reason::Overloaded.into(),
    })
}
