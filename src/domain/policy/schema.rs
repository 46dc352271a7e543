//! The JSON Schema of the policy file, made from its types: editors complete and check with it.

use super::file::PolicyFile;

/// The published schema, as it stands in `docs/flyball.schema.json`.
#[must_use]
pub fn schema() -> String {
    let schema = schemars::schema_for!(PolicyFile);
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}
