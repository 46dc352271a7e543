//! Whether what was accepted is kept.

use crate::doctor::Check;
use crate::store::{RedisShown, StoreError, StoreShown};

/// Older ones are not tested.
const OLDEST: u32 = 7;

/// Whether the store takes writes, and how safely it keeps them.
pub(in crate::doctor) fn store(taken: &Result<(), StoreError>, shown: &Result<StoreShown, StoreError>) -> Vec<Check> {
    const NAME: &str = "store";
    if let Err(error) = taken {
        let next =
            "Bring the store back; until then deliveries are answered 503, and GitHub keeps them for redelivery.";
        return vec![Check::broken(NAME, error.to_string(), next)];
    }
    let mut checks = vec![Check::ok(NAME, "the store takes writes")];
    match shown {
        Ok(StoreShown::Local) => {}
        Ok(StoreShown::Redis(servers)) => {
            for (at, server) in servers.iter().enumerate() {
                let about = (servers.len() > 1).then(|| format!("Redis master {}", at + 1));
                let of_server = [persistence(server), eviction(server), version(server)];
                checks.extend(of_server.into_iter().map(|check| Check { about: about.clone(), ..check }));
            }
        }
        Err(error) => checks.push(Check::unknown("redis.persistence", error.to_string())),
    }
    checks
}

fn persistence(server: &RedisShown) -> Check {
    const NAME: &str = "redis.persistence";
    match (server.appends, server.last_append_went_well, server.appendfsync.as_deref()) {
        (None, _, _) => Check::unknown(NAME, "Redis does not say whether it keeps an append-only file"),
        (Some(false), _, _) => Check::broken(
            NAME,
            "appendonly is no: a crash of Redis loses every delivery and decision since its last snapshot",
            "Set `appendonly yes` and `appendfsync everysec` in Redis.",
        ),
        (Some(true), Some(false), _) => Check::broken(
            NAME,
            "Redis could not write its append-only file the last time",
            "Look at Redis' log and at the space on its disk.",
        ),
        (Some(true), _, Some("no")) => Check::warning(
            NAME,
            "appendfsync is no: a power cut loses what the system had not written, up to half a minute",
            "Set `appendfsync everysec`, or `always`, in Redis.",
        ),
        (Some(true), _, Some(fsync)) => Check::ok(NAME, format!("append-only file, appendfsync {fsync}")),
        (Some(true), _, None) => Check::ok(NAME, "append-only file; Redis does not say how often it is synced"),
    }
}

fn eviction(server: &RedisShown) -> Check {
    const NAME: &str = "redis.eviction";
    match server.maxmemory_policy.as_deref() {
        None => Check::unknown(NAME, "Redis does not say what it does when memory is short"),
        Some("noeviction") => Check::ok(NAME, "nothing is thrown away when memory is short"),
        Some(policy) => Check::broken(
            NAME,
            format!("maxmemory-policy is {policy}: when memory is short Redis throws away units and deliveries"),
            "Set `maxmemory-policy noeviction` in Redis.",
        ),
    }
}

fn version(server: &RedisShown) -> Check {
    const NAME: &str = "redis.version";
    let Some(version) = &server.version else { return Check::unknown(NAME, "Redis does not say its version") };
    let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major >= OLDEST => Check::ok(NAME, format!("Redis {version}")),
        _ => Check::warning(
            NAME,
            format!("Redis {version} is older than what Flyball is tested with"),
            format!("Use Redis {OLDEST} or later."),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict::{self, Broken, Ok as Fine, Unknown, Warning};

    #[test]
    fn a_redis_that_could_lose_something_is_told() {
        let safe = || RedisShown {
            version: Some("7.4.1".into()),
            appends: Some(true),
            last_append_went_well: Some(true),
            appendfsync: Some("everysec".into()),
            maxmemory_policy: Some("noeviction".into()),
        };
        let fsync = |value: Option<&str>| RedisShown { appendfsync: value.map(str::to_owned), ..safe() };
        let policy = |value: Option<&str>| RedisShown { maxmemory_policy: value.map(str::to_owned), ..safe() };
        let version = |value: Option<&str>| RedisShown { version: value.map(str::to_owned), ..safe() };
        let cases: [(&str, RedisShown, &str, Verdict); 11] = [
            ("safe", safe(), "", Fine),
            ("settings hidden", fsync(None), "", Fine),
            ("only snapshots", RedisShown { appends: Some(false), ..safe() }, "redis.persistence", Broken),
            ("disk full", RedisShown { last_append_went_well: Some(false), ..safe() }, "redis.persistence", Broken),
            ("no sync", fsync(Some("no")), "redis.persistence", Warning),
            ("hidden", RedisShown { appends: None, ..safe() }, "redis.persistence", Unknown),
            ("evicts", policy(Some("allkeys-lru")), "redis.eviction", Broken),
            ("eviction hidden", policy(None), "redis.eviction", Unknown),
            ("old", version(Some("6.2.14")), "redis.version", Warning),
            ("odd", version(Some("x")), "redis.version", Warning),
            ("version hidden", version(None), "redis.version", Unknown),
        ];
        for (case, server, name, verdict) in cases {
            let checks = store(&Ok(()), &Ok(StoreShown::Redis(vec![server])));
            let wrong: Vec<&Check> = checks.iter().filter(|check| check.verdict != Fine).collect();
            assert_eq!(wrong.len(), usize::from(verdict != Fine), "{case}: {checks:?}");
            assert!(wrong.iter().all(|check| check.name == name && check.verdict == verdict), "{case}: {wrong:?}");
        }
    }

    #[test]
    fn a_store_that_takes_nothing_is_broken_and_nothing_else_is_asked() {
        let checks = store(&Err(StoreError::Unavailable("read-only disk".into())), &Ok(StoreShown::Local));
        assert_eq!(checks.len(), 1);
        assert!(checks[0].verdict == Broken && checks[0].seen.contains("read-only disk"), "{checks:?}");
    }
}
