//! What a trace must say for the flow to be measured, and what is measured of the units of a repository.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::brief::brief_of;
use crate::domain::flow::{Course, Learnt};
use crate::domain::govern::context::Context;
use crate::domain::govern::settle::Work;
use crate::domain::govern::state::State;
use crate::domain::ids::{CommitSha, PrNumber, Timestamp};
use crate::domain::integration::footprint::Completeness;
use crate::domain::policy::Evaluation;
use crate::domain::policy::facts::{ResultState, UnitFacts};
use crate::domain::unit::{Brief, Unit, Verdict};

impl State {
    /// The courses of the live units: what `Course::learn` kept of their traces, under the rules that apply to them now.
    #[must_use]
    pub fn courses(&self, context: &Context, now: Timestamp) -> BTreeMap<PrNumber, Course> {
        let course = |unit: &Unit| {
            let mut course = unit.course.clone();
            if unit.is_open() {
                course.rules = fired(&self.evaluate(unit, context, now));
            }
            (unit.number, course)
        };
        self.units().map(course).collect()
    }

    /// The units of this repository that lessons of its policy name as their source.
    #[must_use]
    pub fn learnt(&self, context: &Context) -> Vec<Learnt> {
        let lessons = &self.policy(context).standard.file.lessons;
        let learnt = lessons.iter().filter_map(|lesson| {
            let (repo, number) = lesson.source.unit.rsplit_once('#')?;
            let here = repo.is_empty() || repo.eq_ignore_ascii_case(self.full_name());
            let unit = PrNumber(number.parse().ok().filter(|_| here)?);
            Some(Learnt { unit, fired: self.repo.firings.of(&lesson.name) > 0 })
        });
        learnt.collect()
    }
}

/// The names of the rules that apply.
fn fired(evaluation: &Evaluation) -> Vec<String> {
    evaluation.rules.iter().filter(|rule| rule.fires()).map(|rule| rule.name.clone()).collect()
}

impl Work<'_> {
    /// What the trace says of a unit that ends, taken before it does; `None` where it is not open.
    pub(in crate::domain::govern) fn last_words(
        &self,
        number: PrNumber,
        commit: Option<&CommitSha>,
        landed: bool,
    ) -> Option<Value> {
        let unit = self.state.unit(number).filter(|unit| unit.is_open())?;
        let facts = self.state.facts_of(unit, self.context, self.now);
        let rules = fired(&self.state.evaluate(unit, self.context, self.now));
        let mut words = json!({ "commit": commit, "author": facts.author.kind, "rules": rules });
        if landed {
            let brief = brief_of(self.state, self.context, unit, self.now);
            words["unanswered"] = json!(unanswered(unit, &brief));
            words["spared"] = json!(is_spared(&facts));
        }
        Some(words)
    }

    /// A unit landed with which another collides: noted once for a head, so that a hot place with thousands fills no trace.
    pub(in crate::domain::govern) fn note_landed_beside(&mut self, other: PrNumber, landed: PrNumber) {
        if self.state.unit(other).is_some_and(|unit| unit.is_open() && unit.course.is_untroubled()) {
            self.record(other, "github", "landed_beside", json!({ "unit": landed }));
        }
    }
}

/// The questions of the brief that have no answer. That git could merge it is answered by the landing itself.
fn unanswered(unit: &Unit, brief: &Brief) -> Vec<&'static str> {
    let unread = brief.depends_on.iter().any(|dependency| dependency.state == "unreadable");
    let open = |condition: &&crate::domain::unit::Condition| condition.source != "git";
    let unknown = brief.conditions.iter().filter(open).any(|condition| condition.verdict == Verdict::Unknown);
    let untold = matches!(unit.footprint.state, Completeness::Unknown { .. });
    let all = [("depends_on", unread), ("conditions", unknown), ("conflicts", untold)];
    all.into_iter().filter(|(_, is)| *is).map(|(question, _)| question).collect()
}

/// Whether something landed on the base since the evidence was made, and none of it was related.
fn is_spared(facts: &UnitFacts) -> bool {
    let Ok(evidence) = facts.evidence.get() else { return false };
    let passing = || evidence.iter().filter(|one| one.state == ResultState::Passing);
    passing().any(|one| one.landed.is_some()) && passing().all(|one| one.related_landed.is_none())
}
