//! Asks a running server by its JSON API, for the command line and for agents. It keeps nothing but what it may ask for again by its
//! entity tag, and judges nothing.
//!
//! How a question travels is a [`Carrier`]: over the network ([`Remote`]), or within the same process to the same routes.

mod error;
mod names;
mod remote;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde::de::DeserializeOwned;

pub use error::AskError;
pub use names::{NotARepo, NotAUnit, RepoName, UnitName};
pub use remote::Remote;

use crate::domain::govern::{Foreseen, PlanView, Preflight};
use crate::domain::ids::PrNumber;
use crate::present::unit_view::{Repositories, UnitPage, UnitView};
use names::segment;

/// Takes a question to the routes of the JSON API and brings the answer.
#[async_trait]
pub trait Carrier: Send + Sync {
    /// Carries one request, whose address is a path.
    ///
    /// # Errors
    /// [`AskError::Unreachable`]: no answer came.
    async fn carry(&self, request: Request<Bytes>) -> Result<Response<Bytes>, AskError>;
}

/// The JSON API of one server. Clones share what they remember.
#[derive(Clone)]
pub struct JsonApi {
    carrier: Arc<dyn Carrier>,
    seen: Arc<Mutex<HashMap<String, Seen>>>,
}

/// An answer and its entity tag.
#[derive(Clone)]
struct Seen {
    tag: HeaderValue,
    body: Bytes,
}

impl JsonApi {
    /// Asks by this way.
    #[must_use]
    pub fn by(carrier: Arc<dyn Carrier>) -> Self {
        Self { carrier, seen: Arc::default() }
    }

    /// Every repository that the server knows, by name.
    ///
    /// # Errors
    /// As all questions: see [`AskError`].
    pub async fn repositories(&self) -> Result<Repositories, AskError> {
        self.get("/api/v1/repos").await
    }

    /// A repository's open units, by number.
    ///
    /// # Errors
    /// As all questions: see [`AskError`].
    pub async fn open_units(&self, repo: &RepoName) -> Result<Vec<UnitView>, AskError> {
        let mut page: UnitPage = self.get(&format!("{}/units?state=open", repo.path())).await?;
        let mut units = std::mem::take(&mut page.units);
        while let Some(next) = page.next {
            page = self.get(&next).await?;
            units.append(&mut page.units);
        }
        Ok(units)
    }

    /// One unit.
    ///
    /// # Errors
    /// As all questions: see [`AskError`].
    pub async fn unit(&self, repo: &RepoName, number: PrNumber) -> Result<UnitView, AskError> {
        self.get(&format!("{}/units/{number}", repo.path())).await
    }

    /// The plan of a base branch.
    ///
    /// # Errors
    /// As all questions: see [`AskError`].
    pub async fn plan(&self, repo: &RepoName, base: &str) -> Result<PlanView, AskError> {
        self.get(&format!("{}/plan/{}", repo.path(), segment(base))).await
    }

    /// What a change would collide with.
    ///
    /// # Errors
    /// As all questions: see [`AskError`].
    pub async fn preflight(&self, repo: &RepoName, ask: &Preflight) -> Result<Foreseen, AskError> {
        let body = serde_json::to_vec(ask).map_err(|_| AskError::Malformed)?;
        let request = Request::builder().method(Method::POST).uri(format!("{}/preflight", repo.path()));
        let request = request.header(CONTENT_TYPE, "application/json").body(Bytes::from(body));
        let answer = self.carrier.carry(request.map_err(|_| AskError::Malformed)?).await?;
        understood(answer.status(), answer.body())
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, AskError> {
        let before = self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        let mut request = Request::builder().uri(path);
        if let Some(before) = &before {
            request = request.header(IF_NONE_MATCH, before.tag.clone());
        }
        let answer = self.carrier.carry(request.body(Bytes::new()).map_err(|_| AskError::Malformed)?).await?;
        match before {
            Some(before) if answer.status() == StatusCode::NOT_MODIFIED => {
                return understood(StatusCode::OK, &before.body);
            }
            _ => {}
        }
        let value = understood(answer.status(), answer.body())?;
        if let Some(tag) = answer.headers().get(ETAG) {
            let seen = Seen { tag: tag.clone(), body: answer.body().clone() };
            drop(self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), seen));
        }
        Ok(value)
    }
}

/// A good answer as what it says, a bad one as what is wrong.
fn understood<T: DeserializeOwned>(status: StatusCode, body: &[u8]) -> Result<T, AskError> {
    if status.is_success() {
        return serde_json::from_slice(body).map_err(AskError::Unlike);
    }
    let detail = serde_json::from_slice::<serde_json::Value>(body).ok();
    let detail = detail.as_ref().and_then(|problem| problem["detail"].as_str()).unwrap_or("no reason was given");
    Err(AskError::Refused { status, detail: detail.to_owned() })
}
