//! `merge_group`: GitHub's merge queue asks, or is done.

use super::common::branch;
use super::lenient::object;
use super::{Around, Ignored, Payload};
use crate::domain::govern::{Event, MergeGroupAction};
use crate::domain::ids::CommitSha;

object! {
    /// A group of the queue.
    MergeGroup {
        head_sha: CommitSha,
        head_ref: String,
        base_ref: String,
    }
}

pub(super) fn event(payload: &mut Payload, _: Around<'_>) -> Result<Event, Ignored> {
    let action = match payload.action() {
        "checks_requested" => MergeGroupAction::ChecksRequested,
        "destroyed" => MergeGroupAction::Destroyed,
        _ => return Err(Ignored::Unneeded),
    };
    let group = payload.merge_group.0.take().ok_or(Ignored::Incomplete("merge_group"))?;
    let base_ref = group.base_ref.0.ok_or(Ignored::Incomplete("merge_group.base_ref"))?;
    Ok(Event::MergeGroup {
        action,
        head_sha: group.head_sha.0.ok_or(Ignored::Incomplete("merge_group.head_sha"))?,
        head_ref: group.head_ref.0.ok_or(Ignored::Incomplete("merge_group.head_ref"))?,
        // Some payloads name the branch alone.
        base: branch(&base_ref).unwrap_or(base_ref),
    })
}
