//! octocrab, the client that the App uses, against the simulation.

use flyball::sim::APP_PRIVATE_KEY;
use octocrab::models::{AppId, InstallationId};
use serde_json::{Value, json};

use crate::client::World;

#[tokio::test]
async fn octocrab_signs_in_reads_and_writes() {
    let world = World::start().await;
    let pr = world.opens("Title", [("a.txt", "a\n")]);
    let key = octocrab::EncodingKey::from_rsa_pem(APP_PRIVATE_KEY.as_bytes()).unwrap();
    let app =
        octocrab::Octocrab::builder().base_uri(world.github.url()).unwrap().app(AppId(4242), key).build().unwrap();
    let installation = world.github.installation(world.repo).unwrap();
    let client = app.installation(InstallationId(installation.0)).unwrap();
    let pull = client.pulls("acme", "site").get(pr.number.0).await.unwrap();
    assert_eq!((pull.number, pull.mergeable), (pr.number.0, Some(true)));
    let comment = client.issues("acme", "site").create_comment(pr.number.0, "hello").await.unwrap();
    assert_eq!(comment.user.login, "flyball[bot]");
    let listed = client.pulls("acme", "site").list().send().await.unwrap();
    assert_eq!(listed.items.len(), 1);
    let body = json!({"name": "flyball", "head_sha": world.github.pull(pr).head_sha.as_str(), "conclusion": "success"});
    let run: Value = client.post("/repos/acme/site/check-runs", Some(&body)).await.unwrap();
    assert_eq!(run["app"]["slug"], "flyball");
    let answered: Value = client.graphql(&json!({"query": "{ viewer { login } }"})).await.unwrap();
    assert_eq!(answered["viewer"]["login"], "flyball");
    assert_eq!(world.github.call_counts()["POST /app/installations/{installation_id}/access_tokens"], 2);
}
