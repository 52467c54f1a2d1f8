//! 「服务」 One public service of a pack, and several together: form, papers, notices,
//! examples.

use crate::place::Spot;
use engine_case::{ConsentBy, NoticeKind, ServiceFlow};
use engine_payment::PhaseOutStep;
use engine_policy::{Beneficiary, Household, Verdict};
use expr::Typed;
use kernel::{Date, FieldLevel, Money, Slug};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A public service, beside its benefit ([`RuleBook`], same id) and its flow.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its id.
    pub id: Slug,
    /// `最低生活保障`.
    pub name: String,
    /// How people would ask for it.
    pub says: String,
    /// What it is called here.
    pub brand: Option<String>,
    /// The family of assistance: `basic`, `special`, `urgent`, `welfare`.
    pub family: String,
    /// Who is judged.
    pub beneficiary: Beneficiary,
    /// The law it rests on.
    pub basis: Vec<String>,
    /// Mission rows it proves.
    pub rows: Vec<String>,
    /// Whether someone must apply.
    pub needs_application: bool,
    /// What is asked.
    pub form: Form,
    /// What must be brought.
    pub documents: Vec<DocumentNeeded>,
    /// How it goes.
    pub flow: Arc<ServiceFlow>,
    /// What people are told.
    pub notices: BTreeMap<NoticeKind, NoticeText>,
    /// What is still paid after a stop.
    pub phase_out: Vec<PhaseOutStep>,
    /// When the phase-out applies (a Bool); always, if not said.
    pub phase_out_when: Option<Typed>,
    /// The law, tried out.
    pub examples: Vec<Example>,
    /// Derived facts of the service, for `show`.
    pub derived: Vec<Derived>,
    /// Where it is written.
    pub at: Spot,
}

/// A derived fact as a person reads it.
#[derive(Clone, Debug)]
pub struct Derived {
    /// As rules name it.
    pub name: Slug,
    /// Its Chinese name.
    pub label: String,
    /// The formula as written.
    pub text: String,
    /// The formula.
    pub is: Typed,
    /// The article.
    pub basis: Option<String>,
    /// Who may see it: the strictest of what it uses, or stricter.
    pub level: FieldLevel,
}

/// What is asked of people.
#[derive(Clone, Debug, Default)]
pub struct Form {
    /// Questions.
    pub fields: Vec<FormField>,
    /// Consents.
    pub consents: Vec<FormConsent>,
}

/// A question of a form.
#[derive(Clone, Debug)]
pub struct FormField {
    /// Its id.
    pub id: Slug,
    /// The question.
    pub asks: String,
    /// `text`, `money`, `bool`, `list`…; for a field with a fact, the fact's.
    pub kind: String,
    /// Who may see the answer.
    pub level: FieldLevel,
    /// The base fact it answers.
    pub fact: Option<Slug>,
    /// Asked of every member rather than once.
    pub per_person: bool,
    /// Whether it must be answered.
    pub required: bool,
    /// More words.
    pub help: Option<String>,
    /// Only asked when this holds (or is not known).
    pub when: Option<Typed>,
}

/// A consent of a form.
#[derive(Clone, Debug)]
pub struct FormConsent {
    /// Its id.
    pub id: Slug,
    /// The words.
    pub asks: String,
    /// Who must give it.
    pub who: ConsentBy,
}

/// A document to bring.
#[derive(Clone, Debug)]
pub struct DocumentNeeded {
    /// Its id.
    pub id: Slug,
    /// Its name.
    pub name: String,
    /// What to say about it.
    pub asks: Option<String>,
    /// Only when this holds.
    pub when: Option<Typed>,
    /// Not when this category answers.
    pub unless: Option<Slug>,
    /// The article.
    pub basis: Option<String>,
}

/// A notice's words.
#[derive(Clone, Debug)]
pub struct NoticeText {
    /// In order.
    pub parts: Vec<NoticePart>,
    /// Ways to appeal.
    pub remedy: Vec<String>,
}

/// A piece of a notice.
#[derive(Clone, Debug)]
pub enum NoticePart {
    /// Words.
    Words(String),
    /// What the case knows: see [`crate::NOTICE_WORDS`].
    Of(&'static str),
}

/// One application for several services.
#[derive(Clone, Debug)]
pub struct Joint {
    /// Its id.
    pub id: Slug,
    /// Its name.
    pub name: String,
    /// How people would ask for it.
    pub says: String,
    /// What it is called here.
    pub brand: Option<String>,
    /// The law it rests on.
    pub basis: Vec<String>,
    /// Mission rows it proves.
    pub rows: Vec<String>,
    /// The services applied for together.
    pub services: Vec<Slug>,
    /// What is asked.
    pub form: Form,
    /// What must be brought.
    pub documents: Vec<DocumentNeeded>,
    /// How it goes.
    pub flow: Arc<ServiceFlow>,
    /// What people are told.
    pub notices: BTreeMap<NoticeKind, NoticeText>,
    /// Where it is written.
    pub at: Spot,
}

/// An example: a household and what must come of it.
#[derive(Clone, Debug)]
pub struct Example {
    /// What it shows.
    pub title: String,
    /// The day of judgement.
    pub on: Date,
    /// Facts, ready to be judged; `household.region` is where.
    pub household: Household,
    /// Which member is judged, from 0; for services of persons.
    pub who: usize,
    /// What must come of it.
    pub expect: Expected,
    /// Where it is written.
    pub at: Spot,
}

/// What must come of an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The verdict.
    pub verdict: Verdict,
    /// The amount, where stated.
    pub amount: Option<Money>,
    /// Conditions that must not hold, where stated: exactly these.
    pub because: Vec<Slug>,
    /// Facts that must be missing, where stated: each of these at least.
    pub missing: Vec<Slug>,
}
