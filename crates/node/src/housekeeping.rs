//! What a node does beside its requests: remember peers' heads, read revocation lists again, forget old answers and old
//! request ids.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use huxin_attest::Clock as _;
use huxin_identity::Folder;
use huxin_registry::Registry as _;

use crate::shared::Shared;

/// How often verified heads are saved.
const SAVE: Duration = Duration::from_secs(1);
/// How often revocation lists are read again and answers that are over are forgotten.
const RELOAD: Duration = Duration::from_secs(60);
/// How often request ids older than a day are forgotten.
const PURGE: Duration = Duration::from_secs(3600);

/// The housekeeping thread.
pub struct Housekeeping {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Housekeeping {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system gives none.
    pub fn start(shared: Arc<Shared>, federation: Folder) -> io::Result<Self> {
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new().name("housekeeping".into()).spawn(move || {
            let (mut reloaded, mut purged) = (Instant::now(), Instant::now());
            while matches!(stopped.recv_timeout(SAVE), Err(RecvTimeoutError::Timeout)) {
                save(&shared);
                if reloaded.elapsed() >= RELOAD {
                    reloaded = Instant::now();
                    reload(&shared, &federation);
                    shared.last.forget_old(shared.facts.now());
                }
                if purged.elapsed() >= PURGE {
                    purged = Instant::now();
                    if let Err(error) = shared.registry.purge(shared.facts.now()) {
                        tracing::error!(%error, "old request ids cannot be forgotten");
                    }
                }
            }
            save(&shared);
        })?;
        Ok(Self { stop, thread })
    }

    /// Saves once more and ends.
    pub fn stop(self) {
        let _ = self.stop.send(());
        if self.thread.join().is_err() {
            tracing::error!("the housekeeping thread ended by a panic");
        }
    }
}

fn save(shared: &Shared) {
    if let Err(error) = shared.board.save() {
        tracing::error!(%error, "verified heads cannot be saved");
    }
    if let Err(error) = shared.peer_policies.save() {
        tracing::error!(%error, "what peers judge by cannot be saved");
    }
}

fn reload(shared: &Shared, federation: &Folder) {
    for (trust_domain, problem) in shared.trust.reload_crls(federation).problems {
        tracing::warn!(%trust_domain, %problem, "a revocation list cannot be taken over");
    }
}
