//! `issue_comment`: only what may hold a command, `created` on a pull request by the one who sent it.

use super::common::{MAX_TEXT, Numbered, User, actor, number};
use super::lenient::{Present, cut, object};
use super::{Around, Ignored, Payload};
use crate::domain::govern::{Actor, CommentSeen, Event, may_command};
use crate::domain::ids::{CommentId, PrNumber, Timestamp};

object! {
    /// The issue or pull request that was commented on.
    Issue {
        number: u64,
        pull_request: Present,
    }
}

object! {
    /// A comment.
    Comment {
        id: u64,
        user: User,
        body: String,
        created_at: Timestamp,
        performed_via_github_app: Numbered,
    }
}

pub(super) fn event(payload: &mut Payload, around: Around<'_>) -> Result<Event, Ignored> {
    // An edited comment never counts, and an issue that is no pull request has no unit.
    let issue = payload.issue.0.take().filter(|issue| issue.pull_request.0.is_some());
    let Some((issue, comment)) = issue.zip(payload.comment.0.take()).filter(|_| payload.action() == "created") else {
        return Err(Ignored::Unneeded);
    };
    let author = actor(comment.user);
    let by_our_bot = author.as_ref().is_some_and(|author| around.ourselves.is_bot(&author.login));
    if by_our_bot || around.ourselves.is_app(number(&comment.performed_via_github_app)) {
        return Err(Ignored::Ours);
    }
    let body = cut(comment.body.0.unwrap_or_default(), MAX_TEXT);
    if !may_command(&body) {
        return Err(Ignored::Unneeded);
    }
    Ok(Event::Comment(CommentSeen {
        id: comment.id.0.map(CommentId).ok_or(Ignored::Incomplete("comment.id"))?,
        number: issue.number.0.map(PrNumber).ok_or(Ignored::Incomplete("issue.number"))?,
        author: author
            .filter(|author| sent_by(payload, author))
            .ok_or(Ignored::Incomplete("comment.user who is the sender"))?,
        body,
        created_at: comment.created_at.0.ok_or(Ignored::Incomplete("comment.created_at"))?,
        edited: false,
    }))
}

/// Whether the one who wrote the comment is the one who sent it, by number: a name proves nothing, and nor does a missing number.
fn sent_by(payload: &Payload, author: &Actor) -> bool {
    let sender = payload.sender.0.as_ref().and_then(|sender| sender.id.0);
    author.id.0 != 0 && sender == Some(author.id.0)
}
