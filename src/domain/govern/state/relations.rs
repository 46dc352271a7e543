//! What the open units of a repository have to do with each other. Derived from the units alone, and never stored.
//!
//! Every open unit is entered once and taken out once; what it collides with is worked out when its footprint changes and kept as ties, so
//! that judging one costs in proportion to what it collides with. Members of a hot place are never paired: they are asked for by place.

use std::collections::{BTreeMap, BTreeSet};

use super::memo::{Memo, Sum, Sums};
use crate::domain::ids::{CommitSha, PrNumber};
use crate::domain::integration::breaks::{Breaks, breaks};
use crate::domain::integration::collision::{Certainty, Finding, Kind};
use crate::domain::integration::dependency::{Reference, Source, declared};
use crate::domain::integration::footprint::Footprint;
use crate::domain::integration::index::{Group, GroupSeat, Index, Neighbours};
use crate::domain::integration::layout::{Generated, Layout};
use crate::domain::unit::{MergedWith, Unit};

/// The open units of a repository, by everything by which one is looked for from another.
#[derive(Debug, Clone, Default)]
pub struct Relations {
    entered: BTreeMap<PrNumber, Entered>,
    pub(in crate::domain::govern) by_base: BTreeMap<String, Index<PrNumber>>,
    by_branch: BTreeMap<String, BTreeSet<PrNumber>>,
    by_sha: BTreeMap<CommitSha, BTreeSet<PrNumber>>,
    by_content: BTreeMap<String, BTreeSet<PrNumber>>,
    needed_by: BTreeMap<PrNumber, BTreeSet<PrNumber>>,
    ties: BTreeMap<PrNumber, BTreeMap<PrNumber, Vec<Tie>>>,
    disturbed: BTreeSet<PrNumber>,
    /// What git said of pairs, by the unit that asked and the other one.
    pub(in crate::domain::govern) merges: BTreeMap<PrNumber, BTreeMap<PrNumber, MergedWith>>,
    /// Who asked about a unit.
    pub(in crate::domain::govern) merged_by: BTreeMap<PrNumber, BTreeSet<PrNumber>>,
    layout: Layout,
    generated: Generated,
    pub(in crate::domain::govern) sequences: Memo,
    sums: Sums,
}

/// Under what a unit is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entered {
    base: String,
    branch: String,
    sha: CommitSha,
    content: Option<String>,
    needs: Vec<(Reference, Source)>,
}

/// A certain collision with another unit, without its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::domain::govern) struct Tie {
    pub kind: Kind,
    /// Lines that this unit would redo after the other.
    pub mine: u32,
    /// Lines that the other would redo after this one.
    pub theirs: u32,
}

impl Relations {
    /// Takes an open unit in, or what changed about it.
    pub fn put(&mut self, unit: &Unit) {
        let entered = Entered::of(unit);
        let mut footprint = unit.footprint.clone();
        self.mark(&mut footprint);
        let same_place = self.entered.get(&unit.number).is_some_and(|before| before.base == entered.base);
        let settled = self.take_merges(unit) || self.is_doubted(unit);
        if same_place
            && !settled
            && self.index(&entered.base).and_then(|index| index.get(unit.number)) == Some(&footprint)
        {
            self.enter(unit.number, entered);
            return;
        }
        self.take_out(unit.number);
        let base = entered.base.clone();
        self.enter(unit.number, entered);
        self.by_base.entry(base.clone()).or_default().insert(unit.number, footprint);
        self.settle(&base, unit.number);
        self.tie(&base, unit.number);
        self.tie_cooled(&base);
    }

    /// Takes what `.gitattributes` says; units that are in already are put in again by the caller.
    pub fn mark_generated(&mut self, gitattributes: &str) {
        self.generated = Generated::of(gitattributes);
    }

    fn mark(&self, footprint: &mut Footprint) {
        self.layout.mark(footprint);
        self.generated.mark(footprint);
    }

    /// Takes a unit out.
    pub fn remove(&mut self, number: PrNumber) {
        self.take_out(number);
        self.forget_merges(number);
    }

    fn take_out(&mut self, number: PrNumber) {
        let Some(entered) = self.entered.get(&number) else { return };
        let base = entered.base.clone();
        self.leave(number);
        self.untie(number);
        if let Some(index) = self.by_base.get_mut(&base) {
            index.remove(number);
            if index.is_empty() {
                self.by_base.remove(&base);
            }
        }
        self.tie_cooled(&base);
    }

    fn enter(&mut self, number: PrNumber, entered: Entered) {
        self.leave(number);
        self.by_branch.entry(entered.branch.clone()).or_default().insert(number);
        self.by_sha.entry(entered.sha.clone()).or_default().insert(number);
        if let Some(content) = &entered.content {
            self.by_content.entry(content.clone()).or_default().insert(number);
        }
        for (reference, _) in &entered.needs {
            self.needed_by.entry(reference.number).or_default().insert(number);
        }
        self.entered.insert(number, entered);
    }

    fn leave(&mut self, number: PrNumber) {
        let Some(entered) = self.entered.remove(&number) else { return };
        leave(&mut self.by_branch, &entered.branch, number);
        leave(&mut self.by_sha, &entered.sha, number);
        if let Some(content) = &entered.content {
            leave(&mut self.by_content, content, number);
        }
        for (reference, _) in &entered.needs {
            leave(&mut self.needed_by, &reference.number, number);
        }
    }

    fn tie(&mut self, base: &str, number: PrNumber) {
        self.untie(number);
        let Some(index) = self.by_base.get(base) else { return };
        for collision in index.neighbours(number).collisions {
            let Finding { kind, certainty, lines: (a, b), .. } = collision.finding;
            if certainty != Certainty::Certain || !kind.is_collision() {
                continue;
            }
            let mut tie = |unit, other, mine, theirs| {
                let between: &mut Vec<Tie> = self.ties.entry(unit).or_default().entry(other).or_default();
                between.push(Tie { kind, mine, theirs });
            };
            tie(collision.a, collision.b, a, b);
            tie(collision.b, collision.a, b, a);
            for unit in [collision.a, collision.b] {
                self.disturbed.insert(unit);
                self.sums.forget(unit);
            }
        }
    }

    fn untie(&mut self, number: PrNumber) {
        self.sums.forget(number);
        for other in self.ties.remove(&number).unwrap_or_default().into_keys() {
            self.disturbed.insert(other);
            self.sums.forget(other);
            if let Some(theirs) = self.ties.get_mut(&other) {
                theirs.remove(&number);
                if theirs.is_empty() {
                    self.ties.remove(&other);
                }
            }
        }
    }

    /// Members of a place that is hot no longer were not paired while it was.
    fn tie_cooled(&mut self, base: &str) {
        let cooled = self.by_base.get_mut(base).map(Index::take_cooled).unwrap_or_default();
        for number in cooled {
            self.tie(base, number);
        }
    }

    /// The units whose pairs came or went since this was last asked.
    pub(in crate::domain::govern) fn take_disturbed(&mut self) -> BTreeSet<PrNumber> {
        std::mem::take(&mut self.disturbed)
    }

    pub(in crate::domain::govern) fn sha_of(&self, number: PrNumber) -> Option<&CommitSha> {
        self.entered.get(&number).map(|entered| &entered.sha)
    }

    /// The units on a base that share anything with a change and are no mere members of a hot place, ascending.
    pub(in crate::domain::govern) fn near(&self, base: &str, mut footprint: Footprint) -> Vec<PrNumber> {
        self.mark(&mut footprint);
        self.index(base).map(|index| index.candidates(&footprint, None)).unwrap_or_default()
    }

    fn index(&self, base: &str) -> Option<&Index<PrNumber>> {
        self.by_base.get(base)
    }

    fn index_of(&self, number: PrNumber) -> Option<&Index<PrNumber>> {
        self.index(&self.entered.get(&number)?.base)
    }

    /// The open units on a base, ascending.
    pub fn on_base(&self, base: &str) -> impl Iterator<Item = PrNumber> {
        self.index(base).into_iter().flat_map(|index| index.iter().map(|(number, _)| number))
    }

    /// The open units with this head commit, ascending.
    pub fn at_sha(&self, sha: &CommitSha) -> impl Iterator<Item = PrNumber> {
        self.by_sha.get(sha).into_iter().flatten().copied()
    }

    /// The open units that carry this very change, on whatever base, ascending.
    pub fn carrying(&self, content: &str) -> impl Iterator<Item = PrNumber> {
        self.by_content.get(content).into_iter().flatten().copied()
    }

    /// The open units whose head is a branch of this name, in whatever repository, ascending.
    pub fn from_branch(&self, branch: &str) -> impl Iterator<Item = PrNumber> {
        self.by_branch.get(branch).into_iter().flatten().copied()
    }

    /// The open units that name this number as a dependency, in whatever repository, ascending.
    pub fn naming(&self, number: PrNumber) -> impl Iterator<Item = PrNumber> {
        self.needed_by.get(&number).into_iter().flatten().copied()
    }

    /// What an open unit names as its dependencies, each once, by where it says so.
    pub(in crate::domain::govern) fn needs(&self, number: PrNumber) -> &[(Reference, Source)] {
        self.entered.get(&number).map_or(&[], |entered| &entered.needs)
    }

    /// Everything that stands between a unit and the others on its base, in words, strongest first.
    #[must_use]
    pub fn of(&self, number: PrNumber) -> Neighbours<PrNumber> {
        let mut found = self.index_of(number).map_or_else(
            || Neighbours { collisions: Vec::new(), groups: Vec::new() },
            |index| index.neighbours(number),
        );
        found.collisions.sort_by_key(|collision| (collision.finding.kind, collision.a, collision.b));
        found
    }

    /// What a landing of the unit would do to the others.
    #[must_use]
    pub fn breaks(&self, number: PrNumber, enforced: &[Kind]) -> Breaks<PrNumber> {
        self.index_of(number)
            .map_or_else(|| Breaks { units: Vec::new(), groups: Vec::new() }, |index| breaks(index, number, enforced))
    }

    /// Takes the layout of the policy: footprints of units that are entered from now on are marked by it.
    pub(in crate::domain::govern) fn lay_out(&mut self, layout: Layout) {
        self.layout = layout;
    }

    /// What a change that is not in would collide with: the other unit, and what was found.
    #[must_use]
    pub fn preflight(&self, base: &str, mut footprint: Footprint) -> (Vec<(PrNumber, Finding)>, Vec<GroupSeat>) {
        self.mark(&mut footprint);
        self.index(base).map(|index| index.preflight(&footprint)).unwrap_or_default()
    }

    /// The hot places of a base.
    #[must_use]
    pub fn groups(&self, base: &str) -> Vec<Group<PrNumber>> {
        self.index(base).map(Index::groups).unwrap_or_default()
    }

    /// The units on a base that share a path with this footprint, ascending.
    #[must_use]
    pub fn sharing(&self, base: &str, footprint: &Footprint) -> BTreeSet<PrNumber> {
        self.index(base).map(|index| index.sharing(footprint)).unwrap_or_default()
    }

    /// The pairs that a unit is in by one of these kinds, for certain: with whom, and by what.
    pub(in crate::domain::govern) fn ties<'a>(
        &'a self,
        number: PrNumber,
        kinds: &'a [Kind],
    ) -> impl Iterator<Item = (PrNumber, impl Iterator<Item = Tie> + 'a)> + 'a {
        let all = self.ties.get(&number).into_iter().flatten();
        let named = move |ties: &'a [Tie]| ties.iter().copied().filter(move |tie| kinds.contains(&tie.kind));
        all.filter(move |(_, ties)| named(ties).next().is_some()).map(move |(other, ties)| (*other, named(ties)))
    }

    /// The units that a unit is in a pair with for certain, by whatever kind, ascending.
    #[cfg(test)]
    pub(in crate::domain::govern) fn ties_of(&self, number: PrNumber) -> Vec<PrNumber> {
        self.ties.get(&number).into_iter().flat_map(BTreeMap::keys).copied().collect()
    }

    /// What a unit's pairs of these kinds come to.
    pub(in crate::domain::govern) fn sum(&self, number: PrNumber, kinds: &[Kind]) -> Sum {
        self.sums.of(number, kinds, || {
            let (mut lines, mut others) = (0_i64, 0_i64);
            for (_, ties) in self.ties(number, kinds) {
                lines = ties.fold(lines, |sum, tie| sum + i64::from(tie.theirs) - i64::from(tie.mine));
                others += 1;
            }
            (lines, others)
        })
    }

    /// The hot places in which a unit clashes with many by one of these kinds.
    pub(in crate::domain::govern) fn crowds(&self, number: PrNumber, kinds: &[Kind]) -> Vec<Group<PrNumber>> {
        let mut crowds = self.index_of(number).map(|index| index.crowds(number)).unwrap_or_default();
        crowds.retain(|crowd| kinds.contains(&crowd.kind));
        crowds
    }

    /// The units that a kind of collision keeps apart from this one, in pairs and in hot places.
    #[must_use]
    pub fn enforced(&self, number: PrNumber, kinds: &[Kind]) -> BTreeSet<PrNumber> {
        let pairs = self.ties(number, kinds).map(|(other, _)| other);
        pairs.chain(self.crowds(number, kinds).into_iter().flat_map(|crowd| crowd.members)).collect()
    }
}

impl Entered {
    fn of(unit: &Unit) -> Self {
        let mut needs: Vec<(Reference, Source)> = Vec::new();
        let mut named = BTreeSet::new();
        let body = declared(&unit.body).needs.into_iter().map(|reference| (reference, Source::Body));
        let trailers = unit.commits.needs.iter().map(|reference| (reference.clone(), Source::Trailer));
        let on = unit.merges.iter().filter(|(_, merged)| merged.built_on && merged.of == unit.head.sha);
        let on = on.map(|(number, _)| (Reference { repo: None, number: *number }, Source::Stacked));
        let commands = unit.after.iter().map(|number| (Reference { repo: None, number: *number }, Source::Command));
        for (reference, source) in body.chain(trailers).chain(commands).chain(on) {
            if named.insert(reference.clone()) {
                needs.push((reference, source));
            }
        }
        Self {
            base: unit.base.branch.clone(),
            branch: unit.head.branch.clone(),
            sha: unit.head.sha.clone(),
            content: unit.content.clone(),
            needs,
        }
    }
}

fn leave<N: Ord>(index: &mut BTreeMap<N, BTreeSet<PrNumber>>, name: &N, number: PrNumber) {
    if let Some(units) = index.get_mut(name) {
        units.remove(&number);
        if units.is_empty() {
            index.remove(name);
        }
    }
}
