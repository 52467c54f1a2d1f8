//! 「市场监管」 Companies, shops, licences: who owns what, and what is public of it.

use super::{Sheet, Source, text};
use crate::city::cell::Cell;
use crate::city::person::{Person, Work};
use chrono::{Datelike, Days};
use kernel::Uscc;

pub(super) const SOURCES: &[(&str, Source)] = &[
    ("shareholder", Source::Person(shareholder)),
    ("legal_rep", Source::Person(legal_rep)),
    ("individual_business", Source::Person(individual_business)),
    ("abnormal_list", Source::Organisation(abnormal_list)),
    ("food_licence", Source::Organisation(food_licence)),
    ("lift", Source::Organisation(lift)),
];

fn company_of(person: &Person) -> Option<(String, Uscc)> {
    let body = format!("91990482{:08}9", 50_000_000 + person.index);
    let code = Uscc::build(&body).ok()?;
    Some((format!("合成{:06}商贸有限公司", person.index), code))
}

fn shareholder(sheet: &mut Sheet<'_>, person: &Person) {
    let Some((name, code)) = company_of(person).filter(|_| owns_company(person)) else {
        return;
    };
    let cells = [
        ("company", text(name)),
        ("uscc", Cell::Organisation(code)),
        (
            "ratio",
            Cell::Decimal(3_000 + (sheet.roll(person, 1) % 7_000) as i64),
        ),
        ("amount", Cell::Money(person.assets.shares)),
        ("status", Cell::Word("active")),
    ];
    sheet.state(person, &cells);
}

fn owns_company(person: &Person) -> bool {
    person.assets.shares > 0 && person.present()
}

fn legal_rep(sheet: &mut Sheet<'_>, person: &Person) {
    let represents = owns_company(person) && sheet.is(person, 1, 6_000);
    let Some((name, code)) = company_of(person).filter(|_| represents) else {
        return;
    };
    let cells = [
        ("company", text(name)),
        ("uscc", Cell::Organisation(code)),
        ("capital", Cell::Money(person.assets.shares * 2)),
        ("status", Cell::Word("active")),
    ];
    sheet.state(person, &cells);
}

fn individual_business(sheet: &mut Sheet<'_>, person: &Person) {
    if !person.present() || person.work != Work::Business {
        return;
    }
    let code = Uscc::build(&format!("92990482{:08}9", 60_000_000 + person.index));
    let cells = [
        ("name", text(format!("合成{}小店", person.index))),
        ("uscc", code.map_or(Cell::Empty, Cell::Organisation)),
        ("status", Cell::Word("active")),
        ("date", Cell::Date(sheet.past(person, 1, 100, 4_000))),
        ("trade", text("零售")),
    ];
    sheet.state(person, &cells);
}

fn abnormal_list(sheet: &mut Sheet<'_>) {
    for company in sheet.city.companies.iter().filter(|c| c.index % 41 == 7) {
        let day = sheet.city.today - Days::new(u64::from(company.index) % 900 + 20);
        let cells = [
            ("company", text(company.name.clone())),
            ("date", Cell::Date(day)),
            ("reason", text("未按时报送年度报告")),
        ];
        sheet.organisation(company.code, company.index, &cells);
    }
}

fn food_licence(sheet: &mut Sheet<'_>) {
    for company in sheet.city.companies.iter().filter(|c| c.index % 9 == 2) {
        let until = sheet.city.today + Days::new(u64::from(company.index) % 1_500);
        let cells = [
            (
                "no",
                text(format!("合成食{}{:06}", until.year(), company.index)),
            ),
            ("name", text(company.name.clone())),
            ("valid_to", Cell::Date(until)),
        ];
        sheet.organisation(company.code, company.index, &cells);
    }
}

fn lift(sheet: &mut Sheet<'_>) {
    for company in sheet.city.companies.iter().filter(|c| c.index % 17 == 3) {
        let day = sheet.city.today - Days::new(u64::from(company.index) % 360 + 40);
        let cells = [
            ("no", text(format!("合成梯{:06}", company.index))),
            ("place", text(format!("{}厂区", company.name))),
            ("check_date", Cell::Date(day)),
        ];
        sheet.organisation(company.code, company.index, &cells);
    }
}
