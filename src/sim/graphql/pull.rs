//! Pull requests, their commits and files.

use serde_json::Value;

use super::connection;
use super::kind::{Field, Got, Kind, got};
use crate::sim::git::FileStatus;
use crate::sim::json::{node_id, time};
use crate::sim::state::State;
use crate::sim::state::pull::Pull;

/// A pull request's field.
pub(super) fn field(state: &mut State, repo: u64, number: u64, name: &str, args: &Value) -> Field {
    match name {
        "mergeable" => {
            let known = state.read_mergeable(repo, number);
            return got(Got::leaf(match known {
                Some(true) => "MERGEABLE",
                Some(false) => "CONFLICTING",
                None => "UNKNOWN",
            }));
        }
        "mergeStateStatus" => {
            let known = state.read_mergeable(repo, number);
            let word = known.map_or("unknown", |_| state.mergeable_state(repo, &state.repo(repo).pulls[&number]));
            return got(Got::word(word));
        }
        _ => {}
    }
    let pull = &state.repo(repo).pulls[&number];
    if let Some(found) = plain(state, repo, pull, name) {
        return got(found);
    }
    if let Some(found) = linked(state, repo, pull, name) {
        return got(found);
    }
    lists(state, repo, pull, name, args)
}

fn plain(state: &State, repo: u64, pull: &Pull, name: &str) -> Option<Got> {
    let diff = || state.objects.pull_diff(&pull.base_sha, &pull.head_sha);
    let page = || format!("{}/pull/{}", state.repo_page(repo), pull.number);
    let when = |at: Option<crate::domain::ids::Timestamp>| at.map_or(Got::Leaf(Value::Null), |at| Got::leaf(time(at)));
    let writes_head = || pull.open && state.is_behind(repo, pull);
    Some(match name {
        "id" => Got::leaf(node_id("PR", format!("{repo}:{}", pull.number))),
        "databaseId" => Got::leaf(pull.id),
        "fullDatabaseId" => Got::leaf(pull.id.to_string()),
        "number" => Got::leaf(pull.number),
        "title" => Got::leaf(pull.title.clone()),
        "body" => Got::leaf(pull.body.clone().unwrap_or_default()),
        "additions" => Got::leaf(diff().additions()),
        "deletions" => Got::leaf(diff().deletions()),
        "changedFiles" => Got::leaf(diff().files.len()),
        "authorAssociation" => Got::leaf(state.association(repo, &pull.author)),
        "baseRefName" => Got::leaf(pull.base.clone()),
        "baseRefOid" => Got::leaf(pull.base_sha.clone()),
        "headRefName" => Got::leaf(pull.head.clone()),
        "headRefOid" => Got::leaf(pull.head_sha.clone()),
        "canBeRebased" => Got::leaf(pull.open && state.is_mergeable(repo, pull)),
        "closed" => Got::leaf(!pull.open),
        "closedAt" => when(pull.closed_at),
        "createdAt" => Got::leaf(time(pull.created_at)),
        "updatedAt" => Got::leaf(time(pull.updated_at)),
        "isCrossRepository" | "maintainerCanModify" => Got::leaf(pull.head_repo != repo),
        "isDraft" => Got::leaf(pull.draft),
        "isInMergeQueue" => Got::leaf(queued(state, repo, pull)),
        "isMergeQueueEnabled" => Got::leaf(state.rules(repo, &pull.base).is_some_and(|rules| rules.merge_queue)),
        "locked" => Got::leaf(pull.locked),
        "merged" => Got::leaf(pull.merged.is_some()),
        "mergedAt" => when(pull.merged.as_ref().map(|merged| merged.at)),
        "permalink" | "url" => Got::leaf(page()),
        "state" => Got::leaf(if pull.merged.is_some() {
            "MERGED"
        } else if pull.open {
            "OPEN"
        } else {
            "CLOSED"
        }),
        "reviewDecision" => review_decision(state, repo, pull),
        "viewerCanDisableAutoMerge" => Got::leaf(pull.auto_merge.is_some()),
        "viewerCanEnableAutoMerge" => Got::leaf(pull.open && state.repo(repo).settings.allow_auto_merge),
        "viewerCanMergeAsAdmin" => Got::leaf(false),
        "viewerCanUpdateBranch" => Got::leaf(writes_head()),
        _ => return None,
    })
}

/// GitHub's own verdict; null where no review is required (FACTS P12).
fn review_decision(state: &State, repo: u64, pull: &Pull) -> Got {
    let Some(rules) = state.rules(repo, &pull.base).filter(|rules| rules.approvals > 0) else {
        return Got::Leaf(Value::Null);
    };
    let opinions = pull.opinions();
    let count =
        |word: &str| opinions.values().filter(|r| r.state == word && state.may_write(repo, &r.user)).count() as u64;
    Got::leaf(match () {
        () if count("CHANGES_REQUESTED") > 0 => "CHANGES_REQUESTED",
        () if count("APPROVED") >= rules.approvals => "APPROVED",
        () => "REVIEW_REQUIRED",
    })
}

fn queued(state: &State, repo: u64, pull: &Pull) -> bool {
    state.repo(repo).queues.get(&pull.base).is_some_and(|queue| queue.iter().any(|entry| entry.number == pull.number))
}

fn linked(state: &State, repo: u64, pull: &Pull, name: &str) -> Option<Got> {
    let branch = |repo: u64, name: &str| {
        Got::maybe(state.repo(repo).branches.contains_key(name).then(|| Kind::Ref(repo, name.into())))
    };
    let has_queue = || state.rules(repo, &pull.base).is_some_and(|rules| rules.merge_queue);
    Some(match name {
        "author" => Got::one(Kind::actor(state, &pull.author)),
        "autoMergeRequest" => Got::maybe(pull.auto_merge.as_ref().map(|_| Kind::AutoMerge(repo, pull.number))),
        "baseRef" => branch(repo, &pull.base),
        "headRef" => branch(pull.head_repo, &pull.head),
        "baseRepository" | "repository" => Got::one(Kind::Repo(repo)),
        "headRepository" => Got::one(Kind::Repo(pull.head_repo)),
        "headRepositoryOwner" => Got::one(Kind::actor(state, &state.repo(pull.head_repo).owner)),
        "mergeCommit" => Got::maybe(pull.merged.as_ref().map(|merged| Kind::Commit(repo, merged.sha.clone()))),
        "mergedBy" => Got::maybe(pull.merged.as_ref().map(|merged| Kind::actor(state, &merged.by))),
        "potentialMergeCommit" => Got::Leaf(Value::Null),
        "mergeQueue" => Got::maybe(has_queue().then(|| Kind::Queue(repo, pull.base.clone()))),
        "mergeQueueEntry" => {
            Got::maybe(queued(state, repo, pull).then(|| Kind::QueueEntry(repo, pull.base.clone(), pull.number)))
        }
        "statusCheckRollup" => super::commit::rollup_of(state, repo, &pull.head_sha),
        _ => return None,
    })
}

fn lists(state: &State, repo: u64, pull: &Pull, name: &str, args: &Value) -> Field {
    let number = pull.number;
    let reviews = |wanted: &dyn Fn(&crate::sim::state::pull::Review) -> bool| -> Vec<Kind> {
        pull.reviews
            .iter()
            .filter(|review| wanted(review))
            .map(|review| Kind::Review(repo, number, review.id))
            .collect()
    };
    match name {
        "commits" => {
            let commits = state.objects.between(&pull.base_sha, &pull.head_sha);
            let nodes = commits.iter().map(|commit| Kind::PullCommit(repo, number, commit.sha.clone())).collect();
            connection::of("PullRequestCommitConnection", nodes, args)
        }
        "files" => {
            let count = state.objects.pull_diff(&pull.base_sha, &pull.head_sha).files.len();
            connection::of(
                "PullRequestChangedFileConnection",
                (0..count).map(|at| Kind::File(repo, number, at)).collect(),
                args,
            )
        }
        "comments" => {
            let nodes = pull.comments.iter().map(|id| Kind::Comment(repo, *id)).collect();
            connection::of("IssueCommentConnection", nodes, args)
        }
        "labels" => {
            let nodes = pull.labels.iter().map(|label| Kind::Label(repo, label.clone())).collect();
            connection::of("LabelConnection", nodes, args)
        }
        "reviews" => {
            let states = args["states"].as_array();
            let author = args["author"].as_str();
            let nodes = reviews(&|review| {
                states.is_none_or(|list| list.iter().any(|word| *word == *review.state))
                    && author.is_none_or(|login| login == review.user)
            });
            connection::of("PullRequestReviewConnection", nodes, args)
        }
        "latestReviews" | "latestOpinionatedReviews" => {
            let writers_only = args["writersOnly"].as_bool().unwrap_or(false);
            let opinions = pull.opinions();
            let shown = opinions.values().filter(|review| !writers_only || state.may_write(repo, &review.user));
            connection::of(
                "PullRequestReviewConnection",
                shown.map(|review| Kind::Review(repo, number, review.id)).collect(),
                args,
            )
        }
        "reviewRequests" => {
            let nodes =
                pull.requested_reviewers.iter().map(|login| Kind::ReviewRequest(repo, number, login.clone())).collect();
            connection::of("ReviewRequestConnection", nodes, args)
        }
        // Of everything that happened only reopenings are simulated, and of them the last.
        "timelineItems" if args["itemTypes"] == serde_json::json!(["REOPENED_EVENT"]) => {
            let id = || Got::leaf(node_id("REE", format!("{repo}:{number}")));
            let event = |at| Kind::Plain("ReopenedEvent", vec![("createdAt", Got::leaf(time(at))), ("id", id())]);
            let reopened = pull.reopened_at.map(event);
            connection::of("PullRequestTimelineItemsConnection", reopened.into_iter().collect(), args)
        }
        "reviewThreads" => connection::of("PullRequestReviewThreadConnection", Vec::new(), args),
        _ => Ok(None),
    }
}

/// A commit within a pull request.
pub(super) fn commit(state: &State, repo: u64, number: u64, sha: &str, name: &str) -> Field {
    got(match name {
        "id" => Got::leaf(node_id("PRC", format!("{repo}:{number}:{sha}"))),
        "commit" => Got::one(Kind::Commit(repo, sha.into())),
        "pullRequest" => Got::one(Kind::Pull(repo, number)),
        "url" => Got::leaf(format!("{}/pull/{number}/commits/{sha}", state.repo_page(repo))),
        _ => return Ok(None),
    })
}

/// A changed file.
pub(super) fn file(state: &State, repo: u64, number: u64, at: usize, name: &str) -> Field {
    let pull = &state.repo(repo).pulls[&number];
    let diff = state.objects.pull_diff(&pull.base_sha, &pull.head_sha);
    let Some(file) = diff.files.get(at) else { return Ok(None) };
    got(match name {
        "path" => Got::leaf(file.path.to_string()),
        "additions" => Got::leaf(file.additions),
        "deletions" => Got::leaf(file.deletions),
        "viewerViewedState" => Got::leaf("UNVIEWED"),
        "changeType" => Got::leaf(match file.status {
            FileStatus::Added => "ADDED",
            FileStatus::Removed => "DELETED",
            FileStatus::Modified => "MODIFIED",
            FileStatus::Renamed => "RENAMED",
        }),
        _ => return Ok(None),
    })
}

/// A request to merge when ready.
pub(super) fn auto_merge(state: &State, repo: u64, number: u64, name: &str) -> Field {
    let Some(auto) = &state.repo(repo).pulls[&number].auto_merge else { return Ok(None) };
    got(match name {
        "authorEmail" => Got::Leaf(Value::Null),
        "commitBody" => Got::leaf(auto.message.clone()),
        "commitHeadline" => Got::leaf(auto.title.clone()),
        "enabledAt" => Got::leaf(time(auto.at)),
        "enabledBy" => Got::one(Kind::actor(state, &auto.by)),
        "mergeMethod" => Got::word(&auto.method),
        "pullRequest" => Got::one(Kind::Pull(repo, number)),
        _ => return Ok(None),
    })
}
