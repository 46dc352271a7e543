//! A window as it is shown: its measures, and a few of them for each of its parts.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::count::{Learnt, Selection, measure};
use super::course::Course;
use super::measures::Measures;
use super::window::Window;
use crate::domain::ids::{PrNumber, Timestamp};
use crate::domain::policy::facts::AuthorKind;

/// A minute: what still goes on is counted by full ones, so that an answer stays the same for a while.
const MINUTE: i64 = 60;

/// The flow of a repository over a window.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FlowView {
    /// The repository, `owner/name`.
    pub repo: String,
    /// The first moment of the window.
    pub from: Timestamp,
    /// The moment at which it ends.
    pub to: Timestamp,
    /// Up to when waits that still go on are counted, if that is within the window: the last full minute.
    pub counted_to: Timestamp,
    /// Only units of this kind of author, where one was asked for.
    pub author: Option<AuthorKind>,
    /// Only units to which this rule applies, where one was asked for.
    pub rule: Option<String>,
    /// What was measured over the whole window.
    pub measures: Measures,
    /// Some of it for each part of the window, in order.
    pub parts: Vec<Slice>,
    /// The rules by which a selection can be narrowed: those that apply to any unit measured.
    pub rules: Vec<String>,
}

/// A part of a window. The sum over all parts is the window's.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Slice {
    /// Its first moment.
    pub from: Timestamp,
    /// The moment at which it ends.
    pub to: Timestamp,
    /// Units that landed.
    pub landed: u64,
    /// Of these, those taken back since.
    pub rolled_back: u64,
    /// Units closed without landing.
    pub withdrawn: u64,
    /// How often a person was asked to decide.
    pub asked: u64,
    /// Decisions that people gave.
    pub given: u64,
    /// Heads pushed after the first suggestion.
    pub reworked: u64,
    /// Seconds waited, by cause.
    pub waiting: BTreeMap<&'static str, u64>,
    /// Units that landed and were not taken back within seven days.
    pub trusted: u64,
}

impl Slice {
    fn of(window: Window, measures: Measures) -> Self {
        Self {
            from: moment(window.from),
            to: moment(window.to),
            landed: measures.landed,
            rolled_back: measures.rolled_back.part,
            withdrawn: measures.withdrawn.units,
            asked: measures.decisions.asked,
            given: measures.decisions.given,
            reworked: measures.rework.heads,
            waiting: measures.waiting.by_cause,
            trusted: measures.trusted.units,
        }
    }
}

/// Measures a repository's units over a window.
#[must_use]
pub fn view(
    repo: &str,
    courses: &BTreeMap<PrNumber, Course>,
    lessons: &[Learnt],
    selection: Selection,
    window: Window,
    now: Timestamp,
) -> FlowView {
    let now = now.as_second().div_euclid(MINUTE) * MINUTE;
    let selected: Vec<(PrNumber, &Course)> =
        courses.iter().filter(|(_, course)| selection.lets(course)).map(|(number, course)| (*number, course)).collect();
    let over = |window: Window| measure(selected.iter().copied(), lessons, window, now);
    let mut rules: Vec<String> = courses.values().flat_map(|course| course.rules.iter().cloned()).collect();
    rules.sort();
    rules.dedup();
    FlowView {
        repo: repo.to_owned(),
        from: moment(window.from),
        to: moment(window.to),
        counted_to: moment(now.clamp(window.from, window.to)),
        author: selection.author,
        rule: selection.rule,
        measures: over(window),
        parts: window.parts().into_iter().map(|part| Slice::of(part, over(part))).collect(),
        rules,
    }
}

/// A second as a moment; what no calendar holds is its first.
fn moment(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH)
}
