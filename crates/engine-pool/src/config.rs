//! 「数据目录」 The catalogue of department data, as packs configure it: which
//! department holds which category, how often it comes, who may read it for
//! what, and the type of every field. No category is named in Rust.

use crate::agreement::Agreements;
use crate::contradiction::ContradictionRule;
use crate::purpose::PurposeKind;
use kernel::{FieldLevel, Money, Provenance, Rate, Slug};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Everything of this engine that packs configure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// The departments and their categories.
    pub catalogue: Catalogue,
    /// A file with a larger share of faulty rows is refused whole.
    pub faulty_share_most: Rate,
    /// Amounts that differ by no more than this are not a difference.
    pub tolerance: Money,
    /// What cannot be true together.
    pub contradictions: Vec<ContradictionRule>,
    /// What was agreed with whom.
    pub agreements: Agreements,
}

impl Default for Config {
    /// An empty catalogue; a tenth of the rows may be faulty; no tolerance.
    fn default() -> Self {
        Config {
            catalogue: Catalogue::default(),
            faulty_share_most: Rate::from_millionths(100_000),
            tolerance: Money::ZERO,
            contradictions: Vec::new(),
            agreements: Agreements::default(),
        }
    }
}

/// 数据目录 All departments by id. Category ids are unique over all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalogue {
    departments: BTreeMap<Slug, Department>,
    /// Category id → department id.
    owners: BTreeMap<Slug, Slug>,
}

/// Why a department cannot join the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// Two departments with one id.
    #[error("部门“{0}”写了两遍")]
    DepartmentTwice(Slug),
    /// Two categories with one id.
    #[error("数据类“{category}”已属于部门“{owner}”，不能再属于“{department}”")]
    CategoryTwice {
        /// The category.
        category: Slug,
        /// Who has it already.
        owner: Slug,
        /// Who claims it too.
        department: Slug,
    },
    /// Two categories with one catalogue number.
    #[error("数据类“{one}”和“{other}”的编号都是 {no}")]
    NumberTwice {
        /// The number.
        no: u32,
        /// The one that has it.
        one: Slug,
        /// The one that claims it too.
        other: Slug,
    },
    /// Two fields with one id, or a field named like a column every file has.
    #[error("数据类“{category}”的字段“{field}”重名")]
    FieldTwice {
        /// The category.
        category: Slug,
        /// The field.
        field: Slug,
    },
    /// A category nobody may read.
    #[error("数据类“{0}”没有写用途 purposes，谁也不能用它")]
    NoPurpose(Slug),
    /// A code field without codes.
    #[error("数据类“{category}”的字段“{field}”是代码型，却没有列出代码")]
    NoCodes {
        /// The category.
        category: Slug,
        /// The field.
        field: Slug,
    },
}

/// 部门 A department that sends data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    /// Its id in packs.
    pub id: Slug,
    /// Its Chinese name.
    pub name: String,
    /// Its categories by id.
    pub categories: BTreeMap<Slug, Category>,
}

/// 数据类 One kind of record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// Its id, unique over all departments.
    pub id: Slug,
    /// Its number in the catalogue.
    pub no: u32,
    /// Its Chinese name.
    pub name: String,
    /// How often it comes.
    pub frequency: Frequency,
    /// How sensitive it is as a whole.
    pub sensitivity: Sensitivity,
    /// What it says about people: income, asset, expense, family, status…
    pub use_for: Slug,
    /// What a record is about.
    pub keyed_by: KeyedBy,
    /// What it may be read for. `Discovery` also means: without authorisation.
    pub purposes: BTreeSet<PurposeKind>,
    /// How well founded this entry is.
    pub provenance: Provenance,
    /// Where it is written that the department holds or gives it.
    pub source: Option<String>,
    /// What kind of file the department sends.
    pub file: FileKind,
    /// The fields, in the order of the columns.
    pub fields: Vec<Field>,
}

impl Category {
    /// A field by id.
    pub fn field(&self, id: &Slug) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == *id)
    }

    /// Whether it may be read for that.
    pub fn allows(&self, purpose: PurposeKind) -> bool {
        self.purposes.contains(&purpose)
    }
}

/// 字段 One column of a category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its id.
    pub id: Slug,
    /// Its Chinese name, which a file's header may show instead.
    pub name: String,
    /// What stands in it.
    pub ty: FieldType,
    /// Who may see it.
    pub level: FieldLevel,
    /// Whether it must be filled.
    pub required: bool,
}

/// What stands in a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// Words, at most 500 characters.
    Text,
    /// Yuan with at most two decimals.
    Money,
    /// A whole number.
    Int,
    /// A number with at most six decimals.
    Decimal,
    /// A day.
    Date,
    /// A month.
    Month,
    /// 是/否
    Bool,
    /// One of these codes (id → label); a file may send either.
    Code(BTreeMap<Slug, String>),
    /// A region code.
    Region,
    /// A person's number.
    IdNo,
    /// An organisation's number.
    Uscc,
    /// A bank card.
    Card,
}

/// How often a category comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Frequency {
    /// 实时
    R,
    /// 每日
    D,
    /// 每月
    M,
    /// 每季
    Q,
    /// 每年
    Y,
    /// 按需
    #[serde(rename = "OR")]
    OnRequest,
}

impl Frequency {
    /// Days after which data is too old to answer from (and a delivery is
    /// late): one period and some grace. No rule gives these; assumed.
    pub fn days_fresh(self) -> u32 {
        match self {
            Frequency::R => 2,
            Frequency::D => 7,
            Frequency::M => 62,
            Frequency::Q => 184,
            Frequency::Y => 550,
            Frequency::OnRequest => 183,
        }
    }

    /// The word a person sees.
    pub fn label(self) -> &'static str {
        match self {
            Frequency::R => "实时",
            Frequency::D => "每日",
            Frequency::M => "每月",
            Frequency::Q => "每季",
            Frequency::Y => "每年",
            Frequency::OnRequest => "按需",
        }
    }
}

/// How sensitive a category is as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Sensitivity {
    /// 公开、内部
    S1,
    /// 个人
    S2,
    /// 敏感
    S3,
    /// 严格限制
    S4,
}

/// What a record is about; decides the first column of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyedBy {
    /// A person: column `id_no`.
    Person,
    /// A household, by its head: column `id_no`.
    Household,
    /// An organisation: column `uscc`.
    Organisation,
    /// A region: column `region`.
    Place,
}

impl KeyedBy {
    /// Whether its records are about people (or households, by their head).
    pub fn is_people(self) -> bool {
        matches!(self, KeyedBy::Person | KeyedBy::Household)
    }

    /// The first column of the file: id and Chinese name.
    pub fn column(self) -> (&'static str, &'static str) {
        match self {
            KeyedBy::Person | KeyedBy::Household => ("id_no", "证件号码"),
            KeyedBy::Organisation => ("uscc", "统一社会信用代码"),
            KeyedBy::Place => ("region", "区划代码"),
        }
    }
}

/// What kind of file a department sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// CSV in GB 18030.
    Csv,
    /// XLSX, first sheet.
    Xlsx,
    /// JSON lines in UTF-8.
    Jsonl,
}

/// The second column of every file: the department's own unique number.
pub const RECORD_NO: (&str, &str) = ("record_no", "记录编号");
/// The third column of every file: the day the record speaks of.
pub const AS_OF: (&str, &str) = ("as_of", "数据日期");

impl Catalogue {
    /// A catalogue of these departments, or every fault at once.
    pub fn new(
        departments: impl IntoIterator<Item = Department>,
    ) -> Result<Self, Vec<CatalogueError>> {
        let mut catalogue = Catalogue::default();
        let mut faults = Vec::new();
        let mut numbers: BTreeMap<u32, Slug> = BTreeMap::new();
        for department in departments {
            for category in department.categories.values() {
                faults.extend(category_faults(category));
                let id = category.id.clone();
                if let Some(one) = numbers.insert(category.no, id.clone()) {
                    let (no, other) = (category.no, id.clone());
                    faults.push(CatalogueError::NumberTwice { no, one, other });
                }
                let owner = catalogue.owners.insert(id.clone(), department.id.clone());
                if let Some(owner) = owner {
                    faults.push(CatalogueError::CategoryTwice {
                        category: id,
                        owner,
                        department: department.id.clone(),
                    });
                }
            }
            let id = department.id.clone();
            if catalogue
                .departments
                .insert(id.clone(), department)
                .is_some()
            {
                faults.push(CatalogueError::DepartmentTwice(id));
            }
        }
        if faults.is_empty() {
            Ok(catalogue)
        } else {
            Err(faults)
        }
    }

    /// A category by id.
    pub fn category(&self, id: &Slug) -> Option<&Category> {
        self.owner(id)?.categories.get(id)
    }

    /// The department that holds a category.
    pub fn owner(&self, category: &Slug) -> Option<&Department> {
        self.departments.get(self.owners.get(category)?)
    }

    /// A department by id.
    pub fn department(&self, id: &Slug) -> Option<&Department> {
        self.departments.get(id)
    }

    /// All departments, by id.
    pub fn departments(&self) -> impl Iterator<Item = &Department> {
        self.departments.values()
    }

    /// All categories, by department and id.
    pub fn categories(&self) -> impl Iterator<Item = &Category> {
        self.departments
            .values()
            .flat_map(|department| department.categories.values())
    }
}

fn category_faults(category: &Category) -> Vec<CatalogueError> {
    let mut faults = Vec::new();
    let mut seen: BTreeSet<&str> =
        BTreeSet::from([category.keyed_by.column().0, RECORD_NO.0, AS_OF.0]);
    for field in &category.fields {
        let (category, name) = (category.id.clone(), field.id.clone());
        if matches!(&field.ty, FieldType::Code(codes) if codes.is_empty()) {
            let (category, field) = (category.clone(), name.clone());
            faults.push(CatalogueError::NoCodes { category, field });
        }
        if !seen.insert(field.id.as_str()) {
            faults.push(CatalogueError::FieldTwice {
                category,
                field: name,
            });
        }
    }
    if category.purposes.is_empty() {
        faults.push(CatalogueError::NoPurpose(category.id.clone()));
    }
    faults
}
