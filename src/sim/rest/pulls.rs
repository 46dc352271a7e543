//! Reading pull requests.

use serde_json::{Value, json};

use crate::sim::http::{Answer, Call, Reply, not_found, ok};
use crate::sim::state::State;
use crate::sim::state::pull::Pull;

/// GitHub lists at most this many files, without saying so (FACTS P10).
const MOST_FILES: usize = 3000;
/// And at most this many commits (FACTS P11).
const MOST_COMMITS: usize = 250;

/// The repository and the pull request that the path names.
pub(super) fn find<'s>(state: &'s State, call: &Call, name: &str) -> Result<(u64, &'s Pull), Answer> {
    let repo = call.repo(state)?;
    let pull = repo.pulls.get(&call.number(name)?).ok_or_else(not_found)?;
    Ok((repo.id, pull))
}

pub(super) fn list(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo(state)?;
    let wanted_state = call.query("state").unwrap_or("open");
    let shown = repo.pulls.values().filter(|pull| match wanted_state {
        "all" => true,
        "closed" => !pull.open,
        _ => pull.open,
    });
    let shown = shown.filter(|pull| call.query("base").is_none_or(|base| pull.base == base)).filter(|pull| {
        call.query("head").is_none_or(|head| {
            let (owner, branch) = head.split_once(':').unwrap_or(("", head));
            pull.head == branch && (owner.is_empty() || state.repo(pull.head_repo).owner.eq_ignore_ascii_case(owner))
        })
    });
    let mut sorted: Vec<&Pull> = shown.collect();
    match call.query("sort") {
        Some("updated") => sorted.sort_by_key(|pull| (pull.updated_at, pull.number)),
        _ => sorted.sort_by_key(|pull| pull.number),
    }
    let newest_first = call.query("sort").is_none_or(|sort| sort == "created");
    if call.query("direction").map_or(newest_first, |direction| direction == "desc") {
        sorted.reverse();
    }
    // Only the page is written out: a repository may have thousands.
    let number = |name, default: usize| call.query(name).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (size, page) = (number("per_page", 30).clamp(1, 100), number("page", 1).max(1));
    let from = (page - 1).saturating_mul(size);
    let all = sorted.iter().enumerate().map(|(at, pull)| {
        if (from..from.saturating_add(size)).contains(&at) { state.pull_json(repo.id, pull) } else { Value::Null }
    });
    Ok(call.page(state, all.collect(), None))
}

pub(super) fn show(state: &mut State, call: &Call) -> Reply {
    let (repo, pull) = find(state, call, "pull_number")?;
    let number = pull.number;
    let mergeable = state.read_mergeable(repo, number);
    ok(state.full_pull_json(repo, &state.repo(repo).pulls[&number], mergeable))
}

pub(super) fn files(state: &mut State, call: &Call) -> Reply {
    let (repo, pull) = find(state, call, "pull_number")?;
    let diff = state.objects.pull_diff(&pull.base_sha, &pull.head_sha);
    let all = diff.files.iter().take(MOST_FILES).map(|file| state.file_json(repo, &pull.head_sha, file)).collect();
    Ok(call.page(state, all, None))
}

pub(super) fn commits(state: &mut State, call: &Call) -> Reply {
    let (repo, pull) = find(state, call, "pull_number")?;
    let commits = state.objects.between(&pull.base_sha, &pull.head_sha);
    let all = commits.iter().take(MOST_COMMITS).map(|commit| state.commit_json(repo, commit)).collect();
    Ok(call.page(state, all, None))
}

/// Comments on lines are not simulated: there are none.
pub(super) fn review_comments(state: &mut State, call: &Call) -> Reply {
    find(state, call, "pull_number")?;
    ok(json!([]))
}
