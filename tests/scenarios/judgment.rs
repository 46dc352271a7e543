//! Who says what, and when: whatever does not count is answered in one line and changes nothing.

use flyball::sim::{Files, Role};
use rstest::rstest;

use crate::keep::Keep::{self, Embedded, Redis};
use crate::world::{World, line};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_count_is_answered_in_one_line_and_merges_nothing(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let pr = world.opens("alice", line(2, "TWO")).await;
    let old = world.github().pull(pr).head_sha;
    world.github().push(pr, line(2, "Two"));
    world.settle().await;
    world.green(pr).await;
    world.seconds(30).await;
    let cases = [
        ("the author", "alice", "/confirm".to_owned(), "authors do not confirm"),
        ("a reader", "rita", "/confirm".to_owned(), "write access"),
        ("a stranger", "mallory", "/confirm".to_owned(), "write access"),
        ("an old head", "bob", format!("/confirm {old}"), "replaced by a newer one"),
        ("too few digits for one head", "bob", format!("/confirm {}", &old.as_str()[..7]), "first 12 digits"),
        ("no head at all", "bob", "/confirm ffffffffffffffff".to_owned(), "none of its commits"),
        ("a near miss", "bob", "/confrim".to_owned(), "did you mean `/confirm`"),
    ];
    for (number, (case, login, text, expected)) in cases.into_iter().enumerate() {
        assert_eq!(world.says(pr, login, &text).await, ["eyes", "confused"], "{case}");
        let ours = world.ours(pr);
        assert_eq!(ours.len(), number + 2, "{case}: the sticky comment and one reply each: {ours:#?}");
        assert!(ours.last().unwrap().contains(expected), "{case}: {ours:#?}");
        assert!(!world.is_merged(pr), "{case}");
    }
    world.github().user(world.repo, "helper[bot]", Role::Write);
    assert_eq!(world.says(pr, "helper[bot]", "/confirm").await, Vec::<String>::new(), "bots are not answered");
    assert!(!world.is_merged(pr), "a bot");
    let head = world.github().pull(pr).head_sha;
    assert_eq!(world.says(pr, "bob", &format!("/confirm {}", head.twelve())).await, ["eyes", "rocket"]);
    assert!(world.is_merged(pr), "and the one that counts does");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_unit_is_not_confirmed_and_one_merged_is_not_merged_again(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    world.says(pr, "carol", "/refuse not like this").await;
    assert_eq!(world.says(pr, "bob", "/confirm").await, ["eyes", "confused"]);
    assert!(world.ours(pr).last().unwrap().contains("it was stopped by carol"), "{:?}", world.ours(pr));
    assert_eq!(world.says(pr, "alice", "/lift").await, ["eyes", "confused"], "never the author");
    assert!(!world.is_merged(pr));
    assert_eq!(world.says(pr, "carol", "/lift").await, ["eyes", "rocket"]);
    world.seconds(30).await;
    // Two people at once: both comments are out before either is worked.
    world.github().hold_deliveries();
    world.github().comment(pr, "bob", "/confirm");
    world.github().comment(pr, "carol", "/confirm");
    world.github().release_deliveries();
    world.settle().await;
    assert!(world.is_merged(pr));
    world.says(pr, "bob", "/confirm").await;
    assert_eq!(world.standing(pr).await, "landed");
    let merges = world.github().calls().into_iter().filter(|call| call.path.ends_with("/merge"));
    assert_eq!(merges.count(), 1, "one call to merge");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_command_in_an_issue_that_is_no_pull_request_is_nobodys(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let calls = world.github().calls().len();
    let body = include_str!("../../fixtures/webhooks/issue_comment/created.on-issue.json");
    assert!(body.contains("/confirm"), "the fixture holds the command");
    assert_eq!(world.delivers("issue_comment", body).await, 200);
    world.settle().await;
    assert_eq!(world.github().calls().len(), calls, "not even looked up");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_pull_requests_ahead_of_everybody_jam_nobody(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let draft = world.github().open_draft(world.repo, "mallory", "First!", line(2, "MINE"));
    let fork = world.github().open_pull_from_fork(world.repo, "mallory", "Second!", line(2, "MINE TOO"));
    world.settle().await;
    world.green(fork).await;
    world.green(draft).await;
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    assert_eq!(world.says(pr, "bob", "/confirm").await, ["eyes", "rocket"]);
    assert!(world.is_merged(pr), "{:?}", world.codes(pr).await);
    assert!(!world.is_merged(draft) && !world.is_merged(fork));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_pull_requests_with_one_head_share_the_most_careful_check(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let first = world.opens_green("alice", line(2, "TWO")).await;
    let second = world.opens_again(first, "release").await;
    assert_eq!(world.github().pull(second).head_sha, world.github().pull(first).head_sha);
    world.seconds(30).await;
    world.says(second, "carol", "/refuse not into the release").await;
    let shared = world.check(first);
    assert_eq!(shared.conclusion.as_deref(), Some("failure"), "the most careful of both");
    for pr in [first, second] {
        let named = format!("#{}", pr.number);
        assert!(shared.title.contains(&named) || shared.summary.contains(&named), "{named} in {shared:?}");
    }
    world.says(first, "bob", "/confirm").await;
    assert!(!world.is_merged(first), "a shared check that fails lets neither pass");
    assert!(world.github().press_merge(first, "bob").is_err(), "nor does the button");
    world.says(second, "carol", "/lift").await;
    world.github().close(second, "carol");
    world.settle().await;
    world.seconds(60).await;
    assert!(world.is_merged(first), "{:?} {:?}", world.codes(first).await, world.check(first));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_base_that_nobody_protects_is_not_governed_and_says_why(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let main = world.github().head_branch(world.opens("bob", line(5, "FIVE")).await);
    let pr =
        world.github().open_pull_into(world.repo, &main, "alice", "Into a branch", "", Files::new().with("b", "b\n"));
    world.settle().await;
    assert_eq!(world.check(pr).status, "in_progress");
    let codes = world.codes(pr).await;
    assert!(codes.iter().any(|code| code == "blocked.base.ungoverned"), "{codes:?}");
    world.seconds(30).await;
    world.says(pr, "bob", "/confirm").await;
    assert!(!world.is_merged(pr));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn closed_before_opened_and_checks_before_their_pull_request(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    world.github().hold_deliveries();
    let gone = world.github().open_pull(world.repo, "alice", "Changed my mind", line(2, "TWO"));
    world.github().close(gone, "alice");
    let pr = world.github().open_pull(world.repo, "alice", "Change", line(7, "SEVEN"));
    world.github().check(pr, "test", "ci", Some("success"));
    world.github().release_deliveries_as(|held| held.into_iter().rev().collect());
    world.settle().await;
    assert_eq!(world.standing(gone).await, "withdrawn");
    assert_eq!(world.standing(pr).await, "awaiting_judgment");
    assert_eq!(world.ours(pr).len(), 1);
}
