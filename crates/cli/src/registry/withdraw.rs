//! `huxin registry withdraw`: takes back a statement of the own department.

use clap::Args as ClapArgs;
use huxin_attest::{Digest, Random as _, SystemRandom};
use huxin_node::limits::REQUEST_DEADLINE;
use huxin_wire::convert::document_message;
use huxin_wire::v1;
use huxin_wire::v1::registry_client::RegistryClient;
use serde::Serialize;

use super::key::department;
use crate::connection::{Connection, block_on};
use crate::context::Context;
use crate::exit::{CliError, Exit};
use crate::files::{self, Subject};
use crate::{messages, retry};

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Whom it is about, or - to read TYPE:NUMBER from the standard input: shells keep what is typed on the command line
    #[arg(long, value_name = "TYPE:NUMBER|-", value_parser = files::subject)]
    document: Subject,
    /// The statement's digest, as state and history show it
    #[arg(long, value_name = "HEX", value_parser = digest)]
    digest: Digest,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Serialize)]
struct Withdrawn {
    digest: String,
    /// False if it was withdrawn before.
    changed: bool,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let mut peer = args.connection.open()?;
    department(None, &peer)?;
    let request = v1::WithdrawRequest {
        request_id: SystemRandom.array::<16>().to_vec().into(),
        subject: Some(document_message(&args.document.read()?)),
        digest: args.digest.0.to_vec().into(),
    };
    let reply = block_on(async {
        let call = retry::call(&mut peer, REQUEST_DEADLINE, async |channel| {
            RegistryClient::new(channel).withdraw(request.clone()).await
        });
        Ok(call.await?.into_inner())
    })?;
    let withdrawn = Withdrawn { digest: args.digest.to_string(), changed: reply.changed };
    context
        .show(&withdrawn, |withdrawn| messages::withdrawn(withdrawn.changed).get(context.lang).to_owned())?;
    Ok(Exit::Clean)
}

fn digest(text: &str) -> Result<Digest, String> {
    Digest::from_hex(text).ok_or_else(|| "a digest has 64 hexadecimal digits".to_owned())
}
