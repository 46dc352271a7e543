//! What was open before Flyball came: each pull request gets its check run, paced and newest first, and no comment before something happens.

use flyball::domain::ids::{RepoId, UnitKey};
use flyball::sim::{Disorder, Files, Protection, Role};
use rstest::rstest;

use crate::keep::Keep::{self, Embedded, Redis};
use crate::world::World;

impl World {
    /// A repository with so many open pull requests, of which Flyball knows nothing.
    fn grown(&self, pulls: usize) -> (RepoId, Vec<UnitKey>) {
        let github = self.github();
        let repo = github.create_repo_without_app("acme/old", false, Files::new().with("a.txt", "a\n"));
        for login in ["alice", "bob"] {
            github.user(repo, login, Role::Write);
        }
        github.protect(repo, "main", Protection::checks(&["test"]).check_from("flyball", 4242));
        let open = |number| {
            let files = Files::new().with(&format!("f{number}.txt"), "new\n");
            github.open_pull(repo, "alice", "Change something", files)
        };
        (repo, (0..pulls).map(open).collect())
    }

    fn checked(&self, pulls: &[UnitKey]) -> Vec<u64> {
        let has = |pr: &&UnitKey| self.github().latest_check(**pr, "flyball").is_some();
        pulls.iter().filter(has).map(|pr| pr.number.0).collect()
    }

    fn introductions(&self, repo: RepoId) -> Vec<(String, Option<String>)> {
        let head = self.github().branch_head(repo, "main").unwrap();
        let ours = self.github().check_runs(repo, &head).into_iter().filter(|run| run.app == "flyball");
        ours.map(|run| (run.name, run.conclusion)).collect()
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn installing_checks_every_open_pull_request_and_comments_on_none(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let (repo, pulls) = world.grown(23);
    world.github().comment(pulls[22], "bob", "/refuse said to somebody else, before");
    world.github().check(pulls[21], "test", "ci", Some("success"));
    world.github().install(repo);
    world.settle().await;
    let newest: Vec<u64> = pulls[3..].iter().map(|pr| pr.number.0).collect();
    assert_eq!(world.checked(&pulls), newest, "the newest first");
    for left in (0..3).rev() {
        world.seconds(9).await;
        assert_eq!(world.checked(&pulls).len(), 22 - left, "paced");
        world.seconds(1).await;
        assert_eq!(world.checked(&pulls).len(), 23 - left);
    }
    assert_eq!(world.introductions(repo), [("flyball".to_owned(), Some("neutral".to_owned()))]);
    assert!(pulls.iter().all(|pr| world.ours(*pr).is_empty()), "no comments");
    assert_eq!(world.check(pulls[22]).status, "in_progress", "what was said before was not said to us");
    assert_eq!(world.conclusion(pulls[21]).as_deref(), Some("action_required"), "what was green is known");

    world.green(pulls[22]).await;
    world.sticky(pulls[22]);
    world.github().retitle(pulls[0], "alice", "Say what it does");
    world.settle().await;
    world.sticky(pulls[0]);
    assert!(pulls[1..22].iter().all(|pr| world.ours(*pr).is_empty()), "the others wait for their own activity");
    world.github().comment(pulls[21], "bob", "/confirm");
    world.settle().await;
    assert!(!world.is_merged(pulls[21]), "nothing had been suggested to anybody yet");
    world.seconds(30).await;
    world.says(pulls[21], "bob", "/confirm").await;
    assert!(world.is_merged(pulls[21]), "{:?}", world.ours(pulls[21]));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_first_sign_of_a_repository_brings_the_rest(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let (repo, pulls) = world.grown(2);
    let lost = Some(("installation_repositories".to_owned(), 1));
    world.github().disturb(Disorder { lose_next: lost, ..Disorder::default() });
    world.github().install(repo);
    world.settle().await;
    assert_eq!(world.checked(&pulls), [0_u64; 0]);
    world.github().retitle(pulls[1], "alice", "Anybody there?");
    world.settle().await;
    assert_eq!(world.checked(&pulls).len(), 2);
    assert_eq!(world.introductions(repo).len(), 1);
    assert!(world.ours(pulls[0]).is_empty());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_second_installation_introduces_nothing_twice(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let repo = world.repo;
    assert_eq!(world.introductions(repo), [("flyball".to_owned(), Some("neutral".to_owned()))]);
    world.github().uninstall(repo);
    world.settle().await;
    world.github().install(repo);
    world.settle().await;
    assert_eq!(world.introductions(repo).len(), 1);
}
