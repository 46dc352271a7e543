//! The same reason on similar paths twice: then Flyball offers the lesson unasked, once.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::ids::Timestamp;

/// A refusal as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The unit's number.
    pub unit: u64,
    /// The reason: hostile text.
    pub reason: String,
    /// What the unit touched.
    pub paths: Vec<String>,
    /// When.
    pub at: Timestamp,
    /// Whether a lesson was offered for it, or for one like it.
    #[serde(default)]
    pub offered: bool,
}

/// How alike two reasons must be: shared words by all words.
const ALIKE_WORDS: f64 = 0.5;
/// Or how alike as text.
const ALIKE_TEXT: f64 = 0.8;

/// The newest earlier refusal that a new one repeats, if none like it was offered as a lesson before.
#[must_use]
pub fn repeated<'a>(new: &Refusal, past: &'a [Refusal]) -> Option<&'a Refusal> {
    let like = |old: &&Refusal| {
        old.unit != new.unit && same_reason(&old.reason, &new.reason) && same_place(&old.paths, &new.paths)
    };
    if past.iter().filter(like).any(|old| old.offered) {
        return None;
    }
    past.iter().filter(like).max_by_key(|old| old.at)
}

fn words(text: &str) -> BTreeSet<String> {
    let parts = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    // Two letters carry no meaning here, and numbers name units and lines.
    parts.filter(|word| word.chars().count() > 2 && !word.chars().all(|c| c.is_ascii_digit())).collect()
}

fn same_reason(a: &str, b: &str) -> bool {
    let (one, other) = (words(a), words(b));
    if one.is_empty() || other.is_empty() {
        return false;
    }
    let shared = one.intersection(&other).count();
    let all = one.union(&other).count();
    let by_words = u32::try_from(shared).map_or(0.0, f64::from) / u32::try_from(all).map_or(1.0, f64::from);
    let text = |words: &BTreeSet<String>| {
        words.iter().cloned().collect::<Vec<_>>().join(" ").chars().take(300).collect::<String>()
    };
    by_words >= ALIKE_WORDS || strsim::normalized_damerau_levenshtein(&text(&one), &text(&other)) >= ALIKE_TEXT
}

/// Whether two sets of paths share a file, or a folder that is not the top.
fn same_place(a: &[String], b: &[String]) -> bool {
    let places = |paths: &[String]| -> BTreeSet<String> {
        paths.iter().map(|path| path.rsplit_once('/').map_or(path.as_str(), |(folder, _)| folder).to_owned()).collect()
    };
    !places(a).is_disjoint(&places(b))
}
