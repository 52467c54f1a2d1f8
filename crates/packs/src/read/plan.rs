//! 「规划」 A plan file becomes a [`Plan`]: names resolved, nulls kept as nulls, what
//! [`engine_insight::prove`] finds underlined where it is written.

use super::catalogue::word;
use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::load::Rooted;
use crate::place::{At, Place};
use crate::resolve::Draft;
use crate::suggest::meant;
use crate::tree::{Table, Value};
use engine_insight::{Better, Indicator, Plan, Quantity, Query, Records, Source, Task, prove};
use kernel::Slug;
use std::collections::BTreeMap;

/// Months between two figures where a plan does not say.
const EVERY_MONTHS: u32 = 12;

/// Every plan of the documents.
pub(crate) fn plans(desk: &Desk<'_>, documents: &[Rooted], draft: &Draft) -> Vec<Plan> {
    let documents = documents.iter().filter(|one| one.root == "plan");
    let reading = |one: &Rooted| {
        let reading = Reading {
            desk,
            draft,
            table: one.table.clone(),
        };
        reading.plan()
    };
    documents.filter_map(reading).collect()
}

struct Reading<'a, 'd> {
    desk: &'a Desk<'d>,
    draft: &'a Draft,
    table: Table,
}

impl Reading<'_, '_> {
    fn fault(&self, at: Place, message: impl Into<String>) {
        self.desk.fault(Fault::error("plan", at, message));
    }

    fn plan(&self) -> Option<Plan> {
        let head = self.table.table("plan")?;
        let id = head.slug("id")?;
        let year = |key| head.whole(key).and_then(|year| i32::try_from(year).ok());
        let span = (year("from")?, year("to")?);
        let first = kernel::Period::new(span.0, 1)?.first_day();
        let place = match head.text("region") {
            Some(text) => self.desk.region(&text, first)?,
            None => self.desk.layer_region(id.place)?,
        };
        let plan = Plan {
            name: head.words("name"),
            place,
            span,
            years: years(head),
            tasks: self.tasks(),
            basis: head.words("basis"),
            provenance: word(head, "provenance")?,
            rows: head.sentences("rows"),
            id: id.value,
        };
        for fault in prove(&plan) {
            let at = fault.at.as_ref().and_then(|id| self.place_of(id));
            self.fault(at.unwrap_or(id.place), fault.says);
        }
        Some(plan)
    }

    /// Where an id is written; of two alike the second is wrong.
    fn place_of(&self, id: &Slug) -> Option<Place> {
        let rows = ["task", "indicator"].map(|kind| self.table.tables(kind));
        let mut found = rows.iter().flatten().filter_map(|row| row.slug("id"));
        let same = found.rfind(|one| one.value == *id);
        same.map(|one| one.place)
    }

    fn tasks(&self) -> Vec<Task> {
        let rows = self.table.tables("task").into_iter();
        let task = |row: &Table| {
            Some(Task {
                id: row.slug("id")?.value,
                name: row.words("name"),
                indicators: Vec::new(),
            })
        };
        let mut tasks: Vec<Task> = rows.filter_map(task).collect();
        for row in self.table.tables("indicator") {
            let Some(of) = row.slug("task") else { continue };
            let known: Vec<String> = tasks.iter().map(|one| one.id.to_string()).collect();
            let Some(indicator) = self.indicator(row) else {
                continue;
            };
            match tasks.iter_mut().find(|one| one.id == of.value) {
                Some(task) => task.indicators.push(indicator),
                None => self.unknown(&of, "任务", known.iter().map(String::as_str)),
            }
        }
        tasks
    }

    fn unknown<'n>(&self, of: &At<Slug>, what: &str, known: impl Iterator<Item = &'n str> + Clone) {
        let message = format!("没有叫“{}”的{what}", of.value);
        let help = meant(of.value.as_str(), known);
        let fault = Fault::error("unknown_name", of.place, message);
        self.desk.fault(fault.maybe_help(help));
    }

    fn indicator(&self, row: &Table) -> Option<Indicator> {
        Some(Indicator {
            id: row.slug("id")?.value,
            name: row.words("name"),
            says: row.words("says"),
            unit: row.words("unit"),
            better: word(row, "better").unwrap_or(Better::Higher),
            everywhere: row.flag("everywhere").unwrap_or(false),
            always: row.flag("always").unwrap_or(false),
            source: self.source(row)?,
            targets: self.by_year(row, "target"),
            known: self.by_year(row, "known"),
            every_months: row.months("every").unwrap_or(EVERY_MONTHS),
            jump_percent: row.whole("jump_percent"),
            provenance: word(row, "provenance")?,
        })
    }

    /// Numbers by year; "/" is a null and stays one.
    fn by_year(&self, row: &Table, key: &str) -> BTreeMap<i32, Option<Quantity>> {
        let mut found = BTreeMap::new();
        for (year, node) in row.table(key).map_or(&[][..], |table| &table.entries) {
            let Ok(number) = year.value.parse::<i32>() else {
                self.fault(year.place, "要写年份，例如 2025");
                continue;
            };
            let read = match &node.value {
                Value::Text(text) if text == "/" => Some(None),
                Value::Number(text) => text.parse().ok().map(Some),
                _ => None,
            };
            match read {
                Some(read) => drop(found.insert(number, read)),
                None => self.fault(node.place, "要写数（最多两位小数），没有定的写 \"/\""),
            }
        }
        found
    }

    /// One of the three ways a figure comes about, never two.
    fn source(&self, row: &Table) -> Option<Source> {
        let ways = (
            row.maybe_words("from"),
            row.table("parameter"),
            row.table("count"),
        );
        match ways {
            (Some(from), None, None) => Some(Source::Reported { from }),
            (None, Some(row), None) => self.parameter(row),
            (None, None, Some(row)) => self.query(row).map(Source::Counted),
            _ => {
                let says =
                    "要写 from（填报）、parameter（规则里的标准）或 count（平台计数），只写一个";
                self.fault(row.place, says);
                None
            }
        }
    }

    fn parameter(&self, row: &Table) -> Option<Source> {
        let name = row.slug("name")?;
        let shared = self.draft.parameters.iter();
        let shared: Vec<&str> = shared
            .filter(|one| one.service.is_none())
            .map(|one| one.name.as_str())
            .collect();
        if !shared.contains(&name.value.as_str()) {
            self.unknown(&name, "共用参数", shared.iter().copied());
            return None;
        }
        Some(Source::Parameter {
            name: name.value.to_string(),
            times: row.whole("times").unwrap_or(1),
        })
    }

    fn query(&self, row: &Table) -> Option<Query> {
        let records = Records::read(&row.words("records"))?;
        let (only, grades) = (row.slugs("only"), row.slugs("grades"));
        let known = self.kinds(records);
        for name in &only {
            if !known.iter().any(|one| one == name.value.as_str()) {
                self.unknown(name, records.label(), known.iter().map(String::as_str));
            }
        }
        let sheets = self.draft.sheets.iter().map(|one| &one.sheet);
        let sheets = sheets.filter(|sheet| only.iter().any(|one| one.value == sheet.id));
        let bands: Vec<String> = sheets
            .flat_map(|sheet| sheet.bands.iter().map(|band| band.id.to_string()))
            .collect();
        for name in &grades {
            if !bands.iter().any(|one| one == name.value.as_str()) {
                self.unknown(name, "等级", bands.iter().map(String::as_str));
            }
        }
        let plain = |all: Vec<At<Slug>>| all.into_iter().map(|one| one.value).collect();
        Some(Query {
            records,
            only: plain(only),
            grades: plain(grades),
            share_of: row
                .maybe_words("share_of")
                .as_deref()
                .and_then(Records::read),
        })
    }

    /// What `only` may name, by the kind of record.
    fn kinds(&self, records: Records) -> Vec<String> {
        let draft = self.draft;
        match records {
            Records::Households
            | Records::People
            | Records::Found
            | Records::Undetermined
            | Records::Cases
            | Records::LateCases
            | Records::Paid
            | Records::Returned => {
                let services = draft.services.iter().map(|one| one.service.id.to_string());
                let joints = draft.joints.iter().map(|one| one.joint.id.to_string());
                services.chain(joints).collect()
            }
            Records::Categories | Records::FreshCategories => {
                let all = draft.catalogue.departments();
                all.map(|one| one.id.to_string()).collect()
            }
            Records::Orders | Records::DoneOrders => {
                draft.orders.iter().map(|one| one.id.to_string()).collect()
            }
            Records::Bodies | Records::GradedBodies => {
                let all = draft.sheets.iter();
                all.map(|one| one.sheet.id.to_string()).collect()
            }
            Records::Places | Records::TakenPlaces => draft
                .bookings
                .iter()
                .map(|one| one.id.to_string())
                .collect(),
        }
    }
}

fn years(head: &Table) -> Vec<i32> {
    let nodes = head.get("years").map_or(&[][..], crate::tree::Node::items);
    let year = |node: &crate::tree::Node| match &node.value {
        Value::Number(text) => text.parse().ok(),
        _ => None,
    };
    nodes.iter().filter_map(year).collect()
}
