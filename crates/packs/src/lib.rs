//! 「规则包」 TOML into typed packs, or diagnostics. Paper (every key and value with
//! its place) → overlays merged → names resolved, types and units checked, the
//! law's proofs → a [`Pack`] that cannot be built any other way. All faults come
//! at once. Absent on purpose: judging (policy), saving, the web; and any
//! concrete benefit or city.

mod archive;
mod bookings;
mod books;
mod chain;
mod desk;
mod diagnostic;
mod form;
mod households;
mod keys;
mod lint;
mod load;
mod model;
mod orders;
mod overlay;
mod place;
mod plans;
mod prove;
mod read;
mod reference;
mod render;
mod resolve;
mod schema;
mod shape;
mod sheet;
mod show;
mod suggest;
mod tree;
mod view;
mod walk;

#[cfg(test)]
mod tests;

pub use archive::{Archive, NewNumber};
pub use diagnostic::{Diagnostic, Related, Report, Severity};
pub use households::{HouseholdAsked, households};
pub use load::{Loaded, load};
pub use model::*;
pub use overlay::Override;
pub use place::Spot;
pub use read::flow::NOTICE_WORDS;
pub use reference::key_reference;
pub use schema::json_schema;
pub use sheet::{SheetEntry, SheetExample};
pub use show::{ShownLine, show, shown};
pub use suggest::meant;
