//! Who may decide, and whether those who did are enough: pure functions of a requirement and facts about people.

use std::collections::BTreeSet;

use super::codeowners::{Owner, OwnerGroup};
use super::facts::{Known, UnitFacts};
use super::file::{Who, right_word};
use super::outcome::{ConfirmRequirement, PolicyNeed, Verdict};
use crate::domain::govern::Right;

/// Looks people up, and remembers what was not known of them.
pub(super) struct People<'a> {
    pub(super) facts: &'a UnitFacts,
    pub(super) needs: BTreeSet<PolicyNeed>,
}

/// Whether a confirm of somebody would count, and if not, why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct May {
    /// Met: it counts.
    pub verdict: Verdict,
    /// Why not, or what is not known; empty where it counts.
    pub why: String,
}

/// Whether a confirm by this person would count for a requirement.
///
/// With `codeowners` an owner of any touched path may: whether every owned path is covered is for the requirement as a whole to say.
#[must_use]
pub fn may_confirm(requirement: &ConfirmRequirement, login: &str, review: bool, facts: &UnitFacts) -> May {
    let mut people = People { facts, needs: BTreeSet::new() };
    people.may(requirement, login, review)
}

impl<'a> People<'a> {
    pub(super) fn new(facts: &'a UnitFacts) -> Self {
        Self { facts, needs: BTreeSet::new() }
    }

    /// Whether somebody has at least a right.
    pub(super) fn has_right(&mut self, login: &str, least: Right) -> Verdict {
        match self.facts.person(login).and_then(|person| person.right.as_ref()) {
            Some(Known::Known(right)) => Verdict::of(*right >= least),
            Some(Known::Unknown { .. }) => Verdict::Unknown,
            None => {
                self.needs.insert(PolicyNeed::Right { login: login.to_owned() });
                Verdict::Unknown
            }
        }
    }

    fn is_member(&mut self, login: &str, team: &str) -> Verdict {
        match self.facts.person(login).and_then(|person| person.teams.get(team)) {
            Some(Known::Known(member)) => Verdict::of(*member),
            Some(Known::Unknown { .. }) => Verdict::Unknown,
            None => {
                self.needs.insert(PolicyNeed::Member { team: team.to_owned(), login: login.to_owned() });
                Verdict::Unknown
            }
        }
    }

    /// Whether somebody owns the paths of a group: one of its owners, with write access, as GitHub wants it.
    pub(super) fn owns(&mut self, login: &str, group: &OwnerGroup) -> Verdict {
        let mut owner = Verdict::Unmet;
        for one in &group.owners {
            let this = match one {
                Owner::User(user) => Verdict::of(user.eq_ignore_ascii_case(login)),
                Owner::Team(team) => self.is_member(login, team),
                // Which login an address belongs to, nobody can tell.
                Owner::Email(_) => Verdict::Unknown,
            };
            owner = owner.max(this);
            if owner == Verdict::Met {
                break;
            }
        }
        if owner == Verdict::Unmet { owner } else { owner.min(self.has_right(login, Right::Write)) }
    }

    fn is_bot(&self, login: &str) -> bool {
        login.to_ascii_lowercase().ends_with("[bot]") || self.facts.person(login).is_some_and(|person| person.bot)
    }

    /// Whether somebody is this one, other than by code ownership.
    fn is(&mut self, who: &Who, login: &str) -> Verdict {
        match who {
            Who::Right(right) => self.has_right(login, *right),
            Who::User(user) => Verdict::of(user.eq_ignore_ascii_case(login)),
            Who::Team(team) => self.is_member(login, team),
            Who::Codeowners => Verdict::Unmet,
        }
    }

    /// What keeps somebody from confirming whatever their right is.
    fn barred(&self, requirement: &ConfirmRequirement, login: &str, review: bool) -> Option<String> {
        let named = requirement
            .by
            .iter()
            .chain(&requirement.each)
            .any(|who| matches!(who, Who::User(user) if user.eq_ignore_ascii_case(login)));
        match () {
            () if review && !requirement.reviews => {
                Some("an approving review does not count as a confirm here".to_owned())
            }
            () if !requirement.author && self.facts.is_author(login) => {
                Some("authors and co-authors do not confirm their own change".to_owned())
            }
            () if self.is_bot(login) && !named => Some("bots do not confirm".to_owned()),
            () => None,
        }
    }

    fn may(&mut self, requirement: &ConfirmRequirement, login: &str, review: bool) -> May {
        if let Some(why) = self.barred(requirement, login, review) {
            return May { verdict: Verdict::Unmet, why };
        }
        let (groups, substitute) = owner_groups(requirement, self.facts);
        let mut verdict = Verdict::Unmet;
        for who in requirement.by.iter().chain(&requirement.each).chain(substitute.as_ref()) {
            verdict = verdict.max(self.is(who, login));
        }
        match groups {
            Some(Ok(groups)) => {
                for group in groups {
                    verdict = verdict.max(self.owns(login, group));
                }
            }
            Some(Err(_)) => verdict = verdict.max(Verdict::Unknown),
            None => {}
        }
        let why = match verdict {
            Verdict::Met | Verdict::NotApplicable => String::new(),
            Verdict::Unmet => format!("it takes {}", who_words(requirement)),
            Verdict::Unknown => format!("whether @{login} is {} could not be read", who_words(requirement)),
        };
        May { verdict, why }
    }

    /// Whether the confirms there are meet a requirement, and what was seen.
    pub(super) fn confirmed(&mut self, requirement: &ConfirmRequirement) -> (Verdict, String) {
        let mut logins: Vec<(&str, Vec<bool>)> = Vec::new();
        for confirm in &self.facts.confirms {
            let same = |login: &str| {
                let id = |login| self.facts.person(login).map_or(0, |person| person.id);
                login.eq_ignore_ascii_case(confirm.by()) || id(login) != 0 && id(login) == id(confirm.by())
            };
            match logins.iter_mut().find(|(login, _)| same(login)) {
                Some((_, ways)) => ways.push(confirm.is_review()),
                None => logins.push((confirm.by(), vec![confirm.is_review()])),
            }
        }
        let open = |ways: &[bool], login: &str, people: &Self| {
            ways.iter().any(|review| people.barred(requirement, login, *review).is_none())
        };
        let candidates: Vec<&str> =
            logins.iter().filter(|(login, ways)| open(ways, login, self)).map(|(login, _)| *login).collect();
        let verdict = if requirement.each.is_empty() {
            self.enough(requirement, &candidates)
        } else {
            let matrix: Vec<Vec<Verdict>> = requirement
                .each
                .iter()
                .map(|who| candidates.iter().map(|login| self.is_or_owns(who, login)).collect())
                .collect();
            one_for_each(&matrix)
        };
        let counted: Vec<&str> = candidates
            .into_iter()
            .filter(|login| {
                logins.iter().any(|(name, ways)| {
                    name == login && ways.iter().any(|way| self.may(requirement, login, *way).verdict == Verdict::Met)
                })
            })
            .collect();
        let seen = if counted.is_empty() { "nobody yet".to_owned() } else { counted.join(", ") };
        (verdict, seen)
    }

    fn is_or_owns(&mut self, who: &Who, login: &str) -> Verdict {
        let Who::Codeowners = who else { return self.is(who, login) };
        match self.facts.owners.get() {
            Ok(groups) if groups.is_empty() => self.has_right(login, Right::Write),
            Ok(groups) => groups.iter().fold(Verdict::Unmet, |best, group| best.max(self.owns(login, group))),
            Err(_) => Verdict::Unknown,
        }
    }

    fn enough(&mut self, requirement: &ConfirmRequirement, candidates: &[&str]) -> Verdict {
        let (groups, substitute) = owner_groups(requirement, self.facts);
        let plain: Vec<Verdict> = candidates
            .iter()
            .map(|login| {
                let all = requirement.by.iter().chain(substitute.as_ref());
                all.fold(Verdict::Unmet, |best, who| best.max(self.is(who, login)))
            })
            .collect();
        let owning: Vec<Vec<Verdict>> = match groups {
            None => Vec::new(),
            Some(Ok(groups)) => {
                groups.iter().map(|group| candidates.iter().map(|login| self.owns(login, group)).collect()).collect()
            }
            Some(Err(_)) => vec![vec![Verdict::Unknown; candidates.len()]],
        };
        let best = |at: usize| {
            owning.iter().filter_map(|row| row.get(at)).chain(plain.get(at)).copied().max().unwrap_or(Verdict::Unmet)
        };
        let at_least = |least: Verdict| {
            let people = (0..candidates.len()).filter(|at| best(*at) >= least).count();
            let covered = owning.iter().all(|row| row.iter().chain(&plain).any(|verdict| *verdict >= least));
            people >= requirement.count as usize && covered
        };
        match () {
            () if at_least(Verdict::Met) => Verdict::Met,
            () if at_least(Verdict::Unknown) => Verdict::Unknown,
            () => Verdict::Unmet,
        }
    }
}

/// The groups of owners that must each be heard; and who stands in for owners where nobody owns what is touched.
fn owner_groups<'a>(
    requirement: &ConfirmRequirement,
    facts: &'a UnitFacts,
) -> (Option<Result<&'a [OwnerGroup], &'a str>>, Option<Who>) {
    if !requirement.by.contains(&Who::Codeowners) && !requirement.each.contains(&Who::Codeowners) {
        return (None, None);
    }
    match facts.owners.get() {
        Ok(groups) if groups.is_empty() => (None, Some(Who::Right(Right::Write))),
        Ok(groups) => (Some(Ok(groups)), None),
        Err(because) => (Some(Err(because)), None),
    }
}

/// Whether every row can have a column of its own.
fn one_for_each(matrix: &[Vec<Verdict>]) -> Verdict {
    let columns = matrix.iter().map(Vec::len).max().unwrap_or_default();
    let possible = |least: Verdict| {
        let mut taken: Vec<Option<usize>> = vec![None; columns];
        (0..matrix.len()).all(|row| augment(matrix, least, row, &mut taken, &mut vec![false; columns]))
    };
    match () {
        () if possible(Verdict::Met) => Verdict::Met,
        () if possible(Verdict::Unknown) => Verdict::Unknown,
        () => Verdict::Unmet,
    }
}

/// Finds a column for a row, moving others where that helps (Kuhn's algorithm).
fn augment(
    matrix: &[Vec<Verdict>],
    least: Verdict,
    row: usize,
    taken: &mut [Option<usize>],
    tried: &mut [bool],
) -> bool {
    for column in 0..taken.len() {
        let fits = matrix.get(row).and_then(|cells| cells.get(column)).is_some_and(|cell| *cell >= least);
        if !fits || tried[column] {
            continue;
        }
        tried[column] = true;
        if taken[column].is_none_or(|other| augment(matrix, least, other, taken, tried)) {
            taken[column] = Some(row);
            return true;
        }
    }
    false
}

/// Who may, in words without mentions.
#[must_use]
pub fn who_words(requirement: &ConfirmRequirement) -> String {
    let all: Vec<String> = requirement.by.iter().chain(&requirement.each).map(one_word).collect();
    all.join(if requirement.each.is_empty() { " or " } else { " and " })
}

fn one_word(who: &Who) -> String {
    match who {
        Who::Right(Right::Write) => "somebody with write access".to_owned(),
        Who::Right(right) => format!("somebody with the {} role", right_word(*right)),
        Who::Codeowners => "an owner of each owned path".to_owned(),
        Who::User(login) => login.clone(),
        Who::Team(team) => format!("a member of {team}"),
    }
}
