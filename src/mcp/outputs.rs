//! What tools answer, where the JSON API has no shape for it: next steps, and why something does not land.

use std::fmt::Write as _;

use rmcp::schemars::JsonSchema;
use serde::Serialize;

use crate::client::RepoName;
use crate::domain::ids::{PrNumber, Timestamp};
use crate::domain::unit::{Condition, DecisionView, NextMove, Reason, Standing, Verdict};
use crate::present::agent;
use crate::present::text::plain;
use crate::present::unit_view::UnitView;

/// Next steps, the most urgent first: those of the one who asks, and of these the one that has waited longest.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Steps {
    /// owner/repo.
    pub(super) repository: String,
    /// Each open unit that concerns whoever asked.
    pub(super) steps: Vec<Step>,
}

/// The next step of one unit.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct Step {
    /// The pull request.
    number: PrNumber,
    /// Its title, as its author wrote it.
    title: String,
    /// How it stands.
    standing: Standing,
    /// Whether the move is the asker's.
    yours: bool,
    /// Who has to move; null once it ended.
    who: Option<String>,
    /// What they do.
    what: Option<String>,
    /// Since when it is their move.
    since: Option<Timestamp>,
    /// By when, where the policy says.
    due: Option<Timestamp>,
    /// What follows, and what instead if it cannot land.
    then: String,
}

impl Step {
    /// The next step of a unit, as `login` sees it.
    pub(super) fn of(unit: &UnitView, login: Option<&str>) -> Self {
        let next = unit.next_move.as_ref();
        let yours = login.is_some_and(|login| is_move_of(unit, login));
        Self {
            number: unit.number,
            title: unit.title.clone(),
            standing: unit.standing,
            yours,
            who: next.map(|next| next.who.clone()),
            what: next.map(|next| next.what.clone()),
            since: next.map(|next| next.since),
            due: next.and_then(|next| next.due),
            then: unit.brief.next.clone(),
        }
    }

    fn said(&self) -> String {
        let told = |text: &str| plain(text, 300);
        let who = match (&self.who, &self.what) {
            _ if self.yours => format!("your move: {}", told(self.what.as_deref().unwrap_or("answer it"))),
            (Some(who), Some(what)) => format!("{}'s move: {}", told(who), told(what)),
            _ => "nobody has to move".to_owned(),
        };
        format!("#{} ({}): {who}. Then: {}", self.number, self.standing.words().to_lowercase(), told(&self.then))
    }
}

/// Whether the next move is somebody's: named, or one of those who may answer.
fn is_move_of(unit: &UnitView, login: &str) -> bool {
    let named = |name: &str| name.trim_start_matches('@').eq_ignore_ascii_case(login);
    let next = unit.next_move.as_ref();
    next.is_some_and(|next| named(&next.who))
        || unit.standing == Standing::AwaitingJudgment
            && unit.suggestion.as_ref().is_some_and(|suggestion| suggestion.who.iter().any(|who| named(who)))
}

/// The open units that concern somebody, theirs to move first.
pub(super) fn concerning(units: &[UnitView], login: &str) -> Vec<Step> {
    let wrote = |unit: &UnitView| unit.author.login.as_deref().is_some_and(|author| author.eq_ignore_ascii_case(login));
    let mut steps: Vec<Step> = units
        .iter()
        .filter(|unit| wrote(unit) || is_move_of(unit, login))
        .map(|unit| Step::of(unit, Some(login)))
        .collect();
    steps.sort_by_key(|step| (!step.yours, step.since, step.number));
    steps
}

impl Steps {
    /// As an agent reads it.
    pub(super) fn said(&self, login: Option<&str>) -> String {
        if self.steps.is_empty() {
            let whose = login.map_or_else(String::new, |login| format!(" concerns {}", plain(login, 60)));
            return format!("Nothing that is open in {}{whose}: there is no next step.\n", self.repository);
        }
        let mut out = String::new();
        for step in &self.steps {
            let _ = writeln!(out, "{}{}", self.repository, step.said());
        }
        out
    }
}

/// Why a unit does not land.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct WhyNot {
    /// owner/repo.
    repository: String,
    /// The pull request.
    number: PrNumber,
    /// How it stands.
    standing: Standing,
    /// Why it does not land, the most pressing first; empty when nothing is in its way.
    reasons: Vec<Reason>,
    /// Refusals and holds, oldest first, each with who, when, why, and whether it still counts.
    stops: Vec<DecisionView>,
    /// What must still become true.
    still_open: Vec<Condition>,
    /// Whose move it is.
    next_move: Option<NextMove>,
    /// What follows, and what instead if it cannot land.
    then: String,
}

impl WhyNot {
    /// From what the unit says of itself.
    pub(super) fn of(repository: &RepoName, unit: &UnitView) -> Self {
        let is_stop = |decision: &&DecisionView| matches!(decision.kind.as_str(), "refuse" | "hold");
        Self {
            repository: repository.to_string(),
            number: unit.number,
            standing: unit.standing,
            reasons: unit.reasons.clone(),
            stops: unit.decisions.iter().filter(is_stop).cloned().collect(),
            still_open: unit.brief.conditions.iter().filter(|one| one.verdict != Verdict::Met).cloned().collect(),
            next_move: unit.next_move.clone(),
            then: unit.brief.next.clone(),
        }
    }

    /// As an agent reads it.
    pub(super) fn said(repository: &RepoName, unit: &UnitView) -> String {
        agent::why_not(&repository.to_string(), unit)
    }
}
