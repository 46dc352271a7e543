//! Missed deliveries, as metrics.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;

use crate::runtime::redeliver::{self, Looked};

/// Counts what looks into GitHub's delivery log found. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct MissedCounts {
    looks: Counter,
    asked: Counter,
    given_up: Counter,
    reconciles: Counter,
}

impl MissedCounts {
    /// Makes all of it visible.
    pub fn register(&self, to: &mut Registry) {
        to.register("flyball_delivery_log_looks", "Complete looks into GitHub's delivery log", self.looks.clone());
        to.register(
            "flyball_redeliveries_asked",
            "Failed deliveries that GitHub was asked to repeat",
            self.asked.clone(),
        );
        to.register(
            "flyball_redeliveries_given_up",
            "Failed deliveries that were not asked for any more: too often, or too many at once",
            self.given_up.clone(),
        );
        to.register(
            "flyball_reconciles_of_all",
            "Times that every repository was compared because the log could not tell all",
            self.reconciles.clone(),
        );
    }
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

impl redeliver::Counter for MissedCounts {
    fn looked(&self, looked: &Looked) {
        self.looks.inc();
        self.asked.inc_by(number(looked.asked));
        self.given_up.inc_by(number(looked.given_up));
        if looked.reconciled {
            self.reconciles.inc();
        }
    }
}
