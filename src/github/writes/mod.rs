//! What is owed, as requests: each call one request, never repeated.

mod answer;
mod request;

use super::GitHubError;
use super::RepoAddress;
use super::session::Session;
use crate::domain::govern::{Answer, Call, Fault};

/// Carries out one call.
pub(super) async fn write(session: &Session, at: &RepoAddress, call: &Call) -> Answer {
    let asked = match request::of(at, call) {
        Ok(asked) => asked,
        Err(message) => return Answer::Refused { fault: Fault::Invalid, message },
    };
    match session.change(&asked).await {
        Ok(reply) => answer::of(call, &reply, session.limit_of(&reply)),
        Err(error) => not_carried_out(error),
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
