//! `flyball demo`: a working day on a simulated GitHub, told in the terminal.
//!
//! Everything is real but GitHub: signed webhooks over HTTP, the embedded store, the worker, check runs and comments that come back.

mod aftermath;
mod crowd;
mod days;
mod related;
mod scenes;
mod teller;

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use flyball::sim::{Files, Role};
use flyball::stage::{Stage, StageConfig};
use teller::Teller;

/// Settings of the demo.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// End when the day is over instead of staying up with its pages.
    #[arg(long)]
    pub once: bool,
    /// Open so many pull requests in a second repository, and let something happen there every few seconds.
    #[arg(long, default_value_t = 0, value_name = "UNITS", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(0..=2000))]
    pub crowd: usize,
    /// Play so many days of work in a third repository first, so that there is a flow to look at.
    #[arg(long, default_value_t = 0, value_name = "DAYS", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(0..=90))]
    pub days: usize,
    /// People sign in to see the pages, at the simulated GitHub, as whoever of the day they want to be; then they decide there.
    #[arg(long)]
    pub login: bool,
    /// Address of the pages.
    #[arg(long, env = "FLYBALL_LISTEN", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,
}

pub(crate) fn run(args: &DemoArgs) -> anyhow::Result<ExitCode> {
    super::runtime()?.block_on(play(args))?;
    Ok(ExitCode::SUCCESS)
}

/// A repository that not everybody of the day may read: who signs in sees the difference.
async fn private_repository(stage: &Stage) {
    let github = &stage.github;
    let vault = github.create_private_repo("acme/vault", Files::new().with("keys.txt", "none\n"));
    for (login, role) in [("dana", Role::Maintain), ("alice", Role::Write)] {
        github.user(vault, login, role);
    }
    let pr = github.open_pull(vault, "alice", "Keep a key", Files::new().with("keys.txt", "one\n"));
    stage.settle().await;
    github.check(pr, "test", "ci", Some("success"));
    stage.settle().await;
}

/// What somebody decides may have to wait for a moment; on a stage it comes only if somebody lets it.
async fn time_passes(stage: &Stage) {
    const MOMENT: std::time::Duration = std::time::Duration::from_secs(1);
    loop {
        tokio::time::sleep(MOMENT).await;
        stage.pass(MOMENT).await;
    }
}

async fn play(args: &DemoArgs) -> anyhow::Result<()> {
    let directory = tempfile::tempdir().context("no temporary directory can be made")?;
    let listen = if args.once { SocketAddr::from(([127, 0, 0, 1], 0)) } else { args.listen };
    let config = StageConfig { listen, login: args.login, ..StageConfig::default() };
    let stage = Stage::set(directory.path(), config).await.context("the stage cannot be set up")?;
    let teller = Teller::default();
    days::play(&stage, &teller, args.days).await;
    scenes::day(&stage, &teller).await?;
    let crowd = if args.crowd > 0 { crowd::fill(&stage, &teller, args.crowd).await } else { None };
    if args.login {
        private_repository(&stage).await;
    }
    if args.once {
        stage.end().await;
        return Ok(());
    }
    if let Some(address) = stage.address() {
        teller.say(&format!("The pages stay up at **http://{address}/** until Ctrl-C."));
        if args.login {
            teller.say(
                "Sign in there as carol, who maintains it, or as anybody else, and decide from the page of a unit.",
            );
        }
    }
    match crowd {
        None if args.login => tokio::select! {
            stopped = tokio::signal::ctrl_c() => stopped?,
            () = time_passes(&stage) => {}
        },
        None => tokio::signal::ctrl_c().await?,
        Some(pr) => tokio::select! {
            stopped = tokio::signal::ctrl_c() => stopped?,
            () = crowd::go_on(&stage, pr) => {}
        },
    }
    stage.end().await;
    Ok(())
}
