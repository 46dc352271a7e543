//! The `OpenAPI` document: the operations as the handlers describe them, the schemas from the types that are written and read.
//!
//! Contract: `OpenAPI` 3.1, whose schemas are JSON Schema 2020-12, <https://spec.openapis.org/oas/v3.1.0>

use std::sync::LazyLock;

use axum::Json;
use schemars::JsonSchema;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

use super::policies::{Judged, PolicyInForce};
use super::problems::{Problems, Unchanged};
use crate::domain::flow::FlowView;
use crate::domain::govern::{Foreseen, PlanView, Preflight};
use crate::domain::unit::TraceEntry;
use crate::present::unit_view::{Repositories, UnitPage};
use crate::web::problem::Problem;

/// An entry of a trace with its own hash, as it stands in a line.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used: the lines are given out as they are stored")]
struct LinkedEntry {
    #[schemars(flatten)]
    entry: TraceEntry,
    /// The hash of this entry.
    #[schemars(regex(pattern = "^[0-9a-f]{64}$"))]
    hash: String,
}

static DOCUMENT: LazyLock<Value> = LazyLock::new(document);

/// Describes this API as an `OpenAPI` 3.1 document.
#[utoipa::path(get, path = "/api/v1/openapi.json", operation_id = "getDescription", tag = "description", responses(
    (status = 200, description = "The document that you read.", content_type = "application/json", body = Object),
    Unchanged, Problems,
))]
pub(super) async fn openapi() -> Json<&'static Value> {
    Json(&DOCUMENT)
}

fn document() -> Value {
    let mut document = serde_json::to_value(super::described().into_openapi()).unwrap_or_default();
    document["info"] = json!({
        "title": "Flyball",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "What Flyball knows about pull requests: where each stands and why, whose move it is, what collides with what and \
            in which order they land. Times are RFC 3339 in UTC, errors problem details (RFC 9457).",
        "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
    });
    let operations = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    for operation in operations.filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
        be_exact(operation);
    }
    // The router's way to write a parameter that may contain slashes is no way of OpenAPI.
    if let Some(paths) = document["paths"].as_object_mut() {
        let written: Map<String, Value> =
            std::mem::take(paths).into_iter().map(|(path, item)| (path.replace("{*", "{"), item)).collect();
        *paths = written;
    }
    document["components"]["schemas"] = Value::Object(schemas());
    document
}

/// Says of an operation what its macro leaves out or gets wrong: a body that is read must be sent, a `u64` may be greater than an `i64`.
fn be_exact(operation: &mut Value) {
    if let Some(body) = operation.get_mut("requestBody") {
        body["required"] = Value::Bool(true);
    }
    for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
        let schema = &mut parameter["schema"];
        if schema["format"] == "int64" && schema["minimum"] == 0 {
            schema["format"] = "uint64".into();
            schema["maximum"] = u64::MAX.into();
        }
    }
}

/// Everything that the operations refer to, and what that refers to.
fn schemas() -> Map<String, Value> {
    let generator = |settings: SchemaSettings| {
        SchemaGenerator::new(settings.with(|settings| settings.definitions_path = "/components/schemas".into()))
    };
    let mut written = generator(SchemaSettings::draft2020_12().for_serialize());
    written.subschema_for::<Problem>();
    written.subschema_for::<Repositories>();
    written.subschema_for::<UnitPage>();
    written.subschema_for::<LinkedEntry>();
    written.subschema_for::<Judged>();
    written.subschema_for::<PolicyInForce>();
    written.subschema_for::<PlanView>();
    written.subschema_for::<FlowView>();
    written.subschema_for::<Foreseen>();
    let mut read = generator(SchemaSettings::draft2020_12().for_deserialize());
    read.subschema_for::<Preflight>();
    let mut all = read.take_definitions(true);
    all.append(&mut written.take_definitions(true));
    all
}
