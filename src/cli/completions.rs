//! `flyball completions`: what a shell needs to complete commands and flags.

use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Command};
use clap_complete::{Shell, generate};

/// Settings of `flyball completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// Writes the script to standard output.
pub(crate) fn run(args: &CompletionsArgs, mut command: Command) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    generate(args.shell, &mut command, "flyball", &mut script);
    std::io::Write::write_all(&mut std::io::stdout().lock(), &script).context("the script cannot be written")?;
    Ok(ExitCode::SUCCESS)
}
