//! The query's own fields, repositories, branches, Apps and accounts.

use serde_json::Value;

use super::connection;
use super::kind::{Field, Got, Kind, got};
use crate::sim::http::Caller;
use crate::sim::json::{node_id, time};
use crate::sim::state::State;
use crate::sim::state::people::AccountKind;
use crate::sim::state::pull::Pull;

pub(super) fn query(state: &State, caller: Caller, name: &str, args: &Value) -> Field {
    let node = |id: &Value| {
        let id = id.as_str().unwrap_or_default();
        Kind::from_node_id(state, id)
            .ok_or_else(|| format!("Could not resolve to a node with the global id of '{id}'."))
    };
    match name {
        "repository" => {
            let (owner, repo) = (args["owner"].as_str().unwrap_or_default(), args["name"].as_str().unwrap_or_default());
            // Renames are followed unless the query says otherwise.
            let known = state.repo_named(owner, repo).or_else(|| state.repo_once_named(owner, repo));
            let found = known.filter(|repo| covers(state, caller, repo.id) || !repo.private);
            match found {
                Some(repo) => got(Got::one(Kind::Repo(repo.id))),
                None => Err(format!("Could not resolve to a Repository with the name '{owner}/{repo}'.")),
            }
        }
        "node" => got(Got::one(node(&args["id"])?)),
        "nodes" => {
            let ids = args["ids"].as_array().into_iter().flatten();
            got(Got::Many(ids.map(node).collect::<Result<_, _>>()?))
        }
        "viewer" => got(Got::one(Kind::Actor(state.bot(), "User"))),
        "rateLimit" => got(Got::one(rate_limit(state, caller))),
        _ => Ok(None),
    }
}

fn rate_limit(state: &State, caller: Caller) -> Kind {
    let (reset, used) = if let Caller::Installation(id) = caller { state.window(id) } else { (0, 0) };
    let limit = state.config.rate_limit;
    let reset = jiff::Timestamp::from_second(reset).unwrap_or_default();
    Kind::Plain(
        "RateLimit",
        vec![
            ("cost", Got::leaf(1)),
            ("limit", Got::leaf(limit)),
            ("nodeCount", Got::leaf(0)),
            ("remaining", Got::leaf(limit.saturating_sub(used))),
            ("resetAt", Got::leaf(time(reset))),
            ("used", Got::leaf(used)),
        ],
    )
}

/// Whether the caller's installation covers a repository.
pub(super) fn covers(state: &State, caller: Caller, repo: u64) -> bool {
    match caller {
        Caller::Installation(id) => state.installations.get(&id).is_some_and(|i| i.repos.contains(&repo)),
        Caller::App | Caller::Nobody | Caller::User(_) => false,
    }
}

pub(super) fn repo(state: &State, id: u64, name: &str, args: &Value) -> Field {
    let repo = state.repo(id);
    let settings = repo.settings;
    got(match name {
        "id" => Got::leaf(node_id("R", id)),
        "databaseId" => Got::leaf(id),
        "name" => Got::leaf(repo.name.clone()),
        "nameWithOwner" => Got::leaf(repo.full_name()),
        "owner" => Got::one(Kind::actor(state, &repo.owner)),
        "isPrivate" => Got::leaf(repo.private),
        "isFork" => Got::leaf(repo.fork_of.is_some()),
        "isArchived" => Got::leaf(false),
        "allowUpdateBranch" => Got::leaf(settings.allow_update_branch),
        "autoMergeAllowed" => Got::leaf(settings.allow_auto_merge),
        "deleteBranchOnMerge" => Got::leaf(settings.delete_branch_on_merge),
        "mergeCommitAllowed" => Got::leaf(settings.allow_merge_commit),
        "rebaseMergeAllowed" => Got::leaf(settings.allow_rebase_merge),
        "squashMergeAllowed" => Got::leaf(settings.allow_squash_merge),
        "defaultBranchRef" => Got::one(Kind::Ref(id, repo.default_branch.clone())),
        "mergeQueue" => {
            let branch = args["branch"].as_str().unwrap_or(&repo.default_branch);
            let has = state.rules(id, branch).is_some_and(|rules| rules.merge_queue);
            Got::maybe(has.then(|| Kind::Queue(id, branch.into())))
        }
        "ref" => {
            let wanted = args["qualifiedName"].as_str().unwrap_or_default();
            let branch = wanted.strip_prefix("refs/heads/").unwrap_or(wanted);
            Got::maybe(repo.branches.contains_key(branch).then(|| Kind::Ref(id, branch.into())))
        }
        "pullRequest" => {
            let number = args["number"].as_u64().unwrap_or_default();
            if !repo.pulls.contains_key(&number) {
                return Err(format!("Could not resolve to a PullRequest with the number of {number}."));
            }
            Got::one(Kind::Pull(id, number))
        }
        "pullRequests" => return pulls(state, id, args),
        _ => return Ok(None),
    })
}

fn pulls(state: &State, id: u64, args: &Value) -> Field {
    let state_of = |pull: &Pull| match pull {
        _ if pull.merged.is_some() => "MERGED",
        _ if pull.open => "OPEN",
        _ => "CLOSED",
    };
    let wanted = |name: &str, value: &str| args[name].as_str().is_none_or(|wanted| wanted == value);
    let listed = |name: &str, value: &str| args[name].as_array().is_none_or(|list| list.iter().any(|one| one == value));
    let labelled = |pull: &Pull| {
        args["labels"].as_array().is_none_or(|list| list.iter().any(|one| pull.labels.iter().any(|label| one == label)))
    };
    let of = state.repo(id).pulls.values().filter(|pull| {
        listed("states", state_of(pull))
            && wanted("baseRefName", &pull.base)
            && wanted("headRefName", &pull.head)
            && labelled(pull)
    });
    let mut found: Vec<&Pull> = of.collect();
    if args["orderBy"]["field"] == "UPDATED_AT" {
        found.sort_by_key(|pull| (pull.updated_at, pull.number));
    }
    if args["orderBy"]["direction"] == "DESC" {
        found.reverse();
    }
    connection::of("PullRequestConnection", found.into_iter().map(|pull| Kind::Pull(id, pull.number)).collect(), args)
}

pub(super) fn branch(state: &State, repo: u64, branch: &str, name: &str) -> Field {
    got(match name {
        "id" => Got::leaf(node_id("REF", format!("{repo}:refs/heads/{branch}"))),
        "name" => Got::leaf(branch),
        "prefix" => Got::leaf("refs/heads/"),
        "repository" => Got::one(Kind::Repo(repo)),
        "target" => Got::maybe(state.repo(repo).branches.get(branch).map(|sha| Kind::Commit(repo, sha.clone()))),
        _ => return Ok(None),
    })
}

pub(super) fn app(state: &State, id: u64, name: &str) -> Field {
    let slug = state.apps.get(&id).map(|app| app.slug.clone()).unwrap_or_default();
    got(match name {
        "id" => Got::leaf(node_id("A", id)),
        "databaseId" => Got::leaf(id),
        "name" | "slug" => Got::leaf(slug),
        _ => return Ok(None),
    })
}

pub(super) fn actor(state: &State, login: &str, name: &str) -> Field {
    let user = state.user(login);
    let kind = user.map_or(AccountKind::User, |user| user.kind);
    // GraphQL shows a bot's login without the suffix that REST has.
    let shown = if kind == AccountKind::Bot { login.trim_end_matches("[bot]") } else { login };
    let id = user.map_or(0, |user| user.id);
    got(match name {
        "id" => Got::leaf(node_id(if kind == AccountKind::Organization { "O" } else { "U" }, id)),
        "databaseId" => Got::leaf(id),
        "login" => Got::leaf(shown),
        "name" => Got::Leaf(Value::Null),
        "url" => Got::leaf(format!("{}/{login}", state.url)),
        _ => return Ok(None),
    })
}
