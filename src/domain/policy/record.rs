//! The record of each rule and kind of author, and what it suggests: to widen a rule that earned it, to narrow one that did harm.

use std::collections::{BTreeMap, VecDeque};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::facts::AuthorKind;

/// How a unit that a rule applied to ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// It was confirmed and stayed.
    Confirmed,
    /// It landed after it had to be changed on request.
    Reworked,
    /// It was refused.
    Refused,
    /// It landed and was taken back.
    RolledBack,
}

/// How many of the newest are kept one by one.
const NEWEST: usize = 20;
/// How many decisions a suggestion to widen needs.
const WIDEN_DECISIONS: u32 = 30;
/// The least lower bound of the share that was confirmed and stayed.
const WIDEN_BOUND: f64 = 0.9;
/// How many rollbacks among the newest suggest to narrow.
const NARROW_ROLLBACKS: usize = 2;

/// The record of one rule and kind of author.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Confirmed, and stayed.
    pub confirmed: u32,
    /// Landed after rework.
    pub reworked: u32,
    /// Refused.
    pub refused: u32,
    /// Taken back.
    pub rolled_back: u32,
    /// The newest, oldest first.
    pub newest: VecDeque<Ended>,
}

/// What a record suggests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Suggests {
    /// `autonomy: auto` for this kind of author.
    Widen,
    /// `autonomy: confirm` for this kind of author.
    Narrow,
}

impl Record {
    /// Adds how a unit ended.
    pub fn add(&mut self, ended: Ended) {
        let counter = match ended {
            Ended::Confirmed => &mut self.confirmed,
            Ended::Reworked => &mut self.reworked,
            Ended::Refused => &mut self.refused,
            Ended::RolledBack => &mut self.rolled_back,
        };
        *counter = counter.saturating_add(1);
        self.newest.push_back(ended);
        if self.newest.len() > NEWEST {
            self.newest.pop_front();
        }
    }

    /// How many decisions it holds.
    #[must_use]
    pub fn decisions(&self) -> u32 {
        [self.reworked, self.refused, self.rolled_back].into_iter().fold(self.confirmed, u32::saturating_add)
    }

    /// What it suggests; harm speaks first.
    #[must_use]
    pub fn suggests(&self) -> Option<Suggests> {
        let rollbacks = self.newest.iter().filter(|ended| **ended == Ended::RolledBack).count();
        if rollbacks >= NARROW_ROLLBACKS {
            return Some(Suggests::Narrow);
        }
        let decisions = self.decisions();
        (decisions >= WIDEN_DECISIONS && wilson_lower(self.confirmed, decisions) >= WIDEN_BOUND)
            .then_some(Suggests::Widen)
    }
}

/// The lower bound of a share at 95 % (Wilson's score interval): what the true share is at least, given so few trials.
///
/// Contract: E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209 to 212.
#[must_use]
pub fn wilson_lower(good: u32, all: u32) -> f64 {
    if all == 0 {
        return 0.0;
    }
    let z = 1.959_963_984_540_054_f64;
    let n = f64::from(all);
    let p = f64::from(good.min(all)) / n;
    let z2 = z * z;
    let middle = p + z2 / (2.0 * n);
    let spread = z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    ((middle - spread) / (1.0 + z2 / n)).max(0.0)
}

/// The records of all rules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Records(BTreeMap<String, BTreeMap<AuthorKind, Record>>);

/// A suggestion about a rule.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct AutonomySuggestion {
    /// The rule.
    pub rule: String,
    /// For which kind of author.
    pub author: AuthorKind,
    /// What.
    pub suggests: Suggests,
    /// Why, as a sentence.
    pub why: String,
}

impl Records {
    /// Adds how a unit ended to every rule that applied to it.
    pub fn add<'a>(&mut self, rules: impl IntoIterator<Item = &'a str>, author: AuthorKind, ended: Ended) {
        for rule in rules {
            self.0.entry(rule.to_owned()).or_default().entry(author).or_default().add(ended);
        }
    }

    /// The record of a rule and kind of author.
    #[must_use]
    pub fn of(&self, rule: &str, author: AuthorKind) -> Option<&Record> {
        self.0.get(rule)?.get(&author)
    }

    /// Everything that the records suggest, by rule and kind of author.
    #[must_use]
    pub fn suggestions(&self) -> Vec<AutonomySuggestion> {
        let records =
            self.0.iter().flat_map(|(rule, kinds)| kinds.iter().map(move |(kind, record)| (rule, kind, record)));
        records
            .filter_map(|(rule, author, record)| {
                let suggests = record.suggests()?;
                let (kind, all) = (with_article(*author), record.decisions());
                let why = match suggests {
                    Suggests::Widen => format!(
                        "Of {all} changes by {kind} under `{rule}`, {} were confirmed and stayed: at least {:.0} % with 95 % certainty.",
                        record.confirmed,
                        (wilson_lower(record.confirmed, all) * 100.0).floor()
                    ),
                    Suggests::Narrow => {
                        let back = record.newest.iter().filter(|ended| **ended == Ended::RolledBack).count();
                        let newest = record.newest.len();
                        format!("Of the last {newest} changes by {kind} under `{rule}`, {back} were taken back.")
                    }
                };
                Some(AutonomySuggestion { rule: rule.clone(), author: *author, suggests, why })
            })
            .collect()
    }
}

const fn with_article(kind: AuthorKind) -> &'static str {
    match kind {
        AuthorKind::Human => "a person",
        AuthorKind::Agent => "an agent",
        AuthorKind::Bot => "a bot",
        AuthorKind::App => "an App",
    }
}
