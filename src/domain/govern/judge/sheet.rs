//! The sheet that a judgment is written on.

use crate::domain::policy::{self, RequirementOutcome};
use crate::domain::unit::{Condition, Reason, ReasonCode, Verdict};

/// What is found of a unit while it is judged: reasons for people, conditions with their sources.
pub(super) struct Sheet {
    pub(super) reasons: Vec<Reason>,
    pub(super) conditions: Vec<Condition>,
}

impl Sheet {
    pub(super) fn condition(&mut self, what: String, verdict: Verdict, seen: impl Into<String>, source: &str) {
        self.conditions.push(Condition { what, verdict, seen: seen.into(), source: source.to_owned() });
    }

    pub(super) fn outcome(&mut self, what: String, outcome: &RequirementOutcome) {
        let verdict = match outcome.verdict {
            policy::Verdict::Met | policy::Verdict::NotApplicable => Verdict::Met,
            policy::Verdict::Unmet => Verdict::Unmet,
            policy::Verdict::Unknown => Verdict::Unknown,
        };
        self.condition(what, verdict, outcome.seen.clone(), &outcome.sources.join(", "));
    }

    pub(super) fn person(&mut self, code: ReasonCode, text: String) {
        self.reasons.push(Reason { code, text, needs_person: true });
    }

    pub(super) fn time(&mut self, code: ReasonCode, text: String) {
        self.reasons.push(Reason { code, text, needs_person: false });
    }
}
