//! `flyball serve`: the GitHub App.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use flyball::app::{Missed, Parts, Running};
use flyball::domain::govern::AppIdentity;
use flyball::git::{Limits, Mirrors};
use flyball::github::{AppDirectory, GitHub, GitHubError, GitRemotes, OctocrabGitHub, Pacing};
use flyball::runtime::clock::{Clock, SystemClock};
use flyball::runtime::mirrored::MirroredGitHub;
use flyball::runtime::redeliver;
use flyball::runtime::settings::Settings;
use flyball::webhook::Secrets;
use tracing_subscriber::EnvFilter;

use super::settings::ServeArgs;

/// GitHub's delivery log is looked into at least so often: it costs one request.
const LOOK: Duration = Duration::from_secs(300);

/// How long one fetch of a mirror may take: a first one brings everything.
const FETCH: Duration = Duration::from_secs(600);

/// Runs until it is told to stop.
pub(crate) fn run(args: ServeArgs) -> anyhow::Result<ExitCode> {
    log(&args)?;
    super::runtime()?.block_on(serve(args))?;
    Ok(ExitCode::SUCCESS)
}

fn log(args: &ServeArgs) -> anyhow::Result<()> {
    let filter =
        EnvFilter::try_new(&args.log).with_context(|| format!("FLYBALL_LOG `{}` is not understood", args.log))?;
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if args.log_json {
        logs.json().init();
    } else {
        logs.init();
    }
    Ok(())
}

async fn serve(args: ServeArgs) -> anyhow::Result<()> {
    let secrets = args.secrets()?;
    let client = OctocrabGitHub::new(&flyball::github::Settings {
        app_id: args.github_app_id,
        private_key_pem: args.private_key()?,
        api_url: args.github_api_url.clone(),
        graphql_url: args.github_graphql_url.clone(),
        timeout: args.github_timeout,
        retry_base: args.retry_base,
        pacing: Some(Pacing::github(Arc::new(|| SystemClock.now()))),
    })?;
    let store = args.store.open().await?;
    let identity = identity(&client, args.github_app_id).await?;
    let client = Arc::new(client);
    let log = Arc::clone(&client);
    let github = with_mirrors(&args, client);
    let running = Running::start(Parts {
        listen: args.listen,
        store,
        github,
        identity,
        secrets: Secrets::new(&secrets),
        clock: Arc::new(SystemClock),
        worker: Settings::new(owner(), args.github_timeout),
        retry_base: args.retry_base,
        missed: Some(Missed { log, settings: redeliver::Settings::every(args.reconcile_interval.min(LOOK)) }),
        reconcile_interval: Some(args.reconcile_interval),
        pages_url: args.pages_url.clone(),
        web_url: args.github_web_url.trim_end_matches('/').to_owned(),
    })
    .await
    .with_context(|| format!("cannot listen on {}", args.listen))?;
    tracing::info!(address = %running.address(), "listening");
    stopped().await;
    tracing::info!("stopping: finishing what is in hand");
    running.shutdown().await;
    Ok(())
}

/// GitHub, with mirrors beside it where a folder for them is named.
fn with_mirrors(args: &ServeArgs, client: Arc<OctocrabGitHub>) -> Arc<dyn GitHub> {
    let Some(folder) = args.mirror.folder.clone() else { return client };
    let limits = Limits { bytes: args.mirror.bytes, idle: args.mirror.idle, fetch: FETCH };
    let remotes = Arc::new(GitRemotes::new(Arc::clone(&client), &args.github_web_url));
    let mirrors = Arc::new(Mirrors::new(folder, limits));
    // A read has twice the time-out of a call: what GitHub says first, and half of it for git.
    Arc::new(MirroredGitHub::new(client, remotes, mirrors, Arc::new(SystemClock), args.github_timeout / 2))
}

/// Who holds the leases: this process on this machine.
fn owner() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{}-{}", host.trim(), std::process::id())
}

/// Who we are on GitHub. Without an answer the server starts all the same: deliveries are accepted, and worked once GitHub answers.
async fn identity(client: &OctocrabGitHub, app_id: u64) -> anyhow::Result<AppIdentity> {
    match tokio::time::timeout(Duration::from_secs(20), client.identity()).await {
        Ok(Ok(identity)) => Ok(identity),
        Ok(Err(error @ (GitHubError::Settings(_) | GitHubError::ClockWrong { .. }))) => Err(error.into()),
        Ok(Err(error)) => {
            tracing::warn!(%error, "GitHub did not say who we are; going on by the App id alone");
            Ok(AppIdentity { app_id, bot_login: String::new() })
        }
        Err(_) => {
            tracing::warn!("GitHub did not answer in time who we are; going on by the App id alone");
            Ok(AppIdentity { app_id, bot_login: String::new() })
        }
    }
}

async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
        }
        Err(_) => drop(interrupted.await),
    }
}
