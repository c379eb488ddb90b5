//! Entries about a decision, read back from the log with what opens them.

use std::sync::Arc;

use bytes::Bytes;
use huxin_attest::sha256;
use huxin_ledger::log::ReadError;
use huxin_ledger::public::Decision;
use huxin_ledger::{Leaf, LeafType, Salt};
use huxin_wire::convert::fixed;
use huxin_wire::{Failure, Reason, v1};
use prost::Message as _;

use super::convert::Which;
use super::internal;
use crate::exchange::Details;
use crate::log_port::Logged;
use crate::recognise::receipt;
use crate::shared::Shared;

/// A decision or a resolution as the log keeps it.
pub struct Recorded {
    /// Its place in the log.
    pub index: u64,
    /// What the log holds.
    pub leaf: Leaf,
    /// The request's exact bytes.
    pub request: Bytes,
    /// The body's exact bytes.
    pub body: Bytes,
    salt1: Salt,
    public: Bytes,
    salt2: Salt,
}

/// The public part of a decision of this department, whatever else is known of it.
///
/// # Errors
/// [`Reason::DecisionUnknown`] if there is none, or it is another department's.
pub fn decision_of(shared: &Shared, which: &Which, department: &str) -> Result<Decision, Failure> {
    if !which.origin.is_empty() && which.origin != shared.log_key.origin().as_str() {
        return Err(Reason::DecisionUnknown.into());
    }
    let kept = shared.log_reader.kept(which.index).map_err(unknown)?;
    let public = (kept.leaf.leaf_type == LeafType::Decision).then(|| Decision::decode(&kept.public));
    match public {
        Some(Ok(decision)) if decision.department.as_str() == department => Ok(decision),
        _ => Err(Reason::DecisionUnknown.into()),
    }
}

fn unknown(error: ReadError) -> Failure {
    match error {
        ReadError::Beyond(_) => Reason::DecisionUnknown.into(),
        _ => internal(error),
    }
}

impl Recorded {
    /// Reads an entry that is known to be of a decision or a resolution.
    ///
    /// # Errors
    /// [`Reason::DetailsErased`] if what opens it was erased.
    pub fn read(shared: &Shared, index: u64) -> Result<Self, Failure> {
        let kept = shared.log_reader.kept(index).map_err(unknown)?;
        let details = kept.details.ok_or(Reason::DetailsErased)?;
        let Details { salt2, request, body, .. } = Details::decode(&*details).map_err(internal)?;
        let salt2 = Salt(fixed(&salt2, "salt2").map_err(internal)?);
        Ok(Self {
            index,
            leaf: kept.leaf,
            request,
            body,
            salt1: kept.salt1,
            public: kept.public.into(),
            salt2,
        })
    }

    /// The proof that it stands in the log, by the newest checkpoint.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub fn receipt(&self, shared: &Shared) -> Result<v1::Receipt, Failure> {
        let head = shared.log_reader.head();
        let size = head.checkpoint().size;
        let path = shared.log_reader.inclusion(self.index, size).map_err(internal)?;
        let logged = Logged { index: self.index, path, checkpoint: Arc::clone(head.text()) };
        let contents = receipt::Contents {
            leaf: self.leaf,
            salt1: self.salt1,
            public: self.public.clone(),
            salt2: self.salt2,
            request_sha256: Bytes::copy_from_slice(&sha256(&[&self.request]).0),
            body: self.body.clone(),
        };
        Ok(receipt::message(shared.log_key.origin(), &logged, contents))
    }
}
