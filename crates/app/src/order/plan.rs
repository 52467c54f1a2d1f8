//! 「按计划」 Recurring orders: for every household that is helped, one of each kind that
//! comes again, when it falls due by the household's colour. Run it once a day, or twice:
//! nobody is visited twice. Whose colour nobody can tell is counted, not passed over.

use super::about::registered;
use super::tick::itself;
use crate::{App, AppError, Result};
use engine_order::{Asker, Cause, OrderType, Requested, Want, due_on};
use engine_payment::Beneficiary;
use kernel::{Date, HouseholdId, Now, OrderId, PersonId, RegionCode, Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::Tx;

/// How many days before it is due an order is opened.
const AHEAD: i64 = 7;

/// What one planning did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Households looked at.
    pub households: usize,
    /// Orders opened.
    pub opened: usize,
    /// Households whose colour is not known, for kinds that go by colour.
    pub unknown: usize,
    /// Households it went wrong for: a person must look.
    pub stuck: usize,
}

/// A household it is for.
pub(super) struct Helped {
    pub(super) household: HouseholdId,
    pub(super) region: RegionCode,
    pub(super) head: PersonId,
}

/// When a household is due.
pub(super) enum Due {
    Unknown,
    On { due: Date, last: Option<Date> },
}

pub(super) async fn helped(tx: &mut Tx, region: RegionCode, today: Date) -> Result<Vec<Helped>> {
    let homes = tx.homes_of_entitled(region.span(), today).await?;
    let mut found: BTreeMap<HouseholdId, Helped> = BTreeMap::new();
    for (whose, home) in homes {
        let running = tx.entitlements_of(whose).await?;
        let month = kernel::Period::of(today);
        let runs = running.iter().any(|one| {
            one.state.from <= month && one.state.last_month().is_none_or(|last| last >= month)
        });
        let head = home.head_on(today).or(match whose {
            Beneficiary::Person(person) => Some(person),
            Beneficiary::Household(_) => None,
        });
        if let (true, Some(region), Some(head)) = (runs, home.region_on(today), head) {
            found.entry(home.id).or_insert(Helped {
                household: home.id,
                region,
                head,
            });
        }
    }
    Ok(found.into_values().collect())
}

impl App {
    /// The kinds that come again.
    pub fn recurring(&self) -> Vec<Arc<OrderType>> {
        let kinds = self.order_types().iter();
        kinds.filter(|ty| !ty.every.is_empty()).cloned().collect()
    }

    pub(super) async fn due_day(
        &self,
        tx: &mut Tx,
        ty: &OrderType,
        one: &Helped,
        today: Date,
    ) -> Result<Due> {
        let by_colour = ty.every.iter().any(|every| every.colour.is_some());
        let colour: Option<Slug> = match by_colour {
            true => self.colour_of(tx, one.household, one.region).await?,
            false => None,
        };
        let last = tx.last_done(one.household, &ty.id).await?;
        let last = last.map(|at| Now { at }.today());
        Ok(match (due_on(ty, colour.as_ref(), today, last), last) {
            (None, _) => Due::Unknown,
            // Never yet: today, not one interval from now.
            (Some(_), None) => Due::On { due: today, last },
            (Some(due), Some(_)) => Due::On { due, last },
        })
    }

    /// 排计划 Opens every recurring order that falls due within a week.
    ///
    /// # Errors
    /// The store's, of reading whom it is for; one household's trouble is counted.
    pub async fn plan_orders(&self, region: RegionCode) -> Result<Planned> {
        let mut planned = Planned::default();
        let today = self.now().today();
        let read = async move |tx: &mut Tx| helped(tx, region, today).await;
        let kinds = self.recurring();
        if kinds.is_empty() {
            return Ok(planned);
        }
        let households = self.db.read(read).await?;
        planned.households = households.len();
        for one in households {
            let one = Arc::new(one);
            for ty in &kinds {
                match self.plan_one(ty.clone(), one.clone()).await {
                    Ok(Some(true)) => planned.opened += 1,
                    Ok(Some(false)) => {}
                    Ok(None) => planned.unknown += 1,
                    Err(why) => {
                        tracing::error!(household = %one.household, %why, "not planned");
                        planned.stuck += 1;
                    }
                }
            }
        }
        Ok(planned)
    }

    async fn plan_one(&self, ty: Arc<OrderType>, one: Arc<Helped>) -> Result<Option<bool>> {
        let desk = self.order_desk(&itself());
        let today = desk.now.today();
        let open = async move |tx: &mut Tx| {
            if tx.has_open_order(one.household, &ty.id).await? {
                return Ok::<_, AppError>(Some(false));
            }
            let Due::On { due, .. } = desk.app.due_day(tx, &ty, &one, today).await? else {
                return Ok(None);
            };
            if (due - today).num_days() > AHEAD {
                return Ok(Some(false));
            }
            let Some(item) = ty.items.first() else {
                return Ok(Some(false));
            };
            let mut about = registered(tx, one.head, desk.now).await?.about;
            about.household = Some(one.household);
            let asked = Requested {
                order: OrderId(tx.next_id("order").await?),
                ty: ty.id.clone(),
                asked_by: Asker::Plan,
                cause: Cause::Due { on: due },
                about,
                wants: vec![Want {
                    item: item.id.clone(),
                    count: 1,
                }],
                says: format!("{} 到期", due.format("%Y-%m-%d")),
                region: one.region,
                address: String::new(),
                place: None,
                on: Some(due),
            };
            desk.open(tx, asked).await?;
            Ok(Some(true))
        };
        self.db.write(open).await
    }
}
