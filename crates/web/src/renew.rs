//! 「换法」 The site under another law while it runs: a request sees one law from its
//! beginning to its end, the next one the law in force by then.

use crate::routes::router;
use crate::site::Site;
use app::AppError;
use axum::Router;
use axum::extract::Request;
use std::sync::{Arc, Mutex, PoisonError};
use tower::ServiceExt as _;

/// Takes in the law in force, as often as it is asked.
pub struct Renewal {
    site: Mutex<Site>,
    present: Arc<Mutex<Router>>,
}

/// The site, and what changes the law under it.
pub fn renewable(site: Site) -> (Router, Renewal) {
    let present = Arc::new(Mutex::new(router(site.clone())));
    let renewal = Renewal {
        site: Mutex::new(site),
        present: present.clone(),
    };
    let through = Router::new().fallback(move |request: Request| {
        let router = held(&present).clone();
        async move { router.oneshot(request).await }
    });
    (through, renewal)
}

/// Nothing is half-done under these locks: what another thread left is whole.
fn held<T>(lock: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Renewal {
    /// Takes in the law in force; whether anything changed.
    ///
    /// # Errors
    /// The store's; a kept version that no longer loads.
    pub async fn renew(&self) -> Result<bool, AppError> {
        let site = held(&self.site).clone();
        let Some(app) = site.app.renewed().await? else {
            return Ok(false);
        };
        let site = site.under(app);
        *held(&self.present) = router(site.clone());
        *held(&self.site) = site;
        Ok(true)
    }
}
