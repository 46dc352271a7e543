//! Interim signatures (being filled in by the lead).
use std::collections::BTreeSet;

use super::{Call, CallClass, Changes, Delivered, Facts, Need, OwedKey, RepoSeen};
use crate::domain::ids::{InstallationId, PrNumber, RepoId, Timestamp};
use crate::domain::policy::Policy;

/// Who we are on GitHub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppIdentity {
    /// The App's numeric id.
    pub app_id: u64,
    /// The login of its bot user, `slug[bot]`.
    pub bot_login: String,
}

/// What a judgment needs besides the state: who we are, the policy in force, where our pages are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Who we are on GitHub.
    pub app: AppIdentity,
    /// The policy in force.
    pub policy: Policy,
    /// Where our own pages are reached, without a trailing slash; no links without it.
    pub pages_url: Option<String>,
    /// Where GitHub's pages are, without a trailing slash.
    pub github_url: String,
    /// The first wait before a failed call is tried again (`FLYBALL_RETRY_BASE`), in milliseconds; it doubles.
    pub retry_base_ms: u64,
}

/// Everything known about one repository: its record, its open units, its check surfaces, early checks. A value; the runtime caches it.
#[derive(Debug, Clone)]
pub struct State {
    id: RepoId,
}

/// Where a field is kept: the live space is read whole when a repository is taken up, the closed one by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    /// The record, open units, checks.
    Live,
    /// Units that landed or were withdrawn, `u:<number>`.
    Closed,
}

/// One field to write or delete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldWrite {
    /// Where.
    pub space: Space,
    /// The field: `repo`, `u:<number>`, `c:<sha>`, `e:<sha>`.
    pub field: String,
    /// The value as JSON; `None` deletes.
    pub value: Option<Vec<u8>>,
}

/// What [`begin`] decided about something that is owed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Begin {
    /// What to commit before the call goes out.
    pub changes: Changes,
    /// The call; none where it is no longer right, or not yet.
    pub call: Option<Call>,
}

impl State {
    /// A repository that was never seen before.
    #[must_use]
    pub fn new(repo: &RepoSeen, installation: Option<InstallationId>) -> Self {
        let _ = installation;
        Self { id: repo.id }
    }

    /// Reads a repository back from the fields of its live space.
    ///
    /// # Errors
    /// The name of the first field that this build cannot read, and why.
    pub fn restore(fields: &[(String, bytes::Bytes)]) -> Result<Option<Self>, (String, serde_json::Error)> {
        let _ = fields;
        Ok(None)
    }

    /// The repository's id.
    #[must_use]
    pub fn id(&self) -> RepoId {
        self.id
    }

    /// `owner/name` now.
    #[must_use]
    pub fn full_name(&self) -> &str {
        ""
    }

    /// The installation whose token answers for it.
    #[must_use]
    pub fn installation(&self) -> Option<InstallationId> {
        None
    }

    /// The fields that these changes write.
    #[must_use]
    pub fn writes(&self, changes: &Changes) -> Vec<FieldWrite> {
        let _ = changes;
        Vec::new()
    }

    /// What is owed and was in flight when the process ended: its outcome is unknown. Called once after [`State::restore`]; the answer is
    /// fed to [`advance`] as `Answered` with `Unknown` for each.
    #[must_use]
    pub fn in_flight(&self) -> Vec<OwedKey> {
        Vec::new()
    }

    /// The closed unit that must be brought back before `delivered` can be judged.
    #[must_use]
    pub fn wants(&self, delivered: &Delivered) -> Option<PrNumber> {
        let _ = delivered;
        None
    }

    /// Brings a closed unit back from its stored bytes.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn bring_back(&mut self, number: PrNumber, stored: &[u8]) -> Result<(), serde_json::Error> {
        let _ = (number, stored);
        Ok(())
    }
}

/// What must be read before `delivered` can be judged, given what was read so far. Empty: judge now. A closed unit may have to be
/// brought back: then `closed` in the answer names it (field of [`Space::Closed`]) - see `State::wants_closed`.
#[must_use]
pub fn needs(state: &State, delivered: &Delivered, facts: &Facts, context: &Context, now: Timestamp) -> BTreeSet<Need> {
    let _ = (state, delivered, facts, context, now);
    BTreeSet::new()
}

/// Applies the event and the facts, judges every unit they touch, and says what changed.
pub fn advance(state: &mut State, delivered: &Delivered, facts: &Facts, context: &Context, now: Timestamp) -> Changes {
    let _ = (state, delivered, facts, context, now);
    Changes::default()
}

/// What must be read before the call for `key` may go out: actions are judged again.
#[must_use]
pub fn begin_needs(state: &State, key: &OwedKey, facts: &Facts, context: &Context, now: Timestamp) -> BTreeSet<Need> {
    let _ = (state, key, facts, context, now);
    BTreeSet::new()
}

/// Decides about something that is owed and due: the call, or nothing.
pub fn begin(state: &mut State, key: &OwedKey, facts: &Facts, context: &Context, now: Timestamp) -> Begin {
    let _ = (state, key, facts, context, now);
    Begin::default()
}

/// The class of what is owed, which gives the order of sending.
#[must_use]
pub fn class(state: &State, key: &OwedKey) -> CallClass {
    let _ = (state, key);
    CallClass::Comment
}
