//! The log of every call, for budgets and for checking the contract.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;

use crate::sim::config::SimConfig;

/// One request and what was answered.
#[derive(Debug, Clone, Serialize)]
pub struct CallRecord {
    /// When, RFC 3339 by the simulation's clock.
    pub at: String,
    /// The method, in capitals.
    pub method: String,
    /// The path without its query.
    pub path: String,
    /// The query as it was sent.
    pub query: String,
    /// The path as GitHub's `OpenAPI` description has it; `None` for one that is not served.
    pub template: Option<String>,
    /// The JSON body; null if there was none.
    pub body: Value,
    /// The status answered; 0 where the connection was cut or left hanging.
    pub status: u16,
    /// The JSON answered; a string for other content, null for none.
    pub response: Value,
    /// The App's id, if its JWT was used.
    pub app: Option<u64>,
    /// The installation, if a token was used.
    pub installation: Option<u64>,
    /// The name of the fault that was injected.
    pub fault: Option<String>,
    /// When it arrived, by the machine's clock.
    #[serde(skip)]
    pub began: Instant,
    /// How long it took until the answer was ready, by the machine's clock.
    #[serde(skip)]
    pub took: Duration,
}

impl CallRecord {
    /// `METHOD template`, by which calls are counted.
    #[must_use]
    pub fn kind(&self) -> String {
        format!("{} {}", self.method, self.template.as_deref().unwrap_or(&self.path))
    }

    /// Whether it counts against a budget: neither a token request nor a 304.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.status != 304 && !self.template.as_deref().is_some_and(|template| template.ends_with("/access_tokens"))
    }
}

/// All calls so far.
pub(crate) struct Calls {
    keep: bool,
    pub(crate) kept: Vec<CallRecord>,
    pub(crate) counts: BTreeMap<String, u64>,
    file: Option<BufWriter<File>>,
}

impl Calls {
    pub(crate) fn new(config: &SimConfig) -> Self {
        let file = config.traffic_log.as_ref().and_then(|path| match File::create(path) {
            Ok(file) => Some(BufWriter::new(file)),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "the traffic log cannot be written");
                None
            }
        });
        Self { keep: config.keep_calls, kept: Vec::new(), counts: BTreeMap::new(), file }
    }

    pub(crate) fn record(&mut self, call: CallRecord) {
        *self.counts.entry(call.kind()).or_default() += 1;
        if let Some(file) = &mut self.file {
            let line = serde_json::to_string(&call).unwrap_or_default();
            if let Err(error) = writeln!(file, "{line}").and_then(|()| file.flush()) {
                tracing::warn!(%error, "the traffic log cannot be written any more");
                self.file = None;
            }
        }
        if self.keep {
            self.kept.push(call);
        }
    }
}
