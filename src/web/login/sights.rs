//! What people may see, kept for minutes: GitHub is asked once, however many pages somebody opens.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use moka::{future, sync};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::domain::ids::Timestamp;
use crate::github::{GitHubError, PersonToken, Sight, SignIn};

/// How long GitHub's answer is believed: so long somebody may still see what was just taken from them.
const LASTS: SignedDuration = SignedDuration::from_mins(2);
/// How long memory holds one that nobody asks for, and how many repository ids in all.
const HELD: Duration = Duration::from_secs(300);
const MOST_IDS: u64 = 1_000_000;
/// How long a token that GitHub refused is not asked about again, and how many such are known.
const REFUSED: Duration = Duration::from_secs(60);
const MOST_REFUSED: u64 = 10_000;
/// How many people are looked up at once.
const AT_ONCE: usize = 16;

/// Names a token without telling it.
pub(super) type TokenKey = [u8; 32];

/// Why nobody knows what a token may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unseen {
    /// GitHub does not take the token (any more).
    Refused,
    /// GitHub does not answer, or not so that it could be read.
    NotNow,
}

#[derive(Clone)]
struct Seen {
    sight: Arc<Sight>,
    at: Timestamp,
}

/// What is kept.
pub(super) struct Sights {
    seen: future::Cache<TokenKey, Seen>,
    refused: sync::Cache<TokenKey, ()>,
    turns: Semaphore,
}

impl Default for Sights {
    fn default() -> Self {
        let weight = |_: &TokenKey, seen: &Seen| u32::try_from(seen.sight.repositories.len() + 16).unwrap_or(u32::MAX);
        Self {
            seen: future::Cache::builder().max_capacity(MOST_IDS).weigher(weight).time_to_live(HELD).build(),
            refused: sync::Cache::builder().max_capacity(MOST_REFUSED).time_to_live(REFUSED).build(),
            turns: Semaphore::new(AT_ONCE),
        }
    }
}

/// The key of a token.
pub(super) fn key(token: &PersonToken) -> TokenKey {
    Sha256::digest(token.expose().as_bytes()).into()
}

impl Sights {
    /// What the token may see, at most minutes old.
    pub(super) async fn of(&self, sign_in: &SignIn, token: &PersonToken, now: Timestamp) -> Result<Arc<Sight>, Unseen> {
        let key = key(token);
        if self.refused.contains_key(&key) {
            return Err(Unseen::Refused);
        }
        if let Some(seen) = self.seen.get(&key).await {
            if now.duration_since(seen.at) < LASTS {
                return Ok(seen.sight);
            }
            self.seen.invalidate(&key).await;
        }
        let looked = self.seen.try_get_with(key, async {
            // Never closed.
            let _turn = self.turns.acquire().await;
            sign_in.see(token).await.map(|sight| Seen { sight: Arc::new(sight), at: now })
        });
        looked.await.map(|seen| seen.sight).map_err(|error| self.unseen(key, &error))
    }

    fn unseen(&self, key: TokenKey, error: &GitHubError) -> Unseen {
        if matches!(error, GitHubError::Refused { status: 401 | 403, .. }) {
            self.refused.insert(key, ());
            return Unseen::Refused;
        }
        tracing::warn!(%error, "GitHub does not say what somebody may see");
        Unseen::NotNow
    }

    /// Forgets what was seen: the next question goes to GitHub.
    pub(super) async fn forget(&self, token: &PersonToken) {
        self.seen.invalidate(&key(token)).await;
    }
}
