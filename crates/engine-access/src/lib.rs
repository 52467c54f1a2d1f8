//! 「权限」 Who may do what, where, for what purpose.
//!
//! Allow = role ∧ region ∧ purpose ∧ field level ∧ record state ∧ no conflict of
//! interest; everything not in the table is refused ([`table()`]). Four eyes are
//! counted by person ([`four_eyes`]). Fields are shown, masked or left out on the
//! server ([`show`]). Life-safety roles may break the glass for one person and
//! thirty minutes ([`BreakGlass`]). Lists leave the house by two people where they hold
//! many ([`Export`]).
//! Refuses: to decide by account where the law says by person; to show an
//! undeclared field. How often a password may be wrong and how long a session lives: [`Attempts`],
//! [`SessionTimes`]. Absent on purpose: the secrets (app's), the audit (store's).

mod allow;
mod export;
mod four_eyes;
mod glass;
mod grant;
mod mask;
mod model;
mod refusal;
mod scope;
mod sign_in;
mod table;

#[cfg(test)]
mod tests;

pub use allow::{allow, allow_with};
pub use export::{EXPORT_HOURS, EXPORT_PEOPLE_ALONE, EXPORT_REASON_MIN, Export, ExportStanding};
pub use four_eyes::{distinct_people, four_eyes, people_needed};
pub use glass::{BreakGlass, GlassCommand, GlassEvent, MINUTES as GLASS_MINUTES};
pub use grant::{GrantCommand, GrantEvent, Grants, Proposal};
pub use mask::{View, last_four, show};
pub use model::{
    Action, Agency, Grant, Holder, Knowledge, Permit, Purpose, PurposeKind, Record, RecordState,
    Request,
};
pub use refusal::Refusal;
pub use scope::Scope;
pub use sign_in::{Attempts, SessionTimes};
pub use table::{Reach, Rule, table};
