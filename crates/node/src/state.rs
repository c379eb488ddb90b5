//! How departments of this province state facts: verify, judge, make durable, log the change, only then acknowledge.
//!
//! The node never holds a department's key. What is not authentic leaves no trace; what is authentic and refused is an
//! entry of the log.

mod admit;
mod commit;
mod convert;
mod founded;
mod history;
mod import;
mod in_flight;
mod page;
mod prepare;
mod refused;

use std::sync::Arc;

use aws_lc_rs::hmac;
use huxin_identity::PeerIdentity;
use huxin_registry::Write;
use huxin_wire::{Failure, Reason, v1};

use crate::limits;
use crate::local::Local;
use crate::mass_changes::MassChanges;
use commit::{Request, Summary};
use in_flight::InFlight;

pub use commit::log_changes;
pub use history::history;
pub use import::import;
pub use prepare::prepare;

/// What stating keeps in memory and is configured with.
pub struct Stating {
    /// Changes on their way from the registry into the log.
    in_flight: Arc<InFlight>,
    /// Who turned many people's codes.
    pub mass_changes: MassChanges,
    /// Red and amber codes are taken as they come. For exercises only.
    pub skip_foundedness: bool,
    /// Binds page tokens.
    page_key: hmac::Key,
}

impl Stating {
    /// Nothing is under way and nothing counted.
    pub fn new(skip_foundedness: bool, mass_change_threshold: u32, page_key: hmac::Key) -> Self {
        let mass_changes = MassChanges::new(mass_change_threshold);
        Self { in_flight: Arc::default(), mass_changes, skip_foundedness, page_key }
    }
}

/// States one fact.
///
/// # Errors
/// If the statement is not authentic, not the caller's to make now, unfounded, or cannot be stored.
pub async fn state(
    local: &Arc<Local>,
    caller: &PeerIdentity,
    request: v1::StateRequest,
) -> Result<v1::StateReply, Failure> {
    let (request_id, received) = convert::state(request)?;
    let write = admit::authenticate(local, received)?;
    let Write::State { attestation, .. } = &write else {
        return Err(Failure::new(Reason::Internal, "a statement became another write"));
    };
    let digest = attestation.digest;
    let taken = take(local, caller, request_id, vec![write], limits::STATED_AT_MS).await;
    let Summary { changed, .. } = taken.map_err(|(_, failure)| failure)?;
    Ok(v1::StateReply { digest: digest.0.to_vec().into(), changed: changed > 0 })
}

/// Takes back a statement of the caller's own department.
///
/// # Errors
/// If the department made no such statement about the person, or the withdrawal cannot be stored.
pub async fn withdraw(
    local: &Arc<Local>,
    caller: &PeerIdentity,
    request: v1::WithdrawRequest,
) -> Result<v1::WithdrawReply, Failure> {
    let convert::Withdrawal { request_id, subject, digest } = convert::withdraw(request)?;
    let by = department(caller)?;
    let writes = vec![Write::Withdraw { person: local.shared.secret.person(&subject), digest, by }];
    let request = Request::new(caller, &request_id, &writes);
    let Summary { changed, .. } = commit::commit(local, request, writes).await?;
    Ok(v1::WithdrawReply { changed: changed > 0 })
}

/// Judges and commits authentic statements. A request that was carried out before gets its reply again, although time has
/// passed or evidence has gone since.
async fn take(
    local: &Arc<Local>,
    caller: &PeerIdentity,
    request_id: [u8; 16],
    writes: Vec<Write>,
    old_ms: i64,
) -> Result<Summary, (Option<usize>, Failure)> {
    let request = Request::new(caller, &request_id, &writes);
    if !request.is_repeated(local).map_err(|failure| (None, failure))? {
        let judged = admit::judge(local, caller, &request, &writes, old_ms).await;
        judged.map_err(|(number, failure)| (Some(number), failure))?;
    }
    commit::commit(local, request, writes).await.map_err(|failure| (None, failure))
}

/// The calling department.
fn department(caller: &PeerIdentity) -> Result<huxin_attest::DepartmentName, Failure> {
    let name = caller.id.role.department().ok_or(Reason::RpcNotAllowed)?;
    name.as_str().parse().map_err(|_| Failure::from(Reason::DepartmentNotListed))
}
