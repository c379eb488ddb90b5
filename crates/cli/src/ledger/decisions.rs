//! `huxin ledger decisions`: a stopped node's own decisions as JSON Lines, in the language of policies, without persons.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use huxin_ledger::LeafType;
use huxin_ledger::audit::entries;
use huxin_ledger::public::Aggregate;
use huxin_node::decision_log::{self, NoLine};
use serde::Serialize;

use super::folder::of_folder;
use crate::context::Context;
use crate::exit::{CliError, Exit};
use crate::messages;
use crate::receipt::Keys;

/// A stopped node's data.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The node's data folder
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The log's name, where the membership list gives the key
    #[arg(long, value_name = "NAME")]
    origin: Option<String>,
    #[command(flatten)]
    keys: Keys,
}

/// What was exported, and what could not be.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Exported {
    /// Decisions that were written.
    pub(crate) written: u64,
    /// Of these, how many hold statements that the language of policies cannot tell.
    pub(crate) with_untold: u64,
    /// Decisions for which nothing was asked: only their number is logged.
    pub(crate) nothing_asked: u64,
    /// Decisions that give no line, by the reason.
    pub(crate) left_out: BTreeMap<String, u64>,
}

pub(super) fn decisions(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let exported = export(args, &mut BufWriter::new(io::stdout().lock()))?;
    context.note(&messages::decisions_exported(&exported));
    Ok(Exit::Clean)
}

fn export(args: &Args, out: &mut impl Write) -> Result<Exported, CliError> {
    let (_, key) = args.keys.of(args.origin.as_deref())?;
    let folder = args.data.join("log");
    let (mut exported, mut failed) = (Exported::default(), None);
    let mut each = |_: u64, kept: huxin_ledger::Kept| {
        if kept.leaf.leaf_type == LeafType::Aggregate {
            let aggregate = Aggregate::decode(&kept.public);
            exported.nothing_asked += aggregate.map_or(0, |aggregate| aggregate.count);
        }
        let line = match decision_log::line(&kept) {
            Ok(line) => line,
            Err(NoLine::NoDecision) => return ControlFlow::Continue(()),
            Err(why) => {
                *exported.left_out.entry(why.to_string()).or_default() += 1;
                return ControlFlow::Continue(());
            }
        };
        exported.written += 1;
        exported.with_untold += u64::from(!line.untold.is_empty());
        let written = serde_json::to_writer(&mut *out, &line).map_err(io::Error::from);
        match written.and_then(|()| out.write_all(b"\n")) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    };
    entries(&folder, &key, &mut each).map_err(|error| of_folder(&folder, error))?;
    match failed.map_or_else(|| out.flush(), Err) {
        // Nobody listening any more is no error.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(CliError::environment(messages::cannot_print(error)))
        }
        _ => Ok(exported),
    }
}
