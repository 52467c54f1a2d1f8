//! 「评估表的例子」 Answers typed, what is not written filled with the usual answer;
//! every example says score and grade; every band and every adjustment is tried.

use super::sheet::{Reading, number};
use crate::diagnostic::Fault;
use crate::sheet::SheetExample;
use crate::suggest::meant;
use crate::tree::{Table, Value as Written};
use engine_assessment::{Answer, Answers, Given, Sheet, Take, grade};
use kernel::Slug;
use std::collections::{BTreeMap, BTreeSet};

/// The examples of a sheet. `whole`: nothing is wrong with it, so what they try counts.
pub(super) fn examples(reading: &Reading<'_, '_>, sheet: &Sheet, whole: bool) -> Vec<SheetExample> {
    let usual = usual(reading, sheet);
    let rows = reading.table.tables("example").into_iter();
    let all: Vec<SheetExample> = rows
        .filter_map(|row| example(reading, sheet, &usual, row))
        .collect();
    if whole {
        tried(reading, sheet, &all);
    }
    all
}

/// What stands for questions an example does not write.
fn usual(reading: &Reading<'_, '_>, sheet: &Sheet) -> Answers {
    let rows = reading.table.tables("question");
    let written: BTreeMap<Slug, i64> = rows
        .iter()
        .filter_map(|row| Some((row.slug("id")?.value, number(row, "usual")?)))
        .collect();
    let each = sheet.questions.iter().map(|question| {
        let most = question.value.range().most;
        let value = written.get(&question.id).copied().unwrap_or(most);
        if !question.value.takes(value) {
            let place = reading.place_of(&question.id);
            let place = place.unwrap_or(reading.table.place);
            let message = format!("`usual` 写的 {value} 不是这道题的答案");
            reading
                .desk
                .fault(Fault::error("wrong_value", place, message));
        }
        (question.id.clone(), Answer::of(value))
    });
    each.collect()
}

fn example(
    reading: &Reading<'_, '_>,
    sheet: &Sheet,
    usual: &Answers,
    row: &Table,
) -> Option<SheetExample> {
    let title = row.text("title")?;
    let mut answers = usual.clone();
    for (name, node) in &row.table("answers")?.entries {
        let Some(question) = sheet.question(&name.value) else {
            let message = format!("没有叫“{}”的题", name.value);
            let ids = sheet.questions.iter().map(|one| one.id.as_str());
            let fault = Fault::error("unknown_name", name.place, message);
            let help = meant(&name.value, ids);
            reading.desk.fault(fault.maybe_help(help));
            continue;
        };
        let value = match &node.value {
            Written::Number(number) => number.parse::<i64>().ok(),
            _ => None,
        };
        match value.filter(|value| question.value.takes(*value)) {
            Some(value) => {
                answers.insert(question.id.clone(), Answer::of(value));
            }
            None => {
                let message = format!("“{}”没有这个答案", question.asks);
                reading
                    .desk
                    .fault(Fault::error("wrong_value", node.place, message));
            }
        }
    }
    let expect = row.table("expect")?;
    let grade = expect.slug("grade")?;
    let Some(at) = sheet.band_at(grade.value.as_str()) else {
        let message = format!("没有叫“{}”的等级", grade.value);
        let ids = sheet.bands.iter().map(|one| one.id.as_str());
        let fault = Fault::error("unknown_name", grade.place, message);
        let help = meant(grade.value.as_str(), ids);
        reading.desk.fault(fault.maybe_help(help));
        return None;
    };
    Some(SheetExample {
        title: title.value,
        answers,
        given: given(reading, sheet, row),
        score: reading.points(expect, "score")?,
        grade: at,
        at: reading.desk.sources.spot(title.place),
    })
}

fn given(reading: &Reading<'_, '_>, sheet: &Sheet, row: &Table) -> Given {
    let mut given = Given::new();
    for measure in &sheet.measures {
        let Take::Earlier { .. } = measure.take else {
            continue;
        };
        let table = row.table("given");
        match table.and_then(|table| reading.points(table, measure.id.as_str())) {
            Some(points) => {
                given.insert(measure.id.clone(), points);
            }
            None => {
                let message = format!("例子要在 given 里写 `{}`", measure.id);
                let fault = Fault::error("missing_key", row.place, message);
                reading.desk.fault(fault);
            }
        }
    }
    given
}

fn tried(reading: &Reading<'_, '_>, sheet: &Sheet, examples: &[SheetExample]) {
    let grades: BTreeSet<usize> = examples.iter().map(|one| one.grade).collect();
    let applied: BTreeSet<Slug> = examples
        .iter()
        .filter_map(|one| grade(sheet, &one.answers, &one.given))
        .flat_map(|outcome| outcome.applied)
        .map(|one| one.id)
        .collect();
    let untried = |id: &Slug, message: String| {
        let place = reading.place_of(id).unwrap_or(reading.table.place);
        let fault = Fault::error("untried", place, message);
        reading.desk.fault(fault.help("请加一个 [[example]]"));
    };
    for (at, band) in sheet.bands.iter().enumerate() {
        if !grades.contains(&at) {
            untried(&band.id, format!("没有例子评出“{}”", band.name));
        }
    }
    for adjust in &sheet.adjusts {
        if !applied.contains(&adjust.id) {
            untried(&adjust.id, format!("没有例子试过“{}”", adjust.says));
        }
    }
}
