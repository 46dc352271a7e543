//! Flow as counters, over everything that this process committed: by kind of author, never by repository or rule, so that the number of
//! series stays small however many are governed. docs/MEASURES.md says how rates are made of them.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::{Registry, Unit};

use crate::domain::flow::{Ended, Moved};
use crate::domain::policy::facts::AuthorKind;

type By<const N: usize> = Family<[(&'static str, &'static str); N], Counter>;

/// The counters. Clones count together.
#[derive(Debug, Clone, Default)]
pub(super) struct FlowCounts {
    asked: By<1>,
    given: By<2>,
    waited: By<2>,
    reworked: By<1>,
    collisions: By<2>,
    ended: By<2>,
    spared: By<1>,
    unanswered: By<1>,
    alarmed: By<1>,
    rolled_back: By<1>,
}

impl FlowCounts {
    /// Makes all of them visible.
    pub(super) fn register(&self, to: &mut Registry) {
        to.register(
            "flyball_flow_asked",
            "How often a person was asked to decide, once for a head",
            self.asked.clone(),
        );
        to.register("flyball_flow_decisions", "Decisions that people gave", self.given.clone());
        to.register_with_unit(
            "flyball_flow_waited",
            "Time that units waited, by cause",
            Unit::Seconds,
            self.waited.clone(),
        );
        to.register("flyball_flow_reworked", "Heads pushed after the first suggestion", self.reworked.clone());
        to.register(
            "flyball_flow_collisions",
            "Heads that were open when a colliding unit landed, and those with which it came true",
            self.collisions.clone(),
        );
        to.register("flyball_flow_ended", "Units that ended", self.ended.clone());
        to.register(
            "flyball_flow_stale_avoided",
            "Units that landed on evidence older than something unrelated that landed",
            self.spared.clone(),
        );
        to.register(
            "flyball_flow_context_lost",
            "Units that landed with an unanswered question of the brief",
            self.unanswered.clone(),
        );
        to.register("flyball_flow_alarmed", "Landed units with which something went wrong", self.alarmed.clone());
        to.register("flyball_flow_rolled_back", "Landed units that were taken back", self.rolled_back.clone());
    }

    /// Counts what was committed.
    pub(super) fn count(&self, moved: &[(AuthorKind, Moved)]) {
        for (author, moved) in moved {
            let author = ("author", author.word());
            match *moved {
                Moved::Asked => self.asked.get_or_create(&[author]).inc(),
                Moved::Given(given) => self.given.get_or_create(&[author, ("decision", given.code())]).inc(),
                Moved::Waited(cause, seconds) => {
                    self.waited.get_or_create(&[author, ("cause", cause.code())]).inc_by(seconds)
                }
                Moved::Reworked => self.reworked.get_or_create(&[author]).inc(),
                Moved::Foreseen => self.collisions.get_or_create(&[author, ("outcome", "foreseen")]).inc(),
                Moved::CameTrue => self.collisions.get_or_create(&[author, ("outcome", "came_true")]).inc(),
                Moved::Ended(Ended::Landed) => self.ended.get_or_create(&[author, ("ending", "landed")]).inc(),
                Moved::Ended(Ended::Withdrawn) => self.ended.get_or_create(&[author, ("ending", "withdrawn")]).inc(),
                Moved::Spared => self.spared.get_or_create(&[author]).inc(),
                Moved::Unanswered => self.unanswered.get_or_create(&[author]).inc(),
                Moved::Alarmed => self.alarmed.get_or_create(&[author]).inc(),
                Moved::RolledBack => self.rolled_back.get_or_create(&[author]).inc(),
            };
        }
    }
}
