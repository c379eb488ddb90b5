//! `huxin query`: asks the own province's node whether one person may pass, as an app of the province does.
//!
//! What the node says is believed only with the receipt that proves it: signed by the log that the membership list
//! names, of exactly this question and this decision.

mod shown;

use std::path::PathBuf;

use clap::Args as ClapArgs;
use huxin_attest::{AreaCode, Document, Random as _, RegionCode, SystemRandom, sha256};
use huxin_ledger::{LeafType, Receipt};
use huxin_node::limits::REQUEST_DEADLINE;
use huxin_wire::convert::document_message;
use huxin_wire::v1;
use huxin_wire::v1::recognition_client::RecognitionClient;
use prost::Message as _;
use tonic::Request;

use crate::connection::{Connection, Peer, block_on};
use crate::context::Context;
use crate::decisions::{self, DEADLINE, finding, save};
use crate::exit::{CliError, Exit};
use crate::files::{self, Subject};
use crate::{messages, receipt, retry};
pub(crate) use shown::Shown;

/// Who stands where, and why it is asked.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// The place, as places.toml names it; it must be bound to the certificate
    #[arg(long, value_name = "ID")]
    place: String,
    /// Why: a purpose that the place is registered for
    #[arg(long)]
    purpose: String,
    /// The document shown: its type (GA/T 517), a colon, its number; - reads it from standard input, and no shell history
    /// keeps it
    #[arg(long, value_name = "TYPE:NUMBER|-", value_parser = files::subject)]
    document: Subject,
    /// The province that holds the person's code
    #[arg(long, value_name = "CODE")]
    home: RegionCode,
    /// A province where the person was tested; up to three
    #[arg(long, value_name = "CODE")]
    tested_in: Vec<RegionCode>,
    /// Where the person says to come from
    #[arg(long, value_name = "AREA")]
    origin: Option<AreaCode>,
    /// The age that a proxy declares; counts only if the document states no birth date
    #[arg(long, value_name = "YEARS", value_parser = clap::value_parser!(u32).range(0..=150))]
    declared_age: Option<u32>,
    /// The caller's own reference of the case; it is logged, so never a name or a number of a person
    #[arg(long, value_name = "TEXT", default_value = "")]
    case_ref: String,
    /// Where to save the receipt; it holds personal data and is written for its owner only
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
    #[command(flatten)]
    connection: Connection,
}

/// Asks, and shows the decision. Admit and review are both answers.
///
/// # Errors
/// If the node is not reached or refuses, or what it says is not proved.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let mut peer = args.connection.open()?;
    let request = request(args, &args.document.read()?);
    let reply = block_on(ask(&mut peer, &request))?;
    let [recognised] = reply.results.as_slice() else {
        return Err(finding(messages::not_one_decision()));
    };
    let decision = recognised.decision.as_ref().ok_or_else(|| finding(messages::not_one_decision()))?;
    let proved = match &recognised.receipt {
        Some(message) => Some(prove(&peer, message, decision, &request)?),
        // Where nothing was asked about the person there is no entry to prove.
        None if decision.asked.is_empty() => None,
        None => return Err(finding(messages::no_receipt())),
    };
    let mut shown = Shown::new(decision, proved.as_ref().map(|(_, shown)| shown));
    // A receipt that cannot be saved does not take the decision away from whoever waits at the door.
    let saved = match (&args.receipt, &proved) {
        (Some(path), Some((receipt, _))) => save(path, receipt).map(|()| shown.saved(path)),
        (Some(_), None) => {
            context.note(&messages::nothing_to_save());
            Ok(())
        }
        (None, _) => Ok(()),
    };
    context.show(&shown, |shown| shown.to_text(context.lang))?;
    saved.map(|()| Exit::Clean)
}

fn request(args: &Args, document: &Document) -> v1::RecogniseRequest {
    let presentation = v1::Presentation {
        document: Some(v1::PresentedDocument {
            document: Some(document_message(document)),
            home_region: args.home.to_string(),
        }),
        test_regions: args.tested_in.iter().map(ToString::to_string).collect(),
        declared_age: args.declared_age,
    };
    v1::RecogniseRequest {
        presentations: vec![presentation],
        place_id: args.place.clone(),
        purpose: args.purpose.clone(),
        origin_area: args.origin.map(|area| area.to_string()).unwrap_or_default(),
        case_ref: args.case_ref.clone(),
        request_id: SystemRandom.array::<16>().to_vec().into(),
    }
}

async fn ask(peer: &mut Peer, request: &v1::RecogniseRequest) -> Result<v1::RecogniseReply, CliError> {
    let reply = retry::call(peer, DEADLINE, async |channel| {
        let mut call = Request::new(request.clone());
        call.set_timeout(REQUEST_DEADLINE);
        RecognitionClient::new(channel).recognise(call).await.map(tonic::Response::into_inner)
    });
    Ok(reply.await?)
}

/// The receipt, if it proves that the log of the own province holds this decision about this question.
fn prove(
    peer: &Peer,
    message: &v1::Receipt,
    decision: &v1::Decision,
    request: &v1::RecogniseRequest,
) -> Result<(Receipt, receipt::Shown), CliError> {
    let request = request.encode_to_vec();
    let is_about = decision.request_sha256 == sha256(&[&request]).0.as_slice()
        && v1::Decision::decode(message.body.clone()).is_ok_and(|body| body == *decision);
    if !is_about {
        return Err(finding(messages::not_verified(messages::of_another_question())));
    }
    decisions::prove(peer, message.clone(), LeafType::Decision, Some(&request))
}
