//! Server-sent events: a page hears that what it rests on has changed, and fetches itself again.
//!
//! Contract: <https://html.spec.whatwg.org/multipage/server-sent-events.html>

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures::future::BoxFuture;
use futures::stream::{self, Stream, StreamExt};
use http::HeaderMap;
use serde::Deserialize;

use crate::web::Ending;
use crate::web::problem::Problem;
use crate::web::stored::{ReadError, Seen, StoredUnits};

/// How often a repository is looked at, and how often everything.
const REPOSITORY: Duration = Duration::from_secs(2);
const EVERYTHING: Duration = Duration::from_secs(5);
/// A silent connection says this often that it lives: proxies cut what is silent for a minute.
const ALIVE: Duration = Duration::from_secs(20);

/// What a page says of itself.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Shown {
    /// The digest of what it shows.
    #[serde(default)]
    seen: String,
}

type Asked = Result<Query<Shown>, QueryRejection>;
type Stops = Option<Extension<Ending>>;
type Digest = Box<dyn Fn() -> BoxFuture<'static, Result<String, ReadError>> + Send>;

/// Events of the front page.
pub(super) async fn front(
    Seen(units): Seen,
    headers: HeaderMap,
    asked: Asked,
    ending: Stops,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let Query(asked) = asked?;
    let digest: Digest = Box::new(move || {
        let units = Arc::clone(&units);
        Box::pin(async move { Ok(units.again().await?.front().await?.digest()) })
    });
    Ok(events(digest, seen(&headers, asked), EVERYTHING, ending))
}

/// Events of a repository and its units.
pub(super) async fn repository(
    Seen(units): Seen,
    Path((owner, name)): Path<(String, String)>,
    headers: HeaderMap,
    asked: Asked,
    ending: Stops,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let Query(asked) = asked?;
    let full_name = format!("{owner}/{name}");
    // One that is not known is said at once, and not asked for again and again.
    units.digest(&full_name).await?;
    let digest: Digest = Box::new(move || of(Arc::clone(&units), full_name.clone()));
    Ok(events(digest, seen(&headers, asked), REPOSITORY, ending))
}

fn of(units: Arc<StoredUnits>, full_name: String) -> BoxFuture<'static, Result<String, ReadError>> {
    Box::pin(async move { units.again().await?.digest(&full_name).await })
}

/// What was seen last: a browser that connects again says it in a header.
fn seen(headers: &HeaderMap, asked: Shown) -> String {
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    last.map_or(asked.seen, str::to_owned)
}

fn events(
    digest: Digest,
    seen: String,
    every: Duration,
    ending: Stops,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let ticks = tokio::time::interval(every);
    let changes = stream::unfold((digest, seen, ticks), |(digest, seen, mut ticks)| async move {
        loop {
            ticks.tick().await;
            let now = match digest().await {
                Ok(now) => now,
                // What may not be seen any more: whoever listens again is told so.
                Err(ReadError::Unknown(_) | ReadError::Question(_)) => return None,
                // A store that is away for a while is not a change.
                Err(ReadError::Store(_) | ReadError::NotNow) => continue,
            };
            if now != seen {
                let event = Event::default().event("changed").id(&now).data(&now);
                return Some((Ok(event), (digest, now, ticks)));
            }
        }
    });
    let ends: BoxFuture<'static, ()> = match ending {
        Some(Extension(ending)) => Box::pin(ending.comes()),
        None => Box::pin(std::future::pending()),
    };
    Sse::new(changes.take_until(ends)).keep_alive(KeepAlive::new().interval(ALIVE))
}
