//! Probot beside ours: an app that does nothing.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use flyball::sim::APP_PRIVATE_KEY;

use crate::load::SECRET;

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/intake/probot")
}

/// Its packages exactly as locked, unless they are in place.
pub(crate) fn install() -> Result<()> {
    if directory().join("node_modules/probot").exists() {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(directory());
    let output = npm.output().context("npm")?;
    if !output.status.success() {
        bail!("npm ci: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

/// The command that serves it at this address, at the path of ours.
pub(crate) fn command(address: SocketAddr, directory_of_key: &Path) -> Result<Vec<OsString>> {
    let key = directory_of_key.join("key.pem");
    std::fs::write(&key, APP_PRIVATE_KEY)?;
    let mut command: Vec<OsString> = vec!["env".into()];
    for (name, value) in [
        ("APP_ID", "4242"),
        ("WEBHOOK_SECRET", SECRET),
        ("WEBHOOK_PATH", "/webhooks/github"),
        ("LOG_LEVEL", "fatal"),
        ("NODE_ENV", "production"),
        ("HOST", &address.ip().to_string()),
        ("PORT", &address.port().to_string()),
        ("PRIVATE_KEY_PATH", &key.display().to_string()),
    ] {
        command.push(format!("{name}={value}").into());
    }
    let there = directory();
    command.extend(["node".into(), there.join("node_modules/probot/bin/probot.js").into()]);
    command.extend(["run".into(), there.join("app.mjs").into()]);
    Ok(command)
}
