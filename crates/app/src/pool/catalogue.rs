//! 「数据目录」 Departments, categories and fields, each with how it stands: the last
//! delivery, its rows, the five sides of its quality, and how these went delivery by
//! delivery. The dictionary is the same without any standing, for everybody.

use crate::cockpit::DataState;
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record};
use engine_pool::ask::AskKind;
use engine_pool::rates::Dimension;
use engine_pool::share::ShareKind;
use engine_pool::{
    Batch, BatchState, Category, Department, EventKind, FieldType, PurposeKind, QualityReport,
    Sensitivity,
};
use kernel::{DataBatchId, Date, FieldLevel, Instant, Rate, RegionCode, Slug};
use serde::Serialize;
use std::collections::BTreeMap;
use store::Tx;

/// The five sides of quality; `None`: not known.
pub type Sides = [(Dimension, Option<Rate>); 5];

/// A category in the catalogue.
#[derive(Clone, Debug)]
pub struct CatalogueLine {
    /// Its id.
    pub id: Slug,
    /// Its number.
    pub no: u32,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub department: String,
    /// The department's id.
    pub department_id: Slug,
    /// How often it comes.
    pub rhythm: &'static str,
    /// How many fields it has.
    pub fields: usize,
    /// How sensitive it is as a whole, in words.
    pub sensitivity: &'static str,
    /// How it may be shared.
    pub share: ShareKind,
    /// How fresh it is.
    pub state: DataState,
    /// The day the standing delivery speaks of.
    pub as_of: Option<Date>,
    /// Its rows.
    pub rows: u64,
    /// Its quality.
    pub sides: Option<Sides>,
}

/// The catalogue.
#[derive(Clone, Debug)]
pub struct CataloguePage {
    /// Every category, by number.
    pub lines: Vec<CatalogueLine>,
    /// Departments: id, name, how many categories.
    pub departments: Vec<(Slug, String, usize)>,
    /// Requests to share that wait for an answer.
    pub waiting: usize,
}

/// One category, whole.
#[derive(Clone, Debug)]
pub struct CategoryPage {
    /// Its line.
    pub line: CatalogueLine,
    /// What its records are about: column and what stands in it.
    pub key: (&'static str, &'static str),
    /// What it may be read for.
    pub purposes: Vec<&'static str>,
    /// Where it is written that the department holds or gives it.
    pub source: Option<String>,
    /// How well the entry is founded.
    pub founded: &'static str,
    /// Its fields.
    pub fields: Vec<FieldTold>,
    /// Its deliveries, oldest first.
    pub deliveries: Vec<DeliveryLine>,
}

/// A field as the dictionary tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldTold {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What stands in it.
    pub kind: String,
    /// Its unit, where it has one.
    pub unit: String,
    /// `L0`…`L4`.
    pub level: String,
    /// Whether it must be filled.
    pub required: bool,
}

/// One delivery.
#[derive(Clone, Debug)]
pub struct DeliveryLine {
    /// Its number.
    pub id: DataBatchId,
    /// The day it speaks of.
    pub as_of: Date,
    /// When it came.
    pub received: Instant,
    /// Whether it came after its time.
    pub late: bool,
    /// Rows in it, and rows taken.
    pub rows: u64,
    /// Rows taken.
    pub taken: u64,
    /// Whether it was taken in.
    pub accepted: bool,
    /// Why not.
    pub reasons: Vec<String>,
    /// Its quality.
    pub sides: Option<Sides>,
    /// Faults by kind, in words, most frequent first.
    pub faults: Vec<(String, u64)>,
}

/// 数据字典 The catalogue as published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dictionary {
    /// Whose.
    pub name: String,
    /// Its version: the pack, by hash.
    pub version: String,
    /// Its departments.
    pub departments: Vec<DictionaryDepartment>,
    /// What parties may ask by agreement: the word of the address, and what it gives.
    pub asks: Vec<(&'static str, &'static str)>,
    /// What parties may be told of: the word of the event, and what happened.
    pub events: Vec<(&'static str, &'static str)>,
}

/// A department of the dictionary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DictionaryDepartment {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its categories.
    pub categories: Vec<DictionaryCategory>,
}

/// A category of the dictionary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DictionaryCategory {
    /// Its number.
    pub no: u32,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The key: column id and name.
    pub key: (&'static str, &'static str),
    /// How often it comes.
    pub frequency: &'static str,
    /// How it may be shared.
    pub share: &'static str,
    /// What it may be read for.
    pub purposes: Vec<&'static str>,
    /// Where that is written.
    pub source: Option<String>,
    /// How well the entry is founded.
    pub provenance: &'static str,
    /// Its fields, in the order of the columns.
    pub fields: Vec<FieldTold>,
}

impl App {
    /// 数据目录 Every category and how it stands.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn data_catalogue(&self, ctx: &Context, region: RegionCode) -> Result<CataloguePage> {
        let (app, ctx) = (self.clone(), ctx.clone());
        self.db
            .look(async move |tx| {
                app.may_count(tx, &ctx, region).await?;
                let lines = app.catalogue_lines(tx).await?;
                let requests = tx.share_requests(super::shares::SHOWN).await?;
                let waiting = requests.iter().filter(|(_, one)| one.answer.is_none());
                let catalogue = &app.law.pack.data().catalogue;
                let departments = catalogue.departments();
                Ok::<_, AppError>(CataloguePage {
                    lines,
                    departments: departments
                        .map(|one| (one.id.clone(), one.name.clone(), one.categories.len()))
                        .collect(),
                    waiting: waiting.count(),
                })
            })
            .await
    }

    /// 一类数据 One category with its fields and every delivery.
    ///
    /// # Errors
    /// A refusal; no such category; the store's.
    pub async fn data_category(
        &self,
        ctx: &Context,
        region: RegionCode,
        id: &Slug,
    ) -> Result<CategoryPage> {
        let (app, ctx, id) = (self.clone(), ctx.clone(), id.clone());
        self.db
            .look(async move |tx| {
                app.may_count(tx, &ctx, region).await?;
                let catalogue = &app.law.pack.data().catalogue;
                let unknown = || AppError::BadInput(format!("数据目录里没有“{id}”这类数据"));
                let category = catalogue.category(&id).ok_or_else(unknown)?;
                let owner = catalogue.owner(&id).ok_or_else(unknown)?;
                let pool = tx.pool(&id).await?;
                let batches: Vec<Batch> = pool.batches.into_values().collect();
                let today = app.now().today();
                Ok(CategoryPage {
                    line: line(owner, category, &batches, today),
                    key: category.keyed_by.column(),
                    purposes: purposes(category),
                    source: category.source.clone(),
                    founded: category.provenance.label(),
                    fields: fields(category),
                    deliveries: batches.iter().map(delivery).collect(),
                })
            })
            .await
    }

    /// 数据字典 For everybody: no standing, nobody's data.
    pub fn dictionary(&self) -> Dictionary {
        let pack = &self.law.pack;
        let department = |one: &Department| {
            let mut categories: Vec<DictionaryCategory> =
                one.categories.values().map(published).collect();
            categories.sort_by_key(|one| one.no);
            DictionaryDepartment {
                id: one.id.to_string(),
                name: one.name.clone(),
                categories,
            }
        };
        Dictionary {
            name: pack
                .head()
                .map(|head| head.name.clone())
                .unwrap_or_default(),
            version: pack.hash().to_owned(),
            departments: pack
                .data()
                .catalogue
                .departments()
                .map(department)
                .collect(),
            asks: AskKind::ALL.map(|one| (one.word(), one.label())).into(),
            events: EventKind::ALL.map(|one| (one.word(), one.label())).into(),
        }
    }

    pub(super) async fn catalogue_lines(&self, tx: &mut Tx) -> Result<Vec<CatalogueLine>> {
        let mut delivered: BTreeMap<Slug, Vec<Batch>> = BTreeMap::new();
        for batch in tx.deliveries().await? {
            let of = delivered.entry(batch.category.clone()).or_default();
            of.push(batch);
        }
        let today = self.now().today();
        let departments = self.law.pack.data().catalogue.departments();
        let all = departments.flat_map(|owner| {
            let delivered = &delivered;
            owner.categories.values().map(move |category| {
                let batches = delivered.get(&category.id);
                line(
                    owner,
                    category,
                    batches.map_or(&[][..], Vec::as_slice),
                    today,
                )
            })
        });
        let mut lines: Vec<CatalogueLine> = all.collect();
        lines.sort_by_key(|one| one.no);
        Ok(lines)
    }

    /// Counts and descriptions, no record of anybody: on record as a look at figures.
    pub(crate) async fn may_count(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        region: RegionCode,
    ) -> Result<()> {
        let now = self.now();
        let record = Record::of_place(region, FieldLevel::L1);
        ctx.authorise(tx, Action::ReadFigures, record, &[], now)
            .await?;
        ctx.record(tx, "pool.figures", "pool", &(), now).await
    }
}

fn line(owner: &Department, category: &Category, batches: &[Batch], today: Date) -> CatalogueLine {
    let accepted = batches.iter().filter_map(|batch| match &batch.state {
        BatchState::Accepted { quality, .. } if batch.mends.is_none() => Some((batch, quality)),
        _ => None,
    });
    let last = accepted.max_by_key(|(batch, _)| (batch.as_of, batch.id));
    let as_of = last.map(|(batch, _)| batch.as_of);
    let days = i64::from(category.frequency.days_fresh());
    CatalogueLine {
        id: category.id.clone(),
        no: category.no,
        name: category.name.clone(),
        department: owner.name.clone(),
        department_id: owner.id.clone(),
        rhythm: category.frequency.label(),
        fields: category.fields.len(),
        sensitivity: sensitivity(category.sensitivity),
        share: category.share_kind(),
        state: match as_of {
            None => DataState::Missing,
            Some(day) if (today - day).num_days() > days => DataState::Old,
            Some(_) => DataState::Fresh,
        },
        as_of,
        rows: last.map_or(0, |(_, quality)| quality.rows),
        sides: last.map(|(_, quality)| sides(quality)),
    }
}

pub(super) fn sides(quality: &QualityReport) -> Sides {
    Dimension::ALL.map(|side| (side, quality.rate(side)))
}

fn delivery(batch: &Batch) -> DeliveryLine {
    let (quality, accepted, reasons) = match &batch.state {
        BatchState::Accepted { quality, .. } => (Some(quality), true, Vec::new()),
        BatchState::Refused {
            quality, reasons, ..
        } => (quality.as_ref(), false, reasons.clone()),
        BatchState::Received => (None, false, Vec::new()),
    };
    let mut faults: Vec<(String, u64)> = quality
        .iter()
        .flat_map(|one| &one.by_kind)
        .map(|(kind, count)| (kind.to_string(), *count))
        .collect();
    faults.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    DeliveryLine {
        id: batch.id,
        as_of: batch.as_of,
        received: batch.received_at,
        late: batch.late,
        rows: batch.rows,
        taken: quality.filter(|_| accepted).map_or(0, |one| one.taken),
        accepted,
        reasons,
        sides: quality.map(sides),
        faults,
    }
}

fn published(category: &Category) -> DictionaryCategory {
    DictionaryCategory {
        no: category.no,
        id: category.id.to_string(),
        name: category.name.clone(),
        key: category.keyed_by.column(),
        frequency: category.frequency.label(),
        share: category.share_kind().label(),
        purposes: purposes(category),
        source: category.source.clone(),
        provenance: category.provenance.label(),
        fields: fields(category),
    }
}

fn purposes(category: &Category) -> Vec<&'static str> {
    let word = |purpose: &PurposeKind| match purpose {
        PurposeKind::Discovery => "主动发现",
        PurposeKind::Verification => "核对（要授权）",
        PurposeKind::Audit => "审计",
    };
    category.purposes.iter().map(word).collect()
}

fn sensitivity(one: Sensitivity) -> &'static str {
    match one {
        Sensitivity::S1 => "公开、内部",
        Sensitivity::S2 => "个人",
        Sensitivity::S3 => "敏感",
        Sensitivity::S4 => "严格限制",
    }
}

fn fields(category: &Category) -> Vec<FieldTold> {
    let told = category.fields.iter().map(|field| {
        let (kind, unit) = kind(&field.ty);
        FieldTold {
            id: field.id.to_string(),
            name: field.name.clone(),
            kind,
            unit: unit.to_owned(),
            level: format!("{:?}", field.level),
            required: field.required,
        }
    });
    told.collect()
}

fn kind(ty: &FieldType) -> (String, &'static str) {
    match ty {
        FieldType::Text => ("文字，最多 500 字".to_owned(), ""),
        FieldType::Money => ("金额，最多两位小数".to_owned(), "元"),
        FieldType::Int => ("整数".to_owned(), ""),
        FieldType::Decimal => ("小数，最多六位".to_owned(), ""),
        FieldType::Date => ("日期 2026-01-31".to_owned(), "日"),
        FieldType::Month => ("月份 2026-01".to_owned(), "月"),
        FieldType::Bool => ("是、否".to_owned(), ""),
        FieldType::Code(codes) => {
            let labels: Vec<&str> = codes.values().map(String::as_str).collect();
            (format!("代码：{}", labels.join("、")), "")
        }
        FieldType::Region => ("区划代码，十二位".to_owned(), ""),
        FieldType::IdNo => ("证件号码".to_owned(), ""),
        FieldType::Uscc => ("统一社会信用代码".to_owned(), ""),
        FieldType::Card => ("银行卡号".to_owned(), ""),
    }
}
