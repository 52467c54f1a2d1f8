//! 「事实出库」 What discovery may read of everybody, handed to the lake household by
//! household without saying who they are: no name, no number, no card, no free words.
//! Putting it on record comes before the first line. Absent on purpose: anything that
//! needs a household's authorisation; what comes back, for nothing does.

use crate::App;
use crate::context::Context;
use crate::error::{AppError, Result};
use crate::everybody::Everybody;
use crate::screen::{discoverable, discovered};
use engine_policy::{FactsHead, FactsLine};
use engine_pool::{Catalogue, FieldType, Value};
use kernel::{DataBatchId, Date, FieldLevel, PersonId, Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::PoolRecord;

/// A department's record without whom it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordLine {
    /// The member's running number, from 1, in the order of the file of facts.
    pub person: u64,
    /// Its category.
    pub category: Slug,
    /// Its delivery.
    pub delivery: DataBatchId,
    /// The day it speaks of.
    pub as_of: Date,
    /// Its values: money in fen, numbers with decimals in millionths, days and months
    /// as text, codes and regions by their codes.
    pub values: BTreeMap<Slug, serde_json::Value>,
}

/// What was handed out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HandedOut {
    /// Households.
    pub households: u64,
    /// Members.
    pub persons: u64,
    /// Records.
    pub records: u64,
}

/// Where the lines go.
pub trait FactsSink {
    /// Once, first.
    ///
    /// # Errors
    /// What writing says.
    fn head(&mut self, head: &FactsHead) -> std::io::Result<()>;
    /// Each household.
    ///
    /// # Errors
    /// What writing says.
    fn household(&mut self, line: &FactsLine) -> std::io::Result<()>;
    /// Each record of a household, after it.
    ///
    /// # Errors
    /// What writing says.
    fn record(&mut self, line: &RecordLine) -> std::io::Result<()>;
}

impl App {
    /// Hands out everybody's facts as of `day`, and the records they come from.
    ///
    /// # Errors
    /// Refused to whoever may not screen; a fault of the store or of writing.
    pub async fn hand_out_facts(
        &self,
        ctx: &Context,
        day: Date,
        sink: &mut (dyn FactsSink + Send),
    ) -> Result<HandedOut> {
        let standings = self.may_screen(ctx).await?;
        let pack_hash = self.law.pack.hash().to_owned();
        let (noted, now, told) = (ctx.clone(), self.now(), (day, pack_hash.clone()));
        self.db
            .look(async move |tx| {
                let what = "policy.facts_out";
                noted.record(tx, what, "population", &told, now).await
            })
            .await?;
        let head = FactsHead {
            format: FactsHead::FORMAT.to_owned(),
            pack_hash,
            as_of: day,
        };
        sink.head(&head).map_err(unwritten)?;
        let categories = discoverable(&self.law);
        let catalogue = &self.law.pack.data().catalogue;
        let columns = self.law.judge.frame();
        let mut told = HandedOut::default();
        let mut everybody = Everybody::new(self, day, categories, &standings);
        while let Some((families, mut pooled)) = everybody.page().await? {
            let mut numbers = BTreeMap::new();
            let all = pooled.clone();
            for family in &families {
                let facts = discovered(&self.law, day, &standings, family, &mut pooled);
                let line = FactsLine::of(&facts, &columns);
                sink.household(&line).map_err(unwritten)?;
                told.households += 1;
                for (person, _) in &family.members {
                    told.persons += 1;
                    numbers.insert(*person, told.persons);
                }
            }
            for record in all.records() {
                if let Some(line) = record_line(catalogue, &numbers, record) {
                    sink.record(&line).map_err(unwritten)?;
                    told.records += 1;
                }
            }
        }
        Ok(told)
    }
}

fn unwritten(why: std::io::Error) -> AppError {
    AppError::Fault(format!("写不出去：{why}"))
}

fn record_line(
    catalogue: &Catalogue,
    numbers: &BTreeMap<PersonId, u64>,
    record: &PoolRecord,
) -> Option<RecordLine> {
    let person = *numbers.get(&record.person)?;
    let category = catalogue.category(&record.category)?;
    let shown = category.fields.iter().filter(|field| {
        let says_who = matches!(
            field.ty,
            FieldType::Text | FieldType::IdNo | FieldType::Uscc | FieldType::Card
        );
        !says_who && field.level < FieldLevel::L4
    });
    let values = shown.filter_map(|field| {
        let value = record.values.get(&field.id)?;
        Some((field.id.clone(), plain(value)?))
    });
    Some(RecordLine {
        person,
        category: record.category.clone(),
        delivery: record.batch,
        as_of: record.as_of,
        values: values.collect(),
    })
}

/// A value that says nobody's name.
fn plain(value: &Value) -> Option<serde_json::Value> {
    Some(match value {
        Value::Money(amount) => amount.fen().into(),
        Value::Int(number) | Value::Decimal(number) => (*number).into(),
        Value::Date(day) => day.to_string().into(),
        Value::Month(month) => month.to_string().into(),
        Value::Bool(yes) => (*yes).into(),
        Value::Code(code) => code.as_str().into(),
        Value::Region(code) => code.as_u64().into(),
        Value::Text(_) | Value::Person(_) | Value::Organisation(_) | Value::Card(_) => return None,
    })
}
