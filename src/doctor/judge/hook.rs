//! Whether deliveries come: the App's webhook, and its log.

use std::collections::{BTreeMap, BTreeSet};

use url::{Host, Url};

use crate::doctor::{Check, Verdict};
use crate::github::{DeliveryShown, GitHubError, HookShown};

/// The route that takes deliveries.
const ROUTE: &str = "/webhooks/github";
/// Where the App's webhook is set.
const PAGE: &str = "on the App's settings page under \"Webhook\"";
/// One in so many failed deliveries is worth a word.
const SOME: usize = 20;

/// Address, content type, secret and TLS of the webhook.
pub(in crate::doctor) fn config(hook: &Result<HookShown, GitHubError>) -> Vec<Check> {
    match hook {
        Ok(hook) => vec![url(hook.url.as_deref()), content_type(hook), secret(hook), tls(hook)],
        Err(error) => vec![Check::unknown("webhook", error.to_string())],
    }
}

fn url(address: Option<&str>) -> Check {
    const NAME: &str = "webhook.url";
    let set = format!("Set `https://YOUR-HOST{ROUTE}` {PAGE}.");
    let Some(address) = address else { return Check::broken(NAME, "there is no webhook URL", set) };
    let Ok(parsed) = Url::parse(address) else {
        return Check::broken(NAME, format!("`{address}` is no URL"), set);
    };
    if !parsed.path().ends_with(ROUTE) {
        return Check::broken(NAME, format!("deliveries go to `{address}`, this server takes them at `{ROUTE}`"), set);
    }
    let local = match parsed.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if parsed.scheme() != "https" && !local {
        let next = format!("Put a proxy with TLS before the server and set its https address {PAGE}.");
        return Check::warning(NAME, format!("deliveries go to `{address}` unencrypted"), next);
    }
    Check::ok(NAME, format!("deliveries go to `{address}`"))
}

fn content_type(hook: &HookShown) -> Check {
    const NAME: &str = "webhook.content_type";
    match hook.content_type.as_deref() {
        Some("json") => Check::ok(NAME, "deliveries are JSON"),
        other => Check::warning(
            NAME,
            format!("the content type is `{}`; it works, and is larger", other.unwrap_or("form")),
            format!("Set `application/json` {PAGE}."),
        ),
    }
}

fn secret(hook: &HookShown) -> Check {
    const NAME: &str = "webhook.secret";
    if hook.has_secret {
        return Check::ok(NAME, "there is a secret");
    }
    Check::broken(
        NAME,
        "there is no secret: every delivery is refused",
        format!("Set the value of FLYBALL_WEBHOOK_SECRET {PAGE}."),
    )
}

fn tls(hook: &HookShown) -> Check {
    const NAME: &str = "webhook.tls";
    if hook.verifies_tls {
        return Check::ok(NAME, "GitHub verifies the server's certificate");
    }
    Check::warning(
        NAME,
        "GitHub does not verify the server's certificate: others could read deliveries",
        format!("Enable SSL verification {PAGE}."),
    )
}

/// How the newest deliveries went.
pub(in crate::doctor) fn deliveries(log: &Result<Vec<DeliveryShown>, GitHubError>) -> Check {
    const NAME: &str = "deliveries";
    let log = match log {
        Ok(log) if log.is_empty() => return Check::unknown(NAME, "the App's log has no delivery yet"),
        Ok(log) => log,
        Err(error) => return Check::unknown(NAME, error.to_string()),
    };
    let went_well = |one: &&DeliveryShown| (200..300).contains(&one.status_code);
    let all: BTreeSet<&str> = log.iter().map(|one| one.guid.as_str()).collect();
    let delivered: BTreeSet<&str> = log.iter().filter(went_well).map(|one| one.guid.as_str()).collect();
    let failed = all.len() - delivered.len();
    let last = log.iter().filter(went_well).map(|one| one.delivered_at).max();
    let last = last.map_or_else(|| "none went well".to_owned(), |at| format!("the last that went well was at {at}"));
    if failed == 0 {
        return Check::ok(NAME, format!("the newest {} deliveries arrived; {last}", all.len()));
    }
    // What came back most often tells most about the cause.
    let mut answers = BTreeMap::<u16, usize>::new();
    for one in log.iter().filter(|one| !delivered.contains(one.guid.as_str())) {
        *answers.entry(one.status_code).or_default() += 1;
    }
    let often = answers.iter().max_by_key(|(_, count)| **count).map_or(0, |(status, _)| *status);
    let newest_failed = log.iter().max_by_key(|one| one.delivered_at).is_some_and(|one| !went_well(&one));
    let broken = failed * 2 >= all.len() || (newest_failed && failed * SOME >= all.len());
    let seen = format!("{failed} of the newest {} deliveries failed, most with {}; {last}", all.len(), answer(often));
    Check::new(NAME, if broken { Verdict::Broken } else { Verdict::Warning }, seen).then(cure(often))
}

fn answer(status: u16) -> String {
    if status == 0 { "no answer".to_owned() } else { format!("status {status}") }
}

const fn cure(status: u16) -> &'static str {
    match status {
        0 | 502 | 504 => {
            "Let the proxy pass POST /webhooks/github on to this server, and see that it is reached from the internet."
        }
        401 => "Give the App and FLYBALL_WEBHOOK_SECRET the same secret.",
        301..=308 | 403 | 404 | 405 => {
            "Set the webhook URL to the address that reaches this server itself, without a redirect or a login before it."
        }
        503 => "Look at this server's log: it had no credentials, or its store did not take writes.",
        _ => "Look at the failed deliveries on the App's settings page under \"Advanced\", and at this server's log.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Broken, Ok as Fine, Unknown, Warning};

    #[test]
    fn a_webhook_is_right_or_says_what_to_set() {
        let right = HookShown {
            url: Some("https://flyball.acme.test/webhooks/github".into()),
            content_type: Some("json".into()),
            verifies_tls: true,
            has_secret: true,
        };
        let to = |url: &str| HookShown { url: Some(url.into()), ..right.clone() };
        let cases = [
            ("right", right.clone(), "", Fine),
            ("no url", HookShown { url: None, ..right.clone() }, "webhook.url", Broken),
            ("elsewhere", to("https://flyball.acme.test/hook"), "webhook.url", Broken),
            ("no url at all", to("nonsense"), "webhook.url", Broken),
            ("plain", to("http://flyball.acme.test/webhooks/github"), "webhook.url", Warning),
            ("on this machine", to("http://127.0.0.1:1/webhooks/github"), "", Fine),
            (
                "a form",
                HookShown { content_type: Some("form".into()), ..right.clone() },
                "webhook.content_type",
                Warning,
            ),
            ("no secret", HookShown { has_secret: false, ..right.clone() }, "webhook.secret", Broken),
            ("no TLS", HookShown { verifies_tls: false, ..right.clone() }, "webhook.tls", Warning),
        ];
        for (case, hook, name, verdict) in cases {
            let checks = config(&Ok(hook));
            let wrong: Vec<&Check> = checks.iter().filter(|check| check.verdict != Fine).collect();
            assert_eq!(wrong.len(), usize::from(verdict != Fine), "{case}: {checks:?}");
            assert!(
                wrong.iter().all(|c| c.name == name && c.verdict == verdict && c.next.is_some()),
                "{case}: {wrong:?}"
            );
        }
    }

    #[test]
    fn failed_deliveries_tell_their_cause() {
        let attempt = |guid: u32, second: i64, status_code| DeliveryShown {
            guid: guid.to_string(),
            delivered_at: crate::domain::ids::Timestamp::from_second(second).unwrap(),
            status_code,
            status: String::new(),
        };
        let many = |failing: u32, status: u16| -> Vec<DeliveryShown> {
            (0..100).map(|at| attempt(at, i64::from(at), if at < failing { status } else { 202 })).collect()
        };
        let mut newest_fails = many(0, 0);
        newest_fails.truncate(10);
        newest_fails.push(attempt(77, 1000, 401));
        let cases = [
            ("all well", many(0, 0), Fine, ""),
            ("a few old ones", many(3, 503), Warning, "store did not take writes"),
            ("half", many(50, 0), Broken, "reached from the internet"),
            ("all unsigned", many(100, 401), Broken, "same secret"),
            ("behind a redirect", many(100, 302), Broken, "without a redirect"),
            ("the newest", newest_fails, Broken, "same secret"),
            ("made good", vec![attempt(1, 1, 500), attempt(1, 2, 202)], Fine, ""),
            ("odd", vec![attempt(1, 1, 418)], Broken, "Advanced"),
        ];
        for (case, log, verdict, cure) in cases {
            let check = deliveries(&Ok(log));
            assert_eq!(check.verdict, verdict, "{case}: {check:?}");
            assert!(check.next.unwrap_or_default().contains(cure), "{case}");
        }
        assert_eq!(deliveries(&Ok(Vec::new())).verdict, Unknown);
    }
}
