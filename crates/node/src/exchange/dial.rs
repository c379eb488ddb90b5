//! Opening an exchange stream: endpoint after endpoint, each with a head start, until one lets us in.
//!
//! An endpoint that takes the connection and says nothing costs its head start, not its whole time: a question that
//! waits for the link reaches the next endpoint well within its deadline.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use huxin_attest::{Clock as _, RegionCode, UnixMs};
use huxin_identity::{Endpoint, TlsError};
use huxin_ledger::Origin;
use huxin_ledger::heads::KnownHead;
use huxin_wire::error::reason_of;
use huxin_wire::v1::peer_client::PeerClient;
use huxin_wire::{Reason, v1};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;

use super::link::request_channel;
use super::ranking::Ranking;
use crate::client::{ConnectError, connect};
use crate::limits;
use crate::local::Local;

/// How long one endpoint may take from TCP to the peer's first message.
const DIAL: Duration = Duration::from_secs(3);
/// How long one endpoint has for itself before the next is dialled beside it.
const HEAD_START: Duration = Duration::from_millis(250);
/// How often a runtime dials to be served by a peer's runtime of its own; the kernel spreads by port.
const SPREADING: u32 = 4;

/// An open stream, greeted from both sides.
pub struct OpenStream {
    /// Where requests go.
    pub out: mpsc::Sender<v1::PeerRequest>,
    /// Where replies come from.
    pub replies: Streaming<v1::PeerReply>,
    /// Which endpoint let us in.
    pub endpoint: Endpoint,
    /// What we told the peer that we know of its logs.
    pub known: Vec<(Origin, KnownHead)>,
    /// What we told the peer of our own policy, as [`crate::peer_policies::Own::changes`] counts.
    pub told: u64,
}

/// Why an endpoint did not let us in.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The membership list gives no endpoint.
    #[error("the membership list gives region {0} no endpoint")]
    NoEndpoint(RegionCode),
    /// The endpoint was not reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Our TLS settings are unusable.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The peer refused the stream.
    #[error("{0}: {1}")]
    Refused(Endpoint, Box<tonic::Status>),
    /// It took too long.
    #[error("{0}: no greeting in time")]
    Late(Endpoint),
    /// The first message was not the greeting.
    #[error("{0}: the peer broke the protocol")]
    Protocol(Endpoint),
    /// The clocks are too far apart.
    #[error("{0}: the peer's facts clock is more than 60 s away from ours")]
    ClockSkew(Endpoint),
}

impl DialError {
    /// Was nothing heard? It was where the other side was reached and said something, were it a certificate, that keeps
    /// the stream from being opened.
    pub fn is_silence(&self) -> bool {
        match self {
            Self::NoEndpoint(_) | Self::Late(_) => true,
            // What TLS itself finds wrong is invalid data; all else is the network's.
            Self::Connect(ConnectError::Connect(_, error)) => error.kind() != io::ErrorKind::InvalidData,
            Self::Connect(ConnectError::Transport(..)) => true,
            // A status without a reason is the connection's end.
            Self::Refused(_, status) => {
                reason_of(status).is_none_or(|(reason, _)| reason == Reason::ShuttingDown.name())
            }
            Self::Tls(_) | Self::Protocol(_) | Self::ClockSkew(_) => false,
        }
    }
}

/// Opens a stream to the first endpoint of `region` that lets us in, in the order of the ranking, which learns from it.
///
/// # Errors
/// Why an endpoint did not: rather one that said something than one that was silent.
pub async fn dial(
    local: &Arc<Local>,
    region: RegionCode,
    ranking: &mut Ranking,
) -> Result<OpenStream, DialError> {
    let member = local.shared.membership.member(region);
    let endpoints = member.map(|member| member.endpoints.as_slice()).unwrap_or_default();
    let mut next = ranking.order(endpoints).into_iter();
    let mut last = DialError::NoEndpoint(region);
    // Those that are being dialled, in the order in which that began. To drop the set gives them up.
    let (mut began, mut dialling) = (Vec::new(), JoinSet::new());
    loop {
        let started = next.next();
        if let Some(endpoint) = &started {
            let (local, endpoint) = (Arc::clone(local), endpoint.clone());
            began.push(endpoint.clone());
            dialling.spawn(async move {
                let stream = dial_own_runtime(&local, region, &endpoint).await;
                (endpoint, stream)
            });
        }
        let ended = match started {
            Some(_) => timeout(HEAD_START, dialling.join_next()).await,
            None => Ok(dialling.join_next().await),
        };
        let (endpoint, stream) = match ended {
            // The next one is dialled beside it.
            Err(_) => continue,
            Ok(None) => return Err(last),
            Ok(Some(Ok(ended))) => ended,
            Ok(Some(Err(_))) => continue,
        };
        let place = began.iter().position(|dialled| *dialled == endpoint).unwrap_or_default();
        match stream {
            Ok(stream) => {
                began.iter().take(place).for_each(|slower| ranking.failed(slower));
                ranking.served(&endpoint);
                return Ok(stream);
            }
            Err(error) => {
                tracing::debug!(peer = %region, %error, "an endpoint does not let us in");
                began.remove(place);
                ranking.failed(&endpoint);
                if last.is_silence() {
                    last = error;
                }
            }
        }
    }
}

/// Dials until the peer's runtime of our number serves the stream, or often enough.
async fn dial_own_runtime(
    local: &Local,
    region: RegionCode,
    endpoint: &Endpoint,
) -> Result<OpenStream, DialError> {
    let mut tries = 1;
    loop {
        let opening = timeout(DIAL, open(local, region, endpoint)).await;
        let (stream, opened) = opening.map_err(|_| DialError::Late(endpoint.clone()))??;
        let wanted = u32::try_from(local.index).unwrap_or_default().checked_rem(opened.runtimes);
        if tries == SPREADING || wanted.is_none_or(|wanted| wanted == opened.runtime) {
            return Ok(stream);
        }
        tries += 1;
    }
}

async fn open(
    local: &Local,
    region: RegionCode,
    endpoint: &Endpoint,
) -> Result<(OpenStream, v1::Opened), DialError> {
    let channel = connect(endpoint, local.shared.peer_tls(region)?).await?;
    let known = local.shared.board.known(&local.shared.membership, region);
    let now = local.shared.facts.now();
    let sizes =
        known.iter().map(|(origin, head)| v1::KnownSize { origin: origin.to_string(), size: head.size });
    let (told, in_force) = local.shared.own_policy.current();
    let open = v1::Open { known: sizes.collect(), unix_ms: now.as_ms(), in_force: Some(in_force) };
    let (out, requests) = request_channel();
    // The channel is new and empty: the first message always fits.
    let _ = out.try_send(v1::PeerRequest { message: Some(v1::peer_request::Message::Open(open)) });
    let mut client = PeerClient::new(channel).max_decoding_message_size(limits::MESSAGE);
    let refused = |status| DialError::Refused(endpoint.clone(), Box::new(status));
    let mut replies = client.query_stream(ReceiverStream::new(requests)).await.map_err(refused)?.into_inner();
    let first = replies.message().await.map_err(refused)?.and_then(|reply| reply.message);
    let Some(v1::peer_reply::Message::Opened(opened)) = first else {
        return Err(DialError::Protocol(endpoint.clone()));
    };
    let theirs = UnixMs::from_ms(opened.unix_ms).unwrap_or_default();
    if theirs.ms_since(now).abs() > limits::CLOCK_SKEW_MS {
        return Err(DialError::ClockSkew(endpoint.clone()));
    }
    let heard = local.shared.peer_policies.hear(region, opened.in_force.clone(), local.shared.facts.now());
    heard.map_err(|_| DialError::Protocol(endpoint.clone()))?;
    Ok((OpenStream { out, replies, endpoint: endpoint.clone(), known, told }, opened))
}
