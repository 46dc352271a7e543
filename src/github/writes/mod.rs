//! What is owed, as requests: each call one request, never repeated.

mod answer;
mod queue;
mod request;

use super::GitHubError;
use super::RepoAddress;
use super::session::Session;
use super::turn::Weight;
use crate::domain::govern::{ActionCall, Answer, Call, CallClass, Fault};

/// Carries out one call.
pub(super) async fn write(session: &Session, at: &RepoAddress, call: &Call) -> Answer {
    if let Some(body) = queue::body(call) {
        return match session.mutate(body).await {
            Ok(reply) => queue::answer(session, call, &reply),
            Err(error) => not_carried_out(error),
        };
    }
    let asked = match request::of(at, call) {
        Ok(asked) => asked,
        Err(message) => return Answer::Refused { fault: Fault::Invalid, message },
    };
    match session.change(&asked, weight(call)).await {
        Ok(reply) => answer::of(call, &reply, session.limit_of(&reply)),
        Err(error) => not_carried_out(error),
    }
}

/// What a class of calls is worth.
pub(super) fn weight_of(class: CallClass) -> Weight {
    match class {
        CallClass::Revocation | CallClass::Action | CallClass::Landing | CallClass::Grant => Weight::Pressing,
        CallClass::Comment => Weight::Cosmetic,
    }
}

/// What a call is worth: reactions and replies are actions, but nobody waits for them as for a merge.
fn weight(call: &Call) -> Weight {
    match call {
        Call::CreateComment { .. }
        | Call::UpdateComment { .. }
        | Call::DeleteComment { .. }
        | Call::Action(ActionCall::React { .. } | ActionCall::Reply { .. } | ActionCall::Label { .. }) => {
            Weight::Cosmetic
        }
        Call::CreateCheck(_)
        | Call::UpdateCheck { .. }
        | Call::Action(
            ActionCall::Merge { .. }
            | ActionCall::Enqueue { .. }
            | ActionCall::Dequeue { .. }
            | ActionCall::UpdateBranch { .. }
            | ActionCall::RequestReview { .. }
            | ActionCall::Revert { .. }
            | ActionCall::Propose(_)
            | ActionCall::EnableAutoMerge { .. }
            | ActionCall::DisableAutoMerge { .. },
        ) => Weight::Pressing,
    }
}

/// No reply to the call itself: it never went out, or nobody knows.
pub(super) fn not_carried_out(error: GitHubError) -> Answer {
    let message = error.to_string();
    let fault = match error {
        GitHubError::Unreachable { because, sent: true } | GitHubError::Unreadable(because) => {
            return Answer::Unknown { because };
        }
        GitHubError::Limited { seconds } => Fault::Limited { seconds },
        GitHubError::Unreachable { sent: false, .. } => Fault::Transient,
        GitHubError::ClockWrong { .. } => Fault::Unauthorised,
        GitHubError::Settings(_) => Fault::Invalid,
        GitHubError::Refused { status, .. } | GitHubError::NoInstallation { status, .. } => answer::fault(status),
    };
    Answer::Refused { fault, message }
}
