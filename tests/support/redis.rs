//! A real Redis server for a test: spawned in a directory of its own, killed when dropped.

#[path = "process.rs"]
mod process;

use std::path::PathBuf;
use std::process::{Child, Command};

use tempfile::TempDir;

use self::process::{answers, spawn};

/// One server on a Unix socket.
pub(crate) struct Server {
    directory: TempDir,
    durable: bool,
    child: Option<Child>,
}

impl Server {
    /// One that keeps nothing on disk.
    pub(crate) fn start() -> Self {
        Self::spawned(false)
    }

    /// One with an append-only file that is synced before each answer.
    pub(crate) fn durable() -> Self {
        Self::spawned(true)
    }

    fn spawned(durable: bool) -> Self {
        let mut server = Self { directory: tempfile::tempdir().unwrap(), durable, child: None };
        server.restart();
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    fn socket(&self) -> PathBuf {
        self.directory.path().join("r.sock")
    }

    /// Starts it again with what is in its directory, and waits until it answers.
    pub(crate) fn restart(&mut self) {
        self.kill();
        let socket = self.socket();
        let mut command = Command::new("redis-server");
        command.args(["--port", "0", "--save", "", "--unixsocket"]).arg(&socket);
        if self.durable {
            command.args(["--appendonly", "yes", "--appendfsync", "always"]);
        }
        self.child = Some(spawn(&mut command, self.directory.path()));
        answers(&["-s", socket.to_str().unwrap()]);
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

impl Server {
    /// Sends a signal, by its name: STOP makes it hang, CONT lets it go on.
    pub(crate) fn signal(&self, name: &str) {
        let child = self.child.as_ref().expect("it runs");
        let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
