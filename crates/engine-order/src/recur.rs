//! 「周期」 When an order comes again: visits by the colour of a household, baths and
//! meals on a plan. What never happened is due since the day it could have.

use crate::config::{Every, OrderType};
use kernel::{Date, Slug, add_days, months_after};

impl Every {
    /// The day it is due next.
    fn after(&self, day: Date) -> Option<Date> {
        match (self.days, self.months) {
            (Some(days), _) => add_days(day, days),
            (None, Some(months)) => months_after(day, i32::try_from(months).ok()?),
            (None, None) => None,
        }
    }
}

/// The day the next one is due: counted from the last time it was done, or, where it
/// never was, from the day the household came on the list (`since`). `None` where the
/// pack plans nothing for this colour.
pub fn due_on(
    ty: &OrderType,
    colour: Option<&Slug>,
    since: Date,
    last: Option<Date>,
) -> Option<Date> {
    let exact = ty
        .every
        .iter()
        .find(|one| one.colour.is_some() && one.colour.as_ref() == colour);
    let every = exact.or_else(|| ty.every.iter().find(|one| one.colour.is_none()))?;
    match last {
        Some(last) => every.after(last),
        None => every.after(since),
    }
}

/// Days a due day has passed by; 0 while it has not.
pub fn overdue(due: Date, today: Date) -> i64 {
    (today - due).num_days().max(0)
}
