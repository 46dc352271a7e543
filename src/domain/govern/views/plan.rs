//! The plan of one base branch: the order in which its open units should land, and why.

use std::collections::BTreeSet;

use super::plan_view::{PlanCollision, PlanDependency, PlanGroup, PlanPosition, PlanView};
use crate::domain::govern::context::Context;
use crate::domain::govern::judge::precedence::{crowds, question};
use crate::domain::govern::state::State;
use crate::domain::govern::state::depends::{cycle, dependencies};
use crate::domain::ids::{PrNumber, Timestamp};
use crate::domain::integration::collision::Kind;
use crate::domain::integration::order::{self, Position, Question, Reason};
use crate::domain::unit::Unit;

/// The plan of a base branch. The grants follow the same order, component by component.
#[must_use]
pub fn plan(state: &State, context: &Context, base: &str, _now: Timestamp) -> PlanView {
    let kinds = state.policy(context).enforced();
    let units: Vec<&Unit> = state.relations.on_base(base).filter_map(|number| state.unit(number)).collect();
    let asked = question(state, &units, context, &kinds);
    let answer = order::plan(&Question { crowds: crowds(state, base, &kinds), ..asked });
    let mut view = PlanView { base: base.to_owned(), waves: answer.waves.clone(), ..PlanView::default() };
    for position in &answer.order {
        let number = position.unit;
        let reason = reason(state, position);
        view.order.push(PlanPosition { number, wave: position.wave, reason });
    }
    for unit in units {
        relate(state, unit, &mut view);
    }
    for group in state.relations.groups(base) {
        view.groups.push(PlanGroup { path: group.path, kind: group.kind.to_string(), members: group.members });
    }
    view
}

/// What relates a unit to others: each pair once, with its smaller number.
fn relate(state: &State, unit: &Unit, view: &mut PlanView) {
    for dependency in dependencies(state, unit) {
        let why = dependency.why().to_owned();
        view.dependencies.push(PlanDependency { unit: unit.number, needs: dependency.unit, why });
    }
    for collision in state.relations.of(unit.number).collisions {
        let finding = collision.finding;
        if collision.a == unit.number && finding.kind != Kind::Overlap {
            let (a, b, kind) = (collision.a, collision.b, finding.kind.to_string());
            view.collisions.push(PlanCollision { a, b, kind, paths: finding.paths, why: finding.why });
        }
    }
}

/// One sentence, and a second one where another order was possible.
fn reason(state: &State, position: &Position<PrNumber>) -> String {
    let name = |number: PrNumber| format!("#{number}");
    if let Reason::Cycle { members } = &position.reason
        && let Some(cycle) = state.unit(position.unit).and_then(|unit| cycle(state, unit))
        && cycle.members.iter().collect::<BTreeSet<_>>() == members.iter().collect()
    {
        return cycle.sentence(name);
    }
    let sentence = position.reason.sentence(name);
    match &position.alternative {
        Some(alternative) => format!("{sentence} {}", alternative.sentence(position.unit, name)),
        None => sentence,
    }
}
