//! GitHub: App authentication, reads, effects, rate limits, setup flow.

use async_trait::async_trait;

use crate::domain::govern::{Answer, Call, Fact, Need};
use crate::domain::ids::{InstallationId, RepoId};

/// Where a repository is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepoAddress {
    /// The installation whose token answers for it; looked up where absent.
    pub installation: Option<InstallationId>,
    /// Its numeric id.
    pub id: RepoId,
    /// `owner/name`.
    pub full_name: String,
}

/// Reads facts from GitHub and carries out what is owed.
#[async_trait]
pub trait GitHub: Send + Sync {
    /// Reads; never fails: what could not be read is [`Fact::Unknown`].
    async fn read(&self, at: &RepoAddress, need: &Need) -> Fact;

    /// Carries out one call, once.
    async fn write(&self, at: &RepoAddress, call: &Call) -> Answer;
}
