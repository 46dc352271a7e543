//! Rate limits: the primary one per installation and hour, and the one on creating content (FACTS R1 to R5).

use std::collections::{HashMap, VecDeque};

use super::{Answer, Caller};
use crate::sim::config::ContentLimit;
use crate::sim::state::State;

const HOUR: i64 = 3600;

/// What has been used.
#[derive(Debug, Default)]
pub(crate) struct Rates {
    used: HashMap<u64, (i64, u64)>,
    /// When content was created, in seconds.
    created: VecDeque<i64>,
    /// Limits in force only once somebody set them in a test.
    pub(crate) exhausted_until: Option<i64>,
}

impl State {
    /// Counts a request, or refuses it; a 304 is given back later by [`State::refund`].
    pub(crate) fn charge(&mut self, caller: Caller, creates: bool) -> Result<(), Answer> {
        let Caller::Installation(id) = caller else { return Ok(()) };
        let now = self.now().as_second();
        let limit = self.config.rate_limit;
        if self.rates.exhausted_until.is_some_and(|until| until <= now) {
            self.rates.exhausted_until = None;
        }
        let (reset, used) = self.window(id);
        if used >= limit || self.rates.exhausted_until.is_some() {
            let text = format!("API rate limit exceeded for installation ID {id}.");
            return Err(Answer::error(403, text));
        }
        self.rates.used.insert(id, (reset, used + 1));
        if creates {
            self.charge_content(now)?;
        }
        Ok(())
    }

    fn charge_content(&mut self, now: i64) -> Result<(), Answer> {
        while self.rates.created.front().is_some_and(|at| *at <= now - HOUR) {
            self.rates.created.pop_front();
        }
        if let Some(ContentLimit { per_minute, per_hour }) = self.config.content_limit {
            let lately = self.rates.created.iter().rev().take_while(|at| **at > now - 60).count();
            if lately >= per_minute || self.rates.created.len() >= per_hour {
                return Err(secondary(60));
            }
        }
        self.rates.created.push_back(now);
        Ok(())
    }

    /// Gives a request back: a 304 costs nothing (FACTS R6).
    pub(crate) fn refund(&mut self, caller: Caller) {
        if let Caller::Installation(id) = caller
            && let Some((_, used)) = self.rates.used.get_mut(&id)
        {
            *used = used.saturating_sub(1);
        }
    }

    /// The end of the running hour and what was used in it.
    pub(crate) fn window(&self, installation: u64) -> (i64, u64) {
        let now = self.now().as_second();
        match self.rates.used.get(&installation) {
            Some((reset, used)) if *reset > now => (*reset, *used),
            _ => (now + HOUR, 0),
        }
    }

    /// The headers that tell about the primary limit.
    pub(crate) fn rate_headers(&self, caller: Caller) -> Vec<(&'static str, String)> {
        let Caller::Installation(id) = caller else { return Vec::new() };
        let (reset, used) = self.window(id);
        let limit = self.config.rate_limit;
        let (reset, used) = self.rates.exhausted_until.map_or((reset, used), |until| (until, limit));
        vec![
            ("x-ratelimit-limit", limit.to_string()),
            ("x-ratelimit-remaining", limit.saturating_sub(used).to_string()),
            ("x-ratelimit-used", used.to_string()),
            ("x-ratelimit-reset", reset.to_string()),
            ("x-ratelimit-resource", "core".into()),
        ]
    }
}

/// The answer of a secondary limit.
pub(crate) fn secondary(retry_after: u64) -> Answer {
    let text = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
    Answer::error(403, text).header("retry-after", retry_after.to_string())
}
