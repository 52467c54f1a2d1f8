//! 「规划」 The plans of a pack, with their indicators.

use crate::model::Pack;
use engine_insight::{Indicator, Plan};

impl Pack {
    /// All plans, in the order of the files.
    pub fn plans(&self) -> &[Plan] {
        &self.plans
    }

    /// A plan by id.
    pub fn plan(&self, id: &str) -> Option<&Plan> {
        self.plans.iter().find(|one| one.id.as_str() == id)
    }

    /// An indicator by id, with its plan.
    pub fn indicator(&self, id: &str) -> Option<(&Plan, &Indicator)> {
        let mut plans = self.plans.iter();
        plans.find_map(|plan| Some((plan, plan.indicator(id)?)))
    }
}
