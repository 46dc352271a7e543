//! Takes a snapshot into its unit: what GitHub says of the pull request now, or that it could not be read.

use jiff::SignedDuration;

use super::evidence::{take_check, take_review};
use crate::domain::govern::seen::facts::Unknown;
use crate::domain::govern::seen::snapshot::{Mergeable, Snapshot};
use crate::domain::govern::seen::{PullSeen, PullState};
use crate::domain::govern::settle::Work;
use crate::domain::ids::PrNumber;
use crate::domain::unit::{Commits, Recheck, Size, Unread};

/// A pull request that is opened has had no comment of ours, unless its delivery comes so much later.
const YOUNG: SignedDuration = SignedDuration::from_mins(10);

impl Work<'_> {
    pub(super) fn take_unread(&mut self, number: PrNumber, unknown: &Unknown) {
        let now = self.now;
        let base = i64::try_from(self.context.retry_base_ms).unwrap_or(1000);
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let tries = unit.unread.as_ref().map_or(0, |unread| unread.tries) + 1;
        let wait = SignedDuration::from_millis(base.saturating_mul(1 << tries.min(9)));
        let wait = unknown.retry_after.map_or(wait, |seconds| wait.max(SignedDuration::from_secs(i64::from(seconds))));
        let again_at = now.checked_add(wait).unwrap_or(now);
        unit.unread = Some(Unread { because: unknown.because.clone(), tries, again_at });
        self.touch(number);
    }

    pub(super) fn take_snapshot(&mut self, number: PrNumber, snapshot: &Snapshot) {
        let pull = seen(snapshot);
        self.take_pull(&pull);
        let known = self.state.unit(number).and_then(|unit| unit.reopened_at);
        if let Some(at) = snapshot.reopened_at.filter(|at| Some(*at) > known) {
            self.reopened(number, at);
        }
        let now = self.now;
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        unit.size =
            Size { files: snapshot.changed_files, additions: snapshot.additions, deletions: snapshot.deletions };
        if unit.head.sha == snapshot.head_sha {
            unit.head.parents.clone_from(&snapshot.head_parents);
            if let Some(messages) = &snapshot.messages {
                unit.commits = Commits::of(messages.iter().map(String::as_str));
            }
        }
        let young = now.duration_since(snapshot.created_at) < YOUNG;
        unit.comment.unsure |= unit.read_at.is_none() && unit.comment.id.is_none() && !(self.opening && young);
        unit.opened_at = snapshot.created_at;
        unit.methods.clone_from(&snapshot.methods);
        unit.review_requests.clone_from(&snapshot.review_requests);
        unit.node_id.clone_from(&snapshot.node_id);
        let left = unit.queued.is_some() && !snapshot.queued && snapshot.state == PullState::Open;
        if left && unit.stopped_by(now).is_none() {
            // Queued again unasked it would go round for ever.
            unit.trouble = Some(
                "GitHub's merge queue took it out: look there why, put it right, then `/retry` queues it again."
                    .to_owned(),
            );
        }
        unit.queued = snapshot.queued.then(|| unit.queued.unwrap_or(now));
        unit.unread = None;
        unit.read_at = Some(now);
        unit.mergeable = snapshot.mergeable;
        unit.recheck = match (snapshot.mergeable, unit.recheck.take()) {
            (Mergeable::Unknown, before) => {
                let tries = before.map_or(0, |recheck| recheck.tries) + 1;
                let wait = SignedDuration::from_secs((1_i64 << tries.min(9)).min(300));
                Some(Recheck { tries, again_at: now.checked_add(wait).unwrap_or(now) })
            }
            (Mergeable::Clean | Mergeable::Conflicting, _) => None,
        };
        for check in snapshot.checks.iter().flatten() {
            take_check(unit, check);
        }
        for review in snapshot.reviews.iter().flatten() {
            take_review(unit, review);
        }
        if unit.is_open() {
            self.state.relations.put(unit);
        }
        self.compare_check(snapshot);
        self.take_auto_merge(number, snapshot.auto_merge.as_ref(), snapshot.state);
        self.carry_confirms(number);
        if snapshot.state != PullState::Open {
            self.end(
                number,
                snapshot.state,
                snapshot.merge_commit.as_ref(),
                snapshot.merged_by.as_ref(),
                snapshot.closed_at,
            );
        }
        self.touch(number);
    }
}

fn seen(snapshot: &Snapshot) -> PullSeen {
    PullSeen {
        number: snapshot.number,
        state: snapshot.state,
        draft: snapshot.draft,
        title: snapshot.title.clone(),
        body: snapshot.body.clone(),
        author: snapshot.author.clone(),
        head_sha: snapshot.head_sha.clone(),
        head_ref: snapshot.head_ref.clone(),
        head_repo: snapshot.head_repo,
        base_ref: snapshot.base_ref.clone(),
        base_sha: snapshot.base_sha.clone(),
        labels: snapshot.labels.clone(),
        merge_commit: None,
        merged_by: None,
        updated_at: snapshot.created_at,
    }
}
