//! `huxin registry history`: what was stated about a person, and what became of it.
//!
//! Asked of the running node by a department, which sees what it stated; or read from the store of a node that does not
//! run, by who may read its files.

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use huxin_attest::{Claims, CodeStatus, Digest, Document, Envelope, TestResult};
use huxin_node::limits::REQUEST_DEADLINE;
use huxin_node::province_secret;
use huxin_registry::{HistoryEntry, ReadOnlyRegistry, RegistryError, Standing, State};
use huxin_wire::convert::document_message;
use huxin_wire::v1;
use huxin_wire::v1::registry_client::RegistryClient;
use serde::Serialize;

use super::key::department;
use crate::connection::{Connection, block_on};
use crate::context::Context;
use crate::exit::{CliError, Exit};
use crate::files::{self, Subject};
use crate::messages::{
    self,
    words::{Lines, Word, spoken},
};
use crate::retry;

/// Statements on one page of the node.
const PAGE: u32 = 100;

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The person, or - to read TYPE:NUMBER from the standard input: shells keep what is typed on the command line
    #[arg(long, value_name = "TYPE:NUMBER|-", value_parser = files::subject)]
    document: Subject,
    /// How many statements at most
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
    /// Read the store of a node that does not run, instead of asking: its data folder
    #[arg(long, value_name = "FOLDER", requires = "secret", conflicts_with_all = ["federation", "certificate"])]
    data: Option<PathBuf>,
    /// With --data: the file with the province's secret
    #[arg(long, value_name = "FILE", requires = "data")]
    secret: Option<PathBuf>,
    #[command(flatten)]
    connection: Option<Connection>,
}

#[derive(Serialize)]
struct History {
    statements: Vec<Shown>,
    /// There are more than the limit.
    more: bool,
}

/// A statement, without salt and signature.
#[derive(Serialize)]
struct Shown {
    state: &'static str,
    standing: &'static str,
    kind: &'static str,
    department: String,
    #[serde(skip_serializing_if = "is_zero")]
    hop: u8,
    region: String,
    native_label: Option<String>,
    status: Option<&'static str>,
    result: Option<&'static str>,
    item: Option<String>,
    assigned_for: Option<String>,
    sampled_at: Option<String>,
    reported_at: Option<String>,
    stated_at: String,
    valid_until: Option<String>,
    digest: String,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let history = match (&args.data, &args.secret, &args.connection) {
        (Some(data), Some(secret), _) => offline(args, data, secret)?,
        (_, _, Some(connection)) => online(args, connection)?,
        _ => return Err(CliError::usage(messages::name_the_registry())),
    };
    context.show(&history, |history| history.to_text(context))?;
    Ok(Exit::Clean)
}

fn offline(args: &Args, data: &Path, secret: &Path) -> Result<History, CliError> {
    let secret = province_secret(secret).map_err(|error| CliError::invalid(error.to_string()))?;
    let path = data.join("registry.redb");
    if !path.exists() {
        return Err(CliError::environment(messages::cannot_read(&path, "no such file")));
    }
    let failed = |error: RegistryError| match error {
        RegistryError::InUse => CliError::environment(messages::registry_in_use(data)),
        RegistryError::WrongSecret | RegistryError::NotARegistry | RegistryError::Schema { .. } => {
            CliError::invalid(messages::wrong_file(&path, error))
        }
        other => CliError::environment(messages::wrong_file(&path, other)),
    };
    let person = secret.person(&args.document.read()?);
    let registry = ReadOnlyRegistry::open(&path, &secret).map_err(failed)?;
    let entries = registry.history(&person, 0, args.limit.saturating_add(1)).map_err(failed)?;
    let shown = |entry: HistoryEntry| {
        let state = match entry.state {
            State::Head => "head",
            State::Past => "past",
            State::Withdrawn => "withdrawn",
        };
        let standing = match entry.held.standing {
            Standing::None => "none",
            Standing::Contested => "contested",
            Standing::Overdue => "overdue",
        };
        Shown::read(&entry.held.envelope, state, standing)
    };
    collect(entries.into_iter().map(shown), args.limit)
}

fn online(args: &Args, connection: &Connection) -> Result<History, CliError> {
    let mut peer = connection.open()?;
    department(None, &peer)?;
    let subject: Document = args.document.read()?;
    let statements = block_on(async {
        let (mut statements, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = v1::HistoryRequest {
                subject: Some(document_message(&subject)),
                page_size: PAGE,
                page_token: std::mem::take(&mut page_token),
            };
            let call = retry::call(&mut peer, REQUEST_DEADLINE, async |channel| {
                RegistryClient::new(channel).history(request.clone()).await
            });
            let reply = call.await?.into_inner();
            statements.extend(reply.statements);
            page_token = reply.next_page_token;
            if page_token.is_empty() || statements.len() > args.limit {
                return Ok(statements);
            }
        }
    })?;
    let shown = |statement: v1::HistoricStatement| {
        let state = match statement.state() {
            v1::StatementState::Head => "head",
            v1::StatementState::Past => "past",
            v1::StatementState::Withdrawn => "withdrawn",
            v1::StatementState::Unspecified => "unspecified",
        };
        let standing = match statement.standing() {
            v1::Standing::None => "none",
            v1::Standing::Contested => "contested",
            v1::Standing::Overdue => "overdue",
            v1::Standing::Unspecified => "unspecified",
        };
        Shown::read(&statement.attestation, state, standing)
    };
    collect(statements.into_iter().map(shown), args.limit)
}

fn collect(
    statements: impl Iterator<Item = Result<Shown, CliError>>,
    limit: usize,
) -> Result<History, CliError> {
    let mut statements: Vec<Shown> = statements.collect::<Result<_, _>>()?;
    let more = statements.len() > limit;
    statements.truncate(limit);
    Ok(History { statements, more })
}

impl Shown {
    fn read(envelope: &[u8], state: &'static str, standing: &'static str) -> Result<Self, CliError> {
        let wrong = |error: String| CliError::environment(messages::statement_unreadable(error));
        let envelope = Envelope::parse(envelope).map_err(|error| wrong(error.to_string()))?;
        let claims = Claims::from_bytes(envelope.claims()).map_err(|error| wrong(error.to_string()))?;
        let digest: Digest = huxin_attest::statement_digest(envelope.claims());
        Ok(Self {
            state,
            standing,
            kind: claims.kind.name(),
            department: claims.department.to_string(),
            hop: claims.hop,
            region: claims.region.to_string(),
            native_label: claims.native_label.as_ref().map(ToString::to_string),
            status: claims.status.map(colour),
            result: claims.result.map(|result| match result {
                TestResult::Negative => "negative",
                TestResult::Positive => "positive",
            }),
            item: claims.item.as_ref().map(ToString::to_string),
            assigned_for: claims.assigned_for.as_ref().map(ToString::to_string),
            sampled_at: claims.sampled_at.as_ref().map(ToString::to_string),
            reported_at: claims.reported_at.as_ref().map(ToString::to_string),
            stated_at: claims.stated_at.to_string(),
            valid_until: claims.valid_until.as_ref().map(ToString::to_string),
            digest: digest.to_string(),
        })
    }

    fn add_to(&self, lines: &mut Lines, context: &Context) {
        let said = |word: &'static str| spoken(word, context.lang);
        let what = [
            Some(said(self.kind)),
            self.item.as_deref(),
            self.native_label.as_deref(),
            self.status.map(said),
            self.result.map(said),
            self.assigned_for.as_deref(),
        ];
        lines.add(Word::Kind, what.into_iter().flatten().collect::<Vec<_>>().join(" "));
        let standing = Some(self.standing).filter(|standing| *standing != "none").map(said);
        lines.add(
            Word::State,
            [Some(said(self.state)), standing].into_iter().flatten().collect::<Vec<_>>().join(" "),
        );
        lines.add(Word::Department, &self.department);
        lines.add(Word::SampledAt, self.sampled_at.as_deref().unwrap_or_default());
        lines.add(Word::ReportedAt, self.reported_at.as_deref().unwrap_or_default());
        lines.add(Word::StatedAt, &self.stated_at);
        lines.add(Word::ValidUntil, self.valid_until.as_deref().unwrap_or_default());
        lines.add(Word::Digest, &self.digest);
    }
}

impl History {
    fn to_text(&self, context: &Context) -> String {
        if self.statements.is_empty() {
            return messages::nothing_stated().get(context.lang).to_owned();
        }
        let mut text = String::new();
        for shown in &self.statements {
            let mut lines = Lines::new(context.lang);
            shown.add_to(&mut lines, context);
            text += &lines.finish();
            text.push('\n');
        }
        if self.more {
            text += messages::more_stated().get(context.lang);
        }
        text
    }
}

fn colour(status: CodeStatus) -> &'static str {
    match status {
        CodeStatus::Green => "green",
        CodeStatus::Amber => "amber",
        CodeStatus::Red => "red",
        CodeStatus::NoneStated => "none_stated",
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands references")]
const fn is_zero(hop: &u8) -> bool {
    *hop == 0
}
