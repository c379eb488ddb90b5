//! Turns a fact in plain fields into the exact bytes to sign. Stores nothing and signs nothing.

mod convert;

use huxin_attest::{
    Claims, Clock as _, KeyId, SubjectSalt, UnixSecs, single_header, statement_digest, to_be_signed,
};
use huxin_identity::PeerIdentity;
use huxin_wire::convert::InvalidField;
use huxin_wire::{Failure, Reason, v1};

use super::department;
use crate::local::Local;
use convert::{Fact, Stated};

/// The bytes that the calling department signs to state a fact, with a fresh salt.
///
/// # Errors
/// If a field is not what it must be, or the key is not one that the membership list gives the department at that time.
pub fn prepare(
    local: &Local,
    caller: &PeerIdentity,
    request: v1::PrepareRequest,
) -> Result<v1::PrepareReply, Failure> {
    let shared = &local.shared;
    let stated = Stated {
        region: shared.region,
        department: department(caller)?,
        now: UnixSecs::at(shared.facts.now()),
        salt: SubjectSalt(local.salts.take()),
    };
    let Fact { fields, kid } = convert::prepare(request, &stated)?;
    let claims = Claims::new(fields).map_err(|error| InvalidField::form("claims", error))?;
    check_key(local, &claims, kid)?;
    let bytes = claims.to_bytes();
    Ok(v1::PrepareReply {
        to_be_signed: to_be_signed(&claims, kid).into(),
        protected: single_header(kid).into(),
        subject_salt: stated.salt.0.to_vec().into(),
        digest: statement_digest(&bytes).0.to_vec().into(),
        claims: bytes.into(),
    })
}

/// State would refuse a statement under another key, so it is not worth a signature.
fn check_key(local: &Local, claims: &Claims, kid: KeyId) -> Result<(), Failure> {
    let shared = &local.shared;
    let listed = shared.membership.listed_key(shared.region, kid);
    let (_, key) = listed.filter(|(owner, _)| owner.name == claims.department).ok_or_else(|| {
        Failure::new(
            Reason::NotYoursToState,
            "kid: the membership list does not give your department this key",
        )
    })?;
    let stated_at = claims.stated_at.to_ms();
    if stated_at < key.from || key.until <= stated_at {
        return Err(Failure::new(
            Reason::NotYoursToState,
            "kid: the key is not valid at the time of the statement",
        ));
    }
    Ok(())
}
