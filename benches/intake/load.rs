//! The load: prepared requests over raw keep-alive connections, so that one core can outrun the server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Result, bail};
use flyball::webhook::Secrets;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

pub(crate) const SECRET: &str = "a secret of the benchmark";

const CONNECTIONS: usize = 64;

/// GitHub's pull request payloads are about this long, most of it addresses nobody reads.
const SIZE: usize = 18 * 1024;

/// How long it runs before it is counted.
const WARM_UP: Duration = Duration::from_secs(1);

/// A pull request payload of the size GitHub sends.
pub(crate) fn body() -> String {
    let fixture = include_str!("../../fixtures/webhooks/pull_request/opened.json");
    let mut payload: serde_json::Value = serde_json::from_str(fixture).unwrap_or_default();
    let mut number = 0;
    loop {
        let text = payload.to_string();
        if text.len() >= SIZE {
            return text;
        }
        let address = format!("https://api.github.com/repos/acme/steam/things{{/number{number}}}");
        payload["pull_request"]["head"]["repo"][format!("things_{number}_url")] = address.into();
        number += 1;
    }
}

/// Sends for `time` and prints how many deliveries a second were answered with success.
#[expect(clippy::print_stdout, reason = "the figure is the output")]
pub(crate) fn run(address: SocketAddr, time: Duration) -> Result<()> {
    let rate = tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let body = body();
        let signature = Secrets::new([SECRET]).sign(body.as_bytes()).unwrap_or_default();
        let head = format!(
            "POST /webhooks/github HTTP/1.1\r\nhost: flyball\r\ncontent-type: application/json\r\nx-github-event: pull_request\r\n\
             x-hub-signature-256: {signature}\r\ncontent-length: {}\r\nx-github-delivery: ",
            body.len()
        );
        let counted = Arc::new(AtomicU64::new(0));
        let start = Instant::now() + WARM_UP;
        let end = start + time;
        let mut sending = tokio::task::JoinSet::new();
        for connection in 0..CONNECTIONS {
            let (head, body, counted) = (head.clone(), body.clone(), Arc::clone(&counted));
            sending.spawn(async move {
                let mut stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                let mut answer = vec![0; 4096];
                for number in 0_u64.. {
                    let request = format!("{head}{connection:04x}{number:012x}-bench\r\n\r\n{body}");
                    let Ok(exchange) = timeout_at(end, exchange(&mut stream, request.as_bytes(), &mut answer)).await else {
                        break;
                    };
                    exchange?;
                    if Instant::now() >= start {
                        counted.fetch_add(1, Ordering::Relaxed);
                    }
                }
                anyhow::Ok(())
            });
        }
        while let Some(done) = sending.join_next().await {
            done??;
        }
        #[expect(clippy::cast_precision_loss, reason = "some hundred thousand")]
        let answered = counted.load(Ordering::Relaxed) as f64;
        anyhow::Ok(answered / time.as_secs_f64())
    })?;
    println!("{rate}");
    Ok(())
}

/// One request and its whole answer.
async fn exchange(stream: &mut TcpStream, request: &[u8], answer: &mut [u8]) -> Result<()> {
    stream.write_all(request).await?;
    let mut filled = 0;
    while !is_whole(&answer[..filled]) {
        match stream.read(&mut answer[filled..]).await? {
            0 => bail!("the server hung up: {}", String::from_utf8_lossy(&answer[..filled])),
            read => filled += read,
        }
    }
    if !answer.starts_with(b"HTTP/1.1 20") {
        bail!("{}", String::from_utf8_lossy(&answer[..filled]));
    }
    Ok(())
}

/// Whether head and body are there; a body is as long as the head says, or comes in chunks.
fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let (head, body) = (String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase(), &answer[end + 4..]);
    if head.contains("transfer-encoding: chunked") {
        return body.ends_with(b"0\r\n\r\n");
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    body.len() >= length.unwrap_or(0)
}
