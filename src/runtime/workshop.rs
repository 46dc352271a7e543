//! What every job of a partition works with.

use std::sync::Arc;

use super::clock::Clock;
use super::committer::Committer;
use super::governor::Governor;
use super::lease::Held;
use super::observe::Observer;
use super::settings::Settings;
use crate::github::GitHub;
use crate::store::{Partition, Store};

/// The tools of the whole worker.
pub(super) struct Tools<G> {
    pub(super) governor: G,
    pub(super) store: Arc<dyn Store>,
    pub(super) github: Arc<dyn GitHub>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) observer: Arc<dyn Observer>,
    pub(super) settings: Arc<Settings>,
}

/// The tools, at one partition.
pub(super) struct Workshop<G> {
    pub(super) tools: Arc<Tools<G>>,
    pub(super) partition: Partition,
    pub(super) lease: Arc<Held>,
    pub(super) committer: Committer,
}

impl<G: Governor> Workshop<G> {
    /// A workshop for a partition that was just taken.
    pub(super) fn new(tools: Arc<Tools<G>>, partition: Partition, lease: Arc<Held>) -> Self {
        let committer = Committer::new(
            Arc::clone(&tools.store),
            Arc::clone(&tools.observer),
            Arc::clone(&tools.settings),
            partition,
            Arc::clone(&lease),
        );
        Self { tools, partition, lease, committer }
    }
}

impl<G> std::ops::Deref for Workshop<G> {
    type Target = Tools<G>;

    fn deref(&self) -> &Tools<G> {
        &self.tools
    }
}
