//! Facts as the simulated GitHub has them.

use flyball::domain::govern::{Fact, Mergeable, Need, PullState, RequiredCheck, Right, Seen};
use flyball::domain::ids::PrNumber;
use flyball::github::{AppDirectory as _, RepoAddress};
use flyball::sim::{Endpoint, Fault, Files, Protection};

use crate::World;

#[tokio::test]
async fn graphql_and_rest_see_the_same_pull_request() {
    let world = World::start().await;
    let pr = world.opens("Say 2");
    world.github.check(pr, "test", "ci-app", Some("success"));
    world.github.check(pr, "lint", "ci-app", Some("failure"));
    world.github.check(pr, "slow", "other-app", None);
    world.github.status(pr, "bob", "jenkins", "success");
    world.github.label(pr, "alice", "hotfix");
    world.github.review(pr, "bob", "APPROVED", "fine").expect("bob may review");
    world.github.review(pr, "carol", "CHANGES_REQUESTED", "not yet").expect("carol may review");
    let by_graphql = world.snapshot(pr).await;
    assert_eq!(world.lines(), ["POST /graphql"]);
    world.github.fails_times(Endpoint::GraphQl, Fault::Message(404, "Not Found".to_owned()), 1);
    let by_rest = world.snapshot(pr).await;
    assert!(world.lines().len() <= 10);
    assert_eq!(by_graphql, by_rest);
    let checks: Vec<_> = by_rest.checks.expect("read").into_iter().map(|check| (check.name, check.state)).collect();
    let expected =
        [("lint", Seen::Failing), ("slow", Seen::Pending), ("test", Seen::Passing), ("jenkins", Seen::Passing)];
    assert_eq!(checks, expected.map(|(name, state)| (name.to_owned(), state)));
    assert_eq!(by_rest.messages.expect("read").len(), 1);
    assert_eq!(by_rest.reviews.expect("read").len(), 2);
    assert_eq!((by_rest.mergeable, by_rest.state), (Mergeable::Clean, PullState::Open));
}

#[tokio::test]
async fn graphql_and_rest_agree_on_a_fork_a_draft_and_a_merge() {
    let world = World::start().await;
    let files = || Files::new().with("b.txt", "new\n");
    let forked = world.github.open_pull_from_fork(world.repo, "zoe", "From outside", files());
    let draft = world.github.open_draft(world.repo, "alice", "Not yet", files().with("c.txt", "c\n"));
    let merged = world.opens("Lands");
    world.github.press_merge(merged, "bob").expect("nothing forbids it");
    let mut by_graphql = Vec::new();
    for pr in [forked, draft, merged] {
        by_graphql.push(world.snapshot(pr).await);
    }
    world.github.fails_times(Endpoint::GraphQl, Fault::Message(404, "Not Found".to_owned()), 1);
    for (pr, seen) in [forked, draft, merged].into_iter().zip(by_graphql) {
        assert_eq!(seen, world.snapshot(pr).await);
    }
    world.calls();
}

#[tokio::test]
async fn files_come_whole_with_their_patches() {
    let world = World::start().await;
    let many = (0..130).fold(Files::new(), |files, n| files.with(&format!("src/{n:03}.rs"), "fn x() {}\n"));
    let pr = world.github.open_pull(world.repo, "alice", "Many", many);
    let seen = world.snapshot(pr).await;
    let need = Need::Files { number: pr.number, head: seen.head_sha, changed_files: seen.changed_files };
    let Fact::Files(files) = world.read(need).await else { panic!("not read") };
    assert_eq!((files.len(), files[0].status.as_str()), (130, "added"));
    assert!(files[0].patch.as_deref().is_some_and(|patch| patch.contains("+fn x() {}")));
    assert_eq!(world.lines().len(), 3, "one query, two pages");
}

#[tokio::test]
async fn rules_and_rights_are_read_as_they_are() {
    let world = World::start().await;
    world.github.protect(world.repo, "main", Protection::checks(&["test"]));
    world.github.ruleset(world.repo, "queue", "main", Protection::checks(&["lint"]).merge_queue());
    let Fact::Rules(rules) = world.read(Need::Rules("main".to_owned())).await else { panic!("not read") };
    let required = |context: &str| RequiredCheck { context: context.to_owned(), app: None };
    assert_eq!(rules.required, [required("lint"), required("test")]);
    assert!(rules.protected && rules.merge_queue && rules.unread.is_none(), "{rules:?}");
    let Fact::Rules(rules) = world.read(Need::Rules("feature/x".to_owned())).await else { panic!("not read") };
    assert!(!rules.protected, "{rules:?}");
    for (login, right) in [("carol", Right::Maintain), ("dora", Right::Triage), ("alice", Right::Write)] {
        let Fact::Permission(found) = world.read(Need::Permission(login.to_owned())).await else { panic!("not read") };
        assert_eq!(found.right, right, "{login}");
    }
    let Fact::Permission(bot) = world.read(Need::Permission("flyball[bot]".to_owned())).await else {
        panic!("not read")
    };
    assert!(bot.right <= Right::Read, "{bot:?}");
    world.calls();
}

#[tokio::test]
async fn what_does_not_exist_is_missing() {
    let world = World::start().await;
    let Fact::Unknown(unknown) = world.read(Need::Snapshot(PrNumber(99))).await else { panic!("it exists") };
    assert!(unknown.missing, "{unknown:?}");
}

#[tokio::test]
async fn open_pulls_checks_and_comments_are_listed() {
    let world = World::start().await;
    let (first, second) = (world.opens("One"), world.opens("Two"));
    world.github.close(first, "alice");
    let head = world.github.pull(second).head_sha;
    let Fact::OpenPulls(open) = world.read(Need::OpenPulls).await else { panic!("not read") };
    let [one] = &open[..] else { panic!("{open:?}") };
    assert_eq!((one.number, &one.head), (second.number, &head));
    assert!(one.updated_at.is_some());
    let main = world.github.branch_head(world.repo, "main").unwrap();
    assert_eq!(world.read(Need::DefaultHead).await, Fact::Head(main));
    world.github.check(second, "test", "ci-app", Some("success"));
    let Fact::Checks(checks) = world.read(Need::Checks(head)).await else { panic!("not read") };
    assert_eq!((checks.len(), checks[0].state), (1, Seen::Passing));
    assert!(checks[0].based_at.is_some());
    world.github.comment(second, "bob", "/confirm");
    let since = "2020-01-01T00:00:00Z".parse().expect("a time");
    let Fact::Comments(comments) = world.read(Need::Comments { number: second.number, since }).await else {
        panic!("not read")
    };
    assert_eq!((comments.len(), comments[0].body.as_str(), comments[0].edited), (1, "/confirm", false));
    world.calls();
}

#[tokio::test]
async fn a_token_that_ran_out_is_replaced_unseen() {
    let world = World::start().await;
    let pr = world.opens("Say 2");
    world.snapshot(pr).await;
    world.github.expire_tokens();
    world.snapshot(pr).await;
}

#[tokio::test]
async fn a_clock_that_runs_fast_is_said_to_be_wrong_only_where_it_is() {
    let world = World::start().await;
    world.github.set_jwt_skew(-120);
    let error = world.client.identity().await.expect_err("the signature is not valid yet").to_string();
    assert!(error.starts_with("GitHub answered 401"), "the Date header shows no difference: {error}");
    world.github.set_jwt_skew(-59);
    assert_eq!(world.client.identity().await.expect("within a minute").bot_login, "flyball[bot]");
    world.calls();
}

#[tokio::test]
async fn the_directory_finds_installations_and_their_repositories() {
    let world = World::start().await;
    let listed = world.client.list_installations().await.expect("listed");
    let installation = world.at.installation.expect("installed");
    assert_eq!((listed.len(), listed[0].id, listed[0].account.as_deref()), (1, installation, Some("acme")));
    let repositories = world.client.list_repositories(installation).await.expect("listed");
    assert_eq!((repositories[0].id, repositories[0].full_name.as_str()), (world.repo, "acme/site"));
    let nowhere = RepoAddress { installation: None, ..world.at.clone() };
    let fact = flyball::github::GitHub::read(&world.client, &nowhere, &Need::OpenPulls).await;
    assert!(matches!(fact, Fact::OpenPulls(_)), "{fact:?}");
    world.calls();
}
