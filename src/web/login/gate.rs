//! The one gate before pages, JSON API and tools: deny by default.
//!
//! What it lets through carries a [`Viewer`], and the store shows nothing without one. So a route that is added later is shut until
//! somebody names it below, and a handler that forgets the viewer shows nothing.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use http::{HeaderMap, Method, StatusCode};
use url::form_urlencoded;

use super::sealed::{Name, Session};
use super::sights::Unseen;
use super::{Login, Viewer, local};
use crate::github::PersonToken;
use crate::web::guard;
use crate::web::pages::as_page;
use crate::web::problem::Problem;

/// What is answered to everybody where a login is configured: how to sign in, and what never differs.
pub(super) const OPEN: [&str; 6] = ["/login", "/login/github", "/login/done", "/style.css", "/live.js", "/icon.svg"];

/// Who is let through.
#[derive(Clone)]
pub struct Gate(Option<Arc<Login>>);

/// Why somebody is not let through.
enum Denied {
    /// Nobody known: sign in.
    Unknown,
    /// A page of somebody else sent it.
    Foreign(&'static str),
    /// GitHub does not say what they may see.
    NotNow,
}

impl Gate {
    /// Without a login: this machine only.
    #[must_use]
    pub const fn this_machine() -> Self {
        Self(None)
    }

    /// Whoever is signed in, each to what they may read on GitHub.
    #[must_use]
    pub const fn login(login: Arc<Login>) -> Self {
        Self(Some(login))
    }

    /// The login, where there is one.
    pub(in crate::web) const fn configured(&self) -> Option<&Arc<Login>> {
        self.0.as_ref()
    }
}

/// Lets a request through with its viewer, or says why not.
pub(in crate::web) async fn pass(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    let Some(login) = gate.0 else {
        if let Some(why) = guard::refused(request.extensions(), request.uri(), request.headers()) {
            return Problem::new(StatusCode::FORBIDDEN, why).into_response();
        }
        request.extensions_mut().insert(Viewer::machine());
        return next.run(request).await;
    };
    if OPEN.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    match login.viewer(request.method(), request.headers()).await {
        Ok(viewer) => {
            request.extensions_mut().insert(viewer);
            next.run(request).await
        }
        Err(denied) => denied.answer(&request),
    }
}

impl Login {
    /// Who asks, by the token or by the cookie that the request brings.
    async fn viewer(self: &Arc<Self>, method: &Method, headers: &HeaderMap) -> Result<Viewer, Denied> {
        let (token, session) = match bearer(headers) {
            Some(token) => (token.ok_or(Denied::Unknown)?, None),
            None => {
                let session: Session = self.unsealed(headers, Name::Session).ok_or(Denied::Unknown)?;
                if !method.is_safe() {
                    // A browser sends cookies with what other sites make it send, too.
                    local::foreign(headers).map_or(Ok(()), |why| Err(Denied::Foreign(why)))?;
                }
                (session.token().ok_or(Denied::Unknown)?, Some(session))
            }
        };
        match self.sights.of(&self.sign_in, &token, (self.now)()).await {
            Ok(sight) => Ok(Viewer::person(Arc::clone(self), token, sight, session)),
            Err(Unseen::Refused) => Err(Denied::Unknown),
            Err(Unseen::NotNow) => Err(Denied::NotNow),
        }
    }

    /// Who is signed in by the cookie, if somebody is.
    pub(super) async fn signed_in(self: &Arc<Self>, headers: &HeaderMap) -> Option<Viewer> {
        let session: Session = self.unsealed(headers, Name::Session)?;
        let token = session.token()?;
        let sight = self.sights.of(&self.sign_in, &token, (self.now)()).await.ok()?;
        Some(Viewer::person(Arc::clone(self), token, sight, Some(session)))
    }
}

/// The token that the request brings; `Some(None)` where it brings what cannot be one. Of other kinds, as a proxy asks for, nothing is read.
fn bearer(headers: &HeaderMap) -> Option<Option<PersonToken>> {
    let (kind, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    kind.eq_ignore_ascii_case("bearer").then(|| PersonToken::read(token.trim()))
}

impl Denied {
    fn answer(self, request: &Request) -> Response {
        let path = request.uri().path();
        // The hyphen stands for what is no page (docs/PAGES.md).
        let is_page = !["/api/", "/mcp", "/-/"].iter().any(|prefix| path.starts_with(prefix));
        let (status, why) = match self {
            Self::Unknown if is_page => return to_login(request),
            Self::Unknown => (
                StatusCode::UNAUTHORIZED,
                "sign in at /login, or send a GitHub user token of this App as `Authorization: Bearer`",
            ),
            Self::Foreign(why) => (StatusCode::FORBIDDEN, why),
            Self::NotNow => (StatusCode::SERVICE_UNAVAILABLE, "GitHub does not say what you may see; try again"),
        };
        let mut problem = Problem::new(status, why);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            problem = problem.retry_after_seconds(10);
        }
        let mut response = if is_page { as_page(problem) } else { problem.into_response() };
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// The way to the login and back to what was asked for.
fn to_login(request: &Request) -> Response {
    let asked = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    // What was sent is lost: the page that it was sent from comes again.
    let next = if request.method().is_safe() { asked } else { asked.strip_suffix("/decide").unwrap_or("/") };
    match local::ours(next) {
        "/" => Redirect::to("/login").into_response(),
        next => {
            let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
            Redirect::to(&format!("/login?{query}")).into_response()
        }
    }
}
