//! 「工单」 Orders from the request to the end, for everybody who has a part in them:
//! residents, operators, providers, devices, leaders. One way for every act
//! ([`desk`]); what follows of it (messages, load, records, quotas) in the same
//! transaction. Absent on purpose: rules (the engine's) and kinds of orders (packs').

mod about;
mod contacts;
mod coverage;
mod desk;
mod device;
mod figures;
mod line;
mod list;
mod photo;
mod plan;
mod provider;
mod settle;
mod standing;
mod tell;
mod tick;

#[cfg(test)]
mod tests;

pub(crate) use about::registered;
pub use contacts::{Contact, Contacts};
pub use coverage::{HomeCovered, Reached, VisitCoverage};
pub use desk::{NewOrder, OrderView, Ordered};
pub use device::{Acknowledged, Heard, Signal};
pub use figures::{ItemFigure, OrderFigures, PartnerFigure, TypeFigure};
pub use line::{FromLine, Handed};
pub use list::{Candidate, OrderRow, Queue};
pub use plan::Planned;
pub use provider::NewProvider;
pub use settle::{OwnSettled, SETTLED_AT_ONCE, SettleLine, ToSettle};
pub use standing::{PartnerStanding, RuleOnProvider};
pub use tick::OrdersTicked;

use crate::{App, AppError, Result};
use engine_order::OrderType;
use kernel::Slug;
use std::sync::Arc;

impl App {
    /// The kinds of orders of the law in force.
    pub fn order_types(&self) -> &[Arc<OrderType>] {
        self.law.pack.orders()
    }

    /// A kind of order: of the law in force, or of an earlier one under which an order
    /// still runs.
    pub(crate) fn order_type(&self, id: &Slug) -> Result<Arc<OrderType>> {
        let now = self.law.pack.order(id.as_str());
        let earlier = || {
            self.earlier_laws()
                .find_map(|law| law.pack.order(id.as_str()))
        };
        let found = now.or_else(earlier).cloned();
        found.ok_or_else(|| AppError::BadInput(format!("没有“{id}”这类工单")))
    }
}
