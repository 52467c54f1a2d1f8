//! 「看数」 What a leader asks of orders: how many, answered how fast, how content people
//! are, which partners and items turn yellow or red. Every number opens to its orders.
//! A share nobody can tell (nobody rated, nobody answered) is `None`, never zero.

use super::list::OrderRow;
use crate::{App, AppError, Context, Result};
use chrono::TimeDelta;
use engine_access::{Action, Record};
use engine_order::{
    ClockOf, Colour, ColourRule, OrderType, Provider, Record as Remembered, Stage, item_colour,
};
use kernel::{FieldLevel, Instant, Now, OrderId, ProviderId, RegionCode, Slug};
use std::collections::BTreeMap;
use std::sync::Arc;
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
    /// Nobody answered, and the time to is over.
    pub missed: usize,
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
    /// Per cent answered in time of those that were, or should have been; `None`: of none
    /// is it known yet.
    pub fn in_time_percent(&self) -> Option<usize> {
        let due = self.answered + self.missed;
        (due > 0).then(|| self.in_time * 100 / due)
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
    /// The days of the kind's rule.
    pub days: u32,
    /// Asked for in these days.
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

/// The clock of a kind's first answer, and the seconds it has.
fn answer_clock(ty: &OrderType) -> (ClockOf, Option<i64>) {
    let of = match ty.clocks.contains_key(&ClockOf::Answer) {
        true => ClockOf::Answer,
        false => ClockOf::Accept,
    };
    let seconds = ty.clocks.get(&of).and_then(|lapse| lapse.seconds());
    (of, seconds.map(i64::from))
}

/// Nobody answered and the time to is over: a clock ran out, or would have by now. Until
/// somebody answers no other clock runs than those of sending and answering.
fn missed(line: &OrderLine, (of, clock): (ClockOf, Option<i64>), now: Now) -> bool {
    let waited = (now.at - line.asked_at).num_seconds();
    let over = of == ClockOf::Answer && clock.is_some_and(|clock| waited > clock);
    line.response.is_none() && (line.late || (over && is_open(line)))
}

fn is_open(line: &OrderLine) -> bool {
    let over = [Stage::Closed, Stage::Cancelled, Stage::Transferred];
    !over.iter().any(|stage| stage.id() == line.stage)
}

/// Whether a line falls into the days before a moment, the last day but `ago` whole spans.
fn within(line: &OrderLine, days: u32, ago: i32, to: Instant) -> bool {
    let span = TimeDelta::days(i64::from(days));
    let last = to - span * ago;
    line.asked_at < last && line.asked_at >= last - span
}

impl App {
    fn figure(&self, lines: &[&OrderLine], id: &Slug, now: Now) -> TypeFigure {
        let ty = self.order_type(id).ok();
        let timed = ty.as_ref().map(|ty| answer_clock(ty));
        let clock = timed.and_then(|(_, clock)| clock);
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
            figure.missed += usize::from(timed.is_some_and(|timed| missed(line, timed, now)));
            took.extend(line.response);
            if let Some(stars) = line.stars {
                figure.rated += 1;
                figure.content += usize::from(stars >= 4);
            }
        }
        took.sort_unstable();
        figure.answered = took.len();
        let within = |seconds: &&i64| clock.is_none_or(|clock| **seconds <= clock);
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
                let figure =
                    |(id, lines): (&&Slug, &Vec<&OrderLine>)| app.figure(lines, id, desk.now);
                let types = by.iter().map(figure).collect();
                // A colour looks back over the days of its rule, not over those of the page.
                let days = app.order_types().iter().map(|ty| ty.colours.days).max();
                let longest = TimeDelta::days(i64::from(days.unwrap_or_default()));
                let recent = tx.order_lines((to - longest * 2, to), span, LINES_MAX);
                let recent = recent.await?;
                let mut partners: Vec<PartnerFigure> = Vec::new();
                for (one, _) in tx.providers_in(span, 500).await? {
                    let colour = app.partner_colour(&one);
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
                    items: app.items(&recent, to),
                };
                let subject = format!("region:{region}");
                desk.context
                    .record(tx, "order.figures", &subject, &lines.len(), desk.now)
                    .await?;
                Ok::<_, AppError>(figures)
            })
            .await
    }

    /// The worst colour by the rules of the kinds a partner does something of; of one that
    /// does nothing of any, by the usual rule.
    fn partner_colour(&self, one: &Provider) -> Colour {
        let does = |ty: &&Arc<OrderType>| ty.items.iter().any(|i| one.skills.contains(&i.skill));
        let kinds = self.order_types().iter().filter(does);
        let colours = kinds.map(|ty| one.record.colour(&ty.colours));
        let usual = || one.record.colour(&ColourRule::default());
        colours.max().unwrap_or_else(usual)
    }

    fn items(&self, lines: &[OrderLine], to: Instant) -> Vec<ItemFigure> {
        let mut items = Vec::new();
        for ty in self.order_types() {
            let days = ty.colours.days;
            for item in &ty.items {
                let of = |ago: i32, bad: bool| {
                    let these = lines.iter().filter(|one| {
                        one.ty == ty.id && one.item == item.id && within(one, days, ago, to)
                    });
                    let wanted = |one: &&OrderLine| {
                        !bad || one.late || one.stars.is_some_and(|stars| stars <= 2)
                    };
                    these.filter(wanted).count()
                };
                let (now, then) = (of(0, false), of(1, false));
                if now == 0 && then == 0 {
                    continue;
                }
                let late_or_bad = of(0, true);
                let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
                let colour = item_colour(count(now), count(then), count(late_or_bad), &ty.colours);
                items.push(ItemFigure {
                    ty: ty.id.clone(),
                    name: item.name.clone(),
                    days,
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
        let (timed, now) = (answer_clock(&kind), self.now());
        let in_time = move |one: &OrderLine| {
            one.response
                .is_some_and(|took| timed.1.is_none_or(|clock| took <= clock))
        };
        let holds: Box<dyn Fn(&OrderLine) -> bool + Send + Sync> = match figure {
            "asked" => Box::new(|_| true),
            "open" => Box::new(is_open),
            "closed" | "cancelled" | "transferred" => {
                let figure = figure.to_owned();
                Box::new(move |one| one.stage == figure)
            }
            "late" => Box::new(|one| one.late),
            "answered" => Box::new(|one| one.response.is_some()),
            "in_time" => Box::new(in_time),
            "missed" => Box::new(move |one| missed(one, timed, now)),
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
