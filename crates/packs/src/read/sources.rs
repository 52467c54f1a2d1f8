//! 「来源」 How a fact is read from a department's records of a person.

use super::catalogue::{category_named, field_named, only, word};
use super::scope::Kind;
use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::model::{FactSource, Take};
use crate::place::Place;
use crate::tree::Table;
use engine_pool::{Catalogue, Category, FieldType};
use expr::Type;
use kernel::Slug;

pub(crate) fn sources(
    desk: &Desk<'_>,
    table: &Table,
    kind: &Kind,
    catalogue: &Catalogue,
) -> Vec<FactSource> {
    let rows = table.tables("from").into_iter();
    rows.filter_map(|row| source(desk, row, kind, catalogue))
        .collect()
}

fn source(desk: &Desk<'_>, row: &Table, kind: &Kind, catalogue: &Catalogue) -> Option<FactSource> {
    let name = row.slug("category")?;
    let (owner, category) = category_named(desk, catalogue, &name)?;
    let take = word(row, "take").unwrap_or(Take::Latest);
    let field = row.slug("field");
    let needs_field = !matches!(take, Take::Count | Take::Exists);
    match (&field, needs_field) {
        (Some(name), true) => {
            let found = if name.value.as_str() == "as_of" {
                Some(&FieldType::Date)
            } else {
                field_named(desk, category, name).map(|found| &found.ty)
            };
            fits(desk, found?, &kind.ty, name.place);
        }
        (Some(name), false) => {
            field_named(desk, category, name)?;
        }
        (None, true) => {
            let message = "少了 `field`（取哪个字段）；只数条数请写 take = \"count\" 或 \"exists\"";
            desk.fault(Fault::error("missing_key", row.place, message));
            return None;
        }
        (None, false) => {}
    }
    taken_type(desk, row, take, &kind.ty);
    let date = date_field(desk, row, category)?;
    let absent = row.get("absent");
    Some(FactSource {
        department: owner.id.clone(),
        category: category.id.clone(),
        take,
        field: field.map(|field| field.value),
        within_months: row.months("within"),
        date,
        only: only(desk, category, row),
        absent: absent.and_then(|node| desk.value(node, &kind.ty, kind.percent)),
    })
}

/// The field `within` looks at: `as_of`, or a date of the category.
fn date_field(desk: &Desk<'_>, row: &Table, category: &Category) -> Option<Slug> {
    let Some(name) = row.slug("date") else {
        return "as_of".parse().ok();
    };
    if name.value.as_str() != "as_of" {
        let found = field_named(desk, category, &name)?;
        if !matches!(found.ty, FieldType::Date | FieldType::Month) {
            let message = format!("字段“{}”不是日期", found.name);
            desk.fault(Fault::error("wrong_type", name.place, message));
        }
    }
    Some(name.value)
}

/// Whether what is taken can be of the fact's type.
fn taken_type(desk: &Desk<'_>, row: &Table, take: Take, ty: &Type) {
    let good = match take {
        Take::Exists => matches!(ty, Type::Bool),
        Take::Count | Take::Sum => matches!(ty, Type::Number { .. }),
        Take::Max | Take::Min => matches!(ty, Type::Number { .. } | Type::Date),
        Take::Latest => true,
    };
    if !good {
        let message = format!("take = \"{}\" 得不到{ty}", row.words("take"));
        desk.fault(Fault::error("wrong_type", row.place_of("take"), message));
    }
}

/// Whether a column can become a value of the type.
pub(crate) fn fits(desk: &Desk<'_>, field: &FieldType, ty: &Type, place: Place) {
    let good = match (field, ty) {
        (FieldType::Money | FieldType::Int | FieldType::Decimal, Type::Number { .. }) => true,
        (FieldType::Date | FieldType::Month, Type::Date) => true,
        (FieldType::Bool, Type::Bool) => true,
        (FieldType::Code(codes), Type::Code(set)) => {
            let strange: Vec<&str> = codes
                .keys()
                .map(Slug::as_str)
                .filter(|code| set.number_of(code).is_none())
                .collect();
            if !strange.is_empty() {
                let message = format!("代码集“{}”里没有：{}", set.label, strange.join("、"));
                desk.fault(Fault::error("wrong_type", place, message));
            }
            true
        }
        _ => false,
    };
    if !good {
        let message = format!("这个字段不能当作{ty}");
        desk.fault(Fault::error("wrong_type", place, message));
    }
}
