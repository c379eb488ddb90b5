//! A person decides what the machine left to people: admit or refuse, by name and with a reason, once and for good.
//!
//! One review is resolved at a time. First the request's id is remembered, then the resolution is logged, then it is told.
//! A crash between the first two leaves a request that may be sent again as it was; nothing else can have its id. A
//! resolution that began is carried through even if the caller goes away: else two could follow one another.

use std::sync::Arc;

use huxin_attest::{Clock as _, sha256};
use huxin_identity::PeerIdentity;
use huxin_ledger::LeafType;
use huxin_ledger::leaf::exchange_private;
use huxin_ledger::public::{Label, Resolution, Verdict};
use huxin_registry::{Recall, Registry as _, RequestRecord};
use huxin_wire::{Failure, Reason, v1};
use prost::Message as _;

use super::convert::{Resolving, is_of_request};
use super::kept::{Recorded, decision_of};
use super::{aside, department, internal};
use crate::exchange::Details;
use crate::local::Local;
use crate::log_port::{Entry, Logged};
use crate::sealed::seal;
use crate::shared::Shared;

/// Resolves a review.
///
/// # Errors
/// If the request is malformed or not of the department that decided, the decision is no review or is resolved already,
/// or the log does not take the resolution.
pub async fn resolve(
    local: &Arc<Local>,
    caller: &PeerIdentity,
    request: v1::ResolveRequest,
) -> Result<v1::ResolveReply, Failure> {
    let resolving = Resolving::parse(request)?;
    let (department, app) = (department(caller)?, caller.uri.to_string());
    let local = Arc::clone(local);
    let carried_through = tokio::spawn(async move {
        let _one_at_a_time = Arc::clone(&local.shared.resolving).lock_owned().await;
        let shared = Arc::clone(&local.shared);
        let prepared = aside(move || prepare(&shared, department, app, resolving)).await?;
        let index = match prepared {
            Prepared::Before(index) => index,
            Prepared::Now(draft) => {
                let Logged { index, .. } = draft.log(&local).await?;
                local.shared.counters.resolutions.one();
                index
            }
        };
        let shared = Arc::clone(&local.shared);
        // Read back, so that a repetition is told the same.
        aside(move || Recorded::read(&shared, index)?.receipt(&shared)).await
    });
    let receipt = carried_through.await.map_err(internal)??;
    Ok(v1::ResolveReply { receipt: Some(receipt) })
}

/// What is to be done about a request.
enum Prepared {
    /// It was carried out before: by this entry.
    Before(u64),
    /// This is to be logged.
    Now(Box<Draft>),
}

/// A resolution that the log may take.
struct Draft {
    resolving: Resolving,
    record: v1::ResolutionRecord,
    department: Label,
}

/// Is the review this app's to resolve, and unresolved? Then the request's id is taken.
fn prepare(
    shared: &Shared,
    department: String,
    app: String,
    resolving: Resolving,
) -> Result<Prepared, Failure> {
    let index = resolving.which.index;
    let public = decision_of(shared, &resolving.which, &department)?;
    if let Some(earlier) = shared.log_reader.resolution_of(index).map_err(internal)? {
        return repeated(shared, earlier, &app, &resolving).map(Prepared::Before);
    }
    let id: String = resolving.request_id.iter().map(|byte| format!("{byte:02x}")).collect();
    let payload = sha256(&[&resolving.bytes]);
    let recall = shared.registry.recall(&app, &id, &payload).map_err(internal)?;
    if recall == Recall::Different {
        return Err(Reason::RequestIdReused.into());
    }
    if public.outcome != Verdict::Review {
        return Err(Reason::NotAReview.into());
    }
    let decision = Recorded::read(shared, index)?;
    let now = shared.facts.now();
    if recall == Recall::New {
        let result = Box::new(|_: &[_]| Vec::new());
        let request = RequestRecord { caller: app.clone(), request_id: id, payload, result, at: now };
        shared.registry.commit(&[], Some(&request)).map_err(internal)?;
    }
    let record = resolving.record(shared.log_key.origin().as_str(), &decision, &app, now);
    let department = Label::new(&department).map_err(internal)?;
    Ok(Prepared::Now(Box::new(Draft { resolving, record, department })))
}

/// A review that is resolved is told again to the very request that resolved it, and refused to every other.
fn repeated(shared: &Shared, earlier: u64, app: &str, resolving: &Resolving) -> Result<u64, Failure> {
    let recorded = match Recorded::read(shared, earlier) {
        Err(failure) if failure.reason == Reason::DetailsErased => {
            return Err(Reason::AlreadyResolved.into());
        }
        recorded => recorded?,
    };
    let record = v1::ResolutionRecord::decode(recorded.body.clone()).map_err(internal)?;
    if recorded.request == resolving.bytes && record.app == app {
        return Ok(earlier);
    }
    match is_of_request(&record, &recorded.request, app, &resolving.request_id) {
        true => Err(Reason::RequestIdReused.into()),
        false => Err(Reason::AlreadyResolved.into()),
    }
}

impl Draft {
    async fn log(self, local: &Local) -> Result<Logged, Failure> {
        let Self { resolving, record, department } = self;
        let now = huxin_attest::UnixMs::from_ms(record.resolved_unix_ms).ok_or(Reason::Internal)?;
        let body = record.encode_to_vec();
        let private = exchange_private(&resolving.bytes, &body);
        // Nothing that a person wrote is public: names and reasons can be erased.
        let public =
            Resolution { resolution: resolving.resolved, department, decision: record.index }.encode();
        let kept = Details { request: resolving.bytes.into(), body: body.into(), ..Details::default() };
        let sealed = seal(&local.salts, LeafType::Resolution, now, public, &private, kept);
        local.log.append(Entry::new(&sealed)).await
    }
}
