//! The command line: global flags and the tree of commands.

use clap::{CommandFactory as _, Parser, Subcommand, ValueEnum};
use huxin_trust_policy::Lang;

use crate::context::{Context, Format};
use crate::exit::{CliError, Exit};
use crate::{
    bench, completions, decisions, demo, init, ledger, node, operator, pki, policy, query, receipt, registry,
};

/// 互信：各省之间带签名、可核验的健康信息互认。
/// Mutual recognition of health information between provinces: signed, logged, verifiable.
#[derive(Debug, Parser)]
#[command(name = "huxin", version, after_help = exit_codes(), arg_required_else_help = true)]
pub(crate) struct CommandLine {
    /// Language of messages [default: that of the locale: zh for zh*, else en]
    #[arg(long, global = true, value_name = "LANG")]
    pub(crate) lang: Option<LangName>,
    /// Form of results; JSON is in English
    #[arg(long, global = true, default_value = "text")]
    pub(crate) format: Format,
    #[command(subcommand)]
    command: Command,
}

/// A language by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LangName {
    /// 中文
    Zh,
    /// English
    En,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 运行一个节点，直到收到 SIGTERM 或 SIGINT / Run a node until SIGTERM or SIGINT
    Node(node::Args),
    /// 建立节点目录：带注释的配置、密钥 / Make a node's folder: commented configuration, keys
    Init(init::Args),
    /// 查看和操作运行中的本省节点 / Look at the own province's running node, and make it reload
    Operator(Box<operator::Args>),
    /// 密钥、证书和吊销列表 / Keys, certificates and revocation lists
    Pki(pki::Args),
    /// 生成和导入陈述 / Make up facts, import facts
    Registry(registry::Args),
    /// 查验一个人能否通过 / Ask whether a person may pass
    Query(Box<query::Args>),
    /// 人工处理一个转人工的决定 / Decide a review, by name and with a reason
    Resolve(Box<decisions::resolve::Args>),
    /// 说明一个决定的理由 / Explain a decision
    Explain(Box<decisions::explain::Args>),
    /// 列出等待人工处理的决定 / List the reviews that wait for a person
    Reviews(Box<decisions::reviews::Args>),
    /// 离线验证、显示凭据 / Verify and show receipts offline
    Receipt(receipt::Args),
    /// 核验日志 / Verify logs
    Ledger(ledger::Args),
    /// 检查策略文件并运行其中的例子 / Check policy files and run their examples
    Policy(policy::Args),
    /// 演示：在本机演出一段跨省互认 / Show the story on this machine
    Demo(demo::Args),
    /// 测量主要路径的开销 / Measure what the main paths cost
    Bench(bench::Args),
    /// 生成命令行补全脚本 / Print a shell's completion script
    Completions(completions::Args),
}

impl From<LangName> for Lang {
    fn from(name: LangName) -> Self {
        match name {
            LangName::Zh => Self::Zh,
            LangName::En => Self::En,
        }
    }
}

impl CommandLine {
    /// What is logged unless `HUXIN_LOG` says otherwise.
    pub(crate) const fn log_default(&self) -> &'static str {
        match self.command {
            Command::Node(_) => "info",
            _ => "warn",
        }
    }

    /// Runs the command.
    pub(crate) fn run(self, context: &Context) -> Result<Exit, CliError> {
        match self.command {
            Command::Node(args) => node::run(args, context),
            Command::Init(args) => init::run(&args, context),
            Command::Operator(args) => operator::run(&args, context),
            Command::Pki(args) => pki::run(&args, context),
            Command::Registry(args) => registry::run(&args, context),
            Command::Query(args) => query::run(&args, context),
            Command::Resolve(args) => decisions::resolve::run(&args, context),
            Command::Explain(args) => decisions::explain::run(&args, context),
            Command::Reviews(args) => decisions::reviews::run(&args, context),
            Command::Receipt(args) => receipt::run(&args, context),
            Command::Ledger(args) => ledger::run(&args, context),
            Command::Policy(args) => policy::run(&args, context),
            Command::Demo(args) => demo::run(args, context),
            Command::Bench(args) => {
                let report = bench::run(args, context.is_json()).map_err(CliError::environment)?;
                context.print(&report)?;
                Ok(Exit::Clean)
            }
            Command::Completions(args) => completions::run(&args, Self::command(), context),
        }
    }
}

/// The exit codes, for `--help`.
fn exit_codes() -> String {
    let lines = Exit::ALL.iter().map(|exit| format!("\n  {:>2}  {} / {}", exit.code(), exit.zh(), exit.en()));
    format!("退出码 / Exit codes:{}", lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    /// The commands that do something, each as the words that name it.
    fn leaves(command: &clap::Command, path: &[String], found: &mut Vec<Vec<String>>) {
        let inner: Vec<_> = command.get_subcommands().filter(|one| one.get_name() != "help").collect();
        if inner.is_empty() {
            assert!(command.get_arguments().any(|argument| argument.get_id() == "format"), "{path:?}");
            found.push(path.to_vec());
        }
        for one in inner {
            leaves(one, &[path, &[one.get_name().to_owned()]].concat(), found);
        }
    }

    #[test]
    fn every_command_takes_the_form_of_its_results_and_says_what_is_wrong_with_its_flags() {
        let mut command = CommandLine::command();
        command.build();
        let mut found = Vec::new();
        leaves(&command, &[], &mut found);
        assert!(found.len() > 15, "{found:?}");
        for path in found {
            let flags = ["--format=json", "--no-such-flag"].map(ToOwned::to_owned);
            let line = [&["huxin".to_owned()], &path[..], &flags].concat();
            let error = CommandLine::try_parse_from(line).unwrap_err();
            assert!(error.use_stderr() && error.to_string().contains("--no-such-flag"), "{path:?}: {error}");
        }
    }
}
