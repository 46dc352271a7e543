//! Holds traffic against GitHub's published `OpenAPI` description: the cut of it in the shared folder.
//!
//! `FLYBALL_SHARED` names the folder; else it is `../shared` beside the project. Where neither is there, [`Contract::load`] says so
//! loudly and the caller has nothing to check.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::rc::Rc;

use jsonschema::{Registry, Validator};
use serde_json::{Map, Value, json};

const DOCUMENT: &str = "urn:github:openapi";

/// The operations and schemas of GitHub's REST API.
pub(crate) struct Contract {
    document: Value,
    registry: Registry<'static>,
    validators: RefCell<HashMap<String, Rc<Validator>>>,
}

/// The folder with GitHub's descriptions, if it is there.
#[expect(clippy::disallowed_methods, reason = "the shared folder is the test machine's, not a setting of the program")]
pub(crate) fn shared() -> Option<PathBuf> {
    let given = std::env::var("FLYBALL_SHARED").map(PathBuf::from).ok();
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let further = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    given.into_iter().chain([beside(), further()]).find(|path| path.join("github/openapi-subset.json").is_file())
}

impl Contract {
    /// Reads the description.
    #[expect(clippy::print_stderr, reason = "a check that is left out must be seen in the test's output")]
    pub(crate) fn load() -> Option<Self> {
        let Some(folder) = shared() else {
            eprintln!("NOT CHECKED: GitHub's OpenAPI description is missing, set FLYBALL_SHARED to the shared folder");
            return None;
        };
        let text =
            std::fs::read_to_string(folder.join("github/openapi-subset.json")).expect("the description can be read");
        let mut document: Value = serde_json::from_str(&text).expect("the description is JSON");
        to_json_schema(&mut document);
        let resource = jsonschema::Resource::from_contents(document.clone());
        let registry =
            Registry::new().add(DOCUMENT, resource).and_then(|r| r.prepare()).expect("the description is well-formed");
        Some(Self { document, registry, validators: RefCell::default() })
    }

    /// What is wrong with a request, in words; a path that GitHub does not have is wrong as well.
    pub(crate) fn check_request(
        &self,
        method: &str,
        template: &str,
        query: &BTreeMap<String, String>,
        body: &Value,
    ) -> Vec<String> {
        let Some(operation) = self.operation(method, template) else {
            return vec![format!("{method} {template} is no operation")];
        };
        let mut wrong = Vec::new();
        let parameters =
            operation["parameters"].as_array().into_iter().flatten().map(|parameter| self.resolved(parameter));
        let known: Vec<&Value> = parameters.filter(|parameter| parameter["in"] == "query").collect();
        for name in query.keys() {
            if !known.iter().any(|parameter| parameter["name"] == **name) {
                wrong.push(format!("{method} {template} knows no query `{name}`"));
            }
        }
        let content = "/requestBody/content/application~1json/schema";
        match (operation.pointer(content), body.is_null()) {
            (Some(_), false) => {
                let pointer = format!("{}{content}", pointer_of(method, template));
                wrong.extend(
                    self.violations(&pointer, body)
                        .into_iter()
                        .map(|text| format!("{method} {template} request: {text}")),
                );
            }
            (Some(_), true) if operation["requestBody"]["required"] == true => {
                wrong.push(format!("{method} {template} needs a body"));
            }
            (None, false) => wrong.push(format!("{method} {template} takes no body")),
            _ => {}
        }
        wrong
    }

    /// What is wrong with a response, in words.
    pub(crate) fn check_response(&self, method: &str, template: &str, status: u16, body: &Value) -> Vec<String> {
        let Some(operation) = self.operation(method, template) else {
            return vec![format!("{method} {template} is no operation")];
        };
        let word = status.to_string();
        let Some(response) = operation["responses"].get(&word) else {
            // Every operation may meet these, whether its description lists them or not.
            let anywhere = [301, 302, 304, 307, 400, 401, 403, 404, 422, 429, 500, 502, 503].contains(&status);
            return if anywhere { Vec::new() } else { vec![format!("{method} {template} never answers {status}")] };
        };
        let content = "/content/application~1json/schema";
        let pointer = match response["$ref"].as_str() {
            Some(reference) => format!("{}{content}", reference.trim_start_matches('#')),
            None => format!("{}/responses/{word}{content}", pointer_of(method, template)),
        };
        if self.document.pointer(&pointer).is_none() || body.is_string() {
            return Vec::new();
        }
        self.violations(&pointer, body)
            .into_iter()
            .map(|text| format!("{method} {template} {status}: {text}"))
            .collect()
    }

    /// Whether the description has this operation.
    pub(crate) fn has(&self, method: &str, template: &str) -> bool {
        self.operation(method, template).is_some()
    }

    fn operation(&self, method: &str, template: &str) -> Option<&Value> {
        self.document["paths"].get(template)?.get(method.to_lowercase())
    }

    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        value["$ref"].as_str().and_then(|text| self.document.pointer(text.trim_start_matches('#'))).unwrap_or(value)
    }

    fn violations(&self, pointer: &str, value: &Value) -> Vec<String> {
        let known = self.validators.borrow().get(pointer).cloned();
        let validator = known.unwrap_or_else(|| {
            // Braces of path templates must be escaped in a reference.
            let fragment = pointer.replace('{', "%7B").replace('}', "%7D");
            let schema =
                json!({"$schema": "http://json-schema.org/draft-07/schema#", "$ref": format!("{DOCUMENT}#{fragment}")});
            let built = jsonschema::options()
                .with_registry(&self.registry)
                .build(&schema)
                .expect("the description's schemas are sound");
            let built = Rc::new(built);
            self.validators.borrow_mut().insert(pointer.to_owned(), built.clone());
            built
        });
        let words = validator.iter_errors(value).map(|error| {
            let text = error.to_string();
            let short: String = text.chars().rev().take(200).collect::<Vec<_>>().into_iter().rev().collect();
            format!("{} {short}", error.instance_path())
        });
        words.collect()
    }
}

fn pointer_of(method: &str, template: &str) -> String {
    format!("/paths/{}/{}", template.replace('~', "~0").replace('/', "~1"), method.to_lowercase())
}

/// `OpenAPI` 3.0 schemas as JSON Schema: `nullable` becomes a type, examples go.
fn to_json_schema(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(to_json_schema);
            // One list of installations asks for an account that is a user and an enterprise at once: a slip of the description,
            // which elsewhere says `anyOf` of the same two.
            if map
                .get("allOf")
                .is_some_and(|all| all.as_array().is_some_and(|all| all.iter().any(|one| one["title"] == "Enterprise")))
            {
                let all = map.remove("allOf").unwrap_or_default();
                map.insert("anyOf".into(), all);
            }
            if map.get("nullable") == Some(&Value::Bool(true)) {
                map.remove("nullable");
                allow_null(map);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(to_json_schema),
        _ => {}
    }
}

fn allow_null(map: &mut Map<String, Value>) {
    if let Some(Value::Array(words)) = map.get_mut("enum")
        && !words.contains(&Value::Null)
    {
        words.push(Value::Null);
    }
    if let Some(kind @ Value::String(_)) = map.get("type").cloned() {
        map.insert("type".into(), json!([kind, "null"]));
    } else if ["$ref", "allOf", "anyOf", "oneOf"].iter().any(|key| map.contains_key(*key)) {
        let whole = Value::Object(std::mem::take(map));
        map.insert("anyOf".into(), json!([{"type": "null"}, whole]));
    }
}
