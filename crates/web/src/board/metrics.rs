//! 「仪表」 `/metrics` in OpenMetrics text, for a program whose token may read it: what
//! was asked for and how long it took, by address as written in the list of routes,
//! and what the house says of itself. No label holds anything of anybody.

use crate::api::ApiFault;
use crate::page::Signed;
use crate::site::Site;
use app::pulse::Pulse;
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use engine_access::Purpose;
use kernel::Now;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::sync::Arc;
use std::time::Instant;

/// Seconds an answer may take, by which they are counted.
const SECONDS: [f64; 9] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];

type Labels = Vec<(&'static str, String)>;

/// What is counted while the site runs. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Counts {
    asked: Family<Labels, Counter>,
    took: Family<Labels, Histogram>,
}

impl Default for Counts {
    fn default() -> Self {
        Counts {
            asked: Family::default(),
            took: Family::new_with_constructor(|| Histogram::new(SECONDS)),
        }
    }
}

/// Counts one request of a route.
pub(crate) async fn count(
    State((counts, method, path)): State<(Arc<Counts>, &'static str, &'static str)>,
    request: Request,
    next: Next,
) -> Response {
    let begun = Instant::now();
    let response = next.run(request).await;
    let route: Labels = vec![("method", method.to_owned()), ("route", path.to_owned())];
    counts
        .took
        .get_or_create(&route)
        .observe(begun.elapsed().as_secs_f64());
    let status = ("status", response.status().as_u16().to_string());
    let labels = [route, vec![status]].concat();
    counts.asked.get_or_create(&labels).inc();
    response
}

/// Everything, as text.
pub(super) async fn show(
    State(site): State<Site>,
    Extension(signed): Extension<Signed>,
) -> Result<Response, ApiFault> {
    let visitor = signed.visitor.ok_or_else(ApiFault::token)?;
    let ctx = visitor.acts(Purpose::Administration, String::new());
    let pulse = site.app.pulse(&ctx).await?;
    let mut registry = Registry::with_prefix("nuanxin");
    let counts = site.counts();
    let says = "Requests by route and status";
    registry.register("http_requests", says, counts.asked.clone());
    let says = "Seconds an answer took, by route";
    registry.register("http_request_seconds", says, counts.took.clone());
    tell(&mut registry, &pulse, site.now());
    let mut text = String::new();
    encode(&mut text, &registry)
        .map_err(|why| ApiFault::from(app::AppError::Fault(why.to_string())))?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

/// What the house says of itself.
fn tell(registry: &mut Registry, pulse: &Pulse, now: Now) {
    let age = |at: &kernel::Instant| (now.at - *at).num_seconds().max(0);
    let topics = || pulse.outbox.iter();
    let mut add = |name: &str, says: &str, values: Vec<(Labels, i64)>| {
        let family: Family<Labels, Gauge> = Family::default();
        for (labels, value) in values {
            family.get_or_create(&labels).set(value);
        }
        registry.register(name, says, family);
    };
    let topic = |name: &String| vec![("topic", name.clone())];
    add(
        "outbox_waiting",
        "Work waiting in the outbox",
        topics().map(|(name, n, _)| (topic(name), *n)).collect(),
    );
    add(
        "outbox_lag_seconds",
        "How long the oldest work is overdue",
        topics()
            .map(|(name, _, due)| (topic(name), age(due)))
            .collect(),
    );
    let one = |value| vec![(Vec::new(), value)];
    add("outbox_dead", "Work given up on", one(pulse.dead));
    let messages = pulse.messages.iter();
    add(
        "messages",
        "Messages by status",
        messages
            .map(|(status, n)| (vec![("status", status.clone())], *n))
            .collect(),
    );
    let state = |name: &str, n| (vec![("state", name.to_owned())], n);
    let [not, accepted] = pulse.deliveries;
    add(
        "pool_batches",
        "Deliveries of departments",
        vec![state("accepted", accepted), state("not_accepted", not)],
    );
    add(
        "audit_unsigned_rows",
        "Rows no checkpoint covers yet",
        one(pulse.unsigned),
    );
    // Of a house without a checkpoint nobody can say how old it is.
    let checkpoint = pulse.checkpoint.iter();
    add(
        "audit_checkpoint_age_seconds",
        "Age of the newest checkpoint",
        checkpoint.map(|at| (Vec::new(), age(at))).collect(),
    );
}
