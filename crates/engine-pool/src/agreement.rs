//! 「数据共享协议」 What was agreed with whom: which fields of which categories, what
//! for, on which basis, from when until when, and in which direction. What is not
//! listed is not taken and not given; an agreement that has ended gives nothing.
//! Absent: keys and addresses of the parties, which are a matter of one house.

use crate::ask::AskKind;
use crate::config::{Catalogue, Category};
use crate::purpose::PurposeKind;
use kernel::{Date, Provenance, Slug};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// All agreements of a pack, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Agreements {
    listed: BTreeMap<Slug, Agreement>,
}

/// 协议
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// Its id in packs.
    pub id: Slug,
    /// Its title.
    pub name: String,
    /// With whom: a department of the catalogue, or somebody outside it.
    pub party: Slug,
    /// What the party is called.
    pub party_name: String,
    /// Who gives.
    pub way: Way,
    /// What it may be used for.
    pub purposes: BTreeSet<PurposeKind>,
    /// The law or the document it rests on.
    pub basis: String,
    /// How well founded this entry is.
    pub provenance: Provenance,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// What is shared.
    pub terms: Vec<Term>,
    /// Kinds of events the party is told of (given out only).
    pub events: BTreeSet<EventKind>,
    /// What of a person may stand in an event; else only our own numbers of things.
    pub event_fields: BTreeSet<EventField>,
    /// Of which kinds of orders it is told how they go on.
    pub orders: BTreeSet<Slug>,
    /// Which questions of the party's are answered (given out only).
    pub asks: BTreeSet<AskKind>,
    /// Of which benefits it may ask whether somebody receives them.
    pub benefits: BTreeSet<Slug>,
    /// How many questions a day are answered.
    pub asks_per_day: u32,
}

/// 事件里的个人信息 What of a person an event may carry, where it was agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventField {
    /// 证件号码
    IdNo,
    /// 姓名
    Name,
    /// 金额, fen.
    AmountFen,
}

/// 事件 What a party may be told of when it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// 待遇开始: a person signed a grant.
    BenefitBegan,
    /// 待遇停止: a person signed its end.
    BenefitEnded,
    /// 数据收下: a delivery of the party's was taken.
    DeliveryTaken,
    /// 数据退回: a delivery of the party's was refused.
    DeliveryRefused,
    /// 共享申请有答复: a request of the party's was answered.
    ShareAnswered,
    /// 工单有进展: an order of a kind that was agreed came to another stage.
    OrderMoved,
}

impl EventKind {
    /// All.
    pub const ALL: [EventKind; 6] = [
        EventKind::BenefitBegan,
        EventKind::BenefitEnded,
        EventKind::DeliveryTaken,
        EventKind::DeliveryRefused,
        EventKind::ShareAnswered,
        EventKind::OrderMoved,
    ];

    /// Its word in packs and messages.
    pub fn word(self) -> &'static str {
        match self {
            EventKind::BenefitBegan => "benefit_began",
            EventKind::BenefitEnded => "benefit_ended",
            EventKind::DeliveryTaken => "delivery_taken",
            EventKind::DeliveryRefused => "delivery_refused",
            EventKind::ShareAnswered => "share_answered",
            EventKind::OrderMoved => "order_moved",
        }
    }

    /// What happened, for people.
    pub fn label(self) -> &'static str {
        match self {
            EventKind::BenefitBegan => "待遇开始",
            EventKind::BenefitEnded => "待遇停止",
            EventKind::DeliveryTaken => "您送的数据收下了",
            EventKind::DeliveryRefused => "您送的数据退回了",
            EventKind::ShareAnswered => "您的共享申请有答复了",
            EventKind::OrderMoved => "工单有进展",
        }
    }
}

/// Who gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// 对方给我们
    In,
    /// 我们给对方
    Out,
}

/// One category of an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// Which.
    pub category: Slug,
    /// Which of its fields. The three columns every record has (whose, its number,
    /// its day) go without saying.
    pub fields: BTreeSet<Slug>,
}

/// Why an agreement does not allow it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum AgreementRefusal {
    /// Nothing was agreed.
    #[error("和“{party}”没有“{category}”这类数据的共享协议。请先签协议")]
    None {
        /// The party.
        party: String,
        /// The category.
        category: Slug,
    },
    /// It begins later.
    #[error("和“{party}”的共享协议从 {from} 起才生效")]
    NotBegun {
        /// The party.
        party: String,
        /// Its first day.
        from: Date,
    },
    /// It is over.
    #[error("和“{party}”的共享协议已在 {until} 到期。请续签以后再用")]
    Ended {
        /// The party.
        party: String,
        /// Its last day.
        until: Date,
    },
    /// Fields beyond what was agreed.
    #[error("共享协议里没有这些字段：{}。多出的字段不收，也不给", .0.join("、"))]
    Fields(Vec<String>),
    /// Not for this purpose.
    #[error("和“{party}”的共享协议不允许这个用途")]
    Purpose {
        /// The party.
        party: String,
    },
}

impl AgreementRefusal {
    /// Its stable code.
    pub fn code(&self) -> &'static str {
        match self {
            AgreementRefusal::None { .. } => "pool.no_agreement",
            AgreementRefusal::NotBegun { .. } => "pool.agreement_not_begun",
            AgreementRefusal::Ended { .. } => "pool.agreement_ended",
            AgreementRefusal::Fields(_) => "pool.fields_not_agreed",
            AgreementRefusal::Purpose { .. } => "pool.purpose_not_agreed",
        }
    }
}

impl Agreement {
    /// Whether it counts on a day.
    pub fn runs_on(&self, day: Date) -> bool {
        self.from <= day && day <= self.until
    }

    /// What is agreed of a category.
    pub fn term(&self, category: &Slug) -> Option<&Term> {
        self.terms.iter().find(|term| term.category == *category)
    }
}

impl Agreements {
    /// These. Of two with one id the later one counts; the loader has told of it.
    pub fn new(agreements: impl IntoIterator<Item = Agreement>) -> Agreements {
        let by_id = |one: Agreement| (one.id.clone(), one);
        Agreements {
            listed: agreements.into_iter().map(by_id).collect(),
        }
    }

    /// All, by id.
    pub fn all(&self) -> impl Iterator<Item = &Agreement> {
        self.listed.values()
    }

    /// One, by id.
    pub fn get(&self, id: &Slug) -> Option<&Agreement> {
        self.listed.get(id)
    }

    /// Those about a category, in one direction.
    pub fn about(&self, category: &Slug, way: Way) -> impl Iterator<Item = &Agreement> {
        self.all()
            .filter(move |one| one.way == way && one.term(category).is_some())
    }

    /// Those that tell their party of such an event today; of one about a party
    /// (`about`: its id or its name), only that party's.
    pub fn listening<'a>(
        &'a self,
        kind: EventKind,
        about: Option<&'a str>,
        today: Date,
    ) -> impl Iterator<Item = &'a Agreement> {
        self.all().filter(move |one| {
            let theirs = about.is_none_or(|who| who == one.party.as_str() || who == one.party_name);
            one.way == Way::Out && one.events.contains(&kind) && theirs && one.runs_on(today)
        })
    }

    /// Those that tell their party today how an order of a kind goes on.
    pub fn listening_to_orders<'a>(
        &'a self,
        kind: &'a Slug,
        today: Date,
    ) -> impl Iterator<Item = &'a Agreement> {
        let all = self.listening(EventKind::OrderMoved, None, today);
        all.filter(move |one| one.orders.contains(kind))
    }

    /// The agreement with a party about a category that counts today; otherwise the
    /// sentence that says why there is none.
    ///
    /// # Errors
    /// [`AgreementRefusal`].
    pub fn with(
        &self,
        party: &Slug,
        category: &Slug,
        way: Way,
        today: Date,
    ) -> Result<(&Agreement, &Term), AgreementRefusal> {
        let mut nearest: Option<&Agreement> = None;
        for one in self.about(category, way).filter(|one| one.party == *party) {
            if let (true, Some(term)) = (one.runs_on(today), one.term(category)) {
                return Ok((one, term));
            }
            if nearest.is_none_or(|other| one.until > other.until) {
                nearest = Some(one);
            }
        }
        Err(match nearest {
            Some(one) if today < one.from => AgreementRefusal::NotBegun {
                party: one.party_name.clone(),
                from: one.from,
            },
            Some(one) => AgreementRefusal::Ended {
                party: one.party_name.clone(),
                until: one.until,
            },
            None => AgreementRefusal::None {
                party: party.to_string(),
                category: category.clone(),
            },
        })
    }
}

impl Term {
    /// Everything of a category.
    pub fn whole(category: &Category) -> Term {
        Term {
            category: category.id.clone(),
            fields: category.fields.iter().map(|one| one.id.clone()).collect(),
        }
    }

    /// Whether these columns stay within what was agreed. Columns may be written by
    /// id or by their Chinese name.
    ///
    /// # Errors
    /// [`AgreementRefusal::Fields`] naming those beyond it.
    pub fn allows<S: AsRef<str>>(
        &self,
        category: &Category,
        columns: &[S],
    ) -> Result<(), AgreementRefusal> {
        let (ids, names) = (
            crate::gate::column_ids(category),
            crate::gate::column_names(category),
        );
        let agreed = |column: &str| {
            let at = (0..ids.len()).find(|at| ids[*at] == column || names[*at] == column);
            at.is_some_and(|at| at < 3 || self.fields.contains(ids[at]))
        };
        let columns = columns.iter().map(|one| one.as_ref().trim());
        let beyond = columns.filter(|one| !agreed(one));
        let beyond: Vec<String> = beyond.take(20).map(short).collect();
        match beyond.is_empty() {
            true => Ok(()),
            false => Err(AgreementRefusal::Fields(beyond)),
        }
    }
}

fn short(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(40).collect()
}

/// For a demonstration or a house without written agreements: every department gives
/// what the catalogue lists, for the purposes it lists.
pub fn by_catalogue(catalogue: &Catalogue, from: Date, until: Date) -> Vec<Agreement> {
    let one = |department: &crate::config::Department| Agreement {
        id: department.id.clone(),
        name: department.name.clone(),
        party: department.id.clone(),
        party_name: department.name.clone(),
        way: Way::In,
        purposes: department
            .categories
            .values()
            .flat_map(|category| category.purposes.iter().copied())
            .collect(),
        basis: String::new(),
        provenance: Provenance::Assumed,
        from,
        until,
        terms: department.categories.values().map(Term::whole).collect(),
        events: BTreeSet::new(),
        event_fields: BTreeSet::new(),
        orders: BTreeSet::new(),
        asks: BTreeSet::new(),
        benefits: BTreeSet::new(),
        asks_per_day: 0,
    };
    catalogue.departments().map(one).collect()
}
