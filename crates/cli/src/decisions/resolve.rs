//! `huxin resolve`: a person decides a review, by name and with a reason.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use huxin_attest::{Random as _, SystemRandom};
use huxin_ledger::LeafType;
use huxin_node::explanation;
use huxin_node::limits::REQUEST_DEADLINE;
use huxin_wire::v1;
use huxin_wire::v1::recognition_client::RecognitionClient;
use prost::Message as _;
use serde::Serialize;
use tonic::{Request, Response};

use super::{DEADLINE, Which, finding, prove, save};
use crate::connection::{Connection, block_on};
use crate::context::Context;
use crate::exit::{CliError, Exit};
use crate::messages::words::{Lines, Word};
use crate::receipt::Resolution;
use crate::{messages, retry};

/// Which review, what was decided, by whom and why.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    decided: Decided,
    /// Who decided: name or service number, at most 64 characters; it is logged
    #[arg(long, value_name = "TEXT")]
    officer: String,
    /// Why, at most 500 characters; it is logged
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Where to save the receipt; it is written for its owner only
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, ClapArgs)]
#[group(required = true, multiple = false)]
struct Decided {
    /// The person may pass
    #[arg(long)]
    admit: bool,
    /// The person may not pass; whoever decides so answers for it
    #[arg(long)]
    refuse: bool,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    resolution: Resolution,
    receipt: Place,
}

#[derive(Serialize)]
struct Place {
    log: String,
    index: u64,
    file: Option<String>,
}

/// Resolves the review, and shows the proof.
///
/// # Errors
/// If the node is not reached or refuses, or does not prove that it logged this very resolution.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let mut peer = args.connection.open()?;
    let resolution = if args.decided.admit { v1::Resolution::Admitted } else { v1::Resolution::Refused };
    let request = v1::ResolveRequest {
        request_id: SystemRandom.array::<16>().to_vec().into(),
        origin: args.which.origin.clone(),
        index: args.which.index,
        resolution: resolution.into(),
        officer: args.officer.clone(),
        reason: args.reason.clone(),
    };
    let reply = block_on(async {
        let reply = retry::call(&mut peer, DEADLINE, async |channel| {
            let mut call = Request::new(request.clone());
            call.set_timeout(REQUEST_DEADLINE);
            RecognitionClient::new(channel).resolve(call).await.map(Response::into_inner)
        });
        Ok(reply.await?)
    })?;
    let message = reply.receipt.ok_or_else(|| finding(messages::no_resolution_receipt()))?;
    let body = message.body.clone();
    let (receipt, proved) = prove(&peer, message, LeafType::Resolution, Some(&request.encode_to_vec()))?;
    let record = v1::ResolutionRecord::decode(body)
        .ok()
        .filter(|record| {
            let said = (&record.origin, record.index, record.resolution(), &record.officer, &record.reason);
            said == (&proved.log, request.index, request.resolution(), &request.officer, &request.reason)
        })
        .ok_or_else(|| finding(messages::not_verified(messages::of_another_question())))?;
    let mut shown = Shown {
        resolution: Resolution::of(&record),
        receipt: Place { log: proved.log, index: proved.index, file: None },
    };
    // A receipt that cannot be saved does not undo what was decided.
    let saved = args.receipt.as_ref().map_or(Ok(()), |path| save(path, &receipt));
    if saved.is_ok() {
        shown.receipt.file = args.receipt.as_ref().map(|path| path.display().to_string());
    }
    context.show(&shown, |shown| {
        let mut lines = Lines::new(context.lang);
        let Place { log, index, file } = &shown.receipt;
        let file = file.as_ref().map(|file| format!(" → {file}")).unwrap_or_default();
        lines.add(Word::Receipt, format_args!("{log} #{index}{file}"));
        explanation::of_resolution(&record, context.lang) + &lines.finish()
    })?;
    saved.map(|()| Exit::Clean)
}
