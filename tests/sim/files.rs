//! Contents, references, comparisons.

use serde_json::json;

use crate::client::World;

#[tokio::test]
async fn files_are_read_raw_or_as_json_and_written_once() {
    let world = World::start().await;
    let raw = world.send(
        "GET",
        "/repos/acme/site/contents/README.md",
        &world.token,
        None,
        &[("Accept", "application/vnd.github.raw+json")],
    );
    assert_eq!(raw.await.unwrap().body, "# Site\n");
    let json_ = world.get("contents/README.md?ref=main").await.body;
    assert_eq!((json_["content"].as_str(), json_["encoding"].as_str()), (Some("IyBTaXRlCg=="), Some("base64")));
    assert_eq!(world.get("contents/src").await.body[0]["path"], "src/a.txt");
    assert_eq!(world.get("contents/none").await.status, 404);
    let write = |sha: Option<&str>| {
        let mut body = json!({"message": "Change", "content": "bmV3Cg==", "branch": "lesson"});
        if let Some(sha) = sha {
            body["sha"] = sha.into();
        }
        body
    };
    let main = world.github.branch_head(world.repo, "main").unwrap();
    let made = world.call("POST", "git/refs", json!({"ref": "refs/heads/lesson", "sha": main.as_str()})).await;
    assert_eq!(made.status, 201);
    assert_eq!(
        world.call("POST", "git/refs", json!({"ref": "refs/heads/lesson", "sha": main.as_str()})).await.status,
        422
    );
    assert_eq!(world.call("PUT", "contents/README.md", write(None)).await.status, 422, "the blob is missing");
    assert_eq!(world.call("PUT", "contents/README.md", write(Some("0"))).await.status, 409);
    assert_eq!(world.call("PUT", "contents/README.md", write(json_["sha"].as_str())).await.status, 200);
    assert_eq!(world.call("PUT", "contents/.github/flyball.yml", write(None)).await.status, 201);
    assert_eq!(world.github.file(world.repo, "lesson", "README.md").as_deref(), Some("new\n"));
    let pull = json!({"title": "Remember", "head": "lesson", "base": "main"});
    assert_eq!(world.call("POST", "pulls", pull.clone()).await.status, 201);
    assert_eq!(world.call("POST", "pulls", pull).await.status, 422, "there is one already");
    assert_eq!(world.call("DELETE", "git/refs/heads/lesson", json!(null)).await.status, 204);
    assert_eq!(world.get("git/ref/heads/lesson").await.status, 404);
}

#[tokio::test]
async fn branch_names_with_slashes_are_found() {
    let world = World::start().await;
    world.github.commit(world.repo, "feature/x", "alice", [("x.txt", "x\n")]);
    assert_eq!(world.get("branches/feature%2Fx").await.body["name"], "feature/x");
    assert_eq!(world.get("git/ref/heads/feature/x").await.status, 200);
    let compared = world.get("compare/main...feature%2Fx").await.body;
    assert_eq!(
        (compared["status"].as_str(), compared["files"][0]["filename"].as_str()),
        (Some("ahead"), Some("x.txt"))
    );
}
