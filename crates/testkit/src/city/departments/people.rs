//! 「公安、卫健、法院」 Who people are: registration, life and death, custody,
//! cars, families broken by judgment.

use super::{Sheet, Source, text};
use crate::city::cell::Cell;
use crate::city::person::{Marital, Person, Work};
use chrono::Days;
use kernel::{Relation, Sex};

pub(super) const SOURCES: &[(&str, Source)] = &[
    ("hukou_person", Source::Person(hukou_person)),
    ("residence_permit", Source::Person(residence_permit)),
    ("vehicle", Source::Person(vehicle)),
    ("driver_licence", Source::Person(driver_licence)),
    ("border_trips", Source::Person(border_trips)),
    ("rental_house", Source::Person(rental_house)),
    ("household_split", Source::Person(household_split)),
    ("id_card_status", Source::Person(id_card)),
];

/// The classes of GB/T 4761 as the catalogue lists them.
fn relation_code(relation: Relation) -> &'static str {
    match relation.code() {
        1 | 2 => "self",
        10..=12 => "spouse",
        20..=39 => "child",
        40..=49 => "grandchild",
        50..=59 => "parent",
        60..=69 => "grandparent",
        70..=79 => "sibling",
        _ => "other",
    }
}

fn ethnic(sheet: &Sheet<'_>, person: &Person) -> &'static str {
    match sheet.roll(person, 90) % 1_000 {
        0..6 => "hui",
        6..14 => "miao",
        14..19 => "tujia",
        19..23 => "she",
        23..26 => "zhuang",
        _ => "han",
    }
}

fn work_word(person: &Person) -> &'static str {
    if person.school.is_some() {
        return "学生";
    }
    match person.work {
        Work::Outside if person.pension.total() > 0 => "退休",
        Work::Outside => "其他",
        Work::Employed(_) => "职工",
        Work::Public => "公职人员",
        Work::Flexible => "自由职业",
        Work::Business => "个体经营",
        Work::Farmer => "农民",
        Work::Unemployed => "无业",
        Work::Home => "料理家务",
    }
}

fn address(sheet: &Sheet<'_>, person: &Person) -> String {
    let home = sheet.home(person);
    let village = &sheet.city.villages[home.village as usize];
    format!("{}合成路{}号", village.name, home.house)
}

fn hukou_person(sheet: &mut Sheet<'_>, person: &Person) {
    if !sheet.registered(person) {
        return;
    }
    let home = sheet.home(person);
    let village = &sheet.city.villages[home.village as usize];
    let marital = match person.marital {
        Marital::Single => "single",
        Marital::Married => "married",
        Marital::Widowed => "widowed",
        Marital::Divorced => "divorced",
    };
    let sex = if person.sex == Sex::Male {
        "male"
    } else {
        "female"
    };
    // 1400…: numbers of machines, never of a person's telephone.
    let phone = format!("1400{:07}", person.index % 10_000_000);
    let adult = sheet.age(person) >= 16;
    let mut cells = vec![
        ("name", text(person.name.clone())),
        ("sex", Cell::Word(sex)),
        ("birth", Cell::Date(person.born)),
        ("ethnic", Cell::Word(ethnic(sheet, person))),
        ("address", text(address(sheet, person))),
        ("region", Cell::Region(village.code)),
        ("household_no", text(format!("H{:07}", home.index + 1))),
        ("relation", Cell::Word(relation_code(person.relation))),
        ("marital", Cell::Word(marital)),
        (
            "hukou_type",
            Cell::Word(if home.rural { "rural" } else { "urban" }),
        ),
        ("father_id", sheet.number_of(person.father)),
        ("mother_id", sheet.number_of(person.mother)),
        ("work", text(work_word(person))),
    ];
    if adult {
        cells.push(("phone", text(phone)));
    }
    sheet.state(person, &cells);
}

fn residence_permit(sheet: &mut Sheet<'_>, person: &Person) {
    let home = sheet.home(person);
    if !home.on_permit || !person.present() {
        return;
    }
    let village = &sheet.city.villages[home.village as usize];
    let cells = [
        ("no", text(format!("合成居{:08}", person.index + 1))),
        ("name", text(person.name.clone())),
        ("household_no", text(format!("J{:07}", home.index + 1))),
        ("relation", Cell::Word(relation_code(person.relation))),
        ("address", text(address(sheet, person))),
        ("region", Cell::Region(village.code)),
        (
            "valid_to",
            Cell::Date(sheet.city.today + Days::new(30 + sheet.roll(person, 1) % 330)),
        ),
    ];
    sheet.state(person, &cells);
}

fn vehicle(sheet: &mut Sheet<'_>, person: &Person) {
    if !person.present() {
        return;
    }
    let nth = person.index;
    if person.assets.cars > 0 {
        let value = sheet.yuan(person, 1, 18_000, 210_000);
        put_vehicle(
            sheet,
            person,
            ("car", "private"),
            format!("合F·C{nth:06}"),
            value,
        );
    }
    let works = matches!(person.work, Work::Farmer | Work::Business);
    if works && sheet.is(person, 2, 2_500) {
        let kind = if person.work == Work::Farmer {
            "farm"
        } else {
            "truck"
        };
        let value = sheet.yuan(person, 3, 4_000, 45_000);
        put_vehicle(
            sheet,
            person,
            (kind, "work"),
            format!("合F·W{nth:06}"),
            value,
        );
    }
    if person.disability.is_some_and(|d| d.category == 4) && sheet.is(person, 4, 1_200) {
        let value = sheet.yuan(person, 5, 2_000, 6_000);
        put_vehicle(
            sheet,
            person,
            ("scooter", "private"),
            format!("合F·S{nth:06}"),
            value,
        );
    }
}

fn put_vehicle(
    sheet: &mut Sheet<'_>,
    person: &Person,
    (kind, usage): (&'static str, &'static str),
    plate: String,
    value: Cell,
) {
    let cells = [
        ("plate", text(plate)),
        ("type", Cell::Word(kind)),
        ("brand", text("合成牌")),
        (
            "register_date",
            Cell::Date(sheet.past(person, 6, 40, 3_600)),
        ),
        ("value_est", value),
        ("use", Cell::Word(usage)),
        ("status", Cell::Word("normal")),
    ];
    sheet.state(person, &cells);
}

fn driver_licence(sheet: &mut Sheet<'_>, person: &Person) {
    let age = sheet.age(person);
    let drives = person.assets.cars > 0 || (person.earnings > 0 && sheet.is(person, 1, 5_500));
    if person.present() && drives && (18..75).contains(&age) {
        let status = if sheet.is(person, 2, 300) {
            "expired"
        } else {
            "valid"
        };
        sheet.state(
            person,
            &[("class", text("C1")), ("status", Cell::Word(status))],
        );
    }
}

fn border_trips(sheet: &mut Sheet<'_>, person: &Person) {
    let standing = sheet.home(person).standing;
    if !person.present() || standing < 2_000 || !sheet.is(person, 1, u64::from(standing) / 5) {
        return;
    }
    let count = 1 + (sheet.roll(person, 2) % 4) as i64;
    let cells = [
        ("count_12m", Cell::Int(count)),
        ("last_date", Cell::Date(sheet.past(person, 3, 35, 330))),
        ("purpose", Cell::Word("tourism")),
    ];
    sheet.state(person, &cells);
}

fn rental_house(sheet: &mut Sheet<'_>, person: &Person) {
    if person.assets.homes < 2 || !person.present() || !sheet.is(person, 1, 5_000) {
        return;
    }
    let cells = [
        ("address", text(format!("{}东侧", address(sheet, person)))),
        ("owner", text(person.name.clone())),
        ("rent", super::property::rent(sheet, person)),
        ("status", Cell::Word("active")),
    ];
    sheet.state(person, &cells);
}

fn household_split(sheet: &mut Sheet<'_>, person: &Person) {
    if person.lives_away && sheet.registered(person) {
        sheet.state(person, &[("flag", Cell::Bool(true))]);
    }
}

fn id_card(sheet: &mut Sheet<'_>, person: &Person) {
    if !sheet.registered(person) || sheet.age(person) < 6 {
        return;
    }
    let cells = [
        (
            "valid_to",
            Cell::Date(sheet.city.today + Days::new(sheet.roll(person, 1) % 5_000)),
        ),
        ("lost", Cell::Bool(sheet.is(person, 2, 60))),
    ];
    sheet.state(person, &cells);
}
