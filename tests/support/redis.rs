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
    fsync: Option<&'static str>,
    /// None while it is killed.
    pub(crate) child: Option<Child>,
}

impl Server {
    /// One with an append-only file that is synced as `fsync` says (`always`, `everysec`), or that keeps nothing on disk.
    pub(crate) fn start(fsync: Option<&'static str>) -> Self {
        let mut server = Self { directory: tempfile::tempdir().unwrap(), fsync, child: None };
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
        if let Some(fsync) = self.fsync {
            command.args(["--appendonly", "yes", "--appendfsync", fsync]);
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

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
