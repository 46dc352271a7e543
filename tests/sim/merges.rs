//! Merging: methods, guards, protection, conflicts, updates.

use flyball::sim::{Files, Protection, RepoSettings, Role};
use serde_json::json;

use crate::client::{BASE, World};

#[tokio::test]
async fn each_method_lands_the_change() {
    for (method, parents) in [("merge", 2), ("squash", 1), ("rebase", 1)] {
        let world = World::start().await;
        let pr = world.opens("Say 2", [("src/a.txt", BASE.replace("two", "2").as_str())]);
        world.github.push(pr, [("src/b.txt", "b\n")]);
        world.github.commit(world.repo, "main", "carol", [("src/a.txt", BASE.replace("eight", "8").as_str())]);
        let merged = world.call("PUT", &format!("pulls/{}/merge", pr.number), json!({"merge_method": method})).await;
        assert_eq!((merged.status, &merged.body["merged"]), (200, &json!(true)), "{method}: {}", merged.body);
        let text = world.github.file(world.repo, "main", "src/a.txt").unwrap();
        assert!(text.contains("\n2\n") && text.ends_with("8\n"), "{method}: both sides are there: {text}");
        assert_eq!(world.github.file(world.repo, "main", "src/b.txt").as_deref(), Some("b\n"));
        let commit = world.get("commits/main").await.body;
        assert_eq!(commit["parents"].as_array().unwrap().len(), parents, "{method}");
        assert_eq!(commit["sha"], merged.body["sha"]);
        assert!(world.github.is_merged(pr));
        assert_eq!(world.get(&format!("pulls/{}/merge", pr.number)).await.status, 204);
        assert_eq!(world.get(&format!("pulls/{}", pr.number)).await.body["merged_by"]["login"], "flyball[bot]");
    }
}

#[tokio::test]
async fn a_merge_is_refused_in_githubs_words() {
    let world = World::start().await;
    let pr = world.opens("Say 2", [("src/a.txt", BASE.replace("two", "2").as_str())]);
    let path = format!("pulls/{}/merge", pr.number);
    assert_eq!(world.get(&path).await.status, 404);
    let message = async |body| {
        let answered = world.call("PUT", &path, body).await;
        (answered.status, answered.body["message"].as_str().unwrap_or_default().to_owned())
    };
    let elsewhere = json!({"sha": "0123456789012345678901234567890123456789"});
    assert_eq!(message(elsewhere).await, (409, "Head branch was modified. Review and try the merge again.".into()));
    assert_eq!(message(json!({"merge_method": "best"})).await.0, 422);
    world.github.settings(world.repo, RepoSettings { allow_rebase_merge: false, ..RepoSettings::default() });
    let refused = message(json!({"merge_method": "rebase"})).await;
    assert_eq!(refused, (405, "Rebase merges are not allowed on this repository.".into()));
    world.github.draft(pr);
    assert_eq!(message(json!({})).await, (405, "Pull Request is still a draft".into()));
    world.github.ready(pr);
    world.github.commit(world.repo, "main", "carol", [("src/a.txt", BASE.replace("two", "zwei").as_str())]);
    assert_eq!(message(json!({})).await, (405, "Pull Request is not mergeable".into()));
    assert_eq!(world.get(&format!("pulls/{}", pr.number)).await.body["mergeable_state"], "dirty");
    world.github.close(pr, "alice");
    assert_eq!(message(json!({})).await.0, 405);
}

#[tokio::test]
async fn protection_decides_for_the_app_and_for_people() {
    let world = World::start().await;
    let github = &world.github;
    github.protect(world.repo, "main", Protection::checks(&["ci"]).check_from("flyball", 4242).approvals(1));
    let pr = world.opens("Say 2", [("src/a.txt", BASE.replace("two", "2").as_str())]);
    let words = |pr| github.press_merge(pr, "carol").unwrap_err().message;
    assert_eq!(words(pr), "At least 1 approving review is required by reviewers with write access.");
    assert!(github.review(pr, "alice", "APPROVED", "").is_err(), "not the own one");
    github.user(world.repo, "eve", Role::Read);
    github.review(pr, "eve", "APPROVED", "").unwrap();
    assert!(words(pr).starts_with("At least 1"), "readers do not count");
    github.review(pr, "carol", "APPROVED", "").unwrap();
    github.check(pr, "flyball", "someone-else", Some("success"));
    github.check(pr, "ci", "ci-app", Some("success"));
    assert_eq!(
        words(pr),
        "Required status check \"flyball\" is expected.",
        "the right name from the wrong App does not count"
    );
    github.check(pr, "flyball", "flyball", Some("failure"));
    assert_eq!(words(pr), "Required status check \"flyball\" is failing.");
    let run = github.check(pr, "flyball", "flyball", None);
    assert_eq!(words(pr), "Required status check \"flyball\" is pending.", "the newest run of a name counts");
    assert_eq!(github.pull(pr).mergeable_state, "blocked");
    github.finish_check(world.repo, run, "neutral");
    assert_eq!(github.pull(pr).mergeable_state, "clean");
    assert!(github.press_merge(pr, "eve").is_err(), "no right to");
    let refused = world
        .call("PUT", &format!("pulls/{}/merge", pr.number), json!({"sha": github.pull(pr).head_sha.as_str()}))
        .await;
    assert_eq!(refused.status, 200, "{}", refused.body);
}

#[tokio::test]
async fn strict_protection_asks_for_the_newest_base() {
    let world = World::start().await;
    let github = &world.github;
    github.ruleset(world.repo, "strict", "main", Protection::checks(&["ci"]).strict());
    let pr = world.opens("Say 2", [("src/a.txt", BASE.replace("two", "2").as_str())]);
    github.check(pr, "ci", "ci-app", Some("success"));
    let update = format!("pulls/{}/update-branch", pr.number);
    assert_eq!(world.call("PUT", &update, json!({})).await.status, 422, "nothing to update");
    github.commit(world.repo, "main", "carol", [("other.txt", "x\n")]);
    assert_eq!(github.pull(pr).mergeable_state, "behind");
    assert!(github.press_merge(pr, "carol").is_err());
    let before = github.pull(pr).head_sha;
    assert_eq!(world.call("PUT", &update, json!({"expected_head_sha": "no"})).await.status, 422);
    assert_eq!(world.call("PUT", &update, json!({"expected_head_sha": before.as_str()})).await.status, 202);
    let commit = world.get(&format!("commits/{}", github.pull(pr).head_sha)).await.body;
    assert_eq!(commit["parents"][0]["sha"], before.as_str());
    assert_eq!(github.pull(pr).mergeable_state, "blocked", "the new head has no check yet");
    github.check(pr, "ci", "ci-app", Some("skipped"));
    github.press_merge(pr, "carol").unwrap();
}

#[tokio::test]
async fn a_landed_stack_and_a_pushed_base_close_what_they_contain() {
    let world = World::start().await;
    let github = &world.github;
    github.settings(world.repo, RepoSettings { delete_branch_on_merge: true, ..RepoSettings::default() });
    let lower = world.opens("Lower", [("lower.txt", "l\n")]);
    let upper = github.open_pull_into(
        world.repo,
        &github.head_branch(lower),
        "alice",
        "Upper",
        "Depends-On: #1",
        Files::new().with("upper.txt", "u\n"),
    );
    github.press_merge(lower, "carol").unwrap();
    assert_eq!(github.pull(upper).base, "main", "the stack is retargeted when its base branch goes");
    let method = json!({"merge_method": "merge"});
    assert_eq!(world.call("PUT", &format!("pulls/{}/merge", upper.number), method).await.status, 200);
    assert!(github.is_merged(upper));
}
