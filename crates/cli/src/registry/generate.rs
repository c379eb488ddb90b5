//! `huxin registry generate`: people who do not exist, in the files that departments import.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args as ClapArgs;
use huxin_attest::{Clock as _, DepartmentName, Kind, RegionCode, UnixMs, UnixSecs};
use huxin_identity::pki::description::Description;
use huxin_node::clock::RealClock;
use huxin_registry::line::{FactLine, csv_header};
use huxin_registry::synthetic::{MAX_PEOPLE, Scene, generate};
use serde::Serialize;

use super::source::FileFormat;
use crate::context::Context;
use crate::exercise::PKI;
use crate::exit::{CliError, Exit};
use crate::files;
use crate::messages::{
    self,
    words::{Lines, Word},
};

/// How often progress is told.
const TOLD: Duration = Duration::from_secs(1);

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The home province of all
    #[arg(long, value_name = "CODE")]
    region: RegionCode,
    /// How many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_PEOPLE)))]
    people: u32,
    /// Another seed, other people
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// The folder for the files evidence, codes and tests, to be imported in this order
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The form of the files
    #[arg(long, value_name = "FORMAT", default_value = "jsonl")]
    file_format: FileFormat,
    /// The time that everything is counted back from; the import must come within 7 days [default: now]
    #[arg(long, value_name = "TIME", value_parser = files::time)]
    at: Option<UnixMs>,
    /// Who assigns red and amber codes [default: the centre for disease control of the example PKI]
    #[arg(long, value_name = "DEPARTMENT")]
    assigner: Option<DepartmentName>,
    /// Who imports evidence.jsonl [default: the headquarters of the example PKI]
    #[arg(long, value_name = "DEPARTMENT")]
    evidence_by: Option<DepartmentName>,
}

#[derive(Serialize)]
struct Shown {
    people: u32,
    files: Vec<Written>,
}

#[derive(Serialize)]
struct Written {
    file: String,
    facts: u64,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let (assigner, evidence_by) = departments(args)?;
    let now = UnixSecs::at(args.at.unwrap_or_else(|| RealClock.now()));
    let scene =
        Scene { region: args.region, people: args.people, seed: args.seed, now, assigner, evidence_by };
    let mut evidence = FactFile::create(args, "evidence")?;
    let mut codes = FactFile::create(args, "codes")?;
    let mut tests = FactFile::create(args, "tests")?;
    let mut told = Instant::now();
    for (done, person) in (0_u64..).zip(generate(scene)) {
        person.evidence.iter().try_for_each(|line| evidence.write(line))?;
        codes.write(&person.code)?;
        person.test.iter().try_for_each(|line| tests.write(line))?;
        if told.elapsed() >= TOLD {
            told = Instant::now();
            context.note(&messages::progress(done, u64::from(args.people)));
        }
    }
    let files = [evidence, codes, tests].into_iter().map(FactFile::finish).collect::<Result<Vec<_>, _>>()?;
    let shown = Shown { people: args.people, files };
    context.show(&shown, |shown| {
        let mut lines = Lines::new(context.lang);
        lines.add(Word::People, shown.people);
        for written in &shown.files {
            lines.add(Word::File, format_args!("{} ({})", written.file, written.facts));
        }
        lines.finish()
    })?;
    Ok(Exit::Clean)
}

/// Who assigns and who hands in evidence: as named, or as in the example PKI.
fn departments(args: &Args) -> Result<(DepartmentName, DepartmentName), CliError> {
    if let (Some(assigner), Some(evidence_by)) = (args.assigner, args.evidence_by) {
        return Ok((assigner, evidence_by));
    }
    let example = Description::parse(PKI).map_err(|error| CliError::invalid(error.to_string()))?;
    let province = example.provinces.iter().find(|province| province.region == args.region);
    let departments = province.map(|province| province.departments.as_slice()).unwrap_or_default();
    let who_assigns = |role: &str| {
        departments
            .iter()
            .find(|department| {
                department.may_state.contains(Kind::Evidence)
                    && department.may_assign.iter().any(|may| may.as_str() == role)
            })
            .map(|department| department.name)
    };
    let assigner = args.assigner.or_else(|| who_assigns("cdc"));
    let evidence_by = args.evidence_by.or_else(|| who_assigns("headquarters"));
    assigner.zip(evidence_by).ok_or_else(|| CliError::usage(messages::name_departments(args.region)))
}

/// A file of lines, one a fact.
struct FactFile {
    path: PathBuf,
    file: BufWriter<File>,
    format: FileFormat,
    facts: u64,
}

impl FactFile {
    fn create(args: &Args, name: &str) -> Result<Self, CliError> {
        let format = args.file_format;
        let path = args.out.join(name).with_extension(format.extension());
        let create = || {
            std::fs::create_dir_all(&args.out)?;
            OpenOptions::new().write(true).create_new(true).open(&path)
        };
        let file = create().map_err(|error| CliError::environment(messages::cannot_write(&path, error)))?;
        let mut file = Self { file: BufWriter::new(file), path, format, facts: 0 };
        if format == FileFormat::Csv {
            file.put(&csv_header())?;
        }
        Ok(file)
    }

    fn write(&mut self, fact: &FactLine) -> Result<(), CliError> {
        self.facts += 1;
        self.put(&match self.format {
            FileFormat::Csv => fact.to_csv(),
            FileFormat::Jsonl => fact.to_line(),
        })
    }

    fn put(&mut self, line: &str) -> Result<(), CliError> {
        writeln!(self.file, "{line}").map_err(|error| self.failed(&error))
    }

    fn finish(mut self) -> Result<Written, CliError> {
        self.file.flush().map_err(|error| self.failed(&error))?;
        Ok(Written { file: self.path.display().to_string(), facts: self.facts })
    }

    fn failed(&self, error: &std::io::Error) -> CliError {
        CliError::environment(messages::cannot_write(&self.path, error))
    }
}
