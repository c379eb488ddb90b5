//! Why a certificate was not accepted: one stable word a reason, and nothing about the peer.
//!
//! A peer learns a TLS alert only; the word goes to our own logs and metrics. Whoever sees a [`rustls::Error`] finds the
//! reason again with [`Refusal::of`].

use std::sync::Arc;

use rustls::{CertificateError, OtherError};

/// The check that a certificate failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum Refusal {
    /// Not a certificate that can be read.
    #[error("the certificate cannot be read")]
    Malformed,
    /// No URI among the alternative names.
    #[error("the certificate names no identity; issue it with exactly one spiffe:// URI")]
    NoUri,
    /// More than one URI among the alternative names.
    #[error("the certificate names several identities; issue it with exactly one spiffe:// URI")]
    SeveralUris,
    /// The URI is no identity of ours, or another kind of name stands beside it.
    #[error("the certificate's names are not an identity of this federation and host names")]
    BadIdentity,
    /// The certificate of an authority, used as a party's.
    #[error("a certificate authority's certificate cannot be used as a party's own")]
    IsCa,
    /// Key usage or extended key usage does not fit.
    #[error(
        "the certificate's key usage does not fit; it needs digitalSignature, and client or server authentication if any purpose is listed"
    )]
    WrongUse,
    /// Not an ECDSA P-256 key.
    #[error("the certificate's key is not ECDSA P-256")]
    WrongKey,
    /// No member or supervisor has the trust domain.
    #[error("no member or supervisor has this trust domain")]
    UnknownTrustDomain,
    /// A supervisor's role in a province's trust domain, or another role in a supervisor's.
    #[error("this role does not belong in this trust domain")]
    WrongRole,
    /// The server is not a node of the province that was dialled.
    #[error("the server is not a node of the province that was dialled")]
    UnexpectedPeer,
    /// The server's certificate does not name the host that was dialled.
    #[error("the server's certificate does not name the host that was dialled")]
    WrongServerName,
    /// Not signed by the trust domain's roots.
    #[error("the certificate was not issued under the roots of its trust domain")]
    UntrustedIssuer,
    /// Past its end.
    #[error("the certificate has expired; issue a new one")]
    Expired,
    /// Before its beginning.
    #[error("the certificate is not valid yet; check the clocks")]
    NotYetValid,
    /// On the revocation list.
    #[error("the certificate was revoked")]
    Revoked,
    /// No usable revocation list says whether the certificate is revoked.
    #[error("no revocation list of the issuer can be used; fetch it and reload")]
    RevocationUnknown,
    /// The list's `nextUpdate` has passed.
    #[error("the revocation list has passed its next update; fetch the current one")]
    CrlExpired,
    /// The list is older than the membership list allows.
    #[error("the revocation list is older than max_age; fetch the current one")]
    CrlTooOld,
    /// The list's `thisUpdate` lies ahead.
    #[error("the revocation list begins in the future; check the clocks")]
    CrlNotYetValid,
    /// The membership list has passed its end.
    #[error("the membership list has expired; apply the next version")]
    MembershipExpired,
    /// Another failure of the verification library.
    #[error("the certificate was not accepted")]
    Other,
}

impl Refusal {
    /// The stable word for logs and metrics.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Malformed => "certificate_malformed",
            Self::NoUri => "no_uri",
            Self::SeveralUris => "several_uris",
            Self::BadIdentity => "bad_identity",
            Self::IsCa => "is_ca",
            Self::WrongUse => "wrong_use",
            Self::WrongKey => "wrong_key",
            Self::UnknownTrustDomain => "unknown_trust_domain",
            Self::WrongRole => "wrong_role",
            Self::UnexpectedPeer => "unexpected_peer",
            Self::WrongServerName => "wrong_server_name",
            Self::UntrustedIssuer => "untrusted_issuer",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::Revoked => "revoked",
            Self::RevocationUnknown => "revocation_unknown",
            Self::CrlExpired => "crl_expired",
            Self::CrlTooOld => "crl_too_old",
            Self::CrlNotYetValid => "crl_not_yet_valid",
            Self::MembershipExpired => "membership_expired",
            Self::Other => "certificate_refused",
        }
    }

    /// The reason inside an error of a TLS connection; `None` if our checks did not cause it.
    pub fn of(error: &rustls::Error) -> Option<Self> {
        use CertificateError as E;
        let error = match error {
            rustls::Error::InvalidCertificate(error) => error,
            rustls::Error::InvalidCertRevocationList(_) => return Some(Self::RevocationUnknown),
            _ => return None,
        };
        Some(match error {
            E::Other(OtherError(inner)) => inner.downcast_ref::<Self>().copied().unwrap_or(Self::Other),
            E::BadEncoding | E::UnhandledCriticalExtension => Self::Malformed,
            E::Expired | E::ExpiredContext { .. } => Self::Expired,
            E::NotValidYet | E::NotValidYetContext { .. } => Self::NotYetValid,
            E::Revoked => Self::Revoked,
            E::UnknownIssuer | E::BadSignature => Self::UntrustedIssuer,
            E::UnknownRevocationStatus => Self::RevocationUnknown,
            E::ExpiredRevocationList | E::ExpiredRevocationListContext { .. } => Self::CrlExpired,
            E::NotValidForName | E::NotValidForNameContext { .. } => Self::WrongServerName,
            E::InvalidPurpose | E::InvalidPurposeContext { .. } => Self::WrongUse,
            _ => Self::Other,
        })
    }
}

/// The peer sees the alert `certificate_unknown`.
impl From<Refusal> for rustls::Error {
    fn from(refusal: Refusal) -> Self {
        Self::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(refusal))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_survives_the_way_through_the_tls_library() {
        for refusal in [Refusal::NoUri, Refusal::CrlTooOld, Refusal::UnexpectedPeer] {
            assert_eq!(Refusal::of(&refusal.into()), Some(refusal));
        }
        assert_eq!(Refusal::of(&CertificateError::Revoked.into()), Some(Refusal::Revoked));
        assert_eq!(Refusal::of(&rustls::Error::HandshakeNotComplete), None);
    }
}
