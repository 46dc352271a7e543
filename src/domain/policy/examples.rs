//! Example units with the verdict they should get: what `flyball policy test` runs, and what recorded units are compared by.

use serde::{Deserialize, Serialize};

use super::facts::UnitFacts;
use super::file::{Autonomy, Integration};
use super::outcome::{Evaluation, Verdict};
use super::standard::Standard;
use super::yaml::{self, Located, Node};

/// One example.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// The unit.
    #[serde(default)]
    pub unit: UnitFacts,
    /// What should come of it; only what is given is compared.
    #[serde(default)]
    pub expect: Expect,
}

/// What should come of a unit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// The verdict over all requirements.
    pub verdict: Option<Verdict>,
    /// Whether it may land unasked.
    pub autonomy: Option<Autonomy>,
    /// The reason codes of what is not met, each once, in any order.
    pub codes: Option<Vec<String>>,
    /// Exactly the rules and lessons that apply, in the order of the file.
    pub rules: Option<Vec<String>>,
    /// What is not met, as the phrases begin.
    pub open: Option<Vec<String>>,
    /// Kinds of integration, besides technical.
    pub integration: Option<Vec<Integration>>,
    /// Whether a revert takes it back.
    pub reversible: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExampleFile {
    examples: Vec<Example>,
}

/// Reads a file of examples: `examples:` with a list.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn parse_examples(text: &str) -> Result<Vec<Example>, Located> {
    match yaml::read(text)? {
        Some(node) => ExampleFile::deserialize(&node).map(|file| file.examples),
        None => Err(serde::de::Error::custom("the file is empty: write `examples:` and a list")),
    }
}

/// Reads one unit from YAML or JSON.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn parse_unit(text: &str) -> Result<UnitFacts, Located> {
    match yaml::read(text)? {
        Some(node) => UnitFacts::deserialize(unwrapped(&node)),
        None => Err(serde::de::Error::custom("the file is empty: write what is known of a unit")),
    }
}

/// The unit itself, also where it stands in an example or in the `facts` of a recorded judgment.
fn unwrapped(node: &Node) -> &Node {
    node.get("unit").or_else(|| node.get("data").and_then(|data| data.get("facts"))).unwrap_or(node)
}

/// A difference between what was expected and what came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mismatch {
    /// What differs: `verdict`, `rules` ...
    pub what: &'static str,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub found: String,
}

impl Example {
    /// Runs it: every difference, none where all is as expected.
    #[must_use]
    pub fn run(&self, standard: &Standard) -> Vec<Mismatch> {
        let evaluation = standard.evaluate(&self.unit);
        let expect = &self.expect;
        let mut all = Vec::new();
        let mut compare = |what, expected: Option<String>, found: String| {
            if let Some(expected) = expected.filter(|expected| *expected != found) {
                all.push(Mismatch { what, expected, found });
            }
        };
        compare("verdict", expect.verdict.map(word), word(evaluation.verdict));
        compare("autonomy", expect.autonomy.map(autonomy), autonomy(evaluation.autonomy.decided));
        compare("codes", expect.codes.clone().map(sorted), sorted(codes(&evaluation)));
        let fired: Vec<String> = evaluation.fired().map(|rule| rule.name.clone()).collect();
        compare("rules", expect.rules.as_ref().map(|rules| rules.join("; ")), fired.join("; "));
        if let Some(open) = &expect.open {
            let found: Vec<String> = evaluation.open().map(|one| one.what.clone()).collect();
            let fits = open.len() == found.len()
                && open.iter().zip(&found).all(|(start, found)| found.starts_with(start.as_str()));
            compare("open", (!fits).then(|| open.join("; ")), found.join("; "));
        }
        let kinds = |kinds: &mut dyn Iterator<Item = Integration>| {
            sorted(kinds.filter(|kind| *kind != Integration::Technical).map(|kind| kind.word().to_owned()).collect())
        };
        compare(
            "integration",
            expect.integration.as_ref().map(|list| kinds(&mut list.iter().copied())),
            kinds(&mut evaluation.integration.iter().copied()),
        );
        compare("reversible", expect.reversible.map(|yes| yes.to_string()), evaluation.reversible.to_string());
        all
    }
}

fn word(verdict: Verdict) -> String {
    verdict.word().to_owned()
}

fn autonomy(autonomy: Autonomy) -> String {
    match autonomy {
        Autonomy::Auto => "auto".to_owned(),
        Autonomy::Confirm => "confirm".to_owned(),
    }
}

fn sorted(mut words: Vec<String>) -> String {
    words.sort();
    words.dedup();
    words.join("; ")
}

fn codes(evaluation: &Evaluation) -> Vec<String> {
    evaluation.open().filter_map(|one| one.code).map(|code| code.code().to_owned()).collect()
}

/// How two policies judge the same unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The unit's number.
    pub unit: u64,
    /// The unit's title: hostile text.
    pub title: String,
    /// What differs.
    pub changes: Vec<Mismatch>,
}

/// What would have been judged differently; nothing where both judge alike. In each change `expected` is the old and `found` the new.
#[must_use]
pub fn difference(old: &Standard, new: &Standard, facts: &UnitFacts) -> Option<Difference> {
    let (before, after) = (old.evaluate(facts), new.evaluate(facts));
    let requirements = |evaluation: &Evaluation| -> Vec<String> {
        evaluation.requirements.iter().map(|one| format!("{} ({})", one.what, one.verdict.word())).collect()
    };
    let parts = [
        ("verdict", word(before.verdict), word(after.verdict)),
        ("autonomy", autonomy(before.autonomy.decided), autonomy(after.autonomy.decided)),
        ("requirements", requirements(&before).join("; "), requirements(&after).join("; ")),
    ];
    let changes: Vec<Mismatch> = parts
        .into_iter()
        .filter(|(_, old, new)| old != new)
        .map(|(what, expected, found)| Mismatch { what, expected, found })
        .collect();
    (!changes.is_empty()).then(|| Difference { unit: facts.number, title: facts.title.clone(), changes })
}

/// One line of a recording: a unit, or an entry of a trace whose data holds the facts of a judgment. Other entries are passed over.
///
/// # Errors
/// Why the line cannot be read.
pub fn parse_recorded(line: &str) -> Result<Option<UnitFacts>, String> {
    let mut value: serde_json::Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let is_entry = value.get("hash").is_some() && value.get("seq").is_some();
    let facts = match (value.pointer_mut("/data/facts"), is_entry) {
        (Some(facts), _) => facts.take(),
        (None, true) => return Ok(None),
        (None, false) => value,
    };
    serde_json::from_value(facts).map(Some).map_err(|error| error.to_string())
}
