//! Commands that ask a running server: `status`, `unit`, `watch`, `mcp`.

mod table;
mod unit;
mod watch;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use flyball::client::{AskError, JsonApi, Remote, RepoName};
use flyball::present::unit_view::UnitView;
use serde::Serialize;

pub(crate) use unit::UnitArgs;
pub(crate) use watch::WatchArgs;

/// Which server is asked.
#[derive(Debug, Clone, Args)]
pub(crate) struct ServerArgs {
    /// The server to ask.
    #[arg(long, env = "FLYBALL_SERVER", default_value = "http://127.0.0.1:3000", value_name = "URL")]
    server: String,
    /// A GitHub user token of the server's App, where people sign in to see its pages.
    #[arg(long, env = "FLYBALL_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    token: Option<String>,
}

impl ServerArgs {
    fn remote(&self) -> Result<Remote, AskError> {
        let remote = Remote::at(&self.server)?;
        match self.token.as_deref().filter(|token| !token.trim().is_empty()) {
            Some(token) => remote.with_token(token),
            None => Ok(remote),
        }
    }

    fn api(&self) -> Result<JsonApi, AskError> {
        Ok(JsonApi::by(Arc::new(self.remote()?)))
    }
}

/// How the answer is written.
#[derive(Debug, Clone, Args)]
pub(crate) struct OutputArgs {
    /// Write JSON, for programs.
    #[arg(long)]
    json: bool,
    /// Columns to fill; absent: those of the terminal, and without a terminal as many as it takes.
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(40..))]
    width: Option<u16>,
}

/// Settings of `flyball status`.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// The repository, as owner/repo; absent: all that the server knows.
    repository: Option<RepoName>,
    #[command(flatten)]
    server: ServerArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Settings of `flyball mcp`.
#[derive(Debug, Args)]
pub(crate) struct McpArgs {
    #[command(flatten)]
    server: ServerArgs,
}

/// A repository with its open units: what the table shows and what `--json` writes.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Rows {
    repository: String,
    units: Vec<UnitView>,
}

/// `flyball status`: the open units of one repository, or of all.
pub(crate) fn status(args: &StatusArgs) -> anyhow::Result<ExitCode> {
    let api = args.server.api()?;
    let rows = super::runtime()?.block_on(rows(&api, args.repository.as_ref()))?;
    if args.output.json {
        anstream::println!("{}", serde_json::to_string_pretty(&rows)?);
    } else {
        anstream::println!("{}", table::of(&rows, args.output.width));
    }
    Ok(ExitCode::SUCCESS)
}

/// `flyball unit`: the brief of one unit.
pub(crate) fn unit(args: &UnitArgs) -> anyhow::Result<ExitCode> {
    super::runtime()?.block_on(unit::show(args))
}

/// `flyball watch`: the same as `status`, as it changes.
pub(crate) fn watch(args: &WatchArgs) -> anyhow::Result<ExitCode> {
    super::runtime()?.block_on(watch::follow(args))
}

/// `flyball mcp`: the tools for agents, on standard input and output.
pub(crate) fn mcp(args: &McpArgs) -> anyhow::Result<ExitCode> {
    super::runtime()?.block_on(flyball::mcp::over_stdio(args.server.remote()?))?;
    Ok(ExitCode::SUCCESS)
}

async fn rows(api: &JsonApi, repository: Option<&RepoName>) -> anyhow::Result<Vec<Rows>> {
    let names = match repository {
        Some(name) => vec![name.clone()],
        None => {
            let known = api.repositories().await?.repositories;
            known.iter().map(|known| known.full_name.parse()).collect::<Result<Vec<RepoName>, _>>()?
        }
    };
    let mut rows = Vec::with_capacity(names.len());
    for name in names {
        rows.push(Rows { repository: name.to_string(), units: api.open_units(&name).await? });
    }
    Ok(rows)
}
