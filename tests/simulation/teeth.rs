//! The model sees what it must see: what Flyball must never do is done here by hand.

use std::sync::Arc;

use flyball::domain::ids::UnitKey;
use flyball::sim::{Files, Protection, Role};
use tokio::sync::mpsc;

use crate::chance::{Chance, Odds};
use crate::model::{Made, Says, Voice};
use crate::world::World;

const BOT: &str = "flyball[bot]";

fn world() -> Arc<World> {
    let files = Files::new().with("a.txt", "one\n");
    let world = World::new(Chance::new(1, Odds::default()), files, 0, mpsc::unbounded_channel().0);
    for login in ["alice", "bob", BOT] {
        world.github.user(world.repo, login, Role::Write);
    }
    world.github.protect(world.repo, "main", Protection::checks(&["test"]));
    let mut model = world.model.lock().unwrap();
    model.count = 1;
    for login in ["alice", "bob"] {
        model.writers.insert(login, vec![(world.now(), true)]);
    }
    drop(model);
    world
}

fn opened(world: &World, path: &str, line: Option<usize>) -> UnitKey {
    let pr = world.github.open_pull(world.repo, "alice", "A change", Files::new().with(path, "new\n"));
    world.github.check(pr, "test", "ci", Some("success"));
    let head = world.github.pull(pr).head_sha.as_str().to_owned();
    world.model.lock().unwrap().made.insert(pr.number.0, Made::new("alice", head, line));
    pr
}

fn confirmed(world: &World, pr: UnitKey, by: &'static str) {
    let head = world.github.pull(pr).head_sha.as_str().to_owned();
    let (at, says) = (world.now(), Says::Confirm(None));
    let voice = Voice { pr: pr.number.0, by, at, head, says, comment: None, taken: None };
    world.model.lock().unwrap().voices.push(voice);
}

fn violation(world: &World) -> String {
    world.judge(world.now());
    world.story().violation.clone().unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn a_merge_that_nobody_confirmed_is_seen() {
    let world = world();
    let (theirs, own) = (opened(&world, "b.txt", None), opened(&world, "c.txt", None));
    confirmed(&world, theirs, "bob");
    world.github.press_merge(theirs, BOT).unwrap();
    assert_eq!(violation(&world), "", "bob confirmed it");
    confirmed(&world, own, "alice");
    world.github.press_merge(own, BOT).unwrap();
    assert!(violation(&world).starts_with("merged though"), "an author confirms nothing of their own");
}

#[tokio::test(start_paused = true)]
async fn a_merge_before_what_it_needs_is_seen() {
    let world = world();
    let (needed, needs) = (opened(&world, "b.txt", None), opened(&world, "c.txt", None));
    world.model.lock().unwrap().made.get_mut(&needs.number.0).unwrap().depends_on = Some(needed.number.0);
    confirmed(&world, needs, "bob");
    world.github.press_merge(needs, BOT).unwrap();
    assert!(violation(&world).contains("before"), "{}", violation(&world));
}

#[tokio::test(start_paused = true)]
async fn a_second_success_on_the_same_line_is_seen() {
    let world = world();
    let (first, second) = (opened(&world, "b.txt", Some(1)), opened(&world, "c.txt", Some(1)));
    for pr in [first, second] {
        confirmed(&world, pr, "bob");
        assert_eq!(violation(&world), "");
        world.github.check(pr, "flyball", "flyball", Some("success"));
    }
    assert!(violation(&world).contains("both show success"), "{}", violation(&world));
}

#[tokio::test(start_paused = true)]
async fn a_second_sticky_comment_is_seen() {
    let world = world();
    let pr = opened(&world, "b.txt", None);
    world.github.comment(pr, BOT, "<!-- flyball:unit --> once");
    assert_eq!(violation(&world), "");
    world.github.comment(pr, BOT, "<!-- flyball:unit --> twice");
    assert!(violation(&world).contains("two sticky comments"), "{}", violation(&world));
}
