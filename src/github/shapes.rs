//! The parts of GitHub's REST bodies that are read, as tolerant as the real bodies need: missing, null and unknown values are met.

use serde::{Deserialize, Deserializer};

use crate::domain::govern::{Actor, ActorKind};
use crate::domain::ids::{CommitSha, Timestamp, UserId};

/// The longest text of a description, review or comment that is kept, in bytes.
const LONGEST_TEXT: usize = 16 * 1024;

/// The text's first 16 KiB, ended at a character.
pub(super) fn shortened(mut text: String) -> String {
    cut(&mut text, LONGEST_TEXT);
    text
}

/// Cuts the text to at most so many bytes, at a character.
pub(super) fn cut(text: &mut String, most: usize) {
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.truncate(end);
}

/// Null reads as the default.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

/// A user, bot or App account.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct User {
    pub(super) id: u64,
    pub(super) login: String,
    #[serde(rename = "type", default)]
    kind: Option<String>,
}

impl User {
    pub(super) fn actor(self) -> Actor {
        let bot = self.kind.as_deref() == Some("Bot") || self.login.ends_with("[bot]");
        Actor { id: UserId(self.id), login: self.login, kind: if bot { ActorKind::Bot } else { ActorKind::Human } }
    }
}

/// Anything with a numeric id.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Id {
    pub(super) id: u64,
}

/// Anything with a name.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Named {
    pub(super) name: String,
}

/// One side of a pull request.
#[derive(Debug, Deserialize)]
pub(super) struct Side {
    #[serde(rename = "ref")]
    pub(super) branch: String,
    pub(super) sha: CommitSha,
    #[serde(default)]
    pub(super) repo: Option<Id>,
}

/// A pull request.
#[derive(Debug, Deserialize)]
pub(super) struct Pull {
    pub(super) number: u64,
    pub(super) node_id: String,
    pub(super) state: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) draft: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) merged: bool,
    pub(super) title: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) body: String,
    pub(super) user: Option<User>,
    pub(super) head: Side,
    pub(super) base: Side,
    #[serde(default)]
    pub(super) mergeable: Option<bool>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) labels: Vec<Named>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) requested_reviewers: Vec<User>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) requested_teams: Vec<Team>,
    pub(super) changed_files: u32,
    pub(super) additions: u32,
    pub(super) deletions: u32,
    #[serde(default)]
    pub(super) merge_commit_sha: Option<CommitSha>,
    #[serde(default)]
    pub(super) merged_by: Option<User>,
    pub(super) created_at: Timestamp,
    #[serde(default)]
    pub(super) merged_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) closed_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) auto_merge: Option<AutoMerge>,
}

/// Auto-merge, where it is on.
#[derive(Debug, Deserialize)]
pub(super) struct AutoMerge {
    #[serde(default)]
    pub(super) enabled_by: Option<User>,
}

/// A team.
#[derive(Debug, Deserialize)]
pub(super) struct Team {
    pub(super) slug: String,
}

/// A pull request in a list.
#[derive(Debug, Deserialize)]
pub(super) struct ListedPull {
    pub(super) number: u64,
    pub(super) head: Head,
    #[serde(default)]
    pub(super) updated_at: Option<Timestamp>,
}

/// The head of a listed pull request.
#[derive(Debug, Deserialize)]
pub(super) struct Head {
    pub(super) sha: CommitSha,
}

/// A commit of a pull request, as far as it speaks.
#[derive(Debug, Deserialize)]
pub(super) struct PullCommit {
    pub(super) commit: Told,
}

/// What a commit says.
#[derive(Debug, Deserialize)]
pub(super) struct Told {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) message: String,
}

/// How much of a message is kept: trailers stand at its end.
const MESSAGE: usize = 4 << 10;

/// The end of a commit's message.
pub(super) fn message_end(message: &str) -> String {
    let mut from = message.len().saturating_sub(MESSAGE);
    while !message.is_char_boundary(from) {
        from += 1;
    }
    message[from..].to_owned()
}

/// A commit, as far as its ancestry goes.
#[derive(Debug, Deserialize)]
pub(super) struct Commit {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) parents: Vec<Head>,
}

/// A check run.
#[derive(Debug, Deserialize)]
pub(super) struct Run {
    pub(super) id: u64,
    pub(super) name: String,
    #[serde(default)]
    pub(super) status: Option<String>,
    #[serde(default)]
    pub(super) conclusion: Option<String>,
    #[serde(default)]
    pub(super) external_id: Option<String>,
    #[serde(default)]
    pub(super) details_url: Option<String>,
    #[serde(default)]
    pub(super) html_url: Option<String>,
    #[serde(default)]
    pub(super) started_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) completed_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) output: Option<Output>,
    #[serde(default)]
    pub(super) app: Option<Id>,
    #[serde(default)]
    pub(super) check_suite: Option<Id>,
}

/// What a check run shows.
#[derive(Debug, Deserialize)]
pub(super) struct Output {
    #[serde(default)]
    pub(super) title: Option<String>,
}

/// A check suite.
#[derive(Debug, Deserialize)]
pub(super) struct Suite {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) created_at: Option<Timestamp>,
}

/// A commit status.
#[derive(Debug, Deserialize)]
pub(super) struct Status {
    pub(super) state: String,
    pub(super) context: String,
    #[serde(default)]
    pub(super) target_url: Option<String>,
    pub(super) created_at: Timestamp,
    #[serde(default)]
    pub(super) updated_at: Option<Timestamp>,
}

/// A review.
#[derive(Debug, Deserialize)]
pub(super) struct Review {
    pub(super) id: u64,
    pub(super) user: Option<User>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) body: String,
    pub(super) state: String,
    #[serde(default)]
    pub(super) commit_id: Option<CommitSha>,
    #[serde(default)]
    pub(super) submitted_at: Option<Timestamp>,
}

/// An issue comment.
#[derive(Debug, Deserialize)]
pub(super) struct Comment {
    pub(super) id: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) body: String,
    #[serde(default)]
    pub(super) user: Option<User>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    #[serde(default)]
    pub(super) performed_via_github_app: Option<Id>,
}

/// A changed file.
#[derive(Debug, Deserialize)]
pub(super) struct File {
    pub(super) filename: String,
    #[serde(default)]
    pub(super) previous_filename: Option<String>,
    pub(super) status: String,
    #[serde(default)]
    pub(super) patch: Option<String>,
    #[serde(default)]
    pub(super) sha: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) additions: u32,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) deletions: u32,
    #[serde(default)]
    pub(super) contents_url: Option<String>,
}

/// A repository.
#[derive(Debug, Deserialize)]
pub(super) struct Repo {
    pub(super) id: u64,
    pub(super) full_name: String,
    #[serde(default)]
    pub(super) default_branch: Option<String>,
    #[serde(default)]
    pub(super) private: Option<bool>,
    #[serde(default)]
    pub(super) archived: Option<bool>,
    #[serde(default)]
    pub(super) allow_squash_merge: Option<bool>,
    #[serde(default)]
    pub(super) allow_merge_commit: Option<bool>,
    #[serde(default)]
    pub(super) allow_rebase_merge: Option<bool>,
}
