//! Issue comments, reactions, and the issue that a pull request also is.

use serde_json::{Value, json};

use super::{node_id, time};
use crate::sim::state::State;
use crate::sim::state::pull::{Comment, Pull, Reaction};

const REACTIONS: [&str; 8] = ["+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes"];

impl State {
    /// An `issue-comment`.
    pub(crate) fn comment_json(&self, repo: u64, comment: &Comment) -> Value {
        let (api, page) = (self.repo_url(repo), self.repo_page(repo));
        let own = format!("{api}/issues/comments/{}", comment.id);
        let is_bot = comment.user.ends_with("[bot]");
        json!({
            "url": own,
            "html_url": format!("{page}/pull/{}#issuecomment-{}", comment.issue, comment.id),
            "issue_url": format!("{api}/issues/{}", comment.issue),
            "id": comment.id,
            "node_id": node_id("IC", format!("{repo}:{}", comment.id)),
            "user": self.user_json(&comment.user),
            "created_at": time(comment.created_at),
            "updated_at": time(comment.updated_at),
            "author_association": self.association(repo, &comment.user),
            "body": comment.body,
            "reactions": rollup(&own, &comment.reactions),
            "performed_via_github_app": is_bot.then(|| self.app_of_bot(&comment.user)).flatten(),
        })
    }

    /// A reaction.
    pub(crate) fn reaction_json(&self, reaction: &Reaction) -> Value {
        json!({
            "id": reaction.id,
            "node_id": node_id("REA", reaction.id),
            "user": self.user_json(&reaction.user),
            "content": reaction.content,
            "created_at": time(reaction.at),
        })
    }

    /// The issue behind a pull request.
    pub(crate) fn issue_json(&self, repo: u64, pull: &Pull) -> Value {
        let (api, page) = (self.repo_url(repo), self.repo_page(repo));
        let own = format!("{api}/issues/{}", pull.number);
        let html = format!("{page}/pull/{}", pull.number);
        json!({
            "url": own,
            "repository_url": api,
            "labels_url": format!("{own}/labels{{/name}}"),
            "comments_url": format!("{own}/comments"),
            "events_url": format!("{own}/events"),
            "html_url": html,
            "id": pull.id,
            "node_id": node_id("PR", format!("{repo}:{}", pull.number)),
            "number": pull.number,
            "title": pull.title,
            "user": self.user_json(&pull.author),
            "labels": pull.labels.iter().map(|name| self.label_json(repo, name)).collect::<Vec<_>>(),
            "state": if pull.open { "open" } else { "closed" },
            "locked": pull.locked,
            "assignee": null,
            "assignees": [],
            "milestone": null,
            "comments": pull.comments.len(),
            "created_at": time(pull.created_at),
            "updated_at": time(pull.updated_at),
            "closed_at": pull.closed_at.map(time),
            "author_association": self.association(repo, &pull.author),
            "active_lock_reason": null,
            "draft": pull.draft,
            "pull_request": {
                "url": format!("{api}/pulls/{}", pull.number),
                "html_url": html,
                "diff_url": format!("{html}.diff"),
                "patch_url": format!("{html}.patch"),
                "merged_at": pull.merged.as_ref().map(|m| time(m.at)),
            },
            "body": pull.body,
            "reactions": rollup(&own, &[]),
            "timeline_url": format!("{own}/timeline"),
            "performed_via_github_app": null,
            "state_reason": null,
        })
    }

    fn app_of_bot(&self, login: &str) -> Option<Value> {
        let slug = login.strip_suffix("[bot]")?;
        self.apps.values().find(|app| app.slug == slug).map(|app| self.app_json(app.id))
    }
}

fn rollup(own: &str, reactions: &[Reaction]) -> Value {
    let mut value = json!({"url": format!("{own}/reactions"), "total_count": reactions.len()});
    for content in REACTIONS {
        value[content] = reactions.iter().filter(|reaction| reaction.content == content).count().into();
    }
    value
}
