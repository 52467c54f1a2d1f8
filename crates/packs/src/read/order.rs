//! 「工单」 From an `[order]` file to a kind of order, checked by the engine itself.

use super::catalogue::word;
use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::load::Rooted;
use crate::place::At;
use crate::resolve::Draft;
use crate::suggest::meant;
use crate::tree::{Table, Value};
use engine_order::{
    ClockOf, Close, ColourRule, DispatchBy, DispatchRule, Elsewhere, Every, Hours, Item, Lapse,
    Need, OrderType, ProofRule, Quota, RatingRule, Rung, Step, Subsidy,
};
use kernel::{Money, Slug};
use std::collections::BTreeSet;

/// What a reader of orders needs: the groups there are (services, colours, types).
pub(crate) struct Orders<'a, 'd> {
    pub(crate) desk: &'a Desk<'d>,
    pub(crate) groups: BTreeSet<Slug>,
}

/// What an order may say somebody belongs to: a benefit, a colour, a type, a side.
pub(crate) fn groups(draft: &Draft) -> BTreeSet<Slug> {
    let services = draft.services.iter().map(|one| one.service.id.clone());
    let portrait = draft.portrait.iter().map(|one| one.id.clone());
    services.chain(portrait).collect()
}

impl Orders<'_, '_> {
    /// Every `[order]` file.
    pub(crate) fn read(&self, documents: &[Rooted]) -> Vec<OrderType> {
        let documents = documents.iter().filter(|one| one.root == "order");
        documents.filter_map(|one| self.order(&one.table)).collect()
    }

    fn fault(&self, at: crate::place::Place, message: impl Into<String>) {
        self.desk.fault(Fault::error("order", at, message));
    }

    fn order(&self, table: &Table) -> Option<OrderType> {
        let head = table.table("order")?;
        let id = head.slug("id")?;
        let mut ty = OrderType::new(id.value, head.words("name"));
        ty.says = head.words("says");
        ty.rows = head.sentences("rows");
        ty.basis = head.sentences("basis");
        ty.alarm = head.flag("alarm").unwrap_or(false);
        ty.masked = head.flag("masked").unwrap_or(false);
        ty.solemn = head.flag("solemn").unwrap_or(false);
        ty.level = word(head, "level").unwrap_or(ty.level);
        ty.confirms = word(head, "confirms").unwrap_or(ty.confirms);
        ty.asked_by = words(head, "asked_by");
        if let Some(hours) = head.text("hours") {
            match Hours::read(&hours.value) {
                Some(read) => ty.hours = read,
                None => self.fault(hours.place, "请写成 08:30-17:30"),
            }
        }
        let items = table.tables("item").into_iter();
        ty.items = items.filter_map(|row| self.item(row)).collect();
        if let Some(clock) = table.table("clock") {
            self.clock(&mut ty, clock);
        }
        let ladder = table.tables("ladder").into_iter();
        ty.ladder = ladder.filter_map(|row| self.rung(row)).collect();
        if let Some(row) = table.table("dispatch") {
            ty.dispatch = DispatchRule {
                by: word(row, "by").unwrap_or(DispatchBy::Operator),
                tries: row.whole("tries").unwrap_or(ty.dispatch.tries),
            };
        }
        ty.steps = table.tables("step").into_iter().filter_map(step).collect();
        ty.proof = table
            .tables("proof")
            .into_iter()
            .filter_map(proof)
            .collect();
        let needs = table.table("close").map(|close| close.tables("need"));
        let needs = needs.into_iter().flatten().filter_map(need);
        ty.close = Close {
            needs: needs.collect(),
        };
        let every = table.tables("every").into_iter();
        ty.every = every.map(|row| self.every(row)).collect();
        ty.rating = table.table("rating").map(|row| RatingRule {
            low: row
                .whole("low")
                .and_then(|low| u8::try_from(low).ok())
                .unwrap_or(2),
            asks: row.words("asks"),
        });
        let lines = table
            .table("transfer")
            .map_or(&[][..], |lines| &lines.entries);
        let line = |(id, node): &(At<String>, crate::tree::Node)| {
            let (id, name) = (id.value.parse().ok()?, node.as_text()?.value);
            Some(Elsewhere { id, name })
        };
        ty.transfer = lines.iter().filter_map(line).collect();
        if let Some(row) = table.table("colours") {
            ty.colours = colours(row);
        }
        self.twice(table);
        for wrong in ty.validate() {
            self.fault(id.place, wrong.to_string());
        }
        Some(ty)
    }

    /// Ids written twice in one list.
    fn twice(&self, table: &Table) {
        for key in ["item", "step", "proof"] {
            let mut seen = BTreeSet::new();
            for row in table.tables(key) {
                if let Some(id) = row.slug("id")
                    && !seen.insert(id.value.clone())
                {
                    self.fault(id.place, format!("`{}` 写了两次", id.value));
                }
            }
        }
    }

    fn money(&self, row: &Table, key: &str) -> Option<Money> {
        let node = row.get(key)?;
        let Value::Number(text) = &node.value else {
            return None;
        };
        match text.parse::<Money>() {
            Ok(money) if money >= Money::ZERO => Some(money),
            Ok(_) => {
                self.fault(node.place, "不能小于零");
                None
            }
            Err(why) => {
                self.fault(node.place, why.to_string());
                None
            }
        }
    }

    fn groups(&self, row: &Table) -> Vec<Slug> {
        let names = row.slugs("only_for");
        for name in &names {
            self.group(name);
        }
        names.into_iter().map(|name| name.value).collect()
    }

    fn group(&self, name: &At<Slug>) {
        if !self.groups.contains(&name.value) {
            let message = format!("没有叫“{}”的待遇、类型或颜色", name.value);
            let help = meant(name.value.as_str(), self.groups.iter().map(Slug::as_str));
            let fault = Fault::error("unknown_name", name.place, message);
            self.desk.fault(fault.maybe_help(help));
        }
    }

    fn item(&self, row: &Table) -> Option<Item> {
        let subsidies = row.tables("subsidy").into_iter().filter_map(|row| {
            let age = |key| row.whole(key).and_then(|age| i32::try_from(age).ok());
            Some(Subsidy {
                amount: self.money(row, "amount")?,
                age_from: age("age_from"),
                age_to: age("age_to"),
                only_for: self.groups(row),
            })
        });
        let quota = row.table("quota").and_then(|row| {
            Some(Quota {
                times: row.whole("times")?,
                per: word(row, "per")?,
                over: word(row, "over")?,
            })
        });
        Some(Item {
            subsidies: subsidies.collect(),
            quota,
            only_for: self.groups(row),
            id: row.slug("id")?.value,
            name: row.words("name"),
            unit: row.words("unit"),
            price: self.money(row, "price")?,
            skill: row.slug("skill")?.value,
            minutes: row.whole("minutes"),
            basis: row.maybe_words("basis"),
        })
    }

    fn lapse(&self, row: &Table, key: &str) -> Option<Lapse> {
        let text = row.text(key)?;
        match text.value.parse() {
            Ok(lapse) => Some(lapse),
            Err(why) => {
                let why: engine_order::LapseError = why;
                self.fault(text.place, why.to_string());
                None
            }
        }
    }

    /// A lapse by the wall clock, in seconds.
    fn seconds(&self, row: &Table, key: &str) -> Option<u32> {
        let lapse = self.lapse(row, key)?;
        if lapse.seconds().is_none() {
            self.fault(row.place_of(key), "这里要用钟面时间：s、min、h、d");
        }
        lapse.seconds()
    }

    fn clock(&self, ty: &mut OrderType, row: &Table) {
        for of in ClockOf::ALL {
            if let Some(lapse) = self.lapse(row, of.id()) {
                ty.clocks.insert(of, lapse);
            }
        }
        ty.again = self.lapse(row, "again");
        ty.silence = self.lapse(row, "silence");
        if let Some(burst) = self.seconds(row, "burst") {
            ty.burst_seconds = burst;
        }
    }

    fn rung(&self, row: &Table) -> Option<Rung> {
        Some(Rung {
            on: word(row, "on").unwrap_or(ClockOf::Answer),
            after: self.seconds(row, "after")?,
            who: word(row, "who")?,
            by: words(row, "by"),
        })
    }

    fn every(&self, row: &Table) -> Every {
        let colour = row.slug("colour");
        if let Some(colour) = &colour {
            self.group(colour);
        }
        Every {
            colour: colour.map(|one| one.value),
            days: row.whole("days"),
            months: row.whole("months"),
        }
    }
}

fn words<T: serde::de::DeserializeOwned>(row: &Table, key: &str) -> Vec<T> {
    let texts = row.texts(key).into_iter();
    let read = texts.map(|text| serde_json::from_value(serde_json::Value::String(text.value)));
    read.filter_map(Result::ok).collect()
}

fn step(row: &Table) -> Option<Step> {
    Some(Step {
        id: row.slug("id")?.value,
        name: row.words("name"),
        by_office: row.words("by") == "office",
        needs: row
            .slugs("needs")
            .into_iter()
            .map(|one| one.value)
            .collect(),
    })
}

fn proof(row: &Table) -> Option<ProofRule> {
    let kind = word(row, "kind")?;
    let most = row.whole("most").map(i64::from);
    Some(ProofRule {
        id: row.slug("id")?.value,
        asks: row.words("asks"),
        kind,
        required: row.flag("required").unwrap_or(false),
        most: match kind {
            engine_order::ProofKind::Money => most.map(|yuan| yuan * 100),
            _ => most,
        },
    })
}

fn need(row: &Table) -> Option<Need> {
    Some(Need {
        id: row.slug("id")?.value,
        asks: row.words("asks"),
    })
}

fn colours(row: &Table) -> ColourRule {
    let usual = ColourRule::default();
    ColourRule {
        days: row.whole("days").unwrap_or(usual.days),
        yellow: row.whole("yellow").unwrap_or(usual.yellow),
        red: row.whole("red").unwrap_or(usual.red),
        growth: row.whole("growth").unwrap_or(usual.growth),
        hold_unsafe: row.flag("hold_unsafe").unwrap_or(usual.hold_unsafe),
        remind_hours: row.whole("remind_hours").unwrap_or(usual.remind_hours),
    }
}
