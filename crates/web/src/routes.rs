//! 「路线」 Every address of the site, with whom it is for. The router is built from
//! this list alone; a test holds a second list against it and asks each address
//! in each role.

use crate::guard::{self, May};
use crate::pace::Limit;
use crate::site::Site;
use crate::{
    api, assess, assets, board, bookings, books, citizen, desk, field, law, life, look, orders,
    papers, plan, session, trouble,
};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, get, post};
use tower_http::catch_panic::CatchPanicLayer;

/// The largest request, bytes: a form with photographs.
pub(crate) const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// An address.
pub(crate) struct Route {
    method: &'static str,
    path: &'static str,
    may: May,
    limit: Option<Limit>,
    handler: MethodRouter<Site>,
}

/// An address as tests see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteLine {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// As written, `/desk/cases/{case}`.
    pub path: &'static str,
    /// For whom.
    pub may: May,
}

impl Route {
    /// A page to look at.
    pub(crate) fn get<H, T>(path: &'static str, may: May, handler: H) -> Route
    where
        H: Handler<T, Site>,
        T: 'static,
    {
        Route {
            method: "GET",
            path,
            may,
            limit: None,
            handler: get(handler),
        }
    }

    /// A form to send.
    pub(crate) fn post<H, T>(path: &'static str, may: May, handler: H) -> Route
    where
        H: Handler<T, Site>,
        T: 'static,
    {
        Route {
            method: "POST",
            path,
            may,
            limit: None,
            handler: post(handler),
        }
    }

    /// A form with files to send.
    pub(crate) fn upload<H, T>(path: &'static str, may: May, handler: H) -> Route
    where
        H: Handler<T, Site>,
        T: 'static,
    {
        let mut route = Route::post(path, may, handler);
        route.handler = route.handler.layer(DefaultBodyLimit::max(BODY_BYTES_MAX));
        route
    }

    /// A body read in pieces, as long as its handler allows.
    pub(crate) fn stream<H, T>(path: &'static str, may: May, handler: H) -> Route
    where
        H: Handler<T, Site>,
        T: 'static,
    {
        let mut route = Route::post(path, may, handler);
        route.handler = route.handler.layer(DefaultBodyLimit::disable());
        route
    }
}

impl Route {
    /// The same, not faster than a limit allows.
    pub(crate) fn paced(self, limit: Limit) -> Route {
        let limit = Some(limit);
        Route { limit, ..self }
    }
}

fn routes() -> Vec<Route> {
    let mut routes = vec![
        Route::get("/assets/{digest}/{name}", May::Anyone, assets::serve),
        Route::get("/look", May::Anyone, look::change),
    ];
    routes.extend(session::routes());
    routes.extend(citizen::routes());
    routes.extend(desk::routes());
    routes.extend(law::routes());
    routes.extend(orders::routes());
    routes.extend(bookings::routes());
    routes.extend(papers::routes());
    routes.extend(plan::routes());
    routes.extend(life::routes());
    routes.extend(field::routes());
    routes.extend(assess::routes());
    routes.extend(books::routes());
    routes.extend(board::routes());
    routes.extend(api::routes());
    routes
}

/// Every address and whom it is for.
pub fn route_lines() -> Vec<RouteLine> {
    let line = |route: &Route| RouteLine {
        method: route.method,
        path: route.path,
        may: route.may,
    };
    routes().iter().map(line).collect()
}

/// The whole site.
pub fn router(site: Site) -> Router {
    let mut router = Router::new();
    for route in routes() {
        let guarded = route
            .handler
            .layer(from_fn_with_state(
                (site.clone(), route.limit),
                guard::keep_pace,
            ))
            .layer(from_fn_with_state((site.clone(), route.may), guard::let_in))
            .layer(from_fn_with_state(
                (site.counts().clone(), route.method, route.path),
                board::count,
            ));
        router = router.route(route.path, guarded);
    }
    router
        .layer(CatchPanicLayer::custom(
            |_: Box<dyn std::any::Any + Send>| {
                axum::response::IntoResponse::into_response(
                    axum::http::StatusCode::INTERNAL_SERVER_ERROR,
                )
            },
        ))
        .layer(from_fn(guard::no_nul))
        .layer(from_fn(guard::own_pages))
        .layer(from_fn_with_state(site.clone(), trouble::draw))
        .layer(from_fn_with_state(site.clone(), guard::know))
        .layer(from_fn(guard::harden))
        .layer(from_fn(guard::keep_short))
        .with_state(site)
}
