//! `huxin policy`: reads policy files as a node would, runs the examples inside them, and says what follows from them.

mod check;
mod diff;
mod examples;
mod explain;
mod given;
mod kind;
mod loaded;
mod matrix;
mod simulate;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use huxin_attest::RegionCode;

use crate::context::Context;
use crate::exit::{CliError, Exit};

pub(crate) use simulate::Change;

/// What to do with policy files.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 检查文件：词表、国家基线、省级规则、场所清单、风险区清单 / Check files: vocabulary, baseline, overlays, places, risk areas
    Check(CheckArgs),
    /// 运行文件里的例子，数出它们触及多少情形 / Run the examples inside the files; how much do they reach?
    Test(examples::Args),
    /// 省级规则与国家基线逐格比较，越权以 3 结束 / What an overlay makes different from the baseline; over-reach ends with 3
    Diff(diff::Args),
    /// 说明一个情形如何决定、为什么 / What the files answer to one case, and why
    Explain(Box<explain::Args>),
    /// 用新文件重判以往的决定，数出不同 / What other files would have answered to the decisions of a log
    Simulate(simulate::Args),
    /// 哪省的哪种码在哪里放行：表格、CSV、SVG / Which province's which label is admitted where
    Matrix(matrix::Args),
}

/// What to check, and how strictly.
#[derive(Debug, ClapArgs)]
struct CheckArgs {
    #[command(flatten)]
    files: Files,
    /// 决策日志：其中出现过而 [grades] 没有等级的标签也作警告 / A decision log: labels in it that [grades] does not map are warned of
    #[arg(long, value_name = "FILE")]
    seen: Option<PathBuf>,
    /// 有警告即以 1 结束 / End with 1 if there are warnings
    #[arg(long)]
    deny_warnings: bool,
}

/// Policy files, and those that they are read with.
#[derive(Debug, ClapArgs)]
struct Files {
    /// The files; what each is shows in its text
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The vocabulary [default: the one among the files, else vocabulary.toml beside the file]
    #[arg(long, value_name = "FILE")]
    vocabulary: Option<PathBuf>,
    /// The baseline that overlays extend [default: the one among the files, else national.toml beside the file]
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// The province of places and overlays [default: the one that the file names]
    #[arg(long, value_name = "CODE")]
    region: Option<RegionCode>,
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    match &args.command {
        Command::Check(args) => check::check(args, context),
        Command::Test(args) => examples::test(args, context),
        Command::Diff(args) => diff::diff(args, context),
        Command::Explain(args) => explain::explain(args, context),
        Command::Simulate(args) => simulate::simulate(args, context),
        Command::Matrix(args) => matrix::matrix(args, context),
    }
}
