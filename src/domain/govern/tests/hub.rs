//! GitHub as the desk meets it: it answers what is asked, does what it is told, and gives the faults that a story asks for.

use std::collections::BTreeSet;

use super::super::*;
use super::desk::{Desk, Sent};
use crate::domain::ids::*;

impl Desk {
    pub(super) fn read(&mut self, needs: BTreeSet<Need>, facts: &mut Facts) {
        for need in needs {
            let unknown = || Fact::Unknown(Unknown { because: "not there".into(), missing: true, retry_after: None });
            let fact = match &need {
                Need::Snapshot(number) => self.snapshots.get(number).map_or_else(unknown, |snapshot| {
                    let ours = Some(self.checks.get(&snapshot.head_sha).cloned().unwrap_or_default());
                    Fact::Snapshot(Box::new(Snapshot { ours, ..snapshot.clone() }))
                }),
                Need::Files { number, .. } => {
                    self.files.get(number).map_or_else(unknown, |files| Fact::Files(files.clone()))
                }
                Need::Rules(branch) => Fact::Rules(self.rules.get(branch).cloned().unwrap_or_default()),
                Need::Merges { number, others, .. } => {
                    let told = |(other, sha): &(PrNumber, CommitSha)| {
                        let seen = self.mirror.get(&(*number, *other))?.clone();
                        Some(MergeSeen { other: *other, sha: sha.clone(), ..seen })
                    };
                    Fact::Merges(others.iter().filter_map(told).collect())
                }
                Need::Attributes => Fact::Attributes(self.attributes.clone()),
                Need::Permission(login) if self.unreadable.as_ref() == Some(login) => unknown(),
                Need::Permission(login) => {
                    let right = self.rights.get(login).copied().unwrap_or(Right::None);
                    Fact::Permission(Permission { right, role: "role".into() })
                }
                Need::OurChecks(sha) => Fact::OurChecks(self.checks.get(sha).cloned().unwrap_or_default()),
                Need::OurComments(number) => Fact::OurComments(self.comments.get(number).cloned().unwrap_or_default()),
                Need::OurComment(id) => {
                    let all = self.comments.values().flatten();
                    Fact::OurComments(all.filter(|comment| comment.id == *id).cloned().collect())
                }
                Need::OpenPulls => {
                    let open = self.snapshots.values().filter(|snapshot| snapshot.state == PullState::Open);
                    Fact::OpenPulls(
                        open.map(|snapshot| OpenPull {
                            number: snapshot.number,
                            head: snapshot.head_sha.clone(),
                            updated_at: None,
                        })
                        .collect(),
                    )
                }
                Need::Elsewhere { repo, number } => {
                    let key = format!("{repo}#{number}");
                    self.elsewhere.get(&key).map_or_else(unknown, |seen| Fact::Elsewhere(seen.clone()))
                }
                Need::Policy if self.policy_unread => unknown(),
                Need::DefaultHead => unknown(),
                Need::Policy => Fact::Policy(Box::new(self.policy.clone())),
                Need::PolicyOf(base) => {
                    Fact::Policy(Box::new(self.own_policies.get(base).cloned().unwrap_or_default()))
                }
                Need::PolicyAt(sha) => Fact::Text(self.texts.get(sha).cloned()),
                Need::Member { team, login } => match self.members.get(team) {
                    Some(members) => Fact::Member(members.contains(login)),
                    None => unknown(),
                },
                Need::Change { after, .. } => {
                    self.changes.get(after).map_or_else(unknown, |files| Fact::Files(files.clone()))
                }
                Need::RevertOf(number) => Fact::Opened(self.reverts.get(number).copied()),
                Need::BranchHead(_) => Fact::Head(self.base_head.clone()),
                Need::Checks(sha) if self.base_head == *sha => Fact::Checks(self.base_checks.clone()),
                Need::Queue(_) if self.queue.is_empty() => unknown(),
                Need::Queue(_) => Fact::Queue(self.queue.clone()),
                Need::Comments { number, since } => {
                    let said = self.said.iter().filter(|said| said.number == *number && said.created_at >= *since);
                    Fact::Comments(said.cloned().collect())
                }
                Need::Checks(_) => unknown(),
            };
            self.reads.push(need.clone());
            facts.insert(need, fact);
        }
    }

    pub(super) fn github_does(&mut self, call: &Call) -> Answer {
        let merging = matches!(
            call,
            Call::Action(
                ActionCall::Merge { .. }
                    | ActionCall::Enqueue { .. }
                    | ActionCall::UpdateBranch { .. }
                    | ActionCall::EnableAutoMerge { .. }
                    | ActionCall::DisableAutoMerge { .. }
            )
        );
        if merging && !self.merge_faults.is_empty() {
            return self.merge_faults.remove(0);
        }
        if matches!(call, Call::Action(ActionCall::Propose(_))) && !self.proposal_faults.is_empty() {
            return self.proposal_faults.remove(0);
        }
        if matches!(call, Call::Action(ActionCall::Revert { .. })) && !self.revert_faults.is_empty() {
            return self.revert_faults.remove(0);
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
                for comment in self.comments.values_mut().flatten().filter(|comment| comment.id == *id) {
                    comment.body.clone_from(body);
                }
                Written::Comment { id: *id, at: self.now }
            }
            Call::DeleteComment { id } => {
                self.sent.push(Sent::Deleted(id.0));
                self.comments.values_mut().for_each(|comments| comments.retain(|comment| comment.id != *id));
                Written::Done
            }
            Call::Action(action) => self.acts(action, id),
        };
        Answer::Done { written }
    }

    fn acts(&mut self, action: &ActionCall, id: u64) -> Written {
        self.sent.push(Sent::Action(action.clone()));
        match action {
            ActionCall::Merge { number, sha, .. } => {
                let snapshot = self.snapshots.get_mut(number).unwrap();
                assert_eq!(snapshot.head_sha, *sha, "the guard");
                snapshot.state = PullState::Merged;
                Written::Merged { sha: Some(super::desk::sha(900 + number.0)) }
            }
            ActionCall::Revert { number, .. } => {
                assert!(!self.reverts.contains_key(number), "opened twice");
                self.reverts.insert(*number, PrNumber(800 + number.0));
                Written::Opened { number: PrNumber(800 + number.0) }
            }
            ActionCall::Reply { number, body } => {
                let reply = OurComment { id: CommentId(id), body: body.clone(), updated_at: self.now };
                self.comments.entry(*number).or_default().push(reply);
                Written::Comment { id: CommentId(id), at: self.now }
            }
            ActionCall::Enqueue { number, node, sha } => {
                let snapshot = self.snapshots.get_mut(number).unwrap();
                assert_eq!((&snapshot.head_sha, &snapshot.node_id), (sha, node), "the guard");
                snapshot.queued = true;
                Written::Done
            }
            ActionCall::Dequeue { number, .. } => {
                self.snapshots.get_mut(number).unwrap().queued = false;
                Written::Done
            }
            ActionCall::EnableAutoMerge { number, node, sha, .. } => {
                let snapshot = self.snapshots.get_mut(number).unwrap();
                assert_eq!((&snapshot.head_sha, &snapshot.node_id), (sha, node), "the guard");
                snapshot.auto_merge = Some(AutoMergeSeen { by: Some("flyball[bot]".into()) });
                Written::Done
            }
            ActionCall::DisableAutoMerge { number, .. } => {
                self.snapshots.get_mut(number).unwrap().auto_merge = None;
                Written::Done
            }
            ActionCall::UpdateBranch { number, expected_head } => {
                let snapshot = self.snapshots.get_mut(number).unwrap();
                assert_eq!(snapshot.head_sha, *expected_head, "the guard");
                snapshot.head_parents = vec![expected_head.clone(), super::desk::sha(7)];
                snapshot.head_sha = super::desk::sha(number.0 * 100 + 50);
                snapshot.checks = Some(Vec::new());
                Written::Done
            }
            ActionCall::Propose(proposal) => match &proposal.step {
                ProposalStep::Edit => panic!("the change was not worked out"),
                ProposalStep::Branch { .. } | ProposalStep::File { .. } => Written::Done,
                ProposalStep::Pull { .. } => Written::Opened { number: PrNumber(900) },
            },
            ActionCall::Label { number, name, on, .. } => {
                let labels = &mut self.snapshots.get_mut(number).unwrap().labels;
                labels.retain(|label| label != name);
                labels.extend(on.then(|| name.clone()));
                Written::Done
            }
            ActionCall::RequestReview { .. } | ActionCall::React { .. } => Written::Done,
        }
    }
}
