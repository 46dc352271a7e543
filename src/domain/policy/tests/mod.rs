//! Tables for every predicate and requirement, bad files, lessons, waits, records; and what must hold for any policy.

mod autonomy;
mod bounds;
mod escalating;
mod evaluating;
mod gathering;
mod learning;
mod loading;
mod owning;
mod people;
mod predicates;
mod properties;
mod reading;
mod recording;
mod requirements;

use std::sync::Arc;

use super::examples::parse_unit;
use super::facts::UnitFacts;
use super::{Around, Evaluation, Standard, load};

/// A policy from what follows `version: 1`.
fn policy(rest: &str) -> Arc<Standard> {
    let loaded = load(&format!("version: 1\n{rest}"), Around::default());
    loaded.standard.unwrap_or_else(|| panic!("{rest}\n{:#?}", loaded.findings))
}

/// A unit by alice from YAML.
fn unit(yaml: &str) -> UnitFacts {
    let mut facts = parse_unit(&format!("number: 7\n{yaml}")).unwrap_or_else(|error| panic!("{yaml}\n{error}"));
    if facts.author.login.is_empty() {
        facts.author.login = "alice".to_owned();
    }
    facts
}

/// Each requirement in one line: verdict, phrase, what was seen, code.
fn lines(evaluation: &Evaluation) -> Vec<String> {
    let line = |one: &super::RequirementOutcome| {
        let code = one.code.map_or_else(String::new, |code| format!(" [{code}]"));
        format!("{}: {} ({}){code}", one.verdict.word(), one.what, one.seen)
    };
    evaluation.requirements.iter().map(line).collect()
}
