//! Everything known about one repository: its record, its open units, its check surfaces. A value; the runtime caches it.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use jiff::ToSpan;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::aftermath::Trunk;
use super::changes::{Changes, FieldWrite, Space};
use super::event::{Delivered, Event, RepoSeen};
use super::facts::Elsewhere;
use super::owed::OwedKey;
use super::protection::BaseRules;
use super::queue::Group;
use super::relations::Relations;
use super::ripple::Aspect;
use super::seen::CheckSeen;
use super::standard::{InForce, PolicyKept};
use super::survey::Survey;
use crate::domain::ids::{CommitSha, InstallationId, PrNumber, RepoId, Timestamp};
use crate::domain::policy::facts::AuthorKind;
use crate::domain::policy::lessons::{Firings, Refusal};
use crate::domain::policy::record::Records;
use crate::domain::unit::{CheckSurface, Edits, Phase, Unit};

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
    pub(super) aspects: BTreeMap<PrNumber, Aspect>,
    /// The time of the last judgment; never stored.
    pub(super) judged_at: Option<Timestamp>,
}

/// The repository's own record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Repo {
    /// Its id.
    pub id: RepoId,
    /// `owner/name` now.
    pub full_name: String,
    /// Its default branch, once known.
    pub default_branch: Option<String>,
    /// Whether it is private.
    pub private: bool,
    /// The installation whose token answers for it.
    pub installation: Option<InstallationId>,
    /// The App was removed or suspended here: nothing is done.
    #[serde(default)]
    pub gone: bool,
    /// What protects each base branch, as last read.
    #[serde(default)]
    pub rules: BTreeMap<String, RulesRead>,
    /// What `.gitattributes` says, as last read; none: it must be read.
    #[serde(default)]
    pub attributes: Option<AttributesRead>,
    /// Who asked for the pull requests that we opened: they count as their authors.
    #[serde(default)]
    pub asked: BTreeMap<PrNumber, String>,
    /// Refusals, oldest first: a reason that comes back is offered as a lesson.
    #[serde(default)]
    pub refusals: Vec<Refusal>,
    /// On which units each lesson fired.
    #[serde(default)]
    pub firings: Firings,
    /// How units ended, by rule and kind of author.
    #[serde(default)]
    pub records: Records,
    /// Under which rules, and by which kind of author, units landed lately.
    #[serde(default)]
    pub landed_under: BTreeMap<PrNumber, (Vec<String>, AuthorKind)>,
    /// The rules that were suggested from records, each once.
    #[serde(default)]
    pub suggested: BTreeSet<String>,
    /// What landed lately, oldest first.
    #[serde(default)]
    pub landings: Vec<Landing>,
    /// How units ended that are no longer live, for dependencies: true is landed. The newest 2,000.
    #[serde(default)]
    pub ended: BTreeMap<PrNumber, bool>,
    /// Who decided here before, by login, with the time: whom to ask for a review.
    #[serde(default)]
    pub deciders: BTreeMap<String, Timestamp>,
    /// Pull requests of other repositories on which units here depend, as last read, by `owner/repo#n` in lower case.
    #[serde(default)]
    pub elsewhere: BTreeMap<String, ElsewhereRead>,
    /// Merge groups that wait for an answer.
    #[serde(default)]
    pub groups: BTreeMap<CommitSha, Group>,
    /// How far it is surveyed as a whole.
    #[serde(default)]
    pub survey: Survey,
}

/// Protection as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesRead {
    /// What it says.
    pub rules: BaseRules,
    /// When.
    pub at: Timestamp,
}

/// `.gitattributes` as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributesRead {
    /// Its text, at most 64 KiB of it; empty where there is none.
    pub text: String,
    /// How long it is believed.
    pub until: Timestamp,
}

/// A pull request of another repository, as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElsewhereRead {
    /// What was seen.
    pub seen: Elsewhere,
    /// When.
    pub at: Timestamp,
}

/// Something that landed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Landing {
    /// The unit.
    pub number: PrNumber,
    /// The base branch.
    pub base: String,
    /// When.
    pub at: Timestamp,
    /// The commit it landed as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<CommitSha>,
    /// The head that landed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<CommitSha>,
    /// The digest of what it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// The digests of the lines it was to add and remove, where its files were read at the head that landed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edits: Option<Edits>,
    /// Whether what landed are these lines; absent while it was not compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<Compared>,
    /// Whether GitHub's merge queue landed it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub queued: bool,
    /// The digest of its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// What landed, held against what was proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compared {
    /// The same lines, or some of them.
    Same,
    /// Other lines.
    Otherwise,
    /// It could not be read.
    Unread,
}

/// Checks of a commit that no unit has yet: CI is often faster than the pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Early {
    /// When the first came.
    pub since: Timestamp,
    /// The checks.
    pub checks: Vec<CheckSeen>,
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
            survey: Survey::default(),
        };
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

    /// Reads a repository back from the fields of its live space; `None` where it was never written.
    ///
    /// # Errors
    /// The name of the first field that this build cannot read, and why.
    pub fn restore(fields: &[(String, Bytes)]) -> Result<Option<Self>, (String, serde_json::Error)> {
        let Some((_, record)) = fields.iter().find(|(field, _)| field == "repo") else { return Ok(None) };
        let repo: Repo = read("repo", record)?;
        let mut state = Self {
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
        };
        for (field, value) in fields {
            match field.split_once(':') {
                _ if field == "policy" => {
                    state.policy_kept = Some(read(field, value)?);
                    state.in_force = InForce::of(state.policy_kept.as_ref());
                }
                Some(("p", base)) => {
                    let kept: PolicyKept = read(field, value)?;
                    let in_force = InForce::of(Some(&kept));
                    state.own_policies.insert(base.to_owned(), (kept, in_force));
                }
                Some(("t", base)) => drop(state.trunks.insert(base.to_owned(), read(field, value)?)),
                Some(("u", _)) => {
                    let unit: Unit = read(field, value)?;
                    state.units.insert(unit.number, unit);
                }
                Some(("c", _)) => {
                    let check: CheckSurface = read(field, value)?;
                    state.checks.insert(check.sha.clone(), check);
                }
                Some(("e", sha)) => {
                    if let Ok(sha) = sha.parse() {
                        state.early.insert(sha, read(field, value)?);
                    }
                }
                Some(_) | None => {}
            }
        }
        state.relations.lay_out(state.in_force.layout());
        if let Some(read) = &state.repo.attributes {
            state.relations.mark_generated(&read.text);
        }
        for unit in state.units.values().filter(|unit| unit.is_open()) {
            state.relations.put(unit);
        }
        state.relations.take_disturbed();
        Ok(Some(state))
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

    /// Takes a closed unit back among the live ones; bytes that this build cannot read are an error.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn bring_back(&mut self, number: PrNumber, bytes: &[u8]) -> Result<(), serde_json::Error> {
        let unit: Unit = serde_json::from_slice(bytes)?;
        self.units.insert(number, unit);
        Ok(())
    }

    /// The fields that these changes write. A closed unit to which nothing is owed any more moves to the closed space: call
    /// [`Self::retire`] then.
    #[must_use]
    pub fn writes(&self, changes: &Changes) -> Vec<FieldWrite> {
        let mut writes = Vec::new();
        let mut write = |space, field: String, value| writes.push(FieldWrite { space, field, value });
        if changes.repo {
            write(Space::Live, "repo".to_owned(), json(&self.repo));
        }
        if changes.policy {
            write(Space::Live, "policy".to_owned(), self.policy_kept.as_ref().and_then(json));
            for (base, (kept, _)) in &self.own_policies {
                write(Space::Live, format!("p:{base}"), json(kept));
            }
        }
        for base in &changes.trunks {
            write(Space::Live, format!("t:{base}"), self.trunks.get(base).and_then(json));
        }
        for number in &changes.units {
            let field = format!("u:{number}");
            match self.units.get(number) {
                Some(unit) if self.may_retire(unit) => {
                    write(Space::Closed, field.clone(), json(unit));
                    write(Space::Flow, field.clone(), json(&unit.course));
                    write(Space::Live, field, None);
                }
                unit => write(Space::Live, field, unit.and_then(json)),
            }
        }
        for sha in &changes.checks {
            write(Space::Live, format!("c:{sha}"), self.checks.get(sha).and_then(json));
        }
        for sha in &changes.early {
            write(Space::Live, format!("e:{sha}"), self.early.get(sha).and_then(json));
        }
        writes
    }

    /// Forgets closed units to which nothing is owed: they were written to the closed space.
    pub fn retire(&mut self, changes: &Changes) {
        for number in &changes.units {
            if self.units.get(number).is_some_and(|unit| self.may_retire(unit)) {
                self.units.remove(number);
            }
        }
    }

    /// Whether a unit is closed and owed nothing: what GitHub refused for good is not owed.
    pub(super) fn may_retire(&self, unit: &Unit) -> bool {
        let check = self.checks.get(&unit.head.sha).is_none_or(|check| !check.is_owed() || check.trouble.is_some());
        let comment = !unit.comment.is_owed() || unit.comment.trouble.is_some();
        !unit.is_open() && unit.ledger.is_empty() && comment && check
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

fn read<T: DeserializeOwned>(field: &str, value: &[u8]) -> Result<T, (String, serde_json::Error)> {
    serde_json::from_slice(value).map_err(|error| (field.to_owned(), error))
}

fn json<T: Serialize>(value: &T) -> Option<Vec<u8>> {
    Some(serde_json::to_vec(value).expect("state is plain data with string keys"))
}
