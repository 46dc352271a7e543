//! The name of a label that Flyball sets.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::values::text_schema;

/// A label's name: 1 to 50 characters in one line, as GitHub takes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LabelName(String);

/// The longest name that GitHub takes, in characters.
const LONGEST: usize = 50;

impl LabelName {
    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for LabelName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let name = text.trim();
        let length = name.chars().count();
        if length == 0 || length > LONGEST || name.chars().any(char::is_control) {
            return Err(format!("a label's name is 1 to {LONGEST} characters in one line; this has {length}"));
        }
        Ok(Self(name.to_owned()))
    }
}

impl From<LabelName> for String {
    fn from(name: LabelName) -> Self {
        name.0
    }
}

text_schema! {
    LabelName: r"^.{1,50}$", "The name of a label.", ["flyball: blocked", "flyball: awaits judgment"];
}
