//! Who works which partition: shared out among those at work, without anybody to ask.
//!
//! Each replica finds the same answer from the same names (rendezvous hashing: Thaler and Ravishankar, "Using name-based mappings to
//! increase hit rates", 1998). Who comes takes a fair share from each of the others, and nothing else moves.

use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::time::Instant;

use crate::store::Partition;

/// Those at work, as last told by the store.
#[derive(Debug, Default)]
pub(super) struct Crew {
    names: Vec<String>,
    /// When it is looked again: as soon as the time of one of the others may have run out.
    pub(super) look_at: Option<Instant>,
}

impl Crew {
    /// What the store answered at `asked` to `me`.
    pub(super) fn told(me: &str, asked: Instant, all: Vec<(String, Duration)>) -> Self {
        let others = all.iter().filter(|(name, _)| name != me);
        let look_at = others.map(|(_, rest)| asked + *rest).min();
        Self { names: all.into_iter().map(|(name, _)| name).collect(), look_at }
    }

    /// Whether they are the same people as `other`.
    pub(super) fn is_of(&self, other: &Self) -> bool {
        self.names.len() == other.names.len() && self.names.iter().all(|name| other.names.contains(name))
    }

    /// Looks again by `at`.
    pub(super) fn look_by(&mut self, at: Instant) {
        self.look_at = Some(self.look_at.map_or(at, |planned| planned.min(at)));
    }

    /// Whether `name` is to work the partition. Nobody is while nobody is known.
    pub(super) fn gives(&self, name: &str, partition: Partition) -> bool {
        let chosen = self.names.iter().max_by_key(|name| (weight(name, partition), *name));
        chosen.is_some_and(|chosen| chosen == name)
    }
}

/// The same on every machine and in every release.
fn weight(name: &str, partition: Partition) -> [u8; 8] {
    let digest = Sha256::new().chain_update([partition.number()]).chain_update(name).finalize();
    std::array::from_fn(|at| digest[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crew(names: &[&str]) -> Crew {
        let all = names.iter().map(|name| ((*name).to_owned(), Duration::from_secs(9))).collect();
        Crew::told(names.first().unwrap_or(&""), Instant::now(), all)
    }

    fn share(crew: &Crew, name: &str) -> Vec<Partition> {
        Partition::all().filter(|partition| crew.gives(name, *partition)).collect()
    }

    #[test]
    fn each_partition_is_one_ones_and_shares_are_about_even() {
        let names = ["a/1", "b/2", "c/3", "d/4"];
        let crew = crew(&names);
        let shares: Vec<usize> = names.iter().map(|name| share(&crew, name).len()).collect();
        assert_eq!(shares.iter().sum::<usize>(), Partition::COUNT);
        assert!(shares.iter().all(|share| (48..=80).contains(share)), "{shares:?}");
    }

    #[test]
    fn who_leaves_gives_to_the_others_and_nothing_else_moves() {
        let (three, two) = (crew(&["a", "b", "c"]), crew(&["a", "b"]));
        for name in ["a", "b"] {
            let (before, after) = (share(&three, name), share(&two, name));
            assert!(before.iter().all(|partition| after.contains(partition)), "{name} keeps what it had");
            assert!(after.len() > before.len(), "{name} gets some");
        }
    }

    #[test]
    fn alone_one_has_all_and_unknown_nobody_has_any() {
        assert_eq!(share(&crew(&["a"]), "a").len(), Partition::COUNT);
        assert_eq!(share(&crew(&["a"]), "b").len(), 0);
        assert_eq!(share(&Crew::default(), "a").len(), 0);
    }

    #[test]
    fn it_is_looked_again_when_the_first_of_the_others_may_be_gone() {
        let now = Instant::now();
        let all = [("me", 1), ("b", 7), ("c", 5)].map(|(name, rest)| (name.to_owned(), Duration::from_secs(rest)));
        assert_eq!(Crew::told("me", now, all.to_vec()).look_at, Some(now + Duration::from_secs(5)));
        let mut alone = Crew::told("me", now, all[..1].to_vec());
        assert_eq!(alone.look_at, None);
        alone.look_by(now + Duration::from_secs(2));
        alone.look_by(now + Duration::from_secs(3));
        assert_eq!(alone.look_at, Some(now + Duration::from_secs(2)));
        assert!(!alone.is_of(&Crew::told("me", now, all.to_vec())));
    }
}
