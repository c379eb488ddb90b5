//! The membership list, and the keys of logs that it names.

use std::path::Path;

use huxin_attest::RegionCode;
use huxin_identity::{Membership, MembershipError};
use huxin_ledger::LogVerifierKey;

use crate::exit::CliError;
use crate::findings::of_problems;
use crate::messages;

/// Reads a membership list.
///
/// # Errors
/// If it cannot be read, or is none.
pub(crate) fn load(path: &Path) -> Result<Membership, CliError> {
    Membership::load(path).map_err(|error| match error {
        MembershipError::Read(error) => CliError::environment(messages::cannot_read(path, error)),
        other => {
            let findings = of_problems(path, other.problems());
            CliError::invalid(messages::wrong_file(path, other)).with(findings)
        }
    })
}

/// The key of the log `origin`, and whose log it is.
///
/// # Errors
/// If the list names no such log.
pub(crate) fn log_key(
    membership: &Membership,
    origin: &str,
) -> Result<(RegionCode, LogVerifierKey), CliError> {
    let unknown = || CliError::new(crate::Exit::Finding, messages::unknown_log(origin));
    let (region, vkey) = membership.log(origin).ok_or_else(unknown)?;
    let key = LogVerifierKey::parse(vkey).map_err(|error| CliError::invalid(error.to_string()))?;
    Ok((region, key))
}
