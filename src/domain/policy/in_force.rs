//! The policy in force for a repository: cheap to clone, handed to every judgment.

use std::sync::Arc;

use jiff::SignedDuration;
use serde::Serialize;

use super::facts::UnitFacts;
use super::file::{Ask, Fresh, Who};
use super::outcome::Evaluation;
use super::standard::{Settings, Standard, digest};
use crate::domain::govern::Right;
use crate::domain::integration::collision::Kind;

/// The policy in force.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Where it came from, as shown: `defaults`, or the file.
    pub source: String,
    /// Who may confirm, how many, and how, without regard to rules: a first gate; [`Policy::evaluate`] decides.
    pub confirm: ConfirmPolicy,
    /// Which kinds of collision the order keeps apart, and for how long.
    pub order: OrderPolicy,
    /// Whether the first wait for judgment asks one person for a review.
    pub ask_review: bool,
    /// How many actions one unit may cause in an hour: no loop with another bot can run away.
    pub actions_per_hour: u32,
    /// The compiled file.
    pub standard: Arc<Standard>,
}

/// Who may confirm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfirmPolicy {
    /// The least right.
    pub by: Right,
    /// How many people.
    pub count: usize,
    /// Whether the author may.
    pub author: bool,
    /// Whether an approving review clears.
    pub reviews: bool,
    /// How long a bare confirm does not count after a push replaced a head that had been shown, in seconds.
    pub dwell_seconds: i64,
}

/// What the order keeps apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderPolicy {
    /// Kinds of collision, by name.
    pub enforce: Vec<String>,
    /// How long a unit waits for related ones ahead of it once it is otherwise ready, in seconds.
    pub patience_seconds: i64,
}

/// How long a unit waits for related ones, unless the policy says otherwise.
const PATIENCE_SECONDS: i64 = 24 * 3600;

impl Default for Policy {
    fn default() -> Self {
        Self::new(Arc::default())
    }
}

impl Policy {
    /// A compiled file in force, seen from its default branch.
    #[must_use]
    pub fn new(standard: Arc<Standard>) -> Self {
        let settings = standard.settings("");
        Self {
            source: standard.identity.source.clone(),
            confirm: ConfirmPolicy::of(&settings),
            order: OrderPolicy::of(&settings),
            ask_review: settings.ask == Ask::RequestReview,
            actions_per_hour: 60,
            standard,
        }
    }

    /// The same policy as it holds for units on one base branch.
    #[must_use]
    pub fn on(&self, base: &str) -> Self {
        let settings = self.standard.settings(base);
        Self {
            confirm: ConfirmPolicy::of(&settings),
            order: OrderPolicy::of(&settings),
            ask_review: settings.ask == Ask::RequestReview,
            ..self.clone()
        }
    }

    /// The settings for a base branch.
    #[must_use]
    pub fn settings(&self, base: &str) -> Arc<Settings> {
        self.standard.settings(base)
    }

    /// What the policy says about a unit.
    #[must_use]
    pub fn evaluate(&self, facts: &UnitFacts) -> Evaluation {
        self.standard.evaluate(facts)
    }

    /// A digest of everything it says: verdicts are pinned to it.
    #[must_use]
    pub fn digest(&self) -> String {
        digest(&(&self.standard.identity.digest, &self.confirm, &self.order, self.ask_review, self.actions_per_hour))
    }

    /// How it is named in traces: source and digest.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}@{}", self.source, self.digest())
    }

    /// The kinds of collision by which the order keeps units apart.
    #[must_use]
    pub fn enforced(&self) -> Vec<Kind> {
        self.order
            .enforce
            .iter()
            .filter_map(|name| name.parse().ok())
            .filter(|kind: &Kind| kind.is_collision())
            .collect()
    }

    /// How long a unit waits for related ones.
    #[must_use]
    pub fn patience(&self) -> SignedDuration {
        SignedDuration::from_secs(self.order.patience_seconds)
    }

    /// How long a bare confirm does not count after a push.
    #[must_use]
    pub fn dwell(&self) -> SignedDuration {
        SignedDuration::from_secs(self.confirm.dwell_seconds)
    }

    /// When a passing result counts as stale on a base branch, rules left aside.
    #[must_use]
    pub fn fresh(&self, base: &str) -> Fresh {
        self.settings(base).fresh
    }
}

impl ConfirmPolicy {
    fn of(settings: &Settings) -> Self {
        let named = settings.confirm.by.iter().chain(&settings.confirm.each);
        // A person or a team may confirm without any right here: the first gate lets them pass.
        let least = named.map(|who| match who {
            Who::Right(right) => *right,
            Who::Codeowners => Right::Write,
            Who::User(_) | Who::Team(_) => Right::Read,
        });
        Self {
            by: least.min().unwrap_or(Right::Write),
            count: settings.confirm.count as usize,
            author: settings.confirm.author,
            reviews: settings.confirm.reviews,
            dwell_seconds: settings.dwell_seconds,
        }
    }
}

impl OrderPolicy {
    fn of(settings: &Settings) -> Self {
        let enforce = settings.order.enforce.as_ref().map_or_else(
            || vec!["textual".to_owned()],
            |kinds| kinds.iter().map(|kind| kind.as_str().to_owned()).collect(),
        );
        let patience = settings.order.patience.map_or(PATIENCE_SECONDS, super::file::Span::as_seconds);
        Self { enforce, patience_seconds: patience }
    }
}
