//! Pull requests and reviews.

use serde_json::{Value, json};

use super::{node_id, time};
use crate::sim::state::State;
use crate::sim::state::pull::{Pull, Review};

impl State {
    /// A `pull-request-simple`, as lists show it.
    pub(crate) fn pull_json(&self, repo: u64, pull: &Pull) -> Value {
        let (api, page) = (self.repo_url(repo), self.repo_page(repo));
        let (number, issue) = (pull.number, format!("{api}/issues/{}", pull.number));
        let own = format!("{api}/pulls/{number}");
        let html = format!("{page}/pull/{number}");
        let teams: Vec<Value> =
            pull.requested_teams.iter().map(|slug| self.team_json(&self.repo(repo).owner, slug)).collect();
        let links = json!({
            "self": {"href": own},
            "html": {"href": html},
            "issue": {"href": issue},
            "comments": {"href": format!("{issue}/comments")},
            "review_comments": {"href": format!("{own}/comments")},
            "review_comment": {"href": format!("{api}/pulls/comments{{/number}}")},
            "commits": {"href": format!("{own}/commits")},
            "statuses": {"href": format!("{api}/statuses/{}", pull.head_sha)},
        });
        let auto_merge = pull.auto_merge.as_ref().map(|auto| {
            json!({
                "enabled_by": self.user_json(&auto.by),
                "merge_method": auto.method,
                "commit_title": auto.title.clone().unwrap_or_default(),
                "commit_message": auto.message.clone().unwrap_or_default(),
            })
        });
        json!({
            "url": own,
            "id": pull.id,
            "node_id": node_id("PR", format!("{repo}:{number}")),
            "html_url": html,
            "diff_url": format!("{html}.diff"),
            "patch_url": format!("{html}.patch"),
            "issue_url": issue,
            "number": number,
            "state": if pull.open { "open" } else { "closed" },
            "locked": pull.locked,
            "title": pull.title,
            "user": self.user_json(&pull.author),
            "body": pull.body,
            "created_at": time(pull.created_at),
            "updated_at": time(pull.updated_at),
            "closed_at": pull.closed_at.map(time),
            "merged_at": pull.merged.as_ref().map(|m| time(m.at)),
            "merge_commit_sha": self.merge_commit_sha(repo, pull),
            "assignee": null,
            "assignees": [],
            "requested_reviewers": pull.requested_reviewers.iter().map(|login| self.user_json(login)).collect::<Vec<_>>(),
            "requested_teams": teams,
            "labels": pull.labels.iter().map(|name| self.label_json(repo, name)).collect::<Vec<_>>(),
            "milestone": null,
            "draft": pull.draft,
            "commits_url": format!("{own}/commits"),
            "review_comments_url": format!("{own}/comments"),
            "review_comment_url": format!("{api}/pulls/comments{{/number}}"),
            "comments_url": format!("{issue}/comments"),
            "statuses_url": format!("{api}/statuses/{}", pull.head_sha),
            "head": self.pull_side_json(pull.head_repo, &pull.head, &pull.head_sha),
            "base": self.pull_side_json(repo, &pull.base, &pull.base_sha),
            "_links": links,
            "author_association": self.association(repo, &pull.author),
            "auto_merge": auto_merge,
            "active_lock_reason": null,
        })
    }

    /// A whole `pull-request`; `mergeable` is what the background job knows by now.
    pub(crate) fn full_pull_json(&self, repo: u64, pull: &Pull, mergeable: Option<bool>) -> Value {
        let diff = self.objects.pull_diff(&pull.base_sha, &pull.head_sha);
        let commits = self.objects.between(&pull.base_sha, &pull.head_sha).len();
        let mut value = self.pull_json(repo, pull);
        let merged = pull.merged.as_ref();
        value["merged"] = merged.is_some().into();
        value["mergeable"] = mergeable.map_or(Value::Null, Value::from);
        value["rebaseable"] = mergeable.map_or(Value::Null, Value::from);
        value["mergeable_state"] = match mergeable {
            Some(_) => self.mergeable_state(repo, pull).into(),
            None => "unknown".into(),
        };
        value["merged_by"] = merged.map_or(Value::Null, |m| self.user_json(&m.by));
        value["comments"] = pull.comments.len().into();
        value["review_comments"] = 0.into();
        value["maintainer_can_modify"] = (pull.head_repo != repo).into();
        value["commits"] = commits.into();
        value["additions"] = diff.additions().into();
        value["deletions"] = diff.deletions().into();
        value["changed_files"] = diff.files.len().into();
        value
    }

    fn merge_commit_sha(&self, repo: u64, pull: &Pull) -> Option<String> {
        if let Some(merged) = &pull.merged {
            return Some(merged.sha.clone());
        }
        // The test merge commit: no commit of the store, as `refs/pull/N/merge` is none of the repository's branches.
        let known = pull.mergeable_known.as_ref().is_some_and(|(_, head)| *head == pull.head_sha);
        (known && self.is_mergeable(repo, pull))
            .then(|| crate::sim::git::blob_sha(&format!("{}{}", pull.base_sha, pull.head_sha)))
    }

    fn pull_side_json(&self, repo: u64, branch: &str, sha: &str) -> Value {
        let owner = &self.repo(repo).owner;
        json!({
            "label": format!("{owner}:{branch}"),
            "ref": branch,
            "sha": sha,
            "user": self.user_json(owner),
            "repo": self.repo_json(repo),
        })
    }

    /// The `pull-request-minimal` that checks carry.
    pub(crate) fn minimal_pull_json(&self, repo: u64, pull: &Pull) -> Value {
        let side = |id: u64, branch: &str, sha: &str| json!({"ref": branch, "sha": sha, "repo": {"id": id, "url": self.repo_url(id), "name": self.repo(id).name}});
        json!({
            "url": format!("{}/pulls/{}", self.repo_url(repo), pull.number),
            "id": pull.id,
            "number": pull.number,
            "head": side(pull.head_repo, &pull.head, &pull.head_sha),
            "base": side(repo, &pull.base, &pull.base_sha),
        })
    }

    /// A review, as the API lists it; webhooks write the state in lower case.
    pub(crate) fn review_json(&self, repo: u64, pull: &Pull, review: &Review) -> Value {
        let html = format!("{}/pull/{}#pullrequestreview-{}", self.repo_page(repo), pull.number, review.id);
        let own = format!("{}/pulls/{}", self.repo_url(repo), pull.number);
        json!({
            "id": review.id,
            "node_id": node_id("PRR", format!("{repo}:{}", review.id)),
            "user": self.user_json(&review.user),
            "body": review.body,
            "state": review.state,
            "html_url": html,
            "pull_request_url": own,
            "_links": {"html": {"href": html}, "pull_request": {"href": own}},
            "submitted_at": time(review.at),
            "commit_id": review.sha,
            "author_association": self.association(repo, &review.user),
        })
    }

    fn team_json(&self, org: &str, slug: &str) -> Value {
        let api = format!("{}/orgs/{org}/teams/{slug}", self.url);
        json!({
            "id": 1, "node_id": node_id("T", format!("{org}:{slug}")), "url": api, "name": slug, "slug": slug, "description": null,
            "privacy": "closed", "notification_setting": "notifications_enabled", "permission": "push",
            "members_url": format!("{api}/members{{/member}}"), "repositories_url": format!("{api}/repos"),
            "html_url": format!("{}/orgs/{org}/teams/{slug}", self.url), "parent": null, "type": "organization",
        })
    }
}
