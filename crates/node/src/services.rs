//! The services of `huxin.v1`: each call is taken apart, handed to what does it, and its failure given an error id.

use std::sync::Arc;
use std::time::Duration;

use huxin_identity::PeerIdentity;
use huxin_wire::v1::ledger_server::Ledger;
use huxin_wire::v1::operator_server::Operator;
use huxin_wire::v1::peer_server::Peer;
use huxin_wire::v1::recognition_server::Recognition;
use huxin_wire::v1::registry_server::Registry;
use huxin_wire::{Failure, Reason, v1};
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use crate::exchange::{Outgoing, answer_call, serve_stream};
use crate::local::Local;
use crate::rules::{publish, reload};
use crate::{ledger, limits, recognise, state, status};

/// All services over one runtime's state.
pub struct Handlers {
    local: Arc<Local>,
}

impl Handlers {
    /// Handlers of one runtime.
    pub const fn new(local: Arc<Local>) -> Self {
        Self { local }
    }

    fn caller<T>(&self, request: &Request<T>) -> Result<Arc<PeerIdentity>, Status> {
        // Set for every request by the connection; without it nobody is known, and nobody is served.
        let caller = request.extensions().get::<Arc<PeerIdentity>>().cloned();
        caller.ok_or_else(|| Failure::from(Reason::RpcNotAllowed).to_status(self.local.error_id()))
    }

    fn reply<T>(&self, result: Result<T, Failure>, caller: &PeerIdentity) -> Result<Response<T>, Status> {
        result.map(Response::new).map_err(|failure| self.local.status(&failure, caller))
    }
}

#[tonic::async_trait]
impl Recognition for Handlers {
    async fn recognise(
        &self,
        request: Request<v1::RecogniseRequest>,
    ) -> Result<Response<v1::RecogniseReply>, Status> {
        let caller = self.caller(&request)?;
        let deadline = Instant::now() + deadline(&request);
        let result = recognise::recognise(&self.local, &caller, request.into_inner(), deadline).await;
        self.reply(result, &caller)
    }

    async fn resolve(
        &self,
        request: Request<v1::ResolveRequest>,
    ) -> Result<Response<v1::ResolveReply>, Status> {
        let caller = self.caller(&request)?;
        let result = recognise::resolve(&self.local, &caller, request.into_inner()).await;
        self.reply(result, &caller)
    }

    async fn explain(
        &self,
        request: Request<v1::ExplainRequest>,
    ) -> Result<Response<v1::ExplainReply>, Status> {
        let caller = self.caller(&request)?;
        let result = recognise::explain(&self.local, &caller, request.into_inner()).await;
        self.reply(result, &caller)
    }

    async fn reviews(
        &self,
        request: Request<v1::ReviewsRequest>,
    ) -> Result<Response<v1::ReviewsReply>, Status> {
        let caller = self.caller(&request)?;
        let result = recognise::reviews(&self.local, &caller, request.into_inner()).await;
        self.reply(result, &caller)
    }
}

/// How long the caller will wait, by its `grpc-timeout`, at most what a request may take.
fn deadline<T>(request: &Request<T>) -> Duration {
    let stated =
        request.metadata().get("grpc-timeout").and_then(|value| value.to_str().ok()).and_then(parse_timeout);
    stated.unwrap_or(limits::REQUEST_DEADLINE).min(limits::REQUEST_DEADLINE)
}

/// At most eight digits and a unit (gRPC over HTTP/2, "Timeout").
fn parse_timeout(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(value * 3600)),
        "M" => Some(Duration::from_secs(value * 60)),
        "S" => Some(Duration::from_secs(value)),
        "m" => Some(Duration::from_millis(value)),
        "u" => Some(Duration::from_micros(value)),
        "n" => Some(Duration::from_nanos(value)),
        _ => None,
    }
}

#[tonic::async_trait]
impl Peer for Handlers {
    type QueryStreamStream = ReceiverStream<Outgoing>;

    async fn query_stream(
        &self,
        request: Request<Streaming<v1::PeerRequest>>,
    ) -> Result<Response<Self::QueryStreamStream>, Status> {
        let caller = self.caller(&request)?;
        let Some(peer) = caller.region else {
            return Err(self.local.status(&Reason::RpcNotAllowed.into(), &caller));
        };
        let replies = serve_stream(&self.local, caller, peer, request.into_inner());
        Ok(Response::new(ReceiverStream::new(replies)))
    }

    async fn query(&self, request: Request<v1::QueryCall>) -> Result<Response<v1::QueryCallReply>, Status> {
        let caller = self.caller(&request)?;
        let Some(peer) = caller.region else {
            return Err(self.local.status(&Reason::RpcNotAllowed.into(), &caller));
        };
        self.reply(answer_call(&self.local, peer, request.into_inner()).await, &caller)
    }
}

#[tonic::async_trait]
impl Registry for Handlers {
    async fn state(&self, request: Request<v1::StateRequest>) -> Result<Response<v1::StateReply>, Status> {
        let caller = self.caller(&request)?;
        let result = state::state(&self.local, &caller, request.into_inner()).await;
        self.reply(result, &caller)
    }

    async fn import(
        &self,
        request: Request<Streaming<v1::ImportRequest>>,
    ) -> Result<Response<v1::ImportReply>, Status> {
        let caller = self.caller(&request)?;
        let result = state::import(&self.local, &caller, request.into_inner()).await;
        self.reply(result, &caller)
    }

    async fn prepare(
        &self,
        request: Request<v1::PrepareRequest>,
    ) -> Result<Response<v1::PrepareReply>, Status> {
        let caller = self.caller(&request)?;
        let result = state::prepare(&self.local, &caller, request.into_inner());
        self.reply(result, &caller)
    }

    async fn withdraw(
        &self,
        request: Request<v1::WithdrawRequest>,
    ) -> Result<Response<v1::WithdrawReply>, Status> {
        let caller = self.caller(&request)?;
        let result = state::withdraw(&self.local, &caller, request.into_inner()).await;
        self.reply(result, &caller)
    }

    async fn history(
        &self,
        request: Request<v1::HistoryRequest>,
    ) -> Result<Response<v1::HistoryReply>, Status> {
        let caller = self.caller(&request)?;
        let result = state::history(&self.local, &caller, request.into_inner()).await;
        self.reply(result, &caller)
    }
}

#[tonic::async_trait]
impl Ledger for Handlers {
    async fn checkpoint(
        &self,
        request: Request<v1::CheckpointRequest>,
    ) -> Result<Response<v1::CheckpointReply>, Status> {
        let caller = self.caller(&request)?;
        self.reply(ledger::checkpoint(&self.local.shared, &request.into_inner()), &caller)
    }

    async fn proof(&self, request: Request<v1::ProofRequest>) -> Result<Response<v1::ProofReply>, Status> {
        let caller = self.caller(&request)?;
        self.reply(ledger::proof(&self.local.shared, &request.into_inner()), &caller)
    }

    async fn consistency(
        &self,
        request: Request<v1::ConsistencyRequest>,
    ) -> Result<Response<v1::ConsistencyReply>, Status> {
        let caller = self.caller(&request)?;
        self.reply(ledger::consistency(&self.local.shared, &request.into_inner()), &caller)
    }
}

#[tonic::async_trait]
impl Operator for Handlers {
    async fn status(&self, request: Request<v1::StatusRequest>) -> Result<Response<v1::StatusReply>, Status> {
        let caller = self.caller(&request)?;
        self.reply(status::status(&self.local), &caller)
    }

    async fn reload(&self, request: Request<v1::ReloadRequest>) -> Result<Response<v1::ReloadReply>, Status> {
        let caller = self.caller(&request)?;
        self.reply(reload::reload(&self.local, &caller).await, &caller)
    }

    async fn apply_policy(
        &self,
        request: Request<v1::ApplyPolicyRequest>,
    ) -> Result<Response<v1::ApplyPolicyReply>, Status> {
        let caller = self.caller(&request)?;
        self.reply(Err(Reason::UnknownRpc.into()), &caller)
    }

    async fn rollback_policy(
        &self,
        request: Request<v1::RollbackPolicyRequest>,
    ) -> Result<Response<v1::ApplyPolicyReply>, Status> {
        let caller = self.caller(&request)?;
        self.reply(Err(Reason::UnknownRpc.into()), &caller)
    }

    async fn policy(&self, request: Request<v1::PolicyRequest>) -> Result<Response<v1::PolicyReply>, Status> {
        let caller = self.caller(&request)?;
        Ok(Response::new(publish::policy(&self.local, &caller, request.into_inner())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_read_in_every_unit_and_nothing_else() {
        assert_eq!(parse_timeout("250m"), Some(Duration::from_millis(250)));
        assert_eq!(parse_timeout("2S"), Some(Duration::from_secs(2)));
        for bad in ["", "S", "2", "2x", "123456789S", "-1S", "٢S"] {
            assert_eq!(parse_timeout(bad), None, "{bad}");
        }
    }
}
