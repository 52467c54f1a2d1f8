//! 「政策」 Conditions and amount of a service: the benefit that policy judges.

use super::catalogue::word;
use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::place::{At, Place};
use crate::tree::Table;
use engine_policy::{AmountRule, Beneficiary, Benefit, Condition, Every, Rounding, Starts};
use expr::{Level, Schema, Type, Typed, Unit};
use kernel::Slug;

/// A benefit with the places its proofs underline.
#[derive(Clone, Debug)]
pub(crate) struct BenefitAt {
    pub(crate) benefit: Benefit,
    /// One per condition.
    pub(crate) conditions: Vec<Place>,
    /// One per service of `excludes`.
    pub(crate) excludes: Vec<Place>,
    pub(crate) place: Place,
    pub(crate) head: Place,
}

/// Who is judged, from `for`.
pub(crate) fn beneficiary(head: &Table) -> Beneficiary {
    match head.words("for").as_str() {
        "person" => Beneficiary::Person,
        _ => Beneficiary::Household,
    }
}

/// The level at which a beneficiary's rules are checked.
pub(crate) fn level(beneficiary: Beneficiary) -> Level {
    match beneficiary {
        Beneficiary::Household => Level::Household,
        Beneficiary::Person => Level::Person,
    }
}

/// Reads the conditions and the amount.
pub(crate) fn benefit(
    desk: &Desk<'_>,
    id: &At<Slug>,
    document: &Table,
    schema: &Schema,
) -> Option<BenefitAt> {
    let head = document.table("service")?;
    let beneficiary = beneficiary(head);
    let at = level(beneficiary);
    let mut conditions: Vec<Condition> = Vec::new();
    let mut places = Vec::new();
    for row in document.tables("condition") {
        let Some(id) = row.slug("id") else { continue };
        if let Some(first) = conditions.iter().position(|one| one.id == id.value) {
            let message = format!("条件 `{}` 写了两次", id.value);
            let fault = Fault::error("duplicate", id.place, message);
            desk.fault(fault.also(places.get(first).copied().unwrap_or(id.place), "先在这里"));
            continue;
        }
        if let Some(condition) = condition(desk, &id, row, schema, at) {
            conditions.push(condition);
            places.push(id.place);
        }
    }
    if document.tables("condition").is_empty() {
        let message = format!("服务 {} 一个条件也没有：那就是人人都有", id.value);
        desk.fault(Fault::error("no_condition", head.place, message));
    }
    let amount = document.table("amount");
    let receiving = head.text("receiving");
    let excludes = head.slugs("excludes");
    Some(BenefitAt {
        benefit: Benefit {
            id: id.value.clone(),
            name: head.words("name"),
            beneficiary,
            basis: head.sentences("basis"),
            conditions,
            amount: amount.and_then(|table| amount_of(desk, table, schema, at)),
            receiving: receiving.and_then(|text| desk.rule(&text, schema, at)),
            excludes: excludes.iter().map(|one| one.value.clone()).collect(),
            review_sooner: review_sooner(desk, document, schema, at),
            without_application: !head.flag("needs_application").unwrap_or(true),
        },
        conditions: places,
        excludes: excludes.iter().map(|one| one.place).collect(),
        place: id.place,
        head: head.place,
    })
}

fn condition(
    desk: &Desk<'_>,
    id: &At<Slug>,
    row: &Table,
    schema: &Schema,
    at: Level,
) -> Option<Condition> {
    let says = |key: &str| row.text(key).map(|text| desk.template(&text, schema, at));
    // Sentences are compiled even where the rule is wrong: all faults at once.
    let (yes, no, unknown) = (says("yes"), says("no"), says("unknown"));
    let text = row.text("holds")?;
    let holds = desk.law((&text, row), schema, at, Some(&Type::Bool))?;
    Some(Condition {
        id: id.value.clone(),
        holds,
        text: text.value,
        yes: yes?,
        no: no?,
        unknown,
        basis: row.words("basis"),
        provenance: word(row, "provenance"),
        gives_way: row
            .slugs("gives_way")
            .into_iter()
            .map(|one| one.value)
            .collect(),
    })
}

fn amount_of(desk: &Desk<'_>, table: &Table, schema: &Schema, at: Level) -> Option<AmountRule> {
    let every = match table.words("every").as_str() {
        "year" => Every::Year,
        "once" => Every::Once,
        _ => Every::Month,
    };
    let text = table.text("is")?;
    let unit = table
        .text("unit")
        .and_then(|text| Some((desk.unit(&text)?, text.place)));
    let right = unit.filter(|(unit, place)| paid_unit(desk, *unit, every, *place));
    let want = right.map(|(unit, _)| Type::number(unit));
    let value = desk.law((&text, table), schema, at, want.as_ref());
    let lines = table.texts("sum").into_iter();
    let sum = lines.map(|line| desk.template(&line, schema, at)).collect();
    Some(AmountRule {
        value: value?,
        text: text.value,
        every,
        round: match table.words("round").as_str() {
            "jiao" => Rounding::Jiao,
            "yuan" => Rounding::Yuan,
            _ => Rounding::Fen,
        },
        sum,
        starts: match table.words("from").as_str() {
            "the month of the application" => Starts::MonthOfApplication,
            "the month the right begins" => Starts::MonthOfEligibility,
            "at once" => Starts::AtOnce,
            _ => Starts::MonthAfterDecision,
        },
    })
}

/// What is paid every month is in 元/月, every year in 元/年, once in 元.
fn paid_unit(desk: &Desk<'_>, unit: Unit, every: Every, place: Place) -> bool {
    let wanted = match every {
        Every::Month => "元/月",
        Every::Year => "元/年",
        Every::Once => "元",
    };
    let same = wanted.parse::<Unit>().is_ok_and(|wanted| wanted == unit);
    if !same {
        let message = format!("这样发的钱，单位要写 {wanted}，这里是 {unit}");
        desk.fault(Fault::error("unit", place, message));
    }
    same
}

/// `[review] if = { when }`.
fn review_sooner(desk: &Desk<'_>, document: &Table, schema: &Schema, at: Level) -> Option<Typed> {
    let review = document.table("review")?;
    let rule = review.table("if")?.text("when")?;
    desk.suspicion((&rule, review), schema, at)
}

/// Under what name a service's verdict is known to the rules that read it.
pub(crate) fn verdict_id(service: &Slug) -> Slug {
    let name = format!("verdict__{service}").parse();
    name.unwrap_or_else(|_| service.clone())
}

/// The text of `verdict.SERVICE`: whether there is a right at all, so all conditions
/// but those by which it gives way.
pub(crate) fn verdict(desk: &Desk<'_>, benefit: &BenefitAt, schema: &Schema) -> Option<Typed> {
    let all: Vec<String> = benefit
        .benefit
        .conditions
        .iter()
        .filter(|condition| condition.gives_way.is_empty())
        .map(|condition| format!("({})", condition.text))
        .collect();
    let text = At::new(all.join(" and "), benefit.place);
    let at = level(benefit.benefit.beneficiary);
    match all.is_empty() {
        true => None,
        false => desk.rule(&text, schema, at),
    }
}
