//! Repositories, labels and branches.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{node_id, time};
use crate::sim::state::State;

/// Address templates that every repository document carries: key, path below the repository.
const URLS: [(&str, &str); 36] = [
    ("forks_url", "/forks"),
    ("keys_url", "/keys{/key_id}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("teams_url", "/teams"),
    ("hooks_url", "/hooks"),
    ("issue_events_url", "/issues/events{/number}"),
    ("events_url", "/events"),
    ("assignees_url", "/assignees{/user}"),
    ("branches_url", "/branches{/branch}"),
    ("tags_url", "/tags"),
    ("blobs_url", "/git/blobs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"),
    ("trees_url", "/git/trees{/sha}"),
    ("statuses_url", "/statuses/{sha}"),
    ("languages_url", "/languages"),
    ("stargazers_url", "/stargazers"),
    ("contributors_url", "/contributors"),
    ("subscribers_url", "/subscribers"),
    ("subscription_url", "/subscription"),
    ("commits_url", "/commits{/sha}"),
    ("git_commits_url", "/git/commits{/sha}"),
    ("comments_url", "/comments{/number}"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("contents_url", "/contents/{+path}"),
    ("compare_url", "/compare/{base}...{head}"),
    ("merges_url", "/merges"),
    ("archive_url", "/{archive_format}{/ref}"),
    ("downloads_url", "/downloads"),
    ("issues_url", "/issues{/number}"),
    ("pulls_url", "/pulls{/number}"),
    ("milestones_url", "/milestones{/number}"),
    ("notifications_url", "/notifications{?since,all,participating}"),
    ("labels_url", "/labels{/name}"),
    ("releases_url", "/releases{/id}"),
    ("deployments_url", "/deployments"),
];

impl State {
    /// The API address of a repository.
    pub(crate) fn repo_url(&self, id: u64) -> String {
        format!("{}/repos/{}", self.url, self.repo(id).full_name())
    }

    /// The address of a repository's page.
    pub(crate) fn repo_page(&self, id: u64) -> String {
        format!("{}/{}", self.url, self.repo(id).full_name())
    }

    /// A `repository` as pull requests and webhooks carry it.
    pub(crate) fn repo_json(&self, id: u64) -> Value {
        let repo = self.repo(id);
        let (api, page) = (self.repo_url(id), self.repo_page(id));
        let open = repo.open.len();
        let mut value = json!({
            "id": repo.id,
            "node_id": node_id("R", repo.id),
            "name": repo.name,
            "full_name": repo.full_name(),
            "private": repo.private,
            "archived": repo.archived,
            "owner": self.user_json(&repo.owner),
            "html_url": page,
            "description": null,
            "fork": repo.fork_of.is_some(),
            "url": api,
            "created_at": time(repo.created_at),
            "updated_at": time(repo.created_at),
            "pushed_at": time(repo.created_at),
            "git_url": format!("git://{}.git", repo.full_name()),
            "ssh_url": format!("git@simulated:{}.git", repo.full_name()),
            "clone_url": format!("{page}.git"),
            "svn_url": page,
            "visibility": if repo.private { "private" } else { "public" },
            "forks": 0,
            "open_issues": open,
            "watchers": 0,
            "default_branch": repo.default_branch,
            "allow_merge_commit": repo.settings.allow_merge_commit,
            "allow_squash_merge": repo.settings.allow_squash_merge,
            "allow_rebase_merge": repo.settings.allow_rebase_merge,
            "allow_auto_merge": repo.settings.allow_auto_merge,
            "delete_branch_on_merge": repo.settings.delete_branch_on_merge,
            "allow_update_branch": repo.settings.allow_update_branch,
        });
        for (key, constant) in constants() {
            value[key] = constant;
        }
        value["open_issues_count"] = open.into();
        for (key, path) in URLS {
            value[key] = format!("{api}{path}").into();
        }
        value
    }

    /// A `full-repository` as `GET /repos/{owner}/{repo}` answers it.
    pub(crate) fn full_repo_json(&self, id: u64) -> Value {
        let mut value = self.repo_json(id);
        value["network_count"] = 0.into();
        value["subscribers_count"] = 0.into();
        value
    }

    /// The short repository that installation events carry.
    pub(crate) fn brief_repo_json(&self, id: u64) -> Value {
        let repo = self.repo(id);
        json!({
            "id": repo.id, "node_id": node_id("R", repo.id), "name": repo.name, "full_name": repo.full_name(), "private": repo.private,
        })
    }

    /// A label.
    pub(crate) fn label_json(&self, repo: u64, name: &str) -> Value {
        let id = self.repo(repo).labels.get(name).copied().unwrap_or(0);
        json!({
            "id": id,
            "node_id": node_id("LA", id),
            "url": format!("{}/labels/{}", self.repo_url(repo), utf8_percent_encode(name, NON_ALPHANUMERIC)),
            "name": name,
            "description": "",
            "color": "ededed",
            "default": false,
        })
    }
}

/// What every repository of the simulation says alike.
fn constants() -> serde_json::Map<String, Value> {
    let constants = json!({
        "homepage": null,
        "size": 1,
        "stargazers_count": 0,
        "watchers_count": 0,
        "language": null,
        "has_issues": true,
        "has_projects": false,
        "has_downloads": true,
        "has_wiki": false,
        "has_pages": false,
        "has_discussions": false,
        "forks_count": 0,
        "mirror_url": null,
        "disabled": false,
        "license": null,
        "allow_forking": true,
        "is_template": false,
        "web_commit_signoff_required": false,
        "topics": [],
    });
    constants.as_object().cloned().unwrap_or_default()
}
