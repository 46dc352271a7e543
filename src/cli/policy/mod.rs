//! `flyball policy`: check, explain, test and compare policies without a server. 0 fine, 1 findings, 2 usage or unreadable.

mod backtest;
mod check;
mod examples;
mod explain;
mod files;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use flyball::domain::policy;

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Check a policy file: errors that refuse it, and warnings about rules that may not do what was meant.
    Check {
        #[command(flatten)]
        policy: PolicyArgs,
        /// The repository's files, one a line, as `git ls-files` prints them (`-` for standard input): names globs that match nothing.
        #[arg(long, value_name = "LIST")]
        files: Option<PathBuf>,
        /// A CODEOWNERS file to check as well.
        #[arg(long, value_name = "FILE")]
        codeowners: Option<PathBuf>,
        #[command(flatten)]
        output: Output,
    },
    /// Show every rule, predicate and requirement for one unit.
    Explain {
        /// What is known of the unit: YAML or JSON, `-` for standard input.
        unit: PathBuf,
        #[command(flatten)]
        policy: PolicyFlag,
        #[command(flatten)]
        output: Output,
    },
    /// Run example units and compare with the verdicts they should get.
    Test {
        /// Files of examples; by default the one beside the policy: `flyball.test.yml`.
        examples: Vec<PathBuf>,
        #[command(flatten)]
        policy: PolicyFlag,
        #[command(flatten)]
        output: Output,
    },
    /// Say which recorded units a changed policy would judge differently.
    Backtest {
        /// The policy as it is.
        #[arg(long, value_name = "FILE")]
        old: PathBuf,
        /// The policy as it would be.
        #[arg(long, value_name = "FILE")]
        new: PathBuf,
        /// Recorded units or traces: JSON lines, `-` for standard input.
        #[arg(required = true)]
        units: Vec<PathBuf>,
        #[command(flatten)]
        output: Output,
    },
    /// Print the JSON Schema of the policy file.
    Schema,
}

/// A policy file as the first argument.
#[derive(Debug, Args)]
pub(crate) struct PolicyArgs {
    /// The policy file.
    #[arg(default_value = policy::PATH)]
    file: PathBuf,
    #[command(flatten)]
    extended: Extended,
}

/// A policy file as a flag.
#[derive(Debug, Args)]
pub(crate) struct PolicyFlag {
    /// The policy file.
    #[arg(long = "policy", value_name = "FILE", default_value = policy::PATH)]
    file: PathBuf,
    #[command(flatten)]
    extended: Extended,
}

/// The file that a policy extends.
#[derive(Debug, Args)]
pub(crate) struct Extended {
    /// A copy of the file that `extends` names: nothing is fetched.
    #[arg(id = "extended_file", long = "extended", value_name = "FILE")]
    file: Option<PathBuf>,
}

/// How the answer is written.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Output {
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// How the answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Runs the command.
///
/// # Errors
/// What cannot be read, in words for the person at the terminal.
pub(crate) fn run(command: PolicyCommand) -> anyhow::Result<ExitCode> {
    match command {
        PolicyCommand::Check { policy, files, codeowners, output } => {
            check::run(&policy, files.as_deref(), codeowners.as_deref(), output.format)
        }
        PolicyCommand::Explain { unit, policy, output } => explain::run(&unit, &policy, output.format),
        PolicyCommand::Test { examples, policy, output } => examples::run(&examples, &policy, output.format),
        PolicyCommand::Backtest { old, new, units, output } => backtest::run(&old, &new, &units, output.format),
        PolicyCommand::Schema => {
            print(&policy::schema())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Writes an answer; a reader that has seen enough (`| head`) is no failure.
fn print(text: &str) -> anyhow::Result<()> {
    match anstream::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    print(&format!("{}\n", serde_json::to_string_pretty(value)?))
}

/// Text of other people on a terminal: no control characters.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
