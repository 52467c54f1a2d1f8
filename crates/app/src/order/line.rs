//! 「互通」 Two lines hand orders to each other: ours to theirs, theirs to ours, and each
//! tells the other what came of it. Whoever speaks has been believed by signature
//! before. The same word told again changes nothing.

use super::desk::Ordered;
use crate::{App, AppError, Context, Result};
use engine_access::Purpose;
use engine_order::{About, Act, Asker, Cause, Order, OrderType, Requested, Stage, Want};
use kernel::{Actor, OrderId, RegionCode, Role, Slug};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::{Reply, RequestKey, Tx};

/// The most told at once.
const HANDED_MAX: usize = 500;
/// How many are read at once.
const PAGE: u32 = if cfg!(test) { 4 } else { 500 };

/// An order another line hands over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FromLine {
    /// Its number there.
    pub reference: String,
    /// The kind of order here.
    pub ty: Slug,
    /// The item.
    pub item: Slug,
    /// The node.
    pub region: RegionCode,
    /// Who rang up.
    pub name: String,
    /// Their telephone.
    pub phone: Option<String>,
    /// Where to go, in words.
    pub address: String,
    /// In their words.
    pub says: String,
}

/// An order handed to another line and not yet taken there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handed {
    /// The order here.
    pub order: OrderId,
    /// Why it was handed over.
    pub why: String,
    /// In the person's words.
    pub says: String,
    /// Where.
    pub region: RegionCode,
    /// Where, in words.
    pub address: String,
    /// Who rang up.
    pub name: String,
    /// Their telephone.
    pub phone: Option<String>,
}

fn context(line: &Slug) -> Context {
    Context {
        actor: Actor {
            account: format!("line:{line}"),
            person: None,
            role: Role::System,
        },
        purpose: Purpose::Duty,
        request: format!("line:{line}"),
    }
}

impl App {
    fn types_of_line(&self, line: &Slug) -> Vec<Arc<OrderType>> {
        let hands = |ty: &&Arc<OrderType>| ty.transfer.iter().any(|one| &one.id == line);
        self.order_types().iter().filter(hands).cloned().collect()
    }

    /// 转来 Takes an order from another line, once for its number there.
    ///
    /// # Errors
    /// A kind that this line may not hand over; a refusal; the store's.
    pub async fn take_from_line(&self, line: &Slug, new: FromLine) -> Result<Reply<Ordered>> {
        let known = self.types_of_line(line);
        if !known.iter().any(|ty| ty.id == new.ty) {
            return Err(AppError::BadInput(format!("“{}”不和这条热线互转", new.ty)));
        }
        let body = serde_json::to_vec(&new).map_err(|why| AppError::Fault(why.to_string()))?;
        let key = RequestKey::forever(format!("line/{line}"), &new.reference, &body);
        let desk = self.order_desk(&context(line));
        let line = line.clone();
        self.db
            .write(async move |tx| {
                let (new, desk, line) = (new.clone(), &desk, line.clone());
                let does = async move |tx: &mut Tx| {
                    let asked = Requested {
                        order: OrderId(tx.next_id("order").await?),
                        ty: new.ty,
                        asked_by: Asker::Line,
                        cause: Cause::From {
                            line,
                            reference: new.reference,
                        },
                        about: About {
                            name: new.name,
                            phone: new.phone,
                            ..About::default()
                        },
                        wants: vec![Want {
                            item: new.item,
                            count: 1,
                        }],
                        says: new.says,
                        region: new.region,
                        address: new.address,
                        place: None,
                        on: None,
                    };
                    desk.open(tx, asked).await
                };
                tx.idempotent(&key, desk.now, does).await
            })
            .await
    }

    /// 转出的 Orders handed to a line that it has not numbered yet, oldest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn handed_to_line(&self, line: &Slug) -> Result<Vec<Handed>> {
        let desk = self.order_desk(&context(line));
        let line = line.clone();
        self.db
            .look(async move |tx| {
                let mut handed = Vec::new();
                let mut after = OrderId(0);
                // What the line has numbered stays handed over until it is done: it may
                // not stand before what is new.
                while handed.len() < HANDED_MAX {
                    let page = tx.orders_after(Stage::Transferred, after, PAGE).await?;
                    let last = page.last().and_then(|one| one.state.requested.as_ref());
                    let Some(last) = last.map(|asked| asked.order) else {
                        break;
                    };
                    after = last;
                    let waits = page.into_iter().filter_map(|one| waiting(one.state, &line));
                    handed.extend(waits);
                }
                handed.truncate(HANDED_MAX);
                let subject = format!("line:{line}");
                let count = handed.len();
                desk.context
                    .record(tx, "order.handed", &subject, &count, desk.now)
                    .await?;
                Ok::<_, AppError>(handed)
            })
            .await
    }

    /// 对方答复 The other line tells its number, or what came of it.
    ///
    /// # Errors
    /// An order that was not handed to it; a refusal; the store's.
    pub async fn line_answers(
        &self,
        line: &Slug,
        order: OrderId,
        reference: Option<String>,
        result: Option<String>,
        undone: bool,
    ) -> Result<Ordered> {
        let desk = self.order_desk(&context(line));
        let line = line.clone();
        self.db
            .write(async move |tx| {
                let state = tx.order(order).await?.state;
                let handed = state.transfers.last().filter(|one| one.to == line);
                if handed.is_none() {
                    let says = format!("工单 {order} 没有转给这条热线");
                    return Err(AppError::BadInput(says));
                }
                let act = Act::Answered {
                    reference: reference.clone(),
                    result: result.clone(),
                    undone,
                };
                desk.act(tx, order, act).await
            })
            .await
    }
}

/// What is told of an order that waits for this line's number.
fn waiting(order: Order, line: &Slug) -> Option<Handed> {
    let last = order.transfers.last().filter(|one| one.to == *line)?;
    let why = last.why.clone();
    let asked = order.requested.filter(|_| last.reference.is_none())?;
    Some(Handed {
        order: asked.order,
        why,
        says: asked.says,
        region: asked.region,
        address: asked.address,
        name: asked.about.name,
        phone: asked.about.phone,
    })
}
