//! GitHub's web pages of a login: the person agrees, the code is exchanged. PKCE is verified as RFC 7636 has it.
//!
//! Contract: <https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app>

mod exchange;

use axum::Router;
use axum::extract::{Form, Query, State as Held};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::StatusCode;
use jiff::SignedDuration;
use maud::{DOCTYPE, html};
use serde::{Deserialize, Serialize};
use url::{Host, Url};
use uuid::Uuid;

use super::http::Shared;
use super::state::State;
use super::state::people::LoginCode;

/// How long a code lives.
const CODE_LASTS: SignedDuration = SignedDuration::from_mins(10);

/// What a login asks for.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Wish {
    client_id: String,
    redirect_uri: String,
    state: String,
    code_challenge: String,
    code_challenge_method: String,
    /// Who agrees; empty: nobody does.
    login: String,
}

/// The routes.
pub(crate) fn routes(state: &Shared) -> Router {
    Router::new()
        .route("/login/oauth/authorize", get(ask).post(answered))
        .route("/login/oauth/access_token", post(exchange::exchange))
        .with_state(state.clone())
}

pub(crate) fn lock(shared: &Shared) -> std::sync::MutexGuard<'_, State> {
    shared.lock().expect("no code panics while it holds this lock")
}

/// The page on which a person agrees. The simulation knows nobody's password: whoever sits there picks who they are.
async fn ask(Held(shared): Held<Shared>, Query(wish): Query<Wish>) -> Response {
    let state = lock(&shared);
    if let Err(why) = state.back(&wish) {
        return (StatusCode::NOT_FOUND, why).into_response();
    }
    let mut people: Vec<String> = state.people().map(|user| user.login.clone()).collect();
    people.sort();
    let hidden = [
        ("client_id", &wish.client_id),
        ("redirect_uri", &wish.redirect_uri),
        ("state", &wish.state),
        ("code_challenge", &wish.code_challenge),
        ("code_challenge_method", &wish.code_challenge_method),
    ];
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                link rel="icon" href="data:,";
                title { "Sign in · simulated GitHub" }
            }
            body style="font: 1.1rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem" {
                h1 { "Simulated GitHub" }
                p { "Flyball wants to know who you are. Here you may be anybody:" }
                form method="post" action="/login/oauth/authorize" {
                    @for (name, value) in hidden { input type="hidden" name=(name) value=(value); }
                    @for login in &people {
                        p { button name="login" value=(login) style="font: inherit; padding: .4rem 1rem" { "Continue as " (login) } }
                    }
                    p { button name="login" value="" style="font: inherit; padding: .4rem 1rem" { "Cancel" } }
                }
            }
        }
    };
    page.into_response()
}

async fn answered(Held(shared): Held<Shared>, Form(wish): Form<Wish>) -> Response {
    match lock(&shared).agreed(&wish) {
        Ok(back) => Redirect::to(back.as_str()).into_response(),
        Err(why) => (StatusCode::NOT_FOUND, why).into_response(),
    }
}

impl Wish {
    /// What an address of the login asks for, with who agrees.
    pub(crate) fn read(address: &Url, login: &str) -> Self {
        let wish: Self = serde_urlencoded::from_str(address.query().unwrap_or_default()).unwrap_or_default();
        Self { login: login.to_owned(), ..wish }
    }
}

impl State {
    /// Where the person is sent back to, if GitHub takes the request at all.
    fn back(&self, wish: &Wish) -> Result<Url, &'static str> {
        let app = &self.config.app;
        if wish.client_id != app.client_id {
            return Err("404: there is no App with this client id");
        }
        let back = Url::parse(&wish.redirect_uri).map_err(|_| "the redirect_uri is no URL")?;
        let here = match back.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        let known = app.callback_urls.contains(&wish.redirect_uri) || app.callback_urls.is_empty() && here;
        if !known {
            return Err("The redirect_uri is not associated with this application.");
        }
        Ok(back)
    }

    /// The person answered: where their browser goes.
    pub(crate) fn agreed(&mut self, wish: &Wish) -> Result<Url, &'static str> {
        let mut back = self.back(wish)?;
        let pkce = wish.code_challenge.is_empty() || wish.code_challenge_method == "S256";
        let user = self.people().find(|user| user.login == wish.login).map(|user| user.id);
        let mut query = back.query_pairs_mut();
        match user {
            Some(user) if pkce => {
                let code = Uuid::new_v4().simple().to_string()[..20].to_owned();
                query.append_pair("code", &code);
                let now = self.now();
                let kept = LoginCode {
                    user,
                    challenge: wish.code_challenge.clone(),
                    redirect_uri: wish.redirect_uri.clone(),
                    expires_at: now.checked_add(CODE_LASTS).unwrap_or(now),
                };
                self.codes.insert(code, kept);
            }
            Some(_) => drop(query.append_pair("error", "invalid_request")),
            None => {
                query.append_pair("error", "access_denied");
                query.append_pair("error_description", "The user has denied your application access.");
            }
        }
        query.append_pair("state", &wish.state);
        drop(query);
        Ok(back)
    }
}
