//! Issues certificates, revocation lists and keys.
//!
//! Functions return PEM text; [`mod@write`] puts it into files. Private keys pass through memory that is wiped. Times and
//! serial numbers come from the caller; the ECDSA keys and signatures take their randomness from the cryptographic
//! library, which accepts no other.

pub mod ca;
pub mod crl;
pub mod description;
pub mod example;
pub mod keys;
pub mod leaf;
pub mod root;
pub mod write;

use std::path::PathBuf;

use huxin_attest::UnixMs;

use crate::membership::MembershipError;
use crate::reader::Problem;

pub use ca::Ca;
pub use leaf::{Host, Issued};

/// A failure to make or to write certificates and keys.
#[derive(Debug, thiserror::Error)]
pub enum PkiError {
    /// The certificate library refused.
    #[error("the certificate cannot be made: {0}")]
    Library(#[from] rcgen::Error),
    /// A validity that ends before it begins.
    #[error("the validity must end after it begins")]
    Validity,
    /// Not a key in PKCS #8 PEM form.
    #[error("not one private key in PEM form (PKCS #8)")]
    BadKey,
    /// Not an authority's certificate in PEM form.
    #[error("not one certificate of an authority made by huxin pki, in PEM form")]
    BadAuthority,
    /// The key is not the certificate's.
    #[error("the private key does not belong to the certificate")]
    KeyMismatch,
    /// The file is there already.
    #[error("{} exists; remove it first if it is no longer needed", .0.display())]
    Exists(PathBuf),
    /// The file cannot be written.
    #[error("{} cannot be written: {error}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// Everything that is wrong with the description, by line.
    #[error("the description is invalid:{}", .0.iter().map(|problem| format!("\n  {problem}")).collect::<String>())]
    Description(Vec<Problem>),
    /// No endpoints were given for a province of the description.
    #[error("no endpoint was given for region {0}; give each province of the description at least one")]
    NoEndpoint(huxin_attest::RegionCode),
    /// The membership list that was made cannot be read back.
    #[error(transparent)]
    Membership(#[from] MembershipError),
}

/// From when until when a certificate is valid: both inclusive, to the second (RFC 5280).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The beginning.
    pub from: UnixMs,
    /// The end.
    pub until: UnixMs,
}

impl Validity {
    fn apply(self, params: &mut rcgen::CertificateParams) -> Result<(), PkiError> {
        if self.from.as_secs() >= self.until.as_secs() {
            return Err(PkiError::Validity);
        }
        params.not_before = date_time(self.from);
        params.not_after = date_time(self.until);
        Ok(())
    }
}

/// The same second for the certificate library. Within its range, since [`UnixMs`] ends with the year 9999.
fn date_time(moment: UnixMs) -> time::OffsetDateTime {
    time::OffsetDateTime::UNIX_EPOCH + std::time::Duration::from_secs(moment.as_secs().unsigned_abs())
}

#[cfg(test)]
mod tests;
