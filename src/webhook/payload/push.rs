//! `push`: branches only. The event has no action.

use super::common::branch;
use super::lenient::object;
use super::{Around, Ignored, Payload};
use crate::domain::govern::Event;
use crate::domain::ids::CommitSha;
use crate::domain::policy::PATH;

pub(super) fn event(payload: &mut Payload, _: Around<'_>) -> Result<Event, Ignored> {
    let reference = payload.reference.0.take().ok_or(Ignored::Incomplete("ref"))?;
    Ok(Event::Push {
        branch: branch(&reference).ok_or(Ignored::Unneeded)?,
        after: payload.after.0.take().filter(is_a_commit),
        before: payload.before.0.take().filter(is_a_commit),
        policy: touches_policy(payload.commits.0.take()),
    })
}

object! {
    /// A commit of a push, as far as its paths go.
    Pushed {
        added: Vec<String>,
        modified: Vec<String>,
        removed: Vec<String>,
    }
}

/// GitHub lists at most 2,048 commits, and no paths for a branch that was moved: what is not told may be anything.
fn touches_policy(commits: Option<Vec<Pushed>>) -> bool {
    let Some(commits) = commits.filter(|commits| !commits.is_empty() && commits.len() < 2_048) else { return true };
    let governs = |path: &String| path == PATH || path.ends_with("CODEOWNERS");
    commits.into_iter().any(|commit| {
        let lists = [commit.added, commit.modified, commit.removed].map(|list| list.0.unwrap_or_default());
        lists.iter().flatten().any(governs)
    })
}

/// All zeros stand for no commit: the branch was created or deleted.
fn is_a_commit(sha: &CommitSha) -> bool {
    sha.as_str().bytes().any(|digit| digit != b'0')
}
