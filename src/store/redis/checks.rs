//! Looks at start whether the server's settings could lose what was accepted, and says so.

use std::collections::BTreeMap;

use redis::cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo};
use redis::{Cmd, FromRedisValue, Value};

use super::link::Link;
use crate::store::StoreError;

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

async fn settings(link: &Link, command: &Cmd) -> Result<Vec<Settings>, StoreError> {
    let Link::Cluster(connection) = link else { return Ok(vec![link.ask(command).await?]) };
    let every = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
    let answer =
        connection.clone().route_command(command.clone(), every).await.map_err(|error| super::link::told(&error))?;
    let nodes: BTreeMap<String, Value> =
        FromRedisValue::from_redis_value(answer).map_err(|error| unreadable(&error))?;
    nodes.into_values().map(|node| Settings::from_redis_value(node).map_err(|error| unreadable(&error))).collect()
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
