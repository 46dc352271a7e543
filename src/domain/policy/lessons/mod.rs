//! Lessons: what refusals, rollbacks and near misses teach, drawn from the unit, written into the file, counted when they fire.

mod draft;
mod edit;
mod repeated;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use draft::{Cause, Taught, draft};
pub use edit::{EditError, add_lesson, add_rule, retire_lesson, written};
pub use repeated::{Refusal, repeated};

use super::outcome::{Evaluation, Origin};

/// How often lessons fired: each unit counts once for a lesson.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Firings {
    by_lesson: BTreeMap<String, BTreeSet<u64>>,
}

impl Firings {
    /// Notes the lessons that fired on a unit; those that fired on it for the first time are returned.
    pub fn note(&mut self, evaluation: &Evaluation, unit: u64) -> Vec<String> {
        let names = evaluation.lessons().map(|rule| rule.name.clone());
        names.filter(|name| self.by_lesson.entry(name.clone()).or_default().insert(unit)).collect()
    }

    /// On how many units a lesson fired.
    #[must_use]
    pub fn of(&self, lesson: &str) -> usize {
        self.by_lesson.get(lesson).map_or(0, BTreeSet::len)
    }
}

/// A lesson that fired, in one line for `/why`: its name, its reason, who taught it, on how many units it fired.
#[must_use]
pub fn fired_line(name: &str, why: Option<&str>, origin: &Origin, firings: &Firings) -> Option<String> {
    let Origin::Lesson { source } = origin else { return None };
    let why = why.map_or_else(String::new, |why| format!(": {}", super::yaml::short(why)));
    let times = firings.of(name);
    let often = if times == 1 { "on one unit".to_owned() } else { format!("on {times} units") };
    Some(format!("{name}{why} (taught by {} on {}, {}; it fired {often})", source.person, source.unit, source.date))
}
