//! A router that is replaced while it serves: from set-up to governing without a restart.

use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::extract::Request;
use tower::Service;

/// Which router answers now. Clones share it.
#[derive(Debug, Clone)]
pub struct Switch(Arc<RwLock<Router>>);

impl Switch {
    /// Begins with this one.
    #[must_use]
    pub fn new(router: Router) -> Self {
        Self(Arc::new(RwLock::new(router)))
    }

    /// Lets another answer from the next request on, on open connections too.
    pub fn set(&self, router: Router) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = router;
    }

    fn current(&self) -> Router {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The router to serve: it passes each request to the one that answers then.
    pub fn router(&self) -> Router {
        let switch = self.clone();
        Router::new().fallback(move |request: Request| {
            let mut current = switch.current();
            // A router is always ready.
            async move { Service::<Request>::call(&mut current, request).await }
        })
    }
}
