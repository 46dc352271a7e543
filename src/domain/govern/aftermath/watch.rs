//! Watches a base branch: pushes, landings and results on its commits, and tells a unit when the base fails since it landed.

use jiff::SignedDuration;
use serde_json::json;

use super::trunk::{LandedUnit, Raised};
use crate::domain::govern::judge::CHECK_NAME;
use crate::domain::govern::owed::ActionCall;
use crate::domain::govern::owed::escalate::handle;
use crate::domain::govern::seen::event::{ActorKind, Event};
use crate::domain::govern::seen::{CheckSeen, PullState, Seen};
use crate::domain::govern::settle::Work;
use crate::domain::govern::state::changes::Tell;
use crate::domain::govern::state::repo::Landing;
use crate::domain::govern::views::brief::brief_of;
use crate::domain::ids::{CommitSha, PrNumber};
use crate::domain::unit::{Alarm, Broken, Unit};

/// How many units of a base branch are told within an hour that it fails since they landed.
const TOLD_AN_HOUR: usize = 3;
/// How many paths of a unit are kept with its landing.
const PATHS: usize = 32;
/// How many alarms a unit keeps.
const ALARMS: usize = 20;
/// How many acquittals a branch keeps.
const ACQUITTED: usize = 50;

impl Work<'_> {
    /// A governed branch has a new head.
    pub(in crate::domain::govern) fn watch_push(
        &mut self,
        branch: &str,
        before: Option<&CommitSha>,
        after: &CommitSha,
    ) {
        if self.state.governs(branch) != Some(true) {
            return;
        }
        let now = self.now;
        if self.state.trunks.entry(branch.to_owned()).or_default().pushed(before, after, now) {
            self.changes.trunks.insert(branch.to_owned());
        }
        self.take_early(branch, after);
        self.watch_all(branch);
    }

    /// A unit landed on its base.
    pub(in crate::domain::govern) fn watch_landing(&mut self, number: PrNumber, landing: &Landing) {
        let (branch, commit) = (landing.base.clone(), landing.commit.as_ref());
        let Some(unit) = self.state.unit(number).filter(|_| self.state.governs(&branch) == Some(true)) else { return };
        let landed = LandedUnit {
            number,
            at: landing.at,
            paths: unit.footprint.files.iter().map(|file| file.path.clone()).take(PATHS).collect(),
            lines: unit.size.additions + unit.size.deletions,
            untested_with: untested_with(unit),
            reverts: unit.reverts.is_some(),
        };
        let now = self.now;
        self.state.trunks.entry(branch.clone()).or_default().landed(landed, commit, landing.queued, now);
        self.changes.trunks.insert(branch.clone());
        if let Some(commit) = commit {
            self.take_early(&branch, commit);
        }
        self.watch_all(&branch);
    }

    /// A result came in; whether its commit is the head, or was, of a base branch.
    pub(in crate::domain::govern) fn watch_check(&mut self, check: &CheckSeen) -> bool {
        let mut known = false;
        let branches: Vec<String> = self.state.trunks.keys().cloned().collect();
        for branch in branches {
            let taken = self.state.trunks.get_mut(&branch).and_then(|trunk| trunk.tested(check));
            known |= taken.is_some();
            if taken == Some(true) {
                self.changes.trunks.insert(branch.clone());
                if check.state != Seen::Pending {
                    self.watch_result(&branch, &check.name, check.app);
                }
            }
        }
        known
    }

    /// Results that came before their commit was known to be one of the branch.
    fn take_early(&mut self, branch: &str, sha: &CommitSha) {
        let Some(early) = self.state.early.get(sha).cloned() else { return };
        let Some(trunk) = self.state.trunks.get_mut(branch) else { return };
        for check in &early.checks {
            trunk.tested(check);
        }
        self.changes.trunks.insert(branch.to_owned());
    }

    fn watch_all(&mut self, branch: &str) {
        let Some(trunk) = self.state.trunks.get(branch) else { return };
        let red =
            trunk.commits.iter().flat_map(|commit| &commit.results).filter(|tested| tested.state == Seen::Failing);
        let mut checks: Vec<(String, Option<u64>)> = red.map(|tested| (tested.name.clone(), tested.app)).collect();
        checks.sort();
        checks.dedup();
        for (name, app) in checks {
            self.watch_result(branch, &name, app);
        }
    }

    /// Whoever is the likeliest cause of a failure is told; whoever was told before and is not any more, as well.
    fn watch_result(&mut self, branch: &str, name: &str, app: Option<u64>) {
        let now = self.now;
        let here = self.state.id();
        if name == CHECK_NAME && app == Some(self.context.app.app_id) {
            return;
        }
        let Some(trunk) = self.state.trunks.get_mut(branch) else { return };
        let failure = trunk.failure(name, app);
        let guilty = failure.as_ref().and_then(|failure| {
            let acquitted =
                |unit: PrNumber| trunk.acquitted.iter().any(|(check, other)| check == name && *other == unit);
            failure.suspects.iter().find(|suspect| suspect.revertible && !acquitted(suspect.number)).cloned()
        });
        let raised = trunk.raised.iter().position(|raised| raised.check == name && raised.app == app);
        let before = raised.map(|at| trunk.raised[at].unit);
        if before == guilty.as_ref().map(|suspect| suspect.number) {
            return;
        }
        let tell = |event| Tell { repo: here, event };
        if let Some(at) = raised {
            let over = trunk.raised.remove(at);
            self.changes.tell.push(tell(Event::AllClear { number: over.unit, check: name.to_owned(), app }));
            self.changes.trunks.insert(branch.to_owned());
        }
        let Some((failure, suspect)) = failure.zip(guilty) else { return };
        trunk.told.retain(|at| now.duration_since(*at) < SignedDuration::from_hours(1));
        if trunk.told.len() >= TOLD_AN_HOUR {
            return;
        }
        trunk.told.push(now);
        trunk.raised.push(Raised { check: name.to_owned(), app, unit: suspect.number });
        let others = failure.suspects.iter().map(|other| other.number).filter(|other| *other != suspect.number);
        let what = Broken::Base {
            check: name.to_owned(),
            app,
            red: failure.red.clone(),
            green: failure.green.clone(),
            why: suspect.why,
            others: others.take(20).collect(),
        };
        self.changes.trunks.insert(branch.to_owned());
        self.changes.tell.push(tell(Event::Alarm { number: suspect.number, what }));
    }

    /// Something is wrong with a unit that landed: it is told once, by a comment that names its owner.
    pub(in crate::domain::govern) fn take_alarm(&mut self, number: PrNumber, what: &Broken) {
        let now = self.now;
        let Some(unit) = self.state.units.get_mut(&number).filter(|unit| unit.state == PullState::Merged) else {
            return;
        };
        let alarms = &mut unit.aftermath.alarms;
        if unit.aftermath.rolled_back.is_some()
            || alarms.iter().any(|alarm| alarm.over.is_none() && alarm.what == *what)
        {
            return;
        }
        // A test that comes and goes on one commit is told of once.
        let told = alarms.iter().any(|alarm| alarm.what.is_same_place(what));
        alarms.push(Alarm { what: what.clone(), at: now, over: None });
        let surplus = alarms.len().saturating_sub(ALARMS);
        alarms.drain(..surplus);
        self.speak_of(number);
        self.record(number, "flyball", "alarm", json!({ "what": what }));
        self.touch(number);
        if !told {
            self.tell_owner(number, what);
        }
    }

    fn tell_owner(&mut self, number: PrNumber, what: &Broken) {
        let now = self.now;
        let Some(unit) = self.state.unit(number) else { return };
        let author = unit.author.as_ref().filter(|author| author.kind == ActorKind::Human);
        let confirmer = unit.confirms().last().map(|decision| &decision.actor);
        let Some(owner) = author.or(confirmer).and_then(|owner| handle(&owner.login)) else { return };
        let brief = brief_of(self.state, self.context, unit, now);
        let key = match what {
            Broken::Base { check, red, .. } => format!("alarm:{}:{check}", red.twelve()),
            Broken::Content { commit } => format!("alarm:{}", commit.twelve()),
        };
        let help = brief.next_move.as_ref().map_or("", |step| step.what.as_str());
        let body = self.context.words.mention(&[owner], &brief, help, now, &key);
        let call = ActionCall::Reply { number, body };
        self.act(
            number,
            format!("3:{key}"),
            call,
            "something is wrong since it landed".to_owned(),
            "flyball".to_owned(),
        );
    }

    /// A failure is over, or has another cause.
    pub(in crate::domain::govern) fn take_all_clear(&mut self, number: PrNumber, name: &str, source: Option<u64>) {
        let now = self.now;
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let means = |alarm: &&mut Alarm| {
            alarm.over.is_none()
                && matches!(&alarm.what, Broken::Base { check, app, .. } if check == name && *app == source)
        };
        let mut over = false;
        for alarm in unit.aftermath.alarms.iter_mut().filter(means) {
            alarm.over = Some(now);
            over = true;
        }
        if over {
            self.record(number, "flyball", "alarm_over", json!({ "check": name }));
            self.touch(number);
        }
    }

    /// Somebody says that a unit is not the cause of what fails since it landed: the next suspect is told.
    pub(in crate::domain::govern) fn acquit(&mut self, number: PrNumber) {
        let now = self.now;
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let branch = unit.base.branch.clone();
        let mut checks = Vec::new();
        for alarm in unit.aftermath.alarms.iter_mut().filter(|alarm| alarm.over.is_none()) {
            alarm.over = Some(now);
            if let Broken::Base { check, app, .. } = &alarm.what {
                checks.push((check.clone(), *app));
            }
        }
        self.touch(number);
        for (check, app) in checks {
            if let Some(trunk) = self.state.trunks.get_mut(&branch) {
                trunk.acquitted.push((check.clone(), number));
                let surplus = trunk.acquitted.len().saturating_sub(ACQUITTED);
                trunk.acquitted.drain(..surplus);
                self.changes.trunks.insert(branch.clone());
            }
            self.watch_result(&branch, &check, app);
        }
    }
}

/// Related units that landed after this one was tested.
fn untested_with(unit: &Unit) -> Vec<PrNumber> {
    let passing =
        unit.evidence.iter().filter(|evidence| evidence.state == Seen::Passing && evidence.name != CHECK_NAME);
    let oldest = passing.filter_map(|evidence| evidence.based_at.or(evidence.at)).min();
    let later = unit.landed_beside.iter().filter(|(_, at)| oldest.is_none_or(|tested| tested < *at));
    later.map(|(number, _)| *number).collect()
}
