//! What GitHub's reply to a call means (FACTS G2, C16, K2, K9, R3, R9).

use serde::Deserialize;

use crate::domain::govern::{ActionCall, Answer, Call, Fault, ProposalStep, Written};
use crate::domain::ids::{CheckRunId, CommentId, CommitSha, PrNumber, Timestamp};
use crate::github::reads::{check_conclusion, check_status};
use crate::github::wire::Reply;
use crate::github::{GitHubError, shapes};

#[derive(Deserialize)]
struct Opened {
    number: u64,
}

#[derive(Deserialize)]
struct Merged {
    #[serde(default)]
    sha: Option<CommitSha>,
    #[serde(default = "yes")]
    merged: bool,
    #[serde(default)]
    message: Option<String>,
}

fn yes() -> bool {
    true
}

/// The answer. `limited` is how long the installation's gate stays closed, where the reply was a limit.
pub(super) fn of(call: &Call, reply: &Reply, limited: Option<u32>) -> Answer {
    if reply.status.is_success() {
        return done(call, reply).unwrap_or_else(|error| Answer::Unknown { because: error.to_string() });
    }
    let message = reply.message();
    if let Some(seconds) = limited {
        return Answer::Refused { fault: Fault::Limited { seconds }, message };
    }
    let status = reply.status.as_u16();
    match (call, status) {
        (_, 408 | 500..) => Answer::Unknown { because: format!("GitHub answered {status}: {message}") },
        (_, 300..=399) => Answer::Unknown { because: format!("GitHub answered {status} and named no place to go on") },
        (Call::Action(ActionCall::Merge { .. }), 405) => Answer::Refused { fault: not_mergeable(&message), message },
        (Call::Action(ActionCall::Merge { .. }), 409) => Answer::Refused { fault: Fault::HeadMoved, message },
        // It is off already.
        (Call::Action(ActionCall::Label { on: false, .. }), 404) => Answer::Done { written: Written::Done },
        (Call::Action(ActionCall::UpdateBranch { .. }), 422) => {
            Answer::Refused { fault: not_updated(&message), message }
        }
        _ => Answer::Refused { fault: fault(status), message },
    }
}

/// The fault of a status that means the same for every call.
pub(super) fn fault(status: u16) -> Fault {
    match status {
        401 => Fault::Unauthorised,
        403 | 451 => Fault::Forbidden,
        404 | 410 => Fault::Gone,
        405 => Fault::NotAllowed,
        409 | 423 => Fault::Transient,
        _ => Fault::Invalid,
    }
}

/// 405 says many things; only a base that moved during the merge is worth another try.
fn not_mergeable(message: &str) -> Fault {
    if message.contains("Base branch was modified") { Fault::Transient } else { Fault::NotAllowed }
}

/// 422 stands for a head that moved, a conflict, and nothing to do alike (FACTS G5).
fn not_updated(message: &str) -> Fault {
    let text = message.to_ascii_lowercase();
    let names_head = text.contains("expected_head_sha") || text.contains("expected head sha");
    if names_head { Fault::HeadMoved } else { Fault::Invalid }
}

fn done(call: &Call, reply: &Reply) -> Result<Answer, GitHubError> {
    let written = match call {
        Call::CreateCheck(_) | Call::UpdateCheck { .. } => {
            let run: shapes::Run = reply.read()?;
            let conclusion = check_conclusion(run.conclusion.as_deref());
            Written::Check { run: CheckRunId(run.id), status: check_status(run.status.as_deref()), conclusion }
        }
        Call::CreateComment { .. } | Call::Action(ActionCall::Reply { .. }) => comment(reply, |kept| kept.created_at)?,
        Call::UpdateComment { .. } => comment(reply, |kept| kept.updated_at)?,
        Call::DeleteComment { .. } => Written::Done,
        Call::Action(ActionCall::Merge { .. }) => {
            let merged: Merged = reply.read()?;
            if !merged.merged {
                let message = merged.message.unwrap_or_else(|| "it was not merged".to_owned());
                return Ok(Answer::Refused { fault: Fault::NotAllowed, message });
            }
            Written::Merged { sha: merged.sha }
        }
        Call::Action(ActionCall::Propose(proposal)) if matches!(proposal.step, ProposalStep::Pull { .. }) => {
            Written::Opened { number: PrNumber(reply.read::<Opened>()?.number) }
        }
        Call::Action(
            ActionCall::Propose(_)
            | ActionCall::Revert { .. }
            | ActionCall::UpdateBranch { .. }
            | ActionCall::Enqueue { .. }
            | ActionCall::Dequeue { .. }
            | ActionCall::RequestReview { .. }
            | ActionCall::React { .. }
            | ActionCall::EnableAutoMerge { .. }
            | ActionCall::DisableAutoMerge { .. }
            | ActionCall::Label { .. },
        ) => Written::Done,
    };
    Ok(Answer::Done { written })
}

fn comment(reply: &Reply, at: impl FnOnce(&shapes::Comment) -> Timestamp) -> Result<Written, GitHubError> {
    let kept: shapes::Comment = reply.read()?;
    Ok(Written::Comment { id: CommentId(kept.id), at: at(&kept) })
}
