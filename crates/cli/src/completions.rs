//! `huxin completions`: what a shell completes on the command line.

use clap::{Args as ClapArgs, Command};
use clap_complete::Shell;
use serde::Serialize;

use crate::context::Context;
use crate::exit::{CliError, Exit};

/// For which shell.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

#[derive(Serialize)]
struct Script {
    shell: String,
    script: String,
}

/// Prints the script that the shell is to read.
///
/// # Errors
/// If it cannot be printed.
pub(crate) fn run(args: &Args, command: Command, context: &Context) -> Result<Exit, CliError> {
    let script = Script { shell: args.shell.to_string(), script: script(args.shell, command) };
    context.show(&script, |script| script.script.clone())?;
    Ok(Exit::Clean)
}

fn script(shell: Shell, mut command: Command) -> String {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut command, "huxin", &mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, ValueEnum as _};

    use super::*;
    use crate::command::CommandLine;

    fn names(command: &Command, found: &mut Vec<String>) {
        for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
            found.push(inner.get_name().to_owned());
            names(inner, found);
        }
    }

    #[test]
    fn every_shell_gets_a_script_that_names_every_command() {
        let mut all = Vec::new();
        names(&CommandLine::command(), &mut all);
        assert!(all.len() > 20, "{all:?}");
        for shell in Shell::value_variants() {
            let script = script(*shell, CommandLine::command());
            for name in &all {
                assert!(script.contains(name.as_str()), "{shell}: {name}");
            }
        }
    }
}
