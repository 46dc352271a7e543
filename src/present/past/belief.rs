//! What the system believed at a moment of a unit's trace, and what two moments differ in.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Entry, short, text, words};

/// What the entries up to a moment say together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Belief {
    title: String,
    base: String,
    head: String,
    policy: String,
    standing: String,
    reasons: Vec<String>,
    evidence: BTreeMap<String, String>,
    decisions: Vec<String>,
    granted: bool,
    owed: BTreeMap<String, String>,
}

/// One thing that two moments differ in, or agree on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What.
    pub what: &'static str,
    /// What was believed first: lines.
    pub before: Vec<String>,
    /// What was believed later: lines.
    pub after: Vec<String>,
}

impl Difference {
    /// Whether the two moments differ in it.
    #[must_use]
    pub fn is_change(&self) -> bool {
        self.before != self.after
    }
}

impl Belief {
    /// What was believed after this entry.
    #[must_use]
    pub fn after(entries: &[Entry], seq: u64) -> Self {
        let mut belief = Self::default();
        for entry in entries.iter().take_while(|entry| entry.seq <= seq) {
            belief.learn(entry);
        }
        belief
    }

    fn learn(&mut self, entry: &Entry) {
        let data = &entry.data;
        self.policy.clone_from(&entry.policy);
        match entry.kind.as_str() {
            "proposed" => {
                self.title = text(data, "title").to_owned();
                self.base = text(data, "base").to_owned();
                self.head = text(data, "head").to_owned();
            }
            "judged" => {
                self.standing = words(text(data, "standing"));
                let reasons = data["reasons"].as_array().into_iter().flatten();
                self.reasons = reasons.filter_map(Value::as_str).map(str::to_owned).collect();
            }
            "evidence" => drop(self.evidence.insert(text(data, "name").to_owned(), text(data, "state").to_owned())),
            "decided" => self.decisions.push(decision(entry)),
            "pushed" => {
                self.head = text(data, "to").to_owned();
                // Evidence speaks of the head that it was made on.
                self.evidence.clear();
            }
            "retargeted" => self.base = text(data, "to").to_owned(),
            "grant_given" => self.granted = true,
            "grant_revoked" => self.granted = false,
            "action_owed" => drop(self.owed.insert(text(data, "id").to_owned(), text(data, "why").to_owned())),
            "action_closed" | "action_refused" => drop(self.owed.remove(text(data, "id"))),
            "landed" | "withdrawn" => self.granted = false,
            _ => {}
        }
    }
}

fn decision(entry: &Entry) -> String {
    let (word, reason) = (text(&entry.data, "decision"), text(&entry.data, "reason"));
    let why = if reason.is_empty() { String::new() } else { format!(", “{reason}”") };
    format!("{}: {word} on {}{why}", entry.actor, short(text(&entry.data, "sha")))
}

/// Everything that is believed, side by side; nothing where neither moment knows of it.
#[must_use]
pub fn differences(before: &Belief, after: &Belief) -> Vec<Difference> {
    let one = |text: &str| if text.is_empty() { Vec::new() } else { vec![text.to_owned()] };
    let pairs = |map: &BTreeMap<String, String>| map.iter().map(|(name, state)| format!("{name}: {state}")).collect();
    let granted = |belief: &Belief| one(if belief.granted { "granted" } else { "" });
    let row = |what, of: &dyn Fn(&Belief) -> Vec<String>| Difference { what, before: of(before), after: of(after) };
    let rows = [
        row("Title", &|belief| one(&belief.title)),
        row("Base", &|belief| one(&belief.base)),
        row("Head", &|belief| one(short(&belief.head))),
        row("Standing", &|belief| one(&belief.standing)),
        row("Why", &|belief| belief.reasons.clone()),
        row("Evidence", &|belief| pairs(&belief.evidence)),
        row("Decisions", &|belief| belief.decisions.clone()),
        row("Permission to land", &granted),
        row("On its way to GitHub", &|belief| pairs(&belief.owed)),
        row("Policy", &|belief| one(&belief.policy)),
    ];
    rows.into_iter().filter(|row| !row.before.is_empty() || !row.after.is_empty()).collect()
}
