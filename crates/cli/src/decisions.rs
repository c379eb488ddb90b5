//! `huxin resolve`, `huxin explain`, `huxin reviews`: what becomes of the decisions of the caller's department.
//!
//! What the node says is believed only with the receipt that proves it.

pub(crate) mod explain;
pub(crate) mod resolve;
pub(crate) mod reviews;

use std::path::Path;
use std::time::Duration;

use clap::Args as ClapArgs;
use huxin_identity::pki::write::write_secret;
use huxin_ledger::receipt::{Part, Private};
use huxin_ledger::{LeafType, Receipt};
use huxin_node::limits::REQUEST_DEADLINE;
use huxin_wire::v1;

use crate::connection::Peer;
use crate::exit::{CliError, Exit};
use crate::messages::{self, Text};
use crate::{federation, receipt, receipts};

/// The node ends a call by itself; a little more is for the way.
pub(crate) const DEADLINE: Duration = REQUEST_DEADLINE.saturating_add(Duration::from_secs(1));

/// Which decision is meant, as its receipt names it.
#[derive(Debug, ClapArgs)]
pub(crate) struct Which {
    /// The decision's entry in the log
    #[arg(long, value_name = "N")]
    index: u64,
    /// The log [default: the only one of the node]
    #[arg(long, value_name = "LOG", default_value = "")]
    origin: String,
}

/// The receipt, if it proves that the log of the own province holds an entry of this type: about these bytes, where
/// they are known.
///
/// # Errors
/// If it does not.
pub(crate) fn prove(
    peer: &Peer,
    message: v1::Receipt,
    leaf_type: LeafType,
    request: Option<&[u8]>,
) -> Result<(Receipt, receipt::Shown), CliError> {
    let origin = message.origin.clone();
    let mut receipt = receipts::from_message(message)
        .map_err(|problem| finding(messages::not_verified(problem.to_string().into())))?;
    let (region, key) = federation::log_key(&peer.membership, &origin)?;
    if region != peer.region || receipt.contents.leaf_type != leaf_type {
        return Err(finding(messages::not_verified(messages::of_another_question())));
    }
    if let (Private::Exchange { query, .. }, Some(request)) = (&mut receipt.contents.private, request) {
        // Not the hash that the node claims: the bytes that were sent.
        *query = Part::Bytes(request.to_vec());
    }
    let shown = receipt::Shown::verify(&receipt, &key, Some(region))
        .map_err(|problem| finding(messages::not_verified(problem)))?;
    Ok((receipt, shown))
}

/// Saves a receipt for its owner only.
///
/// # Errors
/// If it cannot be written: what it proves stands all the same.
pub(crate) fn save(path: &Path, receipt: &Receipt) -> Result<(), CliError> {
    write_secret(path, &receipt.to_text())
        .map_err(|error| CliError::environment(messages::receipt_not_saved(error)))
}

/// What a node says is not proved.
pub(crate) fn finding(text: Text) -> CliError {
    CliError::new(Exit::Finding, text)
}
