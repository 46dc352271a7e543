//! `flyball watch`: the table of `flyball status`, drawn again whenever it changed.

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use flyball::client::{AskError, RepoName};

use super::{OutputArgs, Rows, ServerArgs, table};

/// Moves to the upper left and clears what follows.
const FROM_THE_TOP: &str = "\u{1b}[H\u{1b}[2J";

/// Settings of `flyball watch`.
#[derive(Debug, Args)]
pub(crate) struct WatchArgs {
    /// The repository, as owner/repo; absent: all that the server knows.
    repository: Option<RepoName>,
    /// How often the server is asked; what did not change is not sent again.
    #[arg(long, default_value = "5s", value_parser = pause, value_name = "TIME")]
    every: Duration,
    #[command(flatten)]
    server: ServerArgs,
    #[command(flatten)]
    output: OutputArgs,
}

fn pause(text: &str) -> Result<Duration, String> {
    let pause = humantime::parse_duration(text).map_err(|error| format!("{error}: write it as in 5s or 1m"))?;
    if pause < Duration::from_millis(200) {
        Err("ask at most five times a second: 200ms".to_owned())
    } else {
        Ok(pause)
    }
}

/// Asks until it is stopped. What goes wrong at first ends it; later it says so and goes on, since servers come back.
pub(super) async fn follow(args: &WatchArgs) -> anyhow::Result<ExitCode> {
    let api = args.server.api()?;
    let mut shown = Shown { rows: super::rows(&api, args.repository.as_ref()).await?, trouble: None };
    draw(&shown, args)?;
    loop {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => return Ok(ExitCode::SUCCESS),
            () = tokio::time::sleep(args.every) => {}
        }
        let now = match super::rows(&api, args.repository.as_ref()).await {
            Ok(rows) => Shown { rows, trouble: None },
            Err(error) if error.is::<AskError>() => {
                Shown { rows: std::mem::take(&mut shown.rows), trouble: Some(error.to_string()) }
            }
            Err(error) => return Err(error),
        };
        let changed = now.trouble != shown.trouble || now.trouble.is_none() && now.rows != shown.rows;
        shown = now;
        if changed {
            draw(&shown, args)?;
        }
    }
}

/// What stands on the screen.
struct Shown {
    rows: Vec<Rows>,
    trouble: Option<String>,
}

fn draw(shown: &Shown, args: &WatchArgs) -> anyhow::Result<()> {
    let trouble = shown.trouble.as_deref();
    if args.output.json {
        match trouble {
            None => anstream::println!("{}", serde_json::to_string(&shown.rows)?),
            Some(trouble) => anstream::eprintln!("flyball: {trouble}"),
        }
        return Ok(());
    }
    if std::io::stdout().is_terminal() {
        anstream::print!("{FROM_THE_TOP}");
    }
    anstream::println!("{}", table::of(&shown.rows, args.output.width));
    if let Some(trouble) = trouble {
        anstream::println!(
            "\nNot up to date: {trouble}. Asked again every {}.",
            humantime::format_duration(args.every)
        );
    }
    Ok(())
}
