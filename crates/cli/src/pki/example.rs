//! `huxin pki example`: everything that an exercise on one machine needs. One program then holds the keys of all.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use huxin_attest::{PublicKey, RegionCode, SystemRandom};
use huxin_identity::Endpoint;
use huxin_identity::membership::Pin;
use huxin_identity::pki::PkiError;
use huxin_identity::pki::description::Description;
use huxin_identity::pki::example::{Parameters, generate};
use huxin_ledger::LogVerifierKey;
use huxin_trust_policy::{Draft, Reference, Source};
use serde::Serialize;

use super::{failed, now};
use crate::context::Context;
use crate::exit::CliError;
use crate::files::text;
use crate::findings::{invalid, of_problems};
use crate::messages::{
    self,
    words::{Lines, Word},
};

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Who is to be in the federation, such as certs-example/pki.toml
    #[arg(long, value_name = "pki.toml")]
    description: PathBuf,
    /// The folder for everything; nothing in it is overwritten
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Where a province's node is reached; at least one for each province of the description
    #[arg(long, value_name = "REGION=HOST:PORT", value_parser = endpoint, required = true)]
    endpoint: Vec<(RegionCode, Endpoint)>,
    /// The vocabulary that the membership list pins
    #[arg(long, value_name = "FILE")]
    vocabulary: PathBuf,
    /// The baseline that the membership list pins
    #[arg(long, value_name = "FILE")]
    baseline: PathBuf,
}

#[derive(Serialize)]
struct Shown {
    federation: String,
    regions: Vec<String>,
}

fn endpoint(text: &str) -> Result<(RegionCode, Endpoint), String> {
    let (region, endpoint) =
        text.split_once('=').ok_or("write REGION=HOST:PORT, such as 42=127.0.0.1:7443")?;
    let region = region.parse::<RegionCode>().map_err(|error| error.to_string())?;
    Ok((region, endpoint.parse::<Endpoint>().map_err(|error| error.to_string())?))
}

pub(super) fn run(args: &Args, context: &Context) -> Result<(), CliError> {
    let description = Description::parse(&text(&args.description)?).map_err(|error| match error {
        PkiError::Description(problems) => CliError::invalid(messages::wrong_file(
            &args.description,
            problems.iter().map(|problem| format!("\n  {problem}")).collect::<String>(),
        ))
        .with(of_problems(&args.description, &problems)),
        error => failed(error),
    })?;
    let mut endpoints = BTreeMap::<RegionCode, Vec<Endpoint>>::new();
    for (region, endpoint) in &args.endpoint {
        endpoints.entry(*region).or_default().push(endpoint.clone());
    }
    let known: Vec<_> = description.provinces.iter().map(|province| province.region).collect();
    if let Some(unknown) = endpoints.keys().find(|region| !known.contains(region)) {
        return Err(CliError::usage(messages::not_described(unknown)));
    }
    let (baseline, vocabulary) = pins(args, known.first().copied(), context)?;
    let vkey = |origin: &str, key: &PublicKey| match origin.parse() {
        Ok(origin) => LogVerifierKey::new(origin, key.clone()).to_string(),
        // The membership list refuses it by name right afterwards.
        Err(_) => String::new(),
    };
    let parameters = Parameters { endpoints: &endpoints, baseline, vocabulary, vkey: &vkey };
    let made = generate(&description, &args.out, now(), &parameters, &mut SystemRandom).map_err(failed)?;
    let shown = Shown {
        federation: made.federation_file.display().to_string(),
        regions: known.iter().map(ToString::to_string).collect(),
    };
    context.show(&shown, |shown| {
        let mut lines = Lines::new(context.lang);
        lines.add(Word::File, &shown.federation);
        lines.finish() + messages::for_exercises_only().get(context.lang)
    })
}

/// What the membership list pins: both files must be valid together.
fn pins(args: &Args, region: Option<RegionCode>, context: &Context) -> Result<(Pin, Pin), CliError> {
    let region = region.ok_or_else(|| CliError::invalid(messages::no_provinces(&args.description)))?;
    let (vocabulary, baseline) = (text(&args.vocabulary)?, text(&args.baseline)?);
    let names = [&args.vocabulary, &args.baseline].map(|path| path.display().to_string());
    let [vocabulary_name, baseline_name] = &names;
    let policy = Draft::load(
        region,
        Source { name: vocabulary_name, text: &vocabulary },
        Source { name: baseline_name, text: &baseline },
        None,
    );
    let policy = policy.map_err(|found| invalid(&found, context.colour()))?;
    let pin = |file: &Reference| Pin { id: file.id.to_string(), version: file.version, sha256: file.sha256 };
    Ok((pin(&policy.references().baseline), pin(&policy.references().vocabulary)))
}
