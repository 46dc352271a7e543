//! Cookies that only this server can read or make: AES-256-GCM, bound to the cookie's name.

use axum_extra::extract::cookie::{Cookie, PrivateCookieJar, SameSite};
use http::HeaderMap;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Login;
use crate::domain::ids::Timestamp;
use crate::github::PersonToken;

/// A session, as its cookie holds it.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::web) struct Session {
    /// Names it; a new one with each login.
    pub(in crate::web) id: String,
    /// GitHub's token.
    token: String,
    /// When it ends, in seconds since 1970.
    until: i64,
}

/// A login that was begun, until GitHub sends the browser back.
#[derive(Serialize, Deserialize)]
pub(super) struct Begun {
    pub(super) state: String,
    pub(super) verifier: String,
    /// Where GitHub sends the browser.
    pub(super) back: String,
    /// Where the person wanted to go: a path of ours.
    pub(super) next: String,
    pub(super) until: i64,
}

/// Which cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Session,
    Begun,
}

/// What ends.
pub(super) trait Ends {
    /// When, in seconds since 1970.
    fn until(&self) -> i64;
}

impl Ends for Session {
    fn until(&self) -> i64 {
        self.until
    }
}

impl Ends for Begun {
    fn until(&self) -> i64 {
        self.until
    }
}

impl Session {
    pub(super) fn new(id: String, token: &PersonToken, until: Timestamp) -> Self {
        Self { id, token: token.expose().to_owned(), until: until.as_second() }
    }

    /// GitHub's token of it.
    pub(super) fn token(&self) -> Option<PersonToken> {
        PersonToken::read(&self.token)
    }

    /// Whether it is over.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.until <= now.as_second()
    }
}

impl Login {
    fn name(&self, name: Name) -> &'static str {
        // The prefix makes browsers refuse one that another host of the domain set, or that came without TLS.
        match (name, self.by_tls()) {
            (Name::Session, true) => "__Host-flyball",
            (Name::Session, false) => "flyball",
            (Name::Begun, true) => "__Host-flyball-login",
            (Name::Begun, false) => "flyball-login",
        }
    }

    /// What the cookie holds; `None` where it is missing, forged, cut short, of another name, or over.
    pub(super) fn unsealed<T: DeserializeOwned + Ends>(&self, headers: &HeaderMap, name: Name) -> Option<T> {
        let jar = PrivateCookieJar::from_headers(headers, self.key.clone());
        let cookie = jar.get(self.name(name))?;
        let held: T = serde_json::from_str(cookie.value()).ok()?;
        (held.until() > (self.now)().as_second()).then_some(held)
    }

    /// A cookie that holds it until the browser is closed, or it is over.
    pub(super) fn seal<T: Serialize>(&self, jar: PrivateCookieJar, name: Name, held: &T) -> PrivateCookieJar {
        let text = serde_json::to_string(held).expect("plain data with string keys");
        jar.add(self.cookie(name, text))
    }

    /// Takes the cookie away.
    pub(super) fn unset(&self, jar: PrivateCookieJar, name: Name) -> PrivateCookieJar {
        jar.remove(self.cookie(name, String::new()))
    }

    /// The cookies of a request, to change them in the answer.
    pub(super) fn jar(&self, headers: &HeaderMap) -> PrivateCookieJar {
        PrivateCookieJar::from_headers(headers, self.key.clone())
    }

    fn cookie(&self, name: Name, value: String) -> Cookie<'static> {
        Cookie::build((self.name(name), value))
            .path("/")
            .http_only(true)
            // GitHub sends the browser back by a link, with which this one goes; with a form of another site it does not.
            .same_site(SameSite::Lax)
            .secure(self.by_tls())
            .build()
    }
}
