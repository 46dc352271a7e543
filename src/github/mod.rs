//! GitHub over octocrab: App authentication, reads that become facts, writes that carry out what is owed.
//!
//! Decides nothing. [`GitHub::read`] answers a `Need` with a `Fact`, of which *unknown, because* is one; [`GitHub::write`] carries out one
//! `Call` with one request and says what GitHub kept, why it refused, or that nobody knows.
//!
//! ```text
//! read, write ──> session (one installation: token, limits, turn) ──> wire (one request, one deadline) ──> octocrab
//! reads/*: which requests answer a need       writes/*: which request is a call, what its answer means
//! ```
//!
//! octocrab signs as the App and speaks HTTP; it never repeats a request. Whatever is repeated here is repeated in the open: a refused
//! token is replaced once, a failed *read* is asked again twice.

mod carrier;
mod client;
mod deliveries;
mod error;
mod etags;
mod gate;
mod graphql;
mod inspect;
pub mod manifest;
mod pace;
mod path;
mod person;
mod reads;
mod register;
mod remotes;
mod session;
mod settings;
mod shapes;
mod shared;
mod turn;
mod wire;
mod writes;

#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;

pub use carrier::Carrier;
pub use client::{Installation, OctocrabGitHub, Repository};
pub use deliveries::{Attempt, Attempts, DeliveryLog, LogPage};
pub use error::GitHubError;
pub use inspect::{AppShown, DeliveryShown, HookShown, RepoShown};
pub use pace::Pacing;
pub use person::{ClientKeys, Given, Person, PersonToken, Sight, SignIn, SignInSettings};
pub use register::{Registered, register};
pub use remotes::GitRemotes;
pub use settings::Settings;

use crate::domain::govern::{Answer, AppIdentity, Call, CallClass, Fact, Need};
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

    /// Carries out one call with one request, never repeated, and returns within the time-out of the settings.
    async fn write(&self, at: &RepoAddress, call: &Call) -> Answer;

    /// How long a call of this class had better wait, so that GitHub's limits on writes are kept; zero: it may go now.
    fn wait(&self, _at: &RepoAddress, _class: CallClass) -> Duration {
        Duration::ZERO
    }
}

/// Says where a repository is fetched from with git.
#[async_trait]
pub trait Remotes: Send + Sync {
    /// Its address, with what proves who asks.
    ///
    /// # Errors
    /// As a read of the repository.
    async fn remote(&self, at: &RepoAddress) -> Result<crate::git::Remote, GitHubError>;
}

/// What the App knows about itself: who it is, and where it is installed. For start-up, backfill and `doctor`.
#[async_trait]
pub trait AppDirectory: Send + Sync {
    /// Who we are (`GET /app`).
    ///
    /// # Errors
    /// `Refused` with 401 or `ClockWrong`: the App id, the key or this machine's clock must be put right. Others: try again later.
    async fn identity(&self) -> Result<AppIdentity, GitHubError>;

    /// Every installation of the App.
    ///
    /// # Errors
    /// As [`AppDirectory::identity`].
    async fn list_installations(&self) -> Result<Vec<Installation>, GitHubError>;

    /// Every repository that an installation gives access to.
    ///
    /// # Errors
    /// As [`AppDirectory::identity`]; `Refused` with 403 or 404 where the installation is suspended or gone.
    async fn list_repositories(&self, installation: InstallationId) -> Result<Vec<Repository>, GitHubError>;
}
