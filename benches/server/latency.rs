//! From GitHub's log: how long after a delivery its check run was written.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use flyball::sim::{CallRecord, Delivery};

/// Milliseconds, in order.
#[derive(Default)]
pub(crate) struct Latencies(Vec<f64>);

impl Latencies {
    /// The value that a share `of` of all does not exceed; 0 of none.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place among thousands"
    )]
    pub(crate) fn quantile(&self, of: f64) -> f64 {
        let last = self.0.len().saturating_sub(1);
        self.0.get((last as f64 * of).round() as usize).copied().unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// What followed upon what was sent.
#[derive(Default)]
pub(crate) struct Heard {
    /// After a push: snapshot and files are read first.
    pub(crate) pushes: Latencies,
    /// After the result of CI: nothing is read.
    pub(crate) results: Latencies,
    /// Deliveries that should have led to a check run and did not.
    pub(crate) unanswered: usize,
    /// How many deliveries left each second.
    pub(crate) rate: f64,
}

struct Call {
    began: Instant,
    took: Duration,
    writes_check: bool,
}

/// Each push and each result of CI among `deliveries`, and the first check run that its installation's calls wrote afterwards.
pub(crate) fn heard(deliveries: &[Delivery], calls: &[CallRecord]) -> Heard {
    let mut by_installation: BTreeMap<u64, Vec<Call>> = BTreeMap::new();
    for call in calls {
        let Some(installation) = call.installation else { continue };
        let writes_check = matches!(call.method.as_str(), "POST" | "PATCH") && call.path.contains("/check-runs");
        let call = Call { began: call.began, took: call.took, writes_check };
        by_installation.entry(installation).or_default().push(call);
    }
    by_installation.values_mut().for_each(|calls| calls.sort_by_key(|call| call.began));
    let mut heard = Heard::default();
    for delivery in deliveries {
        let Some(into) = (match (delivery.event.as_str(), delivery.action.as_deref()) {
            ("pull_request", Some("synchronize")) => Some(&mut heard.pushes),
            ("check_run", Some("completed")) if delivery.json()["check_run"]["name"] == "test" => {
                Some(&mut heard.results)
            }
            _ => None,
        }) else {
            continue;
        };
        let (Some(sent), Some(installation)) = (delivery.sent_at, delivery.installation) else { continue };
        let calls = by_installation.get(&installation).map(Vec::as_slice).unwrap_or_default();
        match after(sent, calls) {
            Some(millis) => into.0.push(millis),
            None => heard.unanswered += 1,
        }
    }
    heard.pushes.0.sort_by(f64::total_cmp);
    heard.results.0.sort_by(f64::total_cmp);
    heard
}

/// Milliseconds from `sent` until the check run's call arrived, without the time in which GitHub was at work on calls before it.
fn after(sent: Instant, calls: &[Call]) -> Option<f64> {
    let later = calls.partition_point(|call| call.began < sent);
    let writes = later + calls[later..].iter().position(|call| call.writes_check)?;
    let arrived = calls[writes].began;
    let (mut github, mut until) = (Duration::ZERO, sent);
    for call in &calls[later..writes] {
        let ended = (call.began + call.took).min(arrived);
        github += ended.saturating_duration_since(call.began.max(until));
        until = until.max(ended);
    }
    Some((arrived - sent).saturating_sub(github).as_secs_f64() * 1e3)
}
