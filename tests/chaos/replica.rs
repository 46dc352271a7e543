//! One `flyball serve`, as a process.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use flyball::sim::APP_PRIVATE_KEY;
use tempfile::TempDir;

use crate::SECRET;

pub(crate) struct Replica {
    pub(crate) address: SocketAddr,
    directory: TempDir,
    process: Option<Child>,
}

impl Replica {
    pub(crate) fn new() -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("key.pem"), APP_PRIVATE_KEY).unwrap();
        Self { address, directory, process: None }
    }

    pub(crate) fn start(&mut self, redis: &[String], github: &str) {
        if self.process.is_some() {
            return;
        }
        let directory = self.directory.path();
        let mut command = Command::new(env!("CARGO_BIN_EXE_flyball"));
        command.arg("serve").env_clear().stdout(Stdio::null());
        command.stderr(std::fs::File::options().create(true).append(true).open(log(directory)).unwrap());
        command.env("FLYBALL_LISTEN", self.address.to_string());
        command.env("FLYBALL_GITHUB_APP_ID", "4242");
        command.env("FLYBALL_GITHUB_PRIVATE_KEY_FILE", directory.join("key.pem"));
        command.env("FLYBALL_WEBHOOK_SECRET", SECRET);
        command.env("FLYBALL_GITHUB_API_URL", github);
        command.env("FLYBALL_GITHUB_TIMEOUT", "2s").env("FLYBALL_RETRY_BASE", "100ms");
        // What GitHub could not deliver is asked for again soon.
        command.env("FLYBALL_RECONCILE_INTERVAL", "5s");
        command.env("FLYBALL_REDIS_URL", redis.join(",")).env("FLYBALL_REDIS_CLUSTER", "true");
        self.process = Some(command.spawn().unwrap());
    }

    pub(crate) fn kill(&mut self) -> bool {
        let Some(mut process) = self.process.take() else { return false };
        process.kill().unwrap();
        process.wait().unwrap();
        true
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Child::id)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The end of what it logged, for a failure's message.
    pub(crate) fn said(&self) -> String {
        let text = std::fs::read_to_string(log(self.directory.path())).unwrap_or_default();
        let lines: Vec<&str> = text.lines().rev().take(40).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.kill();
    }
}

fn log(directory: &Path) -> std::path::PathBuf {
    directory.join("log")
}
