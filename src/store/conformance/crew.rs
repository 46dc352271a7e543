//! Claims about who is at work. The crew is the store's, not a partition's: names are the case's own.

use std::time::Duration;

use super::Ground;

const SHORT: Duration = Duration::from_millis(60);
const LONG: Duration = Duration::from_secs(60);

/// Of those at work, the ones whose name begins with `mine`, in order.
async fn at_work(ground: &Ground<'_>, mine: &str, owner: &str, ttl: Duration) -> Vec<(String, Duration)> {
    let all = ground.store.crew(&format!("{mine}{owner}"), ttl).await.expect("told");
    let mut ours: Vec<_> = all.into_iter().filter(|(name, _)| name.starts_with(mine)).collect();
    ours.sort();
    ours
}

fn names(all: &[(String, Duration)]) -> Vec<&str> {
    all.iter().filter_map(|(name, _)| name.rsplit('/').next()).collect()
}

pub(super) async fn who_says_so_is_at_work_until_their_time_runs_out(ground: Ground<'_>) {
    assert_eq!(names(&at_work(&ground, "ends/", "a", SHORT).await), ["a"]);
    assert_eq!(names(&at_work(&ground, "ends/", "b", LONG).await).last(), Some(&"b"));
    tokio::time::sleep(SHORT + Duration::from_millis(40)).await;
    let left = at_work(&ground, "ends/", "c", LONG).await;
    assert_eq!(names(&left), ["b", "c"]);
    assert!(left.iter().all(|(_, rest)| *rest > LONG / 2 && *rest <= LONG), "{left:?}");
    assert_eq!(names(&at_work(&ground, "ends/", "a", LONG).await), ["a", "b", "c"], "one may come back");
}

pub(super) async fn who_leaves_is_gone_at_once(ground: Ground<'_>) {
    at_work(&ground, "leaves/", "a", LONG).await;
    ground.store.leave("leaves/a").await.expect("told");
    assert_eq!(names(&at_work(&ground, "leaves/", "b", LONG).await), ["b"]);
    ground.store.leave("leaves/nobody").await.expect("no error where there is nobody");
}

pub(super) async fn who_comes_and_who_leaves_wakes_the_one_who_waits(ground: Ground<'_>) {
    let wakes = async {
        let began = tokio::time::Instant::now();
        ground.store.crew_changes(LONG).await;
        began.elapsed()
    };
    let (waited, ()) = tokio::join!(wakes, async {
        // Told again until it is heard: within one store of a process the first one may come before anybody waits.
        for owner in ["a", "b", "c"] {
            tokio::time::sleep(Duration::from_millis(20)).await;
            at_work(&ground, "wakes/", owner, LONG).await;
            ground.store.leave(&format!("wakes/{owner}")).await.expect("told");
        }
    });
    assert!(waited < LONG / 2, "{waited:?}");
}
