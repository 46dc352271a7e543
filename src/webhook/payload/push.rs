//! `push`: branches only. The event has no action.

use super::common::branch;
use super::{Around, Ignored, Payload};
use crate::domain::govern::Event;
use crate::domain::ids::CommitSha;

pub(super) fn event(payload: &mut Payload, _: Around<'_>) -> Result<Event, Ignored> {
    let reference = payload.reference.0.take().ok_or(Ignored::Incomplete("ref"))?;
    Ok(Event::Push {
        branch: branch(&reference).ok_or(Ignored::Unneeded)?,
        after: payload.after.0.take().filter(is_a_commit),
        before: payload.before.0.take().filter(is_a_commit),
    })
}

/// All zeros stand for no commit: the branch was created or deleted.
fn is_a_commit(sha: &CommitSha) -> bool {
    sha.as_str().bytes().any(|digit| digit != b'0')
}
