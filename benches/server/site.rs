//! The processes that serve, and their store.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use flyball::sim::APP_PRIVATE_KEY;
use tempfile::TempDir;

use crate::cluster::Cluster;
use crate::town::SECRET;
use crate::way::Way;

/// Where a site keeps everything.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Keep {
    Embedded,
    /// One Redis, with this `appendfsync`.
    Redis(&'static str),
    /// Three primaries, `appendfsync always`.
    Cluster,
}

impl Keep {
    pub(crate) fn name(self) -> String {
        match self {
            Self::Embedded => "embedded".into(),
            Self::Redis(fsync) => format!("Redis {fsync}"),
            Self::Cluster => "Cluster".into(),
        }
    }
}

/// Replicas on one store, behind one door.
pub(crate) struct Site {
    pub(crate) door: Way,
    replicas: Vec<Replica>,
    store: Vec<(&'static str, String)>,
    github: String,
    _redis: Option<Process>,
    _cluster: Option<Cluster>,
    directory: TempDir,
}

struct Replica {
    address: SocketAddr,
    process: Option<Process>,
}

/// Ends with the benchmark.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

impl Site {
    pub(crate) async fn start(keep: Keep, replicas: usize, github: &str) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        std::fs::write(directory.path().join("key.pem"), APP_PRIVATE_KEY)?;
        let (mut redis, mut cluster) = (None, None);
        let store = match keep {
            Keep::Embedded => vec![("FLYBALL_DATA_DIR", directory.path().join("store").display().to_string())],
            Keep::Redis(fsync) => {
                let address = free_address()?;
                redis = Some(start_redis(address, fsync, directory.path())?);
                vec![("FLYBALL_REDIS_URL", format!("redis://{address}"))]
            }
            Keep::Cluster => {
                let nodes = cluster.insert(tokio::task::spawn_blocking(Cluster::durable).await?);
                vec![("FLYBALL_REDIS_URL", nodes.urls().join(",")), ("FLYBALL_REDIS_CLUSTER", "true".into())]
            }
        };
        let replicas: Vec<Replica> =
            (0..replicas).map(|_| Ok(Replica { address: free_address()?, process: None })).collect::<Result<_>>()?;
        let door = Way::to(replicas.iter().map(|replica| replica.address).collect()).await;
        let github = github.to_owned();
        let mut site = Self { door, replicas, store, github, _redis: redis, _cluster: cluster, directory };
        for replica in 0..site.replicas.len() {
            site.restart(replica);
        }
        for replica in &site.replicas {
            wait_for(replica.address, "a replica")?;
        }
        Ok(site)
    }

    /// Starts one that does not run.
    pub(crate) fn restart(&mut self, replica: usize) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flyball"));
        command.arg("serve").env_clear().stdout(Stdio::null()).stderr(Stdio::null());
        command.env("FLYBALL_LISTEN", self.replicas[replica].address.to_string());
        command.env("FLYBALL_GITHUB_APP_ID", "4242");
        command.env("FLYBALL_GITHUB_PRIVATE_KEY_FILE", self.directory.path().join("key.pem"));
        command.env("FLYBALL_WEBHOOK_SECRET", SECRET).env("FLYBALL_GITHUB_API_URL", &self.github);
        command.env("FLYBALL_LOG", "warn");
        // Redelivery would make good what was lost while nobody listened; it is to be seen.
        command.env("FLYBALL_RECONCILE_INTERVAL", "5s");
        command.envs(self.store.iter().map(|(name, value)| (name, value)));
        self.replicas[replica].process = command.spawn().ok().map(Process);
    }

    /// kill -9.
    pub(crate) fn kill(&mut self, replica: usize) {
        self.replicas[replica].process = None;
    }

    /// SIGTERM, until it has ended.
    pub(crate) fn end(&mut self, replica: usize) -> Result<()> {
        let mut process = self.replicas[replica].process.take().context("it does not run")?;
        let told = Command::new("kill").arg(process.0.id().to_string()).status()?;
        if !told.success() {
            bail!("the replica cannot be told to end");
        }
        process.0.wait()?;
        Ok(())
    }

    /// Resident memory of all replicas, in megabytes.
    pub(crate) fn megabytes(&self) -> Result<u64> {
        let mut sum = 0;
        for process in self.replicas.iter().filter_map(|replica| replica.process.as_ref()) {
            let status = std::fs::read_to_string(format!("/proc/{}/status", process.0.id()))?;
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
            sum += line.trim().trim_end_matches(" kB").trim().parse::<u64>()? / 1024;
        }
        Ok(sum)
    }

    /// What a replica says of itself for Prometheus.
    pub(crate) async fn metrics(&self, replica: usize) -> Result<String> {
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build()?;
        Ok(client.get(format!("http://{}/metrics", self.replicas[replica].address)).send().await?.text().await?)
    }
}

fn start_redis(address: SocketAddr, fsync: &str, directory: &Path) -> Result<Process> {
    let mut command = Command::new("redis-server");
    command.args(["--bind", "127.0.0.1", "--port", &address.port().to_string(), "--save", "", "--appendonly", "yes"]);
    command.args(["--appendfsync", fsync]).arg("--dir").arg(directory).stdout(Stdio::null());
    let process = Process(command.spawn().context("redis-server")?);
    wait_for(address, "redis-server")?;
    Ok(process)
}

fn wait_for(address: SocketAddr, what: &str) -> Result<()> {
    let began = Instant::now();
    while TcpStream::connect(address).is_err() {
        if began.elapsed() > Duration::from_secs(30) {
            bail!("{what} did not start");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}
