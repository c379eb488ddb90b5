//! The accept loop of one runtime: TCP, TLS, limits, then HTTP/2.
//!
//! Every connection is mutual TLS 1.3; who is there is read from the certificate, once. A connection task never blocks
//! its runtime, and a panic in it ends that connection only.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dashmap::DashMap;
use huxin_attest::Clock as _;
use huxin_identity::{PeerIdentity, identity_of};
use hyper::server::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::clock::RealClock;
use crate::limits;
use crate::metered::{Meter, Metered};
use crate::serve::{Connection, Services};

/// Connections waiting in the kernel for a runtime to accept them.
const BACKLOG: i32 = 1024;
/// The pause after accept failed, for example for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long a connection may take to finish what is in flight once it is asked to close.
const CLOSING: Duration = Duration::from_secs(3);
/// The most unsent response bytes kept for one stream.
const SEND_BUFFER: usize = 1 << 20;

/// Binds one of several listeners that share an address; the kernel spreads connections among them.
///
/// # Errors
/// If the address cannot be bound.
pub fn bind(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// How many connections each certificate identity holds, over all runtimes.
pub type Connections = DashMap<Arc<str>, usize>;

/// Accepts until told to stop, then waits for the connections that are still open.
pub async fn accept(
    listener: TcpListener,
    tls: TlsAcceptor,
    services: Arc<Services>,
    mut stop: watch::Receiver<bool>,
) {
    let (open, mut all_closed) = tokio::sync::mpsc::channel::<()>(1);
    loop {
        let accepted = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let (tls, services, stop) = (tls.clone(), Arc::clone(&services), stop.clone());
                let open = open.clone();
                tokio::spawn(async move {
                    let _open = open;
                    serve(stream, tls, services, stop).await;
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(open);
    // Nothing is ever sent: the channel ends when the last connection drops its sender.
    let _ = timeout(CLOSING, all_closed.recv()).await;
}

async fn serve(
    stream: TcpStream,
    tls: TlsAcceptor,
    services: Arc<Services>,
    mut stop: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let Ok(handshake) = timeout(limits::HANDSHAKE, tls.accept(stream)).await else {
        tracing::debug!("a handshake took too long");
        return;
    };
    let stream = match handshake {
        Ok(stream) => stream,
        Err(error) => {
            tracing::info!(%error, "a handshake failed");
            return;
        }
    };
    let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
    let caller = match identity_of(certificates, &services.shared.membership) {
        Ok(caller) => Arc::new(caller),
        Err(refusal) => {
            tracing::info!(reason = refusal.reason(), "a certificate was refused");
            return;
        }
    };
    let shared = Arc::clone(&services.shared);
    let Some(_slot) = Slot::take(&shared.connections, &caller) else {
        tracing::info!(caller = %caller.uri, "too many connections of one identity");
        return;
    };
    let certificate_ends = caller.not_after.ms_since(RealClock.now());
    let certificate_ends = Duration::from_millis(u64::try_from(certificate_ends).unwrap_or_default());
    let meter = Arc::new(Meter::default());
    let io = TokioIo::new(Metered::new(stream, Arc::clone(&meter)));
    let connection = http().serve_connection(io, Connection::new(services, caller));
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = meter.silence() => None,
        // A connection does not outlive the certificate that it was opened with.
        () = sleep(certificate_ends) => None,
        _ = stop.wait_for(|stop| *stop) => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            connection.as_mut().graceful_shutdown();
            timeout(CLOSING, connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

fn http() -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits::STREAMS)
        .max_header_list_size(limits::HEADERS)
        // tonic's own server switches this cap off, which lets a peer make the server reset streams for ever.
        .max_local_error_reset_streams(limits::LOCAL_RESETS)
        .initial_stream_window_size(limits::STREAM_WINDOW)
        .initial_connection_window_size(limits::CONNECTION_WINDOW)
        .max_send_buf_size(SEND_BUFFER);
    builder
}

/// One of the connections that an identity may hold; given back when dropped.
struct Slot<'a> {
    connections: &'a Connections,
    uri: Arc<str>,
}

impl<'a> Slot<'a> {
    fn take(connections: &'a Connections, caller: &PeerIdentity) -> Option<Self> {
        let uri = Arc::clone(&caller.uri);
        let mut held = connections.entry(Arc::clone(&uri)).or_insert(0);
        if *held >= limits::CONNECTIONS_PER_IDENTITY {
            return None;
        }
        *held += 1;
        drop(held);
        Some(Self { connections, uri })
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        if let Some(mut held) = self.connections.get_mut(&self.uri) {
            *held -= 1;
        }
        self.connections.remove_if(&self.uri, |_, held| *held == 0);
    }
}
