//! A peer that speaks the exchange by hand, well or badly, and checks replies by the ledger's rules alone.

use bytes::Bytes;
use huxin_attest::{Digest, Document, UnixMs};
use huxin_ledger::heads::KnownHead;
use huxin_ledger::leaf::{commitment, exchange_private};
use huxin_ledger::public::Exchange;
use huxin_ledger::{HeadTracker, Leaf, LeafType, LogVerifierKey, Salt, VerifiedHead};
use huxin_wire::convert::document_message;
use huxin_wire::error::reason_of;
use huxin_wire::v1::peer_client::PeerClient;
use huxin_wire::v1::{self, peer_reply, peer_request};
use prost::Message as _;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Channel;
use tonic::{Status, Streaming};

use crate::{Federation, fresh_id, region};

/// One exchange stream, held by hand.
pub struct Hand {
    out: mpsc::Sender<v1::PeerRequest>,
    replies: Streaming<v1::PeerReply>,
    tracker: HeadTracker,
    head: Option<VerifiedHead>,
    now: UnixMs,
}

/// A reply whose leaf stands in its log.
#[derive(Debug, Clone)]
pub struct Proved {
    /// The leaf.
    pub leaf: Leaf,
    /// Its place.
    pub index: u64,
    /// The exact public half.
    pub public: Bytes,
    /// What it says.
    pub exchange: Exchange,
    /// The answer.
    pub answer: v1::Answer,
    /// How many bytes it has.
    pub body_len: usize,
}

impl Hand {
    /// A stream of the node of `from` to the node of `to`, on which nothing was said yet.
    pub async fn dial(federation: &Federation, from: u8, to: u8) -> Self {
        Self::over(federation, federation.channel(from, "node/node-1", to).await, to).await
    }

    /// The same, over a connection that is there already.
    pub async fn over(federation: &Federation, channel: Channel, to: u8) -> Self {
        let mut client = PeerClient::new(channel);
        let (out, requests) = mpsc::channel(8192);
        let replies = client.query_stream(ReceiverStream::new(requests)).await.unwrap().into_inner();
        let member = federation.exercise.membership().member(region(to)).unwrap();
        let key = LogVerifierKey::parse(&member.logs[0].vkey).unwrap();
        let tracker = HeadTracker::new(key, KnownHead::default());
        Self { out, replies, tracker, head: None, now: federation.now() }
    }

    /// A stream that both sides have opened.
    pub async fn greeted(federation: &Federation, from: u8, to: u8) -> Self {
        let mut hand = Self::dial(federation, from, to).await;
        hand.greet().await.unwrap();
        hand
    }

    /// Opens the stream properly.
    ///
    /// # Errors
    /// The status with which the node ended it instead.
    pub async fn greet(&mut self) -> Result<v1::Opened, Status> {
        self.send(self.open()).await;
        match self.next().await? {
            peer_reply::Message::Opened(opened) => Ok(opened),
            other => panic!("not opened: {other:?}"),
        }
    }

    /// What opens the stream properly, to a log of which nothing is known.
    pub fn open(&self) -> peer_request::Message {
        peer_request::Message::Open(v1::Open { unix_ms: self.now.as_ms(), ..v1::Open::default() })
    }

    /// Says something.
    pub async fn send(&self, message: peer_request::Message) {
        // The node may have closed the stream; then what it said shows in the next reply.
        let _ = self.out.send(v1::PeerRequest { message: Some(message) }).await;
    }

    /// Says nothing in a message.
    pub async fn send_empty(&self) {
        let _ = self.out.send(v1::PeerRequest { message: None }).await;
    }

    /// Asks.
    pub async fn ask(&self, id: u64, query: &[u8]) {
        let query = Bytes::copy_from_slice(query);
        self.send(peer_request::Message::Ask(v1::Ask { id, query })).await;
    }

    /// What the node says next.
    ///
    /// # Errors
    /// The status with which it ended the stream.
    pub async fn next(&mut self) -> Result<peer_reply::Message, Status> {
        let next = tokio::time::timeout(std::time::Duration::from_secs(10), self.replies.message());
        match next.await.expect("the node says nothing")? {
            Some(reply) => Ok(reply.message.unwrap()),
            None => panic!("the stream ended without a status"),
        }
    }

    /// The stable reason with which the node ends the stream.
    pub async fn ended(&mut self) -> String {
        loop {
            if let Err(status) = self.next().await {
                return reason_of(&status).unwrap_or_else(|| panic!("no reason: {status:?}")).0;
            }
        }
    }

    /// What the node says to the question `id`: a declined question as its reason.
    ///
    /// # Panics
    /// If what it says is not proved.
    pub async fn answer(&mut self, id: u64, query: &[u8]) -> Result<Proved, String> {
        loop {
            match self.next().await.unwrap() {
                peer_reply::Message::Head(head) => {
                    let proof = digests(&head.consistency);
                    self.head = Some(self.tracker.accept(&head.checkpoint, &proof).unwrap());
                }
                peer_reply::Message::Reply(reply) if reply.id == id => {
                    let head = self.head.as_ref().expect("a head goes before what it proves");
                    return Ok(prove(head, reply, query));
                }
                peer_reply::Message::Declined(declined) if declined.id == id => {
                    assert_eq!(declined.error_id.len(), 16);
                    return Err(declined.reason);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    /// Asks and hears.
    pub async fn question(&mut self, id: u64, query: &v1::Query) -> Result<Proved, String> {
        let query = query.encode_to_vec();
        self.ask(id, &query).await;
        self.answer(id, &query).await
    }

    /// Asks how two sizes belong together.
    pub async fn join(&self, origin: &str, from: u64, to: u64) {
        self.send(peer_request::Message::Join(v1::Join { origin: origin.into(), from, to })).await;
    }

    /// The newest head that was verified.
    pub fn head(&self) -> KnownHead {
        self.head.as_ref().unwrap().head()
    }

    /// Reports that an answer was used again, and hears the reason why it is not logged; empty: it is.
    pub async fn report(&mut self, report: &v1::Report) -> String {
        self.send(peer_request::Message::Report(report.clone())).await;
        match self.next().await.unwrap() {
            peer_reply::Message::Reported(reported) if reported.id == report.id => reported.reason,
            other => panic!("{other:?}"),
        }
    }
}

/// What a reply to `query` says, held to a verified head.
///
/// # Panics
/// If it is not proved.
pub fn prove(head: &VerifiedHead, reply: v1::Reply, query: &[u8]) -> Proved {
    assert_eq!((reply.origin.as_str(), reply.head_size), (head.origin().as_str(), head.size()));
    let answer = v1::Answer::decode(reply.body.clone()).unwrap();
    let salt = |bytes: &Bytes| Salt(bytes.as_ref().try_into().unwrap());
    let leaf_type = match answer.outcome() {
        v1::AnswerOutcome::Answered => LeafType::Answer,
        _ => LeafType::Refusal,
    };
    let private = exchange_private(query, &reply.body);
    let commitment = commitment(&salt(&reply.salt1), &reply.public, &salt(&reply.salt2), &private);
    let leaf = Leaf { leaf_type, at: UnixMs::from_ms(reply.unix_ms).unwrap(), commitment };
    head.verify_entry(reply.index, &digests(&reply.path), &leaf).unwrap();
    let exchange = Exchange::decode(&reply.public).unwrap();
    let (public, body_len) = (reply.public, reply.body.len());
    Proved { leaf, index: reply.index, public, exchange, answer, body_len }
}

/// Hashes that stand one after another.
pub fn digests(bytes: &[u8]) -> Vec<Digest> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    assert!(rest.is_empty());
    hashes.iter().map(|hash| Digest(*hash)).collect()
}

/// A question of Guangdong's transport department that may be asked: code and test of a traveller.
pub fn query(subject: &Document) -> v1::Query {
    v1::Query {
        subject: Some(document_message(subject)),
        kinds: vec![v1::Kind::HealthCode.into(), v1::Kind::NucleicTest.into()],
        purpose: "travel".into(),
        legal_basis: "a basis".into(),
        department: "gd-transport".into(),
        nonce: fresh_id(),
        deadline_ms: 1000,
        request_tag: fresh_id(),
    }
}
