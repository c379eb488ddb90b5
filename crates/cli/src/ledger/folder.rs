//! The log folder of a stopped node.

use std::path::Path;

use huxin_ledger::audit::audit as read;
use huxin_ledger::log::OpenError;
use huxin_ledger::store::{ReadFailed, RecoverError};
use serde::Serialize;

use super::Folder;
use crate::context::Context;
use crate::exit::{CliError, Exit};
use crate::messages::{
    self,
    words::{Lines, Word},
};

#[derive(Serialize)]
struct Shown {
    verified: bool,
    log: String,
    integrated: u64,
    records: u64,
    size: u64,
    root: Option<String>,
    torn_at: Option<u64>,
}

pub(super) fn audit(args: &Folder, context: &Context) -> Result<Exit, CliError> {
    let (_, key) = args.keys.of(args.origin.as_deref())?;
    let found = read(&args.folder, &key).map_err(|error| of_folder(&args.folder, error))?;
    let head = found.head.as_ref().map(|head| head.checkpoint());
    let shown = Shown {
        verified: true,
        log: key.origin().to_string(),
        integrated: found.integrated,
        records: found.records,
        size: head.map_or(0, |head| head.size),
        root: head.map(|head| head.root.to_string()),
        torn_at: found.torn,
    };
    context.show(&shown, |shown| {
        let mut lines = Lines::new(context.lang);
        lines.add(Word::Verified, messages::folder_holds().get(context.lang));
        lines.add(Word::Log, &shown.log);
        lines.add(Word::Integrated, shown.integrated);
        lines.add(Word::Records, shown.records);
        lines.add(Word::Size, shown.size);
        lines.add(Word::Root, shown.root.as_deref().unwrap_or_default());
        let torn = shown.torn_at.map(|at| messages::torn(at).get(context.lang).to_owned());
        lines.finish() + &torn.unwrap_or_default()
    })?;
    Ok(Exit::Clean)
}

/// Why the folder of a log is not read.
pub(super) fn of_folder(folder: &Path, error: OpenError) -> CliError {
    let exit = match &error {
        OpenError::Recover(
            RecoverError::Io(_) | RecoverError::Locked | RecoverError::Archive(ReadFailed::Io(..)),
        )
        | OpenError::Read(ReadFailed::Io(..)) => Exit::Environment,
        OpenError::Recover(RecoverError::NotAJournal { .. } | RecoverError::OldLayout) => Exit::Invalid,
        _ => Exit::Finding,
    };
    CliError::new(exit, messages::wrong_file(folder, error))
}
