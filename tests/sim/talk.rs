//! Comments, reactions, permissions.

use flyball::sim::Role;
use serde_json::json;

use crate::client::World;

#[tokio::test]
async fn comments_come_change_and_go() {
    let world = World::start().await;
    let pr = world.opens("Title", [("a.txt", "a\n")]);
    let path = format!("issues/{}/comments", pr.number);
    let theirs = world.github.comment(pr, "carol", "/confirm");
    let ours = world.call("POST", &path, json!({"body": "<!-- flyball:unit -->\nhello"})).await;
    assert_eq!((ours.status, &ours.body["user"]["type"]), (201, &json!("Bot")));
    let id = ours.body["id"].as_u64().unwrap();
    assert_eq!(
        world.call("PATCH", &format!("issues/comments/{id}"), json!({"body": "changed"})).await.body["body"],
        "changed"
    );
    let listed = world.get(&path).await.body;
    let ids: Vec<_> = listed.as_array().unwrap().iter().map(|c| c["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, [theirs.0, id], "ascending");
    assert_eq!(world.get(&format!("{path}?since=2999-01-01T00:00:00Z")).await.body, json!([]));
    let reaction = json!({"content": "eyes"});
    let reactions = format!("issues/comments/{theirs}/reactions");
    assert_eq!(world.call("POST", &reactions, reaction.clone()).await.status, 201);
    assert_eq!(world.call("POST", &reactions, reaction).await.status, 200, "already there");
    assert_eq!(world.github.reactions(world.repo, theirs), ["flyball[bot] eyes"]);
    assert_eq!(world.call("DELETE", &format!("issues/comments/{id}"), json!(null)).await.status, 204);
    assert_eq!(world.call("PATCH", &format!("issues/comments/{id}"), json!({"body": "x"})).await.status, 404);
    assert_eq!(world.github.comments(pr).len(), 1);
}

#[tokio::test]
async fn a_comment_may_have_65536_characters() {
    let world = World::start().await;
    let pr = world.opens("Title", [("a.txt", "a\n")]);
    let path = format!("issues/{}/comments", pr.number);
    assert_eq!(world.call("POST", &path, json!({"body": "ü".repeat(65_536)})).await.status, 201);
    let refused = world.call("POST", &path, json!({"body": "ü".repeat(65_537)})).await;
    assert_eq!(
        (refused.status, refused.body["message"].as_str()),
        (422, Some("Body is too long (maximum is 65536 characters)"))
    );
}

#[tokio::test]
async fn permissions_show_four_words_and_the_role_behind_them() {
    let world = World::start().await;
    let github = &world.github;
    for (login, role) in [("tina", Role::Triage), ("root", Role::Admin), ("gone", Role::None)] {
        github.user(world.repo, login, role);
    }
    let cases = [
        ("alice", "write", "write"),
        ("carol", "write", "maintain"),
        ("tina", "read", "triage"),
        ("root", "admin", "admin"),
        ("gone", "read", "read"),
        ("flyball%5Bbot%5D", "none", "none"),
        ("acme", "admin", "admin"),
    ];
    for (login, permission, role) in cases {
        let body = world.get(&format!("collaborators/{login}/permission")).await.body;
        assert_eq!((&body["permission"], &body["role_name"]), (&json!(permission), &json!(role)), "{login}");
    }
    assert_eq!(world.get("collaborators/nobody/permission").await.status, 404);
    github.team("acme", "core", &["alice"]);
    assert_eq!(world.get("/orgs/acme/teams/core/memberships/alice").await.body["state"], "active");
    assert_eq!(world.get("/orgs/acme/teams/core/memberships/carol").await.status, 404);
}
