//! `repository`, `branch_protection_rule`, `repository_ruleset`: what units are judged under may have changed.

use super::lenient::{Present, object};
use super::{Around, Ignored, Payload};
use crate::domain::govern::Event;

object! {
    /// What an edit changed, as far as we ask.
    Changes {
        default_branch: Present,
    }
}

pub(super) fn event(payload: &mut Payload, _: Around<'_>) -> Result<Event, Ignored> {
    let default_branch_changed = payload.changes.0.as_ref().is_some_and(|changes| changes.default_branch.0.is_some());
    match payload.action() {
        "renamed" | "transferred" | "privatized" | "publicized" | "archived" | "unarchived" => {
            Ok(Event::RepositoryChanged)
        }
        "edited" if default_branch_changed => Ok(Event::RepositoryChanged),
        _ => Err(Ignored::Unneeded),
    }
}

/// Rules of the whole organisation come without a repository: there is no one place to look at.
pub(super) fn rules_changed(payload: &mut Payload, _: Around<'_>) -> Result<Event, Ignored> {
    let known = matches!(payload.action(), "created" | "edited" | "deleted") && payload.repository.0.is_some();
    if known { Ok(Event::RepositoryChanged) } else { Err(Ignored::Unneeded) }
}
