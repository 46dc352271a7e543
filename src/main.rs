//! The `flyball` binary: reads the command line and hands over to `cli`.

mod cli;

use std::process::ExitCode;

use clap::Parser;

/// Governs change made at machine speed: merge order, collisions, one required check.
#[derive(Debug, Parser)]
#[command(name = "flyball", version)]
enum Cli {
    /// Shows what collides with what and in which order it should land, for heads of a local git repository.
    Plan(cli::plan::PlanArgs),
}

fn main() -> ExitCode {
    let result = match Cli::parse() {
        Cli::Plan(args) => cli::plan::run(&args),
    };
    result.unwrap_or_else(|error| {
        anstream::eprintln!("flyball: {error:#}");
        ExitCode::from(2)
    })
}
