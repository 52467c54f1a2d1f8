//! 「办件清单」 The open cases of a place, searched and filtered, and the same list as
//! a spreadsheet. A number is looked up by its last four digits among those whose
//! cases are in the list already: nobody else can be found this way.

use crate::worklist::WorkLine;
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record, RecordState};
use engine_case::DeadlineStanding;
use kernel::{FieldLevel, PersonId, RegionCode};
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use std::collections::BTreeSet;
use store::{RegisterSlice, Tx};

/// More people in one file need a second person (trust.md §2).
pub const EXPORT_PEOPLE_MAX: usize = 100;

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// A name, a case number, the last four of an identity number.
    pub text: String,
    /// A service by id; empty: all.
    pub service: String,
    /// A stage in words; empty: all.
    pub stage: String,
    /// `late`, `soon`, `calm`; empty: all.
    pub deadline: String,
}

impl Wanted {
    fn fits(&self, line: &WorkLine, by_number: &BTreeSet<PersonId>) -> bool {
        let text = self.text.trim();
        let found = text.is_empty()
            || line.applicant_name.contains(text)
            || line.place.contains(text)
            || line.case.to_string() == text
            || by_number.contains(&line.applicant);
        let standing = line.deadline.map(|one| one.standing);
        let due = match self.deadline.as_str() {
            "late" => standing == Some(DeadlineStanding::Overdue),
            "soon" => standing == Some(DeadlineStanding::DueSoon),
            "calm" => standing == Some(DeadlineStanding::OnTime),
            _ => true,
        };
        found
            && due
            && (self.service.is_empty() || line.service.as_str() == self.service)
            && (self.stage.is_empty() || line.stage == self.stage)
    }

    /// The last four of an identity number, when that is what was typed.
    fn last_four(&self) -> Option<&str> {
        let text = self.text.trim();
        let tail = |c: char| c.is_ascii_digit() || c == 'X' || c == 'x';
        (text.len() == 4 && text.chars().all(tail)).then_some(text)
    }
}

impl App {
    /// 办件清单 Open cases of a place that fit; and all of them, for the filters.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn find_cases(
        &self,
        ctx: &Context,
        region: RegionCode,
        wanted: &Wanted,
    ) -> Result<(Vec<WorkLine>, Vec<WorkLine>)> {
        let all = self.worklist(ctx, region).await?;
        let by_number = match wanted.last_four() {
            Some(digits) => self.with_last_four(ctx, region, &all, digits).await?,
            None => BTreeSet::new(),
        };
        let found = all.iter().filter(|line| wanted.fits(line, &by_number));
        Ok((found.cloned().collect(), all.clone()))
    }

    /// Which of the applicants have a number that ends so. What was typed goes into
    /// no record; that somebody looked does.
    async fn with_last_four(
        &self,
        ctx: &Context,
        region: RegionCode,
        lines: &[WorkLine],
        digits: &str,
    ) -> Result<BTreeSet<PersonId>> {
        let people: BTreeSet<PersonId> = lines.iter().map(|line| line.applicant).collect();
        let (ctx, now, digits) = (ctx.clone(), self.now(), digits.to_uppercase());
        self.db
            .look(async move |tx: &mut Tx| {
                let slice = RegisterSlice {
                    people: people.clone(),
                    ..RegisterSlice::default()
                };
                let register = tx.register(&slice).await?.state;
                let config = engine_registry::Config::default();
                let ends = |person: &&engine_registry::Person| {
                    let number = person.number(&config);
                    number.is_some_and(|number| number.reveal().ends_with(&digits))
                };
                let found = register.people.values().filter(ends);
                let found: BTreeSet<PersonId> = found.map(|person| person.id).collect();
                let subject = format!("region:{region}");
                ctx.record(tx, "worklist.by_number", &subject, &found.len(), now)
                    .await?;
                Ok::<_, AppError>(found)
            })
            .await
    }

    /// 导出 The list as a spreadsheet: names and days, no number of anybody.
    ///
    /// # Errors
    /// A refusal; more people than one person may take out alone; the store's.
    pub async fn export_cases(
        &self,
        ctx: &Context,
        region: RegionCode,
        wanted: &Wanted,
    ) -> Result<Vec<u8>> {
        let duty = Context {
            purpose: engine_access::Purpose::Duty,
            ..ctx.clone()
        };
        let (lines, _) = self.find_cases(&duty, region, wanted).await?;
        let people: usize = lines.iter().map(|line| line.people).sum();
        if people > EXPORT_PEOPLE_MAX {
            let says = format!(
                "这份清单有 {people} 人，超过 {EXPORT_PEOPLE_MAX} 人要两个人一起导出，现在还办不了。\
                 请用筛选缩小范围再导出"
            );
            return Err(AppError::BadInput(says));
        }
        let (ctx, now) = (ctx.clone(), self.now());
        self.db
            .look(async move |tx: &mut Tx| {
                let record = Record {
                    region: Some(region),
                    subjects: Vec::new(),
                    state: RecordState::None,
                    level: FieldLevel::L2,
                };
                ctx.authorise(tx, Action::Export, record, &[], now).await?;
                let subject = format!("region:{region}");
                ctx.record(tx, "worklist.exported", &subject, &people, now)
                    .await?;
                Ok::<_, AppError>(())
            })
            .await?;
        sheet(&lines).map_err(|why| AppError::Fault(why.to_string()))
    }
}

const COLUMNS: [&str; 8] = [
    "办件号",
    "申请人",
    "几口人",
    "住在",
    "事项",
    "到哪一步",
    "期限",
    "答应的日子",
];

fn sheet(lines: &[WorkLine]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("办件")?;
    let bold = Format::new().set_bold();
    for (column, name) in (0_u16..).zip(COLUMNS) {
        sheet.write_string_with_format(0, column, name, &bold)?;
    }
    for (row, line) in (1_u32..).zip(lines) {
        let day = |day: Option<kernel::Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let cells = [
            line.case.to_string(),
            line.applicant_name.clone(),
            line.people.to_string(),
            line.place.clone(),
            line.service_name.clone(),
            line.stage.to_owned(),
            day(line.deadline.map(|one| one.due)),
            day(line.promised),
        ];
        for (column, cell) in (0_u16..).zip(cells) {
            sheet.write_string(row, column, harmless(cell))?;
        }
    }
    book.save_to_buffer()
}

/// A cell that begins like a formula is text with a mark before it, also when the
/// file is saved as CSV later.
fn harmless(cell: String) -> String {
    match cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{cell}"),
        false => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_like_a_formula_is_text() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("+86", "'+86"),
            ("-1", "'-1"),
            ("@a", "'@a"),
            ("\t=1", "'\t=1"),
            ("张三", "张三"),
            ("", ""),
        ] {
            assert_eq!(harmless(cell.to_owned()), written);
        }
    }
}
