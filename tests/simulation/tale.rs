//! One seed's story from beginning to end: what happens, how it comes to rest, and what must be true then.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use fastrand::Rng;
use flyball::domain::ids::UnitKey;
use flyball::domain::unit::{Standing, verify};
use flyball::runtime::read::Reader;
use flyball::runtime::reconcile;
use flyball::store::Store;
use flyball::web::{StoredUnits, Viewer};
use tokio::sync::mpsc;

use crate::chance::{Chance, Odds, odds_of};
use crate::people::{self, People};
use crate::replica::{self, Replica, context};
use crate::world::{Story, World};

/// A story that was told.
pub(crate) struct Told {
    pub(crate) story: Story,
    /// What people see in the end, if everything could be compared: each thing waited until the one before was dealt with.
    pub(crate) seen: Option<String>,
}

/// Longer than this nothing takes once nothing goes wrong any more.
const REST_WITHIN: Duration = Duration::from_secs(3 * 3600);

/// Tells the story of a seed; without trouble where `smoothly`, for comparison.
pub(crate) fn tell(seed: u64, smoothly: bool) -> Told {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(Box::pin(telling(seed, smoothly)))
}

async fn telling(seed: u64, smoothly: bool) -> Told {
    let mut plot = Rng::with_seed(seed);
    let odds = odds_of(&mut plot);
    let odds = if smoothly { Odds::default() } else { odds };
    let (replicas, acts) = (plot.usize(1..=3), plot.usize(8..24));
    let ahead = [0, 0, 0, 2, -2][plot.usize(0..5)];
    let one_by_one = seed.is_multiple_of(5);
    let odds = Odds { moved: !one_by_one, ..odds };
    let (files, count) = people::beginning(&mut plot);
    let (deaths, died) = mpsc::unbounded_channel();
    let world = World::new(Chance::new(seed, odds), files, ahead, deaths);
    world.tell(&format!("seed {seed}: {replicas} replicas, {acts} acts, one by one: {one_by_one}, {odds:?}"));
    let mut people = People::arrive(&world, plot, count);
    for index in 0..replicas {
        let replica = Replica::start(&world, index, 0);
        world.replicas.lock().unwrap().push(replica);
    }
    tokio::spawn(replica::keep(Arc::clone(&world), died));
    tokio::spawn(replica::carry_deliveries(Arc::clone(&world)));

    for _ in 0..acts {
        tokio::time::sleep(people.pause()).await;
        people.act(&world);
        world.sometimes_rolls();
        if one_by_one {
            // Long enough for a suggestion to be shown, and for what went wrong to be found.
            tokio::time::sleep(Duration::from_secs(30)).await;
            world.recovers(odds).await;
        }
        if world.is_violated() {
            return world.told(None);
        }
    }
    world.recovers(Odds::default()).await;
    // What follows comes all at once: who is first then is chance.
    let seen = if one_by_one { Some(world.sees(people.prs()).await) } else { None };
    people.all_pass(&world);
    world.recovers(Odds::default()).await;
    people.all_confirm(&world);
    world.recovers(Odds::default()).await;
    world.ends(people.prs()).await;
    world.told(seen)
}

impl World {
    fn told(&self, seen: Option<String>) -> Told {
        // Each holds the world: it would never be given back.
        self.replicas.lock().unwrap().clear();
        Told { story: std::mem::take(&mut *self.story()), seen }
    }

    /// Now and then a replica is replaced in good order.
    fn sometimes_rolls(&self) {
        if self.chance.strikes(|odds| odds.roll) {
            let replicas = self.replicas.lock().unwrap();
            let replica = &replicas[self.chance.below(replicas.len())];
            self.fault("rolled", &replica.hand.name());
            replica.stops();
        }
    }

    /// Nothing goes wrong any more, what was missed is found, and everything comes to rest. Then chance has its odds again.
    async fn recovers(&self, odds: Odds) {
        self.chance.heal();
        self.github.heal();
        for replica in self.replicas.lock().unwrap().iter() {
            replica.hand.wakes();
        }
        // Until the delivery log was looked into again.
        tokio::time::sleep(replica::LOOKS + Duration::from_secs(20)).await;
        self.rests().await;
        let reader = Reader::new(Arc::clone(&self.store) as Arc<dyn Store>);
        for known in reader.repositories().await.unwrap() {
            reconcile::ask(&*self.store, &known, self.now()).await.unwrap();
        }
        tokio::time::sleep(Duration::from_secs(60)).await;
        self.rests().await;
        self.chance.set(odds);
    }

    async fn rests(&self) {
        let until = tokio::time::Instant::now() + REST_WITHIN;
        let mut quiet = 0;
        while quiet < 3 {
            tokio::time::sleep(Duration::from_secs(10)).await;
            let now = self.now();
            let (waiting, entries) = self.store.waiting(now);
            let (soon, _) = self.store.waiting(now + Duration::from_secs(600));
            let is_quiet = waiting.inbox == 0
                && waiting.timers == 0
                && soon.owed == 0
                && self.under_way.load(Ordering::Relaxed) == 0
                && self.github.deliveries_are_idle();
            quiet = if is_quiet { quiet + 1 } else { 0 };
            if tokio::time::Instant::now() > until {
                self.violated(format!("it does not come to rest: {waiting:?}, soon {soon:?}, {entries:?}"));
                return;
            }
        }
    }

    fn units(&self) -> StoredUnits {
        let ticking = Arc::clone(&self.clock);
        let now = move || flyball::runtime::clock::Clock::now(&*ticking);
        StoredUnits::new(Arc::clone(&self.store) as Arc<dyn Store>, context(), Arc::new(now)).seen_by(Viewer::machine())
    }

    /// What people see, without what differs from run to run.
    async fn sees(&self, prs: &[UnitKey]) -> String {
        let (units, mut seen) = (self.units(), String::new());
        for pr in prs {
            let pull = self.github.pull(*pr);
            let (standing, reasons) = match units.brief("acme/shop", pr.number).await {
                Ok(brief) => {
                    (format!("{:?}", brief.standing), brief.reasons.iter().map(|why| why.code.to_string()).collect())
                }
                Err(error) => (error.to_string(), Vec::new()),
            };
            let check = self.github.latest_check(*pr, "flyball");
            let check = check.map(|check| (check.status, check.conclusion));
            writeln!(seen, "#{} open {} merged {} {standing} {reasons:?} {check:?}", pr.number, pull.open, pull.merged)
                .unwrap();
        }
        seen
    }

    /// What must be true once everything rests.
    async fn ends(&self, prs: &[UnitKey]) {
        let (waiting, entries) = self.store.waiting(self.now());
        if waiting.inbox > 0 || waiting.parked > 0 {
            self.violated(format!("accepted and never worked: {entries:?}"));
        }
        self.story().counts.archived = self.store.archived();
        for (stream, entries, last) in self.store.traces() {
            let lines: Vec<_> = entries.iter().map(|entry| String::from_utf8_lossy(entry)).collect();
            match verify(lines.iter().map(|line| &**line)) {
                Ok(head) if last.as_ref().is_none_or(|last| *last == head) => {}
                Ok(head) => self.violated(format!("the trace {stream} ends at {head:?}, its unit says {last:?}")),
                Err(broken) => self.violated(format!("the trace {stream}: {broken}")),
            }
        }
        let units = self.units();
        for pr in prs {
            let check = self.github.latest_check(*pr, "flyball");
            let pull = self.github.pull(*pr);
            if pull.open && self.stickies(*pr) > 1 {
                self.violated(format!("#{} keeps {} sticky comments", pr.number, self.stickies(*pr)));
            }
            let brief = match units.brief("acme/shop", pr.number).await {
                Ok(brief) => brief,
                Err(error) => {
                    self.violated(format!("#{}: {error}", pr.number));
                    continue;
                }
            };
            let shown = check.map(|check| check.conclusion.unwrap_or(check.status));
            self.tell(&format!("#{} ends as {:?}, its check shows {shown:?}", pr.number, brief.standing));
            let shown = shown.as_deref().unwrap_or("nothing");
            let told = match brief.standing {
                Standing::Draft | Standing::Gathering => shown == "in_progress",
                Standing::Blocked => matches!(shown, "failure" | "in_progress"),
                Standing::AwaitingJudgment => shown == "action_required",
                Standing::Cleared => matches!(shown, "in_progress" | "success"),
                Standing::Landing => shown == "success",
                Standing::Withdrawn => shown != "success" && !pull.open && !pull.merged,
                Standing::Landed | Standing::RolledBack => pull.merged,
            };
            if !told || brief.head != pull.head_sha {
                let why: Vec<_> = brief.reasons.iter().map(|why| why.code.to_string()).collect();
                self.violated(format!(
                    "#{} is {:?} {why:?} at {}, and GitHub shows {shown} at {}",
                    pr.number, brief.standing, brief.head, pull.head_sha
                ));
            }
        }
    }
}
