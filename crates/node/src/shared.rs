//! What all runtimes of a node share. Everything here is read-only or made for concurrent use.

use std::sync::Arc;

use arc_swap::ArcSwap;
use aws_lc_rs::hmac;
use dashmap::DashMap;
use huxin_attest::RegionCode;
use huxin_identity::{Credentials, Expected, Membership, TlsError, TrustStore, client_config};
use huxin_ledger::{LogHandle, LogReader, LogVerifierKey};
use huxin_registry::{EmbeddedRegistry, ProvinceSecret};
use tokio::sync::watch;

use crate::admission::Admission;
use crate::clock::FactsClock;
use crate::exchange::{Board, LastAnswers, Reported, Unreported};
use crate::listen::Connections;
use crate::peer_policies::{Own, PeerPolicies};
use crate::rules::Rules;
use crate::rules::reload::Reloader;
use crate::state::Stating;
use crate::telemetry::Counters;

/// A node's shared state.
pub struct Shared {
    /// The province that the node speaks for.
    pub region: RegionCode,
    /// Stamps facts, log entries and decisions.
    pub facts: FactsClock,
    /// The membership list in force.
    pub membership: Arc<Membership>,
    /// What TLS connections are judged by.
    pub trust: Arc<TrustStore>,
    /// The node's own certificate.
    pub credentials: Credentials,
    /// What requests are judged by. A request loads it once and keeps that snapshot to its end.
    pub rules: ArcSwap<Rules>,
    /// Puts others into their place.
    pub reloader: Reloader,
    /// The province's own data.
    pub registry: EmbeddedRegistry,
    /// Keys the registry's index.
    pub secret: ProvinceSecret,
    /// What stating facts keeps in memory.
    pub stating: Stating,
    /// Keys the tags by which retries of one question are known.
    pub tag_key: hmac::Key,
    /// Where entries go.
    pub log: LogHandle,
    /// Where proofs come from.
    pub log_reader: LogReader,
    /// The log's name and public key.
    pub log_key: LogVerifierKey,
    /// What peers used up.
    pub admission: Admission,
    /// What is known of peers' logs.
    pub board: Board,
    /// By what this node judges, as it tells its peers.
    pub own_policy: Own,
    /// By what its peers judge.
    pub peer_policies: PeerPolicies,
    /// The last verified answers of peers, to be used again while they are silent.
    pub last: LastAnswers,
    /// Reuses of their answers that peers do not know of yet.
    pub unreported: Unreported,
    /// Reuses of own answers that peers reported.
    pub reported: Reported,
    /// Connections by identity.
    pub connections: Connections,
    /// Held while a review is resolved, so that each is resolved once.
    pub resolving: Arc<tokio::sync::Mutex<()>>,
    /// What was counted.
    pub counters: Counters,
    /// Open exchange streams to each peer.
    pub streams: DashMap<RegionCode, u32>,
    /// Turns true when the node is to stop.
    pub stopping: watch::Receiver<bool>,
    /// How many runtimes serve.
    pub runtimes: usize,
}

impl Shared {
    /// What dials a node of `region`.
    ///
    /// # Errors
    /// If the node's own certificate cannot be used.
    pub fn peer_tls(&self, region: RegionCode) -> Result<Arc<rustls::ClientConfig>, TlsError> {
        client_config(&self.credentials, Arc::clone(&self.trust), Expected { region })
    }

    /// How many exchange streams to `region` are open.
    pub fn open_streams(&self, region: RegionCode) -> u32 {
        self.streams.get(&region).map_or(0, |streams| *streams)
    }
}
