//! 「例子」 Households of a pack's examples (and of `policy eval` files, which have
//! the same form): facts typed and scaled, ready to be judged. `"unknown"` is a
//! missing fact; `rest = "usual"` fills what is not written, in examples only.

use super::facts::{BaseFact, example_value};
use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::model::{Example, Expected, RecordOrigin};
use crate::place::At;
use crate::suggest::meant;
use crate::tree::{Node, Table, Value as Written};
use engine_policy::{
    Beneficiary, Entry, Household, Member, RecordRow, Source, Verdict, WhyMissing,
};
use expr::Level;
use kernel::{Money, Slug};
use std::collections::BTreeMap;

/// What examples of one service may name.
pub(crate) struct Cast<'a, 'd> {
    pub(crate) desk: &'a Desk<'d>,
    /// Every base fact the service sees, by id.
    pub(crate) facts: &'a BTreeMap<Slug, &'a BaseFact>,
    pub(crate) records: &'a [RecordOrigin],
    pub(crate) beneficiary: Beneficiary,
    /// The service's conditions.
    pub(crate) conditions: &'a [Slug],
    pub(crate) paid: bool,
}

impl Cast<'_, '_> {
    pub(crate) fn examples(&self, document: &Table) -> Vec<Example> {
        let rows = document.tables("example").into_iter();
        rows.filter_map(|row| self.example(row)).collect()
    }

    fn example(&self, row: &Table) -> Option<Example> {
        let on = row.day("on");
        let household = on.and_then(|on| self.household(row, on));
        let expect = row.table("expect").and_then(|table| self.expect(table));
        let title = row.text("title")?;
        let household = household?;
        let who = row
            .whole("who")
            .or(row.table("expect").and_then(|table| table.whole("who")));
        let who = self.who(row, who, household.members.len())?;
        Some(Example {
            title: title.value,
            on: on?,
            household,
            who,
            expect: expect?,
            at: self.desk.sources.spot(title.place),
        })
    }

    /// Which member is judged, from 0.
    fn who(&self, row: &Table, who: Option<u32>, members: usize) -> Option<usize> {
        let place = match row.get("who") {
            Some(node) => node.place,
            None => row.place,
        };
        let wrong = |message: String| {
            self.desk.fault(Fault::error("who", place, message));
            None
        };
        match (self.beneficiary, who) {
            (Beneficiary::Household, Some(_)) => wrong("这项服务是给一户的，不用写 who".to_owned()),
            (Beneficiary::Household, None) => Some(0),
            (Beneficiary::Person, None) if members == 1 => Some(0),
            (Beneficiary::Person, None) => {
                wrong("这项服务是给一个人的：要写 who（判断第几个人，从 1 数起）".to_owned())
            }
            (Beneficiary::Person, Some(who)) => {
                let at = usize::try_from(who).ok().and_then(|who| who.checked_sub(1));
                match at.filter(|at| *at < members) {
                    Some(at) => Some(at),
                    None => wrong(format!("家里只有 {members} 个人，没有第 {who} 个")),
                }
            }
        }
    }

    /// A household as written in an example or an `eval` file.
    pub(crate) fn household(&self, row: &Table, on: kernel::Date) -> Option<Household> {
        let region = match row.text("region") {
            Some(text) => self.desk.region(&text, on)?,
            None => self.desk.layer_region(row.place)?,
        };
        let usual = row.words("rest") == "usual";
        let own = row.table("household");
        let mut facts = own.map_or_else(BTreeMap::new, |table| {
            self.facts_of(table, Level::Household)
        });
        if usual {
            self.fill(&mut facts, Level::Household);
        }
        let members: Vec<Member> = row
            .tables("members")
            .into_iter()
            .map(|table| self.member(table, usual))
            .collect();
        if members.is_empty() {
            let message = "一户至少要有一个人（members）";
            self.desk
                .fault(Fault::error("no_member", row.place_of("members"), message));
            return None;
        }
        Some(Household {
            region,
            facts,
            members,
        })
    }

    fn member(&self, table: &Table, usual: bool) -> Member {
        let mut facts = self.facts_of(table, Level::Person);
        let mut records = BTreeMap::new();
        for origin in self.records {
            match table.get(origin.kind.id.as_str()) {
                Some(node) if is_unknown(node) => {}
                Some(node) => {
                    let rows = node.items().iter().filter_map(Node::as_table);
                    let rows = rows.map(|row| self.record(origin, row)).collect();
                    records.insert(origin.kind.id.clone(), rows);
                }
                // The usual person has none, and the department said so.
                None if usual => {
                    records.insert(origin.kind.id.clone(), Vec::new());
                }
                None => {}
            }
        }
        if usual {
            self.fill(&mut facts, Level::Person);
        }
        Member { facts, records }
    }

    fn facts_of(&self, table: &Table, level: Level) -> BTreeMap<Slug, Entry> {
        let mut facts = BTreeMap::new();
        for (key, node) in &table.entries {
            let Some(fact) = self.facts.get(key.value.as_str()) else {
                self.stranger(key, node, level);
                continue;
            };
            let decl = &fact.rule.decl;
            if decl.level != level {
                let message = format!("“{}”是{}的事实，要写在那里", decl.label, decl.level.label());
                self.desk.fault(Fault::error("level", key.place, message));
                continue;
            }
            let entry = match example_value(self.desk, node, fact) {
                Some(Some(value)) => Entry::Known(value, Source::Example),
                Some(None) => Entry::Missing(WhyMissing::NotAsked),
                None => continue,
            };
            facts.insert(decl.id.clone(), entry);
        }
        facts
    }

    fn stranger(&self, key: &At<String>, node: &Node, level: Level) {
        if self.desk.is_broken(&key.value) {
            return;
        }
        let kinds = self.records.iter().map(|one| one.kind.id.as_str());
        if level == Level::Person && kinds.clone().any(|kind| kind == key.value) {
            if !matches!(node.value, Written::List(_)) && !is_unknown(node) {
                let message = format!("`{}` 是记录：要写成列表 [ {{ … }} ]", key.value);
                self.desk
                    .fault(Fault::error("wrong_type", node.place, message));
            }
            return;
        }
        let of_level = self
            .facts
            .iter()
            .filter(|(_, fact)| fact.rule.decl.level == level);
        let known: Vec<&str> = of_level.map(|(id, _)| id.as_str()).chain(kinds).collect();
        let message = format!("没有基本事实“{}”（有算式的事实不能直接写）", key.value);
        let help = meant(&key.value, known.iter().copied());
        let fault = Fault::error("unknown_name", key.place, message);
        self.desk.fault(fault.maybe_help(help));
    }

    fn record(&self, origin: &RecordOrigin, row: &Table) -> RecordRow {
        let kind = &origin.kind;
        for (key, _) in &row.entries {
            if !kind
                .fields
                .iter()
                .any(|field| field.id.as_str() == key.value)
            {
                let message = format!("记录“{}”没有字段“{}”", kind.label, key.value);
                let known: Vec<&str> = kind.fields.iter().map(|field| field.id.as_str()).collect();
                let help = meant(&key.value, known.iter().copied());
                let fault = Fault::error("unknown_name", key.place, message);
                self.desk.fault(fault.maybe_help(help));
            }
        }
        let value = |field: &expr::FieldDecl| {
            let node = row
                .get(field.id.as_str())
                .filter(|node| !is_unknown(node))?;
            self.desk.value(node, &field.ty, false)
        };
        RecordRow {
            fields: kind.fields.iter().map(value).collect(),
            source: Source::Example,
        }
    }

    fn fill(&self, facts: &mut BTreeMap<Slug, Entry>, level: Level) {
        for (id, fact) in self.facts {
            if fact.rule.decl.level != level || facts.contains_key(id) {
                continue;
            }
            if let Some(usual) = fact.origin.usual {
                facts.insert(id.clone(), Entry::Known(usual, Source::Example));
            }
        }
    }

    fn expect(&self, table: &Table) -> Option<Expected> {
        let verdict = match table.words("verdict").as_str() {
            "eligible" => Verdict::Eligible,
            "ineligible" => Verdict::Ineligible,
            "undetermined" => Verdict::Undetermined,
            _ => return None,
        };
        let only = |key: &str, needed: Verdict| {
            if table.get(key).is_some() && verdict != needed {
                let message = format!("判断是“{}”，不用写 `{key}`", verdict.label());
                self.desk
                    .fault(Fault::error("expect", table.place_of(key), message));
            }
        };
        only("amount", Verdict::Eligible);
        only("because", Verdict::Ineligible);
        only("missing", Verdict::Undetermined);
        if !self.paid && table.get("amount").is_some() {
            let message = "这项服务不发钱，不用写 amount";
            self.desk
                .fault(Fault::error("expect", table.place_of("amount"), message));
        }
        let because = table.slugs("because");
        let conditions: Vec<&str> = self.conditions.iter().map(Slug::as_str).collect();
        self.known(&because, "条件", &conditions);
        let missing = table.slugs("missing");
        let records = self.records.iter().map(|one| one.kind.id.as_str());
        let facts: Vec<&str> = self.facts.keys().map(Slug::as_str).chain(records).collect();
        self.known(&missing, "基本事实", &facts);
        Some(Expected {
            verdict,
            amount: table.get("amount").and_then(|node| self.money(node)),
            because: because.into_iter().map(|one| one.value).collect(),
            missing: missing.into_iter().map(|one| one.value).collect(),
        })
    }

    fn known(&self, names: &[At<Slug>], what: &str, known: &[&str]) {
        for name in names {
            let name_known = known.contains(&name.value.as_str());
            if !name_known && !self.desk.is_broken(name.value.as_str()) {
                let message = format!("没有{what}“{}”", name.value);
                let help = meant(name.value.as_str(), known.iter().copied());
                let fault = Fault::error("unknown_name", name.place, message);
                self.desk.fault(fault.maybe_help(help));
            }
        }
    }

    fn money(&self, node: &Node) -> Option<Money> {
        let Written::Number(number) = &node.value else {
            return None;
        };
        let money = number.parse::<Money>();
        money
            .map_err(|error| {
                let fault = Fault::error("wrong_value", node.place, error.to_string());
                self.desk.fault(fault);
            })
            .ok()
    }
}

fn is_unknown(node: &Node) -> bool {
    node.as_text().is_some_and(|text| text.value == "unknown")
}
