//! Which rules of the policy would apply to a change that is not there yet.

use super::{Preflight, diff};
use crate::domain::govern::context::Context;
use crate::domain::govern::state::State;
use crate::domain::policy::facts::{Known, TouchedFile, UnitFacts};
use crate::domain::policy::{RuleOutcome, Verdict};

/// What can be told from the question. All else (author, labels, packages ...) the pull request will tell.
const TELLING: [&str; 6] = ["paths", "only_paths", "not_paths", "base", "branches", "expires"];

/// Names of rules that would apply, or may; in the order of the policy.
pub(super) fn that_would_apply(state: &State, context: &Context, ask: &Preflight) -> Vec<String> {
    let paths: Vec<String> = match (&ask.diff, &ask.paths) {
        (Some(diff), _) => diff::footprint_of(diff).files.iter().map(|file| file.path.clone()).collect(),
        (None, Some(paths)) => paths.clone(),
        (None, None) => Vec::new(),
    };
    let files = Known::Known(paths.into_iter().map(TouchedFile::Path).collect());
    let facts = UnitFacts { base: ask.base.clone(), files, ..UnitFacts::default() };
    let evaluation = state.policy_of(context, &ask.base).evaluate(&facts);
    let apply = evaluation.rules.into_iter().filter(|rule| !rule.shadow && may_apply(rule));
    apply.map(|rule| rule.name).collect()
}

fn may_apply(rule: &RuleOutcome) -> bool {
    let told = |name: &str| TELLING.contains(&name);
    rule.predicates.iter().all(|one| one.verdict != Verdict::Unmet || !told(one.predicate))
}
