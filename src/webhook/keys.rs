//! What the front door must know about ourselves, behind a handle: it may change while the server runs.

use std::sync::{Arc, PoisonError, RwLock};

use super::Secrets;

/// Who we are on GitHub, as far as it is known: enough to leave out our own comments and check events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ourselves {
    /// The App's numeric id; absent before the App is registered.
    pub app_id: Option<u64>,
    /// The login of its bot user, `slug[bot]`; absent until GitHub was asked.
    pub bot_login: Option<String>,
}

impl Ourselves {
    /// Whether this App id is ours.
    #[must_use]
    pub fn is_app(&self, app: Option<u64>) -> bool {
        self.app_id.is_some() && self.app_id == app
    }

    /// Whether an App id that should be ours is known to be another's.
    #[must_use]
    pub fn is_other_app(&self, app: Option<u64>) -> bool {
        matches!((self.app_id, app), (Some(ours), Some(theirs)) if ours != theirs)
    }

    /// Whether this login is our bot user's. GitHub's logins ignore case.
    #[must_use]
    pub fn is_bot(&self, login: &str) -> bool {
        self.bot_login.as_deref().is_some_and(|ours| ours.eq_ignore_ascii_case(login))
    }
}

/// The valid secrets and who we are.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    /// What deliveries may be signed with.
    pub secrets: Secrets,
    /// What is our own doing.
    pub ourselves: Ourselves,
}

/// The keys in force. Clones share them; a change counts from the next delivery on, without a restart.
#[derive(Debug, Clone, Default)]
pub struct KeysHandle(Arc<RwLock<Arc<Keys>>>);

impl KeysHandle {
    /// A handle that starts with these keys.
    #[must_use]
    pub fn new(keys: Keys) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(keys))))
    }

    /// The keys in force now.
    #[must_use]
    pub fn current(&self) -> Arc<Keys> {
        // A poisoned lock still holds whole keys: they are only ever replaced, never edited in place.
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts other secrets into force (rotation, first set-up).
    pub fn set_secrets(&self, secrets: Secrets) {
        self.change(|keys| keys.secrets = secrets);
    }

    /// Says who we are, once GitHub told.
    pub fn set_ourselves(&self, ourselves: Ourselves) {
        self.change(|keys| keys.ourselves = ourselves);
    }

    fn change(&self, edit: impl FnOnce(&mut Keys)) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let mut keys = Keys::clone(&held);
        edit(&mut keys);
        *held = Arc::new(keys);
    }
}
