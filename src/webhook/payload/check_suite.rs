//! `check_suite`: only `rerequested` of ours. A pull request's own events tell of new heads (FACTS C7), and runs report one by one.

use super::common::{Numbered, number};
use super::lenient::object;
use super::{Around, Ignored, Payload};
use crate::domain::govern::Event;
use crate::domain::ids::CommitSha;

object! {
    /// A check suite.
    CheckSuite {
        head_sha: CommitSha,
        app: Numbered,
    }
}

pub(super) fn event(payload: &mut Payload, around: Around<'_>) -> Result<Event, Ignored> {
    if payload.action() != "rerequested" {
        return Err(Ignored::Unneeded);
    }
    let suite = payload.check_suite.0.take().ok_or(Ignored::Incomplete("check_suite"))?;
    if around.ourselves.is_other_app(number(&suite.app)) {
        return Err(Ignored::Unneeded);
    }
    Ok(Event::Rerequested { sha: suite.head_sha.0.ok_or(Ignored::Incomplete("check_suite.head_sha"))? })
}
