//! From a stored unit to the facts that a policy is evaluated on: the seam to [`crate::domain::govern`].

use std::collections::BTreeMap;

use super::agents::{CoAuthor, recognise};
use super::codeowners::CodeOwners;
use super::facts::{
    Change, ConfirmFact, EvidenceFact, Known, Opinion, PackageTouched, PersonFacts, RequiredName, ResultState,
    ReviewFact, TouchedFile, UnitFacts,
};
use super::file::Agents;
use crate::domain::govern::{ActorKind, BaseRules, CHECK_NAME, ReviewState, Seen};
use crate::domain::ids::{PrNumber, RepoId, Timestamp};
use crate::domain::integration::footprint::{Completeness, FileChange, Status};
use crate::domain::unit::{DecisionKind, Evidence, Unit};

/// What is known around a unit.
#[derive(Debug, Clone)]
pub struct Surroundings<'a> {
    /// The repository: a head from another one is a fork's.
    pub repo: RepoId,
    /// Our App's id: our own check is never evidence.
    pub app_id: u64,
    /// What protects the base; absent where it was not read.
    pub rules: Option<&'a BaseRules>,
    /// `CODEOWNERS` on the base, `None` where there is no such file.
    pub codeowners: Known<Option<&'a CodeOwners>>,
    /// Agents that the policy names.
    pub agents: &'a Agents,
    /// Co-author lines of the unit's commits.
    pub co_authors: &'a [CoAuthor],
    /// What was read of people, by login in lower case: it goes before what decisions keep.
    pub people: BTreeMap<String, PersonFacts>,
    /// The newest landing on the base, for evidence that must always be fresh.
    pub last_landing: Option<(PrNumber, Timestamp)>,
    /// The time of the judgment.
    pub now: Timestamp,
}

/// The facts of a unit.
#[must_use]
pub fn facts(unit: &Unit, around: &Surroundings<'_>) -> UnitFacts {
    let files = files(unit);
    let author = unit.author.as_ref().map_or_else(
        || recognise("ghost", 0, false, around.co_authors, around.agents),
        |author| recognise(&author.login, author.id.0, author.kind == ActorKind::Bot, around.co_authors, around.agents),
    );
    let owners = match (&around.codeowners, &files) {
        (Known::Known(None), _) => Known::Known(Vec::new()),
        (Known::Known(Some(owners)), Known::Known(files)) => Known::Known(owners.groups(files)),
        (Known::Unknown { unknown }, _) | (_, Known::Unknown { unknown }) => Known::unknown(unknown.clone()),
    };
    UnitFacts {
        number: unit.number.0,
        title: unit.title.clone(),
        base: unit.base.branch.clone(),
        draft: unit.draft,
        from_fork: unit.is_fork(around.repo),
        author,
        co_authors: around.co_authors.iter().filter_map(CoAuthor::login).collect(),
        labels: unit.labels.clone(),
        additions: unit.size.additions.into(),
        deletions: unit.size.deletions.into(),
        files,
        packages: packages(unit),
        protection: protection(around),
        evidence: Known::Known(unit.evidence.iter().map(|one| evidence(unit, one, around)).collect()),
        reviews: Known::Known(reviews(unit)),
        confirms: confirms(unit),
        people: people(unit, around),
        owners,
        now: Some(around.now),
    }
}

/// Why the footprint does not speak of this head, if it does not.
fn unread(unit: &Unit) -> Option<String> {
    match &unit.footprint.state {
        Completeness::Unknown { because } => Some(because.clone()),
        Completeness::Known if unit.footprint_of.as_ref() != Some(&unit.head.sha) => {
            Some("its files were not read for this head yet".to_owned())
        }
        Completeness::Known => None,
    }
}

fn files(unit: &Unit) -> Known<Vec<TouchedFile>> {
    match unread(unit) {
        Some(because) => Known::unknown(because),
        None => Known::Known(unit.footprint.files.iter().map(touched).collect()),
    }
}

fn touched(file: &FileChange) -> TouchedFile {
    let change = match file.status {
        Status::Added | Status::Copied => Change::Added,
        Status::Removed => Change::Deleted,
        Status::Modified | Status::ModeChanged => Change::Modified,
        Status::Renamed => Change::Renamed,
    };
    // A copy leaves its source untouched.
    let was = file.previous.clone().filter(|_| file.status == Status::Renamed);
    TouchedFile::Full { path: file.path.clone(), was, change }
}

fn packages(unit: &Unit) -> Known<Vec<PackageTouched>> {
    if let Some(because) = unread(unit) {
        return Known::unknown(because);
    }
    if let Some(because) = unit.footprint.files.iter().find_map(|file| file.packages_unknown.as_ref()) {
        return Known::unknown(because.clone());
    }
    let moved = unit.footprint.files.iter().flat_map(|file| &file.packages);
    let package = |one: &crate::domain::integration::footprint::PackageChange| PackageTouched {
        name: one.name.clone(),
        ecosystem: format!("{:?}", one.ecosystem).to_lowercase(),
        old: one.old.clone(),
        new: one.new.clone(),
    };
    Known::Known(moved.map(package).collect())
}

fn protection(around: &Surroundings<'_>) -> Known<Vec<RequiredName>> {
    let Some(rules) = around.rules else { return Known::unknown("what protects the base was not read yet") };
    if let Some(unread) = &rules.unread {
        return Known::unknown(unread.clone());
    }
    let ours = |app: Option<u64>| app.is_none_or(|app| app == around.app_id);
    let required = rules.required.iter().filter(|check| check.context != CHECK_NAME || !ours(check.app));
    Known::Known(required.map(|check| RequiredName::Full { name: check.context.clone(), app: check.app }).collect())
}

fn evidence(unit: &Unit, one: &Evidence, around: &Surroundings<'_>) -> EvidenceFact {
    let since = |at: &Timestamp| one.based_at.is_some_and(|based_at| *at > based_at);
    let related = unit.landed_beside.iter().rev().find(|(_, at)| since(at)).map(|(number, _)| format!("#{number}"));
    let landed = around.last_landing.filter(|(_, at)| since(at)).map(|(number, _)| format!("#{number}"));
    let state = match one.state {
        Seen::Passing => ResultState::Passing,
        Seen::Pending => ResultState::Pending,
        Seen::Failing => ResultState::Failing,
    };
    EvidenceFact { name: one.name.clone(), app: one.app, state, related_landed: related, landed }
}

/// The newest review of each person that says something (FACTS P12).
fn reviews(unit: &Unit) -> Vec<ReviewFact> {
    let mut newest: BTreeMap<(u64, String), ReviewFact> = BTreeMap::new();
    for review in &unit.reviews {
        let state = match review.state {
            ReviewState::Approved => Opinion::Approved,
            ReviewState::ChangesRequested => Opinion::ChangesRequested,
            ReviewState::Dismissed => Opinion::Dismissed,
            ReviewState::Commented => continue,
        };
        let outdated = review.commit.as_ref() != Some(&unit.head.sha);
        let login = if review.author.id.0 == 0 { review.author.login.to_ascii_lowercase() } else { String::new() };
        newest.insert((review.author.id.0, login), ReviewFact { by: review.author.login.clone(), state, outdated });
    }
    newest.into_values().collect()
}

fn confirms(unit: &Unit) -> Vec<ConfirmFact> {
    let confirm = |decision: &crate::domain::unit::Decision| ConfirmFact::Full {
        by: decision.actor.login.clone(),
        review: decision.kind == DecisionKind::Approve,
    };
    unit.confirms().map(confirm).collect()
}

fn people(unit: &Unit, around: &Surroundings<'_>) -> BTreeMap<String, PersonFacts> {
    let mut people = BTreeMap::new();
    for decision in &unit.decisions {
        let person = PersonFacts {
            id: decision.actor.id.0,
            bot: decision.actor.kind == ActorKind::Bot,
            right: Some(Known::Known(decision.right)),
            ..PersonFacts::default()
        };
        people.insert(decision.actor.login.to_ascii_lowercase(), person);
    }
    for review in &unit.reviews {
        let person: &mut PersonFacts = people.entry(review.author.login.to_ascii_lowercase()).or_default();
        person.id = review.author.id.0;
        person.bot |= review.author.kind == ActorKind::Bot;
    }
    for (login, read) in &around.people {
        let person = people.entry(login.clone()).or_default();
        person.right = read.right.clone().or_else(|| person.right.take());
        person.teams.extend(read.teams.clone());
        person.id = if read.id == 0 { person.id } else { read.id };
        person.bot |= read.bot;
    }
    people
}
