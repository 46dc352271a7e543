//! `flyball plan`: what collides with what, and in which order it should land, for heads of a local repository. Needs no server.

mod explain;
mod gather;
mod judge;
mod progress;
mod report;
mod text;

use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use flyball::domain::integration::collision::Kind;

/// The arguments of `flyball plan`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct PlanArgs {
    /// The repository: a working copy or a bare one.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) repo: PathBuf,
    /// Where the heads want to land: a branch, a tag or a commit.
    #[arg(long, value_name = "REV")]
    pub(crate) base: String,
    /// A head, with the name to show it by; may be given many times.
    #[arg(long = "head", value_name = "NAME=REV")]
    pub(crate) heads: Vec<String>,
    /// Takes the branches whose names match as heads, besides the base and what it holds already.
    #[arg(long, value_name = "GLOB")]
    pub(crate) branches: Vec<String>,
    /// Takes pull requests as heads: `refs/pull/*/head`, as `git fetch origin '+refs/pull/*/head:refs/pull/*/head'` brings them.
    #[arg(long)]
    pub(crate) prs: bool,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// How textual collisions are found: by real merges, or by comparing changed lines as the server does without a mirror.
    #[arg(long, value_enum, default_value_t = Engine::Exact)]
    pub(crate) engine: Engine,
    /// Kinds of collision that keep two heads out of one wave.
    #[arg(long, value_name = "KIND", value_delimiter = ',', default_value = "textual")]
    pub(crate) enforce: Vec<Kind>,
    /// Exits with 1 where a collision of this kind is found; may be given many times.
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub(crate) fail_on: Vec<Kind>,
    /// Says only what stands between these two heads, in full.
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    pub(crate) explain: Vec<String>,
}

/// How the answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// How textual collisions are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Engine {
    /// Real three-way merges.
    Exact,
    /// Changed lines, carried to the base's coordinates.
    Hunks,
}

/// Runs the command: 0, or 1 where `--fail-on` found what it names.
///
/// # Errors
/// What cannot be opened, found or read, in words for the person at the terminal.
pub(crate) fn run(args: &PlanArgs) -> anyhow::Result<ExitCode> {
    let scene = gather::gather(args)?;
    let mut report = judge::judge(&scene, args)?;
    let fails = report.collisions.iter().any(|collision| args.fail_on.contains(&collision.kind));
    // Whole, not line by line: whoever reads it is woken once.
    let mut out = BufWriter::with_capacity(1 << 16, anstream::stdout().lock());
    if let [a, b] = args.explain.as_slice() {
        report = explain::only(report, a, b)?;
    }
    let written = match (args.format, args.explain.is_empty()) {
        (Format::Json, _) => {
            let written = serde_json::to_writer_pretty(&mut out, &report).map_err(std::io::Error::from);
            written.and_then(|()| writeln!(out))
        }
        (Format::Text, true) => text::write(&report, &scene, &mut out),
        (Format::Text, false) => explain::write(&report, &args.explain, &mut out),
    };
    // A reader that has seen enough (`| head`) is no failure.
    match written.and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            return Err(error).context("the answer cannot be written");
        }
        _ => {}
    }
    // The process ends here, and its memory with it: taking apart piece by piece what was read would only take time.
    std::mem::forget((scene, report));
    Ok(if fails { ExitCode::from(1) } else { ExitCode::SUCCESS })
}
