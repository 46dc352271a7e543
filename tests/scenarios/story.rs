//! Working days.

use flyball::sim::{Files, Protection, Role};

use rstest::rstest;

use crate::keep::Keep::{self, Embedded, Redis};
use crate::world::{World, client, line};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_confirm_merges_a_green_pull_request(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let pr = world.opens("alice", line(2, "TWO")).await;
    assert_eq!(world.check(pr).status, "in_progress");
    world.green(pr).await;
    assert_eq!(world.conclusion(pr).as_deref(), Some("action_required"));
    let actions = world.check(pr).actions;
    assert_eq!(actions, ["confirm", "refuse", "hold"]);
    let reactions = world.says(pr, "bob", "/confirm").await;
    assert_eq!(reactions, ["eyes", "rocket"]);
    assert!(world.is_merged(pr));
    assert_eq!(world.standing(pr).await, "landed");
    assert_eq!(world.ours(pr).len(), 1, "one sticky comment and nothing else");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_change_the_same_lines_only_one_passes_also_for_the_merge_button(
    #[values(Embedded, Redis)] keep: Keep,
) {
    let world = World::start(keep).await;
    let first = world.opens_green("alice", line(2, "TWO")).await;
    let second = world.opens_green("bob", line(2, "II")).await;
    assert_eq!(world.codes(second).await, ["blocked.collision.textual"]);
    world.says(second, "carol", "/confirm").await;
    assert_eq!(world.codes(second).await, ["waits.order"]);
    assert!(world.github().press_merge(second, "bob").is_err(), "protection holds");
    world.says(first, "carol", "/refuse superseded").await;
    assert_eq!(world.conclusion(first).as_deref(), Some("failure"));
    assert!(world.is_merged(second));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_push_voids_the_confirm_and_the_next_one_must_have_seen_it(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let pr = world.opens("alice", line(2, "TWO")).await;
    world.seconds(2).await;
    world.says(pr, "bob", "/confirm").await;
    world.github().push(pr, line(2, "Two"));
    world.settle().await;
    world.green(pr).await;
    assert!(!world.is_merged(pr));
    assert_eq!(world.says(pr, "bob", "/confirm").await, ["eyes", "confused"], "within the dwell");
    world.seconds(30).await;
    assert_eq!(world.says(pr, "bob", "/confirm").await, ["eyes", "rocket"]);
    assert!(world.is_merged(pr));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_stack_lands_from_the_bottom(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let bottom = world.opens_green("alice", line(2, "TWO")).await;
    let branch = world.github().head_branch(bottom);
    world.github().protect(world.repo, &branch, Protection::checks(&["test"]));
    let top =
        world.github().open_pull_into(world.repo, &branch, "alice", "On top", "", Files::new().with("b.txt", "b\n"));
    world.settle().await;
    assert_eq!(world.codes(top).await[0], "waits.dependency");
    let (_, unit) = world.get(&format!("/units/{}", bottom.number)).await;
    assert_eq!(unit["brief"]["dependents"][0]["unit"], format!("#{}", top.number));
    world.says(bottom, "bob", "/confirm").await;
    assert!(world.is_merged(bottom));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_click_on_refuse_stops_the_unit_and_asks_for_the_reason(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    let run = world.check(pr);
    assert!(world.github().click(world.repo, run.id, "carol", "refuse"));
    world.settle().await;
    assert_eq!(world.conclusion(pr).as_deref(), Some("failure"));
    assert!(world.ours(pr).last().unwrap().contains("/refuse"), "{:?}", world.ours(pr));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn hostile_text_is_inert_and_a_pasted_marker_is_not_ours(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let pr =
        world.github().open_pull(world.repo, "alice", "@everyone <script>alert(1)</script> fixes #1", line(2, "TWO"));
    world.github().comment(pr, "rita", "<!-- flyball:unit -->\n/confirm");
    world.settle().await;
    world.green(pr).await;
    let sticky = world.sticky(pr);
    assert!(!sticky.contains("@everyone") && !sticky.contains("<script>"), "{sticky}");
    assert!(!world.is_merged(pr));
    let foreign = world.github().comments(pr).into_iter().find(|comment| comment.author == "rita").unwrap();
    assert!(foreign.body.contains("/confirm"), "the user's comment was not touched");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_api_tells_what_is_known(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    let other = world.opens_green("bob", line(2, "II")).await;
    let (_, units) = world.get("/units").await;
    assert_eq!(units["units"].as_array().unwrap().len(), 2);
    let (_, unit) = world.get(&format!("/units/{}", pr.number)).await;
    for field in [
        "number",
        "title",
        "author",
        "base",
        "head",
        "standing",
        "reason_codes",
        "suggestion",
        "next_move",
        "brief",
        "evidence",
        "decisions",
        "policy",
    ] {
        assert!(!unit[field].is_null(), "{field} in {unit:#}");
    }
    let (_, plan) = world.get("/plan/main").await;
    assert_eq!(plan["order"][0]["number"], pr.number.0);
    assert_eq!(
        (plan["collisions"][0]["b"].as_u64(), plan["collisions"][0]["kind"].as_str()),
        (Some(other.number.0), Some("textual"))
    );
    assert_eq!(world.get("/units/999").await.0, 404);
    assert_eq!(world.get("/units/none").await.0, 400);
    assert_eq!(world.get("/nothing").await.0, 404);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_tell_what_the_worker_did(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    world.says(pr, "bob", "/confirm").await;
    let metrics = client().get(world.url("/metrics")).send().await.unwrap().text().await.unwrap();
    let value = |name: &str| {
        let line =
            metrics.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{name} in {metrics}"));
        line.trim().parse::<f64>().unwrap()
    };
    let comments = value("flyball_github_calls_total{class=\"comment\",answer=\"done\"}");
    let asked =
        world.github().calls().into_iter().filter(|call| call.method != "GET" && call.path.contains("comments"));
    let reactions = 2.0;
    assert!((comments - (asked.count() as f64 - reactions)).abs() < 0.5, "{metrics}");
    assert!(value("flyball_jobs_total{work=\"delivery\",ending=\"done\"}") >= 4.0, "{metrics}");
    assert!(value("flyball_delivery_worked_seconds_count") >= 4.0, "{metrics}");
    assert!(value("flyball_commit_seconds_count") > 4.0, "{metrics}");
    assert!((value("flyball_partitions_held") - 256.0).abs() < 0.5, "{metrics}");
    for gauge in ["flyball_inbox_pending", "flyball_outbox_due", "flyball_timers_due", "flyball_inbox_parked"] {
        assert!(value(gauge).abs() < 0.5, "{gauge}");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_dependency_in_another_repository_lands_first_and_says_so(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let github = world.github();
    let billing = github.create_repo("acme/billing", Files::new().with("api.md", "# Billing\n"));
    for login in ["alice", "bob"] {
        github.user(billing, login, Role::Write);
    }
    let needed = github.open_pull(billing, "alice", "Offer refunds", Files::new().with("refunds.md", "How.\n"));
    world.settle().await;
    let body = format!("Depends-On: acme/billing#{}", needed.number);
    let pr = github.open_pull_into(world.repo, "main", "bob", "Call them", &body, Files::new().with("src/r.rs", "r\n"));
    world.settle().await;
    world.green(pr).await;
    assert_eq!(world.codes(pr).await, ["waits.dependency"]);
    world.seconds(5).await;
    github.comment(needed, "bob", "/confirm");
    world.settle().await;
    assert!(world.is_merged(needed));
    world.seconds(2).await;
    assert_eq!(world.standing(pr).await, "awaiting_judgment");
    let other = github.open_pull_into(
        world.repo,
        "main",
        "bob",
        "No such thing",
        "Depends-On: acme/nowhere#1, acme/billing#99",
        Files::new().with("src/s.rs", "s\n"),
    );
    world.settle().await;
    world.green(other).await;
    let why = world.get(&format!("/units/{}", other.number)).await.1["brief"]["next"].to_string();
    assert_eq!(world.codes(other).await, ["blocked.dependency.unreadable", "blocked.dependency.unreadable"], "{why}");
}
