//! What has to be so afterwards, whatever happened: told from GitHub's log and what it shows.

use std::collections::{BTreeMap, BTreeSet};

use flyball::domain::ids::Timestamp;
use flyball::domain::unit::verify;
use flyball::sim::{CallRecord, GitHub};
use serde_json::Value;

use crate::people::{People, Pull};
use crate::trouble::{Site, client};

/// Fails where a promise was broken; tells what was looked at.
pub(crate) async fn hold(github: &GitHub, people: &People<'_>, site: &Site) -> String {
    let calls = github.calls();
    let mut landed = 0;
    for pull in &people.pulls {
        landed += usize::from(only_what_was_confirmed_landed(github, pull));
        one_sticky_comment_and_no_reply_twice(github, pull);
        the_check_tells_the_standing_and_the_trace_is_whole(github, pull, site).await;
    }
    let merges = merges_happened_once(&calls);
    let pairs = no_two_of_a_kind_passed_at_once(github, people, &calls);
    format!(
        "{} pull requests, {landed} landed by {merges} merges, {pairs} pairs that may not pass together",
        people.pulls.len()
    )
}

fn only_what_was_confirmed_landed(github: &GitHub, pull: &Pull) -> bool {
    let view = github.pull(pull.key);
    if view.merged {
        assert!(!pull.refused, "{} was refused and landed", pull.name);
        assert!(pull.confirmed.contains(&view.head_sha), "{} landed on a head that nobody confirmed", pull.name);
    }
    view.merged
}

fn one_sticky_comment_and_no_reply_twice(github: &GitHub, pull: &Pull) {
    let ours: Vec<String> = github
        .comments(pull.key)
        .into_iter()
        .filter(|comment| comment.author == "flyball[bot]")
        .map(|comment| comment.body)
        .collect();
    let sticky = ours.iter().filter(|body| body.starts_with("<!-- flyball:unit -->")).count();
    assert_eq!(sticky, 1, "{}: {ours:#?}", pull.name);
    // Each reply ends with the hidden name of what it answers.
    let answers: Vec<&str> = ours.iter().filter_map(|body| body.lines().last()).collect();
    let distinct: BTreeSet<&&str> = answers.iter().collect();
    assert_eq!(distinct.len(), answers.len(), "{}: something was answered twice: {ours:#?}", pull.name);
}

async fn get(site: &Site, path: &str) -> String {
    let answer = client().get(site.replicas[1].url(path)).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.unwrap()
}

async fn the_check_tells_the_standing_and_the_trace_is_whole(github: &GitHub, pull: &Pull, site: &Site) {
    let path = format!("/api/v1/repos/{}/units/{}", github.full_name(pull.key.repo), pull.key.number);
    let unit: Value = serde_json::from_str(&get(site, &path).await).unwrap();
    let check = github.latest_check(pull.key, "flyball").unwrap();
    let fits = match unit["standing"].as_str().unwrap() {
        "gathering" | "cleared" => check.status == "in_progress" || check.conclusion.as_deref() == Some("success"),
        "blocked" => check.status == "in_progress" || check.conclusion.as_deref() == Some("failure"),
        "awaiting_judgment" => check.conclusion.as_deref() == Some("action_required"),
        "landing" | "landed" => check.conclusion.as_deref() == Some("success"),
        other => panic!("{}: nobody made it {other}", pull.name),
    };
    assert!(fits, "{}: {} and its check says {} {:?}", pull.name, unit["standing"], check.status, check.conclusion);
    assert_eq!(unit["standing"] == "landed", github.pull(pull.key).merged, "{}", pull.name);
    let trace = get(site, &format!("{path}/trace")).await;
    assert!(verify(trace.lines()).is_ok(), "{}: the chain of its trace is broken", pull.name);
}

fn is_merge(call: &CallRecord) -> bool {
    call.method == "PUT" && call.path.ends_with("/merge") && call.status == 200
}

/// A merge that GitHub did is never asked for again.
fn merges_happened_once(calls: &[CallRecord]) -> usize {
    let mut by_path: BTreeMap<&str, usize> = BTreeMap::new();
    for call in calls.iter().filter(|call| is_merge(call)) {
        *by_path.entry(&call.path).or_default() += 1;
    }
    assert!(by_path.values().all(|times| *times == 1), "{by_path:?}");
    by_path.len()
}

/// Replays what GitHub was told: two pull requests on one file never pass at the same moment, unless one has landed.
fn no_two_of_a_kind_passed_at_once(github: &GitHub, people: &People<'_>, calls: &[CallRecord]) -> usize {
    let mut passes: BTreeMap<usize, String> = BTreeMap::new();
    let mut landed: BTreeSet<usize> = BTreeSet::new();
    for call in calls {
        if is_merge(call) {
            let path =
                |pull: &Pull| format!("/repos/{}/pulls/{}/merge", github.full_name(pull.key.repo), pull.key.number);
            landed.extend(people.pulls.iter().position(|pull| call.path == path(pull)));
        }
        let written = matches!(call.method.as_str(), "POST" | "PATCH") && call.path.contains("/check-runs");
        let Some(sha) = call.response["head_sha"].as_str().filter(|_| written && call.status < 300) else { continue };
        let Some(at) = people.pulls.iter().position(|pull| pull.heads.iter().any(|(head, _)| head.as_str() == sha))
        else {
            continue;
        };
        if call.response["conclusion"] != "success" {
            passes.remove(&at);
            continue;
        }
        let now: Timestamp = call.at.parse().unwrap();
        let one = &people.pulls[at];
        // A success on what is no head any more lets nobody in.
        let is_head = |pull: &Pull, sha: &str| {
            pull.heads.iter().any(|(head, until)| head.as_str() == sha && until.is_none_or(|until| until > now))
        };
        let also = passes.iter().find(|(other, sha)| {
            let theirs = &people.pulls[**other];
            **other != at
                && theirs.key.repo == one.key.repo
                && theirs.file == one.file
                && !landed.contains(other)
                && is_head(theirs, sha)
        });
        if let Some((other, _)) = also.filter(|_| is_head(one, sha)) {
            panic!("{} passed at {now} while {} on the same file did", one.name, people.pulls[*other].name);
        }
        passes.insert(at, sha.to_owned());
    }
    let pulls = || people.pulls.iter().enumerate();
    pulls()
        .map(|(at, one)| {
            pulls().take(at).filter(|(_, other)| other.key.repo == one.key.repo && other.file == one.file).count()
        })
        .sum()
}
