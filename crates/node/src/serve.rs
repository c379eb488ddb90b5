//! One connection's requests: the table of rights, the deadline, then the service.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use http_body_util::BodyExt as _;
use huxin_identity::PeerIdentity;
use huxin_wire::v1::ledger_server::LedgerServer;
use huxin_wire::v1::operator_server::OperatorServer;
use huxin_wire::v1::peer_server::PeerServer;
use huxin_wire::v1::recognition_server::RecognitionServer;
use huxin_wire::v1::registry_server::RegistryServer;
use huxin_wire::{Failure, Reason};
use hyper::body::{Frame, Incoming};
use tokio::time::timeout;
use tonic::body::Body;
use tonic::service::Routes;
use tower_service::Service as _;
use tracing::Instrument as _;

use crate::access;
use crate::local::Local;
use crate::services::Handlers;
use crate::shared::Shared;
use crate::unread::unnamed;

/// For streams, which end by idleness: longer than any process lives.
const UNBOUNDED: Duration = Duration::from_secs(100 * 365 * 86_400);

type Request = http::Request<Incoming>;
type Response = http::Response<Body>;
/// A response under way.
pub type Reply = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

/// The services of one runtime.
pub struct Services {
    /// What all runtimes share.
    pub shared: Arc<Shared>,
    local: Arc<Local>,
    recognition: RecognitionServer<Handlers>,
    peer: PeerServer<Handlers>,
    registry: RegistryServer<Handlers>,
    ledger: LedgerServer<Handlers>,
    operator: OperatorServer<Handlers>,
    public: Routes,
}

impl Services {
    /// The services over one runtime's state.
    pub fn new(local: &Arc<Local>, public: Routes) -> Self {
        let handlers = Arc::new(Handlers::new(Arc::clone(local)));
        let limit = crate::limits::MESSAGE;
        Self {
            shared: Arc::clone(&local.shared),
            local: Arc::clone(local),
            recognition: RecognitionServer::from_arc(Arc::clone(&handlers)).max_decoding_message_size(limit),
            peer: PeerServer::from_arc(Arc::clone(&handlers)).max_decoding_message_size(limit),
            registry: RegistryServer::from_arc(Arc::clone(&handlers)).max_decoding_message_size(limit),
            ledger: LedgerServer::from_arc(Arc::clone(&handlers)).max_decoding_message_size(limit),
            operator: OperatorServer::from_arc(handlers).max_decoding_message_size(limit),
            public,
        }
    }

    fn call(&self, service: &str, request: Request) -> Reply {
        match service {
            "huxin.v1.Recognition" => self.recognition.clone().call(request),
            "huxin.v1.Peer" => self.peer.clone().call(request),
            "huxin.v1.Registry" => self.registry.clone().call(request),
            "huxin.v1.Ledger" => self.ledger.clone().call(request),
            "huxin.v1.Operator" => self.operator.clone().call(request),
            _ => Box::pin(self.public.clone().call(request.map(Body::new))),
        }
    }
}

/// The requests of one connection, whose caller is known.
#[derive(Clone)]
pub struct Connection {
    services: Arc<Services>,
    caller: Arc<PeerIdentity>,
}

impl Connection {
    /// A connection of `caller`.
    pub const fn new(services: Arc<Services>, caller: Arc<PeerIdentity>) -> Self {
        Self { services, caller }
    }

    fn refuse(&self, failure: &Failure) -> Reply {
        let response = self.services.local.status(failure, &self.caller).into_http();
        Box::pin(std::future::ready(Ok(response)))
    }

    /// The body of a standard service, whose stream may end with a failure of the library beneath.
    fn named(&self, service: &'static str, body: Body) -> Body {
        let connection = self.clone();
        Body::new(body.map_frame(move |frame| match frame.into_trailers() {
            Ok(trailers) => Frame::trailers(connection.named_trailers(service, trailers)),
            Err(data) => data,
        }))
    }

    fn named_trailers(&self, service: &str, trailers: HeaderMap) -> HeaderMap {
        let Some(failure) = unnamed(service, &trailers) else { return trailers };
        let mut named = HeaderMap::new();
        match self.services.local.status(&failure, &self.caller).add_header(&mut named) {
            Ok(()) => named,
            Err(_) => trailers,
        }
    }
}

impl hyper::service::Service<Request> for Connection {
    type Response = Response;
    type Error = Infallible;
    type Future = Reply;

    fn call(&self, mut request: Request) -> Reply {
        let path = request.uri().path();
        let rule = match access::allow(path, &self.caller, self.services.shared.region) {
            Ok(rule) => rule,
            Err(reason) => return self.refuse(&reason.into()),
        };
        let service = rule.service();
        request.extensions_mut().insert(Arc::clone(&self.caller));
        // Whose call this is stands in the log beside whatever goes wrong in it; whom it is about never does.
        let span = tracing::debug_span!("rpc", path = rule.path(), caller = %self.caller.uri);
        let reply = span.in_scope(|| self.services.call(service, request)).instrument(span);
        let (connection, deadline) = (self.clone(), rule.deadline);
        Box::pin(async move {
            // Awaited at one place: each would keep room for the whole call in what is allocated for it.
            match timeout(deadline.unwrap_or(UNBOUNDED), reply).await {
                Ok(Ok(response)) => match unnamed(service, response.headers()) {
                    Some(failure) => connection.refuse(&failure).await,
                    None if service.starts_with("huxin.") => Ok(response),
                    None => Ok(response.map(|body| connection.named(service, body))),
                },
                Ok(Err(never)) => match never {},
                Err(_) => connection.refuse(&Failure::from(Reason::DeadlineExceeded)).await,
            }
        })
    }
}
