//! Shows a unit's standing by a label, where the policy names one: for lists and searches on GitHub, off by default.
//!
//! One call for each change, the last of a burst only. A label that a person takes away while the standing stays is not put back.

use jiff::SignedDuration;

use super::ActionCall;
use crate::domain::govern::context::Context;
use crate::domain::govern::judge::judge;
use crate::domain::govern::needs::snapshot;
use crate::domain::govern::seen::facts::Facts;
use crate::domain::govern::settle::Work;
use crate::domain::govern::state::State;
use crate::domain::ids::PrNumber;
use crate::domain::unit::{Labelled, Phase, Standing, Unit};

/// So long a standing lasts before a label shows it.
const LASTS: SignedDuration = SignedDuration::from_secs(10);
/// The id of the one entry in the ledger.
const ID: &str = "label";

/// What the labels of a unit lack.
enum Step {
    /// Nothing.
    Settled,
    /// Nothing either, and what is so is not noted yet.
    Note(Labelled),
    /// A label goes on, or off.
    Set { name: String, on: bool },
}

/// The next step towards the label of a standing.
fn step(state: &State, unit: &Unit, standing: Standing, context: &Context) -> Step {
    let wanted = state.policy(context).standard.file.labels.get(&standing).map(|label| label.as_str().to_owned());
    let shown = unit.label.as_ref();
    let done = shown.is_some_and(|shown| shown.given_up || shown.standing == standing && shown.name == wanted);
    if done || shown.is_none() && wanted.is_none() {
        return Step::Settled;
    }
    let has = |name: &String| unit.labels.iter().any(|label| label.eq_ignore_ascii_case(name));
    let old = shown.and_then(|shown| shown.name.clone()).filter(|old| Some(old) != wanted.as_ref());
    if let Some(name) = old.filter(has) {
        return Step::Set { name, on: false };
    }
    match wanted {
        Some(name) if !has(&name) => Step::Set { name, on: true },
        name => Step::Note(Labelled { standing, name, given_up: false }),
    }
}

impl Work<'_> {
    /// The label follows the standing once that has lasted.
    pub(in crate::domain::govern) fn want_label(&mut self, number: PrNumber, standing: Standing) {
        let none = self.state.policy(self.context).standard.file.labels.is_empty();
        let Some(unit) = self.state.unit(number).filter(|unit| !none || unit.label.is_some()) else { return };
        if unit.ledger.contains_key(ID) || self.state.observes(unit, self.context) {
            return;
        }
        match step(self.state, unit, standing, self.context) {
            Step::Settled => {}
            Step::Note(label) => self.labelled(number, label),
            // What was promised to people comes first: at most half of the unit's actions are labels.
            Step::Set { .. } if self.is_half_spent(unit) => {}
            Step::Set { name, on } => {
                let call = ActionCall::Label { number, name, on, standing };
                // The other half of a change follows at once.
                let begun = unit.label.as_ref().is_some_and(|label| label.standing == standing);
                let lasts = if begun { SignedDuration::ZERO } else { LASTS };
                if self.act(number, ID.to_owned(), call, "its standing".to_owned(), "flyball".to_owned()) {
                    let at = self.now.checked_add(lasts).unwrap_or(self.now);
                    if let Some((_, due)) = self.changes.owe.last_mut() {
                        *due = at;
                    }
                }
            }
        }
    }

    fn is_half_spent(&self, unit: &Unit) -> bool {
        let hour = SignedDuration::from_hours(1);
        let most = self.state.policy(self.context).actions_per_hour / 2;
        unit.spent.is_some_and(|(start, spent)| self.now.duration_since(start) < hour && spent >= most)
    }

    fn labelled(&mut self, number: PrNumber, label: Labelled) {
        if let Some(unit) = self.state.units.get_mut(&number) {
            unit.label = Some(label);
            self.changes.units.insert(number);
        }
    }

    /// Worked out again at the moment of sending, for the standing as it is then; `None` where nothing is to be changed.
    pub(in crate::domain::govern) fn begin_label(&mut self, number: PrNumber, id: &str, facts: &Facts) -> Option<()> {
        let unit = self.state.unit(number)?;
        if unit.ledger.get(id)?.phase == Phase::Unknown && snapshot(facts, number).is_none() {
            self.put_off(number, id);
            return None;
        }
        let standing = judge(self.state, unit, self.context, self.now).standing;
        match step(self.state, unit, standing, self.context) {
            Step::Set { name, on } => {
                let entry = self.state.units.get_mut(&number)?.ledger.get_mut(id)?;
                entry.call = ActionCall::Label { number, name, on, standing };
                Some(())
            }
            Step::Note(label) => {
                self.labelled(number, label);
                self.close(number, id, "done", "it shows its standing");
                None
            }
            Step::Settled => {
                self.close(number, id, "withdrawn", "nothing is to be changed");
                None
            }
        }
    }

    /// GitHub did it.
    pub(super) fn label_set(&mut self, number: PrNumber, call: &ActionCall) {
        let ActionCall::Label { name, on, standing, .. } = call else { return };
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        unit.labels.retain(|label| !label.eq_ignore_ascii_case(name));
        if *on {
            unit.labels.push(name.clone());
        }
        let label = Labelled { standing: *standing, name: on.then(|| name.clone()), given_up: false };
        self.labelled(number, label);
    }

    /// GitHub will not: labels of this unit are left alone until somebody says `/retry`.
    pub(super) fn give_labels_up(&mut self, number: PrNumber) {
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let standing = unit.stands.as_ref().map_or(Standing::Gathering, |stands| stands.standing);
        let label = unit.label.get_or_insert(Labelled { standing, name: None, given_up: true });
        label.given_up = true;
        self.changes.units.insert(number);
    }
}
