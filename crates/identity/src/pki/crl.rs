//! Revocation lists.

use huxin_attest::UnixMs;
use rcgen::{CertificateRevocationListParams, KeyIdMethod, RevokedCertParams};

use super::ca::Ca;
use super::{PkiError, Validity, date_time};
use crate::profile::Serial;

/// A revoked certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    /// Its serial number.
    pub serial: Serial,
    /// When it was revoked.
    pub at: UnixMs,
}

impl Ca {
    /// The list of everything that this authority revoked, PEM. `number` grows with each list; `valid` is from
    /// `thisUpdate` until `nextUpdate`, after which the list is refused.
    ///
    /// # Errors
    /// If the validity is empty or the certificate library fails.
    pub fn revocation_list(
        &self,
        number: u64,
        valid: Validity,
        revoked: &[Revoked],
    ) -> Result<String, PkiError> {
        if valid.from.as_secs() >= valid.until.as_secs() {
            return Err(PkiError::Validity);
        }
        let revoked_certs = revoked.iter().map(|revoked| RevokedCertParams {
            serial_number: revoked.serial.as_bytes().to_vec().into(),
            revocation_time: date_time(revoked.at),
            reason_code: None,
            invalidity_date: None,
        });
        let params = CertificateRevocationListParams {
            this_update: date_time(valid.from),
            next_update: date_time(valid.until),
            crl_number: number.into(),
            issuing_distribution_point: None,
            revoked_certs: revoked_certs.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        Ok(params.signed_by(&self.issuer)?.pem()?)
    }
}
