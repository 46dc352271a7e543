//! The trace: a unit's append-only history, each entry bound to the one before by its hash.
//!
//! `hash` is the SHA-256, in hex, of the entry without `hash` in the canonical form of RFC 8785; the first `prev` is 64 zeros.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::domain::ids::Timestamp;

/// The last link of a trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainHead {
    /// How many entries there are.
    pub seq: u64,
    /// The hash of the last one.
    pub hash: String,
}

impl Default for ChainHead {
    fn default() -> Self {
        Self { seq: 0, hash: "0".repeat(64) }
    }
}

/// One entry before it is hashed.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TraceEntry {
    /// Its number, from 1.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who: a login, `flyball`, `github`.
    pub actor: String,
    /// What kind of entry.
    pub kind: String,
    /// What there is to know.
    pub data: Value,
    /// The policy it was judged under.
    pub policy: String,
    /// The hash of the entry before.
    pub prev: String,
}

/// Where a trace is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// A line is no trace entry.
    #[error("line {line} is no trace entry: {why}")]
    Malformed {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// An entry does not follow the one before: something was removed, added or moved.
    #[error("entry {seq} (line {line}) does not follow the one before it")]
    Unlinked {
        /// The line, from 1.
        line: usize,
        /// The entry's own number.
        seq: u64,
    },
    /// An entry was changed after it was written.
    #[error("entry {seq} (line {line}) was changed: its hash does not match its content")]
    Altered {
        /// The line, from 1.
        line: usize,
        /// The entry's own number.
        seq: u64,
    },
}

impl ChainHead {
    /// Links an entry to the chain and returns its line of JSON.
    pub fn append(&mut self, at: Timestamp, actor: &str, kind: &str, data: Value, policy: &str) -> String {
        let entry = TraceEntry {
            seq: self.seq + 1,
            at,
            actor: actor.to_owned(),
            kind: kind.to_owned(),
            data,
            policy: policy.to_owned(),
            prev: self.hash.clone(),
        };
        let mut object = match serde_json::to_value(&entry) {
            Ok(Value::Object(object)) => object,
            other => unreachable!("a trace entry is an object with string keys: {other:?}"),
        };
        let hash = digest(&object);
        object.insert("hash".to_owned(), Value::String(hash.clone()));
        self.seq = entry.seq;
        self.hash = hash;
        Value::Object(object).to_string()
    }

    /// The anchor that check runs carry: `seq:hash`.
    #[must_use]
    pub fn anchor(&self) -> String {
        format!("{}:{}", self.seq, self.hash)
    }
}

fn digest(entry: &Map<String, Value>) -> String {
    let canonical = serde_json_canonicalizer::to_vec(entry).expect("JSON values have a canonical form");
    hex::encode(Sha256::digest(canonical))
}

/// Checks a whole trace, one entry a line; empty lines are passed over. Gives its last link.
///
/// # Errors
/// The first entry that is malformed, unlinked or altered.
pub fn verify<'a>(lines: impl Iterator<Item = &'a str>) -> Result<ChainHead, VerifyError> {
    let mut head = ChainHead::default();
    for (index, text) in lines.enumerate().filter(|(_, text)| !text.trim().is_empty()) {
        let line = index + 1;
        let malformed = |why: &str| VerifyError::Malformed { line, why: why.to_owned() };
        let mut entry: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| malformed(&error.to_string()))?;
        let hash = entry
            .remove("hash")
            .and_then(|hash| hash.as_str().map(str::to_owned))
            .ok_or_else(|| malformed("no `hash`"))?;
        let seq = entry.get("seq").and_then(Value::as_u64).ok_or_else(|| malformed("no `seq`"))?;
        let prev = entry.get("prev").and_then(Value::as_str).ok_or_else(|| malformed("no `prev`"))?;
        if prev != head.hash || seq != head.seq + 1 {
            return Err(VerifyError::Unlinked { line, seq });
        }
        if digest(&entry) != hash {
            return Err(VerifyError::Altered { line, seq });
        }
        head = ChainHead { seq, hash };
    }
    Ok(head)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn chain() -> Vec<String> {
        let mut head = ChainHead::default();
        (0..3)
            .map(|n| head.append(Timestamp::UNIX_EPOCH, "alice", "observed", json!({"n": n, "é": 1.5}), "default"))
            .collect()
    }

    #[test]
    fn a_chain_verifies_and_gives_its_last_link() {
        let lines = chain();
        let head = verify(lines.iter().map(String::as_str)).unwrap();
        assert_eq!(head.seq, 3);
        assert!(lines[2].contains(&head.hash));
    }

    #[test]
    fn tampering_is_found_at_its_entry() {
        let intact = chain();
        let mut altered = intact.clone();
        altered[1] = altered[1].replace("\"n\":1", "\"n\":7");
        let cases: [(&str, Vec<String>, VerifyError); 4] = [
            ("altered", altered, VerifyError::Altered { line: 2, seq: 2 }),
            ("removed", vec![intact[0].clone(), intact[2].clone()], VerifyError::Unlinked { line: 2, seq: 3 }),
            ("swapped", vec![intact[1].clone(), intact[0].clone()], VerifyError::Unlinked { line: 1, seq: 2 }),
            ("beginning cut off", intact[1..].to_vec(), VerifyError::Unlinked { line: 1, seq: 2 }),
        ];
        for (case, lines, expected) in cases {
            assert_eq!(verify(lines.iter().map(String::as_str)), Err(expected), "{case}");
        }
        let garbage = verify(["nonsense"].into_iter());
        assert!(matches!(garbage, Err(VerifyError::Malformed { line: 1, .. })));
    }
}
