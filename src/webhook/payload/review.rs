//! `pull_request_review`: edits never count, as with comments.

use super::common::{MAX_TEXT, User, actor};
use super::lenient::{cut, object};
use super::{Around, Ignored, Payload, look};
use crate::domain::govern::{Event, ReviewAction, ReviewSeen, ReviewState};
use crate::domain::ids::{CommitSha, ReviewId, Timestamp};

object! {
    /// A review.
    Review {
        id: u64,
        user: User,
        state: String,
        commit_id: CommitSha,
        body: String,
        submitted_at: Timestamp,
    }
}

pub(super) fn event(payload: &mut Payload, around: Around<'_>) -> Result<Event, Ignored> {
    let action = match payload.action() {
        "submitted" => ReviewAction::Submitted,
        "dismissed" => ReviewAction::Dismissed,
        _ => return Err(Ignored::Unneeded),
    };
    let number = payload.pull_number();
    let review = payload.review.0.take();
    let Some((number, (id, review))) = number.zip(review.and_then(|review| Some((ReviewId(review.id.0?), review))))
    else {
        return look(number);
    };
    let review = ReviewSeen {
        id,
        author: actor(review.user),
        state: state(action, review.state.0.as_deref()),
        commit: review.commit_id.0,
        body: cut(review.body.0.unwrap_or_default(), MAX_TEXT),
        submitted_at: review.submitted_at.0.unwrap_or(around.received_at),
    };
    Ok(Event::Review { action, number, review })
}

/// Webhooks write states in lower case, REST in upper.
fn state(action: ReviewAction, text: Option<&str>) -> ReviewState {
    match (action, text.map(str::to_ascii_lowercase).as_deref()) {
        (ReviewAction::Dismissed, _) | (_, Some("dismissed")) => ReviewState::Dismissed,
        (_, Some("approved")) => ReviewState::Approved,
        (_, Some("changes_requested")) => ReviewState::ChangesRequested,
        _ => ReviewState::Commented,
    }
}
