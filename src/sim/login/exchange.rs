//! The exchange of a code for a person's token, and who a token speaks for.

use axum::Json;
use axum::extract::{Form, State as Held};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::lock;
use crate::sim::http::{Answer, Shared};
use crate::sim::state::State;
use crate::sim::state::people::UserToken;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    client_id: String,
    client_secret: String,
    code: String,
    redirect_uri: String,
    code_verifier: String,
}

/// GitHub says errors with 200, too.
pub(super) async fn exchange(Held(shared): Held<Shared>, Form(asked): Form<Asked>) -> Json<Value> {
    let mut state = lock(&shared);
    Json(match state.exchanged(&asked) {
        Ok(token) => {
            let life = state.config.user_token_life.as_secs();
            json!({
                "access_token": token,
                "expires_in": life,
                "refresh_token": format!("ghr_simulated{}", Uuid::new_v4().simple()),
                "refresh_token_expires_in": 15_897_600,
                "scope": "",
                "token_type": "bearer",
            })
        }
        Err((error, words)) => json!({
            "error": error,
            "error_description": words,
            "error_uri": "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/",
        }),
    })
}

impl State {
    fn exchanged(&mut self, asked: &Asked) -> Result<String, (&'static str, &'static str)> {
        let app = &self.config.app;
        if asked.client_id != app.client_id || asked.client_secret != app.client_secret {
            return Err(("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect."));
        }
        let bad = ("bad_verification_code", "The code passed is incorrect or expired.");
        let now = self.now();
        // Whatever comes of it, a code is used once.
        let code = self.codes.remove(&asked.code).filter(|code| code.expires_at > now).ok_or(bad)?;
        if !asked.redirect_uri.is_empty() && asked.redirect_uri != code.redirect_uri {
            let words = "The redirect_uri MUST match the registered callback URL for this application.";
            return Err(("redirect_uri_mismatch", words));
        }
        let hashed = URL_SAFE_NO_PAD.encode(Sha256::digest(asked.code_verifier.as_bytes()));
        if !code.challenge.is_empty() && hashed != code.challenge {
            return Err(bad);
        }
        Ok(self.mint(code.user))
    }

    /// A token for somebody.
    pub(crate) fn mint(&mut self, user: u64) -> String {
        let token = format!("ghu_simulated{}", Uuid::new_v4().simple());
        let life = i64::try_from(self.config.user_token_life.as_secs()).unwrap_or(i64::MAX);
        let now = self.now();
        let expires_at = now.checked_add(jiff::SignedDuration::from_secs(life)).unwrap_or(now);
        self.user_tokens.insert(token.clone(), UserToken { user, expires_at });
        token
    }

    /// Whose token it is.
    pub(crate) fn person_of(&self, token: &str) -> Result<u64, Answer> {
        let known = self.user_tokens.get(token).filter(|known| known.expires_at > self.now());
        known.map(|known| known.user).ok_or_else(|| Answer::error(401, "Bad credentials"))
    }

    /// Whether a request brings the App's client id and secret, as "Basic".
    pub(crate) fn verify_client(&self, headers: &HeaderMap) -> Result<(), Answer> {
        let app = &self.config.app;
        let expected = format!("Basic {}", STANDARD.encode(format!("{}:{}", app.client_id, app.client_secret)));
        let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        if given == Some(&expected) { Ok(()) } else { Err(Answer::error(404, "Not Found")) }
    }
}
