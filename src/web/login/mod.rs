//! Login with GitHub, and the gate before pages, JSON API and tools.
//!
//! ```text
//! GET /login         who is signed in; else a link to /login/github
//! GET /login/github  → GitHub, with state and PKCE challenge; state and verifier stay in a sealed cookie
//! GET /login/done    GitHub sends the browser back: state compared, code exchanged, session sealed into a cookie
//! POST /logout       token withdrawn at GitHub, cookie gone
//!
//! every request → Gate ─ no login configured: this machine only
//!                      └ else cookie or bearer token → Viewer (who, and which repositories) → StoredUnits shows no others
//! ```
//!
//! Nothing is kept here but for minutes: a session lives in its cookie, so that any replica takes it.

mod gate;
mod local;
mod pages;
mod routes;
mod sealed;
mod sights;
mod viewer;

use std::sync::Arc;

use axum_extra::extract::cookie::Key;
use hmac::{Hmac, KeyInit, Mac};
use jiff::SignedDuration;
use sha2::Sha256;

pub use gate::Gate;
pub(super) use gate::pass;
pub(super) use routes::routes;
pub(super) use sealed::Session;
pub use viewer::Viewer;
pub(super) use viewer::{Still, ViewerKey};

use crate::github::{GitHubError, SignIn, SignInSettings};
use crate::webhook::Now;
use sights::Sights;

/// A session lasts no longer, whatever GitHub says of its token.
const SESSION_LASTS: SignedDuration = SignedDuration::from_hours(12);

/// How people sign in.
#[derive(Clone)]
pub struct LoginSettings {
    /// GitHub, and who we are there.
    pub sign_in: SignInSettings,
    /// What cookies are sealed with; absent: a key derived from the client secret.
    pub cookie_secret: Option<String>,
    /// Where the pages are reached, if it is known: with `https` cookies are for TLS alone.
    pub public_url: Option<String>,
    /// Where the time comes from.
    pub now: Now,
}

/// Signs people in and knows who they are.
pub struct Login {
    sign_in: SignIn,
    /// Seals cookies.
    key: Key,
    /// Makes the tokens of forms.
    forms: Vec<u8>,
    public_url: Option<String>,
    sights: Sights,
    now: Now,
}

impl Login {
    /// A way to sign in.
    ///
    /// # Errors
    /// `Settings`: an address that cannot work.
    pub fn new(settings: LoginSettings) -> Result<Arc<Self>, GitHubError> {
        let secret = settings.cookie_secret.as_ref().unwrap_or(&settings.sign_in.client.secret).clone();
        Ok(Arc::new(Self {
            sign_in: SignIn::new(settings.sign_in)?,
            key: Key::derive_from(&labelled(secret.as_bytes(), "flyball cookies 1")),
            forms: labelled(secret.as_bytes(), "flyball forms 1"),
            public_url: settings.public_url,
            sights: Sights::default(),
            now: settings.now,
        }))
    }

    /// Whether cookies are for TLS alone.
    fn by_tls(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
    }

    /// What a form of this session carries: nobody else can make it, and it is of no use in another session.
    fn form_token(&self, session: &Session) -> String {
        hex::encode(labelled(&self.forms, &session.id))
    }
}

/// A key for one purpose.
fn labelled(secret: &[u8], label: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(label.as_bytes());
    mac.finalize().into_bytes().to_vec()
}
