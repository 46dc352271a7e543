//! Trouble with deliveries, on demand and repeatable: the same seed disturbs the same ones.

use std::time::Duration;

use super::Delivery;

/// How deliveries are disturbed. The default is none: each once, in order, at once.
#[derive(Debug, Clone, Default)]
pub struct Disorder {
    /// Of a hundred deliveries, how many are sent twice.
    pub duplicate_percent: u64,
    /// Of a hundred deliveries, how many are lost; the log knows them as failed.
    pub lose_percent: u64,
    /// The next delivery to send is any of this many waiting ones; 0 and 1 keep the order.
    pub reorder_within: usize,
    /// How long each delivery waits before it is sent.
    pub delay: Duration,
    /// What the choices depend on.
    pub seed: u64,
    /// Lose the next so many deliveries of this event.
    pub lose_next: Option<(String, usize)>,
}

impl Disorder {
    pub(super) fn loses(&mut self, delivery: &Delivery) -> bool {
        if let Some((event, left)) = &mut self.lose_next
            && *event == delivery.event
            && *left > 0
        {
            *left -= 1;
            return true;
        }
        self.lose_percent > 0 && self.roll(100) < self.lose_percent
    }

    pub(super) fn duplicates(&mut self) -> bool {
        self.duplicate_percent > 0 && self.roll(100) < self.duplicate_percent
    }

    pub(super) fn pick(&mut self, waiting: usize) -> Option<usize> {
        let window = waiting.min(self.reorder_within.max(1));
        if window <= 1 {
            return (waiting > 0).then_some(0);
        }
        let rolled = self.roll(window as u64);
        Some(usize::try_from(rolled).unwrap_or_default())
    }

    /// A number below `sides`, from the `SplitMix64` sequence of the seed.
    fn roll(&mut self, sides: u64) -> u64 {
        self.seed = self.seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.seed;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % sides
    }
}
