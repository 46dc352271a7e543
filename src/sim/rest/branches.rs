//! The repository, its branches, and what protects them.

use serde_json::{Value, json};

use crate::sim::http::{Answer, Call, Reply, not_found, ok};
use crate::sim::state::State;
use crate::sim::state::protection::{Protection, Ruleset};

pub(super) fn repo(state: &mut State, call: &Call) -> Reply {
    let id = call.repo_id(state)?;
    ok(state.full_repo_json(id))
}

pub(super) fn list(state: &mut State, call: &Call) -> Reply {
    let id = call.repo_id(state)?;
    let repo = state.repo(id);
    let wanted = call.query("protected").map(|text| text == "true");
    let shown =
        repo.branches.iter().filter(|(name, _)| wanted.is_none_or(|w| w == repo.protections.contains_key(*name)));
    let all = shown.map(|(name, sha)| short_branch(state, id, name, sha)).collect();
    Ok(call.page(state, all, None))
}

fn short_branch(state: &State, repo: u64, name: &str, sha: &str) -> Value {
    json!({
        "name": name,
        "commit": {"sha": sha, "url": format!("{}/commits/{sha}", state.repo_url(repo))},
        "protected": state.rules(repo, name).is_some(),
    })
}

pub(super) fn show(state: &mut State, call: &Call) -> Reply {
    let id = call.repo_id(state)?;
    let name = call.param("branch");
    let sha = state.repo(id).branches.get(name).ok_or_else(|| Answer::error(404, "Branch not found"))?;
    let commit = state.objects.get(sha).ok_or_else(not_found)?;
    let api = state.repo_url(id);
    let protected = state.rules(id, name).is_some();
    let classic = state.repo(id).protections.get(name);
    let contexts: Vec<&str> = classic.iter().flat_map(|p| p.checks.iter().map(|c| c.context.as_str())).collect();
    let checks = classic.map(|p| json!(p.checks)).unwrap_or_else(|| json!([]));
    ok(json!({
        "name": name,
        "commit": state.commit_json(id, &commit),
        "_links": {"self": format!("{api}/branches/{name}"), "html": format!("{}/tree/{name}", state.repo_page(id))},
        "protected": protected,
        "protection": {
            "enabled": classic.is_some(),
            "required_status_checks": {
                "enforcement_level": if contexts.is_empty() { "off" } else { "non_admins" },
                "contexts": contexts,
                "checks": checks,
            },
        },
        "protection_url": format!("{api}/branches/{name}/protection"),
    }))
}

fn classic<'s>(state: &'s State, call: &Call) -> Result<&'s Protection, Answer> {
    let repo = call.repo(state)?;
    let name = call.param("branch");
    if !repo.branches.contains_key(name) {
        return Err(Answer::error(404, "Branch not found"));
    }
    repo.protections.get(name).ok_or_else(|| Answer::error(404, "Branch not protected"))
}

fn checks_json(url: &str, rules: &Protection) -> Value {
    json!({
        "url": format!("{url}/required_status_checks"),
        "strict": rules.strict,
        "contexts": rules.checks.iter().map(|check| &check.context).collect::<Vec<_>>(),
        "contexts_url": format!("{url}/required_status_checks/contexts"),
        "checks": rules.checks,
    })
}

pub(super) fn protection(state: &mut State, call: &Call) -> Reply {
    let id = call.repo_id(state)?;
    let rules = classic(state, call)?;
    let url = format!("{}/branches/{}/protection", state.repo_url(id), call.param("branch"));
    let mut value = json!({
        "url": url,
        "enforce_admins": {"url": format!("{url}/enforce_admins"), "enabled": rules.enforce_admins},
        "required_linear_history": {"enabled": rules.linear_history},
        "allow_force_pushes": {"enabled": false},
        "allow_deletions": {"enabled": false},
        "block_creations": {"enabled": false},
        "required_conversation_resolution": {"enabled": false},
        "lock_branch": {"enabled": false},
        "allow_fork_syncing": {"enabled": false},
        "required_signatures": {"url": format!("{url}/required_signatures"), "enabled": false},
    });
    if !rules.checks.is_empty() {
        value["required_status_checks"] = checks_json(&url, rules);
    }
    if rules.approvals > 0 {
        value["required_pull_request_reviews"] = json!({
            "url": format!("{url}/required_pull_request_reviews"),
            "dismiss_stale_reviews": rules.dismiss_stale_reviews,
            "require_code_owner_reviews": false,
            "require_last_push_approval": false,
            "required_approving_review_count": rules.approvals,
        });
    }
    ok(value)
}

pub(super) fn required_checks(state: &mut State, call: &Call) -> Reply {
    let id = call.repo_id(state)?;
    let rules = classic(state, call)?;
    if rules.checks.is_empty() {
        return Err(Answer::error(404, "Required status checks not enabled"));
    }
    let url = format!("{}/branches/{}/protection", state.repo_url(id), call.param("branch"));
    ok(checks_json(&url, rules))
}

pub(super) fn rules(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo(state)?;
    let of_branch = repo.rulesets.iter().filter(|set| set.branch == call.param("branch"));
    let all = of_branch.flat_map(|set| {
        rules_of(&set.rules).into_iter().map(|mut rule| {
            rule["ruleset_source_type"] = "Repository".into();
            rule["ruleset_source"] = repo.full_name().into();
            rule["ruleset_id"] = set.id.into();
            rule
        })
    });
    Ok(call.page(state, all.collect(), None))
}

/// A ruleset's rules as the API types them.
fn rules_of(rules: &Protection) -> Vec<Value> {
    let mut all = Vec::new();
    if !rules.checks.is_empty() {
        let checks = rules.checks.iter().map(|check| match check.app_id {
            Some(app) => json!({"context": check.context, "integration_id": app}),
            None => json!({"context": check.context}),
        });
        let checks: Vec<Value> = checks.collect();
        all.push(json!({
            "type": "required_status_checks",
            "parameters": {"strict_required_status_checks_policy": rules.strict, "required_status_checks": checks},
        }));
    }
    if rules.approvals > 0 {
        all.push(json!({
            "type": "pull_request",
            "parameters": {
                "required_approving_review_count": rules.approvals,
                "dismiss_stale_reviews_on_push": rules.dismiss_stale_reviews,
                "require_code_owner_review": false,
                "require_last_push_approval": false,
                "required_review_thread_resolution": false,
            },
        }));
    }
    if rules.linear_history {
        all.push(json!({"type": "required_linear_history"}));
    }
    if rules.merge_queue {
        all.push(json!({
            "type": "merge_queue",
            "parameters": {
                "check_response_timeout_minutes": 60,
                "grouping_strategy": "ALLGREEN",
                "max_entries_to_build": 1,
                "max_entries_to_merge": 1,
                "merge_method": "SQUASH",
                "min_entries_to_merge": 1,
                "min_entries_to_merge_wait_minutes": 0,
            },
        }));
    }
    all
}

fn ruleset_json(set: &Ruleset, source: &str) -> Value {
    json!({
        "id": set.id, "name": set.name, "target": "branch", "source_type": "Repository", "source": source, "enforcement": "active",
        "conditions": {"ref_name": {"include": [format!("refs/heads/{}", set.branch)], "exclude": []}},
    })
}

pub(super) fn rulesets(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo(state)?;
    let all = repo.rulesets.iter().map(|set| ruleset_json(set, &repo.full_name())).collect();
    Ok(call.page(state, all, None))
}

pub(super) fn ruleset(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo(state)?;
    let id = call.number("ruleset_id")?;
    let set = repo.rulesets.iter().find(|set| set.id == id).ok_or_else(not_found)?;
    let mut value = ruleset_json(set, &repo.full_name());
    value["rules"] = rules_of(&set.rules).into();
    ok(value)
}
