//! `when`: what a unit must be like for a rule to apply. Every key that is given must hold.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::values::{Glob, Many};
use crate::domain::ids::Timestamp;
use crate::domain::policy::expr::Expr;
use crate::domain::policy::facts::{AuthorKind, Change};

/// What a unit must be like. Without any key a rule applies to every unit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// At least one touched path matches one of these globs. Both names of a renamed file count as touched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paths: Option<Many<Glob>>,
    /// Every touched path matches one of these globs, and there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only_paths: Option<Many<Glob>>,
    /// No touched path matches any of these globs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_paths: Option<Many<Glob>>,
    /// At least one file is changed in one of these ways.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Many<Change>>,
    /// Who opened it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<AuthorIs>,
    /// Its labels: a list means any of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Labels>,
    /// Its base branch matches one of these globs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Many<Glob>>,
    /// Whether it comes from a fork.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_fork: Option<bool>,
    /// How many lines it adds and deletes together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Range>,
    /// How many files it changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Range>,
    /// It moves at least one package whose name matches one of these globs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packages: Option<Many<Glob>>,
    /// It moves packages, and every step is one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bump: Option<Many<Bump>>,
    /// The time is within this window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub during: Option<Window>,
    /// A CEL expression over `unit` is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expr: Option<Expr>,
}

impl When {
    /// Whether it asks for nothing, so that every unit fits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Who opened a unit: every key that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthorIs {
    /// One of these logins (globs, case does not count), `name[bot]` for Apps. Brackets of bots are read as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<Many<String>>,
    /// A person, a coding agent, a bot, or another App.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Many<AuthorKind>>,
    /// The agent's name, as recognised: `copilot`, `claude`, `devin` ...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Many<String>>,
}

/// Labels of a unit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct LabelSets {
    /// At least one of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub any: Vec<String>,
    /// All of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub all: Vec<String>,
    /// None of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub none: Vec<String>,
}

/// Labels: a list (any of them), or `any`, `all`, `none`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Labels(pub LabelSets);

impl JsonSchema for Labels {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Labels".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let sets = generator.subschema_for::<LabelSets>();
        schemars::json_schema!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }, sets] })
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LabelsVisitor)
    }
}

struct LabelsVisitor;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelKeys {
    #[serde(default)]
    any: Many<String>,
    #[serde(default)]
    all: Many<String>,
    #[serde(default)]
    none: Many<String>,
}

impl<'de> Visitor<'de> for LabelsVisitor {
    type Value = Labels;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of labels, or `any`, `all`, `none`")
    }

    fn visit_str<E>(self, text: &str) -> Result<Labels, E> {
        Ok(Labels(LabelSets { any: vec![text.to_owned()], ..LabelSets::default() }))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Labels, A::Error> {
        let any = Vec::deserialize(SeqAccessDeserializer::new(items))?;
        Ok(Labels(LabelSets { any, ..LabelSets::default() }))
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Labels, A::Error> {
        let keys = LabelKeys::deserialize(MapAccessDeserializer::new(entries))?;
        Ok(Labels(LabelSets { any: keys.any.0, all: keys.all.0, none: keys.none.0 }))
    }
}

/// From `min` to `max`, both included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// At least this many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<u64>,
    /// At most this many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u64>,
}

impl Range {
    /// Whether it holds this many.
    #[must_use]
    pub fn contains(&self, number: u64) -> bool {
        self.min.is_none_or(|min| number >= min) && self.max.is_none_or(|max| number <= max)
    }
}

/// A window of time: from its first instant until just before its last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// When it begins: `2026-12-20` (midnight UTC) or `2026-12-20T18:00:00Z`. Since ever, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Moment>,
    /// When it is over. Never, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
}

/// A day (its midnight UTC) or a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Moment(pub Timestamp);

impl TryFrom<String> for Moment {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || {
            let text = super::super::yaml::short(&text);
            format!("`{text}` is neither a day as `2026-12-20` nor a time as `2026-12-20T18:00:00Z`")
        };
        if let Ok(day) = text.parse::<jiff::civil::Date>()
            && !text.contains([':', 'T', 't'])
        {
            let zoned = day.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| wrong())?;
            return Ok(Self(zoned.timestamp()));
        }
        text.parse().map(Self).map_err(|_| wrong())
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.0.to_string()
    }
}

/// How far a package moves, by semantic versioning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Bump {
    /// The third number grows, or the second of `0.x` stays and the third grows.
    Patch,
    /// The second number grows.
    Minor,
    /// The first number grows, or the second of `0.x`.
    Major,
    /// The package is new.
    Added,
    /// The package goes away.
    Removed,
    /// It goes back to an older version.
    Down,
}
