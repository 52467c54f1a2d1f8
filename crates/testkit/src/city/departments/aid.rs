//! 「民政」 Benefits the household and its people receive, and what else civil
//! affairs knows.

use super::{Sheet, Source, text, yuan};
use crate::city::cell::Cell;
use crate::city::household::AidKind;
use crate::city::person::{Fate, Marital, Person};
use chrono::{Datelike, Days};
use kernel::{Sex, months_after};

pub(super) const SOURCES: &[(&str, Source)] = &[
    ("dibao_member", Source::Person(dibao_member)),
    ("edge_member", Source::Person(edge_member)),
    ("rigid_expense_household", Source::Person(rigid_expense)),
    ("tekun_person", Source::Person(tekun)),
    ("orphan_allowance", Source::Person(orphan)),
    ("defacto_unattended", Source::Person(unattended)),
    ("child_in_difficulty", Source::Person(child_in_difficulty)),
    ("left_behind_child", Source::Person(left_behind)),
    ("disability_living", Source::Person(disability_living)),
    ("disability_nursing", Source::Person(disability_nursing)),
    ("age_allowance", Source::Person(age_allowance)),
    ("elder_service_subsidy", Source::Person(elder_service)),
    ("elder_assessment", Source::Person(elder_assessment)),
    ("institution_resident", Source::Person(institution)),
    ("marriage_record", Source::Person(marriage)),
    ("cremation_record", Source::Person(cremation)),
];

const CHILD_MONTH: i64 = 2_100;

fn aid_of(
    sheet: &Sheet<'_>,
    person: &Person,
    kind: AidKind,
) -> Option<crate::city::household::Aid> {
    let aid = sheet.home(person).aid?;
    (aid.kind == kind && person.present()).then_some(aid)
}

fn household_no(sheet: &Sheet<'_>, person: &Person) -> String {
    format!("H{:07}", sheet.home(person).index + 1)
}

fn dibao_member(sheet: &mut Sheet<'_>, person: &Person) {
    let Some(aid) = aid_of(sheet, person, AidKind::Living) else {
        return;
    };
    let home = household_no(sheet, person);
    let cells = [
        ("certificate_no", text(format!("合成低保{}", &home[1..]))),
        ("household_id", text(home)),
        ("member_id", text(format!("M{:08}", person.index + 1))),
        ("relation", text(person.relation.label())),
        ("amount", Cell::Money(aid.amount)),
        ("start", Cell::Date(aid.since)),
        ("status", Cell::Word("active")),
    ];
    sheet.state(person, &cells);
}

fn edge_member(sheet: &mut Sheet<'_>, person: &Person) {
    let Some(aid) = aid_of(sheet, person, AidKind::Edge) else {
        return;
    };
    let cells = [
        ("household_id", text(household_no(sheet, person))),
        ("valid_from", Cell::Date(aid.since)),
        ("valid_to", Cell::Date(aid.since + Days::new(365))),
        ("status", Cell::Word("active")),
    ];
    sheet.state(person, &cells);
}

fn rigid_expense(sheet: &mut Sheet<'_>, person: &Person) {
    let Some(aid) = aid_of(sheet, person, AidKind::RigidExpense) else {
        return;
    };
    let cells = [
        ("household_id", text(household_no(sheet, person))),
        ("valid_from", Cell::Date(aid.since)),
        ("valid_to", Cell::Date(aid.since + Days::new(364))),
        (
            "ratio",
            Cell::Decimal(60 + i64::from(sheet.home(person).index % 35)),
        ),
    ];
    sheet.state(person, &cells);
}

fn tekun(sheet: &mut Sheet<'_>, person: &Person) {
    if !person.benefits.tekun || !person.alive() {
        return;
    }
    let care = match person.dependence {
        None => "full",
        Some(1 | 2) => "partial",
        Some(_) => "none",
    };
    let mode = if person.dependence.is_some_and(|grade| grade >= 3) {
        "centralised"
    } else {
        "scattered"
    };
    let cells = [
        ("mode", Cell::Word(mode)),
        ("self_care_level", Cell::Word(care)),
        ("amount", Cell::Money(yuan(1_560))),
        ("start", Cell::Date(sheet.past(person, 1, 100, 2_400))),
        ("status", Cell::Word("active")),
    ];
    sheet.state(person, &cells);
}

fn orphan(sheet: &mut Sheet<'_>, person: &Person) {
    if !person.benefits.orphan {
        return;
    }
    let alone = sheet.home(person).size == 1;
    let (class, amount) = if alone {
        ("centralised", CHILD_MONTH * 125)
    } else {
        ("scattered", CHILD_MONTH * 100)
    };
    let guardian = guardian(sheet, person);
    monthly_child(sheet, person, "class", Cell::Word(class), amount, guardian);
}

fn unattended(sheet: &mut Sheet<'_>, person: &Person) {
    if !person.benefits.unattended {
        return;
    }
    let fate = |parent: Option<u32>| {
        let parent = parent.and_then(|at| sheet.city.people.get(at as usize));
        parent.map_or(Fate::Present, |parent| parent.fate)
    };
    let pair = match (fate(person.father), fate(person.mother)) {
        (Fate::Died(_), Fate::Lost(_)) | (Fate::Lost(_), Fate::Died(_)) => "dead_lost",
        (Fate::Died(_), Fate::Custody(..)) | (Fate::Custody(..), Fate::Died(_)) => "dead_prison",
        (Fate::Custody(..), Fate::Custody(..)) => "prison_prison",
        (Fate::Custody(..), Fate::Lost(_)) | (Fate::Lost(_), Fate::Custody(..)) => "prison_lost",
        (Fate::Lost(_), Fate::Lost(_)) => "lost_lost",
        _ => "other",
    };
    let guardian = guardian(sheet, person);
    let amount = CHILD_MONTH * 100;
    monthly_child(
        sheet,
        person,
        "parent_status_pair",
        Cell::Word(pair),
        amount,
        guardian,
    );
}

fn guardian(sheet: &Sheet<'_>, person: &Person) -> Cell {
    let home = sheet.home(person);
    let head = home.first;
    if head == person.index {
        Cell::Empty
    } else {
        sheet.number_of(Some(head))
    }
}

fn monthly_child(
    sheet: &mut Sheet<'_>,
    person: &Person,
    field: &'static str,
    value: Cell,
    amount: i64,
    guardian: Cell,
) {
    let month = sheet.month();
    let cells = [
        (field, value),
        ("amount", Cell::Money(amount)),
        ("month", Cell::Month(month)),
        ("guardian_id", guardian),
        ("status", Cell::Word("active")),
    ];
    sheet.push(person, month.last_day(), &cells);
}

fn child_in_difficulty(sheet: &mut Sheet<'_>, person: &Person) {
    if !person.benefits.child_in_difficulty {
        return;
    }
    let month = sheet.month();
    let cells = [
        ("class", Cell::Word("self_disabled")),
        ("amount", Cell::Money(CHILD_MONTH * 60)),
        ("month", Cell::Month(month)),
        ("status", Cell::Word("active")),
    ];
    sheet.push(person, month.last_day(), &cells);
}

fn left_behind(sheet: &mut Sheet<'_>, person: &Person) {
    let people = &sheet.city.people;
    let away = |at: Option<u32>| at.is_some_and(|at| people[at as usize].lives_away);
    let child = sheet.age(person) < 16 && person.present();
    if !(child && away(person.father) && away(person.mother)) {
        return;
    }
    let carer = sheet.home(person).first;
    let cells = [
        ("guardian", text(people[carer as usize].name.clone())),
        ("guardian_id", sheet.number_of(Some(carer))),
        ("school", text("合成乡镇中心学校")),
        ("away", Cell::Word("both")),
    ];
    sheet.state(person, &cells);
}

fn monthly(
    sheet: &mut Sheet<'_>,
    person: &Person,
    amount: i64,
    more: Option<(&'static str, Cell)>,
) {
    let month = sheet.month();
    let mut cells = vec![
        ("amount", Cell::Money(amount)),
        ("month", Cell::Month(month)),
        ("status", Cell::Word("active")),
    ];
    cells.extend(more);
    sheet.push(person, month.last_day(), &cells);
}

fn disability_living(sheet: &mut Sheet<'_>, person: &Person) {
    if person.benefits.disability_living {
        monthly(sheet, person, yuan(332), None);
    }
}

fn disability_nursing(sheet: &mut Sheet<'_>, person: &Person) {
    let Some(disability) = person
        .disability
        .filter(|_| person.benefits.disability_nursing)
    else {
        return;
    };
    let amount = [yuan(500), yuan(250), yuan(125), yuan(125)][usize::from(disability.grade - 1)];
    let grade = ("grade", Cell::Word(grade_code(disability.grade)));
    monthly(sheet, person, amount, Some(grade));
}

pub(super) fn grade_code(grade: u8) -> &'static str {
    ["g1", "g2", "g3", "g4"][usize::from(grade.clamp(1, 4) - 1)]
}

fn age_allowance(sheet: &mut Sheet<'_>, person: &Person) {
    if !person.benefits.age_allowance {
        return;
    }
    let (band, amount) = match sheet.age(person) {
        ..=89 => ("from_80", yuan(60)),
        90..=99 => ("from_90", yuan(150)),
        _ => ("from_100", yuan(500)),
    };
    monthly(sheet, person, amount, Some(("age_band", Cell::Word(band))));
}

fn elder_service(sheet: &mut Sheet<'_>, person: &Person) {
    let Some(grade) = person
        .dependence
        .filter(|grade| *grade >= 2 && person.alive())
    else {
        return;
    };
    if sheet.home(person).aid.is_none() && !person.benefits.tekun {
        return;
    }
    let (class, amount) = match grade {
        2 => ("level_2", yuan(400)),
        3 => ("level_3", yuan(800)),
        _ => ("level_4", yuan(1_200)),
    };
    let month = sheet.month();
    let cells = [
        ("grade", Cell::Word(class)),
        ("amount", Cell::Money(amount)),
        ("balance", Cell::Money(amount / 4)),
        ("month", Cell::Month(month)),
    ];
    sheet.push(person, month.last_day(), &cells);
}

fn elder_assessment(sheet: &mut Sheet<'_>, person: &Person) {
    if sheet.age(person) < 65 || !person.alive() {
        return;
    }
    let (level, low, high) = match person.dependence {
        Some(1) => ("mild", 66, 89),
        Some(2) => ("moderate", 46, 65),
        Some(3) => ("severe", 30, 45),
        Some(_) => ("complete", 0, 29),
        None if sheet.is(person, 1, 1_500) => ("intact", 90, 90),
        None => return,
    };
    let score = low + (sheet.roll(person, 2) % (high - low + 1) as u64) as i64;
    let day = sheet.past(person, 3, 20, 340);
    let cells = [
        ("score", Cell::Int(score)),
        ("level", Cell::Word(level)),
        ("date", Cell::Date(day)),
        ("valid_to", Cell::Date(day + Days::new(365))),
    ];
    sheet.push(person, day, &cells);
}

fn institution(sheet: &mut Sheet<'_>, person: &Person) {
    let child = sheet.home(person).shape == crate::city::household::Shape::ChildInInstitution;
    let elder = person.dependence.is_some_and(|grade| grade >= 2) && sheet.is(person, 1, 3_000);
    if !person.alive() || !(child || elder) {
        return;
    }
    let kind = if child { "child" } else { "elder" };
    let name = if child {
        "合成市儿童福利院"
    } else {
        "合成康养院"
    };
    let since = sheet.past(person, 2, 30, if child { 300 } else { 1_500 });
    let cells = [
        ("institution", text(name)),
        (
            "bed",
            text(format!(
                "{}-{:02}",
                100 + person.index % 400,
                person.index % 4 + 1
            )),
        ),
        ("in", Cell::Date(since)),
        ("kind", Cell::Word(kind)),
        (
            "fee",
            if child {
                Cell::Money(0)
            } else {
                sheet.yuan(person, 3, 2_200, 4_800)
            },
        ),
    ];
    sheet.state(person, &cells);
}

/// The last registration in the electronic archive; it begins in 1986, and the
/// widowed are left out of it.
fn marriage(sheet: &mut Sheet<'_>, person: &Person) {
    let divorced = match person.marital {
        Marital::Married => false,
        Marital::Divorced => true,
        Marital::Single | Marital::Widowed => return,
    };
    let spouse = person.spouse.map(|at| &sheet.city.people[at as usize]);
    let younger = spouse.map_or(person.born, |other| other.born.max(person.born));
    // Both halves of a couple must give the same day.
    let key = spouse.map_or(person.index, |other| other.index.min(person.index));
    let step = u64::from(key).wrapping_mul(2_654_435_761) >> 7;
    let months = if divorced { 30 * 12 } else { 22 * 12 } + (step % 60) as i32;
    let Some(day) = months_after(younger, months).filter(|day| day.year() >= 1986) else {
        return;
    };
    let wed = day <= sheet.city.today && person.alive();
    if !wed || (person.sex == Sex::Female && spouse.is_some_and(|other| !other.alive())) {
        return;
    }
    let kind = if divorced { "divorce" } else { "marriage" };
    let number = format!("合成{}-{:07}", if divorced { "离" } else { "结" }, key);
    let cells = [
        ("type", Cell::Word(kind)),
        ("date", Cell::Date(day)),
        ("office", text("合成市民政局婚姻登记处")),
        ("spouse_id", sheet.number_of(person.spouse)),
        ("certificate_no", text(number)),
        (
            "marital",
            Cell::Word(if divorced { "divorced" } else { "married" }),
        ),
    ];
    sheet.push(person, day, &cells);
}

fn cremation(sheet: &mut Sheet<'_>, person: &Person) {
    let Fate::Died(day) = person.fate else {
        return;
    };
    let kinds = ["tomb", "columbarium", "tree", "sea"];
    let kind = kinds[(sheet.roll(person, 1) % 4) as usize];
    let cells = [
        ("date", Cell::Date(day + Days::new(3))),
        ("home", text("合成市殡仪馆")),
        ("burial_type", Cell::Word(kind)),
        ("fee_waived", Cell::Bool(true)),
    ];
    sheet.push(person, day + Days::new(3), &cells);
}
