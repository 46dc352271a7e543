//! What was asked for, and when the log was last looked through.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Failure;
use crate::domain::ids::Timestamp;

/// The field that holds the time of the last complete look. No GUID is spelt so.
const LOOKED: &str = "looked";

/// A GUID that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    /// How often.
    pub(super) times: u32,
    /// Its newest failed attempt when it was asked for last.
    pub(super) newest: u64,
    /// When the delivery was first tried.
    pub(super) at: Timestamp,
}

#[derive(Deserialize)]
struct LookedAt {
    at: Timestamp,
}

/// All of it. What another build wrote and this one cannot read is as if it were not there: then something is asked for once more.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// When the last complete look began.
    pub(super) looked: Option<Timestamp>,
    /// By GUID; those within the log's reach only, so their number is bounded by what is asked for in that time.
    pub(super) asked: BTreeMap<String, Asked>,
}

impl Memory {
    pub(super) fn read(fields: Vec<(String, Bytes)>) -> Self {
        let mut memory = Self::default();
        for (field, value) in fields {
            if field == LOOKED {
                memory.looked = serde_json::from_slice::<LookedAt>(&value).ok().map(|looked| looked.at);
            } else if let Ok(asked) = serde_json::from_slice(&value) {
                memory.asked.insert(field, asked);
            }
        }
        memory
    }

    /// Whether a failure is to be asked for: never yet, or its newest attempt failed since we asked.
    pub(super) fn is_due(&self, failure: &Failure, times: u32) -> bool {
        match self.asked.get(&failure.guid) {
            Some(asked) => asked.times < times && failure.newest > asked.newest,
            // A repeat that somebody else asked for failed, the first attempt did not.
            None => failure.original,
        }
    }

    /// What to write at the end of a look: when it began, and without what the log no longer holds.
    pub(super) fn closing(&self, began: Timestamp, horizon: Timestamp) -> Vec<(String, Option<Value>)> {
        let old = self.asked.iter().filter(|(_, asked)| asked.at < horizon).map(|(guid, _)| (guid.clone(), None));
        old.chain([(LOOKED.to_owned(), Some(json!({ "at": began })))]).collect()
    }
}
