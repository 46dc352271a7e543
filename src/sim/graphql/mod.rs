//! GraphQL: any query that is valid against the cut of GitHub's public schema, answered from the state field by field.

mod checks;
mod commit;
mod connection;
mod kind;
mod mutation;
mod object;
mod pull;
mod queue;
mod root;
mod talk;

use std::cell::RefCell;
use std::sync::OnceLock;

use apollo_compiler::resolvers::Execution;
use apollo_compiler::response::{JsonMap, JsonValue};
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use serde_json::{Value, json};

use super::http::{Answer, Call, Reply, ok};
use super::state::State;
use kind::Kind;
use object::Object;

static SCHEMA: OnceLock<Valid<Schema>> = OnceLock::new();

fn schema() -> &'static Valid<Schema> {
    SCHEMA.get_or_init(|| {
        let text = include_str!("schema.graphql");
        Schema::parse_and_validate(text, "schema.graphql").expect("the schema is part of the program and its tests")
    })
}

/// `POST /graphql`: errors come with 200 (FACTS Q1).
pub(crate) fn answer(state: &mut State, call: &Call) -> Reply {
    let Some(query) = call.text("query") else {
        return Err(Answer::error(400, "A query attribute must be specified and must be a string."));
    };
    let document = match ExecutableDocument::parse_and_validate(schema(), query, "query.graphql") {
        Ok(document) => document,
        Err(invalid) => {
            let errors =
                invalid.errors.iter().map(|error| json!({"message": error.to_json().message})).collect::<Vec<_>>();
            return ok(json!({"errors": errors}));
        }
    };
    let name = call.text("operationName");
    let operation = match document.operations.get(name) {
        Ok(operation) => operation,
        Err(error) => return ok(json!({"errors": [{"message": error.message().to_string()}]})),
    };
    let root = if operation.is_mutation() { Kind::Mutation(call.caller) } else { Kind::Query(call.caller) };
    let variables: JsonMap = match JsonValue::from(call.body["variables"].clone()) {
        JsonValue::Object(map) => map,
        _ => JsonMap::new(),
    };
    let world = RefCell::new(state);
    let execution = Execution::new(schema(), &document).operation(operation).raw_variable_values(&variables);
    match execution.execute_sync(&Object::new(&world, root)) {
        Ok(response) => ok(with_types(serde_json::to_value(response).unwrap_or_default())),
        Err(error) => ok(json!({"errors": [{"message": error.message().to_string()}]})),
    }
}

/// Words errors as GitHub does, with the `type` that it puts beside the message.
fn with_types(mut response: Value) -> Value {
    for error in response["errors"].as_array_mut().into_iter().flatten() {
        let message = error["message"].as_str().unwrap_or_default();
        // The executor says where an error comes from; GitHub does not.
        let message = message.strip_prefix("resolver error: ").unwrap_or(message).to_owned();
        let kind = match message.as_str() {
            text if text.starts_with("Could not resolve") => "NOT_FOUND",
            text if text.starts_with("Resource not accessible") => "FORBIDDEN",
            _ => "UNPROCESSABLE",
        };
        error["type"] = kind.into();
        error["message"] = message.into();
    }
    if response["errors"].is_null()
        && let Some(map) = response.as_object_mut()
    {
        map.remove("errors");
    }
    response
}
