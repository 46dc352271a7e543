//! Everything the simulated GitHub remembers, behind one lock. Knows nothing of HTTP.

pub(crate) mod check;
pub(crate) mod people;
pub(crate) mod protection;
pub(crate) mod pull;
pub(crate) mod repo;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::config::SimConfig;
use super::git::Objects;
use super::hooks::Hooks;
use super::http::{Calls, Faults, Rates};
use crate::domain::ids::Timestamp;
use people::{App, Installation, LoginCode, Token, User, UserToken};
use repo::Repo;

/// The whole world.
pub(crate) struct State {
    pub(crate) config: SimConfig,
    /// Base of the API's addresses.
    pub(crate) url: String,
    last_id: u64,
    /// Registrations that were agreed to and not yet exchanged, by code: the webhook secret of each.
    pub(crate) registrations: BTreeMap<String, String>,
    /// By login in lower case.
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) apps: BTreeMap<u64, App>,
    pub(crate) installations: BTreeMap<u64, Installation>,
    pub(crate) tokens: HashMap<String, Token>,
    /// People's tokens for the App.
    pub(crate) user_tokens: HashMap<String, UserToken>,
    /// Codes of logins that were agreed to and not yet exchanged.
    pub(crate) codes: HashMap<String, LoginCode>,
    pub(crate) repos: BTreeMap<u64, Repo>,
    /// Full name in lower case to repository.
    pub(crate) names: HashMap<String, u64>,
    /// Full names that repositories had before, in lower case.
    pub(crate) moved: HashMap<String, u64>,
    /// (organisation, team slug) to member and whether active.
    pub(crate) teams: BTreeMap<(String, String), BTreeMap<String, bool>>,
    /// Pull requests with auto-merge on.
    pub(crate) waiting: BTreeSet<(u64, u64)>,
    pub(crate) objects: Objects,
    pub(crate) hooks: Hooks,
    pub(crate) faults: Faults,
    pub(crate) rates: Rates,
    pub(crate) calls: Calls,
}

impl State {
    /// A world that knows the App and nobody else.
    pub(crate) fn new(config: SimConfig, url: String) -> Self {
        let mut state = Self {
            hooks: Hooks::new(&config),
            calls: Calls::new(&config),
            url,
            last_id: 100_000,
            registrations: BTreeMap::new(),
            users: BTreeMap::new(),
            apps: BTreeMap::new(),
            installations: BTreeMap::new(),
            tokens: HashMap::new(),
            user_tokens: HashMap::new(),
            codes: HashMap::new(),
            repos: BTreeMap::new(),
            names: HashMap::new(),
            moved: HashMap::new(),
            teams: BTreeMap::new(),
            waiting: BTreeSet::new(),
            objects: Objects::default(),
            faults: Faults::default(),
            rates: Rates::default(),
            config,
        };
        let app = state.config.app.clone();
        state.add_app(app.id, &app.slug);
        state
    }

    /// The time now, cut to seconds as GitHub shows it.
    pub(crate) fn auth_now(&self) -> Timestamp {
        (self.config.auth_clock)()
    }

    pub(crate) fn now(&self) -> Timestamp {
        let now = (self.config.clock)();
        Timestamp::from_second(now.as_second()).unwrap_or(now)
    }

    /// A number nothing else has.
    pub(crate) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// The repository of this id.
    pub(crate) fn repo(&self, id: u64) -> &Repo {
        self.repos.get(&id).expect("repositories are never removed, and ids come from here")
    }

    /// The repository of this id, to change.
    pub(crate) fn repo_mut(&mut self, id: u64) -> &mut Repo {
        self.repos.get_mut(&id).expect("repositories are never removed, and ids come from here")
    }

    /// The repository called `owner/name`, in any case.
    pub(crate) fn repo_named(&self, owner: &str, name: &str) -> Option<&Repo> {
        self.names.get(&format!("{owner}/{name}").to_lowercase()).map(|id| self.repo(*id))
    }

    /// The repository that was called so before.
    pub(crate) fn repo_once_named(&self, owner: &str, name: &str) -> Option<&Repo> {
        self.moved.get(&format!("{owner}/{name}").to_lowercase()).map(|id| self.repo(*id))
    }
}
