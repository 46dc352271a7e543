//! Rules and lessons: when they apply, what they ask for, and why they are there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::require::Require;
use super::when::{Moment, When};
use crate::domain::policy::yaml::Position;

/// One rule.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name, unique in the file and what it extends: people see it wherever the rule speaks.
    pub name: String,
    /// Why it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What a unit must be like for the rule to apply; every unit, if absent.
    #[serde(default, skip_serializing_if = "When::is_empty")]
    pub when: When,
    /// What must be true before it may land.
    #[serde(default, skip_serializing_if = "Require::is_empty")]
    pub require: Require,
    /// `auto` lets it land unasked, where no other rule objects; `confirm` objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autonomy: Option<Autonomy>,
    /// Which kinds of integration the unit needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub integration: Vec<Integration>,
    /// `false`: the change cannot be taken back by a revert; it is never `auto`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversible: Option<bool>,
    /// Evaluated and shown, and counts for nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shadow: bool,
    /// Where it stands.
    #[serde(skip)]
    pub at: Option<Position>,
}

/// Whether a unit may land unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Autonomy {
    /// It may.
    Auto,
    /// A person confirms it.
    #[default]
    Confirm,
}

/// A kind of integration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Integration {
    /// Code and its neighbours.
    Technical,
    /// Roll-out, data, on-call.
    Operational,
    /// Other teams.
    Organizational,
    /// Licences, privacy, contracts.
    Legal,
    /// Direction.
    Strategic,
}

impl Integration {
    /// As written.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Technical => "technical",
            Self::Operational => "operational",
            Self::Organizational => "organizational",
            Self::Legal => "legal",
            Self::Strategic => "strategic",
        }
    }
}

/// A rule that came from a refusal, a rollback or a near miss.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// Its name, unique among rules and lessons: what `/forget` takes.
    pub name: String,
    /// The reason that was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What a unit must be like for it to fire.
    #[serde(default, skip_serializing_if = "When::is_empty")]
    pub when: When,
    /// What must be true before it may land.
    #[serde(default, skip_serializing_if = "Require::is_empty")]
    pub require: Require,
    /// `confirm`, or absent: a lesson never lets anything land unasked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autonomy: Option<Autonomy>,
    /// Evaluated and shown, and counts for nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shadow: bool,
    /// Where it came from.
    pub source: LessonSource,
    /// From when on it no longer counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Moment>,
    /// That it was forgotten: it is kept as history and counts for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired: Option<Retired>,
    /// Where it stands.
    #[serde(skip)]
    pub at: Option<Position>,
}

/// Where a lesson came from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LessonSource {
    /// The unit: `owner/repo#number`.
    pub unit: String,
    /// The comment or review that said so: its URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Who said so, by login.
    pub person: String,
    /// When: `2026-11-21`.
    pub date: String,
}

/// Who forgot a lesson, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retired {
    /// By login.
    pub by: String,
    /// When: `2026-11-21`.
    pub date: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl From<&Lesson> for Rule {
    fn from(lesson: &Lesson) -> Self {
        Self {
            name: lesson.name.clone(),
            why: lesson.why.clone(),
            when: lesson.when.clone(),
            require: lesson.require.clone(),
            autonomy: lesson.autonomy,
            integration: Vec::new(),
            reversible: None,
            shadow: lesson.shadow,
            at: lesson.at,
        }
    }
}
