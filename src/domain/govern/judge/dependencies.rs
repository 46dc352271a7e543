//! What a unit needs to land first keeps it back until it has landed.

use super::sheet::Sheet;
use crate::domain::govern::state::State;
use crate::domain::govern::state::depends;
use crate::domain::integration::dependency::Fate;
use crate::domain::unit::{ReasonCode, Unit, Verdict};

pub(super) fn dependencies(sheet: &mut Sheet, state: &State, unit: &Unit) {
    let needed = depends::dependencies(state, unit);
    if needed.is_empty() {
        return;
    }
    let cycle = depends::cycle(state, unit);
    for dependency in needed {
        let name = short(&dependency.unit, state);
        let caught = |number| cycle.as_ref().is_some_and(|cycle| cycle.members.contains(&number));
        let fate = match dependency.number.filter(|number| caught(*number)) {
            Some(_) => Fate::Itself,
            None => depends::fate_of(state, unit, &dependency),
        };
        let verdict = match fate {
            Fate::Landed => Verdict::Met,
            Fate::Unreadable | Fate::Missing => Verdict::Unknown,
            Fate::Open | Fate::Moved { .. } | Fate::Closed | Fate::Itself => Verdict::Unmet,
        };
        sheet.condition(format!("{name} has landed"), verdict, depends::word(&fate), dependency.why());
        match fate {
            Fate::Landed => {}
            Fate::Open => sheet.time(ReasonCode::WaitsDependency, format!("It needs {name} to land first.")),
            Fate::Moved { base } => sheet.time(
                ReasonCode::WaitsDependency,
                format!("It needs {name} to land first, which wants to land on `{base}`."),
            ),
            Fate::Closed => sheet.person(
                ReasonCode::BlockedDependencyClosed,
                format!(
                    "It needs {name}, which was closed without landing: remove the dependency, or reopen that one."
                ),
            ),
            Fate::Missing => sheet.person(
                ReasonCode::BlockedDependencyUnreadable,
                format!("It needs {name}, and there is no such pull request: check the reference."),
            ),
            Fate::Unreadable => sheet.person(
                ReasonCode::BlockedDependencyUnreadable,
                format!("It needs {name}, which Flyball cannot read: check the reference."),
            ),
            Fate::Itself => {
                let around = cycle.as_ref().map_or_else(|| vec![unit.number], |cycle| cycle.around.clone());
                let names: Vec<String> =
                    around.iter().chain(around.first()).map(|number| format!("#{number}")).collect();
                let text = format!("Dependencies form a cycle: {}. Remove one of them.", names.join(" needs "));
                sheet.person(ReasonCode::BlockedDependencyCycle, text);
            }
        }
    }
}

/// `#12` within the repository, else the whole reference.
pub(in crate::domain::govern) fn short(unit: &str, state: &State) -> String {
    unit.strip_prefix(state.full_name()).map_or_else(|| unit.to_owned(), str::to_owned)
}
