//! Dialling a node over mutual TLS: one TCP connection, one HTTP/2 channel.
//!
//! Used by the exchange and by every program that asks a node. The certificate decides who is asked: the TLS settings
//! name the province that must answer.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use huxin_identity::Endpoint;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tonic::transport::Channel;

use crate::limits;

/// Why a node was not reached.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// TCP or TLS failed.
    #[error("{0}: {1}")]
    Connect(Endpoint, io::Error),
    /// HTTP/2 failed.
    #[error("{0}: {1}")]
    Transport(Endpoint, tonic::transport::Error),
}

/// Opens a channel to `endpoint`. The channel does not dial again: once the connection is lost, its calls fail.
///
/// # Errors
/// If the endpoint does not answer, or either side refuses the other's certificate.
pub async fn connect(endpoint: &Endpoint, tls: Arc<ClientConfig>) -> Result<Channel, ConnectError> {
    let failed = |error| ConnectError::Connect(endpoint.clone(), error);
    let tcp = TcpStream::connect((endpoint.host(), endpoint.port())).await.map_err(failed)?;
    tcp.set_nodelay(true).map_err(failed)?;
    let stream = TlsConnector::from(tls).connect(endpoint.server_name(), tcp).await.map_err(failed)?;
    let ready = Arc::new(Mutex::new(Some(TokioIo::new(stream))));
    // The connection is made; the connector hands it over once. A second call means that it was lost.
    let connector = tower::service_fn(move |_: http::Uri| {
        let taken = ready.lock().unwrap_or_else(PoisonError::into_inner).take();
        std::future::ready(taken.ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected)))
    });
    tonic::transport::Endpoint::from_static("http://node.huxin")
        .http2_keep_alive_interval(limits::PING_INTERVAL)
        .keep_alive_timeout(limits::PING_TIMEOUT)
        .keep_alive_while_idle(true)
        .initial_stream_window_size(limits::STREAM_WINDOW)
        .initial_connection_window_size(limits::CONNECTION_WINDOW)
        .connect_with_connector(connector)
        .await
        .map_err(|error| ConnectError::Transport(endpoint.clone(), error))
}
