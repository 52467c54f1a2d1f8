//! 「门面」 Pages and API: requests become use cases, what they give becomes HTML.
//! A page works without JavaScript; scripts only spare a reload. Absent on
//! purpose: SQL, rules, and any decision about who may do what (engine-access,
//! asked by app; the guard here only spares people a refusal).

mod api;
mod assess;
mod assets;
mod board;
mod bookings;
mod books;
mod citizen;
mod desk;
mod field;
mod files;
mod guard;
mod law;
mod life;
mod look;
mod orders;
mod pace;
mod page;
mod papers;
mod plan;
mod renew;
mod routes;
mod session;
mod site;
mod spans;
mod trouble;
mod words;

pub use renew::{Renewal, renewable};
pub use routes::{RouteLine, route_lines, router};
pub use site::{DemoAccount, Gate, Site, SiteSettings};
