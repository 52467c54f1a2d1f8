//! 「规则包」 TOML into typed packs, or diagnostics. Paper (every key and value with
//! its place) → overlays merged → names resolved, types and units checked, the
//! law's proofs → a [`Pack`] that cannot be built any other way. All faults come
//! at once. Absent on purpose: judging (policy), saving, the web; and any
//! concrete benefit or city.

mod chain;
mod diagnostic;
mod form;
mod keys;
mod load;
mod overlay;
mod place;
mod render;
mod shape;
mod suggest;
mod tree;
mod view;

pub use diagnostic::{Diagnostic, Related, Report, Severity};
pub use load::{Loaded, load};
pub use place::Spot;
