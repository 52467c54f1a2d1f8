//! 「结算」 What was done and confirmed and is not settled, by partner and month; a person
//! of finance settles what they see. Settling posts each order once, in two entries of
//! one transfer: the public's share as owed to the partner, the person's own share beside
//! it. Absent on purpose: paying it out.

use super::desk::OrderDesk;
use crate::ledger::posting::{legs, opened, post};
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record, RecordState};
use engine_ledger::{Bounds, Command};
use engine_order::{Act, Order, Settlement};
use kernel::{
    AccountId, FieldLevel, Money, Now, OrderId, Period, ProviderId, RegionCode, Slug, TransferId,
};
use std::collections::BTreeMap;
use store::ledger::LedgerSlice;
use store::{Reply, Tx};

/// Orders read in one go.
const PAGE: u32 = 500;
/// The most orders settled by one button.
pub const SETTLED_AT_ONCE: usize = 500;
/// The newest closed orders a partner looks through.
const OWN_MAX: u32 = 200;
/// What the books count in.
const FEN: &str = "fen";

/// One order to be settled, or settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettleLine {
    /// The order.
    pub order: OrderId,
    /// Its kind's name.
    pub name: String,
    /// Where, in words.
    pub place: String,
    /// By the public; `None`: not known yet.
    pub subsidy: Option<Money>,
    /// By the person; `None`: not known yet.
    pub own: Option<Money>,
}

impl SettleLine {
    /// Whether every sum is known: it can be settled.
    pub fn known(&self) -> bool {
        self.subsidy.is_some() && self.own.is_some()
    }
}

/// What one partner did in one month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToSettle {
    /// Who.
    pub provider: ProviderId,
    /// Their name.
    pub name: String,
    /// In which month it was done.
    pub month: Period,
    /// The orders.
    pub lines: Vec<SettleLine>,
}

impl ToSettle {
    fn sum(&self, of: impl Fn(&SettleLine) -> Option<Money>) -> Money {
        let known = self.lines.iter().filter(|one| one.known());
        Money::from_fen(known.filter_map(of).map(Money::fen).sum())
    }

    /// The public's share of those that can be settled.
    pub fn subsidy(&self) -> Money {
        self.sum(|one| one.subsidy)
    }

    /// The people's own share of those that can be settled.
    pub fn own(&self) -> Money {
        self.sum(|one| one.own)
    }
}

/// What a partner sees of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnSettled {
    /// On the books as owed by the public.
    pub subsidy: Money,
    /// On the books as the people's own share.
    pub own: Money,
    /// The newest ones.
    pub lines: Vec<SettleLine>,
}

impl App {
    fn settle_line(&self, order: &Order) -> Option<SettleLine> {
        let asked = order.requested.as_ref()?;
        let ty = self.order_type(&asked.ty).ok();
        let open = order.quote.open().next().is_some();
        let known = |money: Option<Money>| money.filter(|_| !open);
        Some(SettleLine {
            order: asked.order,
            name: ty.map_or_else(|| asked.ty.to_string(), |ty| ty.name.clone()),
            place: self.place(asked.region),
            subsidy: known(order.quote.subsidy()),
            own: known(order.quote.own()),
        })
    }

    /// 等结算的 Orders of a place that are confirmed and not settled, by partner and month.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn orders_to_settle(
        &self,
        context: &Context,
        region: RegionCode,
    ) -> Result<Vec<ToSettle>> {
        let desk = self.order_desk(context);
        self.db
            .look(async move |tx| {
                let record = Record {
                    region: Some(region),
                    subjects: Vec::new(),
                    state: RecordState::Closed,
                    level: FieldLevel::L1,
                };
                let (context, now) = (&desk.context, desk.now);
                context
                    .authorise(tx, Action::SettleOrder, record, &[], now)
                    .await?;
                let found = desk.waiting(tx, region).await?;
                let subject = format!("region:{region}");
                context
                    .record(tx, "order.to_settle", &subject, &found.len(), now)
                    .await?;
                Ok::<_, AppError>(found)
            })
            .await
    }

    /// 结算 Settles the orders a person saw, all or none.
    ///
    /// # Errors
    /// A refusal of access or of the engine for any of them; none, or too many; the
    /// store's.
    pub async fn settle_orders(
        &self,
        context: &Context,
        orders: Vec<OrderId>,
    ) -> Result<Reply<usize>> {
        if orders.is_empty() || orders.len() > SETTLED_AT_ONCE {
            let says = format!("一次结算 1 到 {SETTLED_AT_ONCE} 单");
            return Err(AppError::BadInput(says));
        }
        let key = context.key("order.settle", &orders)?;
        let desk = self.order_desk(context);
        self.db
            .write(async move |tx| {
                let (orders, desk) = (orders.clone(), &desk);
                let does = async move |tx: &mut Tx| {
                    for order in &orders {
                        desk.act(tx, *order, Act::Settle).await?;
                    }
                    Ok::<_, AppError>(orders.len())
                };
                tx.idempotent(&key, desk.now, does).await
            })
            .await
    }

    /// 我的结算 What was settled for the partners the actor answers for.
    ///
    /// # Errors
    /// The store's.
    pub async fn own_settled(&self, context: &Context) -> Result<OwnSettled> {
        let Some(me) = context.actor.person else {
            return Ok(OwnSettled::default());
        };
        let app = self.clone();
        self.db
            .read(async move |tx| {
                let mut own = OwnSettled::default();
                for one in tx.providers_of(me).await? {
                    own.subsidy = sum(own.subsidy, tx.account_named(&owed(one.id)).await?);
                    own.own = sum(own.own, tx.account_named(&share(one.id)).await?);
                }
                for loaded in tx.orders_over_of(me, OWN_MAX).await? {
                    let settled = loaded.state.settled.is_some();
                    own.lines
                        .extend(app.settle_line(&loaded.state).filter(|_| settled));
                }
                Ok::<_, AppError>(own)
            })
            .await
    }
}

fn sum(money: Money, account: Option<engine_ledger::Account>) -> Money {
    let balance = account.map_or(0, |one| one.balance);
    Money::from_fen(money.fen() + balance)
}

fn owed(provider: ProviderId) -> String {
    format!("owed:provider:{provider}")
}

fn share(provider: ProviderId) -> String {
    format!("own_share:provider:{provider}")
}

impl OrderDesk {
    async fn waiting(&self, tx: &mut Tx, region: RegionCode) -> Result<Vec<ToSettle>> {
        let mut by: BTreeMap<(ProviderId, Period), Vec<SettleLine>> = BTreeMap::new();
        let mut after = OrderId(0);
        loop {
            let page = tx.orders_to_settle(region.span(), after, PAGE).await?;
            let full = page.len() == PAGE as usize;
            for loaded in page {
                let order = loaded.state;
                // Passed over it would be read again and again.
                let nobodys = || AppError::Fault("an order nobody asked for".to_owned());
                let line = self.app.settle_line(&order).ok_or_else(nobodys)?;
                after = line.order;
                let done = order.done.as_ref().map(|done| done.occurred);
                let (Some(offer), Some(at), true) = (order.offer(), done, order.to_settle()) else {
                    continue;
                };
                let month = Period::of(Now { at }.today());
                by.entry((offer.provider, month)).or_default().push(line);
            }
            if !full {
                break;
            }
        }
        let mut found = Vec::new();
        for ((provider, month), lines) in by {
            let known = tx.provider(provider).await?;
            found.push(ToSettle {
                provider,
                name: known.map_or_else(|| provider.to_string(), |(one, _)| one.name),
                month,
                lines,
            });
        }
        Ok(found)
    }
}

/// Posts a settled order, once for its number. What costs nothing leaves no entry.
pub(super) async fn post_it(
    desk: &OrderDesk,
    tx: &mut Tx,
    order: &Order,
    settled: &Settlement,
) -> Result<()> {
    let Some(asked) = &order.requested else {
        return Ok(());
    };
    let (ty, to) = (&asked.ty, settled.provider);
    let pairs = [
        (settled.subsidy, format!("order_subsidy:{ty}"), owed(to)),
        (settled.own, format!("order_own:{ty}"), share(to)),
    ];
    let mut slice = LedgerSlice::default();
    let mut all = Vec::new();
    for (amount, from, to) in pairs {
        if amount.fen() > 0 {
            let from = account(desk, tx, &from).await?;
            let to = account(desk, tx, &to).await?;
            slice.accounts.extend([from, to]);
            all.extend(legs(from, to, amount.fen()));
        }
    }
    if all.is_empty() {
        return Ok(());
    }
    let reference = format!("order:{}", asked.order);
    slice.references.insert(reference.clone());
    let command = Command::Transfer {
        id: TransferId(tx.next_id("ledger").await?),
        reference,
        legs: all,
        purpose: None,
    };
    let reason = format!("工单 {} 结算", asked.order);
    post(tx, &desk.context, &slice, vec![command], &reason, desk.now).await?;
    Ok(())
}

async fn account(desk: &OrderDesk, tx: &mut Tx, name: &str) -> Result<AccountId> {
    let unit: Slug = FEN
        .parse()
        .map_err(|_| AppError::Fault("单位".to_owned()))?;
    let bounds = (&unit, Bounds::default());
    let (id, _) = opened(tx, &desk.context, name, bounds, desk.now).await?;
    Ok(id)
}
