//! `huxin registry state`: signs one fact where the department's key is, and states it.

use clap::Args as ClapArgs;
use huxin_attest::{
    Clock as _, CodeStatus, DepartmentName, Digest, EvidenceRef, Kind, Label, Random as _, RegionCode,
    SubjectSalt, SystemRandom, Term, TestResult, UnixMs, UnixSecs, sign_single,
};
use huxin_node::clock::RealClock;
use huxin_node::limits::REQUEST_DEADLINE;
use huxin_registry::ToSign;
use huxin_registry::line::{FactLine, parse_line};
use huxin_wire::convert::document_message;
use huxin_wire::v1;
use huxin_wire::v1::registry_client::RegistryClient;
use serde::Serialize;

use super::key::{SigningKey, department};
use crate::connection::{Connection, block_on};
use crate::context::Context;
use crate::exit::{CliError, Exit};
use crate::files::{self, Subject, hex};
use crate::messages::{
    self,
    words::{Lines, Word},
};
use crate::retry;

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The whole fact as one line of JSON Lines, or - to read it from the standard input; instead of all flags below
    #[arg(long, value_name = "JSON", conflicts_with_all = ["document", "kind"], required_unless_present = "document")]
    fact: Option<String>,
    #[command(flatten)]
    flags: Flags,
    #[command(flatten)]
    key: SigningKey,
    /// When it is stated, by the node's facts clock [default: now]
    #[arg(long, value_name = "TIME", value_parser = files::time)]
    at: Option<UnixMs>,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "陈述 / The fact")]
struct Flags {
    /// Whom it is about, or - to read TYPE:NUMBER from the standard input: shells keep what is typed on the command line
    #[arg(long, value_name = "TYPE:NUMBER|-", value_parser = files::subject, requires = "kind")]
    document: Option<Subject>,
    /// health_code, nucleic_test, exam_result or evidence
    #[arg(long, requires = "document")]
    kind: Option<Kind>,
    /// 1 or more: a copy of what was heard
    #[arg(long, default_value_t = 0)]
    hop: u8,
    /// The province that the fact is from [default: the own]
    #[arg(long, value_name = "CODE")]
    origin_region: Option<RegionCode>,
    /// The label in the province's own words
    #[arg(long)]
    native_label: Option<Label>,
    /// 00 green, 01 amber, 10 red, 11 none stated
    #[arg(long)]
    status: Option<CodeStatus>,
    /// The province's own reason
    #[arg(long)]
    local_reason: Option<Label>,
    /// The department that assigned the code
    #[arg(long, value_name = "NAME")]
    assigner: Option<DepartmentName>,
    /// In which role
    #[arg(long, value_name = "ROLE")]
    assigner_role: Option<Term>,
    /// The listed reason
    #[arg(long, value_name = "REASON")]
    assigned_for: Option<Term>,
    /// What the code rests on: a kind of evidence and the digest of its statement; may be repeated
    #[arg(long, value_name = "KIND:DIGEST", value_parser = evidence)]
    evidence: Vec<EvidenceRef>,
    /// When the sample was taken
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    sampled_at: Option<UnixSecs>,
    /// When the report was issued
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    reported_at: Option<UnixSecs>,
    /// negative or positive
    #[arg(long)]
    result: Option<TestResult>,
    /// The examined item, or the kind of evidence
    #[arg(long)]
    item: Option<Term>,
    /// The quality mark of an examination
    #[arg(long)]
    quality: Option<Term>,
    /// From when on it no longer holds
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    valid_until: Option<UnixSecs>,
    /// Where the person may appeal
    #[arg(long)]
    appeal: Option<Label>,
}

#[derive(Serialize)]
struct Stated {
    digest: String,
    department: String,
    kind: &'static str,
    stated_at: String,
    /// False if the registry held this very statement before.
    changed: bool,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let mut peer = args.connection.open()?;
    let department = department(args.key.department, &peer)?;
    let key = args.key.open(&peer, department)?;
    let at = UnixSecs::at(args.at.unwrap_or_else(|| RealClock.now()));
    let salt = SubjectSalt::random(&mut SystemRandom);
    let wrong = |error: huxin_registry::LineError| CliError::usage(messages::line_problem(error));
    let claims = args.fact()?.into_claims(department, peer.region, at, salt);
    let ToSign { claims, document, salt } = claims.map_err(|error| wrong(error.into()))?;
    let attestation = sign_single(&claims, &key).map_err(|error| CliError::environment(error.to_string()))?;
    let statement = v1::SignedStatement {
        attestation: attestation.into(),
        subject: Some(document_message(&document)),
        subject_salt: salt.0.to_vec().into(),
    };
    let request = v1::StateRequest {
        request_id: SystemRandom.array::<16>().to_vec().into(),
        form: Some(v1::state_request::Form::Statement(statement)),
    };
    let reply = block_on(async {
        let call = retry::call(&mut peer, REQUEST_DEADLINE, async |channel| {
            RegistryClient::new(channel).state(request.clone()).await
        });
        Ok(call.await?.into_inner())
    })?;
    let stated = Stated {
        digest: hex(&reply.digest),
        department: department.to_string(),
        kind: claims.kind.name(),
        stated_at: claims.stated_at.to_string(),
        changed: reply.changed,
    };
    context.show(&stated, |stated| stated.to_text(context))?;
    Ok(Exit::Clean)
}

impl Args {
    fn fact(&self) -> Result<FactLine, CliError> {
        if let Some(fact) = &self.fact {
            let read = if fact == "-" { files::input()? } else { fact.clone() };
            let fact = parse_line(read.trim());
            return fact.map_err(|error| CliError::usage(messages::line_problem(error)));
        }
        let Flags { document, kind, hop, origin_region, .. } = &self.flags;
        let (Some(document), Some(kind)) = (document, kind) else {
            return Err(CliError::usage(messages::name_the_fact()));
        };
        let flags = &self.flags;
        Ok(FactLine {
            hop: *hop,
            region: *origin_region,
            native_label: flags.native_label.clone(),
            status: flags.status,
            local_reason: flags.local_reason.clone(),
            assigner: flags.assigner,
            assigner_role: flags.assigner_role,
            assigned_for: flags.assigned_for,
            evidence: flags.evidence.clone(),
            sampled_at: flags.sampled_at,
            reported_at: flags.reported_at,
            result: flags.result,
            item: flags.item,
            quality: flags.quality,
            valid_until: flags.valid_until,
            appeal: flags.appeal.clone(),
            ..FactLine::new(document.read()?, *kind)
        })
    }
}

impl Stated {
    fn to_text(&self, context: &Context) -> String {
        let mut lines = Lines::new(context.lang);
        lines.add(Word::Digest, &self.digest);
        lines.add(Word::Department, &self.department);
        lines.add(Word::Kind, messages::words::spoken(self.kind, context.lang));
        lines.add(Word::StatedAt, &self.stated_at);
        lines.finish() + messages::stated(self.changed).get(context.lang)
    }
}

/// The value of a flag that is a time in whole seconds, as statements have them.
fn seconds(text: &str) -> Result<UnixSecs, String> {
    let time = files::time(text)?;
    let secs = UnixSecs::at(time);
    if secs.to_ms() == time { Ok(secs) } else { Err("statements have whole seconds".to_owned()) }
}

fn evidence(text: &str) -> Result<EvidenceRef, String> {
    let (kind, digest) = text.split_once(':').ok_or("write KIND:DIGEST")?;
    let kind = kind.parse().map_err(|_| "the kind is no term of a vocabulary".to_owned())?;
    let digest = Digest::from_hex(digest).ok_or("the digest has 64 hexadecimal digits")?;
    Ok(EvidenceRef { kind, digest })
}
