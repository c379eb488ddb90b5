//! The border: what enters a province goes through a gate that counts bytes and reads none, and that can be closed.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A gate in front of one province's node.
#[derive(Debug)]
pub struct Gate {
    address: SocketAddr,
    counted: Arc<Counted>,
    closed: watch::Sender<bool>,
}

/// Bytes on the wire since the gate opened, TLS and all.
#[derive(Debug, Default)]
struct Counted {
    inward: AtomicU64,
    outward: AtomicU64,
}

/// Bytes that crossed in each direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Crossed {
    /// Towards the province.
    pub inward: u64,
    /// Out of it.
    pub outward: u64,
}

impl Crossed {
    /// What crossed since `before`.
    pub const fn since(self, before: Self) -> Self {
        Self { inward: self.inward - before.inward, outward: self.outward - before.outward }
    }

    /// Both directions.
    pub const fn total(self) -> u64 {
        self.inward + self.outward
    }
}

impl std::iter::Sum for Crossed {
    fn sum<I: Iterator<Item = Self>>(gates: I) -> Self {
        gates.fold(Self::default(), |all, one| Self {
            inward: all.inward + one.inward,
            outward: all.outward + one.outward,
        })
    }
}

impl Gate {
    /// Opens a gate that passes everything on to `node`.
    ///
    /// # Errors
    /// If no port is free.
    pub async fn open(node: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (closed, closing) = watch::channel(false);
        let gate = Self { address: listener.local_addr()?, counted: Arc::default(), closed };
        let counted = Arc::clone(&gate.counted);
        tokio::spawn(async move {
            while let Ok((outside, _)) = listener.accept().await {
                tokio::spawn(guard(outside, node, Arc::clone(&counted), closing.clone()));
            }
        });
        Ok(gate)
    }

    /// Breaks off what passes through, and turns away what comes later.
    pub fn close(&self) {
        self.closed.send_replace(true);
    }

    /// Where other provinces reach the province.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What crossed so far.
    pub fn crossed(&self) -> Crossed {
        Crossed {
            inward: self.counted.inward.load(Ordering::Relaxed),
            outward: self.counted.outward.load(Ordering::Relaxed),
        }
    }
}

async fn guard(
    outside: TcpStream,
    node: SocketAddr,
    counted: Arc<Counted>,
    mut closing: watch::Receiver<bool>,
) {
    tokio::select! {
        () = pass(outside, node, counted) => {}
        // Where the gate itself is gone, so is the stage.
        _ = closing.wait_for(|closed| *closed) => {}
    }
}

async fn pass(outside: TcpStream, node: SocketAddr, counted: Arc<Counted>) {
    let Ok(mut inside) = TcpStream::connect(node).await else { return };
    let _ = (outside.set_nodelay(true), inside.set_nodelay(true));
    // A connection that breaks off is the business of its two ends.
    let _ = copy_bidirectional(&mut Counting { inner: outside, counted }, &mut inside).await;
}

/// The outside end of a connection: what is read from it goes inward.
struct Counting {
    inner: TcpStream,
    counted: Arc<Counted>,
}

impl AsyncRead for Counting {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let poll = Pin::new(&mut self.inner).poll_read(cx, buf);
        self.counted.inward.fetch_add((buf.filled().len() - before) as u64, Ordering::Relaxed);
        poll
    }
}

impl AsyncWrite for Counting {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.inner).poll_write(cx, buf);
        if let Poll::Ready(Ok(written)) = &poll {
            self.counted.outward.fetch_add(*written as u64, Ordering::Relaxed);
        }
        poll
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
