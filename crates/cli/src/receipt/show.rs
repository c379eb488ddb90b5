//! `huxin receipt show`: one page that explains what a receipt holds, from the receipt alone.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use huxin_ledger::receipt::{Part, Private};
use huxin_ledger::{LeafType, LogVerifierKey, Receipt};
use huxin_node::explanation;
use huxin_trust_policy::Lang;
use huxin_wire::v1;
use prost::Message as _;
use serde::Serialize;

use super::{Keys, Resolution, Shown};
use crate::context::Context;
use crate::exit::{CliError, Exit};
use crate::messages::{self, Text};
use crate::query;

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The receipt
    file: PathBuf,
    /// Verify it by the membership list, which names every log's key
    #[arg(long, value_name = "federation.toml")]
    federation: Option<PathBuf>,
    /// Verify it by the log's verifier key (C2SP signed-note)
    #[arg(long, value_name = "NAME+ID+KEY", value_parser = super::vkey, conflicts_with = "federation")]
    vkey: Option<LogVerifierKey>,
}

#[derive(Serialize)]
struct Page<'a> {
    #[serde(flatten)]
    entry: Shown,
    decision: Option<query::Shown<'a>>,
    resolution: Option<Resolution>,
    /// The same in words; empty where the receipt holds hashes alone.
    text: String,
}

/// What the entry is about, where the receipt holds its bytes.
enum Body {
    Decision(Box<v1::Decision>),
    Resolution(v1::ResolutionRecord),
    Other,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let receipt = super::read(&args.file)?;
    let entry = if args.federation.is_some() || args.vkey.is_some() {
        let keys = Keys { federation: args.federation.clone(), vkey: args.vkey.clone() };
        super::verified(&receipt, &keys)?
    } else {
        let invalid = |problem: Text| CliError::invalid(messages::wrong_file(&args.file, problem.en));
        Shown::unverified(&receipt).map_err(invalid)?
    };
    let body = Body::of(&receipt);
    let page = Page {
        decision: match &body {
            Body::Decision(decision) => Some(query::Shown::new(decision, None)),
            Body::Resolution(_) | Body::Other => None,
        },
        resolution: match &body {
            Body::Resolution(record) => Some(Resolution::of(record)),
            Body::Decision(_) | Body::Other => None,
        },
        text: body.to_text(context.lang),
        entry,
    };
    context.show(&page, |page| {
        // Without the words themselves, what the log says in public is all that can be shown.
        if page.text.is_empty() {
            let entry = page.entry.to_text(context.lang);
            return format!("{}\n{}", entry.trim_end(), messages::words_not_in_receipt().get(context.lang));
        }
        page.entry.heading(context.lang) + &page.text + &page.entry.note(context.lang)
    })?;
    Ok(Exit::Clean)
}

impl Body {
    fn of(receipt: &Receipt) -> Self {
        let Private::Exchange { body: Part::Bytes(body), .. } = &receipt.contents.private else {
            return Self::Other;
        };
        let read = match receipt.contents.leaf_type {
            LeafType::Decision => v1::Decision::decode(&**body).map(Box::new).map(Self::Decision),
            LeafType::Resolution => v1::ResolutionRecord::decode(&**body).map(Self::Resolution),
            _ => Ok(Self::Other),
        };
        read.unwrap_or(Self::Other)
    }

    fn to_text(&self, lang: Lang) -> String {
        match self {
            Self::Decision(decision) => explanation::of_decision(decision, None, lang),
            Self::Resolution(record) => explanation::of_resolution(record, lang),
            Self::Other => String::new(),
        }
    }
}
