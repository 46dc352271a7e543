//! Commands: parse arguments, call the library, say what came of it. 0 fine, 1 findings or failure, 2 usage.

mod ask;
mod audit;
mod completions;
mod demo;
mod doctor;
mod letters;
mod plan;
mod policy;
mod serve;
mod settings;
mod traces;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

/// Governs change made at machine speed: merge order, collisions, one required check, and suggest, confirm, execute.
#[derive(Debug, Parser)]
#[command(name = "flyball", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the GitHub App: webhooks, worker, API and pages.
    Serve(Box<settings::ServeArgs>),
    /// Show the open units of a repository, or of all: standing, why, whose move, since. Asks a running server.
    Status(ask::StatusArgs),
    /// Show the brief of one unit. Asks a running server.
    Unit(ask::UnitArgs),
    /// Show what `status` shows, as it changes, until Ctrl-C. Asks a running server.
    Watch(ask::WatchArgs),
    /// Offer the tools for coding agents on standard input and output (Model Context Protocol). Asks a running server.
    Mcp(ask::McpArgs),
    /// Look for what keeps the server or a repository from being governed, and say the next step. Exits 1 if something is broken.
    Doctor(Box<doctor::DoctorArgs>),
    /// Show what collides with what and in which order it should land, for heads of a local git repository.
    Plan(plan::PlanArgs),
    /// Play a working day against a simulated GitHub, in this terminal.
    Demo(demo::DemoArgs),
    /// Check, explain, test and compare policies.
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Check and export the trace of a unit.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// List deliveries that could not be worked, and put them back.
    #[command(subcommand)]
    Parked(letters::ParkedCommand),
    /// Write the completions of a shell to standard output.
    Completions(completions::CompletionsArgs),
}

/// Parses, runs, reports.
pub(crate) fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Command::Serve(args) => serve::run(*args),
        Command::Status(args) => ask::status(&args),
        Command::Unit(args) => ask::unit(&args),
        Command::Watch(args) => ask::watch(&args),
        Command::Mcp(args) => ask::mcp(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Plan(args) => plan::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Policy(command) => policy::run(command),
        Command::Audit(command) => audit::run(command),
        Command::Parked(command) => letters::run(command),
        Command::Completions(args) => completions::run(&args, Cli::command()),
    };
    outcome.unwrap_or_else(|error| {
        anstream::eprintln!("flyball: {error:#}");
        ExitCode::from(2)
    })
}

/// A runtime for commands that talk to a store or a network.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
