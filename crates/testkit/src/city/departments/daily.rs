//! 「教育、水电气、财政、交通」 School and what every household uses.

use super::{Sheet, Source, text, year, yuan};
use crate::city::cell::Cell;
use crate::city::person::{Person, School, Work};
use chrono::{Datelike, Days};
use kernel::Date;

pub(super) const SOURCES: &[(&str, Source)] = &[
    ("student_status", Source::Person(student)),
    ("school_fee", Source::Person(school_fee)),
    ("college_admission", Source::Person(admission)),
    ("water_use", Source::Person(water)),
    ("power_use", Source::Person(power)),
    ("gas_use", Source::Person(gas)),
    ("cable_tv", Source::Person(cable)),
    ("telecom_fee", Source::Person(telecom)),
    ("utility_discount", Source::Person(discount)),
    ("one_card_pay", Source::Person(one_card)),
    ("bus_concession", Source::Person(bus)),
    ("driver_job", Source::Person(driver_job)),
];

fn stage(school: School) -> &'static str {
    match school {
        School::Preschool => "preschool",
        School::Compulsory => "compulsory",
        School::SeniorHigh => "senior_high",
        School::College => "college",
        School::Postgraduate => "postgraduate",
    }
}

fn school_name(sheet: &Sheet<'_>, person: &Person, school: School) -> String {
    let nth = sheet.home(person).village % 30 + 1;
    match school {
        School::Preschool => format!("合成第{nth}幼儿园"),
        School::Compulsory => format!("合成第{nth}学校"),
        School::SeniorHigh => format!("合成第{}中学", nth % 6 + 1),
        School::College | School::Postgraduate => format!("合成第{}大学", nth % 9 + 1),
    }
}

fn in_school(person: &Person) -> Option<School> {
    person.school.filter(|_| person.present())
}

fn student(sheet: &mut Sheet<'_>, person: &Person) {
    let Some(school) = in_school(person) else {
        return;
    };
    let boards = school >= School::College || sheet.is(person, 1, 1_500);
    let cells = [
        ("school", text(school_name(sheet, person, school))),
        ("grade", Cell::Word(stage(school))),
        ("year", year(sheet.past(person, 2, 90, 1_000))),
        ("boarding", Cell::Bool(boards)),
        ("full_time", Cell::Bool(true)),
        ("status", Cell::Word("enrolled")),
    ];
    sheet.state(person, &cells);
}

/// The first day of the school year that is under way.
fn term_start(sheet: &Sheet<'_>) -> Date {
    let today = sheet.city.today;
    let year = if today.month() >= 9 {
        today.year()
    } else {
        today.year() - 1
    };
    Date::from_ymd_opt(year, 9, 1).unwrap_or(today)
}

fn school_fee(sheet: &mut Sheet<'_>, person: &Person) {
    let Some(school) = in_school(person) else {
        return;
    };
    // Compulsory school is free; the rest is what public schools ask [assumed].
    let amount = match school {
        School::Compulsory => 0,
        School::Preschool => yuan(4_800),
        School::SeniorHigh => yuan(2_600),
        School::College => yuan(6_800),
        School::Postgraduate => yuan(9_200),
    };
    if amount == 0 {
        return;
    }
    let cells = [
        ("school", text(school_name(sheet, person, school))),
        ("level", Cell::Word(stage(school))),
        ("amount", Cell::Money(amount)),
    ];
    // The file of last year cannot speak of this autumn: then it speaks of the one before.
    let mut day = term_start(sheet);
    if day > sheet.as_of {
        day = Date::from_ymd_opt(day.year() - 1, 9, 1).unwrap_or(day);
    }
    sheet.push(person, day, &cells);
}

fn admission(sheet: &mut Sheet<'_>, person: &Person) {
    if in_school(person) == Some(School::College) && sheet.age(person) <= 19 {
        let day = term_start(sheet);
        let cells = [
            ("school", text(school_name(sheet, person, School::College))),
            ("year", year(day)),
            ("level", Cell::Word("bachelor")),
        ];
        sheet.push(person, day, &cells);
    }
}

fn heads(sheet: &Sheet<'_>, person: &Person) -> i64 {
    i64::from(sheet.home(person).size)
}

fn metered(
    sheet: &mut Sheet<'_>,
    person: &Person,
    field: &'static str,
    per_head: (i64, i64),
    fen_per_unit: i64,
) {
    if !sheet.keeps_the_house(person) {
        return;
    }
    let (low, high) = per_head;
    let each = low + (sheet.roll(person, 1) % (high - low + 1) as u64) as i64;
    let volume = each * heads(sheet, person);
    let month = sheet.month();
    let cells = [
        ("month", Cell::Month(month)),
        (field, Cell::Decimal(volume * 100)),
        ("fee", Cell::Money(volume * fen_per_unit)),
    ];
    sheet.push(person, month.last_day(), &cells);
}

fn water(sheet: &mut Sheet<'_>, person: &Person) {
    metered(sheet, person, "volume", (2, 6), 285);
}

fn power(sheet: &mut Sheet<'_>, person: &Person) {
    metered(sheet, person, "kwh", (35, 140), 54);
}

fn gas(sheet: &mut Sheet<'_>, person: &Person) {
    if !sheet.home(person).rural || sheet.home(person).village.is_multiple_of(2) {
        metered(sheet, person, "volume", (3, 9), 310);
    }
}

fn cable(sheet: &mut Sheet<'_>, person: &Person) {
    if sheet.keeps_the_house(person) && sheet.is(person, 1, 5_500) {
        sheet.state(
            person,
            &[
                ("status", Cell::Word("active")),
                ("fee", Cell::Money(yuan(18))),
            ],
        );
    }
}

fn telecom(sheet: &mut Sheet<'_>, person: &Person) {
    let age = sheet.age(person);
    if !(12..88).contains(&age) || !person.present() || sheet.is(person, 1, 600) {
        return;
    }
    let month = sheet.month();
    let fee = sheet.yuan(person, 2, 9, 139);
    sheet.push(
        person,
        month.last_day(),
        &[("month", Cell::Month(month)), ("fee", fee)],
    );
}

fn discount(sheet: &mut Sheet<'_>, person: &Person) {
    let aided = sheet.home(person).aid.is_some_and(|aid| aid.amount > 0);
    if aided && sheet.keeps_the_house(person) {
        for (item, amount) in [("water", yuan(9)), ("power", 8_10)] {
            let cells = [("item", Cell::Word(item)), ("amount", Cell::Money(amount))];
            sheet.state(person, &cells);
        }
    }
}

fn one_card(sheet: &mut Sheet<'_>, person: &Person) {
    let home = sheet.home(person);
    let month = sheet.month();
    let day = month.first_day() + Days::new(9);
    let card = crate::city::card_of(person.index);
    let mut pay = |item: &str, amount: i64| {
        let cells = [
            ("item", text(item)),
            ("amount", Cell::Money(amount)),
            ("date", Cell::Date(day)),
            ("card", text(card.clone())),
        ];
        sheet.push(person, day, &cells);
    };
    if let Some(aid) = home.aid.filter(|aid| aid.amount > 0)
        && home.first == person.index
        && person.present()
    {
        pay("最低生活保障金", aid.amount);
    }
    if person.benefits.disability_living {
        pay("困难残疾人生活补贴", yuan(332));
    }
    if person.benefits.orphan || person.benefits.unattended {
        pay("孤儿和事实无人抚养儿童基本生活费", yuan(2_100));
    }
}

fn bus(sheet: &mut Sheet<'_>, person: &Person) {
    if sheet.age(person) >= 65 && person.present() && sheet.is(person, 1, 5_000) {
        let month = sheet.month();
        let count = Cell::Int(2 + (sheet.roll(person, 2) % 48) as i64);
        let cells = [("month_count", count), ("month", Cell::Month(month))];
        sheet.push(person, month.last_day(), &cells);
    }
}

fn driver_job(sheet: &mut Sheet<'_>, person: &Person) {
    if person.work != Work::Flexible || !person.present() || !sheet.is(person, 1, 1_500) {
        return;
    }
    let day = sheet.past(person, 2, 100, 1_500);
    let cells = [
        ("platform", text("合成出行")),
        ("date", Cell::Date(day)),
        ("monthly_income", Cell::Money(person.earnings)),
    ];
    sheet.push(person, day, &cells);
}
