//! 「规则包」 The pack as the rest of the house sees it: everything resolved, typed,
//! proven. There is no way to build one but [`crate::load()`]. Absent on purpose:
//! texts still to be parsed, places in files except where people want to see them.

mod service;

pub use service::{
    Derived, DocumentNeeded, Example, Expected, Form, FormConsent, FormField, Joint, NoticePart,
    NoticeText, Service,
};

use crate::archive::Archive;
use crate::diagnostic::Report;
use crate::overlay::Override;
use crate::sheet::SheetEntry;
use engine_booking::BookingType;
use engine_case::ServiceFlow;
use engine_insight::Plan;
use engine_ledger::BookType;
use engine_order::OrderType;
use engine_policy::{PortraitRule, RuleBook, SignRule, WarningRule};
use engine_registry::LifeKind;
use kernel::{FieldLevel, RegionCode, RegionTree, Relation, Slug, WorkCalendar};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A pack, whole and proven.
#[derive(Debug)]
pub struct Pack {
    pub(crate) hash: String,
    pub(crate) layers: Vec<LayerHead>,
    pub(crate) regions: RegionTree,
    pub(crate) calendar: WorkCalendar,
    pub(crate) rules: Arc<RuleBook>,
    pub(crate) data: engine_pool::Config,
    pub(crate) register: Vec<RegisterSource>,
    pub(crate) facts: BTreeMap<Slug, FactOrigin>,
    pub(crate) portrait: Vec<PortraitRule>,
    pub(crate) signs: Vec<SignRule>,
    pub(crate) warnings: Vec<WarningRule>,
    pub(crate) records: BTreeMap<Slug, RecordOrigin>,
    pub(crate) services: Vec<Service>,
    pub(crate) joints: Vec<Joint>,
    pub(crate) orders: Vec<Arc<OrderType>>,
    pub(crate) sheets: Vec<SheetEntry>,
    pub(crate) bookings: Vec<Arc<BookingType>>,
    pub(crate) plans: Vec<Plan>,
    pub(crate) life_kinds: Vec<LifeKind>,
    pub(crate) books: Vec<Arc<BookType>>,
    pub(crate) overrides: Vec<Override>,
    pub(crate) archive: Archive,
    pub(crate) report: Report,
}

/// One pack of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LayerHead {
    /// `pinghu`.
    pub id: Slug,
    /// `平湖市`.
    pub name: String,
    /// Its region; parameter values without one hold here.
    pub region: RegionCode,
    /// Local names of things, by slug.
    pub brand: BTreeMap<Slug, String>,
    /// How many homes one worker can call on in a week.
    pub visits_per_week: Option<u32>,
    /// Of those, how many at most receive something no rule finds any more.
    pub looks_per_week: Option<u32>,
    /// The days to answer a request to share data.
    pub sharing: Option<engine_pool::share::ShareDays>,
    /// How many warnings a village is handed at once.
    pub warnings_at_once: Option<u32>,
}

impl Pack {
    /// SHA-256 over every file of the chain, lower-case hex: what cases and
    /// certificates pin. The same files give the same hash on every machine.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The pack itself (the last of the chain).
    pub fn head(&self) -> Option<&LayerHead> {
        self.layers.last()
    }

    /// The place the pack is for.
    pub fn region(&self) -> Option<RegionCode> {
        self.head().map(|head| head.region)
    }

    /// The chain, base first.
    pub fn layers(&self) -> &[LayerHead] {
        &self.layers
    }

    /// How many homes one worker can call on in a week, as the nearest pack says; none
    /// says: leads are not capped.
    pub fn visits_per_week(&self) -> Option<u32> {
        self.layers
            .iter()
            .rev()
            .find_map(|layer| layer.visits_per_week)
    }

    /// How many of a week's homes at most receive something the rules no longer find, as
    /// the nearest pack says; none says: they have no places of their own.
    pub fn looks_per_week(&self) -> Option<u32> {
        let mut layers = self.layers.iter().rev();
        layers.find_map(|layer| layer.looks_per_week)
    }

    /// A local name (`brand`), the nearest in the chain.
    pub fn brand(&self, of: &str) -> Option<&str> {
        let layers = self.layers.iter().rev();
        layers
            .filter_map(|layer| layer.brand.get(of))
            .map(String::as_str)
            .next()
    }

    /// The days to answer a request to share data, the nearest in the chain.
    pub fn sharing(&self) -> Option<&engine_pool::share::ShareDays> {
        let mut layers = self.layers.iter().rev();
        layers.find_map(|layer| layer.sharing.as_ref())
    }

    /// How many warnings a village is handed at once, the nearest in the chain; without
    /// any, none is handed out.
    pub fn warnings_at_once(&self) -> usize {
        let mut layers = self.layers.iter().rev();
        let most = layers.find_map(|layer| layer.warnings_at_once);
        most.and_then(|most| usize::try_from(most).ok())
            .unwrap_or(0)
    }

    /// What may change about a household, in the order of the files.
    pub fn signs(&self) -> &[SignRule] {
        &self.signs
    }

    /// Which changes together are a warning, in the order of the files.
    pub fn warnings(&self) -> &[WarningRule] {
        &self.warnings
    }

    /// Regions of the whole chain.
    pub fn regions(&self) -> &RegionTree {
        &self.regions
    }

    /// Working days.
    pub fn calendar(&self) -> &WorkCalendar {
        &self.calendar
    }

    /// What policy judges by.
    pub fn rules(&self) -> &Arc<RuleBook> {
        &self.rules
    }

    /// What the pool takes in: catalogue, contradictions.
    pub fn data(&self) -> &engine_pool::Config {
        &self.data
    }

    /// Which data the register is taken from, the category that counts most first.
    pub fn register(&self) -> &[RegisterSource] {
        &self.register
    }

    /// Where a base fact comes from.
    pub fn fact(&self, id: &str) -> Option<&FactOrigin> {
        self.facts.get(id)
    }

    /// Where every base fact comes from, by id.
    pub fn facts(&self) -> &BTreeMap<Slug, FactOrigin> {
        &self.facts
    }

    /// What a household's portrait is made of, in the order of the files.
    pub fn portrait(&self) -> &[PortraitRule] {
        &self.portrait
    }

    /// Where each kind of records comes from, by id.
    pub fn records(&self) -> &BTreeMap<Slug, RecordOrigin> {
        &self.records
    }

    /// All services, in the order of the files.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// A service by id.
    pub fn service(&self, id: &str) -> Option<&Service> {
        self.services
            .iter()
            .find(|service| service.id.as_str() == id)
    }

    /// All joint services.
    pub fn joints(&self) -> &[Joint] {
        &self.joints
    }

    /// A joint service by id.
    pub fn joint(&self, id: &str) -> Option<&Joint> {
        self.joints.iter().find(|joint| joint.id.as_str() == id)
    }

    /// The flow of a service or joint service.
    pub fn flow(&self, id: &str) -> Option<&Arc<ServiceFlow>> {
        let service = self.service(id).map(|service| &service.flow);
        service.or_else(|| self.joint(id).map(|joint| &joint.flow))
    }

    /// Who overrides what, in the order of the chain.
    pub fn overrides(&self) -> &[Override] {
        &self.overrides
    }

    /// The warnings of loading.
    pub fn report(&self) -> &Report {
        &self.report
    }
}

/// A category the register is taken from, and what its fields mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterSource {
    /// The category, keyed by person.
    pub category: Slug,
    /// What it tells.
    pub says: RegisterSays,
}

/// What a category tells the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegisterSays {
    /// 居民: who lives where with whom.
    Residents(ResidentFields),
    /// 死亡
    Deaths {
        /// The field with the day.
        date: Slug,
    },
    /// 出生, keyed by the child.
    Births {
        /// The field with the day.
        date: Slug,
        /// The field with the child's name.
        name: Slug,
        /// The field with the mother's number.
        mother: Slug,
        /// The field that says whether the certificate stands; `None`: all do.
        state: Option<Slug>,
        /// The codes by which it was withdrawn.
        void: BTreeSet<Slug>,
    },
    /// 迁出
    Departures {
        /// The field with the day.
        date: Slug,
        /// The field with the kind of change.
        kind: Slug,
        /// The kinds by which somebody leaves.
        leaves: BTreeSet<Slug>,
    },
}

/// The fields of a category of residents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResidentFields {
    /// Whether people are registered (户籍) in the region, or only live there.
    pub registered: bool,
    /// The field with the household's number at the department.
    pub household: Slug,
    /// The field with the name.
    pub name: Slug,
    /// The field with the village or community.
    pub region: Slug,
    /// The field with the relation to the head.
    pub relation: Slug,
    /// The field with the telephone.
    pub phone: Option<Slug>,
    /// What the relation's codes mean.
    pub relations: BTreeMap<Slug, Relation>,
}

/// Where a base fact comes from.
#[derive(Clone, Debug)]
pub struct FactOrigin {
    /// The fact.
    pub id: Slug,
    /// Departments' data, first that answers.
    pub sources: Vec<FactSource>,
    /// Whether packs and files write it in hundredths (`unit = "%"`).
    pub percent: bool,
    /// Stands in examples that say `rest = "usual"`; never for real people.
    pub usual: Option<expr::Value>,
}

/// How a fact is read from a department's records of a person.
#[derive(Clone, Debug)]
pub struct FactSource {
    /// The department that holds the category.
    pub department: Slug,
    /// The category.
    pub category: Slug,
    /// How many records become one value.
    pub take: Take,
    /// The field taken; none for `count` and `exists`.
    pub field: Option<Slug>,
    /// Only records of the last so many months…
    pub within_months: Option<u32>,
    /// …by this date field (`as_of` unless said).
    pub date: Slug,
    /// Only records whose fields hold these values.
    pub only: Vec<(Slug, engine_pool::Value)>,
    /// The value when the department answered and has no such record; `None`:
    /// then it is not known.
    pub absent: Option<expr::Value>,
}

/// How several records become one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// Of the record with the latest date.
    Latest,
    /// The sum.
    Sum,
    /// How many.
    Count,
    /// Whether there is one.
    Exists,
    /// The largest.
    Max,
    /// The smallest.
    Min,
}

/// Where a kind of records comes from; `None` of `source`: only from examples
/// and forms.
#[derive(Clone, Debug)]
pub struct RecordOrigin {
    /// The kind.
    pub kind: Arc<expr::RecordKind>,
    /// Who may see it.
    pub level: FieldLevel,
    /// The category it comes from.
    pub source: Option<RecordSource>,
}

/// How records are read from a category.
#[derive(Clone, Debug)]
pub struct RecordSource {
    /// The department.
    pub department: Slug,
    /// The category.
    pub category: Slug,
    /// For each field of the kind, in its order, the category's field.
    pub fields: Vec<Slug>,
    /// Only records whose fields hold these values.
    pub only: Vec<(Slug, engine_pool::Value)>,
}
