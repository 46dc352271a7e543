//! Looks at start whether the server's settings could lose what was accepted, and says so.

use std::collections::BTreeMap;

use redis::cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo};
use redis::{Cmd, FromRedisValue, Value};

use super::link::Link;
use crate::store::{RedisShown, StoreError};

type Settings = BTreeMap<String, String>;

/// Logs a warning for each setting that could lose deliveries. A server that does not show its settings gets one warning for that.
pub(super) async fn warn(link: &Link) {
    for pattern in ["append*", "maxmemory*"] {
        match settings(link, redis::cmd("CONFIG").arg("GET").arg(pattern)).await {
            Ok(nodes) => nodes.iter().flat_map(losses).for_each(|loss| tracing::warn!("{loss}")),
            Err(error) => {
                tracing::warn!(%error, "Redis does not show its settings ({pattern}): make sure that appendonly is yes and maxmemory-policy noeviction");
            }
        }
    }
}

/// What each server says about itself: `INFO`, which nearly all allow, and the settings, which many hide.
pub(super) async fn shown(link: &Link) -> Result<Vec<RedisShown>, StoreError> {
    let told: Vec<String> = each(link, redis::cmd("INFO").arg("everything")).await?;
    let fsync = settings(link, redis::cmd("CONFIG").arg("GET").arg("appendfsync")).await.unwrap_or_default();
    let servers = told.iter().map(|text| info(text)).enumerate();
    Ok(servers
        .map(|(at, server)| {
            let appendfsync = fsync.get(at).and_then(|known| known.get("appendfsync").cloned());
            RedisShown { appendfsync, ..server }
        })
        .collect())
}

/// What `INFO` says, line by line. Contract: <https://redis.io/docs/latest/commands/info/>
fn info(text: &str) -> RedisShown {
    let lines: BTreeMap<&str, &str> = text.lines().filter_map(|line| line.trim().split_once(':')).collect();
    let said = |name: &str| lines.get(name).map(|&value| value.to_owned());
    RedisShown {
        version: said("redis_version"),
        appends: said("aof_enabled").map(|value| value == "1"),
        last_append_went_well: said("aof_last_write_status").map(|value| value == "ok"),
        appendfsync: None,
        maxmemory_policy: said("maxmemory_policy"),
    }
}

async fn settings(link: &Link, command: &Cmd) -> Result<Vec<Settings>, StoreError> {
    each(link, command).await
}

/// The answer of the server, or of each master of a cluster in the order of their names.
async fn each<T: FromRedisValue>(link: &Link, command: &Cmd) -> Result<Vec<T>, StoreError> {
    let Link::Cluster(net) = link else { return Ok(vec![link.ask(command).await?]) };
    let every = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
    let answer =
        net.connection().route_command(command.clone(), every).await.map_err(|error| super::link::told(&error))?;
    let nodes: BTreeMap<String, Value> =
        FromRedisValue::from_redis_value(answer).map_err(|error| unreadable(&error))?;
    nodes.into_values().map(|node| T::from_redis_value(node).map_err(|error| unreadable(&error))).collect()
}

fn unreadable(error: &redis::ParsingError) -> StoreError {
    StoreError::Unreadable { what: "the settings of Redis".into(), why: error.to_string() }
}

/// What a server with these settings could lose, in sentences.
fn losses(settings: &Settings) -> Vec<String> {
    let mut losses = Vec::new();
    match (setting(settings, "appendonly"), setting(settings, "appendfsync")) {
        (Some("no"), _) => losses.push(
            "Redis runs with appendonly no: a crash of Redis loses every delivery and decision since its last snapshot; set appendonly yes".into(),
        ),
        (Some("yes"), Some("no")) => losses.push(
            "Redis runs with appendfsync no: a power cut loses what the system had not written, up to half a minute; set everysec or always".into(),
        ),
        (Some("yes"), Some("everysec")) => {
            tracing::info!("Redis syncs once a second: a power cut can lose the last second of accepted deliveries, a crash of Redis alone none");
        }
        _ => {}
    }
    match setting(settings, "maxmemory-policy") {
        None | Some("noeviction") => {}
        Some(policy) => losses.push(format!(
            "Redis runs with maxmemory-policy {policy}: when memory is short it throws away units and deliveries; set noeviction"
        )),
    }
    losses
}

fn setting<'a>(settings: &'a Settings, name: &str) -> Option<&'a str> {
    settings.get(name).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_is_read_and_what_it_hides_stays_unknown() {
        let text = "# Server\r\nredis_version:7.4.1\r\naof_enabled:1\r\naof_last_write_status:err\r\nmaxmemory_policy:noeviction\r\n";
        let shown = info(text);
        assert_eq!(shown.version.as_deref(), Some("7.4.1"));
        assert_eq!((shown.appends, shown.last_append_went_well), (Some(true), Some(false)));
        assert_eq!(shown.maxmemory_policy.as_deref(), Some("noeviction"));
        assert_eq!(info(""), RedisShown::default());
    }

    #[test]
    fn a_setting_that_could_lose_deliveries_is_told() {
        let cases = [
            ("safe", "appendonly=yes appendfsync=always maxmemory-policy=noeviction", 0),
            ("a second", "appendonly=yes appendfsync=everysec", 0),
            ("only snapshots", "appendonly=no appendfsync=everysec", 1),
            ("no sync", "appendonly=yes appendfsync=no", 1),
            ("evicts", "maxmemory-policy=allkeys-lru", 1),
            ("nothing shown", "", 0),
        ];
        for (case, shown, expected) in cases {
            let pairs = shown.split_whitespace().filter_map(|setting| setting.split_once('='));
            let settings = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            assert_eq!(losses(&settings).len(), expected, "{case}");
        }
    }
}
