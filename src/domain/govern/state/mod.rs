//! Everything known about one repository: its record, its open units, its check surfaces. A value; the runtime caches it.

pub(super) mod changes;
pub(super) mod depends;
mod fields;
mod memo;
pub(super) mod relations;
pub(super) mod repo;
mod ripple;

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;

use super::aftermath::Trunk;
use super::observe::survey::Survey;
use super::owed::OwedKey;
use super::seen::event::{Delivered, Event, RepoSeen};
use super::standard::{InForce, PolicyKept};
use crate::domain::ids::{CommitSha, InstallationId, PrNumber, RepoId, Timestamp};
use crate::domain::policy::lessons::Firings;
use crate::domain::policy::record::Records;
use crate::domain::unit::{CheckSurface, Phase, Unit};
use changes::Changes;
use relations::Relations;
use repo::{Early, Repo};
use ripple::Aspect;

/// Everything known about one repository.
#[derive(Debug, Clone)]
pub struct State {
    pub(super) repo: Repo,
    pub(super) units: BTreeMap<PrNumber, Unit>,
    pub(super) checks: BTreeMap<CommitSha, CheckSurface>,
    pub(super) early: BTreeMap<CommitSha, Early>,
    pub(super) policy_kept: Option<PolicyKept>,
    /// Derived from the policy that is kept; never stored.
    pub(super) in_force: InForce,
    /// The policies of protected base branches other than the default branch, and what is in force of them.
    pub(super) own_policies: BTreeMap<String, (PolicyKept, InForce)>,
    /// The newest commits of each base branch.
    pub(super) trunks: BTreeMap<String, Trunk>,
    /// Derived from the units' footprints; never stored.
    pub(super) relations: Relations,
    /// What others last saw of each open unit; never stored.
    aspects: BTreeMap<PrNumber, Aspect>,
    /// The time of the last judgment; never stored.
    pub(super) judged_at: Option<Timestamp>,
}

/// How long checks of an unknown commit are kept.
const EARLY_DAYS: i64 = 7;

impl State {
    /// A repository that was never seen before.
    #[must_use]
    pub fn new(repo: &RepoSeen, installation: Option<InstallationId>) -> Self {
        let repo = Repo {
            id: repo.id,
            full_name: repo.full_name.clone(),
            default_branch: repo.default_branch.clone(),
            private: repo.private.unwrap_or(true),
            installation,
            gone: false,
            rules: BTreeMap::new(),
            attributes: None,
            asked: BTreeMap::new(),
            refusals: Vec::new(),
            firings: Firings::default(),
            records: Records::default(),
            landed_under: BTreeMap::new(),
            suggested: BTreeSet::new(),
            landings: Vec::new(),
            ended: BTreeMap::new(),
            deciders: BTreeMap::new(),
            elsewhere: BTreeMap::new(),
            groups: BTreeMap::new(),
            unheard: BTreeMap::new(),
            survey: Survey::default(),
        };
        Self::of(repo)
    }

    /// A repository of which nothing but its record is known.
    fn of(repo: Repo) -> Self {
        Self {
            repo,
            units: BTreeMap::new(),
            checks: BTreeMap::new(),
            early: BTreeMap::new(),
            trunks: BTreeMap::new(),
            policy_kept: None,
            in_force: InForce::default(),
            own_policies: BTreeMap::new(),
            relations: Relations::default(),
            aspects: BTreeMap::new(),
            judged_at: None,
        }
    }

    /// The repository's id.
    #[must_use]
    pub fn id(&self) -> RepoId {
        self.repo.id
    }

    /// The repository's record.
    #[must_use]
    pub fn repo(&self) -> &Repo {
        &self.repo
    }

    /// `owner/name` now.
    #[must_use]
    pub fn full_name(&self) -> &str {
        &self.repo.full_name
    }

    /// The installation whose token answers for it.
    #[must_use]
    pub fn installation(&self) -> Option<InstallationId> {
        self.repo.installation
    }

    /// Its live units, by number.
    pub fn units(&self) -> impl Iterator<Item = &Unit> {
        self.units.values()
    }

    /// One live unit.
    #[must_use]
    pub fn unit(&self, number: PrNumber) -> Option<&Unit> {
        self.units.get(&number)
    }

    pub(super) fn judged_at(&self) -> Option<Timestamp> {
        self.judged_at
    }

    /// Open units with this head.
    pub fn units_at<'a>(&'a self, sha: &'a CommitSha) -> impl Iterator<Item = &'a Unit> {
        let here = self.relations.at_sha(sha).filter_map(|number| self.unit(number));
        here.filter(move |unit| unit.is_open() && unit.head.sha == *sha)
    }

    /// The unit that must be brought back from the closed space before this can be judged, if it is there.
    #[must_use]
    pub fn wants(&self, delivered: &Delivered) -> Option<PrNumber> {
        subject(&delivered.event).filter(|number| !self.units.contains_key(number))
    }

    /// What is owed and was in flight when the process ended: its outcome is unknown.
    #[must_use]
    pub fn in_flight(&self) -> Vec<OwedKey> {
        let checks = self.checks.values().filter(|check| check.flight.as_ref().is_some_and(|flight| !flight.unknown));
        let mut keys: Vec<OwedKey> = checks.map(|check| OwedKey::Check { sha: check.sha.clone() }).collect();
        for unit in self.units.values() {
            if unit.comment.flight.as_ref().is_some_and(|flight| !flight.unknown) {
                keys.push(OwedKey::Comment { number: unit.number });
            }
            let flying = unit.ledger.iter().filter(|(_, entry)| entry.phase == Phase::InFlight);
            keys.extend(flying.map(|(id, _)| OwedKey::Action { number: unit.number, id: id.clone() }));
        }
        keys
    }

    /// Whether a base branch is governed: it is the default branch, or protected. `None` while that is not known.
    #[must_use]
    pub fn governs(&self, branch: &str) -> Option<bool> {
        if self.repo.default_branch.as_deref() == Some(branch) {
            return Some(true);
        }
        let read = self.repo.rules.get(branch)?;
        if read.rules.protected { Some(true) } else { read.rules.unread.is_none().then_some(false) }
    }

    /// Forgets early checks that nobody came for.
    pub(super) fn forget_early(&mut self, now: Timestamp, changes: &mut Changes) {
        let gone: BTreeSet<CommitSha> = self
            .early
            .iter()
            .filter(|(_, early)| early.since.checked_add((EARLY_DAYS * 24).hours()).is_ok_and(|until| until <= now))
            .map(|(sha, _)| sha.clone())
            .collect();
        for sha in gone {
            self.early.remove(&sha);
            changes.early.insert(sha);
        }
    }
}

/// The pull request that an event is about by its number.
pub(super) fn subject(event: &Event) -> Option<PrNumber> {
    match event {
        Event::Pull { pull, .. } => Some(pull.number),
        Event::Comment(comment) => Some(comment.number),
        Event::Page(said) => Some(said.number),
        Event::Review { number, .. }
        | Event::Look { number }
        | Event::Awaited { number, .. }
        | Event::Alarm { number, .. }
        | Event::AllClear { number, .. }
        | Event::Reverting { number, .. } => Some(*number),
        Event::Timer { number } => *number,
        Event::Answered { key: OwedKey::Comment { number } | OwedKey::Action { number, .. }, .. } => Some(*number),
        Event::Answered { key: OwedKey::Check { .. }, .. }
        | Event::Check(_)
        | Event::Rerequested { .. }
        | Event::Button { .. }
        | Event::Push { .. }
        | Event::MergeGroup { .. }
        | Event::Installed
        | Event::Permitted
        | Event::Removed
        | Event::RepositoryChanged
        | Event::Reconcile => None,
    }
}
