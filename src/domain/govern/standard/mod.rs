//! The standard of a repository: its policy file as read from the default branch, put in force, and asked about units.

pub(super) mod learning;
pub(super) mod propose;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::context::Context;
use super::owed::queue::is_queue_guarded;
use super::seen::facts::{Fact, Facts, Need, PolicySeen};
use super::seen::protection::BaseRules;
use super::settle::Work;
use super::state::State;
use crate::domain::ids::{CommitSha, PrNumber, Timestamp};
use crate::domain::integration::layout::Layout;
use crate::domain::policy::agents::CoAuthor;
use crate::domain::policy::codeowners::CodeOwners;
use crate::domain::policy::facts::{ConfirmFact, Known, PersonFacts, UnitFacts};
use crate::domain::policy::file::{Glob, Who};
use crate::domain::policy::{self, Around, Evaluation, Level, Policy, PolicyNeed, Standard, Surroundings, load};
use crate::domain::unit::{Membership, Person, PolicyRead, Unit};

/// How long a policy that was read is believed before it is read again; a push that touches it has it read at once.
const POLICY_LASTS: SignedDuration = SignedDuration::from_hours(1);
/// How long a membership or a reviewer's right serves; at execution they are read anew.
const PERSON_LASTS: SignedDuration = SignedDuration::from_mins(10);
/// How many units are named that a changed policy would judge otherwise.
const CHANGES: usize = 30;

/// The policy of a repository as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyKept {
    /// When it was read last.
    pub at: Timestamp,
    /// What is in force: the last version that could be compiled.
    #[serde(default)]
    pub in_force: Option<PolicySeen>,
    /// What is wrong with the version on the branch, where it is not in force.
    #[serde(default)]
    pub broken: Option<String>,
}

/// The policy in force, compiled; derived from [`PolicyKept`] and never stored.
#[derive(Debug, Clone, Default)]
pub(super) struct InForce {
    pub(super) policy: Option<Policy>,
    pub(super) owners: Option<Arc<CodeOwners>>,
}

impl InForce {
    pub(super) fn of(kept: Option<&PolicyKept>) -> Self {
        let Some(seen) = kept.and_then(|kept| kept.in_force.as_ref()) else { return Self::default() };
        let owners = seen.owners.as_ref().and_then(|(_, text)| CodeOwners::parse(text).ok()).map(Arc::new);
        let policy = compile(seen).ok().flatten().map(Policy::new);
        Self { policy, owners }
    }
}

impl InForce {
    /// Which paths the policy calls numbered, generated, or components that one unit at a time may change.
    pub(super) fn layout(&self) -> Layout {
        let Some(policy) = &self.policy else { return Layout::default() };
        let file = &policy.standard.file;
        let exclusive = file.components.iter().filter(|component| component.exclusive);
        let components = exclusive
            .map(|component| (component.name.as_str(), component.paths.0.iter().map(Glob::as_str).collect::<Vec<_>>()));
        let (sequences, generated) = (file.sequences.iter().map(Glob::as_str), file.generated.iter().map(Glob::as_str));
        // Every glob of a policy in force compiles.
        Layout::new(sequences, generated, components).unwrap_or_default()
    }
}

/// The compiled file, `None` where there is none; else what is wrong with it, with line and column.
fn compile(seen: &PolicySeen) -> Result<Option<Arc<Standard>>, String> {
    let Some((blob, text)) = &seen.file else { return Ok(None) };
    let around = Around {
        source: policy::PATH,
        blob: Some(blob),
        extended: seen.extended.as_ref().map(|(repository, text)| (repository.as_str(), text.as_str())),
        files: None,
    };
    let loaded = load(text, around);
    let errors = loaded.findings.iter().filter(|finding| finding.level == Level::Error);
    let told: Vec<String> = errors
        .take(3)
        .map(|finding| match finding.at {
            Some(at) => format!("line {}, column {}: {}", at.line, at.column, finding.message),
            None => finding.message.clone(),
        })
        .collect();
    if told.is_empty() { Ok(loaded.standard) } else { Err(told.join("; ")) }
}

impl State {
    /// The policy in force: the repository's own, or what holds without a file.
    #[must_use]
    pub fn policy<'a>(&'a self, context: &'a Context) -> &'a Policy {
        self.in_force.policy.as_ref().unwrap_or(&context.policy)
    }

    /// The policy that units on a base branch are judged by: the base's own where it is protected and has one, else the default branch's.
    #[must_use]
    pub fn policy_of<'a>(&'a self, context: &'a Context, base: &str) -> &'a Policy {
        let own = self.own_policies.get(base).filter(|_| self.may_have_own(base));
        own.and_then(|(_, in_force)| in_force.policy.as_ref()).unwrap_or_else(|| self.policy(context))
    }

    /// Every policy in force, the default branch's first.
    pub(super) fn policies<'a>(&'a self, context: &'a Context) -> impl Iterator<Item = &'a Policy> {
        let own = self.own_policies.values().filter_map(|(_, in_force)| in_force.policy.as_ref());
        std::iter::once(self.policy(context)).chain(own)
    }

    /// Whether a base branch counts with a policy file of its own: it is protected, and not the default branch.
    fn may_have_own(&self, base: &str) -> bool {
        self.repo.default_branch.as_deref().is_some_and(|default| default != base)
            && self.repo.rules.get(base).is_some_and(|read| read.rules.protected)
    }

    /// Whether it is known which policy units on a base branch are judged by.
    pub(super) fn knows_policy_of(&self, base: &str) -> bool {
        self.policy_kept.is_some() && (!self.may_have_own(base) || self.own_policies.contains_key(base))
    }

    /// Whether a base's own policy must be read before a unit on it is judged.
    pub(super) fn wants_policy_of(&self, base: &str, now: Timestamp) -> bool {
        let fresh = |(kept, _): &(PolicyKept, InForce)| now.duration_since(kept.at) < POLICY_LASTS;
        self.may_have_own(base) && !self.own_policies.get(base).is_some_and(fresh)
    }

    /// The policy as it is kept, if it was read.
    #[must_use]
    pub fn policy_kept(&self) -> Option<&PolicyKept> {
        self.policy_kept.as_ref()
    }

    /// Whether the policy must be read before a unit is judged.
    pub(super) fn wants_policy(&self, now: Timestamp) -> bool {
        self.policy_kept.as_ref().is_none_or(|kept| now.duration_since(kept.at) >= POLICY_LASTS)
    }

    /// What the policy says about a unit.
    #[must_use]
    pub fn evaluate(&self, unit: &Unit, context: &Context, now: Timestamp) -> Evaluation {
        self.policy_of(context, &unit.base.branch).evaluate(&self.facts_of(unit, context, now))
    }

    /// What the policy is asked about.
    #[must_use]
    pub fn facts_of(&self, unit: &Unit, context: &Context, now: Timestamp) -> UnitFacts {
        let policy = self.policy_of(context, &unit.base.branch);
        let empty = policy::file::Agents::default();
        let rules = self.repo.rules.get(&unit.base.branch).map(|read| BaseRules { unread: None, ..read.rules.clone() });
        // Whoever asked for a pull request that Flyball opened counts as its author.
        let asked = self
            .repo
            .asked
            .get(&unit.number)
            .map(|login| CoAuthor { name: login.clone(), email: format!("{login}@users.noreply.github.com") });
        let co_authors: Vec<CoAuthor> =
            unit.commits.co_authors.iter().cloned().chain(CoAuthor::of(&unit.body)).chain(asked).collect();
        let last = self.repo.landings.iter().rev().find(|landing| landing.base == unit.base.branch);
        let around = Surroundings {
            repo: self.id(),
            app_id: context.app.app_id,
            rules: rules.as_ref(),
            codeowners: Known::Known(self.owners_of(&unit.base.branch)),
            agents: policy.standard.file.agents.as_ref().unwrap_or(&empty),
            co_authors: &co_authors,
            people: unit.people.iter().map(|(login, person)| (login.clone(), person_facts(person))).collect(),
            last_landing: last.map(|landing| (landing.number, landing.at)),
            now,
        };
        let mut facts = policy::facts_of(unit, &around);
        if let (true, Known::Known(evidence)) = (is_queue_guarded(self, unit), &mut facts.evidence) {
            // GitHub's queue tests what would land: there, no landing makes a result too old.
            for one in evidence {
                (one.related_landed, one.landed) = (None, None);
            }
        }
        facts
    }

    fn owners_of(&self, base: &str) -> Option<&CodeOwners> {
        let own =
            self.own_policies.get(base).filter(|(_, in_force)| in_force.policy.is_some() && self.may_have_own(base));
        own.map_or(&self.in_force, |(_, in_force)| in_force).owners.as_deref()
    }

    /// The head at which the policy file must be looked at, for a unit that changes it.
    pub(super) fn policy_file_of(&self, unit: &Unit) -> Option<CommitSha> {
        let changes = unit.footprint.files.iter().any(|file| file.path == policy::PATH);
        let known = unit.policy_read.as_ref().is_some_and(|read| read.sha == unit.head.sha);
        (changes && !known).then(|| unit.head.sha.clone())
    }

    /// Whether the policy only observes a unit.
    #[must_use]
    pub fn observes(&self, unit: &Unit, context: &Context) -> bool {
        self.policy_of(context, &unit.base.branch).settings(&unit.base.branch).mode == policy::file::Mode::Observe
    }

    /// What must be read so that the policy can tell about a unit.
    pub(super) fn policy_needs(&self, unit: &Unit, context: &Context, now: Timestamp) -> BTreeSet<Need> {
        self.unread_of(unit, &self.evaluate(unit, context, now), now)
    }

    /// What must be read to tell what a word of somebody would count for on a unit: a confirm, or lifting what others set.
    pub(super) fn voice_needs(&self, unit: &Unit, login: &str, context: &Context, now: Timestamp) -> BTreeSet<Need> {
        let mut facts = self.facts_of(unit, context, now);
        facts.confirms.push(ConfirmFact::By(login.to_owned()));
        let mut needs = self.unread_of(unit, &self.policy_of(context, &unit.base.branch).evaluate(&facts), now);
        let teams = self.policy_of(context, &unit.base.branch).settings(&unit.base.branch).lift.clone().into_iter();
        needs.extend(teams.filter_map(|who| match who {
            Who::Team(team) => Some(Need::Member { team, login: login.to_owned() }),
            Who::Right(_) | Who::User(_) | Who::Codeowners => None,
        }));
        needs
    }

    /// The same for a unit that was evaluated.
    pub(super) fn unread_of(&self, unit: &Unit, evaluation: &Evaluation, now: Timestamp) -> BTreeSet<Need> {
        let known = |login: &str, team: Option<&str>| {
            let person = unit.people.get(&login.to_ascii_lowercase());
            person.is_some_and(|person| {
                let fresh = now.duration_since(person.at) < PERSON_LASTS;
                let told = team.map_or(person.right.is_some(), |team| person.teams.contains_key(team));
                fresh && (told || person.unread.is_some())
            })
        };
        let need = |need: &PolicyNeed| match need {
            PolicyNeed::Right { login } => (!known(login, None)).then(|| Need::Permission(login.clone())),
            PolicyNeed::Member { team, login } => {
                (!known(login, Some(team))).then(|| Need::Member { team: team.clone(), login: login.clone() })
            }
        };
        evaluation.needs.iter().filter_map(need).collect()
    }
}

/// Whom a need asks about: their right here, or whether they are in a team.
#[expect(clippy::wildcard_enum_match_arm, reason = "only these two ask about a person")]
fn about(need: &Need) -> Option<(&String, Option<&String>)> {
    match need {
        Need::Permission(login) => Some((login, None)),
        Need::Member { team, login } => Some((login, Some(team))),
        _ => None,
    }
}

fn person_facts(person: &Person) -> PersonFacts {
    let unread = || Known::unknown(person.unread.clone().unwrap_or_else(|| "it could not be read".to_owned()));
    let teams: BTreeMap<String, Known<bool>> =
        person.teams.iter().map(|(team, read)| (team.clone(), read.member.map_or_else(unread, Known::Known))).collect();
    PersonFacts { id: 0, bot: false, right: person.right.map(Known::Known), teams }
}

impl Work<'_> {
    /// Takes the policy in as it was read. One that cannot be compiled leaves the last valid one in force.
    pub(super) fn take_policy(&mut self, fact: &Fact) {
        let before = self.state.policy_kept.clone();
        let Some(kept) = kept(before.as_ref(), fact, self.now) else { return };
        let same =
            before.as_ref().is_some_and(|before| before.in_force == kept.in_force && before.broken == kept.broken);
        self.state.policy_kept = Some(kept);
        self.changes.policy = true;
        if same {
            return;
        }
        self.state.in_force = InForce::of(self.state.policy_kept.as_ref());
        self.state.relations.lay_out(self.state.in_force.layout());
        let open: Vec<PrNumber> = self.state.units().filter(|unit| unit.is_open()).map(|unit| unit.number).collect();
        for number in open {
            if before.is_some() {
                let name = self.state.policy(self.context).name();
                self.record(number, "flyball", "policy_changed", json!({ "policy": name }));
            }
            if let Some(unit) = self.state.units.get(&number) {
                self.state.relations.put(unit);
            }
            self.touch(number);
        }
    }

    /// Takes a base's own policy in, as [`Self::take_policy`] does that of the default branch.
    pub(super) fn take_own_policy(&mut self, base: &str, fact: &Fact) {
        let before = self.state.own_policies.get(base).map(|(kept, _)| kept.clone());
        let Some(kept) = kept(before.as_ref(), fact, self.now) else { return };
        let same = before.is_some_and(|before| before.in_force == kept.in_force && before.broken == kept.broken);
        let in_force = InForce::of(Some(&kept));
        self.state.own_policies.insert(base.to_owned(), (kept, in_force));
        self.changes.policy = true;
        if !same {
            self.touch_base(base);
        }
    }

    /// Takes rights and memberships in for the unit they were read for.
    pub(super) fn take_people(&mut self, number: PrNumber, facts: &Facts) {
        let now = self.now;
        let extended = self.state.policy_kept.as_ref().and_then(|kept| kept.in_force.as_ref());
        let extended = extended.and_then(|seen| seen.extended.clone());
        let Some(unit) = self.state.unit(number) else { return };
        if let Some(Fact::Text(text)) = facts.get(&Need::PolicyAt(unit.head.sha.clone())) {
            let read = self.read_policy_of(unit, text.as_deref(), extended.as_ref());
            if let Some(unit) = self.state.units.get_mut(&number) {
                unit.policy_read = Some(read);
            }
            self.changes.units.insert(number);
        }
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        for (need, fact) in facts.iter() {
            let Some((login, team)) = about(need) else { continue };
            let person = unit.people.entry(login.to_ascii_lowercase()).or_insert_with(|| Person::unknown(now));
            person.at = now;
            match (team, fact) {
                (None, Fact::Permission(permission)) => person.right = Some(permission.right),
                (Some(team), Fact::Member(member)) => {
                    person.teams.insert(team.clone(), Membership { at: now, member: Some(*member) });
                }
                (team, Fact::Unknown(unknown)) => {
                    person.unread = Some(unknown.because.clone());
                    if let Some(team) = team {
                        person.teams.insert(team.clone(), Membership { at: now, member: None });
                    }
                }
                _ => {}
            }
            self.changes.units.insert(number);
        }
    }

    /// Whether the policy that a head carries can come into force, and what it would ask of the other open units that today's does not.
    fn read_policy_of(&self, unit: &Unit, text: Option<&str>, extended: Option<&(String, String)>) -> PolicyRead {
        let sha = unit.head.sha.clone();
        let file = text.map(|text| (String::new(), text.to_owned()));
        let owners = self.state.policy_kept.as_ref().and_then(|kept| kept.in_force.as_ref()?.owners.clone());
        let new = match compile(&PolicySeen { file, extended: extended.cloned(), owners }) {
            Ok(standard) => standard.map_or_else(|| self.context.policy.clone(), Policy::new),
            Err(fault) => return PolicyRead { sha, fault: Some(fault), changes: Vec::new() },
        };
        // A base's own file is about that base; the default branch's about every other.
        let base = |other: &Unit| {
            let own = self.state.may_have_own(&unit.base.branch).then_some(unit.base.branch.as_str());
            own.is_none_or(|own| own == other.base.branch)
        };
        let others = self.state.units().filter(|other| other.is_open() && !other.draft && other.number != unit.number);
        let others = others.filter(|other| base(other));
        let change = |other: &Unit| {
            let facts = self.state.facts_of(other, self.context, self.now);
            let (now, then) =
                (self.state.policy_of(self.context, &unit.base.branch).evaluate(&facts), new.evaluate(&facts));
            difference(&now, &then).map(|what| format!("#{}: {what}", other.number))
        };
        PolicyRead { sha, fault: None, changes: others.filter_map(change).take(CHANGES).collect() }
    }
}

/// What is kept of a policy that was read; none where it never could be. What cannot be compiled leaves in force what was.
fn kept(before: Option<&PolicyKept>, fact: &Fact, now: Timestamp) -> Option<PolicyKept> {
    let Fact::Policy(seen) = fact else { return before.map(|before| PolicyKept { at: now, ..before.clone() }) };
    Some(match compile(seen) {
        Ok(_) => PolicyKept { at: now, in_force: Some(seen.as_ref().clone()), broken: None },
        Err(wrong) => {
            PolicyKept { at: now, in_force: before.and_then(|before| before.in_force.clone()), broken: Some(wrong) }
        }
    })
}

/// What another policy asks of a unit, told by what it adds and what it drops; nothing where it asks the same.
fn difference(now: &Evaluation, then: &Evaluation) -> Option<String> {
    let asked = |one: &Evaluation| one.requirements.iter().map(|outcome| outcome.what.clone()).collect::<BTreeSet<_>>();
    let (before, after) = (asked(now), asked(then));
    let list = |names: Vec<&String>| names.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let (added, dropped) = (list(after.difference(&before).collect()), list(before.difference(&after).collect()));
    match (added.is_empty(), dropped.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("would also need: {added}")),
        (true, false) => Some(format!("would no longer need: {dropped}")),
        (false, false) => Some(format!("would need: {added}; no longer: {dropped}")),
    }
}
