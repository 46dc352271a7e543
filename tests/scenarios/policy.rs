//! The policy file of a repository, its teams and its lessons, as GitHub has them.

use flyball::sim::{Files, Protection, Role};
use rstest::rstest;

use crate::keep::Keep::{self, Embedded, Redis};
use crate::world::{World, line};

const PATH: &str = ".github/flyball.yml";

/// Commits a policy to the default branch, past its protection as an administrator may.
pub(crate) async fn policy(world: &World, text: &str) {
    let github = world.github();
    github.unprotect(world.repo, "main");
    github.commit(world.repo, "main", "carol", Files::new().with(PATH, text));
    github.protect(world.repo, "main", Protection::checks(&["test"]).check_from("flyball", 4242));
    world.settle().await;
}

const DBA: &str = "version: 1
rules:
  - name: Migrations need a DBA
    why: Two migrations landed out of order in March.
    when: { paths: ['migrations/**'] }
    require: { confirm: { by: ['@acme/dba'] } }
";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_migration_waits_for_somebody_of_the_team(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    world.github().team("acme", "dba", &["carol"]);
    policy(&world, DBA).await;
    let plain = world.opens_green("alice", line(2, "TWO")).await;
    let migration = world.opens_green("alice", Files::new().with("migrations/7.sql", "alter table t;\n")).await;
    assert!(world.sticky(migration).contains("a member of acme/dba"), "{}", world.sticky(migration));
    assert_eq!(world.says(plain, "bob", "/confirm").await, ["eyes", "rocket"]);
    assert!(world.is_merged(plain));
    world.says(migration, "bob", "/confirm").await;
    assert!(!world.is_merged(migration), "bob is no DBA");
    assert_eq!(world.says(migration, "carol", "/confirm").await, ["eyes", "rocket"]);
    assert!(world.is_merged(migration), "{}", world.sticky(migration));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_team_that_is_not_there_is_never_met_and_says_so(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    policy(&world, DBA).await;
    let migration = world.opens_green("alice", Files::new().with("migrations/7.sql", "alter table t;\n")).await;
    world.says(migration, "bob", "/confirm").await;
    world.seconds(60).await;
    assert!(!world.is_merged(migration));
    assert!(world.sticky(migration).contains("Who may was not read yet"), "{}", world.sticky(migration));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn documentation_lands_by_itself(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let auto = "version: 1\nrules:\n  - name: Documentation lands by itself\n    when: { only_paths: ['docs/**'] }\n    autonomy: auto\n";
    policy(&world, auto).await;
    let docs = world.opens_green("alice", Files::new().with("docs/a.md", "# A\n")).await;
    assert!(world.is_merged(docs), "{}", world.sticky(docs));
    let code = world.opens_green("alice", line(2, "TWO")).await;
    assert!(!world.is_merged(code));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_broken_policy_blocks_only_who_carries_it(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    policy(&world, DBA).await;
    let broken = world.opens_green("alice", Files::new().with(PATH, "version: 1\nrulez: []\n")).await;
    assert_eq!(world.codes(broken).await, ["blocked.policy.invalid"]);
    assert!(world.sticky(broken).contains("line 2, column 1"), "{}", world.sticky(broken));
    let other = world.opens_green("alice", line(2, "TWO")).await;
    assert_eq!(world.codes(other).await, ["waits.confirm"]);
    world.github().push(broken, Files::new().with(PATH, DBA));
    world.settle().await;
    world.green(broken).await;
    assert_eq!(world.codes(broken).await, ["waits.confirm"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_remembered_by_a_pull_request(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    world.github().user(world.repo, "flyball[bot]", Role::Write);
    policy(&world, &format!("# Ours.\n{DBA}")).await;
    let pr = world.opens_green("alice", Files::new().with("billing/price.rs", "1\n")).await;
    world.says(pr, "bob", "/refuse Prices need a test with a leap year").await;
    assert!(world.sticky(pr).contains("**As a rule**"), "{}", world.sticky(pr));
    assert_eq!(world.says(pr, "bob", "/remember").await, ["eyes", "rocket"]);
    world.seconds(5).await;
    let proposal = *world.github().pulls(world.repo).last().unwrap();
    let branch = world.github().head_branch(proposal);
    let text = world.github().file(world.repo, &branch, PATH).unwrap();
    assert!(text.starts_with("# Ours.\n") && text.contains("billing/**"), "{text}");
    let replies = world.ours(pr);
    assert!(replies.last().unwrap().contains(&format!("#{} changes the policy file", proposal.number)), "{replies:?}");
    world.green(proposal).await;
    assert_eq!(world.says(proposal, "bob", "/confirm").await, ["eyes", "confused"], "whoever asked is its author");
    assert_eq!(world.says(proposal, "carol", "/confirm").await, ["eyes", "rocket"]);
    assert!(world.is_merged(proposal), "{}", world.sticky(proposal));
    let next = world.opens_green("alice", Files::new().with("billing/tax.rs", "1\n")).await;
    assert!(world.sticky(next).contains("Prices need a test with a leap year"), "{}", world.sticky(next));
    world.says(next, "bob", "/why").await;
    let why = world.ours(next).pop().unwrap();
    assert!(why.contains("Lessons that apply:") && why.contains("taught by bob"), "{why}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_lessons_at_once_are_two_pull_requests(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    policy(&world, DBA).await;
    let pr = world.opens_green("alice", Files::new().with("billing/price.rs", "1\n")).await;
    world.github().hold_deliveries();
    world.github().comment(pr, "bob", "/remember Prices need a leap year");
    world.github().comment(pr, "carol", "/remember Discounts need a test");
    world.github().release_deliveries();
    world.settle().await;
    world.seconds(5).await;
    let pulls = world.github().pulls(world.repo);
    assert_eq!(pulls.len(), 3, "one and two proposals");
    for proposal in &pulls[1..] {
        world.green(*proposal).await;
    }
    world.says(pulls[1], "carol", "/confirm").await;
    world.says(pulls[1], "bob", "/confirm").await;
    assert!(world.is_merged(pulls[1]));
    world.seconds(5).await;
    assert!(
        world.codes(pulls[2]).await.contains(&"blocked.conflict.base".to_owned()),
        "{:?}",
        world.codes(pulls[2]).await
    );
}
