//! Commits, references and changed files.

use serde_json::{Value, json};

use super::{node_id, time};
use crate::sim::git::{Commit, FileDiff};
use crate::sim::state::State;

impl State {
    fn git_person(&self, login: &str, commit: &Commit) -> Value {
        json!({"name": login, "email": format!("{}@users.noreply.simulated", login.replace(['[', ']'], "")), "date": time(commit.at)})
    }

    /// A `commit` as listed for branches and pull requests.
    pub(crate) fn commit_json(&self, repo: u64, commit: &Commit) -> Value {
        let (api, page) = (self.repo_url(repo), self.repo_page(repo));
        let sha = &commit.sha;
        let tree = &commit.tree_sha;
        json!({
            "sha": sha,
            "node_id": node_id("C", format!("{repo}:{sha}")),
            "commit": {
                "author": self.git_person(&commit.author, commit),
                "committer": self.git_person(&commit.author, commit),
                "message": commit.message,
                "tree": {"sha": tree, "url": format!("{api}/git/trees/{tree}")},
                "url": format!("{api}/git/commits/{sha}"),
                "comment_count": 0,
                "verification": {"verified": false, "reason": "unsigned", "signature": null, "payload": null, "verified_at": null},
            },
            "url": format!("{api}/commits/{sha}"),
            "html_url": format!("{page}/commit/{sha}"),
            "comments_url": format!("{api}/commits/{sha}/comments"),
            "author": self.user_json(&commit.author),
            "committer": self.user_json(&commit.author),
            "parents": commit.parents.iter().map(|parent| json!({
                "sha": parent, "url": format!("{api}/commits/{parent}"), "html_url": format!("{page}/commit/{parent}"),
            })).collect::<Vec<_>>(),
        })
    }

    /// A commit with its statistics and files, as `GET commits/{ref}` answers it.
    pub(crate) fn commit_with_files_json(&self, repo: u64, commit: &Commit) -> Value {
        let parent = commit.parents.first().cloned().unwrap_or_default();
        let diff = self.objects.diff(&parent, &commit.sha);
        let mut value = self.commit_json(repo, commit);
        let (additions, deletions) = (diff.additions(), diff.deletions());
        value["stats"] = json!({"additions": additions, "deletions": deletions, "total": additions + deletions});
        value["files"] = diff.files.iter().take(300).map(|file| self.file_json(repo, &commit.sha, file)).collect();
        value
    }

    /// The commit that a push or a check suite carries.
    pub(crate) fn simple_commit_json(&self, commit: &Commit) -> Value {
        let person = |login: &str| json!({"name": login, "email": format!("{}@users.noreply.simulated", login.replace(['[', ']'], ""))});
        json!({
            "id": commit.sha,
            "tree_id": commit.tree_sha,
            "message": commit.message,
            "timestamp": time(commit.at),
            "author": person(&commit.author),
            "committer": person(&commit.author),
        })
    }

    /// A commit within a push: also says which paths it touched.
    pub(crate) fn pushed_commit_json(&self, repo: u64, commit: &Commit) -> Value {
        use crate::sim::git::FileStatus::{Added, Modified, Removed, Renamed};
        let diff = self.objects.diff(commit.parents.first().map_or("", String::as_str), &commit.sha);
        let (mut added, mut removed, mut modified) = (vec![], vec![], vec![]);
        for file in &diff.files {
            match file.status {
                Added => added.push(file.path.to_string()),
                Removed => removed.push(file.path.to_string()),
                Modified => modified.push(file.path.to_string()),
                Renamed => {
                    added.push(file.path.to_string());
                    removed.extend(file.previous.iter().map(ToString::to_string));
                }
            }
        }
        let mut value = self.simple_commit_json(commit);
        value["distinct"] = true.into();
        value["url"] = format!("{}/commit/{}", self.repo_page(repo), commit.sha).into();
        value["added"] = added.into();
        value["removed"] = removed.into();
        value["modified"] = modified.into();
        value
    }

    /// A `diff-entry`.
    pub(crate) fn file_json(&self, repo: u64, sha: &str, file: &FileDiff) -> Value {
        let (api, page) = (self.repo_url(repo), self.repo_page(repo));
        let mut value = json!({
            "sha": file.blob,
            "filename": file.path,
            "status": file.status.as_str(),
            "additions": file.additions,
            "deletions": file.deletions,
            "changes": file.additions + file.deletions,
            "blob_url": format!("{page}/blob/{sha}/{}", file.path),
            "raw_url": format!("{page}/raw/{sha}/{}", file.path),
            "contents_url": format!("{api}/contents/{}?ref={sha}", file.path),
        });
        if let Some(previous) = &file.previous {
            value["previous_filename"] = previous.to_string().into();
        }
        if let Some(patch) = &file.patch {
            value["patch"] = patch.clone().into();
        }
        value
    }

    /// A `git-ref`.
    pub(crate) fn ref_json(&self, repo: u64, branch: &str, sha: &str) -> Value {
        let api = self.repo_url(repo);
        json!({
            "ref": format!("refs/heads/{branch}"),
            "node_id": node_id("REF", format!("{repo}:refs/heads/{branch}")),
            "url": format!("{api}/git/refs/heads/{branch}"),
            "object": {"type": "commit", "sha": sha, "url": format!("{api}/git/commits/{sha}")},
        })
    }
}
