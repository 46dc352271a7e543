//! What became of deliveries, counted.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::Refusal;

/// What became of a delivery: the label `outcome` of `flyball_deliveries_total`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Durable now, 202.
    Accepted,
    /// Already accepted under this id, 202.
    Duplicate,
    /// Nobody needs it, 200.
    Ignored,
    /// Our own doing, 200.
    Ours,
    /// An event we need without what we would need of it, 200.
    Incomplete,
    /// Not signed, 401.
    Unsigned,
    /// Malformed, too large, of another content type, too slow: 400, 408, 413, 415.
    Refused,
    /// Not stored, 503.
    Unstored,
}

impl From<&Refusal> for Outcome {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::Signature(_) => Self::Unsigned,
            Refusal::Unstored(_) | Refusal::Crowded => Self::Unstored,
            Refusal::Malformed(_) | Refusal::TooLarge | Refusal::MediaType | Refusal::Incomplete | Refusal::Slow => {
                Self::Refused
            }
        }
    }
}

impl Outcome {
    /// The label's value.
    const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Duplicate => "duplicate",
            Self::Ignored => "ignored",
            Self::Ours => "ours",
            Self::Incomplete => "incomplete",
            Self::Unsigned => "unsigned",
            Self::Refused => "refused",
            Self::Unstored => "unstored",
        }
    }

    const fn labels(self) -> Labels {
        [("outcome", self.name())]
    }
}

type Labels = [(&'static str, &'static str); 1];

/// Deliveries by outcome. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Counters(Family<Labels, Counter>);

impl Counters {
    /// Makes the counters visible as `flyball_deliveries_total`.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("flyball_deliveries", "Webhook deliveries by what became of them", self.0.clone());
    }

    /// How many deliveries had this outcome.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> u64 {
        self.0.get_or_create(&outcome.labels()).get()
    }

    pub(super) fn add(&self, outcome: Outcome) {
        self.0.get_or_create(&outcome.labels()).inc();
    }
}
