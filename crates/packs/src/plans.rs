//! 「规划」「人生大事」 The plans of a pack with their indicators, and what follows from
//! life events.

use crate::model::Pack;
use engine_insight::{Indicator, Plan};
use engine_registry::LifeKind;

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

    /// Kinds of life events, in the order of the files.
    pub fn life_kinds(&self) -> &[LifeKind] {
        &self.life_kinds
    }

    /// A kind of life event by id.
    pub fn life_kind(&self, id: &str) -> Option<&LifeKind> {
        self.life_kinds.iter().find(|one| one.id.as_str() == id)
    }
}
