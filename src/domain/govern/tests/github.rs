//! What GitHub does with the calls that a desk sends.

use super::super::*;
use super::desk::{Desk, Sent};
use crate::domain::ids::*;

impl Desk {
    pub(super) fn github_does(&mut self, call: &Call) -> Answer {
        let merging = matches!(call, Call::Action(ActionCall::Merge { .. }));
        if merging && !self.merge_faults.is_empty() {
            return self.merge_faults.remove(0);
        }
        if !merging && !self.faults.is_empty() {
            return self.faults.remove(0);
        }
        self.does(call)
    }

    /// GitHub does it, whatever becomes of the answer.
    pub(super) fn does(&mut self, call: &Call) -> Answer {
        let id = self.id();
        let written = match call {
            Call::CreateCheck(doc) | Call::UpdateCheck { doc, .. } => {
                let run = if let Call::UpdateCheck { run, .. } = call { *run } else { CheckRunId(id) };
                let status = if doc.conclusion.is_some() { CheckStatus::Completed } else { CheckStatus::InProgress };
                let kept = OurCheck {
                    id: run,
                    status,
                    conclusion: doc.conclusion,
                    title: doc.title.clone(),
                    external_id: doc.external_id.clone(),
                };
                let runs = self.checks.entry(doc.sha.clone()).or_default();
                runs.retain(|other| other.id != run);
                runs.insert(0, kept);
                self.sent.push(Sent::Check(doc.sha.short().into(), doc.conclusion, doc.title.clone()));
                Written::Check { run, status, conclusion: doc.conclusion }
            }
            Call::CreateComment { number, body } => {
                self.sent.push(Sent::Comment(number.0, body.clone()));
                self.comments.entry(*number).or_default().push(OurComment {
                    id: CommentId(id),
                    body: body.clone(),
                    updated_at: self.now,
                });
                Written::Comment { id: CommentId(id), at: self.now }
            }
            Call::UpdateComment { id, body } => {
                self.sent.push(Sent::Comment(0, body.clone()));
                Written::Comment { id: *id, at: self.now }
            }
            Call::Action(action) => {
                self.sent.push(Sent::Action(action.clone()));
                match action {
                    ActionCall::Merge { number, sha, .. } => {
                        let snapshot = self.snapshots.get_mut(number).unwrap();
                        assert_eq!(snapshot.head_sha, *sha, "the guard");
                        snapshot.state = PullState::Merged;
                        Written::Merged { sha: Some(super::desk::sha(900 + number.0)) }
                    }
                    ActionCall::Reply { number, body } => {
                        let reply = OurComment { id: CommentId(id), body: body.clone(), updated_at: self.now };
                        self.comments.entry(*number).or_default().push(reply);
                        Written::Comment { id: CommentId(id), at: self.now }
                    }
                    ActionCall::UpdateBranch { .. } | ActionCall::RequestReview { .. } | ActionCall::React { .. } => {
                        Written::Done
                    }
                }
            }
        };
        Answer::Done { written }
    }
}
