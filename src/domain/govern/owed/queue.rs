//! GitHub's merge queue: every group gets an answer on its commit, from judging each member again as it was queued (FACTS G6).

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::want::check_key;
use super::{ActionCall, Conclusion, OwedKey};
use crate::domain::govern::context::Context;
use crate::domain::govern::judge::{Judgment, judge};
use crate::domain::govern::seen::facts::{Fact, Facts, Need, QueueSeen};
use crate::domain::govern::seen::{MergeGroupAction, PullState};
use crate::domain::govern::settle::Work;
use crate::domain::govern::state::State;
use crate::domain::ids::{CommitSha, PrNumber, Timestamp};
use crate::domain::unit::{CheckSurface, ReasonCode, Unit};

/// So long a group whose members cannot be learnt is asked about; then it fails, so that it never waits in silence.
pub(super) const PATIENCE: SignedDuration = SignedDuration::from_mins(10);
/// How often the members of a group are asked for.
const AGAIN: SignedDuration = SignedDuration::from_secs(20);

/// A group of GitHub's merge queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The base branch.
    pub base: String,
    /// The pull request named in its ref: the last of the group.
    pub number: Option<PrNumber>,
    /// When it was asked about.
    pub since: Timestamp,
    /// Its members with their heads as queued, first to land first; none while they are not known.
    #[serde(default)]
    pub members: Vec<(PrNumber, CommitSha)>,
    /// When its members are asked for next, while they are not known.
    #[serde(default)]
    pub again_at: Option<Timestamp>,
}

/// What is to be said about a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupView {
    /// Its commit.
    pub sha: CommitSha,
    /// The base branch.
    pub base: String,
    /// The answer; `None` while something is still to come.
    pub conclusion: Option<Conclusion>,
    /// Each member with what keeps it back; nothing where it may land.
    pub members: Vec<(PrNumber, Option<String>)>,
}

/// What one member says to its group.
enum Says {
    Yes,
    Wait(String),
    No(String),
}

impl State {
    /// What is to be said about the group of this commit.
    #[must_use]
    pub fn group(&self, sha: &CommitSha, context: &Context, now: Timestamp) -> Option<GroupView> {
        let group = self.repo.groups.get(sha)?;
        let said: Vec<(PrNumber, Says)> = group
            .members
            .iter()
            .map(|(number, head)| (*number, self.member(group, *number, head, context, now)))
            .collect();
        let late = now.duration_since(group.since) >= PATIENCE;
        let conclusion = match () {
            () if said.iter().any(|(_, says)| matches!(says, Says::No(_))) => Some(Conclusion::Failure),
            () if said.is_empty() || said.iter().any(|(_, says)| matches!(says, Says::Wait(_))) => {
                late.then_some(Conclusion::Failure)
            }
            () => Some(Conclusion::Success),
        };
        let told = |says| match says {
            Says::Yes => None,
            Says::Wait(why) | Says::No(why) => Some(why),
        };
        let members = said.into_iter().map(|(number, says)| (number, told(says))).collect();
        Some(GroupView { sha: sha.clone(), base: group.base.clone(), conclusion, members })
    }

    /// A member is judged by its decisions and its standing, not by order or collisions within the queue (DESIGN, section 12).
    fn member(&self, group: &Group, number: PrNumber, head: &CommitSha, context: &Context, now: Timestamp) -> Says {
        let Some(unit) = self.unit(number) else { return Says::Wait("it is not known yet".to_owned()) };
        if unit.state != PullState::Open {
            return if unit.state == PullState::Merged { Says::Yes } else { Says::No("it was closed".to_owned()) };
        }
        if unit.head.sha != *head {
            return Says::No(format!("its head moved on from {}, which was queued", head.short()));
        }
        if unit.draft {
            return Says::No("it is a draft".to_owned());
        }
        let Judgment { reasons, confirmed, .. } = judge(self, unit, context, now);
        let ahead = group.members.iter().take_while(|(other, _)| *other != number);
        let lands_before = ahead.count() > 0;
        let no = reasons.iter().find(|reason| forbids(reason.code, lands_before));
        if let Some(reason) = no {
            return Says::No(reason.text.clone());
        }
        if !confirmed {
            return Says::No("nobody with the right to has confirmed this head".to_owned());
        }
        match reasons.iter().find(|reason| waits(reason.code)) {
            Some(reason) => Says::Wait(reason.text.clone()),
            None => Says::Yes,
        }
    }

    /// Groups of which `number` is a member.
    pub(in crate::domain::govern) fn groups_of(&self, number: PrNumber) -> Vec<CommitSha> {
        let with = |group: &Group| group.members.iter().any(|(member, _)| *member == number);
        self.repo.groups.iter().filter(|(_, group)| with(group)).map(|(sha, _)| sha.clone()).collect()
    }

    /// Base branches with a group whose members are to be asked for now.
    pub(in crate::domain::govern) fn groups_due(&self, now: Timestamp) -> impl Iterator<Item = &Group> {
        self.repo.groups.values().filter(move |group| group.again_at.is_some_and(|at| at <= now))
    }
}

/// Whether a reason keeps a member from landing with its group. Order, collisions and old evidence do not: the queue tests the result.
#[expect(clippy::wildcard_enum_match_arm, reason = "what is not named here is settled by the queue itself")]
fn forbids(code: ReasonCode, lands_before: bool) -> bool {
    match code {
        ReasonCode::Refused
        | ReasonCode::BlockedHold
        | ReasonCode::BlockedEvidence
        | ReasonCode::BlockedBaseUngoverned
        | ReasonCode::BlockedPolicyInvalid
        | ReasonCode::BlockedDependencyClosed
        | ReasonCode::BlockedDependencyCycle
        | ReasonCode::BlockedDependencyUnreadable => true,
        // What it needs may be the member before it.
        ReasonCode::WaitsDependency => !lands_before,
        _ => false,
    }
}

fn waits(code: ReasonCode) -> bool {
    matches!(
        code,
        ReasonCode::WaitsEvidence | ReasonCode::WaitsGithub | ReasonCode::WaitsRateLimit | ReasonCode::WaitsReview
    )
}

/// The members of a group: the entries up to the one whose group this commit ends.
fn members(queue: &[QueueSeen], sha: &CommitSha) -> Vec<(PrNumber, CommitSha)> {
    let Some(last) = queue.iter().position(|entry| entry.group.as_ref() == Some(sha)) else { return Vec::new() };
    queue[..=last].iter().map(|entry| (entry.number, entry.head.clone())).collect()
}

/// The pull request that a ref of the queue names: `…/pr-12-<sha>`.
fn named(head_ref: &str) -> Option<PrNumber> {
    let name = head_ref.rsplit('/').next()?;
    let number = name.strip_prefix("pr-")?.split('-').next()?;
    number.parse().ok().map(PrNumber)
}

impl Work<'_> {
    pub(in crate::domain::govern) fn take_merge_group(
        &mut self,
        action: MergeGroupAction,
        sha: &CommitSha,
        head_ref: &str,
        base: &str,
        facts: &Facts,
    ) {
        if action == MergeGroupAction::Destroyed {
            return self.close_group(sha);
        }
        self.open_group(sha, base, named(head_ref));
        self.take_queue(base, facts);
    }

    fn close_group(&mut self, sha: &CommitSha) {
        self.state.repo.groups.remove(sha);
        self.state.checks.remove(sha);
        self.changes.repo = true;
        self.changes.checks.insert(sha.clone());
        self.changes.settle.push(OwedKey::Check { sha: sha.clone() });
    }

    /// The rights of those who confirmed what is queued, as they are now; and whoever is queued and not known yet is looked at.
    pub(in crate::domain::govern) fn renew_queued(&mut self, base: &str, facts: &Facts) {
        let Some(Fact::Queue(queue)) = facts.get(&Need::Queue(base.to_owned())) else { return };
        for entry in queue.iter().filter(|entry| entry.group.is_some()) {
            self.renew_rights(entry.number, facts);
            let unread = self.state.unit(entry.number).is_none_or(|unit| unit.footprint_of.is_none());
            if unread {
                self.changes.look.push(entry.number);
            }
        }
    }

    fn open_group(&mut self, sha: &CommitSha, base: &str, number: Option<PrNumber>) {
        let now = self.now;
        self.changes.repo = true;
        self.state.repo.groups.entry(sha.clone()).or_insert_with(|| Group {
            base: base.to_owned(),
            number,
            since: now,
            members: Vec::new(),
            again_at: Some(now),
        });
        self.touch_group(sha);
    }

    /// Takes the queue of a base in: members of groups, and groups that no event told of.
    pub(in crate::domain::govern) fn take_queue(&mut self, base: &str, facts: &Facts) {
        let now = self.now;
        let again_at = now.checked_add(AGAIN).ok();
        let (queue, was_read) = match facts.get(&Need::Queue(base.to_owned())) {
            Some(Fact::Queue(queue)) => (queue.as_slice(), true),
            Some(_) | None => (&[][..], false),
        };
        for entry in queue {
            if let Some(sha) = entry.group.as_ref().filter(|sha| !self.state.repo.groups.contains_key(sha)) {
                self.open_group(sha, base, Some(entry.number));
            }
        }
        let open: Vec<CommitSha> =
            self.state.repo.groups.iter().filter(|(_, group)| group.base == base).map(|(sha, _)| sha.clone()).collect();
        for sha in open {
            let found = members(queue, &sha);
            let Some(group) = self.state.repo.groups.get_mut(&sha) else { continue };
            if !found.is_empty() {
                group.members = found;
            }
            let unknown = group.members.is_empty()
                || group.members.iter().any(|(number, _)| !self.state.units.contains_key(number));
            // The end of a group may have been missed: what the queue no longer lists is over.
            let listed = queue.iter().any(|entry| entry.group.as_ref() == Some(&sha));
            let gives_up = now.duration_since(group.since) >= PATIENCE;
            group.again_at = again_at.filter(|_| unknown && !gives_up);
            self.changes.repo = true;
            if was_read && !listed && gives_up {
                self.close_group(&sha);
            } else {
                self.touch_group(&sha);
            }
        }
    }

    /// The answer to a group, as a check run on its commit.
    pub(in crate::domain::govern) fn want_group(&mut self, sha: &CommitSha) {
        let Some(view) = self.state.group(sha, self.context, self.now) else { return };
        let doc = self.context.words.group(&view, &self.external_id(sha));
        let wanted = check_key(view.conclusion, &doc.title, &doc.summary);
        let surface =
            self.state.checks.entry(sha.clone()).or_insert_with(|| CheckSurface::new(sha.clone(), wanted.clone()));
        if surface.wanted != wanted {
            surface.wanted = wanted;
            surface.trouble = None;
        }
        self.changes.checks.insert(sha.clone());
        let at = surface.not_before.filter(|at| *at > self.now).unwrap_or(self.now);
        if surface.is_owed() && surface.flight.is_none() && surface.trouble.is_none() {
            self.changes.owe.push((OwedKey::Check { sha: sha.clone() }, at));
        }
    }

    /// Somebody stopped a unit that GitHub's queue holds: it is taken out. A push takes it out by itself.
    pub(in crate::domain::govern) fn want_dequeue(&mut self, number: PrNumber) {
        let Some(unit) = self.state.unit(number).filter(|unit| unit.is_open() && unit.queued.is_some()) else { return };
        let Some(stop) = unit.stopped_by(self.now) else { return };
        let id = format!("dequeue:{}", unit.head.sha.twelve());
        if unit.ledger.contains_key(&id) || unit.node_id.is_empty() || unit.trouble.is_some() {
            return;
        }
        let (by, why) = (stop.actor.login.clone(), format!("{} by {}", stop.word(), stop.actor.login));
        let call = ActionCall::Dequeue { number, node: unit.node_id.clone() };
        self.act(number, id, call, why, by);
    }

    /// GitHub took the unit into its queue, or out of it.
    pub(super) fn note_queued(&mut self, number: PrNumber, queued: bool) {
        let now = self.now;
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        unit.queued = queued.then_some(now);
        self.record(number, "github", if queued { "enqueued" } else { "dequeued" }, json!({}));
        self.touch(number);
    }
}

/// Whether GitHub's merge queue guards the unit's base.
pub(in crate::domain::govern) fn is_queue_guarded(state: &State, unit: &Unit) -> bool {
    state.repo.rules.get(&unit.base.branch).is_some_and(|read| read.rules.merge_queue)
}
