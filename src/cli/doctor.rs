//! `flyball doctor`: what keeps a server or a repository from being governed.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;
use clap::Args;
use flyball::doctor::{Examiner, KeptWhere, Report, Scope, Verdict};
use flyball::runtime::clock::{Clock, SystemClock};

use super::settings::{AppArgs, GitHubArgs, StoreArgs};

/// Settings of `flyball doctor`: those of `flyball serve`, as far as they matter.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub app: AppArgs,
    #[command(flatten)]
    pub github: GitHubArgs,
    #[command(flatten)]
    pub store: StoreArgs,
    /// Look at this repository only, as owner/name.
    #[arg(long = "repo", value_name = "OWNER/NAME")]
    pub repo: Option<String>,
    /// Look at so many repositories at most; each costs about twenty requests.
    #[arg(long = "repositories", default_value_t = 10, value_name = "COUNT")]
    pub repositories: usize,
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

/// Examines and reports: 0 fine, 1 something is broken, 2 GitHub could not be asked.
pub(crate) fn run(args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    if args.repo.as_deref().is_some_and(|repo| repo.split('/').filter(|part| !part.is_empty()).count() != 2) {
        bail!("name the repository as owner/name");
    }
    let report = super::runtime()?.block_on(examine(args))?;
    match args.format {
        Format::Text => print_text(&report),
        Format::Json => anstream::println!("{}", serde_json::to_string_pretty(&report)?),
    }
    Ok(match (report.is_broken(), report.reached) {
        (true, _) => ExitCode::from(1),
        (false, false) => ExitCode::from(2),
        (false, true) => ExitCode::SUCCESS,
    })
}

async fn examine(args: &DoctorArgs) -> anyhow::Result<Report> {
    let file = args.app.file(&args.store.data_dir);
    let keys = args.app.keys(&args.store.data_dir)?;
    let from_file = keys.is_some() && args.app.github_app_id.is_none();
    let app_id = keys.as_ref().map_or(0, |keys| keys.app_id);
    let client = match keys {
        Some(keys) => {
            args.github.client(keys.app_id, &keys.private_key).map(Arc::new).map_err(|error| error.to_string())
        }
        None => Err("there are no App credentials".to_owned()),
    };
    let clock = SystemClock;
    let examiner = Examiner {
        client,
        app_id,
        credentials: from_file.then_some(file),
        store: store(&args.store).await,
        now: Arc::new(move || clock.now()),
    };
    let scope = Scope { only: args.repo.clone(), repositories: args.repositories };
    Ok(examiner.examine(&scope).await)
}

/// The store. A running server has an embedded one for itself: then its own page looks.
async fn store(args: &StoreArgs) -> KeptWhere {
    if args.redis_url.is_empty() && !args.data_dir.exists() {
        return KeptWhere::Elsewhere(format!("{} is not there yet: `flyball serve` makes it", args.data_dir.display()));
    }
    match args.open().await {
        Ok(store) => KeptWhere::Open(store),
        Err(error) if format!("{error:#}").contains("another process") => {
            KeptWhere::Elsewhere("a running server has it open; that server's page /doctor looks at it".to_owned())
        }
        Err(error) => KeptWhere::Closed(format!("{error:#}")),
    }
}

fn print_text(report: &Report) {
    for check in &report.checks {
        let about = check.about.as_deref().map_or_else(String::new, |about| format!(" ({about})"));
        anstream::println!("{} {}{about}: {}", mark(check.verdict), check.name, clean(&check.seen));
        if let Some(next) = &check.next {
            anstream::println!("  next: {}", clean(next));
        }
    }
    anstream::println!("\n{}", report.summary());
}

const fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "ok      ",
        Verdict::Warning => "warning ",
        Verdict::Unknown => "unknown ",
        Verdict::Broken => "BROKEN  ",
    }
}

/// Text of other people on a terminal: no control characters.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
