//! A busy day, or a part of one at the same pace: what it costs in requests, and that no limit of GitHub's is ever touched.
//!
//! The whole day of eight hours is 500 pull requests, 3,000 check runs and 120 landings: `FLYBALL_BUSY_DAY=10`; docs/PERFORMANCE.md has its
//! figures. Without the variable a tenth is lived through. The simulated GitHub refuses what GitHub would refuse: more than 80 creations a
//! minute or 500 an hour, by its own clock.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use flyball::domain::ids::{Timestamp, UnitKey};
use flyball::sim::{CallRecord, ContentLimit, Files, SimConfig};
use flyball::stage::StageConfig;

use crate::keep::Keep;
use crate::world::{World, patient};

/// Pull requests in a tenth of a day: one every 57.6 seconds.
const PULLS: usize = 50;
const LANDINGS: usize = 12;
const CHECKS: [&str; 6] = ["lint", "build", "docs", "audit", "end-to-end", "test"];
/// Policy and attributes, which are read again after an hour.
const HOURLY: &str = "once an hour";
/// Seconds between two looks at the clock.
const STEP: u64 = 15;

/// What each kind of event cost.
#[derive(Default)]
struct Costs {
    by_event: BTreeMap<&'static str, (usize, usize)>,
    by_call: BTreeMap<String, usize>,
    /// The calls of the dearest event of each kind.
    dearest: BTreeMap<&'static str, Vec<String>>,
    created: Vec<i64>,
    refused: Vec<String>,
}

impl Costs {
    /// Takes what was asked since the last time.
    fn take(&mut self, world: &World, event: &'static str, events: usize) {
        let calls = world.github().take_calls();
        // What is believed for an hour is read with whatever happens next: that event is not to blame.
        let hourly =
            |call: &&CallRecord| !event.contains("first") && event != "start" && call.kind().contains("/contents/");
        let (again, paid): (Vec<&CallRecord>, Vec<&CallRecord>) =
            calls.iter().filter(|call| call.counts()).partition(hourly);
        let entry = self.by_event.entry(HOURLY).or_default();
        *entry = (entry.0 + again.len(), entry.1 + again.len());
        let dearest = self.dearest.entry(event).or_default();
        if paid.len() > dearest.len() {
            let told =
                |call: &&CallRecord| format!("{} {} {} {}", call.at, call.status, call.kind(), call.body["variables"]);
            *dearest = paid.iter().map(told).collect();
        }
        let entry = self.by_event.entry(event).or_default();
        *entry = (entry.0 + events, entry.1 + paid.len());
        for call in again.into_iter().chain(paid) {
            *self.by_call.entry(call.kind().replace("/repos/{owner}/{repo}", "")).or_default() += 1;
            if matches!(call.status, 403 | 429) {
                self.refused.push(format!("{} {} {}", call.at, call.kind(), call.response["message"]));
            }
            let creates = ["/comments", "/check-runs", "/merge"].iter().any(|end| call.path.ends_with(end));
            if creates && matches!(call.method.as_str(), "POST" | "PUT") {
                self.created.push(call.at.parse::<Timestamp>().unwrap().as_second());
            }
        }
    }

    /// The most that was created within so many seconds.
    fn most_within(&self, seconds: i64) -> usize {
        let within = |end: usize| self.created[..=end].iter().filter(|at| **at > self.created[end] - seconds).count();
        (0..self.created.len()).map(within).max().unwrap_or(0)
    }

    fn mean(&self, event: &str) -> f64 {
        let (events, calls) = self.by_event[event];
        f64::from(u32::try_from(calls).unwrap()) / f64::from(u32::try_from(events.max(1)).unwrap())
    }

    fn table(&self) -> String {
        let mut table = String::new();
        for (event, (events, calls)) in &self.by_event {
            writeln!(table, "{event}: {events} times, {calls} requests").unwrap();
        }
        for (call, times) in &self.by_call {
            writeln!(table, "  {times} {call}").unwrap();
        }
        for (event, calls) in &self.dearest {
            writeln!(table, "dearest, {event}:\n    {}", calls.join("\n    ")).unwrap();
        }
        writeln!(table, "created: {} a minute, {} an hour at most", self.most_within(60), self.most_within(3600))
            .unwrap();
        table
    }
}

/// One thing that happens.
#[derive(Clone, Copy)]
enum Happens {
    Opens(usize),
    Check(usize, &'static str),
    Confirms(usize),
}

/// Everything that happens, by the second.
fn agenda(scale: usize) -> BTreeMap<u64, Vec<Happens>> {
    let mut agenda: BTreeMap<u64, Vec<Happens>> = BTreeMap::new();
    let (pulls, landings) = (PULLS * scale, LANDINGS * scale);
    let mut landed = 0;
    for number in 0..pulls {
        let opened = u64::try_from(number * 576 / 10).unwrap();
        agenda.entry(opened).or_default().push(Happens::Opens(number));
        for (at, check) in CHECKS.into_iter().enumerate() {
            let after = opened + 20 + 15 * u64::try_from(at).unwrap();
            agenda.entry(after).or_default().push(Happens::Check(number, check));
        }
        // Spread evenly over the day.
        if (number + 1) * landings / pulls > landed {
            landed += 1;
            agenda.entry(opened + 240).or_default().push(Happens::Confirms(number));
        }
    }
    agenda
}

/// Some touch what others touch: none of those that land.
fn is_shared(number: usize) -> bool {
    matches!(number % 25, 10 | 11)
}

async fn live(world: &World, scale: usize) -> (Costs, Vec<UnitKey>) {
    let (github, mut costs) = (world.github(), Costs::default());
    let mut prs: Vec<UnitKey> = Vec::new();
    costs.take(world, "start", 1);
    let agenda = agenda(scale);
    let end = agenda.keys().last().unwrap() + 900;
    let mut second = 0;
    while second < end {
        let mut others = 0;
        for happens in agenda.range(second..second + STEP).flat_map(|(_, happens)| happens) {
            let event = match *happens {
                Happens::Opens(number) => {
                    let path = if is_shared(number) { "shared.rs".into() } else { format!("src/f{number}.rs") };
                    let files = Files::new().with(&path, &format!("{number}\n"));
                    prs.push(github.open_pull(world.repo, "alice", "Change something", files));
                    if number == 0 {
                        "opened, the first"
                    } else if is_shared(number) {
                        "opened, colliding"
                    } else {
                        "opened"
                    }
                }
                Happens::Check(number, "test") => {
                    github.check(prs[number], "test", "ci", Some("success"));
                    if is_shared(number) { "check that matters, colliding" } else { "check that matters" }
                }
                Happens::Check(number, name) => {
                    github.check(prs[number], name, "ci", Some("success"));
                    others += 1;
                    continue;
                }
                Happens::Confirms(number) => {
                    github.comment(prs[number], "bob", "/confirm");
                    "confirmed"
                }
            };
            world.settle().await;
            costs.take(world, event, 1);
        }
        if others > 0 {
            world.settle().await;
            costs.take(world, "other check", others);
        }
        world.seconds(STEP).await;
        costs.take(world, "time passes", 0);
        second += STEP;
    }
    (costs, prs)
}

#[expect(clippy::disallowed_methods, reason = "how much of the day is lived through is a matter of who runs it")]
fn scale() -> usize {
    std::env::var("FLYBALL_BUSY_DAY").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

#[expect(clippy::print_stderr, reason = "the figures are what the run is for")]
fn tell(table: &str) {
    eprintln!("{table}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_day_stays_within_budgets_and_limits() {
    let scale = scale();
    let sim = SimConfig { content_limit: Some(ContentLimit::GITHUB), ..SimConfig::default() };
    let world = World::with(Keep::Embedded, StageConfig { sim, paced: true, ..patient() }).await;
    let (costs, prs) = live(&world, scale).await;
    let table = costs.table();
    tell(&table);
    assert_eq!(costs.refused, Vec::<String>::new(), "{table}");
    assert!(costs.most_within(60) <= 80 && costs.most_within(3600) <= 500, "{table}");
    assert_eq!(prs.iter().filter(|pr| world.is_merged(**pr)).count(), LANDINGS * scale, "{table}");
    assert!(prs.iter().all(|pr| world.github().latest_check(*pr, "flyball").is_some()));
    let hours = scale * 48 / 60 + 1;
    assert!(costs.by_event[HOURLY].1 <= 2 * hours, "{table}");
    // With the first suggestion somebody may be asked for a review: one more.
    for (event, budget) in [("opened", 4.0), ("other check", 0.0), ("check that matters", 3.0), ("confirmed", 7.0)] {
        assert!(costs.mean(event) <= budget, "{event} costs {} on average\n{table}", costs.mean(event));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_is_spread_so_that_github_refuses_nothing() {
    let sim = SimConfig { content_limit: Some(ContentLimit::GITHUB), ..SimConfig::default() };
    let world = World::with(Keep::Embedded, StageConfig { sim, paced: true, ..patient() }).await;
    let mut costs = Costs::default();
    let open = |number: usize| {
        let files = Files::new().with(&format!("f{number}.rs"), "new\n");
        world.github().open_pull(world.repo, "alice", "Change something", files)
    };
    let prs: Vec<UnitKey> = (0..60).map(open).collect();
    let checked =
        |world: &World| prs.iter().filter(|pr| world.github().latest_check(**pr, "flyball").is_some()).count();
    for _ in 0..60 {
        world.seconds(1).await;
    }
    assert!(checked(&world) >= 55, "check runs go before comments: {} after a minute", checked(&world));
    for _ in 0..120 {
        world.seconds(2).await;
    }
    costs.take(&world, "burst", 60);
    assert_eq!(costs.refused, Vec::<String>::new());
    assert!(costs.most_within(60) <= 80, "{}", costs.table());
    assert_eq!(checked(&world), 60);
    assert!(prs.iter().all(|pr| world.ours(*pr).len() == 1), "and every comment comes");
}
