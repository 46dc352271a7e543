//! Real Redis servers for a test: spawned in a directory of their own, killed when dropped.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const HINT: &str =
    "is needed for the store's tests: apt-get install redis-server redis-tools (or the same from your system)";

/// One server on a Unix socket.
pub struct Server {
    directory: TempDir,
    durable: bool,
    child: Option<Child>,
}

impl Server {
    /// One that keeps nothing on disk.
    pub fn start() -> Self {
        Self::spawned(false)
    }

    /// One with an append-only file that is synced before each answer.
    pub fn durable() -> Self {
        Self::spawned(true)
    }

    fn spawned(durable: bool) -> Self {
        let mut server = Self { directory: tempfile::tempdir().unwrap(), durable, child: None };
        server.restart();
        server
    }

    pub fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    fn socket(&self) -> PathBuf {
        self.directory.path().join("r.sock")
    }

    /// Starts it again with what is in its directory, and waits until it answers.
    pub fn restart(&mut self) {
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
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Runs `redis-cli` against it.
    pub fn cli(&self, args: &[&str]) -> String {
        let socket = self.socket();
        cli(&[&["-s", socket.to_str().unwrap()], args].concat())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A cluster of three primaries on free ports of loopback.
pub struct Cluster {
    _directories: Vec<TempDir>,
    children: Vec<Child>,
    pub ports: Vec<u16>,
}

impl Cluster {
    pub fn start() -> Self {
        let mut cluster = Self { _directories: Vec::new(), children: Vec::new(), ports: free_ports() };
        for port in cluster.ports.clone() {
            let directory = tempfile::tempdir().unwrap();
            let port = port.to_string();
            let mut command = Command::new("redis-server");
            command.args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--cluster-enabled", "yes"]);
            command.args(["--cluster-node-timeout", "2000"]);
            cluster.children.push(spawn(&mut command, directory.path()));
            cluster._directories.push(directory);
            answers(&["-p", &port]);
        }
        let nodes: Vec<_> = cluster.ports.iter().map(|port| format!("127.0.0.1:{port}")).collect();
        let nodes: Vec<_> = nodes.iter().map(String::as_str).collect();
        let said = cli(&[&["--cluster", "create"], &nodes[..], &["--cluster-replicas", "0", "--cluster-yes"]].concat());
        assert!(said.contains("All 16384 slots covered"), "{said}");
        cluster.settle();
        cluster
    }

    pub fn urls(&self) -> Vec<String> {
        self.ports.iter().map(|port| format!("redis://127.0.0.1:{port}")).collect()
    }

    /// Runs `redis-cli` against the node of this place.
    pub fn cli(&self, node: usize, args: &[&str]) -> String {
        let port = self.ports[node].to_string();
        cli(&[&["-p", &port], args].concat())
    }

    /// Every node knows of every other before the first question.
    fn settle(&self) {
        wait("the cluster", || {
            (0..3).all(|node| {
                let info = self.cli(node, &["cluster", "info"]);
                info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3")
            })
        });
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for child in &mut self.children {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

/// Ports that are free, and free 10,000 higher too, where nodes of a cluster talk to each other.
fn free_ports() -> Vec<u16> {
    let mut held = Vec::new();
    while held.len() < 3 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let bus = port.checked_add(10_000).map(|bus| TcpListener::bind(("127.0.0.1", bus)));
        // All stay bound until three are found, so that none comes twice.
        held.extend(bus.and_then(Result::ok).map(|bus| (listener, bus, port)));
    }
    held.into_iter().map(|(_, _, port)| port).collect()
}

fn spawn(command: &mut Command, directory: &Path) -> Child {
    let quiet = command.arg("--dir").arg(directory).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.spawn().unwrap_or_else(|error| panic!("redis-server {HINT}: {error}"))
}

fn cli(args: &[&str]) -> String {
    let output = Command::new("redis-cli").args(args).output();
    let output = output.unwrap_or_else(|error| panic!("redis-cli {HINT}: {error}"));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn answers(place: &[&str]) {
    wait("redis-server", || cli(&[place, &["ping"]].concat()).trim() == "PONG");
}

fn wait(what: &str, mut done: impl FnMut() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < Duration::from_secs(30), "{what} does not come up");
        std::thread::sleep(Duration::from_millis(10));
    }
}
