//! Whom a change concerns: others are judged again only where what they see of a unit changed.
//!
//! What is kept here is derived and never stored: after a restart everything counts as changed once.

use std::collections::BTreeSet;

use super::depends;
use crate::domain::govern::judge::grant::{holds, is_confirmed, is_live, next_in_crowds};
use crate::domain::govern::judge::precedence::{candidate, is_overdue};
use crate::domain::govern::settle::Work;
use crate::domain::ids::{CommitSha, PrNumber};
use crate::domain::integration::order::Candidate;

/// What the judgments of others read of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Aspect {
    base: String,
    branch: String,
    sha: CommitSha,
    known: bool,
    confirmed: bool,
    candidate: Candidate<PrNumber>,
}

impl Work<'_> {
    /// Those who see something else than before after these units were judged.
    pub(in crate::domain::govern) fn ripple(&mut self, judged: &BTreeSet<PrNumber>) -> BTreeSet<PrNumber> {
        let mut concerned = BTreeSet::new();
        for number in judged {
            let aspect = self.aspect(*number);
            let before = self.state.aspects.get(number);
            if aspect.as_ref() == before {
                continue;
            }
            if let Some(before) = before {
                concerned.extend(self.state.relations.at_sha(&before.sha));
            }
            concerned.extend(self.related(*number));
            match aspect {
                Some(aspect) => drop(self.state.aspects.insert(*number, aspect)),
                None => drop(self.state.aspects.remove(number)),
            }
        }
        concerned
    }

    /// None for a unit that is not open: who saw it as open sees something else then.
    fn aspect(&self, number: PrNumber) -> Option<Aspect> {
        let unit = self.state.unit(number).filter(|unit| unit.is_open())?;
        let holds = holds(self.state, unit);
        Some(Aspect {
            base: unit.base.branch.clone(),
            branch: unit.head.branch.clone(),
            sha: unit.head.sha.clone(),
            known: unit.footprint.state.is_known(),
            confirmed: is_confirmed(self.state, unit, self.context),
            candidate: Candidate {
                live: holds || is_live(self.state, unit, self.context),
                holds_grant: holds,
                overdue: is_overdue(self.state, unit, self.context),
                ..candidate(self.state, unit, self.context)
            },
        })
    }

    fn related(&self, number: PrNumber) -> BTreeSet<PrNumber> {
        let kinds = self.state.policy(self.context).enforced();
        let mut related: BTreeSet<PrNumber> =
            self.state.relations.ties(number, &kinds).map(|(other, _)| other).collect();
        related.extend(next_in_crowds(self.state, number, self.context, &kinds));
        related.extend(depends::dependents(self.state, number).into_iter().map(|(number, _)| number));
        if let Some(unit) = self.state.unit(number) {
            related.extend(self.state.relations.at_sha(&unit.head.sha));
            if !unit.footprint.state.is_known() || !unit.is_open() {
                let unknown = self.state.units().filter(|other| other.is_open() && !other.footprint.state.is_known());
                related.extend(unknown.map(|other| other.number));
            }
        }
        related
    }
}
