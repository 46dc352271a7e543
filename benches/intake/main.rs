//! The whole intake against the least that could be called one, side by side: `cargo bench --bench intake [seconds] [rounds]`.
//!
//! Ours is the real router before a real store. The bare one is axum, HMAC-SHA256 over the raw body and one durable write of that
//! body: no parsing, no deduplication. Probot is an app that does nothing, on Node.js: signature and parsing, and nothing is kept. Server
//! and store together are pinned to core 0, the load generator (64 connections, bodies of 18 KB) to the other one. Each round runs all, in
//! alternating order; the medians are compared.
//!
//! Contract: DESIGN 9.

mod bare;
#[path = "../../tests/support/cluster.rs"]
#[expect(dead_code, clippy::unwrap_used, reason = "shared with the tests; nodes live as long as the benchmark")]
mod cluster;
mod load;
mod probot;
mod serve;

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use cluster::Cluster;

/// Whom the load meets.
#[derive(Clone, Copy)]
enum Server {
    Ours,
    Bare,
    Probot,
}

/// Where deliveries go.
#[derive(Clone, Copy)]
enum Keep {
    Embedded,
    /// Redis with this `appendfsync`.
    Redis(&'static str),
    /// Three primaries, `appendfsync always`.
    Cluster,
}

/// A store that runs as long as this lives.
struct Kept {
    address: String,
    _redis: Option<Running>,
    _cluster: Option<Cluster>,
}

/// Ends the process with the benchmark.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [mode, server, store, address] = &arguments[..]
        && mode == "serve"
    {
        return serve::run(server, store, address.parse()?);
    }
    if let [mode, address, seconds] = &arguments[..]
        && mode == "load"
    {
        return load::run(address.parse()?, Duration::from_secs_f64(seconds.parse()?));
    }
    let number = |at: usize, otherwise: u32| arguments.get(at).map_or(Ok(otherwise), |text| text.parse());
    compare(number(0, 5)?, number(1, 5)?)
}

#[expect(clippy::print_stdout, reason = "the figures are the output")]
fn compare(seconds: u32, rounds: u32) -> Result<()> {
    println!(
        "accepted deliveries per second, server and store on core 0, {rounds} rounds of {seconds} s, body {} bytes",
        load::body().len()
    );
    let probot = probot::install().inspect_err(|why| println!("without Probot: {why:#}")).is_ok();
    let mut beside = Vec::new();
    for (name, keep) in [
        ("embedded", Keep::Embedded),
        ("Redis, everysec", Keep::Redis("everysec")),
        ("Redis, always", Keep::Redis("always")),
        ("Cluster, always", Keep::Cluster),
    ] {
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        for round in 0..rounds {
            let mut order = [(Server::Ours, &mut ours), (Server::Bare, &mut bare)];
            if round % 2 == 1 {
                order.reverse();
            }
            for (server, figures) in order {
                figures.push(measure(server, keep, seconds)?);
            }
        }
        if probot {
            beside.push(measure(Server::Probot, keep, seconds)?);
        }
        let (ours, bare) = (median(&mut ours), median(&mut bare));
        println!("{name:16} ours {ours:8.0}   bare {bare:8.0}   ratio {:.2}", ours / bare);
    }
    if probot {
        println!("Probot, which keeps nothing: {:.0}", median(&mut beside));
    }
    Ok(())
}

fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// One server, one load: deliveries answered with success per second.
fn measure(server: Server, keep: Keep, seconds: u32) -> Result<f64> {
    let directory = tempfile::tempdir()?;
    let address = free_address()?;
    let itself = std::env::current_exe()?;
    let name = match server {
        Server::Ours => "ours",
        Server::Bare => "bare",
        Server::Probot => "probot",
    };
    let (_server, _kept) = if matches!(server, Server::Probot) {
        (Running(pinned().args(probot::command(address, directory.path())?).spawn().context("taskset")?), None)
    } else {
        let kept = store(keep, directory.path())?;
        let mut command = pinned();
        command.arg(&itself).args(["serve", name, &kept.address, &address.to_string()]);
        (Running(command.spawn().context("taskset")?), Some(kept))
    };
    wait_for(|| std::net::TcpStream::connect(address).is_ok(), "the server")?;
    let mut load = Command::new("taskset");
    let output =
        load.args(["-c", "1"]).arg(&itself).args(["load", &address.to_string(), &seconds.to_string()]).output()?;
    if !output.status.success() {
        bail!("{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// What follows runs on core 0.
fn pinned() -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]);
    command
}

fn store(keep: Keep, directory: &Path) -> Result<Kept> {
    let (mut running, mut nodes) = (None, None);
    let address = match keep {
        Keep::Embedded => directory.join("store").display().to_string(),
        Keep::Redis(fsync) => {
            let socket = directory.join("redis.sock");
            running = Some(redis(directory, &socket, fsync)?);
            format!("redis+unix://{}", socket.display())
        }
        Keep::Cluster => {
            let cluster = nodes.insert(Cluster::durable());
            for pid in (0..3).filter_map(|node| cluster.pid(node)) {
                let moved = Command::new("taskset").args(["-a", "-p", "-c", "0", &pid.to_string()]).output()?;
                if !moved.status.success() {
                    bail!("taskset: {}", String::from_utf8_lossy(&moved.stderr));
                }
            }
            cluster.urls().join(",")
        }
    };
    Ok(Kept { address, _redis: running, _cluster: nodes })
}

fn redis(directory: &Path, socket: &Path, fsync: &str) -> Result<Running> {
    let mut command = Command::new("taskset");
    command.args([
        "-c",
        "0",
        "redis-server",
        "--port",
        "0",
        "--save",
        "",
        "--appendonly",
        "yes",
        "--appendfsync",
        fsync,
    ]);
    command.arg("--unixsocket").arg(socket).arg("--dir").arg(directory).stdout(Stdio::null());
    let running = Running(command.spawn().context("redis-server")?);
    wait_for(|| std::os::unix::net::UnixStream::connect(socket).is_ok(), "redis-server")?;
    Ok(running)
}

fn wait_for(mut there: impl FnMut() -> bool, what: &str) -> Result<()> {
    for _ in 0..500 {
        if there() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    bail!("{what} did not start")
}

fn free_address() -> Result<SocketAddr> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
