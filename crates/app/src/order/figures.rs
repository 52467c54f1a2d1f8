//! 「看数」 What a leader asks of orders: how many, answered how fast, how content people
//! are, which partners and items turn yellow or red. Every number opens to its orders.
//! A share nobody can tell (nobody rated, nobody answered) is `None`, never zero.

use super::list::OrderRow;
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record};
use engine_order::{Colour, Record as Remembered, Stage, item_colour};
use kernel::{FieldLevel, Instant, OrderId, ProviderId, RegionCode, Slug};
use std::collections::BTreeMap;
use store::{OrderLine, Tx};

/// The most orders counted at once: a county's year several times over.
const LINES_MAX: u32 = 500_000;

/// What is counted of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeFigure {
    /// The kind.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Asked for.
    pub asked: usize,
    /// Still open.
    pub open: usize,
    /// Closed.
    pub closed: usize,
    /// Cancelled.
    pub cancelled: usize,
    /// Handed to another line and not back.
    pub transferred: usize,
    /// A clock ran out.
    pub late: usize,
    /// Answered by a human being, or accepted.
    pub answered: usize,
    /// Of those, within the kind's clock.
    pub in_time: usize,
    /// Seconds until then, the middle one.
    pub median: Option<i64>,
    /// Seconds of the slowest but one in ten.
    pub ninetieth: Option<i64>,
    /// Rated.
    pub rated: usize,
    /// Of those, four or five stars.
    pub content: usize,
}

impl TypeFigure {
    /// Per cent answered in time; `None`: none was answered.
    pub fn in_time_percent(&self) -> Option<usize> {
        (self.answered > 0).then(|| self.in_time * 100 / self.answered)
    }

    /// Per cent content of those who rated; `None`: nobody did.
    pub fn content_percent(&self) -> Option<usize> {
        (self.rated > 0).then(|| self.content * 100 / self.rated)
    }
}

/// A partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartnerFigure {
    /// Who.
    pub id: ProviderId,
    /// Their name.
    pub name: String,
    /// Orders under way.
    pub load: u32,
    /// The most at once.
    pub most: u32,
    /// What is remembered.
    pub record: Remembered,
    /// Their colour.
    pub colour: Colour,
    /// Struck off.
    pub stopped: bool,
}

/// An item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemFigure {
    /// The kind.
    pub ty: Slug,
    /// Its name.
    pub name: String,
    /// Asked for in the days of the rule.
    pub now: usize,
    /// In as many days before.
    pub before: usize,
    /// Late or bad.
    pub late_or_bad: usize,
    /// Its colour.
    pub colour: Colour,
}

/// Everything.
#[derive(Clone, Debug, Default)]
pub struct OrderFigures {
    /// By kind.
    pub types: Vec<TypeFigure>,
    /// By partner, the red ones first.
    pub partners: Vec<PartnerFigure>,
    /// By item, the red ones first.
    pub items: Vec<ItemFigure>,
}

impl App {
    fn figure(&self, lines: &[&OrderLine], id: &Slug) -> TypeFigure {
        let ty = self.order_type(id).ok();
        let clock = ty.as_ref().and_then(|ty| {
            let clock = ty.clocks.get(&engine_order::ClockOf::Answer);
            clock
                .or(ty.clocks.get(&engine_order::ClockOf::Accept))?
                .seconds()
        });
        let mut figure = TypeFigure {
            id: id.to_string(),
            name: ty.map_or_else(|| id.to_string(), |ty| ty.name.clone()),
            asked: lines.len(),
            ..TypeFigure::default()
        };
        let mut took: Vec<i64> = Vec::new();
        for line in lines {
            let count = match line.stage.as_str() {
                "closed" => &mut figure.closed,
                "cancelled" => &mut figure.cancelled,
                "transferred" => &mut figure.transferred,
                _ => &mut figure.open,
            };
            *count += 1;
            figure.late += usize::from(line.late);
            took.extend(line.response);
            if let Some(stars) = line.stars {
                figure.rated += 1;
                figure.content += usize::from(stars >= 4);
            }
        }
        took.sort_unstable();
        figure.answered = took.len();
        let within = |seconds: &&i64| clock.is_none_or(|clock| **seconds <= i64::from(clock));
        figure.in_time = took.iter().filter(within).count();
        figure.median = took.get(took.len() / 2).copied();
        figure.ninetieth = took.get(took.len() * 9 / 10).copied();
        figure
    }

    /// 工单看数 What was asked for in a place from one moment up to another.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn order_figures(
        &self,
        context: &Context,
        region: RegionCode,
        from: Instant,
        to: Instant,
    ) -> Result<OrderFigures> {
        let desk = self.order_desk(context);
        self.db
            .look(async move |tx| {
                desk.counts(tx, region).await?;
                let span = region.span();
                let lines = tx.order_lines((from, to), span, LINES_MAX).await?;
                let mut by: BTreeMap<&Slug, Vec<&OrderLine>> = BTreeMap::new();
                for line in &lines {
                    by.entry(&line.ty).or_default().push(line);
                }
                let app = &desk.app;
                let types = by.iter().map(|(id, lines)| app.figure(lines, id)).collect();
                let before = tx
                    .order_lines((from - (to - from), from), span, LINES_MAX)
                    .await?;
                let mut partners: Vec<PartnerFigure> = Vec::new();
                for (one, _) in tx.providers_in(span, 500).await? {
                    let rule = app.order_types().first().map(|ty| ty.colours);
                    let colour = one.record.colour(&rule.unwrap_or_default());
                    partners.push(PartnerFigure {
                        id: one.id,
                        name: one.name,
                        load: one.load,
                        most: one.most,
                        record: one.record,
                        colour,
                        stopped: one.stopped,
                    });
                }
                partners.sort_by_key(|one| (std::cmp::Reverse(one.colour), one.id));
                let figures = OrderFigures {
                    types,
                    partners,
                    items: app.items(&lines, &before),
                };
                let subject = format!("region:{region}");
                desk.context
                    .record(tx, "order.figures", &subject, &lines.len(), desk.now)
                    .await?;
                Ok::<_, AppError>(figures)
            })
            .await
    }

    fn items(&self, lines: &[OrderLine], before: &[OrderLine]) -> Vec<ItemFigure> {
        let mut items = Vec::new();
        for ty in self.order_types() {
            for item in &ty.items {
                let of = |lines: &[OrderLine], bad: bool| {
                    let these = lines
                        .iter()
                        .filter(|one| one.ty == ty.id && one.item == item.id);
                    let wanted = |one: &&OrderLine| {
                        !bad || one.late || one.stars.is_some_and(|stars| stars <= 2)
                    };
                    these.filter(wanted).count()
                };
                let (now, then) = (of(lines, false), of(before, false));
                if now == 0 && then == 0 {
                    continue;
                }
                let late_or_bad = of(lines, true);
                let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
                let colour = item_colour(count(now), count(then), count(late_or_bad), &ty.colours);
                items.push(ItemFigure {
                    ty: ty.id.clone(),
                    name: item.name.clone(),
                    now,
                    before: then,
                    late_or_bad,
                    colour,
                });
            }
        }
        items.sort_by_key(|one| (std::cmp::Reverse(one.colour), std::cmp::Reverse(one.now)));
        items
    }

    /// 数的后面 The orders behind a figure: numbers, places and times, nobody's name.
    ///
    /// # Errors
    /// A refusal; a figure nobody knows; the store's.
    pub async fn orders_behind(
        &self,
        context: &Context,
        region: RegionCode,
        (from, to): (Instant, Instant),
        ty: &Slug,
        figure: &str,
    ) -> Result<Vec<OrderLine>> {
        let kind = self.order_type(ty)?;
        let clock = kind.clocks.get(&engine_order::ClockOf::Answer);
        let clock = clock.or(kind.clocks.get(&engine_order::ClockOf::Accept));
        let clock = clock.and_then(|lapse| lapse.seconds());
        let in_time = move |one: &OrderLine| {
            one.response
                .is_some_and(|took| clock.is_none_or(|clock| took <= i64::from(clock)))
        };
        let open = |one: &OrderLine| {
            let over = [Stage::Closed, Stage::Cancelled, Stage::Transferred];
            !over.iter().any(|stage| stage.id() == one.stage)
        };
        let holds: Box<dyn Fn(&OrderLine) -> bool + Send + Sync> = match figure {
            "asked" => Box::new(|_| true),
            "open" => Box::new(open),
            "closed" | "cancelled" | "transferred" => {
                let figure = figure.to_owned();
                Box::new(move |one| one.stage == figure)
            }
            "late" => Box::new(|one| one.late),
            "answered" => Box::new(|one| one.response.is_some()),
            "in_time" => Box::new(in_time),
            "slow" => Box::new(move |one| one.response.is_some() && !in_time(one)),
            "rated" => Box::new(|one| one.stars.is_some()),
            "content" => Box::new(|one| one.stars.is_some_and(|stars| stars >= 4)),
            "bad" => Box::new(|one| one.stars.is_some_and(|stars| stars <= 2)),
            _ => return Err(AppError::BadInput("没有这个数".to_owned())),
        };
        let (desk, ty) = (self.order_desk(context), ty.clone());
        self.db
            .look(async move |tx| {
                desk.counts(tx, region).await?;
                let lines = tx.order_lines((from, to), region.span(), LINES_MAX).await?;
                let lines = lines.into_iter().filter(|one| one.ty == ty && holds(one));
                let lines: Vec<OrderLine> = lines.collect();
                let subject = format!("region:{region}");
                desk.context
                    .record(tx, "order.behind", &subject, &lines.len(), desk.now)
                    .await?;
                Ok::<_, AppError>(lines)
            })
            .await
    }
}

impl super::desk::OrderDesk {
    async fn counts(&self, tx: &mut Tx, region: RegionCode) -> Result<()> {
        let record = Record::of_place(region, FieldLevel::L1);
        self.context
            .authorise(tx, Action::ReadFigures, record, &[], self.now)
            .await?;
        Ok(())
    }
}

impl OrderRow {
    /// The number, for sorting and addresses.
    pub fn number(&self) -> OrderId {
        self.id
    }
}
