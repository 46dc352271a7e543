//! A real Redis Cluster for a test: spawned in directories of its own, killed when dropped.

#[path = "process.rs"]
mod process;

use std::net::TcpListener;
use std::process::{Child, Command};

use tempfile::TempDir;

use self::process::{answers, cli, spawn, wait};

/// A cluster of three primaries on free ports of loopback.
pub(crate) struct Cluster {
    directories: Vec<TempDir>,
    /// None while it is killed.
    children: Vec<Option<Child>>,
    pub(crate) ports: Vec<u16>,
    /// Whether each write is on disk before it is answered.
    durable: bool,
}

impl Cluster {
    /// One that keeps nothing on disk.
    pub(crate) fn start() -> Self {
        Self::of(false)
    }

    /// One whose nodes find everything again that they acknowledged.
    pub(crate) fn durable() -> Self {
        Self::of(true)
    }

    fn of(durable: bool) -> Self {
        let ports = free_ports();
        let directories = ports.iter().map(|_| tempfile::tempdir().unwrap()).collect();
        let children = ports.iter().map(|_| None).collect();
        let mut cluster = Self { directories, children, ports, durable };
        (0..3).for_each(|node| cluster.start_again(node));
        let nodes: Vec<_> = cluster.ports.iter().map(|port| format!("127.0.0.1:{port}")).collect();
        let nodes: Vec<_> = nodes.iter().map(String::as_str).collect();
        let said = cli(&[&["--cluster", "create"], &nodes[..], &["--cluster-replicas", "0", "--cluster-yes"]].concat());
        assert!(said.contains("All 16384 slots covered"), "{said}");
        cluster.settle();
        cluster
    }

    /// Starts a node with what is in its directory; one that runs is left alone.
    pub(crate) fn start_again(&mut self, node: usize) {
        if self.children[node].is_some() {
            return;
        }
        let port = self.ports[node].to_string();
        let mut command = Command::new("redis-server");
        command.args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--cluster-enabled", "yes"]);
        command.args(["--cluster-node-timeout", "2000"]);
        if self.durable {
            command.args(["--appendonly", "yes", "--appendfsync", "always"]);
        }
        self.children[node] = Some(spawn(&mut command, self.directories[node].path()));
        answers(&["-p", &port]);
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self, node: usize) {
        if let Some(mut child) = self.children[node].take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub(crate) fn pid(&self, node: usize) -> Option<u32> {
        self.children[node].as_ref().map(Child::id)
    }

    pub(crate) fn urls(&self) -> Vec<String> {
        self.ports.iter().map(|port| format!("redis://127.0.0.1:{port}")).collect()
    }

    /// Runs `redis-cli` against the node of this place.
    pub(crate) fn cli(&self, node: usize, args: &[&str]) -> String {
        let port = self.ports[node].to_string();
        cli(&[&["-p", &port], args].concat())
    }

    /// Moves the slot of a key to another node, key by key as an operator's resharding does.
    pub(crate) fn move_slot(&self, key: &str) {
        let slot = self.cli(0, &["cluster", "keyslot", key]).trim().to_owned();
        let ids: Vec<_> = (0..3).map(|node| self.cli(node, &["cluster", "myid"]).trim().to_owned()).collect();
        // A node that does not have the slot answers MOVED.
        let from = (0..3).find(|node| !self.cli(*node, &["type", key]).contains("MOVED")).unwrap();
        let to = (from + 1) % 3;
        self.cli(to, &["cluster", "setslot", &slot, "importing", &ids[from]]);
        self.cli(from, &["cluster", "setslot", &slot, "migrating", &ids[to]]);
        loop {
            let keys = self.cli(from, &["cluster", "getkeysinslot", &slot, "1"]);
            let Some(key) = keys.lines().next().filter(|key| !key.is_empty()) else { break };
            let said = self.cli(from, &["migrate", "127.0.0.1", &self.ports[to].to_string(), key, "0", "5000"]);
            assert!(said.contains("OK") || said.contains("NOKEY"), "{said}");
        }
        for node in [to, from, 3 - to - from] {
            self.cli(node, &["cluster", "setslot", &slot, "node", &ids[to]]);
        }
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
        (0..self.children.len()).for_each(|node| self.kill(node));
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
