//! The schemas of what goes in and out of tools.
//!
//! Numbers are written without the sizes that Rust gives them (`uint64`): JSON Schema knows no such formats, and validators of agents
//! complain about what they do not know.

use std::any::Any;
use std::sync::Arc;

use rmcp::handler::server::tool::{schema_for_input, schema_for_output};
use rmcp::model::JsonObject;
use rmcp::schemars::JsonSchema;
use serde_json::Value;

/// What a tool takes.
pub(super) fn taken<T: JsonSchema + Any>() -> Arc<JsonObject> {
    // Ours are structs, so it is an object; were one not, the tool would take anything and say what is missing.
    plain(schema_for_input::<T>().unwrap_or_default())
}

/// What a tool gives.
pub(super) fn given<T: JsonSchema + Any>() -> Arc<JsonObject> {
    plain(schema_for_output::<T>())
}

fn plain(schema: Arc<JsonObject>) -> Arc<JsonObject> {
    let mut schema = Arc::unwrap_or_clone(schema);
    schema.values_mut().for_each(without_sizes);
    Arc::new(schema)
}

fn without_sizes(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let sized = |format: &Value| {
                format.as_str().is_some_and(|format| format.trim_start_matches('u').starts_with("int"))
            };
            if map.get("format").is_some_and(sized) {
                drop(map.remove("format"));
            }
            map.values_mut().for_each(without_sizes);
        }
        Value::Array(items) => items.iter_mut().for_each(without_sizes),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
