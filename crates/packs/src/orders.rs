//! 「工单类型」 The kinds of orders of a pack.

use crate::model::Pack;
use engine_order::OrderType;
use std::sync::Arc;

impl Pack {
    /// All kinds of orders.
    pub fn orders(&self) -> &[Arc<OrderType>] {
        &self.orders
    }

    /// A kind of order by id.
    pub fn order(&self, id: &str) -> Option<&Arc<OrderType>> {
        self.orders.iter().find(|order| order.id.as_str() == id)
    }
}
