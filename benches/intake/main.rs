//! The whole intake against the least that could be called one, side by side: `cargo bench --bench intake [seconds] [rounds]`.
//!
//! Ours is the real router before a real store. The bare one is axum, HMAC-SHA256 over the raw body and one durable write of that
//! body: no parsing, no deduplication. Server and store together are pinned to core 0, the load generator (64 connections, bodies of
//! 18 KB) to the other one. Each round runs both, in alternating order; the medians are compared.
//!
//! Contract: DESIGN 9.

mod bare;
mod load;
mod serve;

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// What one server is started with.
#[derive(Clone, Copy)]
struct Contestant {
    /// `ours` or `bare`.
    server: &'static str,
    store: Keep,
}

#[derive(Clone, Copy)]
enum Keep {
    Embedded,
    /// Redis with this `appendfsync`.
    Redis(&'static str),
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
    for (name, store) in [
        ("embedded", Keep::Embedded),
        ("redis, everysec", Keep::Redis("everysec")),
        ("redis, always", Keep::Redis("always")),
    ] {
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        for round in 0..rounds {
            let mut order = [("ours", &mut ours), ("bare", &mut bare)];
            if round % 2 == 1 {
                order.reverse();
            }
            for (server, figures) in order {
                figures.push(measure(Contestant { server, store }, seconds)?);
            }
        }
        let (ours, bare) = (median(&mut ours), median(&mut bare));
        println!("{name:16} ours {ours:8.0}   bare {bare:8.0}   ratio {:.2}", ours / bare);
    }
    Ok(())
}

fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// One server, one load: deliveries answered 202 per second.
fn measure(contestant: Contestant, seconds: u32) -> Result<f64> {
    let directory = tempfile::tempdir()?;
    let address = free_address()?;
    let (_redis, store) = match contestant.store {
        Keep::Embedded => (None, directory.path().join("store").display().to_string()),
        Keep::Redis(fsync) => {
            let socket = directory.path().join("redis.sock");
            (Some(redis(directory.path(), &socket, fsync)?), format!("redis+unix://{}", socket.display()))
        }
    };
    let itself = std::env::current_exe()?;
    let mut server = Command::new("taskset");
    server.args(["-c", "0"]).arg(&itself).args(["serve", contestant.server, &store, &address.to_string()]);
    let _server = Running(server.spawn().context("taskset")?);
    wait_for(|| std::net::TcpStream::connect(address).is_ok(), "the server")?;
    let mut load = Command::new("taskset");
    let output =
        load.args(["-c", "1"]).arg(&itself).args(["load", &address.to_string(), &seconds.to_string()]).output()?;
    if !output.status.success() {
        bail!("{} before {store}: {}", contestant.server, String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
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
