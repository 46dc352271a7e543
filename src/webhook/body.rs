//! Reads a body of bounded size in bounded time, without letting many large ones fill the memory.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Refusal;

/// The largest body that is taken, in bytes: 25 MB, as GitHub sends none above (FACTS W12).
pub const MAX_BODY: usize = 26_214_400;

/// From here on a body counts as large. GitHub's ordinary ones are 10 to 30 KB.
pub(super) const LARGE: usize = 1024 * 1024;

/// How many large bodies may be in memory at once; the others wait. Small ones never do.
const LARGE_AT_ONCE: usize = 8;

/// GitHub gives up after 10 seconds (FACTS W5), so nothing that takes longer is worth waiting for.
const TIME_LIMIT: Duration = Duration::from_secs(8);

/// How much of a refused body is read and thrown away: clients that are still writing do not read the answer.
const MAX_DRAINED: usize = 2 * MAX_BODY;

/// Reads bodies; clones share the room for large ones.
#[derive(Debug, Clone)]
pub(super) struct BodyReader(Arc<Semaphore>);

/// A whole body, with its share of the room for large ones until it is dropped.
pub(super) struct WholeBody {
    pub(super) bytes: Bytes,
    _room: Option<OwnedSemaphorePermit>,
}

impl Default for BodyReader {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(LARGE_AT_ONCE)))
    }
}

impl BodyReader {
    /// Reads all of it.
    pub(super) async fn read(&self, body: Body) -> Result<WholeBody, Refusal> {
        within_time(self.collect(body)).await
    }

    async fn collect(&self, mut body: Body) -> Result<WholeBody, Refusal> {
        let mut first = Bytes::new();
        let mut rest = BytesMut::new();
        let mut room = None;
        while let Some(data) = next(&mut body).await? {
            let size = first.len() + rest.len() + data.len();
            if size > MAX_BODY {
                drop((first, rest, room));
                drain_rest(body, size).await;
                return Err(Refusal::TooLarge);
            }
            if size > LARGE && room.is_none() {
                room = Some(Arc::clone(&self.0).acquire_owned().await.map_err(|_| Refusal::Crowded)?);
            }
            // Most bodies come in one piece; that one is used as it is.
            if first.is_empty() && rest.is_empty() {
                first = data;
            } else {
                if rest.is_empty() {
                    rest.extend_from_slice(&std::mem::take(&mut first));
                }
                rest.extend_from_slice(&data);
            }
        }
        Ok(WholeBody { bytes: if rest.is_empty() { first } else { rest.freeze() }, _room: room })
    }
}

/// Throws away the body of a request that is refused by its headers, and says so if even that was too large.
pub(super) async fn drain(body: Body) -> Result<(), Refusal> {
    let count = async { if drain_rest(body, 0).await > MAX_BODY { Err(Refusal::TooLarge) } else { Ok(()) } };
    within_time(count).await
}

/// Counts on from `size` while there is something to throw away; what fails meanwhile was not wanted anyway.
async fn drain_rest(mut body: Body, mut size: usize) -> usize {
    while size <= MAX_DRAINED
        && let Ok(Some(data)) = next(&mut body).await
    {
        size += data.len();
    }
    size
}

/// The next piece of data; trailers are passed over.
async fn next(body: &mut Body) -> Result<Option<Bytes>, Refusal> {
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|_| Refusal::Incomplete)?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

async fn within_time<T>(reading: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
    tokio::time::timeout(TIME_LIMIT, reading).await.unwrap_or(Err(Refusal::Slow))
}
