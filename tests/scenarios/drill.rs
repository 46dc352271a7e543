//! Outage drills: the same hour, once with every delivery in its place and once with trouble. In the end nobody can tell which was which.

use std::collections::BTreeMap;
use std::time::Duration;

use flyball::domain::ids::UnitKey;
use flyball::sim::{Disorder, Endpoint, Fault, Files};
use flyball::stage::SECRET;
use rstest::rstest;

use crate::keep::Keep::{self, Embedded, Redis};
use crate::world::{World, line};

/// What may go wrong in that hour.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    None,
    /// Every delivery is lost; afterwards GitHub's log is looked through.
    LostThenRedelivered,
    /// Every delivery is lost; afterwards the repository is compared, and the log is never asked.
    LostThenReconciled,
    /// So many of a hundred come twice, and each is any of so many that wait.
    Disordered {
        twice: u64,
        within: usize,
        seed: u64,
    },
}

impl World {
    fn lets(&self, trouble: Trouble) {
        self.github().disturb(match trouble {
            Trouble::None => Disorder::default(),
            Trouble::LostThenRedelivered | Trouble::LostThenReconciled => {
                Disorder { lose_percent: 100, ..Disorder::default() }
            }
            Trouble::Disordered { twice, within, seed } => {
                Disorder { duplicate_percent: twice, reorder_within: within, seed, ..Disorder::default() }
            }
        });
    }

    async fn makes_up_for(&self, trouble: Trouble) {
        self.lets(Trouble::None);
        match trouble {
            Trouble::LostThenRedelivered => {
                let looked = self.stage.look_for_missed().await.unwrap();
                assert!(looked.asked >= 15, "{looked:?}");
            }
            Trouble::LostThenReconciled => {
                self.reconciles().await;
            }
            Trouble::None | Trouble::Disordered { .. } => {}
        }
        for _ in 0..4 {
            self.seconds(30).await;
        }
    }

    /// A few minutes of which nothing is heard until they are over.
    async fn minutes(&self, minutes: u64, happens: impl FnOnce()) {
        self.github().hold_deliveries();
        happens();
        self.github().release_deliveries();
        self.seconds(minutes * 60).await;
    }

    /// What people can see of a unit, without what differs from run to run: commits and times.
    async fn visible(&self, pr: UnitKey) -> String {
        let check = self.check(pr);
        let words = |text: &str| {
            let stable = |word: &str| {
                let mark = |c: char| c.is_ascii_hexdigit();
                let hex = word.len() >= 7 && word.chars().all(mark) && word.chars().any(|c| c.is_ascii_digit());
                let id = word.len() >= 5 && word.chars().all(|c| c.is_ascii_digit());
                if hex || id { "SHA".to_owned() } else { word.to_owned() }
            };
            let split: Vec<String> = text.split(|c: char| !c.is_alphanumeric()).map(stable).collect();
            split.join(" ")
        };
        // What is folded away is as of the comment's last writing, and not written again for its own sake.
        let shown = |body: &String| body.split("<details>").next().map(words).unwrap_or_default();
        let ours: Vec<String> = self.ours(pr).iter().map(shown).collect();
        format!(
            "{} {:?} {:?} {} merged: {}\n{}",
            self.standing(pr).await,
            self.codes(pr).await,
            check.conclusion,
            words(&check.title),
            self.is_merged(pr),
            ours.join("\n---\n")
        )
    }
}

/// One hour on a busy repository under trouble, and what can be seen afterwards.
async fn hour(keep: Keep, trouble: Trouble) -> BTreeMap<String, String> {
    let world = World::start(keep).await;
    let github = world.github();
    let own = |number: usize| Files::new().with(&format!("src/f{number}.rs"), "new\n");
    let mut prs = Vec::new();
    for number in 0..10 {
        prs.push(world.opens_green(if number % 2 == 0 { "alice" } else { "bob" }, own(number)).await);
    }
    prs.push(world.opens_green("alice", line(2, "TWO")).await);
    world.seconds(60).await;

    world.lets(trouble);
    world
        .minutes(10, || {
            github.comment(prs[0], "bob", "/confirm");
            github.push(prs[1], own(100));
            github.check(prs[2], "test", "ci", Some("failure"));
            github.review(prs[3], "carol", "APPROVED", "").unwrap();
            github.comment(prs[4], "carol", "/refuse it solves what nobody has");
        })
        .await;
    let mut late = None;
    world
        .minutes(10, || {
            github.check(prs[1], "test", "ci", Some("success"));
            github.close(prs[5], "bob");
            github.comment(prs[6], "alice", "/hold I am away");
            let pr = github.open_pull(world.repo, "alice", "A late one", own(101));
            github.check(pr, "test", "ci", Some("success"));
            late = Some(pr);
        })
        .await;
    world
        .minutes(20, || {
            github.comment(prs[8], "alice", "/confirm");
            github.comment(prs[8], "rita", "Looks fine to me.");
            github.draft(prs[7]);
            github.retitle(prs[9], "bob", "Say what it does");
            github.push(prs[10], line(2, "Two"));
            github.check(prs[10], "test", "ci", Some("success"));
            let overlapping = github.open_pull(world.repo, "bob", "The same line", line(2, "zwei"));
            github.check(overlapping, "test", "ci", Some("success"));
            prs.push(overlapping);
        })
        .await;
    world.seconds(20 * 60).await;
    if matches!(trouble, Trouble::LostThenRedelivered | Trouble::LostThenReconciled) {
        assert!(!world.is_merged(prs[0]), "the hour was lost indeed");
    }
    world.makes_up_for(trouble).await;
    prs.extend(late);

    let mut seen = BTreeMap::new();
    for pr in &prs {
        seen.insert(format!("#{:02}", pr.number.0), world.visible(*pr).await);
    }
    let files =
        (0..10).filter_map(|number| github.file(world.repo, "main", &format!("src/f{number}.rs")).map(|_| number));
    seen.insert("landed".to_owned(), format!("{:?}", files.collect::<Vec<_>>()));
    let (_, plan) = world.get("/plan/main").await;
    let order: Vec<u64> =
        plan["order"].as_array().into_iter().flatten().filter_map(|one| one["number"].as_u64()).collect();
    seen.insert("planned".to_owned(), format!("{:?}", std::collections::BTreeSet::from_iter(order)));
    seen
}

#[rstest]
#[case::lost_then_redelivered(Trouble::LostThenRedelivered)]
#[case::lost_then_reconciled(Trouble::LostThenReconciled)]
#[case::one_in_twenty_twice_or_swapped(Trouble::Disordered { twice: 5, within: 2, seed: 1 })]
#[case::one_in_twenty_twice_or_moved_by_five(Trouble::Disordered { twice: 5, within: 5, seed: 2 })]
#[case::all_jumbled(Trouble::Disordered { twice: 40, within: 20, seed: 3 })]
#[tokio::test(flavor = "multi_thread")]
async fn after_an_hour_of_trouble_everything_is_as_if_there_had_been_none(
    #[case] trouble: Trouble,
    #[values(Embedded, Redis)] keep: Keep,
) {
    let (expected, seen) = futures::join!(Box::pin(hour(keep, Trouble::None)), Box::pin(hour(keep, trouble)));
    assert_eq!(expected["landed"], "[0]", "what was confirmed landed: {expected:#?}");
    for (what, text) in &expected {
        assert_eq!(seen.get(what), Some(text), "{what} after {trouble:?}");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn deliveries_refused_while_the_secret_was_changed_are_made_up_for(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    // GitHub signs with the next secret before the server knows it.
    world.github().hold_deliveries();
    let pr = world.github().open_pull(world.repo, "alice", "Change", line(2, "TWO"));
    world.github().set_webhook_secret("the next one");
    world.github().release_deliveries();
    world.settle().await;
    assert!(world.github().deliveries().iter().any(|sent| sent.status == Some(401)));
    assert!(world.github().latest_check(pr, "flyball").is_none());
    world.github().set_webhook_secret(SECRET);
    let looked = world.stage.look_for_missed().await.unwrap();
    assert!(looked.asked > 0 && looked.asked == looked.failed, "{looked:?}");
    assert_eq!(world.check(pr).status, "in_progress");
    assert_eq!(world.ours(pr).len(), 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_secondary_limit_amid_a_burst_delays_and_loses_nothing(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let github = world.github();
    let open = |number: usize| {
        let pr = github.open_pull(world.repo, "alice", "Change", Files::new().with(&format!("f{number}.rs"), "new\n"));
        github.check(pr, "test", "ci", Some("success"));
        pr
    };
    let first: Vec<UnitKey> = (0..4).map(open).collect();
    github.fails_times(Endpoint::CreateComment, Fault::SecondaryLimit(1), 2);
    let rest: Vec<UnitKey> = (4..10).map(open).collect();
    world.settle().await;
    for _ in 0..6 {
        // The limit is GitHub's own time.
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        world.seconds(120).await;
    }
    for pr in first.into_iter().chain(rest) {
        assert_eq!(world.conclusion(pr).as_deref(), Some("action_required"));
        world.sticky(pr);
    }
}
