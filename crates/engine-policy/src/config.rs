//! 「规则」 What packs say of a benefit: conditions, amount, the words for each
//! outcome; and of the facts and parameters it rests on. Built by `packs`, names
//! already resolved; nothing here is looked up by text again.

use expr::{FactDecl, ParameterDecl, RecordKind, Typed, Value};
use kernel::{Date, FieldLevel, Provenance, RegionCode, Slug, Truth};
use std::sync::Arc;

/// Everything a day's judgement needs, of one pack.
#[derive(Clone, Debug)]
pub struct RuleBook {
    /// The pack's hash: what a certificate pins.
    pub pack_hash: String,
    /// Base facts, in the order of their columns.
    pub facts: Vec<FactRule>,
    /// Kinds of records.
    pub records: Vec<Arc<RecordKind>>,
    /// Parameters with all their dated values.
    pub parameters: Vec<Parameter>,
    /// The benefits.
    pub benefits: Vec<Benefit>,
}

impl RuleBook {
    /// A benefit by id.
    pub fn benefit(&self, id: &str) -> Option<&Benefit> {
        self.benefits
            .iter()
            .find(|benefit| benefit.id.as_str() == id)
    }

    /// The article by which `weaker` gives way to `stronger`; `None`: it does not.
    pub fn gives_way(&self, weaker: &str, stronger: &str) -> Option<&Condition> {
        let conditions = &self.benefit(weaker)?.conditions;
        conditions
            .iter()
            .find(|one| one.gives_way.iter().any(|to| to.as_str() == stronger))
    }

    /// A base fact by id.
    pub fn fact(&self, id: &str) -> Option<&FactRule> {
        self.facts.iter().find(|fact| fact.decl.id.as_str() == id)
    }
}

/// A base fact: its column and what getting it costs.
#[derive(Clone, Debug)]
pub struct FactRule {
    /// Id, label, level and type.
    pub decl: Arc<FactDecl>,
    /// How sensitive it is.
    pub field_level: FieldLevel,
    /// How dear it is to get: 1 ask, 2 a department, 3 with authorisation, 4 a visit.
    pub cost: u8,
    /// It may only be read with the household's signed authorisation.
    pub needs_authorisation: bool,
    /// The question, where the person can be asked.
    pub asks: Option<String>,
    /// The article.
    pub basis: Option<String>,
}

/// A number of the law: dated, placed, sourced.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Id, label and type.
    pub decl: Arc<ParameterDecl>,
    /// All values, in any order.
    pub values: Vec<ParameterValue>,
}

/// One value of a parameter.
#[derive(Clone, Debug)]
pub struct ParameterValue {
    /// First day.
    pub from: Date,
    /// Last day, where one is known.
    pub to: Option<Date>,
    /// Where it holds; everything beneath too, unless a nearer value is given.
    pub region: RegionCode,
    /// The value.
    pub value: Value,
    /// How well it is founded.
    pub provenance: Provenance,
    /// The document.
    pub source: String,
    /// The article.
    pub article: Option<String>,
}

impl Parameter {
    /// The value in force in `region` on `day`: of the values given for the
    /// nearest region around it, the latest begun. `None` when the law is silent.
    pub fn at(&self, region: RegionCode, day: Date) -> Option<&ParameterValue> {
        self.values
            .iter()
            .filter(|value| value.region.contains(region))
            .filter(|value| value.from <= day && value.to.is_none_or(|to| day <= to))
            .max_by_key(|value| (value.region.level(), value.from))
    }
}

/// Whom a benefit is for: who is judged, and who is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Beneficiary {
    /// 家庭
    Household,
    /// 个人: every member is judged for himself.
    Person,
}

/// A benefit: who has a right to it, and to how much.
#[derive(Clone, Debug)]
pub struct Benefit {
    /// Its id.
    pub id: Slug,
    /// Its name.
    pub name: String,
    /// Who is judged.
    pub beneficiary: Beneficiary,
    /// The law it rests on.
    pub basis: Vec<String>,
    /// All must hold.
    pub conditions: Vec<Condition>,
    /// How much; `None` for a status without money.
    pub amount: Option<AmountRule>,
    /// Whether it is being received now (a Bool at the beneficiary's level).
    pub receiving: Option<Typed>,
    /// Benefits that cannot stand beside it; which of two gives way is said by
    /// [`Condition::gives_way`].
    pub excludes: Vec<Slug>,
    /// When it is looked at again sooner than usual (a Bool at the beneficiary's level).
    pub review_sooner: Option<Typed>,
    /// Granted without being asked for.
    pub without_application: bool,
}

/// One condition of a benefit.
#[derive(Clone, Debug)]
pub struct Condition {
    /// Its id within the benefit.
    pub id: Slug,
    /// The rule, a Bool at the beneficiary's level or above.
    pub holds: Typed,
    /// The rule as the pack writes it.
    pub text: String,
    /// What is said when it holds.
    pub yes: Template,
    /// What is said when it does not.
    pub no: Template,
    /// What is said when that is not known; else the missing facts are named.
    pub unknown: Option<Template>,
    /// The article.
    pub basis: String,
    /// How well the rule itself is founded (its parameters say their own).
    pub provenance: Option<Provenance>,
    /// 让位 The stronger benefits this one gives way to by this condition. It is then
    /// about which of two rights is used, not about the right itself: while it is not
    /// known, nobody is held back by it (docs/decisions/0040).
    pub gives_way: Vec<Slug>,
}

impl Condition {
    /// What its truth weighs in the verdict.
    pub fn weighs(&self, truth: Truth) -> Truth {
        match (truth, self.gives_way.is_empty()) {
            (Truth::Undetermined, false) => Truth::True,
            (truth, _) => truth,
        }
    }
}

/// A sentence with values in it.
#[derive(Clone, Debug, Default)]
pub struct Template {
    /// In order.
    pub parts: Vec<Part>,
}

/// A piece of a sentence.
#[derive(Clone, Debug)]
pub enum Part {
    /// Words.
    Words(String),
    /// A value, shown with its unit.
    Value(Typed),
}

/// How much.
#[derive(Clone, Debug)]
pub struct AmountRule {
    /// The sum, in yuan per `every`.
    pub value: Typed,
    /// As the pack writes it.
    pub text: String,
    /// How often it is paid.
    pub every: Every,
    /// To what it is rounded, half up.
    pub round: Rounding,
    /// The sum, line by line.
    pub sum: Vec<Template>,
    /// From when it is due.
    pub starts: Starts,
}

/// How often a benefit is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// 每月
    Month,
    /// 每年
    Year,
    /// 一次
    Once,
}

/// To what an amount is rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// 分
    #[default]
    Fen,
    /// 角
    Jiao,
    /// 元
    Yuan,
}

/// From when a benefit is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Starts {
    /// The month after the decision (57号 第二十一条).
    MonthAfterDecision,
    /// The month of the application (两项补贴).
    MonthOfApplication,
    /// The month the conditions are first met (age-triggered benefits).
    MonthOfEligibility,
    /// At once.
    AtOnce,
}
