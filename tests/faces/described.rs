//! The `OpenAPI` document and the server say the same.

use std::collections::BTreeSet;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::world::{Answer, World};

/// The document of a server, ready to hold answers against it.
pub(crate) struct Document {
    pub(crate) json: Value,
    closed: Value,
}

impl Document {
    pub(crate) async fn of(world: &World) -> Self {
        let json = world.get("/api/v1/openapi.json").await.json();
        let mut closed = json["components"].clone();
        let mut parts = BTreeSet::new();
        gather_parts(&closed, &mut parts);
        for (name, schema) in closed["schemas"].as_object_mut().unwrap() {
            if !parts.contains(&format!("#/components/schemas/{name}")) {
                close(schema);
            }
        }
        Self { json, closed }
    }

    /// Each operation: method in capitals, path, what is said of it.
    pub(crate) fn operations(&self) -> Vec<(String, String, &Value)> {
        let paths = self.json["paths"].as_object().unwrap();
        let operations = paths.iter().flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().iter();
            methods.map(move |(method, said)| (method.to_uppercase(), path.clone(), said))
        });
        operations.collect()
    }

    /// What is wrong with an answer to this operation.
    pub(crate) fn wrong_with(&self, operation: &Value, answer: &Answer) -> Vec<String> {
        let said = &operation["responses"][answer.status.to_string()];
        if said.is_null() {
            return vec![format!("status {} is not described", answer.status)];
        }
        let Some(contents) = said["content"].as_object() else {
            return if answer.text.is_empty() { vec![] } else { vec!["a body where none is described".to_owned()] };
        };
        let kind = answer.header("content-type").split(';').next().unwrap().to_owned();
        let Some(content) = contents.get(&kind) else { return vec![format!("{kind} is not described")] };
        let validator = self.validator(&content["schema"]);
        let values: Vec<Value> = if kind == "application/x-ndjson" {
            answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        } else {
            vec![answer.json()]
        };
        let errors = values.iter().flat_map(|value| validator.iter_errors(value));
        errors.map(|error| format!("{error} at {}", error.instance_path())).collect()
    }

    pub(crate) fn validator(&self, schema: &Value) -> Validator {
        let mut schema = schema.clone();
        schema["components"] = self.closed.clone();
        jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap()
    }
}

/// Lets no object have a field that its schema does not name: what is undescribed is found, too.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.values_mut().for_each(close);
            let composed = ["oneOf", "anyOf", "allOf", "$ref"].iter().any(|key| map.contains_key(*key));
            if map.get("properties").is_some_and(Value::is_object) && map.contains_key("type") && !composed {
                map.entry("additionalProperties").or_insert(json!(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Schemas that are a part of a greater object: what stands beside them is no field of theirs.
fn gather_parts(value: &Value, parts: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            let beside = map.get("allOf").and_then(Value::as_array).into_iter().flatten();
            let whole = map.get("properties").is_some_and(Value::is_object).then_some(value);
            for part in beside.chain(whole) {
                parts.extend(part["$ref"].as_str().map(str::to_owned));
            }
            map.values().for_each(|inner| gather_parts(inner, parts));
        }
        Value::Array(items) => items.iter().for_each(|inner| gather_parts(inner, parts)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A path with its parameters filled in as the document's examples say.
pub(crate) fn filled(path: &str, operation: &Value) -> String {
    let mut filled = path.to_owned();
    for parameter in operation["parameters"].as_array().into_iter().flatten().filter(|one| one["in"] == "path") {
        let name = parameter["name"].as_str().unwrap();
        let example = &parameter["example"];
        let example = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
        assert_ne!(example, "null", "{path}: {name} has an example");
        filled = filled.replace(&format!("{{{name}}}"), &example);
    }
    assert!(!filled.contains('{'), "{path}: each parameter is described, left: {filled}");
    filled
}

/// A good body for each operation that takes one.
pub(crate) fn good_body(operation: &Value) -> Option<String> {
    let takes_one = !operation["requestBody"].is_null();
    takes_one.then(|| json!({ "base": "main", "paths": ["src/lib.rs"] }).to_string())
}

#[tokio::test]
async fn every_operation_is_answered_as_it_is_described() {
    let world = World::busy().await;
    let document = Document::of(&world).await;
    let operations = document.operations();
    assert!(operations.len() >= 10, "{operations:?}");
    for (method, path, operation) in &operations {
        let at = filled(path, operation);
        let headers = [("content-type", "application/json")];
        let answer = world.asks(method, &at, &headers, good_body(operation)).await;
        let expected = if at.ends_with("/reconcile") { 202 } else { 200 };
        assert_eq!(answer.status, expected, "{method} {at}: {}", answer.text);
        assert_eq!(document.wrong_with(operation, &answer), Vec::<String>::new(), "{method} {at}: {}", answer.text);
    }
    for number in 1..=4 {
        let unit = document.json.pointer("/paths/~1api~1v1~1repos~1{owner}~1{repo}~1units~1{number}/get").unwrap();
        let answer = world.get(&format!("/api/v1/repos/acme/shop/units/{number}")).await;
        assert_eq!(document.wrong_with(unit, &answer), Vec::<String>::new(), "#{number}: {}", answer.text);
    }
}

#[tokio::test]
async fn what_is_not_described_is_not_there() {
    let world = World::quiet().await;
    let document = Document::of(&world).await;
    // The routes are registered with their description only: by no other way.
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/web/api");
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        assert!(!text.contains(".route(") && !text.contains(".route_service("), "{text}");
    }
    let mut methods: std::collections::BTreeMap<String, BTreeSet<String>> = std::collections::BTreeMap::new();
    for (method, path, operation) in document.operations() {
        methods.entry(filled(&path, operation)).or_default().insert(method);
    }
    for (path, described) in methods {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if !described.contains(method) {
                let answer = world.asks(method, &path, &[], None).await;
                assert_eq!(answer.status, 405, "{method} {path}");
                assert_eq!(answer.header("content-type"), "application/problem+json", "{method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn the_document_is_whole_and_of_the_right_form() {
    let world = World::quiet().await;
    let document = Document::of(&world).await;
    assert!(document.json["openapi"].as_str().unwrap().starts_with("3.1."));
    assert_eq!(document.json["info"]["version"], env!("CARGO_PKG_VERSION"));
    let mut references = BTreeSet::new();
    gather(&document.json, &mut references);
    assert!(references.len() > 20, "{references:?}");
    for reference in &references {
        let pointer = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} leads elsewhere"));
        assert!(document.json.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    let mut ids = BTreeSet::new();
    for (method, path, operation) in document.operations() {
        assert!(!path.contains('*'), "{path}");
        assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{path}: an id of its own");
        for field in ["summary", "tags", "responses"] {
            assert!(!operation[field].is_null(), "{method} {path} has no {field}");
        }
        assert!(operation["requestBody"].is_null() || operation["requestBody"]["required"] == true, "{method} {path}");
        let tagged = operation["responses"].get("304").is_some();
        assert_eq!(tagged, method == "GET", "{method} {path}");
        for problem in ["400", "403", "404", "503"] {
            let schema = operation["responses"][problem].pointer("/content/application~1problem+json/schema/$ref");
            assert_eq!(schema, Some(&json!("#/components/schemas/Problem")), "{method} {path}");
        }
    }
    let schemas: &Map<String, Value> = document.json["components"]["schemas"].as_object().unwrap();
    for name in schemas.keys() {
        let reference = format!("#/components/schemas/{name}");
        assert!(references.contains(&reference), "{name} is described and used by nothing");
    }
}

fn gather(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                if let (true, Some(reference)) = (key == "$ref", inner.as_str()) {
                    references.insert(reference.to_owned());
                }
                gather(inner, references);
            }
        }
        Value::Array(items) => items.iter().for_each(|inner| gather(inner, references)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
