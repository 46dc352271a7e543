//! The plan of one base branch: the order in which its open units should land, and why.

use std::collections::{BTreeMap, BTreeSet};

use super::context::Context;
use super::depends::dependencies;
use super::grant::{holds, rivals};
use super::plan_view::{PlanCollision, PlanDependency, PlanPosition, PlanView};
use super::state::State;
use crate::domain::ids::{PrNumber, Timestamp};
use crate::domain::integration::collision::Kind;
use crate::domain::unit::Unit;

/// The plan of a base branch.
#[must_use]
pub fn plan(state: &State, context: &Context, base: &str, _now: Timestamp) -> PlanView {
    let units: BTreeMap<PrNumber, &Unit> = state
        .units()
        .filter(|unit| unit.is_open() && unit.base.branch == base)
        .map(|unit| (unit.number, unit))
        .collect();
    let mut before: BTreeMap<PrNumber, BTreeSet<PrNumber>> = BTreeMap::new();
    let mut view = PlanView { base: base.to_owned(), ..PlanView::default() };
    for unit in units.values() {
        let first = before.entry(unit.number).or_default();
        for dependency in dependencies(state, unit) {
            first.extend(dependency.number.filter(|number| units.contains_key(number)));
            view.dependencies.push(PlanDependency {
                unit: unit.number,
                needs: dependency.unit,
                why: dependency.why.to_owned(),
            });
        }
        first.extend(rivals(state, unit, context).iter().filter(|rival| rival.in_the_way).map(|rival| rival.number));
        first.remove(&unit.number);
        for collision in state.relations.of(unit.number) {
            if collision.a == unit.number && collision.finding.kind != Kind::Overlap {
                let (a, b) = (collision.a, collision.b);
                let finding = collision.finding;
                view.collisions.push(PlanCollision {
                    a,
                    b,
                    kind: finding.kind.to_string(),
                    paths: finding.paths,
                    why: finding.why,
                });
            }
        }
    }
    arrange(state, &units, &before, &mut view);
    view
}

/// Places units wave by wave: a wave holds what waits only for earlier waves. Members of a cycle come last, by number.
fn arrange(
    state: &State,
    units: &BTreeMap<PrNumber, &Unit>,
    before: &BTreeMap<PrNumber, BTreeSet<PrNumber>>,
    view: &mut PlanView,
) {
    let mut placed: BTreeSet<PrNumber> = BTreeSet::new();
    while placed.len() < units.len() {
        let free = |number: &PrNumber| {
            !placed.contains(number) && before.get(number).is_none_or(|first| first.is_subset(&placed))
        };
        let mut wave: Vec<PrNumber> = units.keys().copied().filter(free).collect();
        let cyclic = wave.is_empty();
        if cyclic {
            wave = units.keys().copied().filter(|number| !placed.contains(number)).collect();
        }
        let holder = |number: &PrNumber| !units.get(number).is_some_and(|unit| holds(state, unit));
        wave.sort_by_key(|number| (holder(number), *number));
        for number in &wave {
            let reason = if cyclic {
                "It is part of a dependency cycle.".to_owned()
            } else {
                why(state, units, before, *number)
            };
            view.order.push(PlanPosition { number: *number, wave: view.waves.len(), reason });
        }
        placed.extend(wave.iter().copied());
        view.waves.push(wave);
    }
}

fn why(
    state: &State,
    units: &BTreeMap<PrNumber, &Unit>,
    before: &BTreeMap<PrNumber, BTreeSet<PrNumber>>,
    number: PrNumber,
) -> String {
    if units.get(&number).is_some_and(|unit| holds(state, unit)) {
        return "It holds the permission to land.".to_owned();
    }
    let first: Vec<String> = before.get(&number).into_iter().flatten().map(|other| format!("#{other}")).collect();
    if !first.is_empty() {
        return format!("It waits for {}.", first.join(", "));
    }
    let held: Vec<String> =
        before.iter().filter(|(_, first)| first.contains(&number)).map(|(other, _)| format!("#{other}")).collect();
    if held.is_empty() {
        "Nothing stands in its way.".to_owned()
    } else {
        format!("It lands before {}, which would have to be redone.", held.join(", "))
    }
}
