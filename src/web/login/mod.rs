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

#[cfg(test)]
mod tests {
    use axum::response::{IntoResponse, Response};
    use http::header::{COOKIE, SET_COOKIE};
    use http::{HeaderMap, HeaderValue};

    use super::sealed::Name;
    use super::*;
    use crate::github::{ClientKeys, PersonToken};

    fn login(public_url: Option<&str>, client_secret: &str, cookie_secret: Option<&str>) -> Arc<Login> {
        let client = ClientKeys { id: "Iv1".to_owned(), secret: client_secret.to_owned() };
        let (api_url, web_url) = ("https://api.github.test".to_owned(), "https://github.test".to_owned());
        Login::new(LoginSettings {
            sign_in: SignInSettings { app_id: 7, client, api_url, web_url, timeout: std::time::Duration::from_secs(1) },
            cookie_secret: cookie_secret.map(str::to_owned),
            public_url: public_url.map(str::to_owned),
            now: Arc::new(|| "2026-03-02T08:00:00Z".parse().unwrap()),
        })
        .unwrap()
    }

    fn session(id: &str) -> Session {
        let token = PersonToken::read("ghu_abc").unwrap();
        Session::new(id.to_owned(), &token, "2026-03-02T09:00:00Z".parse().unwrap())
    }

    fn set(login: &Login) -> String {
        let jar = login.seal(login.jar(&HeaderMap::new()), Name::Session, &session("s"));
        let response: Response = jar.into_response();
        response.headers()[SET_COOKIE].to_str().unwrap().to_owned()
    }

    fn reads(login: &Login, set: &str) -> bool {
        let cookie = set.split(';').next().unwrap();
        let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(cookie).unwrap())]);
        login.unsealed::<Session>(&headers, Name::Session).is_some()
    }

    #[tokio::test]
    async fn behind_tls_cookies_are_for_this_host_and_for_tls_alone() {
        let by_tls = set(&login(Some("https://flyball.test"), "c", None));
        assert!(by_tls.starts_with("__Host-flyball=") && by_tls.contains("; Secure"), "{by_tls}");
        assert!(by_tls.contains("; Path=/") && !by_tls.contains("Domain"), "{by_tls}");
        for plain in [None, Some("http://127.0.0.1:3000")] {
            let plain = set(&login(plain, "c", None));
            assert!(plain.starts_with("flyball=") && !plain.contains("Secure"), "{plain}");
        }
    }

    #[tokio::test]
    async fn a_cookie_is_read_by_whoever_has_the_secret_and_by_nobody_else() {
        let ours = login(None, "client secret", None);
        let cookie = set(&ours);
        assert!(reads(&ours, &cookie) && reads(&login(None, "client secret", None), &cookie), "any replica");
        for other in [login(None, "another", None), login(None, "client secret", Some(&"x".repeat(32)))] {
            assert!(!reads(&other, &cookie));
        }
        let sealed = |client| login(None, client, Some("a secret of its own for the cookies"));
        assert!(reads(&sealed("new"), &set(&sealed("old"))), "the client secret may change");
    }

    #[tokio::test]
    async fn the_token_of_a_form_is_of_one_session_and_one_secret() {
        let ours = login(None, "c", None);
        let token = ours.form_token(&session("a"));
        assert_eq!((token.len(), token == ours.form_token(&session("a"))), (64, true));
        assert_ne!(token, ours.form_token(&session("b")));
        assert_ne!(token, login(None, "d", None).form_token(&session("a")));
    }
}
