//! What becomes of a decision: a person resolves a review, an app asks why, or which reviews still wait.
//!
//! Everything here is read back from the log, so after a restart it is as it was. Only apps of the department that
//! decided are told anything; to all others a decision is unknown, whether it exists or not.

mod convert;
mod explain;
mod kept;
mod list;
mod resolve;

pub use explain::explain;
pub use list::reviews;
pub use resolve::resolve;

use huxin_identity::PeerIdentity;
use huxin_wire::{Failure, Reason};
use tokio::task::spawn_blocking;

/// The department that answers for the calling app.
fn department(caller: &PeerIdentity) -> Result<String, Failure> {
    caller.id.role.department().map(ToString::to_string).ok_or_else(|| Reason::RpcNotAllowed.into())
}

/// Runs what reads files or waits for the registry, off the runtime that answers questions.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    spawn_blocking(work).await.map_err(internal)?
}

fn internal(error: impl std::fmt::Display) -> Failure {
    Failure::new(Reason::Internal, error.to_string())
}
