//! Everything that a seed decides: how much goes wrong in it, and each single choice.

use std::sync::Mutex;
use std::time::Duration;

use fastrand::Rng;

/// How often things go wrong, each out of a thousand chances.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Odds {
    /// A replica dies before or after a step of its own.
    pub(crate) crash: u64,
    /// A replica stands still for a while, leases running on.
    pub(crate) pause: u64,
    /// A replica is asked to stop and comes again.
    pub(crate) roll: u64,
    /// The store does not answer, the thing done or not.
    pub(crate) store: u64,
    /// GitHub fails, the thing done or not.
    pub(crate) github: u64,
    /// GitHub may say of a merge that the head moved though it did not. Somebody is asked again then, so not where stories are compared.
    pub(crate) moved: bool,
    /// A delivery gets lost.
    pub(crate) lost: u64,
    /// A delivery comes twice.
    pub(crate) twice: u64,
    /// A delivery comes late, so that others overtake it.
    pub(crate) late: u64,
    /// A call to GitHub or the store takes long.
    pub(crate) slow: u64,
}

/// The source of all choices. Two streams: what people do must not depend on how often the machinery was unlucky.
pub(crate) struct Chance {
    luck: Mutex<(Rng, Odds)>,
}

impl Chance {
    pub(crate) fn new(seed: u64, odds: Odds) -> Self {
        Self { luck: Mutex::new((Rng::with_seed(seed ^ 0x9e37_79b9_7f4a_7c15), odds)) }
    }

    /// From now on nothing goes wrong any more.
    pub(crate) fn heal(&self) {
        self.set(Odds::default());
    }

    pub(crate) fn set(&self, odds: Odds) {
        self.luck.lock().unwrap().1 = odds;
    }

    pub(crate) fn odds(&self) -> Odds {
        self.luck.lock().unwrap().1
    }

    /// Whether something goes wrong now, that does so often.
    pub(crate) fn strikes(&self, odds: impl Fn(&Odds) -> u64) -> bool {
        let mut luck = self.luck.lock().unwrap();
        let odds = odds(&luck.1);
        odds > 0 && luck.0.u64(0..1000) < odds
    }

    pub(crate) fn below(&self, end: usize) -> usize {
        self.luck.lock().unwrap().0.usize(0..end.max(1))
    }

    pub(crate) fn millis(&self, from: u64, to: u64) -> Duration {
        Duration::from_millis(self.luck.lock().unwrap().0.u64(from..=to))
    }
}

/// What goes wrong in the story of this seed: seldom everything, so that each kind of trouble also meets a calm world.
pub(crate) fn odds_of(plot: &mut Rng) -> Odds {
    let mut often = |most: u64| if plot.u8(0..100) < 45 { plot.u64(1..=most) } else { 0 };
    Odds {
        crash: often(12),
        pause: often(8),
        roll: often(40),
        store: often(40),
        github: often(120),
        moved: true,
        lost: often(250),
        twice: often(300),
        late: often(250),
        slow: often(150),
    }
}
