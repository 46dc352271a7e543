//! The way back from GitHub: the state, the code, the file, and everything that may go wrong with them.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use flyball::sim::{Endpoint, Fault};

use crate::world::World;

const EXCHANGE: Endpoint = Endpoint::Route("POST", "/app-manifests/{code}/conversions");

/// The desk's other side: takes credentials in without doing anything with them.
fn takes_in(world: &mut World) -> tokio::task::JoinHandle<u64> {
    let mut onboarding = world.onboarding.take().unwrap();
    tokio::spawn(async move {
        let handover = onboarding.credentials().await;
        handover.taken.send(Ok(())).unwrap();
        let id = handover.credentials.app_id;
        // It goes on serving.
        tokio::time::sleep(Duration::from_secs(60)).await;
        id
    })
}

#[tokio::test]
async fn credentials_are_stored_for_their_owner_alone_and_shown_to_nobody() {
    let mut world = World::start().await;
    let back = world.agrees(&world.begins().await);
    let taking = takes_in(&mut world);
    let page = world.browser.get(&back).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("/apps/flyball/installations/new"), "{}", page.text);
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&world.file()), mode(world.file().parent().unwrap())), (0o600, 0o700));
    assert_eq!(world.stored(), ["app.json"]);
    let stored = flyball::credentials::read(&world.file()).unwrap().unwrap();
    assert_eq!(stored.app_id, 4242);
    for secret in [&stored.webhook_secret, &stored.client_secret, &stored.private_key] {
        assert!(!secret.is_empty() && !page.text.contains(secret.trim()), "{}", page.text);
    }
    let again = world.browser.get(&back).await;
    assert_eq!(again.status, 403, "a state counts once");
    let exchanged = world.github.calls().into_iter().filter(|call| call.path.contains("/app-manifests/")).count();
    assert_eq!(exchanged, 1);
    taking.abort();
}

#[tokio::test]
async fn a_state_that_is_forged_used_or_old_gets_nothing() {
    let world = World::start().await;
    let form = world.begins().await;
    let code = world.github.agree_to_register(&form.manifest()).unwrap();
    let cases = [
        (format!("/setup/done?code={code}&state=forged"), 403),
        (format!("/setup/done?code={code}&state={}x", form.state()), 403),
        (format!("/setup/done?code={code}"), 400),
        (format!("/setup/done?state={}", form.state()), 400),
        ("/setup/done".to_owned(), 400),
        (format!("/setup/done?code={}&state={}", "x".repeat(201), form.state()), 400),
    ];
    for (path, status) in cases {
        assert_eq!(world.browser.get(&path).await.status, status, "{path}");
    }
    world.clock.advance(Duration::from_secs(3600));
    let late = world.browser.get(&format!("/setup/done?code={code}&state={}", form.state())).await;
    assert_eq!(late.status, 403);
    assert!(late.text.contains("older than an hour"), "{}", late.text);
    assert!(world.github.calls().is_empty(), "GitHub was never asked");
    assert!(world.stored().is_empty());
}

#[tokio::test]
async fn what_github_answers_instead_of_credentials_is_told_and_stores_nothing() {
    let lacking =
        r#"{"id":1,"slug":"a","html_url":"u","client_id":"c","client_secret":"s","webhook_secret":null,"pem":"p"}"#;
    let cases = [
        (Fault::Message(404, "Not Found".into()), 422, "404"),
        (Fault::Message(422, "The code passed is incorrect or expired.".into()), 422, "incorrect or expired"),
        (Fault::Message(500, "Server Error".into()), 503, "Load this page again"),
        (Fault::Message(502, "Bad Gateway".into()), 503, "Load this page again"),
        (Fault::SecondaryLimit(7), 503, "lifts in 7 s"),
        (Fault::Garbage, 502, "no registered App"),
        (Fault::Status(201, r#"{"id":1,"pem":"k-secret"}"#.into()), 502, "no registered App"),
        (Fault::Status(201, lacking.into()), 502, "lacks the key or the secret"),
        (Fault::Hang, 503, "did not answer in time"),
        (Fault::CutBefore, 503, "could not be reached"),
    ];
    for (fault, status, expected) in cases {
        let world = World::start().await;
        let back = world.agrees(&world.begins().await);
        world.github.fails_next(EXCHANGE, fault.clone());
        let page = world.browser.get(&back).await;
        assert_eq!(page.status, status, "{fault:?}: {}", page.text);
        assert!(page.text.contains(expected), "{fault:?}: {}", page.text);
        assert!(!page.text.contains("secret\"") && !page.text.contains("k-secret"), "{fault:?}: {}", page.text);
        assert!(world.stored().is_empty(), "{fault:?}: {:?}", world.stored());
    }
}

#[tokio::test]
async fn a_failure_in_passing_is_gone_when_the_page_is_loaded_again() {
    let mut world = World::start().await;
    let back = world.agrees(&world.begins().await);
    world.github.fails_next(EXCHANGE, Fault::Message(503, "Unicorn".into()));
    assert_eq!(world.browser.get(&back).await.status, 503);
    let taking = takes_in(&mut world);
    assert_eq!(world.browser.get(&back).await.status, 200);
    assert_eq!(world.stored(), ["app.json"]);
    taking.abort();
}

#[tokio::test]
async fn a_file_that_is_there_is_never_overwritten_and_the_code_is_not_used_up() {
    let world = World::start().await;
    let back = world.agrees(&world.begins().await);
    std::fs::create_dir_all(world.file().parent().unwrap()).unwrap();
    std::fs::write(world.file(), "somebody else's").unwrap();
    let page = world.browser.get(&back).await;
    assert_eq!(page.status, 409);
    assert!(page.text.contains("never overwritten"), "{}", page.text);
    assert_eq!(std::fs::read_to_string(world.file()).unwrap(), "somebody else's");
    assert!(world.github.calls().is_empty(), "GitHub was not asked");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_keeps_the_code_for_another_try() {
    let mut world = World::start().await;
    let form = world.begins().await;
    let back = world.agrees(&form);
    // A file where the folder should be: unlike missing rights it stops the superuser too.
    std::fs::remove_dir(world.file().parent().unwrap()).unwrap();
    std::fs::write(world.file().parent().unwrap(), "in the way").unwrap();
    let page = world.browser.get(&back).await;
    assert_eq!(page.status, 500);
    assert!(page.text.contains("cannot be written") && page.text.contains("was not used yet"), "{}", page.text);
    std::fs::remove_file(world.file().parent().unwrap()).unwrap();
    let taking = takes_in(&mut world);
    assert_eq!(world.browser.get(&back).await.status, 200);
    taking.abort();
}

#[tokio::test]
async fn a_server_that_cannot_take_its_credentials_in_says_so() {
    let mut world = World::start().await;
    let back = world.agrees(&world.begins().await);
    let mut onboarding = world.onboarding.take().unwrap();
    let refusing = tokio::spawn(async move {
        let handover = onboarding.credentials().await;
        handover.taken.send(Err("the stored credentials do not work".to_owned())).unwrap();
        tokio::time::sleep(Duration::from_secs(60)).await;
    });
    let page = world.browser.get(&back).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("does not work with them yet"), "{}", page.text);
    refusing.abort();
}
