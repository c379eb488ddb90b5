//! The floor: a bare tonic server over mutual TLS that answers every request with the same bytes.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use huxin_node::Listeners;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;
use tonic::body::Body;
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::transport::server::Connected;
use tower_service::Service;

use super::raw::Raw;

/// The path of the echo's one call.
pub const PATH: &str = "/bench.Echo/Echo";

/// Serves until the process ends, on as many single-threaded runtimes as there are listeners.
///
/// # Errors
/// If the system gives no thread or socket.
pub fn serve(listeners: Listeners, tls: &Arc<ServerConfig>, reply: &Bytes) -> io::Result<()> {
    let mut threads = Vec::new();
    for listener in listeners.into_sockets() {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (tls, echo) = (TlsAcceptor::from(Arc::clone(tls)), Echo { reply: reply.clone() });
        threads.push(std::thread::spawn(move || runtime.block_on(run(listener, tls, echo))));
    }
    for thread in threads {
        thread.join().map_err(|_| io::Error::other("an echo runtime panicked"))??;
    }
    Ok(())
}

async fn run(listener: std::net::TcpListener, tls: TlsAcceptor, echo: Echo) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let (streams, incoming) = mpsc::channel::<io::Result<Tls>>(64);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (tls, streams) = (tls.clone(), streams.clone());
            tokio::spawn(async move {
                let _ = stream.set_nodelay(true);
                if let Ok(stream) = tls.accept(stream).await {
                    let _ = streams.send(Ok(Tls(stream))).await;
                }
            });
        }
    });
    let server = tonic::transport::Server::builder().add_service(echo);
    server.serve_with_incoming(ReceiverStream::new(incoming)).await.map_err(io::Error::other)
}

#[derive(Clone)]
struct Echo {
    reply: Bytes,
}

impl NamedService for Echo {
    const NAME: &'static str = "bench.Echo";
}

impl Service<Request<Body>> for Echo {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let echo = self.clone();
        Box::pin(async move { Ok(Grpc::new(Raw).unary(echo, request).await) })
    }
}

impl UnaryService<Bytes> for Echo {
    type Response = Bytes;
    type Future = Ready<Result<tonic::Response<Bytes>, Status>>;

    fn call(&mut self, _: tonic::Request<Bytes>) -> Self::Future {
        ready(Ok(tonic::Response::new(self.reply.clone())))
    }
}

/// tonic wants to know who is connected; here nobody asks.
struct Tls(TlsStream<TcpStream>);

impl Connected for Tls {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Tls {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Tls {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }
}
