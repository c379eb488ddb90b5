//! What one runtime has for itself: its port to the log, its salts, its verifier, its links to peers.
//!
//! Every lock here is taken by tasks of one thread only and never held across an await, so none is ever waited for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use huxin_attest::{RegionCode, StatementVerifier};
use huxin_identity::PeerIdentity;
use huxin_wire::error::ErrorId;
use huxin_wire::{Failure, Reason};
use tonic::Status;

use crate::aggregate::Aggregates;
use crate::exchange::{End, Link, Streams};
use crate::log_port::LogPort;
use crate::salts::SaltPool;
use crate::shared::Shared;

/// How many checked statement signatures a runtime remembers; with batches of 4,096 this covers 64 million people.
const REMEMBERED_SIGNATURES: usize = 16 * 1024;

/// One runtime's state.
pub struct Local {
    /// What all runtimes share.
    pub shared: Arc<Shared>,
    /// Which runtime this is, from 0.
    pub index: usize,
    /// Fresh salts.
    pub salts: SaltPool,
    /// The way to the log and back.
    pub log: LogPort,
    /// The streams of peers that this runtime serves.
    pub streams: Streams,
    /// Decisions for which nothing was asked.
    pub aggregates: Aggregates,
    links: OnceLock<HashMap<RegionCode, Arc<Link>>>,
    verifier: Mutex<StatementVerifier>,
}

impl Local {
    /// The state of runtime `index`.
    pub fn new(shared: Arc<Shared>, index: usize, log: LogPort) -> Self {
        Self {
            shared,
            index,
            salts: SaltPool::new(),
            log,
            streams: Streams::default(),
            aggregates: Aggregates::default(),
            links: OnceLock::new(),
            verifier: Mutex::new(StatementVerifier::new(REMEMBERED_SIGNATURES)),
        }
    }

    /// Makes a link to every other member, once; they are to be run.
    pub fn make_links(&self) -> Vec<Arc<Link>> {
        let others =
            self.shared.membership.members().iter().filter(|member| member.region != self.shared.region);
        let links = self.links.get_or_init(|| {
            others.map(|member| (member.region, Arc::new(Link::new(member.region)))).collect()
        });
        links.values().cloned().collect()
    }

    /// The link to a peer, if it is a member.
    pub fn link(&self, region: RegionCode) -> Option<&Arc<Link>> {
        self.links.get()?.get(&region)
    }

    /// The verifier of statements, with its memory of checked signatures.
    pub fn verifier(&self) -> MutexGuard<'_, StatementVerifier> {
        self.verifier.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A fresh id for one failure.
    pub fn error_id(&self) -> ErrorId {
        ErrorId(self.salts.take())
    }

    /// Turns a failure into the status that travels, and logs it under the same error id.
    pub fn status(&self, failure: &Failure, caller: &PeerIdentity) -> Status {
        let id = self.error_id();
        self.shared.counters.errors.one();
        let reason = failure.reason.name();
        if failure.reason == Reason::Internal {
            tracing::error!(error_id = %id, reason, detail = %failure.detail, caller = %caller.uri, "a request failed");
            // What went wrong inside is for the log; the caller gets the id.
            return Failure::from(Reason::Internal).to_status(id);
        }
        tracing::info!(error_id = %id, reason, detail = %failure.detail, caller = %caller.uri, "a request was refused");
        failure.to_status(id)
    }

    /// Logs why an exchange stream ended.
    pub fn report_lost_stream(&self, peer: RegionCode, end: &End) {
        match end {
            End::Closed => tracing::info!(%peer, "exchange stream closed by the peer"),
            End::Status(status) => {
                let (reason, error_id) = huxin_wire::error::reason_of(status).unwrap_or_default();
                if reason == Reason::ShuttingDown.name() {
                    tracing::info!(%peer, error_id, "the peer stops");
                    return;
                }
                tracing::warn!(%peer, code = ?status.code(), reason, error_id, "exchange stream ended by the peer");
            }
            End::Silent => tracing::warn!(%peer, "the peer says nothing; its next endpoint is dialled"),
            End::Rejected(reason) => {
                let (reason, error_id) = (reason.name(), self.error_id());
                self.shared.counters.answers_rejected.one();
                tracing::error!(%peer, reason, %error_id, "what the peer sent does not verify; its stream is closed");
            }
        }
    }
}
