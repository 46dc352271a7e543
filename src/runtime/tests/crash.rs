//! The power goes between any two steps; the next run carries on, nothing is lost and nothing is done twice.

use super::{World, look, push, quick, says};
use crate::domain::govern::Event;
use crate::domain::ids::RepoId;
use crate::store::Partition;

async fn a_little_day(world: &World) {
    world.happens(1, look(11)).await;
    world.happens(1, push("main")).await;
    world.happens(2, says(5, "later")).await;
    world.happens(1, Event::Reconcile).await;
}

#[tokio::test]
async fn work_goes_on_after_a_power_cut_at_every_single_step() {
    let mut cuts = 0;
    for steps in 0.. {
        let world = World::new();
        a_little_day(&world).await;
        let settings = || crate::runtime::settings::Settings {
            partitions: [1, 2].map(|repo| Partition::of(RepoId(repo))).into(),
            call_deadline: std::time::Duration::from_millis(1),
            ..quick("w")
        };
        world.fuse.replace(steps);
        let blown = tokio::select! {
            () = world.fuse.blown() => true,
            () = async {
                let worker = world.work(settings()).await;
                worker.settled().await;
                std::mem::forget(worker);
            } => false,
        };
        // Everything that ran is dropped where it stands.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        world.fuse.replace(usize::MAX);
        world.store.forget_leases();
        let worker = world.work(settings()).await;
        worker.settled().await;
        check(&world, steps).await;
        if !blown {
            break;
        }
        cuts += 1;
    }
    assert!(cuts > 60, "the day has many steps, not {cuts}");
}

async fn check(world: &World, steps: usize) {
    let noted = world.noted(1).await;
    for once in ["look 11", "main", "Reconcile", "look 1", "look 2", "look 3"] {
        assert_eq!(noted.iter().filter(|note| *note == once).count(), 1, "cut after {steps}: {once} in {noted:?}");
    }
    let place = |note: &str| noted.iter().position(|found| found == note);
    assert!(place("look 11") < place("main") && place("main") < place("Reconcile"), "cut after {steps}: {noted:?}");
    assert_eq!(world.noted(2).await, ["later"], "cut after {steps}");
    for number in [11, 1, 2, 3] {
        assert_eq!(world.github.comments(RepoId(1), number), 1, "cut after {steps}: comments on {number}");
        let stream = format!("t1:{number}");
        assert_eq!(world.store.trace_len(Partition::of(RepoId(1)), &stream), 1, "cut after {steps}: trace of {number}");
    }
    world.assert_nothing_left().await;
}
