//! From the text of a file to a policy in force, with everything that is wrong with it: for `flyball policy check` and for the judge.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::evaluate::{asks_for_nothing, matches_everything};
use super::file::{Autonomy, Confirm, Glob, Many, PolicyFile, Range, Rule, Who, parse};
use super::standard::Standard;
use super::yaml::Position;

/// Something about a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Whether the file is refused for it.
    pub level: Level,
    /// Where.
    #[serde(flatten)]
    pub at: Option<Position>,
    /// What, and what to do.
    pub message: String,
}

/// Whether a file is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// It is: the last valid version stays in force.
    Error,
    /// It is not, but it may not do what was meant.
    Warning,
}

/// What came of a file.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The policy, unless there is an error.
    pub standard: Option<Arc<Standard>>,
    /// Errors and warnings, in the order of the file.
    pub findings: Vec<Finding>,
}

/// What is known around a file.
#[derive(Debug, Clone, Copy, Default)]
pub struct Around<'a> {
    /// The path of the file, as it is shown.
    pub source: &'a str,
    /// The blob that held it.
    pub blob: Option<&'a str>,
    /// The file it extends: repository and text.
    pub extended: Option<(&'a str, &'a str)>,
    /// The files of the repository, to find globs that match nothing.
    pub files: Option<&'a [String]>,
}

/// Reads, checks and compiles a file.
#[must_use]
pub fn load(text: &str, around: Around<'_>) -> Loaded {
    let parsed = parse(text);
    let error = |at, message| Finding { level: Level::Error, at, message };
    let mut findings: Vec<Finding> = parsed.errors.into_iter().map(|wrong| error(wrong.at, wrong.message)).collect();
    let mut extended = None;
    if let Some((repository, text)) = around.extended {
        let below = parse(text);
        for wrong in below.errors {
            findings.push(error(None, format!("in {repository}: {wrong}")));
        }
        extended = Some((repository, below.file));
    }
    let file = parsed.file;
    check(&file, extended.as_ref().map(|(repository, below)| (*repository, below)), &mut findings);
    if let Some(files) = around.files {
        against_files(&file, files, &mut findings);
    }
    findings.sort_by_key(|finding| (finding.at.is_none(), finding.at));
    if findings.iter().any(|finding| finding.level == Level::Error) {
        return Loaded { standard: None, findings };
    }
    let source = if around.source.is_empty() { super::PATH } else { around.source };
    match Standard::compile(file, extended, source, around.blob.map(str::to_owned)) {
        Ok(standard) => Loaded { standard: Some(standard), findings },
        Err(wrong) => {
            findings.push(error(None, wrong.to_string()));
            Loaded { standard: None, findings }
        }
    }
}

struct Checker<'a> {
    findings: &'a mut Vec<Finding>,
    at: Option<Position>,
}

impl Checker<'_> {
    fn error(&mut self, message: String) {
        self.findings.push(Finding { level: Level::Error, at: self.at, message });
    }

    fn warn(&mut self, message: String) {
        self.findings.push(Finding { level: Level::Warning, at: self.at, message });
    }

    fn rule(&mut self, rule: &Rule) {
        self.at = rule.at;
        let name = &rule.name;
        if rule.name.trim().is_empty() {
            self.error("a rule needs a name: people see it wherever it speaks".to_owned());
        }
        let asks_confirm = !rule.require.confirm.0.is_empty();
        if rule.autonomy == Some(Autonomy::Auto) && asks_confirm {
            self.error(format!("`{name}` contradicts itself: `autonomy: auto` and a required confirm"));
        }
        if rule.autonomy == Some(Autonomy::Auto) && rule.reversible == Some(false) {
            self.error(format!("`{name}` contradicts itself: `autonomy: auto` and `reversible: false`"));
        }
        for (key, globs) in
            [("paths", &rule.when.paths), ("only_paths", &rule.when.only_paths), ("not_paths", &rule.when.not_paths)]
        {
            if globs.as_ref().is_some_and(|globs| globs.0.is_empty()) {
                self.error(format!("`{key}` of `{name}` is empty: leave it out, or name globs"));
            }
        }
        if rule.when.not_paths.as_ref().is_some_and(|globs| globs.0.iter().any(Glob::is_everything)) {
            self.warn(format!("`{name}` never applies: `not_paths` excludes every path"));
        }
        if rule.when.paths.is_some() && rule.when.paths == rule.when.not_paths {
            self.warn(format!("`{name}` never applies: `paths` and `not_paths` are the same"));
        }
        for (key, range) in [("lines", &rule.when.lines), ("files", &rule.when.files)] {
            if let Some(Range { min: Some(min), max: Some(max) }) = range
                && min > max
            {
                self.error(format!("`{key}` of `{name}` is empty: {min} is more than {max}"));
            }
        }
        if let Some(window) = &rule.when.during {
            match (window.from, window.until) {
                (Some(from), Some(until)) if from >= until => {
                    self.error(format!("`during` of `{name}` is over before it begins"));
                }
                (None, None) => self.error(format!("`during` of `{name}` needs `from` or `until`")),
                _ => {}
            }
        }
        for confirm in &rule.require.confirm.0 {
            self.confirm(&format!("`{name}`"), confirm);
        }
        if asks_for_nothing(rule) {
            self.warn(format!("`{name}` asks for nothing: give it `require`, `autonomy` or `integration`"));
        }
        if rule.autonomy == Some(Autonomy::Auto) && matches_everything(&rule.when) && !rule.shadow {
            self.warn(format!("`{name}` lets every change land unasked: give it a `when`"));
        }
    }

    fn confirm(&mut self, place: &str, confirm: &Confirm) {
        if confirm.by.is_some() && confirm.each.is_some() {
            self.error(format!("{place}: `by` and `each` exclude each other"));
        }
        if confirm.by.as_ref().is_some_and(|by| by.0.is_empty()) || confirm.each.as_ref().is_some_and(Vec::is_empty) {
            self.error(format!("{place}: an empty list means that nobody may confirm"));
        }
        if confirm.count == Some(0) {
            self.error(format!("{place}: a count of 0 asks nobody: use a rule with `autonomy: auto` instead"));
        }
        let people: Option<Vec<&Who>> = confirm.by.as_ref().map(|by| by.0.iter().collect());
        let only_people = people.filter(|by| by.iter().all(|who| matches!(who, Who::User(_))));
        if let (Some(people), Some(count)) = (only_people, confirm.count)
            && (count as usize) > people.len()
        {
            self.error(format!("{place}: {count} people are asked for, and {} named", people.len()));
        }
    }
}

fn check(file: &PolicyFile, extended: Option<(&str, &PolicyFile)>, findings: &mut Vec<Finding>) {
    let mut checker = Checker { findings, at: None };
    if let Some(confirm) = &file.confirm {
        checker.confirm("`confirm`", confirm);
    }
    for rule in every_rule(file) {
        checker.rule(&rule);
    }
    for lesson in &file.lessons {
        checker.at = lesson.at;
        if lesson.autonomy == Some(Autonomy::Auto) {
            checker.error(format!("the lesson `{}` says `auto`: a lesson may only add care", lesson.name));
        }
    }
    names(file, extended, &mut checker);
    checker.at = None;
    let mut components: Vec<&str> = file.components.iter().map(|component| component.name.as_str()).collect();
    components.sort_unstable();
    for pair in components.windows(2).filter(|pair| pair[0] == pair[1]) {
        checker.error(format!("two components are called `{}`", pair[0]));
    }
    if file
        .order
        .as_ref()
        .and_then(|order| order.enforce.as_ref())
        .is_some_and(|kinds| kinds.iter().any(|kind| !kind.is_collision()))
    {
        checker.error("`overlap` is no collision: it cannot be enforced".to_owned());
    }
    contradictions(file, &mut checker);
}

fn every_rule(file: &PolicyFile) -> Vec<Rule> {
    let varied = file.branches.iter().flat_map(|(_, variation)| &variation.rules);
    file.rules.iter().chain(varied).cloned().chain(file.lessons.iter().map(Rule::from)).collect()
}

/// Names must differ, so that a rule can be spoken of, and none can hide one that is inherited.
fn names(file: &PolicyFile, extended: Option<(&str, &PolicyFile)>, checker: &mut Checker<'_>) {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    if let Some((repository, below)) = extended {
        for rule in every_rule(below) {
            seen.insert(rule.name.to_lowercase(), format!("in {repository}"));
        }
    }
    for rule in every_rule(file) {
        let here = rule.at.map_or_else(|| "above".to_owned(), |at| format!("in line {}", at.line));
        if let Some(place) = seen.insert(rule.name.to_lowercase(), here) {
            checker.at = rule.at;
            checker.error(format!("`{}` is the name of another rule or lesson {place}", rule.name));
        }
    }
}

/// A permission that can never work, because a rule with the same `when` objects.
fn contradictions(file: &PolicyFile, checker: &mut Checker<'_>) {
    for (at, rule) in file.rules.iter().enumerate() {
        if rule.autonomy != Some(Autonomy::Auto) || rule.shadow {
            continue;
        }
        let objects = |other: &&Rule| {
            (other.autonomy == Some(Autonomy::Confirm)
                || !other.require.confirm.0.is_empty()
                || other.reversible == Some(false))
                && !other.shadow
                && (other.when == rule.when || other.when.is_empty())
        };
        let others = file.rules.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, rule)| rule);
        if let Some(other) = others.into_iter().find(objects) {
            checker.at = rule.at;
            checker.warn(format!(
                "`{}` never lets anything land unasked: `{}` applies to the same and keeps a person in",
                rule.name, other.name
            ));
        }
    }
}

fn against_files(file: &PolicyFile, files: &[String], findings: &mut Vec<Finding>) {
    let mut checker = Checker { findings, at: None };
    for rule in every_rule(file) {
        checker.at = rule.at;
        for globs in [&rule.when.paths, &rule.when.only_paths, &rule.when.not_paths].into_iter().flatten() {
            matching(&mut checker, &format!("`{}`", rule.name), globs, files);
        }
    }
    checker.at = None;
    for component in &file.components {
        matching(&mut checker, &format!("the component `{}`", component.name), &component.paths, files);
    }
}

fn matching(checker: &mut Checker<'_>, place: &str, globs: &Many<Glob>, files: &[String]) {
    for glob in &globs.0 {
        let matches = files.iter().filter(|file| glob.matches(file)).count();
        match matches {
            0 => checker.warn(format!("{place}: `{glob}` matches no file of the repository")),
            all if all == files.len() && all > 1 && !glob.is_everything() => {
                checker.warn(format!("{place}: `{glob}` matches every file of the repository"));
            }
            _ => {}
        }
    }
}
