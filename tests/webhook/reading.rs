//! What each fixture comes to: the event that the inbox keeps.

use flyball::domain::govern::{
    ActorKind, Button, Event, MergeGroupAction, PullAction, PullState, RepoSeen, ReviewAction, ReviewState, Seen,
};
use flyball::domain::ids::{CheckRunId, PrNumber, RepoId, Timestamp};
use flyball::webhook::payload::{Filed, Ignored, Reading, read};
use flyball::webhook::{Headers, Ourselves};
use serde_json::{Value, json};

use crate::support::{GUID, fixture, ourselves, received_at};

fn reading(event: &str, json: &str) -> Reading {
    reading_as(&ourselves(), event, json)
}

fn reading_as(us: &Ourselves, event: &str, json: &str) -> Reading {
    read(&Headers { event: event.to_owned(), delivery: GUID.to_owned() }, json, us, received_at()).unwrap()
}

/// The one entry of a fixture.
fn filed(name: &str) -> Filed {
    let (event, _) = name.split_once('/').unwrap();
    match reading(event, &fixture(&format!("webhooks/{name}.json"))) {
        Reading::Filed(mut filed) if filed.len() == 1 => filed.remove(0),
        other => panic!("{name}: {other:?}"),
    }
}

fn event(name: &str) -> Event {
    filed(name).delivered.event
}

fn ignored(name: &str) -> Ignored {
    let (event, _) = name.split_once('/').unwrap();
    match reading(event, &fixture(&format!("webhooks/{name}.json"))) {
        Reading::Ignored(why) => why,
        Reading::Filed(_) | Reading::Everywhere(_) => panic!("{name} is filed"),
    }
}

/// A fixture with some values replaced.
fn changed(name: &str, changes: &[(&str, Value)]) -> Reading {
    let mut body: Value = serde_json::from_str(&fixture(&format!("webhooks/{name}.json"))).unwrap();
    for (path, value) in changes {
        *body.pointer_mut(path).unwrap_or_else(|| panic!("{path}")) = value.clone();
    }
    reading(name.split_once('/').unwrap().0, &body.to_string())
}

fn only_event(reading: Reading) -> Event {
    match reading {
        Reading::Filed(mut filed) if filed.len() == 1 => filed.remove(0).delivered.event,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_frame_of_an_entry_says_who_where_and_when() {
    let Filed { id, delivered } = filed("pull_request/opened");
    assert_eq!(id, GUID);
    assert_eq!(delivered.installation.unwrap().0, 777);
    assert_eq!((delivered.repo.id, delivered.repo.full_name.as_str()), (RepoId(4242), "acme/steam"));
    assert_eq!((delivered.repo.default_branch.as_deref(), delivered.repo.private), (Some("main"), Some(true)));
    let sender = delivered.sender.unwrap();
    assert_eq!((sender.id.0, sender.login.as_str(), sender.kind), (1001, "ada", ActorKind::Human));
    assert_eq!(delivered.received_at, received_at());
}

#[test]
fn a_pull_request_is_kept_with_what_a_judgment_needs() {
    let Event::Pull { action, pull } = event("pull_request/opened") else { panic!() };
    assert_eq!(
        (action, pull.number, pull.state, pull.draft),
        (PullAction::Opened, PrNumber(12), PullState::Open, false)
    );
    assert!(pull.body.starts_with("Intent: stop the boiler"));
    assert_eq!((pull.head_ref.as_str(), pull.base_ref.as_str(), pull.head_repo), ("valve", "main", Some(RepoId(4242))));
    assert_eq!(pull.labels, ["safety"]);
    assert_eq!(pull.merge_commit, None, "before the merge it is the test merge commit");
}

#[test]
fn pull_request_actions_and_states() {
    let cases = [
        ("closed.merged", PullAction::Closed, PullState::Merged),
        ("closed.unmerged", PullAction::Closed, PullState::Closed),
        ("synchronize.fork-gone", PullAction::Synchronized, PullState::Open),
        ("edited.retargeted", PullAction::Edited, PullState::Open),
        ("converted_to_draft", PullAction::DraftChanged, PullState::Open),
        ("labeled", PullAction::Labeled, PullState::Open),
        ("dequeued", PullAction::Queued, PullState::Open),
    ];
    for (name, expected, state) in cases {
        let Event::Pull { action, pull } = event(&format!("pull_request/{name}")) else { panic!("{name}") };
        assert_eq!((action, pull.state), (expected, state), "{name}");
    }
    let Event::Pull { pull, .. } = event("pull_request/closed.merged") else { panic!() };
    assert_eq!(pull.merge_commit.unwrap().short(), "ffeeddc");
    assert_eq!(pull.merged_by.unwrap().login, "grace");
    let Event::Pull { pull, .. } = event("pull_request/synchronize.fork-gone") else { panic!() };
    assert_eq!((pull.head_repo, pull.author, pull.body.as_str()), (None, None, ""));
}

#[test]
fn a_pull_request_that_lacks_its_head_is_a_reason_to_look() {
    for broken in ["/pull_request/head", "/pull_request/head/sha", "/pull_request/base/ref", "/pull_request/updated_at"]
    {
        let event = only_event(changed("pull_request/opened", &[(broken, json!(null))]));
        assert_eq!(event, Event::Look { number: PrNumber(12) }, "{broken}");
    }
    let nothing = [("/pull_request", json!([])), ("/number", json!("12"))];
    assert_eq!(changed("pull_request/opened", &nothing), Reading::Ignored(Ignored::Incomplete("pull_request.number")));
    assert_eq!(
        changed("pull_request/opened", &[("/repository", json!(null))]),
        Reading::Ignored(Ignored::Incomplete("repository"))
    );
}

#[test]
fn missing_installation_and_sender_are_kept_as_absent() {
    let without = changed("pull_request/opened", &[("/installation", json!(null)), ("/sender", json!(null))]);
    let Reading::Filed(filed) = without else { panic!("{without:?}") };
    assert_eq!((filed[0].delivered.installation, &filed[0].delivered.sender), (None, &None));
}

#[test]
fn long_texts_are_cut_at_a_character() {
    let long = changed("pull_request/opened", &[("/pull_request/body", json!("é".repeat(20_000)))]);
    let Event::Pull { pull, .. } = only_event(long) else { panic!() };
    assert_eq!(pull.body, "é".repeat(8 * 1024));
    let odd = changed("pull_request/opened", &[("/pull_request/body", json!(format!("x{}", "é".repeat(20_000))))]);
    let Event::Pull { pull, .. } = only_event(odd) else { panic!() };
    assert_eq!(pull.body.len(), 16 * 1024 - 1);
}

#[test]
fn reviews() {
    let cases = [
        ("submitted.approved", ReviewAction::Submitted, ReviewState::Approved, "/confirm\n"),
        ("submitted.changes_requested", ReviewAction::Submitted, ReviewState::ChangesRequested, ""),
        ("dismissed", ReviewAction::Dismissed, ReviewState::Dismissed, ""),
    ];
    for (name, expected, state, body) in cases {
        let Event::Review { action, number, review } = event(&format!("pull_request_review/{name}")) else {
            panic!("{name}")
        };
        assert_eq!(
            (action, review.state, review.body.as_str(), number),
            (expected, state, body, PrNumber(12)),
            "{name}"
        );
        assert_eq!(review.author.unwrap().login, "grace");
        assert!(review.commit.is_some());
    }
    assert_eq!(ignored("pull_request_review/edited"), Ignored::Unneeded, "edits never count");
}

#[test]
fn checks_of_others_are_evidence() {
    let Event::Check(check) = event("check_run/completed.success") else { panic!() };
    assert_eq!((check.name.as_str(), check.app, check.state), ("test", Some(15368), Seen::Passing));
    let suite: Timestamp = "2026-03-02T11:00:10Z".parse().unwrap();
    assert_eq!(check.based_at, Some(suite), "it rests on the base as of its suite, not as of its run");
    for (name, state) in [("completed.startup_failure", Seen::Failing), ("created.in_progress", Seen::Pending)] {
        let Event::Check(check) = event(&format!("check_run/{name}")) else { panic!("{name}") };
        assert_eq!(check.state, state, "{name}");
    }
    for (status, conclusion, state) in [
        ("completed", json!("skipped"), Seen::Passing),
        ("completed", json!("neutral"), Seen::Passing),
        ("completed", json!("stale"), Seen::Failing),
        ("completed", json!("of tomorrow"), Seen::Failing),
        ("completed", json!(null), Seen::Failing),
        ("waiting", json!(null), Seen::Pending),
        ("of tomorrow", json!(null), Seen::Failing),
    ] {
        let changes = [("/check_run/status", json!(status)), ("/check_run/conclusion", conclusion.clone())];
        let Event::Check(check) = only_event(changed("check_run/completed.success", &changes)) else { panic!() };
        assert_eq!(check.state, state, "{status} {conclusion}");
    }
    for (name, state) in [("success", Seen::Passing), ("pending", Seen::Pending), ("error", Seen::Failing)] {
        let Event::Check(check) = event(&format!("status/{name}")) else { panic!("{name}") };
        assert_eq!((check.state, check.app, check.name.as_str()), (state, None, "ci/pressure"), "{name}");
    }
}

#[test]
fn of_our_own_checks_only_what_people_ask_is_heard() {
    assert_eq!(ignored("check_run/completed.ours"), Ignored::Ours);
    assert!(matches!(event("check_run/rerequested.ours"), Event::Rerequested { .. }));
    assert!(matches!(event("check_suite/rerequested.ours"), Event::Rerequested { .. }));
    assert_eq!(ignored("check_suite/requested"), Ignored::Unneeded);
    assert_eq!(ignored("check_suite/completed"), Ignored::Unneeded);
    for (name, expected) in [("confirm", Button::Confirm), ("refuse", Button::Refuse), ("hold", Button::Hold)] {
        let entry = filed(&format!("check_run/requested_action.{name}"));
        assert_eq!(entry.delivered.sender.unwrap().login, "grace", "who clicked is kept");
        let Event::Button { button, run, click, .. } = entry.delivered.event else { panic!("{name}") };
        assert_eq!((button, run, click.as_str()), (expected, CheckRunId(31337), GUID), "{name}");
    }
    let others = [("/check_run/app/id", json!(99))];
    assert_eq!(changed("check_run/requested_action.confirm", &others), Reading::Ignored(Ignored::Unneeded));
    assert_eq!(
        changed("check_run/requested_action.confirm", &[("/requested_action/identifier", json!("x"))]),
        Reading::Ignored(Ignored::Unneeded)
    );
}

#[test]
fn a_comment_counts_when_created_on_a_pull_request_by_its_sender_with_a_command() {
    let Event::Comment(comment) = event("issue_comment/created.confirm") else { panic!() };
    assert_eq!((comment.number, comment.author.login.as_str(), comment.edited), (PrNumber(12), "grace", false));
    assert!(comment.body.contains("/confirm 3f9a1c0d5b7e"));
    assert_eq!(ignored("issue_comment/created.chat"), Ignored::Unneeded);
    assert_eq!(ignored("issue_comment/created.on-issue"), Ignored::Unneeded);
    assert_eq!(ignored("issue_comment/edited"), Ignored::Unneeded);
    assert_eq!(ignored("issue_comment/deleted"), Ignored::Unneeded);
    assert!(matches!(ignored("issue_comment/created.by-another"), Ignored::Incomplete(_)));
    for (path, value) in [("/sender", json!(null)), ("/comment/user", json!(null)), ("/comment/user/id", json!(null))] {
        let reading = changed("issue_comment/created.confirm", &[(path, value)]);
        assert!(matches!(reading, Reading::Ignored(Ignored::Incomplete(_))), "{path}: {reading:?}");
    }
}

#[test]
fn our_own_comments_are_known_by_the_app_or_the_bot() {
    assert_eq!(ignored("issue_comment/created.by-our-app"), Ignored::Ours);
    let body = fixture("webhooks/issue_comment/created.by-our-app.json");
    let by_id = Ourselves { app_id: Some(31), bot_login: None };
    assert_eq!(reading_as(&by_id, "issue_comment", &body), Reading::Ignored(Ignored::Ours));
    let by_login = Ourselves { app_id: None, bot_login: Some("Flyball[bot]".to_owned()) };
    assert_eq!(reading_as(&by_login, "issue_comment", &body), Reading::Ignored(Ignored::Ours));
    let Reading::Filed(filed) = reading_as(&Ourselves { app_id: Some(32), bot_login: None }, "issue_comment", &body)
    else {
        panic!()
    };
    let Event::Comment(comment) = &filed[0].delivered.event else { panic!() };
    assert_eq!(comment.author.kind, ActorKind::Bot, "another bot's is kept: the domain says no to bots");
}

#[test]
fn pushes_are_about_branches() {
    let ends = |name: &str| match event(name) {
        Event::Push { branch, before, after, .. } => (branch, before.is_some(), after.is_some()),
        other => panic!("{name}: {other:?}"),
    };
    assert_eq!(ends("push/branch"), ("feature/valve".to_owned(), true, true));
    assert_eq!(ends("push/branch-created"), ("new".to_owned(), false, true));
    assert_eq!(ends("push/branch-deleted"), ("old".to_owned(), true, false));
    assert_eq!(ignored("push/tag"), Ignored::Unneeded);
}

#[test]
fn merge_groups_and_repositories() {
    for (name, expected) in
        [("checks_requested", MergeGroupAction::ChecksRequested), ("destroyed", MergeGroupAction::Destroyed)]
    {
        let Event::MergeGroup { action, base, .. } = event(&format!("merge_group/{name}")) else { panic!("{name}") };
        assert_eq!((action, base.as_str()), (expected, "main"), "{name}");
    }
    for name in [
        "repository/renamed",
        "repository/edited.default_branch",
        "branch_protection_rule/edited",
        "repository_ruleset/created",
    ] {
        assert_eq!(event(name), Event::RepositoryChanged, "{name}");
    }
    assert_eq!(ignored("repository/edited.description"), Ignored::Unneeded);
    assert_eq!(
        changed("repository_ruleset/created", &[("/repository", json!(null))]),
        Reading::Ignored(Ignored::Unneeded)
    );
}

#[test]
fn installations_are_one_entry_per_repository() {
    let Reading::Filed(filed) = reading("installation", &fixture("webhooks/installation/created.json")) else {
        panic!()
    };
    let ids: Vec<_> = filed.iter().map(|entry| (entry.id.clone(), entry.delivered.event.clone())).collect();
    assert_eq!(ids, [(format!("{GUID}/4242"), Event::Installed), (format!("{GUID}/4243"), Event::Installed)]);
    assert_eq!(filed[1].delivered.installation.unwrap().0, 777);
    assert_eq!(event("installation/deleted"), Event::Removed);
    assert_eq!(event("installation_repositories/added"), Event::Installed);
    assert_eq!(event("installation_repositories/removed"), Event::Removed);
    assert_eq!(ignored("installation/suspend"), Ignored::Incomplete("repositories"));
}

#[test]
fn an_installation_that_is_back_and_names_no_repository_is_about_all_that_are_known() {
    for action in ["unsuspend", "new_permissions_accepted"] {
        let body = json!({"action": action, "installation": {"id": 777}}).to_string();
        let Reading::Everywhere(everywhere) = reading("installation", &body) else { panic!("{action}") };
        let repo = RepoSeen { id: RepoId(5), full_name: "acme/five".into(), default_branch: None, private: None };
        let Filed { id, delivered } = everywhere.at(repo.clone());
        assert_eq!((id, delivered.repo, delivered.event), (format!("{GUID}/5"), repo, Event::Permitted));
        assert_eq!(delivered.installation.unwrap().0, 777);
    }
}
