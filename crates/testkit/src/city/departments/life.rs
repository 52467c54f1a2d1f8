//! 「生死、失踪、羁押、判决」 What takes people out of families: death and its
//! papers, custody, being lost, divorce.

use super::{Sheet, Source, text};
use crate::city::cell::Cell;
use crate::city::person::{Custody, Fate, Marital, Person, School};
use chrono::Days;

pub(super) const SOURCES: &[(&str, Source)] = &[
    ("hukou_change", Source::Person(hukou_change)),
    ("death_cancel", Source::Person(death_cancel)),
    ("death_cert", Source::Person(death_cert)),
    ("birth_cert", Source::Person(birth_cert)),
    ("missing_report", Source::Person(missing_report)),
    ("declare_missing", Source::Person(declare_missing)),
    ("custody_status", Source::Person(custody)),
    ("divorce_judgment", Source::Person(divorce_judgment)),
    ("support_execution", Source::Person(support_execution)),
];

fn hukou_change(sheet: &mut Sheet<'_>, person: &Person) {
    let (kind, day, place) = match person.fate {
        Fate::MovedOut(day) => ("move_out", day, "合成省合成市"),
        Fate::Present if !sheet.home(person).on_permit && sheet.age(person) == 0 => {
            ("birth", person.born + Days::new(20), "")
        }
        Fate::Present if !sheet.home(person).on_permit && sheet.is(person, 1, 40) => {
            let day = sheet.past(person, 2, 30, 1_000);
            ("move_in", day.max(person.born), "合成省邻县")
        }
        _ => return,
    };
    let place = if place.is_empty() {
        Cell::Empty
    } else {
        text(place)
    };
    let cells = [
        ("type", Cell::Word(kind)),
        ("date", Cell::Date(day)),
        ("place", place),
    ];
    sheet.push(person, day, &cells);
}

fn cause(sheet: &Sheet<'_>, person: &Person) -> &'static str {
    if sheet.age(person) < 60 && sheet.is(person, 7, 3_000) {
        "accident"
    } else {
        "illness"
    }
}

fn death_cancel(sheet: &mut Sheet<'_>, person: &Person) {
    let Fate::Died(day) = person.fate else {
        return;
    };
    let cancelled = day + Days::new(5);
    let cells = [
        ("date", Cell::Date(day)),
        ("cause_class", Cell::Word(cause(sheet, person))),
        ("cancelled_on", Cell::Date(cancelled)),
    ];
    sheet.push(person, cancelled, &cells);
}

fn death_cert(sheet: &mut Sheet<'_>, person: &Person) {
    let Fate::Died(day) = person.fate else {
        return;
    };
    let cells = [
        ("date", Cell::Date(day)),
        ("cause", text("合成死因")),
        ("hospital", text("合成市第一医院")),
    ];
    sheet.push(person, day, &cells);
}

fn birth_cert(sheet: &mut Sheet<'_>, person: &Person) {
    if person.mother.is_none() || sheet.age(person) > 10 {
        return;
    }
    let cells = [
        ("date", Cell::Date(person.born)),
        ("name", text(person.name.clone())),
        ("mother_id", sheet.number_of(person.mother)),
        ("father_id", sheet.number_of(person.father)),
        ("hospital", text("合成市妇幼保健院")),
    ];
    sheet.push(person, person.born, &cells);
}

fn missing_report(sheet: &mut Sheet<'_>, person: &Person) {
    let (day, status) = match person.fate {
        Fate::Lost(day) => (day, "open"),
        Fate::Present if sheet.age(person) > 70 && sheet.is(person, 1, 60) => {
            (sheet.past(person, 2, 20, 900), "found")
        }
        _ => return,
    };
    sheet.push(
        person,
        day,
        &[("date", Cell::Date(day)), ("status", Cell::Word(status))],
    );
}

/// A court can declare someone missing after two years (Civil Code art. 40).
fn declare_missing(sheet: &mut Sheet<'_>, person: &Person) {
    if let Fate::Lost(day) = person.fate {
        let declared = day + Days::new(800);
        let cells = [
            ("date", Cell::Date(declared)),
            ("type", Cell::Word("missing")),
        ];
        sheet.push(person, declared, &cells);
    }
}

fn custody(sheet: &mut Sheet<'_>, person: &Person) {
    let Fate::Custody(kind, day) = person.fate else {
        return;
    };
    let kind = match kind {
        Custody::Prison => "prison",
        Custody::Detention => "detention",
        Custody::Detox => "detox",
    };
    sheet.state(
        person,
        &[("type", Cell::Word(kind)), ("from", Cell::Date(day))],
    );
}

/// The divorced who must pay for children living with the other parent.
fn divorce_judgment(sheet: &mut Sheet<'_>, person: &Person) {
    let alone = sheet.home(person).shape == crate::city::household::Shape::LoneAdult;
    let pays = person.marital == Marital::Divorced && alone && sheet.is(person, 1, 3_000);
    if !pays || person.earnings == 0 || person.school == Some(School::College) {
        return;
    }
    let day = sheet.past(person, 2, 100, 2_000);
    let amount = sheet.yuan(person, 3, 4, 12);
    let amount = if let Cell::Money(fen) = amount {
        fen * 100
    } else {
        0
    };
    sheet.push(
        person,
        day,
        &[
            ("date", Cell::Date(day)),
            ("maintenance", Cell::Money(amount)),
        ],
    );
}

/// Single parents who get the other's support through the court.
fn support_execution(sheet: &mut Sheet<'_>, person: &Person) {
    let alone = sheet.home(person).shape == crate::city::household::Shape::SingleParent;
    let gets = alone && person.marital == Marital::Divorced && sheet.is(person, 1, 800);
    if !gets || !person.present() {
        return;
    }
    let month = sheet.month();
    let amount = Cell::Money(sheet.fen(person, 2, 4, 9) * 100);
    sheet.push(
        person,
        month.last_day(),
        &[("amount", amount), ("month", Cell::Month(month))],
    );
}
