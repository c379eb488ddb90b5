//! Who is at the other end of a connection, read from the certificate that its handshake verified.
//!
//! This reads and looks up; it verifies nothing. Hand it only what a connection made with [`crate::tls`] reports.

use std::sync::Arc;

use huxin_attest::{RegionCode, UnixMs};
use rustls_pki_types::CertificateDer;

use crate::membership::Membership;
use crate::profile::{Profile, Serial, Use};
use crate::refusal::Refusal;
use crate::spiffe::{RoleKind, SpiffeId};

/// The other end of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerIdentity {
    /// Its province; `None` for supervisors.
    pub region: Option<RegionCode>,
    /// Who it is.
    pub id: SpiffeId,
    /// The same as text, to write down without printing it anew.
    pub uri: Arc<str>,
    /// Its certificate's serial number.
    pub serial: Serial,
    /// The end of its certificate: the connection must not outlive it.
    pub not_after: UnixMs,
}

/// Reads who the peer is.
///
/// # Errors
/// If it showed no certificate, or the membership list in force no longer has its trust domain in this use.
pub fn identity_of(
    peer_certificates: &[CertificateDer<'_>],
    membership: &Membership,
) -> Result<PeerIdentity, Refusal> {
    let leaf = peer_certificates.first().ok_or(Refusal::Malformed)?;
    let Profile { id, serial, not_after, .. } = Profile::read(leaf, Use::Any)?;
    let supervisor = id.role.kind() == RoleKind::Supervisor;
    let region = match membership.member_by_trust_domain(&id.trust_domain) {
        Some(member) if !supervisor => Some(member.region),
        None if supervisor && membership.supervisor(&id.trust_domain).is_some() => None,
        None if membership.supervisor(&id.trust_domain).is_none() => return Err(Refusal::UnknownTrustDomain),
        _ => return Err(Refusal::WrongRole),
    };
    let uri = id.to_string().into();
    Ok(PeerIdentity { region, id, uri, serial, not_after })
}
