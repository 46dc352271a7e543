//! `/login` and `/logout`.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, Form, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, StatusCode};
use jiff::SignedDuration;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::sealed::{Begun, Name, Session};
use super::{Gate, Login, SESSION_LASTS, Viewer, local, pages};
use crate::github::{GitHubError, PersonToken};
use crate::web::problem::Problem;
use crate::web::setup::{of_browser, same, unguessable};

/// As long as GitHub's code lives: ten minutes.
const BEGUN_LASTS: SignedDuration = SignedDuration::from_mins(10);
/// GitHub's codes have twenty characters.
const LONGEST_CODE: usize = 255;

/// Where the person wanted to go.
#[derive(Debug, Default, Deserialize)]
struct Wish {
    #[serde(default)]
    next: String,
}

/// What GitHub sends the browser back with.
#[derive(Default, Deserialize)]
struct Back {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    /// Why not: the person did not agree, or GitHub does not take the request.
    #[serde(default)]
    error: String,
}

#[derive(Deserialize)]
struct Leaving {
    #[serde(default)]
    form: String,
}

/// Why somebody is not signed in. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("This login was not begun in this browser, or it took longer than ten minutes.")]
    NotBegun,
    #[error("This login was begun anew in the meantime, or its address was changed on the way.")]
    State,
    #[error("GitHub sent no code.")]
    NoCode,
    #[error("On GitHub it was not agreed to ({0}).")]
    NotAgreed(String),
    #[error("GitHub does not take the code of this login: it was used, is too old, or was meant for somebody else.")]
    Code,
    #[error("GitHub does not answer the question who you are.")]
    Later,
    #[error("The request does not say under which host.")]
    NoHost,
}

impl Trouble {
    const fn status(&self) -> StatusCode {
        match self {
            Self::NotBegun | Self::State | Self::NotAgreed(_) | Self::Code => StatusCode::FORBIDDEN,
            Self::NoCode | Self::NoHost => StatusCode::BAD_REQUEST,
            Self::Later => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// The routes. Without a login `/login` says that there is none.
pub(in crate::web) fn routes(gate: &Gate) -> Router {
    let Some(login) = gate.configured() else {
        return Router::new().route("/login", get(|| async { pages::none() }));
    };
    Router::new()
        .route("/login", get(show))
        .route("/login/github", get(begin))
        .route("/login/done", get(done))
        .route("/logout", post(leave))
        .with_state(Arc::clone(login))
}

/// `GET /login`: who is signed in, or the way to GitHub.
async fn show(State(login): State<Arc<Login>>, headers: HeaderMap, Query(wish): Query<Wish>) -> Response {
    let viewer = login.signed_in(&headers).await;
    match viewer.as_ref().and_then(|viewer| Some((viewer.decider()?, viewer.form_token()?))) {
        Some((person, form)) => pages::signed_in(person, &form).into_response(),
        None => pages::sign_in(local::ours(&wish.next)).into_response(),
    }
}

/// `GET /login/github`: to GitHub.
async fn begin(State(login): State<Arc<Login>>, headers: HeaderMap, Query(wish): Query<Wish>) -> Response {
    let Some(here) = of_browser(&headers, login.public_url.as_deref()) else {
        return pages::trouble(&Trouble::NoHost, Trouble::NoHost.status()).into_response();
    };
    let begun = Begun {
        state: unguessable(),
        verifier: unguessable(),
        back: format!("{here}/login/done"),
        next: local::ours(&wish.next).to_owned(),
        until: ((login.now)() + BEGUN_LASTS).as_second(),
    };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(begun.verifier.as_bytes()));
    let address = login.sign_in.address(&begun.back, &begun.state, &challenge);
    let jar = login.seal(login.jar(&headers), Name::Begun, &begun);
    (jar, Redirect::to(address.as_str())).into_response()
}

/// `GET /login/done`: GitHub sent the browser back. Whatever comes of it, what was begun counts no more.
async fn done(State(login): State<Arc<Login>>, headers: HeaderMap, Query(back): Query<Back>) -> Response {
    let begun: Option<Begun> = login.unsealed(&headers, Name::Begun);
    let jar = login.unset(login.jar(&headers), Name::Begun);
    match finish(&login, begun, &back).await {
        Ok((session, next)) => {
            let jar = login.seal(jar, Name::Session, &session);
            (jar, Redirect::to(local::ours(&next))).into_response()
        }
        Err(trouble) => {
            tracing::warn!(%trouble, "a login did not come to its end");
            (jar, pages::trouble(&trouble, trouble.status())).into_response()
        }
    }
}

async fn finish(login: &Login, begun: Option<Begun>, back: &Back) -> Result<(Session, String), Trouble> {
    let begun = begun.ok_or(Trouble::NotBegun)?;
    if !same(&begun.state, &back.state) {
        return Err(Trouble::State);
    }
    if !back.error.is_empty() {
        let plain = |c: &char| c.is_ascii_lowercase() || *c == '_';
        return Err(Trouble::NotAgreed(back.error.chars().filter(plain).take(60).collect()));
    }
    if back.code.is_empty() || back.code.len() > LONGEST_CODE {
        return Err(Trouble::NoCode);
    }
    let later = |error: GitHubError| match error {
        GitHubError::Refused { .. } => Trouble::Code,
        error => {
            tracing::warn!(%error, "GitHub was asked for a login");
            Trouble::Later
        }
    };
    let given = login.sign_in.exchange(&back.code, &begun.verifier, &begun.back).await.map_err(later)?;
    let now = (login.now)();
    let lasts = given.seconds.map_or(SESSION_LASTS, |seconds| SESSION_LASTS.min(SignedDuration::from_secs(seconds)));
    let who = seen(login, &given.token).await?;
    tracing::info!(person.id = who, "signed in");
    Ok((Session::new(unguessable(), &given.token, now + lasts), begun.next))
}

/// Asks at once who it is: a token that is no good must show now, and not on the next page.
async fn seen(login: &Login, token: &PersonToken) -> Result<u64, Trouble> {
    let sight = login.sights.of(&login.sign_in, token, (login.now)()).await;
    sight.map(|sight| sight.person.id.0).map_err(|_| Trouble::Later)
}

/// `POST /logout`: the gate knows who it is, and that a page of ours sent it.
async fn leave(
    State(login): State<Arc<Login>>,
    Extension(viewer): Extension<Viewer>,
    headers: HeaderMap,
    Form(leaving): Form<Leaving>,
) -> Response {
    if !viewer.sent_this(&leaving.form) {
        return Problem::new(StatusCode::FORBIDDEN, "the form is not one of this session").into_response();
    }
    viewer.withdraw().await;
    let jar = login.unset(login.jar(&headers), Name::Session);
    (jar, Redirect::to("/login")).into_response()
}
