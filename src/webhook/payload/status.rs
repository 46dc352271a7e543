//! `status`: evidence from a commit status. The event has no action.

use super::{Around, Ignored, Payload};
use crate::domain::govern::{CheckSeen, Event, Seen};

pub(super) fn event(payload: &mut Payload, _: Around<'_>) -> Result<Event, Ignored> {
    let state = match payload.state.0.as_deref() {
        Some("success") => Seen::Passing,
        Some("pending") => Seen::Pending,
        _ => Seen::Failing,
    };
    Ok(Event::Check(CheckSeen {
        sha: payload.sha.0.take().ok_or(Ignored::Incomplete("sha"))?,
        name: payload.context.0.take().ok_or(Ignored::Incomplete("context"))?,
        app: None,
        state,
        based_at: payload.created_at.0,
        at: payload.updated_at.0.or(payload.created_at.0),
        url: payload.target_url.0.take(),
    }))
}
