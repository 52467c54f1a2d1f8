//! 「底册存疑」 What deliveries said that does not fit the register: both sides for a
//! person to look at, and that person's signed answer. Reading and answering are on
//! record. Absent on purpose: changing the register (its own verbs do that).

use crate::context::Context;
use crate::error::{AppError, Result};
use crate::{App, Law};
use engine_access::{Action, Permit, Record as AccessRecord, View, show};
use engine_pool::Value;
use engine_registry::{Config, Person, PersonFact, PersonField, State};
use kernel::{Date, FieldLevel, PersonId, RegionCode};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use store::{PoolRecord, RegisterAnswer, RegisterQuestion, RegisterSlice, Reply, Tx};

/// The longest list.
const QUESTIONS_MAX: u32 = 200;

/// What a question can be answered with: id and words.
pub const ANSWERS: [(&str, &str); 4] = [
    ("register", "底册是对的，来的数据不对"),
    ("record", "来的数据是对的，底册要改"),
    ("same", "是同一个人，登记成了两个"),
    ("other", "是两个人，不能并"),
];

/// A question with both its sides.
#[derive(Clone, Debug)]
pub struct OpenQuestion {
    /// Names it in a form; says nothing about anybody.
    pub key: String,
    /// What does not fit.
    pub says: String,
    /// The category of data.
    pub category: String,
    /// Its department.
    pub department: String,
    /// The day the record speaks of.
    pub as_of: Date,
    /// Who it is about, as the register calls them.
    pub name: String,
    /// What the register has: field and value.
    pub register: Vec<(String, String)>,
    /// What the department has.
    pub record: Vec<(String, String)>,
}

impl App {
    /// 底册存疑 Questions nobody has answered, oldest first, with both sides.
    ///
    /// # Errors
    /// Refused to whoever may not settle them; the store's.
    pub async fn open_questions(
        &self,
        ctx: &Context,
        place: RegionCode,
    ) -> Result<Vec<OpenQuestion>> {
        let (app, ctx) = (self.clone(), ctx.clone());
        self.db
            .look(async move |tx| {
                let permit = app.may_settle(tx, &ctx, place).await?;
                let (questions, register) = app.questions_in(tx, place).await?;
                let people: BTreeSet<PersonId> =
                    questions.iter().filter_map(|one| one.person).collect();
                let records = tx.records_of(&people, None).await?;
                let shown: Vec<OpenQuestion> = questions
                    .iter()
                    .map(|one| {
                        let person = one.person.and_then(|who| register.people.get(&who));
                        app.both_sides(one, person, &records, &permit)
                    })
                    .collect();
                let seen: Vec<PersonId> = people.into_iter().collect();
                ctx.record(tx, "register.questions", "register", &seen, app.now())
                    .await?;
                Ok(shown)
            })
            .await
    }

    /// 答复 Answers one of them, once, with a reason.
    ///
    /// # Errors
    /// No answer or reason; somebody answered before; a refusal; the store's.
    pub async fn settle_question(
        &self,
        ctx: &Context,
        place: RegionCode,
        question: &str,
        (answer, reason): (&str, &str),
    ) -> Result<Reply<()>> {
        let wrong = |says: &str| AppError::BadInput(says.to_owned());
        let known = ANSWERS.iter().find(|(id, _)| *id == answer);
        let (answer, _) = known.ok_or_else(|| wrong("请选哪一边对"))?;
        let reason = reason.trim().to_owned();
        if reason.chars().count() < 2 {
            return Err(wrong("请写明是怎样查清楚的"));
        }
        let key = ctx.key("register.settle", &(question, answer, &reason))?;
        let (app, ctx, question) = (self.clone(), ctx.clone(), question.to_owned());
        self.db
            .write(async move |tx| {
                let does = async |tx: &mut Tx| {
                    app.may_settle(tx, &ctx, place).await?;
                    let (open, _) = app.questions_in(tx, place).await?;
                    let found = open.into_iter().find(|one| name_of(one) == question);
                    let gone = "这一条已经有人答复了。请看最新的";
                    let found = found.ok_or_else(|| AppError::BadInput(gone.to_owned()))?;
                    let settled = RegisterAnswer {
                        answer: (*answer).to_owned(),
                        reason: reason.clone(),
                        by: ctx.actor.clone(),
                        at: app.now().at,
                    };
                    if !tx.settle_question(&found, &settled, app.now()).await? {
                        return Err(AppError::BadInput(gone.to_owned()));
                    }
                    let subject = match found.person {
                        Some(person) => format!("person:{person}"),
                        None => "register".to_owned(),
                    };
                    let told = (&found.category, &found.kind, found.as_of, &settled);
                    ctx.record(tx, "register.settle", &subject, &told, app.now())
                        .await
                };
                tx.idempotent(&key, app.now(), does).await
            })
            .await
    }

    /// The open questions about people of a place; those about nobody registered
    /// are the whole city's.
    async fn questions_in(
        &self,
        tx: &mut Tx,
        place: RegionCode,
    ) -> Result<(Vec<RegisterQuestion>, State)> {
        let mut questions = tx.unsettled_questions(QUESTIONS_MAX).await?;
        let slice = RegisterSlice {
            people: questions.iter().filter_map(|one| one.person).collect(),
            with_households: true,
            ..RegisterSlice::default()
        };
        let register = tx.register(&slice).await?.state;
        let today = self.now().today();
        let head = self.law.pack.region();
        questions.retain(|one| {
            let home = one.person.and_then(|who| register.household_of(who, today));
            let region = home.and_then(|(home, _)| home.region_on(today)).or(head);
            region.is_none_or(|region| place.contains(region))
        });
        Ok((questions, register))
    }

    async fn may_settle(&self, tx: &mut Tx, ctx: &Context, place: RegionCode) -> Result<Permit> {
        let everyone = AccessRecord::of_place(place, FieldLevel::L3);
        ctx.authorise(tx, Action::SettleQuestion, everyone, &[], self.now())
            .await
    }

    fn both_sides(
        &self,
        one: &RegisterQuestion,
        person: Option<&Person>,
        records: &[PoolRecord],
        permit: &Permit,
    ) -> OpenQuestion {
        let catalogue = &self.law.pack.data().catalogue;
        let category = catalogue.category(&one.category);
        let owner = catalogue.owner(&one.category);
        let config = Config::default();
        let name = person.and_then(|person| person.name(&config));
        let record = records.iter().find(|record| {
            let same = record.category == one.category && record.record_no == one.record_no;
            same && Some(record.person) == one.person
        });
        OpenQuestion {
            key: name_of(one),
            says: one.says.clone(),
            category: category.map_or_else(|| one.category.to_string(), |c| c.name.clone()),
            department: owner.map(|one| one.name.clone()).unwrap_or_default(),
            as_of: one.as_of,
            name: name.map_or_else(|| "没有登记的人".to_owned(), ToString::to_string),
            register: person.map_or_else(Vec::new, |person| registered(&self.law, person, permit)),
            record: record.map_or_else(Vec::new, |record| {
                let line = |(id, value): (&kernel::Slug, &Value)| {
                    let field = category.and_then(|category| category.field(id))?;
                    let words = said(&self.law, value, one.as_of);
                    let shown = show(&words, field.level, View::Detail, permit)?;
                    Some((field.name.clone(), shown))
                };
                record.values.iter().filter_map(line).collect()
            }),
        }
    }
}

/// A question's name in a form: a digest, since its number may be a person's.
fn name_of(question: &RegisterQuestion) -> String {
    let bytes = serde_json::to_vec(question).unwrap_or_default();
    let digest = format!("{:x}", Sha256::digest(bytes));
    digest.chars().take(24).collect()
}

fn registered(law: &Law, person: &Person, permit: &Permit) -> Vec<(String, String)> {
    let config = Config::default();
    let today = |region: kernel::RegionCode, on: Date| law.pack.regions().full_name(region, on);
    let fields: BTreeMap<PersonField, FieldLevel> = [
        (PersonField::Number, FieldLevel::L3),
        (PersonField::Born, FieldLevel::L1),
        (PersonField::Died, FieldLevel::L1),
        (PersonField::HukouRegion, FieldLevel::L1),
        (PersonField::HomeRegion, FieldLevel::L1),
    ]
    .into();
    let line = |(field, level): (PersonField, FieldLevel)| {
        let version = person.standing(field, &config)?;
        let words = match &version.fact {
            PersonFact::Number(number) => number.reveal().to_owned(),
            PersonFact::Born(day) | PersonFact::Died(day) => day.to_string(),
            PersonFact::HukouRegion(at) | PersonFact::HomeRegion(at) => {
                today(*at, version.origin.as_of())
            }
            _ => return None,
        };
        let shown = show(&words, level, View::List, permit)?;
        Some((field.label().to_owned(), shown))
    };
    fields.into_iter().filter_map(line).collect()
}

/// A value of a record in words; numbers of people are never whole in a list.
fn said(law: &Law, value: &Value, on: Date) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Money(money) => format!("{money} 元"),
        Value::Int(number) => number.to_string(),
        Value::Date(day) => day.to_string(),
        Value::Month(month) => month.to_string(),
        Value::Bool(yes) => if *yes { "是" } else { "否" }.to_owned(),
        Value::Code(code) => code.to_string(),
        Value::Region(region) => law.pack.regions().full_name(*region, on),
        Value::Person(number) => engine_access::last_four(number.reveal()),
        _ => "（见原件）".to_owned(),
    }
}

#[cfg(test)]
mod tests;
