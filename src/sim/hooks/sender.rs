//! The background task that sends deliveries as GitHub does: signed, with its headers, one attempt each.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::Delivery;
use crate::sim::state::State;

/// GitHub gives up on a receiver after this.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends until the task is dropped.
pub(crate) async fn run(state: Arc<Mutex<State>>, client: reqwest::Client) {
    let changed = lock(&state).hooks.changed.clone();
    loop {
        let notified = changed.notified();
        tokio::pin!(notified);
        // Registered before looking, so that what is queued in between wakes it.
        notified.as_mut().enable();
        let taken = {
            let mut state = lock(&state);
            let app = state.config.app.id;
            let url = state.hooks.url.clone();
            let (secret, delay) = (state.hooks.secret.clone(), state.hooks.disorder.delay);
            state.hooks.take().zip(url).map(|(delivery, url)| (delivery, url, secret, delay, app))
        };
        let Some((delivery, url, secret, delay, app)) = taken else {
            notified.await;
            continue;
        };
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let sent_at = Some(std::time::Instant::now());
        let started = tokio::time::Instant::now();
        let status = send(&client, &url, &secret, app, &delivery).await;
        let duration = started.elapsed().as_secs_f64();
        let mut state = lock(&state);
        state.hooks.record(Delivery { status: Some(status), sent_at, duration, ..delivery });
        state.hooks.under_way -= 1;
        changed.notify_waiters();
    }
}

async fn send(client: &reqwest::Client, url: &str, secret: &str, app: u64, delivery: &Delivery) -> u16 {
    let mut request = client
        .post(url)
        .timeout(PATIENCE)
        .header("Content-Type", "application/json")
        .header("Accept", "*/*")
        .header("User-Agent", "GitHub-Hookshot/simulated")
        .header("X-GitHub-Delivery", &delivery.guid)
        .header("X-GitHub-Event", &delivery.event)
        .header("X-GitHub-Hook-ID", "1")
        .header("X-GitHub-Hook-Installation-Target-ID", app.to_string())
        .header("X-GitHub-Hook-Installation-Target-Type", "integration");
    if !secret.is_empty() {
        request = request.header("X-Hub-Signature-256", sign(secret, &delivery.body));
    }
    match request.body(delivery.body.clone()).send().await {
        Ok(response) => response.status().as_u16(),
        Err(_) => 0,
    }
}

/// The value of `X-Hub-Signature-256` (FACTS W3).
fn sign(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("an HMAC takes keys of any length");
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

fn lock(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().expect("no code panics while it holds this lock")
}

#[cfg(test)]
mod tests {
    use super::sign;

    #[test]
    fn the_signature_is_githubs_documented_one() {
        let expected = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert_eq!(sign("It's a Secret to Everybody", b"Hello, World!"), expected);
    }
}
