//! 「试评估表」 Every example of every sheet: counted and graded as any assessment is.

use super::Tried;
use engine_assessment::{Points, Sheet, grade, missing};
use packs::{Pack, SheetExample};

/// Tries every example of a pack's sheets.
pub(super) fn try_sheets(pack: &Pack) -> Vec<Tried> {
    let entries = pack.sheets().iter();
    let each = entries.flat_map(|entry| entry.examples.iter().map(move |one| (entry, one)));
    each.map(|(entry, example)| Tried {
        service: entry.sheet.id.clone(),
        title: example.title.clone(),
        at: example.at.to_string(),
        faults: faults(&entry.sheet, example),
        judgement: None,
    })
    .collect()
}

fn faults(sheet: &Sheet, example: &SheetExample) -> Vec<String> {
    let Some(outcome) = grade(sheet, &example.answers, &example.given) else {
        let open = missing(sheet, &example.answers);
        let open: Vec<&str> = open.iter().map(|one| one.asks.as_str()).collect();
        return vec![format!("定不了级，缺：{}", open.join("、"))];
    };
    let should = said(sheet, example.score, example.grade);
    let told = said(sheet, outcome.score, outcome.grade);
    match should == told {
        true => Vec::new(),
        false => vec![format!("应当 {should}，实际 {told}")],
    }
}

fn said(sheet: &Sheet, score: Points, grade: usize) -> String {
    let name = sheet.band(grade).map_or("没有这个等级", |band| &band.name);
    format!("{score} 分，{name}")
}
