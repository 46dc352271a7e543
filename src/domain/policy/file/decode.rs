//! From text to [`PolicyFile`], piece by piece: every section, rule and lesson reports its own error.

use serde::Deserialize;
use serde::de::Error as _;

use super::{Glob, PolicyFile, Rule, Variation};
use crate::domain::policy::yaml::{self, Located, Node, Position, nearest, short};

/// A file that was read as far as it can be.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// What could be read; what could not is missing.
    pub file: PolicyFile,
    /// What is wrong, in the order of the file; empty when all is well.
    pub errors: Vec<Located>,
}

/// The keys at the top.
const KEYS: [&str; 19] = [
    "version",
    "extends",
    "mode",
    "merge",
    "evidence",
    "order",
    "confirm",
    "reviews",
    "lift",
    "agents",
    "ask",
    "components",
    "sequences",
    "generated",
    "rules",
    "escalation",
    "priorities",
    "lessons",
    "labels",
];

/// More rules and lessons than this are refused.
const MAX_RULES: usize = 5_000;

/// Reads a policy file.
#[must_use]
pub fn parse(text: &str) -> Parsed {
    let mut reader = Reader { file: PolicyFile::default(), errors: Vec::new() };
    match yaml::read(text) {
        Err(error) => reader.errors.push(error),
        Ok(None) => reader.errors.push(Located::custom("the file is empty: write at least `version: 1`")),
        Ok(Some(node)) => reader.top(&node),
    }
    reader.errors.sort_by_key(|error| error.at);
    Parsed { file: reader.file, errors: reader.errors }
}

struct Reader {
    file: PolicyFile,
    errors: Vec<Located>,
}

impl Reader {
    fn top(&mut self, node: &Node) {
        let Some(entries) = node.entries() else {
            return self.wrong(node.at, "a policy is a map of keys: `version: 1`, `rules: [...]`".to_owned());
        };
        for (key, value) in entries {
            match key.text() {
                Some(name) => self.key(name, key, value),
                None => self.wrong(key.at, "a key must be text".to_owned()),
            }
        }
        match node.get("version") {
            None => self.wrong(node.at, "the key `version` is missing: write `version: 1`".to_owned()),
            Some(value) if self.file.version != 1 && value.text().is_none() => {
                self.wrong(value.at, "this Flyball reads version 1 of the format".to_owned());
            }
            Some(_) => {}
        }
        let rules = self.file.rules.len() + self.file.lessons.len();
        if rules > MAX_RULES {
            self.wrong(node.at, format!("{rules} rules and lessons: at most {MAX_RULES} are read"));
        }
    }

    fn key(&mut self, name: &str, key: &Node, value: &Node) {
        match name {
            "version" => self.file.version = self.one(value).unwrap_or_default(),
            "extends" => self.extends(value),
            "mode" => self.file.mode = self.one(value),
            "merge" => self.file.merge = self.one(value),
            "evidence" => self.file.evidence = self.one(value),
            "order" => self.file.order = self.one(value),
            "confirm" => self.file.confirm = self.one(value),
            "reviews" => self.file.reviews = self.one(value),
            "lift" => self.file.lift = self.one(value),
            "agents" => self.file.agents = self.one(value),
            "ask" => self.file.ask = self.one(value),
            "components" => self.file.components = self.each(value),
            "sequences" => self.file.sequences = self.each(value),
            "generated" => self.file.generated = self.each(value),
            "rules" => self.file.rules = self.rules(value),
            "escalation" => self.file.escalation = self.each(value),
            "priorities" => self.file.priorities = self.one(value).unwrap_or_default(),
            "lessons" => self.lessons(value),
            "labels" => self.file.labels = self.one(value).unwrap_or_default(),
            "branches" => self.branches(value),
            _ => {
                let near = nearest(name, KEYS.into_iter().chain(["branches"]));
                let hint = near
                    .map_or_else(|| format!("known are {}", KEYS.join(", ")), |word| format!("did you mean `{word}`?"));
                self.wrong(key.at, format!("unknown key `{}`: {hint}", short(name)));
            }
        }
    }

    fn wrong(&mut self, at: Position, message: String) {
        self.errors.push(Located { at: Some(at), message });
    }

    fn one<'de, T: Deserialize<'de>>(&mut self, node: &'de Node) -> Option<T> {
        match Option::<T>::deserialize(node) {
            Ok(value) => value,
            Err(error) => {
                self.errors.push(Located { at: error.at.or(Some(node.at)), message: error.message });
                None
            }
        }
    }

    fn each<'de, T: Deserialize<'de>>(&mut self, node: &'de Node) -> Vec<T> {
        if node.value == yaml::Value::Null {
            return Vec::new();
        }
        match node.items() {
            Some(items) => items.iter().filter_map(|item| self.one(item)).collect(),
            None => {
                self.wrong(node.at, "a list is expected here: each item begins with `- `".to_owned());
                Vec::new()
            }
        }
    }

    fn rules(&mut self, node: &Node) -> Vec<Rule> {
        let items = node.items().unwrap_or_default();
        if items.is_empty() {
            return self.each(node);
        }
        let mut rules = Vec::new();
        for item in items {
            if let Some(mut rule) = self.one::<Rule>(item) {
                rule.at = Some(item.at);
                rules.push(rule);
            }
        }
        rules
    }

    fn lessons(&mut self, node: &Node) {
        let Some(items) = node.items() else {
            self.file.lessons = self.each(node);
            return;
        };
        for item in items {
            if let Some(mut lesson) = self.one::<super::Lesson>(item) {
                lesson.at = Some(item.at);
                self.file.lessons.push(lesson);
            }
        }
    }

    fn extends(&mut self, node: &Node) {
        let Some(name) = self.one::<String>(node) else { return };
        let part = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        };
        match name.split_once('/') {
            Some((owner, repo)) if part(owner) && part(repo) => self.file.extends = Some(name),
            _ => self.wrong(node.at, format!("`{}` is no repository: write `OWNER/REPOSITORY`", short(&name))),
        }
    }

    fn branches(&mut self, node: &Node) {
        let Some(entries) = node.entries() else {
            if node.value != yaml::Value::Null {
                self.wrong(node.at, "`branches` is a map from globs of branch names to what differs there".to_owned());
            }
            return;
        };
        for (key, value) in entries {
            let (glob, variation) = (self.one::<Glob>(key), self.one::<Variation>(value));
            let (Some(glob), Some(mut variation)) = (glob, variation) else { continue };
            let places = value.get("rules").and_then(Node::items).unwrap_or_default();
            for (rule, place) in variation.rules.iter_mut().zip(places) {
                rule.at = Some(place.at);
            }
            self.file.branches.push((glob, variation));
        }
    }
}
