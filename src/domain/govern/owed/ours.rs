//! Compares what we wrote with what GitHub has of it: a check run that is gone or says something else, a comment that somebody deleted or
//! edited. What differs is written anew.
//!
//! Check runs are compared with every read of a pull request, which shows them anyhow; the comment with a look at it, which is what a
//! reconcile asks for and `/retry`. Not at once when somebody deletes it: two programs would chase each other.

use jiff::SignedDuration;
use sha2::{Digest, Sha256};

use crate::domain::govern::needs::{retries, snapshot};
use crate::domain::govern::seen::PullState;
use crate::domain::govern::seen::event::{Delivered, Event};
use crate::domain::govern::seen::facts::{Fact, Facts, Need, OurCheck, OurComment};
use crate::domain::govern::seen::snapshot::Snapshot;
use crate::domain::govern::settle::Work;
use crate::domain::govern::state::State;
use crate::domain::ids::{CommentId, CommitSha, PrNumber, Timestamp};
use crate::domain::unit::{CommentSurface, Kept};

/// What GitHub shows may be as much older than what it accepted.
pub(super) const LAG: SignedDuration = SignedDuration::from_mins(2);

/// What a look at one unit reads besides: our comment on it.
#[expect(clippy::wildcard_enum_match_arm, reason = "nothing else asks for a comparison")]
pub(in crate::domain::govern) fn need(state: &State, delivered: &Delivered, now: Timestamp) -> Option<Need> {
    let number = match &delivered.event {
        Event::Look { number } => *number,
        Event::Comment(comment) if retries(&comment.body, now) => comment.number,
        Event::Page(said) if retries(&said.line, now) => said.number,
        _ => return None,
    };
    let unit = state.unit(number).filter(|unit| unit.is_open())?;
    comparable(&unit.comment, now).map(Need::OurComment)
}

/// The comment, where nothing is under way on it and GitHub had the time to show it everywhere.
fn comparable(comment: &CommentSurface, now: Timestamp) -> Option<CommentId> {
    let settled = comment.written_at.is_some_and(|at| now.duration_since(at) >= LAG);
    comment.id.filter(|_| settled && comment.flight.is_none() && comment.trouble.is_none())
}

/// Whether it is time to see if a second comment came late: not sooner than a call that was out could have come.
pub(in crate::domain::govern) fn may_be_double(comment: &CommentSurface, now: Timestamp) -> bool {
    comment.doubled && comment.flight.is_none() && comment.written_at.is_some_and(|at| now.duration_since(at) >= LAG)
}

/// What a body is compared by; ends of lines are GitHub's business.
pub(in crate::domain::govern) fn body_digest(body: &str) -> String {
    let mut hasher = Sha256::new();
    for line in body.trim().lines() {
        hasher.update(line.trim_end());
        hasher.update(b"\n");
    }
    hex::encode(&hasher.finalize()[..8])
}

impl Work<'_> {
    /// Our check run on the head, as a read of the pull request shows it.
    pub(in crate::domain::govern) fn compare_check(&mut self, snapshot: &Snapshot) {
        if snapshot.state == PullState::Open
            && let Some(ours) = &snapshot.ours
        {
            self.compare_runs(&snapshot.head_sha, ours);
        }
    }

    fn compare_runs(&mut self, sha: &CommitSha, ours: &[OurCheck]) {
        let external = self.external_id(sha);
        let Some(surface) = self.state.checks.get(sha).filter(|surface| surface.flight.is_none()) else { return };
        let Some(kept) = surface.kept.as_ref().filter(|kept| self.now.duration_since(kept.at) >= LAG) else { return };
        let newest = ours.iter().filter(|run| run.external_id == external).max_by_key(|run| run.id);
        let same = |run: &&OurCheck| is_as_kept(run, kept);
        if newest.filter(same).is_none() {
            self.adopt_check(sha, ours);
        }
    }

    /// Our comment, as GitHub has it. Deleted or edited, it is written again.
    pub(in crate::domain::govern) fn compare_comment(&mut self, number: PrNumber, facts: &Facts) {
        let now = self.now;
        let Some(unit) = self.state.units.get_mut(&number).filter(|_| snapshot(facts, number).is_some()) else {
            return;
        };
        let Some(id) = comparable(&unit.comment, now) else { return };
        let Some(Fact::OurComments(read)) = facts.get(&Need::OurComment(id)) else { return };
        let as_sent = |comment: &&OurComment| unit.comment.body.as_ref() == Some(&body_digest(&comment.body));
        if read.iter().any(|comment| as_sent(&comment)) {
            return;
        }
        unit.comment.id = read.first().map(|comment| comment.id);
        unit.comment.sent = None;
        self.touch(number);
    }
}

fn is_as_kept(run: &OurCheck, kept: &Kept) -> bool {
    (run.id, run.status, run.conclusion) == (kept.run, kept.status, kept.conclusion)
}
