//! Commits, comparisons, and the pull requests of a commit.

use serde_json::{Value, json};

use super::contents::resolve;
use crate::sim::http::{Answer, Call, Reply, not_found, ok};
use crate::sim::state::State;

/// Most files that a comparison shows (FACTS P11).
const MOST_FILES: usize = 300;
/// Most commits of one answer without paging.
const MOST_COMMITS: usize = 250;

pub(super) fn show(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo_id(state)?;
    let name = call.param("ref");
    let sha =
        resolve(state, repo, name).ok_or_else(|| Answer::error(422, format!("No commit found for SHA: {name}")))?;
    let commit = state.objects.get(&sha).ok_or_else(not_found)?;
    ok(state.commit_with_files_json(repo, &commit))
}

pub(super) fn pulls(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo_id(state)?;
    let sha = call.param("commit_sha");
    if state.objects.get(sha).is_none() {
        return Err(Answer::error(422, format!("No commit found for SHA: {sha}")));
    }
    let held = state.repo(repo);
    let of_commit = held.pulls.values().filter(|pull| {
        pull.head_sha == sha
            || pull.merged.as_ref().is_some_and(|merged| merged.sha == sha)
            || (pull.open
                && state.objects.is_ancestor(sha, &pull.head_sha)
                && !state.objects.is_ancestor(sha, &pull.base_sha))
    });
    let all = of_commit.map(|pull| state.pull_json(repo, pull)).collect();
    Ok(call.page(state, all, None))
}

pub(super) fn compare(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo_id(state)?;
    let (base_name, head_name) = call.param("basehead").split_once("...").ok_or_else(not_found)?;
    let side = |name: &str| {
        let (owner, branch) = name.split_once(':').unwrap_or(("", name));
        let at = if owner.is_empty() {
            Some(repo)
        } else {
            state.repo_named(owner, &state.repo(repo).name).map(|fork| fork.id)
        };
        resolve(state, at?, branch)
    };
    let (base, head) = side(base_name).zip(side(head_name)).ok_or_else(not_found)?;
    let merge_base = state
        .objects
        .merge_base(&base, &head)
        .ok_or_else(|| Answer::error(404, format!("No common ancestor between {base_name} and {head_name}.")))?;
    let ahead = state.objects.between(&base, &head);
    let behind = state.objects.between(&head, &base).len();
    let files = state.objects.diff(&merge_base, &head);
    let status = match (ahead.is_empty(), behind) {
        (true, 0) => "identical",
        (false, 0) => "ahead",
        (true, _) => "behind",
        (false, _) => "diverged",
    };
    let commit = |sha: &str| state.objects.get(sha).map(|commit| state.commit_json(repo, &commit));
    let (api, page) = (state.repo_url(repo), state.repo_page(repo));
    let from = ahead.len().saturating_sub(MOST_COMMITS);
    ok(json!({
        "url": format!("{api}/compare/{base_name}...{head_name}"),
        "html_url": format!("{page}/compare/{base_name}...{head_name}"),
        "permalink_url": format!("{page}/compare/{base}...{head}"),
        "diff_url": format!("{page}/compare/{base_name}...{head_name}.diff"),
        "patch_url": format!("{page}/compare/{base_name}...{head_name}.patch"),
        "base_commit": commit(&base),
        "merge_base_commit": commit(&merge_base),
        "status": status,
        "ahead_by": ahead.len(),
        "behind_by": behind,
        "total_commits": ahead.len(),
        "commits": ahead[from..].iter().map(|commit| state.commit_json(repo, commit)).collect::<Value>(),
        "files": files.files.iter().take(MOST_FILES).map(|file| state.file_json(repo, &head, file)).collect::<Value>(),
    }))
}
