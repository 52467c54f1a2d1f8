//! 「案中事实」 What the case itself knows laid over what the departments answered:
//! answers of the form where nobody else knows, and what an officer established.

use engine_case::{Answer, AnswerSource, AnswerValue, Case};
use engine_policy::{Entry, Household, Source};
use expr::{Decimal, Type, Value};
use kernel::{Date, PersonId, Slug};
use packs::Pack;
use std::collections::BTreeMap;

/// Lays a case's answers over a household; `household.members` are in the order
/// of the case's. A department's record stands against what somebody merely said;
/// what an officer established stands against both.
pub fn overlay(pack: &Pack, case: &Case, household: &mut Household, today: Date) {
    let Some(opened) = &case.opened else { return };
    let members: Vec<PersonId> = opened.members.iter().map(|one| one.person).collect();
    for answer in &case.answers {
        if let Some(fact) = fact_of(pack, case, answer) {
            lay(pack, &members, &fact, answer, household, today);
        }
    }
}

/// Lays one answer over a household whose people are in this order.
pub(crate) fn lay(
    pack: &Pack,
    members: &[PersonId],
    fact: &Slug,
    answer: &Answer,
    household: &mut Household,
    today: Date,
) {
    let Some(rule) = pack.rules().fact(fact.as_str()) else {
        return;
    };
    let Some(value) = value_of(&answer.value, &rule.decl.ty) else {
        return;
    };
    let facts = match answer.about {
        None => &mut household.facts,
        Some(person) => {
            let place = members.iter().position(|one| *one == person);
            match place.and_then(|place| household.members.get_mut(place)) {
                Some(member) => &mut member.facts,
                None => return,
            }
        }
    };
    put(facts, fact.clone(), value, &answer.source, today);
}

fn put(
    facts: &mut BTreeMap<Slug, Entry>,
    fact: Slug,
    value: Value,
    source: &AnswerSource,
    today: Date,
) {
    let known = matches!(
        facts.get(&fact),
        Some(Entry::Known(_, source)) if !matches!(source, Source::Declared { .. })
    );
    let source = match source {
        AnswerSource::Officer { .. } => Source::Surveyed { on: today },
        AnswerSource::Person if !known => Source::Declared { on: today },
        // What was looked up is in the household already.
        AnswerSource::Person | AnswerSource::Department { .. } => return,
    };
    facts.insert(fact, Entry::Known(value, source));
}

/// A form field's own id, or the base fact it answers.
fn fact_of(pack: &Pack, case: &Case, answer: &Answer) -> Option<Slug> {
    let service = case.opened.as_ref().map(|opened| &opened.service)?;
    let form = pack.service(service.as_str()).map(|service| &service.form);
    let form = form.or_else(|| pack.joint(service.as_str()).map(|joint| &joint.form));
    let fields = form.map_or(&[][..], |form| form.fields.as_slice());
    let field = fields.iter().find(|field| field.id == answer.field);
    let named = field.and_then(|field| field.fact.clone());
    Some(named.unwrap_or_else(|| answer.field.clone()))
}

/// The value in the fact's type; `None` where it does not fit: then nothing is
/// known, which is never the same as zero.
fn value_of(answer: &AnswerValue, ty: &Type) -> Option<Value> {
    match (answer, ty) {
        (AnswerValue::Bool(value), Type::Bool) => Some(Value::Bool(*value)),
        (AnswerValue::Date(value), Type::Date) => Some(Value::Date(*value)),
        (AnswerValue::Code(code), Type::Code(set)) => set.number_of(code.as_str()).map(Value::Code),
        (AnswerValue::Money(money), Type::Number { scale, .. }) => number(money.fen(), 2, *scale),
        (AnswerValue::Number(text), Type::Number { scale, .. }) => {
            let decimal: Decimal = text.trim().parse().ok()?;
            number(decimal.mantissa, decimal.scale, *scale)
        }
        _ => None,
    }
}

fn number(mantissa: i64, own: u8, scale: u8) -> Option<Value> {
    let decimal = Decimal {
        mantissa,
        scale: own,
    };
    let mantissa = decimal.at_scale(scale)?;
    Some(Value::Number(Decimal { mantissa, scale }))
}
