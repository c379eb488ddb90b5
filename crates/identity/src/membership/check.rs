//! Checks across the keys of `federation.toml`, and of the forms that only it uses.

use std::collections::HashSet;

use huxin_attest::{KeyId, PublicKey};
use rustls_pki_types::CertificateDer;

use super::{Department, Log, Member, PolicySigner, Supervisor};
use crate::files::{FileName, FileSource};
use crate::name::TrustDomain;
use crate::pem;
use crate::pki::root::check_root;
use crate::reader::Table;

const MAX_ORIGIN: usize = 300;
const MAX_VKEY: usize = 400;

/// The threshold can be reached by the signers that are listed.
pub(super) fn threshold(table: &Table<'_>, threshold: Option<u32>, signers: Option<usize>) {
    if let (Some(threshold), Some(signers)) = (threshold, signers)
        && usize::try_from(threshold).is_ok_and(|threshold| threshold > signers)
    {
        table.complain("threshold", "is greater than the number of signers; it could never be reached");
    }
}

/// The id is that of the key, and no other key of the document has it.
pub(super) fn key_id(table: &Table<'_>, name: &'static str, id: Option<KeyId>, key: Option<&PublicKey>) {
    let (Some(id), Some(key)) = (id, key) else { return };
    if id != key.id() {
        table.complain(name, format!("does not belong to the key beside it, whose id is {}", key.id()));
    }
    table.once(name, "key id", id);
}

/// No more logs than the member may run.
pub(super) fn log_count(table: &Table<'_>, max_logs: Option<u32>, logs: Option<&[Log]>) {
    if let (Some(max), Some(logs)) = (max_logs, logs)
        && usize::try_from(max).is_ok_and(|max| logs.len() > max)
    {
        table.complain("logs", format!("lists more logs than max_logs = {max} allows"));
    }
}

/// Each department's name stands once in its province.
pub(super) fn department_names(table: &Table<'_>, departments: Option<&[Department]>) {
    let mut taken = HashSet::new();
    for department in departments.unwrap_or_default() {
        if !taken.insert(&department.name) {
            let name = &department.name;
            table.complain(
                "department",
                format!("the name {name} is taken; each must be unique in a province"),
            );
        }
    }
}

/// Each signer's name stands once in its province.
pub(super) fn signer_ids(table: &Table<'_>, signers: Option<&[PolicySigner]>) {
    let mut taken = HashSet::new();
    for PolicySigner { id, .. } in signers.unwrap_or_default() {
        if !taken.insert(id) {
            table.complain("signers", format!("the id {id} is taken; each must be unique in a province"));
        }
    }
}

/// Supervisors supervise members only.
pub(super) fn supervised(table: &Table<'_>, members: &[Member], supervisors: &[Supervisor]) {
    for region in supervisors.iter().flat_map(|supervisor| &supervisor.regions) {
        if !members.iter().any(|member| member.region == *region) {
            table.complain("supervisor", format!("region {region} is not a member; remove it from regions"));
        }
    }
}

/// Reads the roots of a trust domain: certificates of an authority, one or more a file.
pub(super) fn roots(
    table: &Table<'_>,
    names: Option<Vec<FileName>>,
    trust_domain: Option<&TrustDomain>,
    files: &dyn FileSource,
) -> Option<Vec<CertificateDer<'static>>> {
    let mut roots = Vec::new();
    for name in names? {
        let read = files.read(&name).map_err(|error| format!("{name} cannot be read: {error}"));
        let certificates = read.and_then(|pem| {
            pem::certificates(&pem)
                .ok_or_else(|| format!("{name} must hold certificates in PEM form, and no more than 16"))
        });
        let checked = certificates.and_then(|certificates| {
            certificates.iter().try_for_each(|root| {
                check_root(root, trust_domain).map(drop).map_err(|error| format!("{name}: {error}"))
            })?;
            Ok(certificates)
        });
        match checked {
            Ok(certificates) => roots.extend(certificates),
            Err(message) => table.complain("roots", message),
        }
    }
    // A root that stands in two places would join trust domains that must be apart.
    for root in &roots {
        table.once("roots", "root certificate with digest", huxin_attest::sha256(&[root]));
    }
    Some(roots)
}

/// The id of a policy document.
pub(super) fn document_id(text: &str) -> Result<String, String> {
    let listed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=64).contains(&text.len()) && text.bytes().all(listed) {
        Ok(text.into())
    } else {
        Err("not a document id: 1 to 64 of A–Z, 0–9 and hyphen".into())
    }
}

/// A log's name begins with the trust domain that it belongs to, so that no member can take another's.
pub(super) fn origin(text: &str, trust_domain: Option<&TrustDomain>) -> Result<String, String> {
    let Some(trust_domain) = trust_domain else {
        return Err("cannot be checked without trust_domain".into());
    };
    let number = text
        .strip_prefix(trust_domain.as_str())
        .and_then(|rest| rest.strip_prefix("/log/"))
        .filter(|number| (1..=9).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit()));
    match number {
        Some(number) if text.len() <= MAX_ORIGIN && (number == "0" || !number.starts_with('0')) => {
            Ok(text.into())
        }
        _ => Err(format!("must be {trust_domain}/log/ and a number")),
    }
}

/// A verifier key of C2SP signed-note begins with the log's origin. Its hash and key are read by the ledger.
pub(super) fn vkey(text: &str, origin: Option<&str>) -> Result<String, String> {
    let Some(origin) = origin else { return Err("cannot be checked without origin".into()) };
    let rest = text.strip_prefix(origin).and_then(|rest| rest.strip_prefix('+'));
    let formed = rest.and_then(|rest| rest.split_once('+')).is_some_and(|(hash, key)| {
        hash.len() == 8
            && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
            && !key.is_empty()
            && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
    });
    if formed && text.len() <= MAX_VKEY {
        Ok(text.into())
    } else {
        Err(format!("must be {origin}+, eight hexadecimal digits, + and the key in base64"))
    }
}
