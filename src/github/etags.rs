//! Answers kept by their `ETag`: a 304 costs nothing of the quota (FACTS R6).

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderValue;
use moka::sync::Cache;

use crate::domain::ids::InstallationId;

/// How many bytes of answers are kept, over all installations.
const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// One kept 200.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) etag: HeaderValue,
    pub(super) link: Option<HeaderValue>,
    pub(super) body: Bytes,
}

/// 200s only, each under the installation that may see it: what one may read is never shown to another.
#[derive(Debug, Clone)]
pub(super) struct Etags {
    kept: Cache<(InstallationId, String), Arc<Kept>>,
}

impl Default for Etags {
    fn default() -> Self {
        let weigh = |(_, path): &(InstallationId, String), kept: &Arc<Kept>| {
            u32::try_from(path.len() + kept.body.len() + 256).unwrap_or(u32::MAX)
        };
        Self { kept: Cache::builder().max_capacity(MOST_BYTES).weigher(weigh).build() }
    }
}

impl Etags {
    pub(super) fn get(&self, installation: InstallationId, path: &str) -> Option<Arc<Kept>> {
        self.kept.get(&(installation, path.to_owned()))
    }

    pub(super) fn keep(&self, installation: InstallationId, path: &str, kept: Kept) {
        self.kept.insert((installation, path.to_owned()), Arc::new(kept));
    }
}
