//! `pull_request`.

use super::common::{MAX_TEXT, Named, Numbered, User, actor, number};
use super::lenient::{cut, object};
use super::{Around, Ignored, Payload, look};
use crate::domain::govern::{Event, PullAction, PullSeen, PullState};
use crate::domain::ids::{CommitSha, PrNumber, RepoId, Timestamp};

object! {
    /// A pull request as every event shows it that has one.
    Pull {
        number: u64,
        state: String,
        merged: bool,
        merged_at: Timestamp,
        draft: bool,
        title: String,
        body: String,
        user: User,
        head: Side,
        base: Side,
        labels: Vec<Named>,
        merge_commit_sha: CommitSha,
        merged_by: User,
        updated_at: Timestamp,
    }
}

object! {
    /// Head or base.
    Side {
        sha: CommitSha,
        #[serde(rename = "ref")]
        reference: String,
        repo: Numbered,
    }
}

pub(super) fn event(payload: &mut Payload, _: Around<'_>) -> Result<Event, Ignored> {
    let action = action(payload.action()).ok_or(Ignored::Unneeded)?;
    let number = payload.pull_number();
    match number.zip(payload.pull_request.0.take()).and_then(|(number, pull)| seen(number, pull)) {
        Some(pull) => Ok(Event::Pull { action, pull }),
        None => look(number),
    }
}

fn action(action: &str) -> Option<PullAction> {
    Some(match action {
        "opened" => PullAction::Opened,
        "reopened" => PullAction::Reopened,
        "synchronize" => PullAction::Synchronized,
        "edited" => PullAction::Edited,
        "closed" => PullAction::Closed,
        "converted_to_draft" | "ready_for_review" => PullAction::DraftChanged,
        "labeled" | "unlabeled" => PullAction::Labeled,
        "enqueued" | "dequeued" => PullAction::Queued,
        "auto_merge_enabled" | "auto_merge_disabled" => PullAction::AutoMerge,
        "assigned"
        | "unassigned"
        | "review_requested"
        | "review_request_removed"
        | "milestoned"
        | "demilestoned"
        | "locked"
        | "unlocked" => PullAction::Other,
        _ => return None,
    })
}

/// The pull request, if everything that its identity and its judgment rest on is there.
fn seen(number: PrNumber, pull: Pull) -> Option<PullSeen> {
    let merged = pull.merged.0.unwrap_or_default() || pull.merged_at.0.is_some();
    let state = match pull.state.0.as_deref() {
        _ if merged => PullState::Merged,
        Some("open") => PullState::Open,
        Some("closed") => PullState::Closed,
        _ => return None,
    };
    let (head, base) = (pull.head.0?, pull.base.0?);
    Some(PullSeen {
        number,
        state,
        draft: pull.draft.0.unwrap_or_default(),
        title: cut(pull.title.0.unwrap_or_default(), MAX_TEXT),
        body: cut(pull.body.0.unwrap_or_default(), MAX_TEXT),
        author: actor(pull.user),
        head_repo: self::number(&head.repo).map(RepoId),
        head_sha: head.sha.0?,
        head_ref: head.reference.0?,
        base_sha: base.sha.0?,
        base_ref: base.reference.0?,
        labels: pull.labels.0.unwrap_or_default().into_iter().filter_map(|label| label.name.0).collect(),
        // Before the merge this is the test merge commit, which is not where anything landed (FACTS P4).
        merge_commit: pull.merge_commit_sha.0.filter(|_| merged),
        merged_by: actor(pull.merged_by).filter(|_| merged),
        updated_at: pull.updated_at.0?,
    })
}
