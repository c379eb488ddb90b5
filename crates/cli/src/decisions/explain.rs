//! `huxin explain`: why a decision came out as it did, what would change it, and what became of it.

use std::path::PathBuf;

use clap::Args as ClapArgs;
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
use crate::{messages, query, retry};

/// Which decision.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
    /// Where to save the decision's receipt; it holds personal data and is written for its owner only
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
struct Shown<'a> {
    decision: query::Shown<'a>,
    /// What a human did with it. The node's word: the proof of it is its own receipt.
    resolution: Option<Resolution>,
    text: String,
}

/// Explains a decision.
///
/// # Errors
/// If the node is not reached or refuses, or does not prove that it logged this decision.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let mut peer = args.connection.open()?;
    let request = v1::ExplainRequest { origin: args.which.origin.clone(), index: args.which.index };
    let reply = block_on(async {
        let reply = retry::call(&mut peer, DEADLINE, async |channel| {
            let mut call = Request::new(request.clone());
            call.set_timeout(REQUEST_DEADLINE);
            RecognitionClient::new(channel).explain(call).await.map(Response::into_inner)
        });
        Ok(reply.await?)
    })?;
    // The words are composed here, from what is proved.
    let v1::ExplainReply { decision, receipt, resolution, text_zh: _, text_en: _ } = reply;
    let (Some(decision), Some(message)) = (decision, receipt) else {
        return Err(finding(messages::no_receipt()));
    };
    let is_body = v1::Decision::decode(message.body.clone()).is_ok_and(|body| body == decision);
    let is_meant =
        message.index == request.index && (request.origin.is_empty() || message.origin == request.origin);
    if !is_body || !is_meant {
        return Err(finding(messages::not_verified(messages::of_another_question())));
    }
    let (receipt, proved) = prove(&peer, message, LeafType::Decision, None)?;
    let mut shown = Shown {
        decision: query::Shown::new(&decision, Some(&proved)),
        resolution: resolution.as_ref().map(Resolution::of),
        text: explanation::of_decision(&decision, resolution.as_ref(), context.lang),
    };
    if let Some(path) = &args.receipt {
        save(path, &receipt)?;
        shown.decision.saved(path);
    }
    context.show(&shown, |shown| {
        let mut lines = Lines::new(context.lang);
        let file = args.receipt.as_ref().map(|path| format!(" → {}", path.display())).unwrap_or_default();
        lines.add(Word::Receipt, format_args!("{} #{}{file}", proved.log, proved.index));
        shown.text.clone() + &lines.finish()
    })?;
    Ok(Exit::Clean)
}
