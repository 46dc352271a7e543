//! Who calls: the App by its JWT, an installation by its token (FACTS section 2).

use std::collections::BTreeMap;

use http::HeaderMap;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use super::serve::{Level, Need};
use super::{Answer, Caller};
use crate::sim::config::APP_PUBLIC_KEY;
use crate::sim::state::State;

/// GitHub takes JWTs that end at most this many seconds ahead of its clock.
const LONGEST_JWT: i64 = 600;

#[derive(Deserialize)]
struct Claims {
    iat: i64,
    exp: i64,
    iss: Issuer,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Issuer {
    Number(u64),
    Text(String),
}

impl State {
    /// Finds out who calls and whether they may.
    pub(crate) fn admit(&self, headers: &HeaderMap, need: Need) -> Result<Caller, Answer> {
        if headers.get(http::header::USER_AGENT).is_none_or(|agent| agent.is_empty()) {
            let text =
                "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.";
            return Err(Answer::error(403, text));
        }
        let token = headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| {
            let (kind, token) = value.split_once(' ')?;
            (kind.eq_ignore_ascii_case("bearer") || kind.eq_ignore_ascii_case("token")).then(|| token.trim().to_owned())
        });
        match (need, token) {
            (Need::Nothing, _) => Ok(Caller::Nobody),
            (Need::Jwt, Some(token)) => self.verify_jwt(&token).map(|()| Caller::App),
            (Need::Jwt, None) => Err(Answer::error(401, "A JSON web token could not be decoded")),
            (Need::User, Some(token)) => self.person_of(&token).map(Caller::User),
            (Need::Client, _) => self.verify_client(headers).map(|()| Caller::App),
            (Need::Token(..) | Need::User, None) => Err(Answer::error(401, "Requires authentication")),
            (Need::Token(permission, level), Some(token)) => {
                let id = self.verify_token(&token)?;
                self.check_permission(&token, id, permission, level)?;
                Ok(Caller::Installation(id))
            }
        }
    }

    fn verify_jwt(&self, token: &str) -> Result<(), Answer> {
        let undecodable = || Answer::error(401, "A JSON web token could not be decoded");
        let mut validation = Validation::new(Algorithm::RS256);
        // Times are judged below, by the simulation's clock.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let key = DecodingKey::from_rsa_pem(APP_PUBLIC_KEY.as_bytes()).map_err(|_| undecodable())?;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation).map_err(|_| undecodable())?.claims;
        let now = self.auth_now().as_second() + self.config.jwt_skew_seconds;
        if claims.iat > now {
            return Err(Answer::error(
                401,
                "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
            ));
        }
        if claims.exp <= now {
            return Err(Answer::error(
                401,
                "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
            ));
        }
        if claims.exp > now + LONGEST_JWT {
            return Err(Answer::error(401, "'Expiration time' claim ('exp') is too far in the future"));
        }
        let app = &self.config.app;
        let known = match claims.iss {
            Issuer::Number(id) => id == app.id,
            Issuer::Text(text) => text == app.client_id || text == app.id.to_string(),
        };
        if known { Ok(()) } else { Err(Answer::error(404, "Integration not found")) }
    }

    fn verify_token(&self, token: &str) -> Result<u64, Answer> {
        let bad = || Answer::error(401, "Bad credentials");
        let found = self.tokens.get(token).ok_or_else(bad)?;
        if found.expires_at <= self.auth_now() {
            return Err(bad());
        }
        let installation = self.installations.get(&found.installation).ok_or_else(bad)?;
        if installation.suspended.is_some() {
            return Err(Answer::error(403, "This installation has been suspended"));
        }
        Ok(installation.id)
    }

    fn check_permission(&self, token: &str, id: u64, permission: &str, level: Level) -> Result<(), Answer> {
        let narrowed = self.tokens.get(token).and_then(|token| token.permissions.as_ref());
        let granted = narrowed.or_else(|| self.installations.get(&id).map(|i| &i.permissions));
        if permission == "metadata" || granted.is_none_or(|granted| allows(granted, permission, level)) {
            return Ok(());
        }
        let needed = format!("{permission}={}", level.as_str());
        Err(Answer::error(403, "Resource not accessible by integration")
            .header("X-Accepted-GitHub-Permissions", needed))
    }
}

/// Whether these permissions suffice; no permissions at all stand for "everything", the simulation's default.
pub(crate) fn allows(granted: &BTreeMap<String, String>, permission: &str, level: Level) -> bool {
    granted.is_empty()
        || permission.split('|').any(|one| {
            granted
                .get(one)
                .is_some_and(|given| given == "admin" || given == "write" || (level == Level::Read && given == "read"))
        })
}
