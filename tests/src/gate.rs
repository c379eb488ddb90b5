//! A gate in front of a node: it passes everything on, counts bytes and reads none. It can be told to hold back or to break.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A gate.
pub struct Gate {
    /// Where it is reached.
    pub address: SocketAddr,
    behind: Arc<OnceLock<SocketAddr>>,
    passage: Arc<Passage>,
}

/// What the gate does with what comes, and how much crossed.
#[derive(Default)]
struct Passage {
    crossed: AtomicU64,
    mode: AtomicU8,
}

/// Everything passes.
const OPEN: u8 = 0;
/// Nothing passes, and every connection stays.
const HELD: u8 = 1;
/// The next connection on which something comes from outside breaks; everything else passes.
const BREAKS: u8 = 2;

impl Gate {
    /// Opens a gate that leads nowhere yet.
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gate =
            Self { address: listener.local_addr().unwrap(), behind: Arc::default(), passage: Arc::default() };
        let (behind, passage) = (Arc::clone(&gate.behind), Arc::clone(&gate.passage));
        tokio::spawn(async move {
            while let Ok((outside, _)) = listener.accept().await {
                let Some(behind) = behind.get() else { continue };
                let Ok(inside) = TcpStream::connect(behind).await else { continue };
                let ((from_out, to_out), (from_in, to_in)) = (outside.into_split(), inside.into_split());
                tokio::spawn(pass(from_out, to_in, Arc::clone(&passage), true));
                tokio::spawn(pass(from_in, to_out, Arc::clone(&passage), false));
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
        self.passage.crossed.load(Ordering::SeqCst)
    }

    /// From now on nothing passes, though connections are taken and kept.
    pub fn hold(&self) {
        self.passage.mode.store(HELD, Ordering::SeqCst);
    }

    /// The next connection on which something comes from outside breaks there; later ones pass.
    pub fn break_at_next_byte(&self) {
        self.passage.mode.store(BREAKS, Ordering::SeqCst);
    }
}

async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    passage: Arc<Passage>,
    from_outside: bool,
) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let breaks =
            |mode: &AtomicU8| mode.compare_exchange(BREAKS, OPEN, Ordering::SeqCst, Ordering::SeqCst).is_ok();
        if from_outside && breaks(&passage.mode) {
            return;
        }
        if passage.mode.load(Ordering::SeqCst) == HELD {
            std::future::pending::<()>().await;
        }
        passage.crossed.fetch_add(read as u64, Ordering::SeqCst);
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
    let _ = to.shutdown().await;
}
