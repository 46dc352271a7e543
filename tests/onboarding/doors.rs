//! Who may set a server up, and what it answers until it is.

use crate::world::{PUBLIC, TOKEN, World};

#[tokio::test]
async fn until_it_is_set_up_a_server_says_so_and_takes_nothing() {
    let world = World::start().await;
    for (path, status) in [("/healthz", 200), ("/readyz", 503), ("/api/v1/repos/a/b/units", 503), ("/metrics", 503)] {
        assert_eq!(world.browser.get(path).await.status, status, "{path}");
    }
    let refused = world.browser.delivers("anything").await;
    assert_eq!(refused.status, 503);
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert!(!refused.header("retry-after").is_empty());
    assert!(refused.text.contains("no App credentials yet"), "{}", refused.text);
    let start = world.browser.get("/").await;
    assert_eq!((start.status, start.header("location")), (303, "/setup"));
}

#[tokio::test]
async fn only_who_has_the_token_gets_further() {
    let world = World::start().await;
    let ours = [("address", PUBLIC), ("organization", "")];
    let asked = world.browser.get("/setup").await;
    assert_eq!(asked.status, 200);
    assert!(!asked.text.contains("manifest") && asked.text.contains("name=\"token\""), "{}", asked.text);
    for wrong in ["", "0123456789abcdef-toke", "0123456789abcdef-tokenx", "0123456789ABCDEF-token"] {
        if !wrong.is_empty() {
            assert_eq!(world.browser.get(&format!("/setup?token={wrong}")).await.status, 403, "{wrong}");
        }
        let page = world.browser.post("/setup", &[&ours[..], &[("token", wrong)]].concat()).await;
        assert_eq!(page.status, 403, "{wrong}");
        assert!(!page.text.contains("manifest") && !page.text.contains(TOKEN), "{}", page.text);
    }
    let typed = world.browser.post("/setup", &[("token", TOKEN)]).await;
    let linked = world.browser.get(&format!("/setup?token={TOKEN}")).await;
    for page in [typed, linked] {
        assert_eq!((page.status, page.form().fields["address"].as_str()), (200, PUBLIC));
    }
}

#[tokio::test]
async fn the_form_leads_to_github_and_nowhere_else() {
    let world = World::start().await;
    let fields = [("token", TOKEN), ("address", "https://other.acme.test/flyball/"), ("organization", "acme")];
    let page = world.browser.post("/setup", &fields).await;
    let form = page.form();
    assert!(
        form.action.starts_with("https://github.example/organizations/acme/settings/apps/new?state="),
        "{}",
        form.action
    );
    let policy = page.header("content-security-policy");
    assert!(policy.contains("form-action 'self' https://github.example;"), "{policy}");
    assert!(policy.contains("default-src 'none'") && !policy.contains("script-src"), "{policy}");
    assert!(!page.text.contains("<script") && !page.text.contains(TOKEN), "{}", page.text);
    let manifest = form.manifest();
    assert_eq!(manifest["hook_attributes"]["url"], "https://other.acme.test/flyball/webhooks/github");
    let back = manifest["redirect_url"].as_str().unwrap();
    assert!(back.starts_with("http://127.0.0.1:") && back.ends_with("/setup/done"), "{back}");
    assert_eq!(manifest["default_permissions"]["checks"], "write");
    let own = world.begins().await;
    assert!(own.action.starts_with("https://github.example/settings/apps/new?state="), "{}", own.action);
}

#[tokio::test]
async fn what_cannot_work_is_said_before_github_is_asked() {
    let world = World::start().await;
    let cases = [
        (("http://localhost:3000", ""), "GitHub cannot reach localhost"),
        (("flyball.acme.test", ""), "whole address"),
        ((PUBLIC, "acme/../evil"), "letters, digits and hyphens"),
        ((PUBLIC, "\"><form action=x>"), "letters, digits and hyphens"),
    ];
    for ((address, organization), expected) in cases {
        let fields = [("token", TOKEN), ("address", address), ("organization", organization)];
        let page = world.browser.post("/setup", &fields).await;
        assert_eq!(page.status, 422, "{address} {organization}");
        assert!(page.text.contains(expected), "{address} {organization}: {}", page.text);
        assert_eq!(page.form().fields["organization"], organization, "what was typed stays, escaped");
    }
}

#[tokio::test]
async fn a_place_that_takes_no_credentials_shows_before_github_is_asked() {
    let world = World::storing("file/app.json").await;
    std::fs::write(world.room.path().join("file"), "in the way").unwrap();
    let page = world.browser.post("/setup", &[("token", TOKEN), ("address", PUBLIC)]).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("cannot be written"), "{}", page.text);
}
