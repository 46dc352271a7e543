//! GitHub's merge queue: only GraphQL shows and changes it (FACTS G6, Q4).

use serde::Deserialize;
use serde_json::{Value, json};

use super::shape::{Connection, Oid};
use crate::domain::govern::QueueSeen;
use crate::domain::ids::{CommitSha, PrNumber};
use crate::github::session::Session;
use crate::github::wire::redacted;
use crate::github::{GitHubError, RepoAddress};

/// How many pages of 100 entries are read: groups are built from the front, and none has more than 100 members.
const PAGES: usize = 5;
/// The query; valid against GitHub's published schema, which a test holds it to.
pub(in crate::github) const MERGE_QUEUE: &str = include_str!("merge_queue.graphql");
/// Adds a pull request to the queue, guarded by its head.
pub(in crate::github) const ENQUEUE: &str = "mutation Enqueue($id: ID!, $head: GitObjectID!) { enqueuePullRequest(input: {pullRequestId: $id, expectedHeadOid: $head}) { mergeQueueEntry { position } } }";
/// Takes a pull request out of the queue.
pub(in crate::github) const DEQUEUE: &str =
    "mutation Dequeue($id: ID!) { dequeuePullRequest(input: {id: $id}) { mergeQueueEntry { position } } }";

#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    data: Option<Data>,
    #[serde(default)]
    errors: Vec<Said>,
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
struct Data {
    repository: Option<Repository>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Repository {
    merge_queue: Option<Queue>,
}

#[derive(Deserialize)]
struct Queue {
    entries: Connection<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    head_commit: Option<Oid>,
    pull_request: Option<Queued>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Queued {
    number: u64,
    head_ref_oid: CommitSha,
}

/// The queue's first entries in its order; an error where a page of them could not be had whole.
pub(in crate::github) async fn queue(
    session: &Session,
    at: &RepoAddress,
    branch: &str,
) -> Result<Vec<QueueSeen>, GitHubError> {
    let (owner, name) = at.full_name.split_once('/').unwrap_or((&at.full_name, ""));
    let mut seen: Vec<QueueSeen> = Vec::new();
    let mut after: Option<String> = None;
    for _ in 0..PAGES {
        let variables = json!({ "owner": owner, "name": name, "branch": branch, "after": after });
        let body = json!({ "operationName": "MergeQueue", "query": MERGE_QUEUE, "variables": variables });
        let Envelope { data, errors } = session.query(body).await?.read()?;
        if let Some(error) = errors.first() {
            return Err(GitHubError::Unreadable(redacted(&error.message)));
        }
        let repository = data.and_then(|data| data.repository);
        let Some(queue) = repository.and_then(|repository| repository.merge_queue) else { return Ok(seen) };
        let page = queue.entries.page();
        let (entries, next) = page.ok_or_else(|| GitHubError::Unreadable("a part of the merge queue".to_owned()))?;
        // While we read, the queue may move on: an entry may come a second time.
        let new = entries.into_iter().filter_map(Entry::seen);
        seen.extend(new.filter(|entry| !seen.iter().any(|known| known.number == entry.number)).collect::<Vec<_>>());
        if next.is_none() {
            return Ok(seen);
        }
        after = next;
    }
    Ok(seen)
}

impl Entry {
    fn seen(self) -> Option<QueueSeen> {
        let pull = self.pull_request?;
        let group = self.head_commit.map(|commit| commit.oid);
        Some(QueueSeen { number: PrNumber(pull.number), head: pull.head_ref_oid, group })
    }
}

/// The body of a mutation.
pub(in crate::github) fn mutation(name: &str, query: &str, variables: &Value) -> Value {
    json!({ "operationName": name, "query": query, "variables": variables })
}
