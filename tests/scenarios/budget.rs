//! What an event costs in requests to GitHub, token mints apart (DESIGN, section 12), as the simulated GitHub counts them.

use crate::world::{World, line};

fn calls(world: &World) -> Vec<String> {
    let paid = world.github().take_calls().into_iter().filter(|call| call.status != 304);
    let named = paid.map(|call| format!("{} {}", call.method, call.template.unwrap_or(call.path)));
    named.filter(|call| !call.contains("access_tokens") && call != "GET /app").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_event_stays_within_its_budget() {
    let world = World::start().await;
    world.opens("alice", line(9, "NINE")).await; // The first one also reads what protects the branch.
    calls(&world);

    let pr = world.opens("alice", line(2, "TWO")).await;
    let opened = calls(&world);
    assert!(opened.len() <= 4, "opened: {opened:#?}");

    world.github().push(pr, line(2, "Two"));
    world.settle().await;
    let pushed = calls(&world);
    assert!(pushed.len() <= 4, "pushed: {pushed:#?}");

    world.github().check(pr, "lint", "ci", Some("success"));
    world.settle().await;
    assert_eq!(calls(&world), Vec::<String>::new(), "a check that changes nothing");

    world.github().check(pr, "test", "ci", Some("success"));
    world.settle().await;
    let checked = calls(&world);
    assert!(
        checked.len() <= 2 && checked.iter().all(|call| !call.starts_with("GET")),
        "a check that changes the standing: {checked:#?}"
    );

    world.seconds(30).await;
    calls(&world);
    world.says(pr, "bob", "/confirm").await;
    let confirmed = calls(&world);
    assert!(world.is_merged(pr));
    assert!(confirmed.len() <= 7, "a granted confirm: {confirmed:#?}");
}
