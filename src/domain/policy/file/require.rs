//! `require`: what must be true before a unit may land. Requirements of all rules that apply add up.

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::values::{Many, Span};
use super::who::Who;

/// What must be true before a unit may land.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Require {
    /// Results that must pass on the head.
    #[serde(default, skip_serializing_if = "is_none_of")]
    pub evidence: Many<EvidenceName>,
    /// When a result counts as stale; the most careful of all rules wins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh: Option<Fresh>,
    /// Reviews.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviews: Option<Reviews>,
    /// Confirms by people: one requirement, or several that must all be met.
    #[serde(default, skip_serializing_if = "is_none_of")]
    pub confirm: Many<Confirm>,
}

fn is_none_of<T>(many: &Many<T>) -> bool {
    many.0.is_empty()
}

impl Require {
    /// Whether it asks for nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A result by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct EvidenceName {
    /// The check run's own name or the context of the commit status; `*` stands for any text, as in `shard-*`.
    pub name: String,
    /// The numeric id of the App that must report it; anyone if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app: Option<u64>,
    /// How many results of that name must be there, all passing.
    pub count: u32,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EvidenceKeys {
    /// The check run's own name or the context of the commit status; `*` stands for any text, as in `shard-*`.
    name: String,
    /// The numeric id of the App that must report it.
    #[serde(default)]
    app: Option<u64>,
    /// How many results of that name must be there.
    #[serde(default)]
    count: Option<u32>,
}

impl JsonSchema for EvidenceName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "EvidenceName".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        if generator.contract().is_serialize() {
            // What we write is always the long form.
            return schemars::json_schema!({
                "type": "object",
                "properties": {
                    "name": { "type": "string", "description": "The check run's own name or the context of the commit status." },
                    "app": { "type": "integer", "minimum": 0, "description": "The numeric id of the App that must report it." },
                    "count": { "type": "integer", "minimum": 1, "description": "How many results of that name must be there." },
                },
                "required": ["name", "count"],
            });
        }
        let keys = generator.subschema_for::<EvidenceKeys>();
        schemars::json_schema!({ "anyOf": [{ "type": "string" }, keys] })
    }
}

impl<'de> Deserialize<'de> for EvidenceName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EvidenceVisitor)
    }
}

struct EvidenceVisitor;

impl<'de> Visitor<'de> for EvidenceVisitor {
    type Value = EvidenceName;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the name of a check as a string, or `name`, `app`, `count`")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<EvidenceName, E> {
        named(text.to_owned(), None, 1)
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<EvidenceName, A::Error> {
        let keys = EvidenceKeys::deserialize(MapAccessDeserializer::new(entries))?;
        named(keys.name, keys.app, keys.count.unwrap_or(1))
    }
}

fn named<E: serde::de::Error>(name: String, app: Option<u64>, count: u32) -> Result<EvidenceName, E> {
    match () {
        () if name.trim().is_empty() => Err(E::custom("a result without a name cannot be required")),
        () if count == 0 => Err(E::custom("a count of 0 requires nothing: leave the result out")),
        () if name == crate::domain::govern::CHECK_NAME => {
            Err(E::custom("Flyball's own check is never evidence for itself"))
        }
        () => Ok(EvidenceName { name, app, count }),
    }
}

/// When a passing result no longer speaks about the base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fresh {
    /// Never.
    Never,
    /// When something related landed since.
    #[default]
    Selective,
    /// When anything landed on the base since.
    Always,
}

/// Reviews that must be there, on the current head. A person's newest one counts; changes requested must be resolved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reviews {
    /// How many approvals by people with write access other than the author.
    #[serde(default)]
    pub approvals: u32,
    /// Whether an owner of each owned path must have approved.
    #[serde(default)]
    pub code_owners: bool,
}

/// Confirms by people. What is absent is taken from the top of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirm {
    /// Who may: any of these. With `codeowners`, an owner of each owned path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Many<Who>>,
    /// One person for each of these, no person twice: `["@acme/dba", "@acme/security"]` is two people from two teams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<Vec<Who>>,
    /// How many different people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// Whether the author or a co-author may be one of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<bool>,
    /// Whether an approving review on the head counts as a confirm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviews: Option<bool>,
    /// How long a bare `/confirm` does not count after a push replaced a head that had been shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dwell: Option<Span>,
    /// When a confirm outlives a push: only for the same content, or never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_on: Option<Vec<KeepOn>>,
}

/// When a confirm outlives a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeepOn {
    /// The new head provably carries the same change: same patch id, same set of files.
    SameContent,
}
