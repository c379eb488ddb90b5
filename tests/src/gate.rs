//! A gate in front of a node: it passes everything on, counts bytes and reads none.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A gate.
pub struct Gate {
    /// Where it is reached.
    pub address: SocketAddr,
    behind: Arc<OnceLock<SocketAddr>>,
    crossed: Arc<AtomicU64>,
}

impl Gate {
    /// Opens a gate that leads nowhere yet.
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gate =
            Self { address: listener.local_addr().unwrap(), behind: Arc::default(), crossed: Arc::default() };
        let (behind, crossed) = (Arc::clone(&gate.behind), Arc::clone(&gate.crossed));
        tokio::spawn(async move {
            while let Ok((outside, _)) = listener.accept().await {
                let Some(behind) = behind.get() else { continue };
                let Ok(inside) = TcpStream::connect(behind).await else { continue };
                let ((from_out, to_out), (from_in, to_in)) = (outside.into_split(), inside.into_split());
                tokio::spawn(pass(from_out, to_in, Arc::clone(&crossed)));
                tokio::spawn(pass(from_in, to_out, Arc::clone(&crossed)));
            }
        });
        gate
    }

    /// Says where it leads.
    pub fn leads_to(&self, node: SocketAddr) {
        self.behind.set(node).unwrap();
    }

    /// Bytes that crossed so far, in both directions, TLS and all.
    pub fn crossed(&self) -> u64 {
        self.crossed.load(Ordering::SeqCst)
    }
}

async fn pass(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, crossed: Arc<AtomicU64>) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        crossed.fetch_add(read as u64, Ordering::SeqCst);
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
    let _ = to.shutdown().await;
}
