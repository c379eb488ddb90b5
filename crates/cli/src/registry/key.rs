//! With which key a department signs, and whether that can be of use.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use huxin_attest::{DepartmentName, Ed25519Key, Signer as _};

use crate::connection::Peer;
use crate::exit::CliError;
use crate::{files, messages};

/// The department and its statement key.
#[derive(Debug, ClapArgs)]
pub(super) struct SigningKey {
    /// The department that states [default: the one of the certificate]
    #[arg(long, value_name = "NAME")]
    pub(super) department: Option<DepartmentName>,
    /// The department's statement key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
}

impl SigningKey {
    /// Reads the key. One that the membership list does not give the department would sign in vain.
    ///
    /// # Errors
    /// If it cannot be read, or is not listed.
    pub(super) fn open(&self, peer: &Peer, department: DepartmentName) -> Result<Ed25519Key, CliError> {
        let key = files::signing_key(&self.key)?;
        let listed = peer.membership.department(peer.region, department.as_str());
        let listed =
            listed.is_some_and(|listed| listed.keys.iter().any(|one| one.public == *key.public_key()));
        if listed { Ok(key) } else { Err(CliError::invalid(messages::key_not_listed(&self.key, department))) }
    }
}

/// The department that the certificate names, which must be the one that is meant.
///
/// # Errors
/// If the certificate is none of a department, or another's.
pub(super) fn department(meant: Option<DepartmentName>, peer: &Peer) -> Result<DepartmentName, CliError> {
    let name = peer.own.role.department().map(|name| name.as_str()).unwrap_or_default();
    let named: Option<DepartmentName> = name.parse().ok();
    match (named, meant) {
        (Some(named), None) => Ok(named),
        (Some(named), Some(meant)) if named == meant => Ok(named),
        _ => Err(CliError::usage(messages::not_the_departments_certificate(&peer.own))),
    }
}
