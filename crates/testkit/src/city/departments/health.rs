//! 「医保、卫健、残联」 Insurance, bills, illness, disability.

use super::aid::grade_code;
use super::{Sheet, Source, text, year, yuan};
use crate::city::cell::Cell;
use crate::city::person::{Illness, Person, Work};
use chrono::Days;

pub(super) const SOURCES: &[(&str, Source)] = &[
    ("med_insure", Source::Person(med_insure)),
    ("inpatient_bill", Source::Person(inpatient)),
    ("outpatient_special", Source::Person(outpatient)),
    ("serious_insure_pay", Source::Person(serious_pay)),
    ("med_assist", Source::Person(med_assist)),
    ("high_selfpay_alert", Source::Person(alert)),
    ("ltc_benefit", Source::Person(ltc)),
    ("supplement_claim", Source::Person(supplement)),
    ("drugstore_pay", Source::Person(drugstore)),
    ("severe_disease", Source::Person(severe)),
    ("mental_mgmt", Source::Person(mental)),
    ("family_doctor", Source::Person(family_doctor)),
    ("chronic_mgmt", Source::Person(chronic)),
    ("disability_cert", Source::Person(certificate)),
];

fn med_insure(sheet: &mut Sheet<'_>, person: &Person) {
    if !person.present() {
        return;
    }
    let employee = matches!(person.work, Work::Employed(_) | Work::Public);
    let aided = sheet.home(person).aid.is_some() || person.benefits.tekun;
    let (kind, by) = match (employee, aided) {
        (true, _) => ("employee", "employer"),
        (false, true) => ("resident", "government"),
        (false, false) => ("resident", "self"),
    };
    let lapsed = !aided && !employee && sheet.is(person, 1, 130);
    let cells = [
        ("type", Cell::Word(kind)),
        (
            "status",
            Cell::Word(if lapsed { "suspended" } else { "normal" }),
        ),
        ("funded_by", Cell::Word(by)),
        ("year", year(sheet.city.today)),
    ];
    sheet.state(person, &cells);
}

/// One stay in hospital: day, total, paid by funds, by the patient, of it within policy.
struct Bill {
    day: kernel::Date,
    total: i64,
    fund: i64,
    own: i64,
    policy_own: i64,
}

fn bills(sheet: &Sheet<'_>, person: &Person, illness: Illness) -> Vec<Bill> {
    let days = (sheet.city.today - illness.since).num_days().clamp(20, 700) as u64;
    let bill = |nth: u64| {
        // The salts leave the category out: all of 医保 must speak of the same bills.
        let seed = crate::city::dice::mix(sheet.city.seed, u64::from(person.index), 77 + nth);
        let total = (6_000 + (seed % 64_000) as i64) * 100;
        let fund = total * (55 + (seed >> 20) as i64 % 20) / 100;
        let own = total - fund;
        Bill {
            day: sheet.city.today - Days::new(10 + (seed >> 32) % days),
            total,
            fund,
            own,
            policy_own: own * 8 / 10,
        }
    };
    (0..u64::from(illness.stays)).map(bill).collect()
}

fn inpatient(sheet: &mut Sheet<'_>, person: &Person) {
    if !person.present() {
        return;
    }
    let (bills, disease) = match person.illness {
        Some(illness) => {
            let disease = ["cancer", "uraemia", "heart", "other"][usize::from(illness.kind % 4)];
            (bills(sheet, person, illness), disease)
        }
        None if sheet.is(person, 1, 420) => {
            let total = sheet.fen(person, 2, 1_800, 16_000);
            let fund = total * 68 / 100;
            let bill = Bill {
                day: sheet.past(person, 3, 12, 700),
                total,
                fund,
                own: total - fund,
                policy_own: (total - fund) * 85 / 100,
            };
            (vec![bill], "other")
        }
        None => return,
    };
    for bill in bills {
        let cells = [
            ("hospital", text("合成市第一医院")),
            ("date", Cell::Date(bill.day)),
            ("total", Cell::Money(bill.total)),
            ("fund", Cell::Money(bill.fund)),
            ("self_pay", Cell::Money(bill.own)),
            ("policy_self", Cell::Money(bill.policy_own)),
            ("disease", Cell::Word(disease)),
        ];
        sheet.push(person, bill.day, &cells);
    }
}

fn outpatient(sheet: &mut Sheet<'_>, person: &Person) {
    let Some(illness) = person.illness.filter(|i| i.kind <= 1 && person.present()) else {
        return;
    };
    let class = ["cancer", "dialysis"][usize::from(illness.kind)];
    for nth in 0..3 {
        let day = sheet.past(person, 10 + nth, 15, 300);
        let cells = [
            ("disease_class", Cell::Word(class)),
            ("self_pay", sheet.yuan(person, 20 + nth, 180, 1_900)),
            ("date", Cell::Date(day)),
        ];
        sheet.push(person, day, &cells);
    }
}

/// What the patient paid within twelve months, in fen.
fn own_share(sheet: &Sheet<'_>, person: &Person) -> i64 {
    let Some(illness) = person.illness.filter(|_| person.present()) else {
        return 0;
    };
    let year_ago = sheet.city.today - Days::new(365);
    let bills = bills(sheet, person, illness);
    let recent = bills.iter().filter(|bill| bill.day > year_ago);
    recent.map(|bill| bill.policy_own).sum()
}

/// Above 16,000 yuan a year the serious-illness insurance pays 60 % [assumed].
fn serious(own: i64) -> i64 {
    (own - yuan(16_000)).max(0) * 60 / 100
}

fn serious_pay(sheet: &mut Sheet<'_>, person: &Person) {
    let paid = serious(own_share(sheet, person));
    if paid > 0 {
        let month = sheet.month();
        let cells = [("amount", Cell::Money(paid)), ("month", Cell::Month(month))];
        sheet.push(person, month.last_day(), &cells);
    }
}

fn med_assist(sheet: &mut Sheet<'_>, person: &Person) {
    let own = own_share(sheet, person);
    let aided = sheet.home(person).aid.is_some() || person.benefits.tekun;
    if own == 0 || !aided {
        return;
    }
    let amount = (own - serious(own)) * 70 / 100;
    let day = sheet.past(person, 1, 8, 40);
    let cells = [
        ("amount", Cell::Money(amount)),
        ("ratio", Cell::Decimal(70)),
        ("date", Cell::Date(day)),
    ];
    sheet.push(person, day, &cells);
}

fn alert(sheet: &mut Sheet<'_>, person: &Person) {
    let own = own_share(sheet, person);
    let left = own - serious(own);
    if left > yuan(10_000) {
        let month = sheet.month();
        let cells = [
            ("sum_12m", Cell::Money(left)),
            ("month", Cell::Month(month)),
        ];
        sheet.push(person, month.last_day(), &cells);
    }
}

fn ltc(sheet: &mut Sheet<'_>, person: &Person) {
    let Some(grade) = person.dependence.filter(|g| *g >= 3 && person.present()) else {
        return;
    };
    if !sheet.is(person, 1, 6_500) {
        return;
    }
    let (class, amount) = if grade == 3 {
        ("severe_1", yuan(1_200))
    } else {
        ("severe_2", yuan(1_500))
    };
    let month = sheet.month();
    let cells = [
        ("grade", Cell::Word(class)),
        ("mode", Cell::Word("home")),
        ("amount", Cell::Money(amount)),
        ("month", Cell::Month(month)),
    ];
    sheet.push(person, month.last_day(), &cells);
}

fn supplement(sheet: &mut Sheet<'_>, person: &Person) {
    let own = own_share(sheet, person);
    if own > yuan(20_000) && sheet.is(person, 1, 4_000) {
        let day = sheet.past(person, 2, 15, 90);
        let cells = [("amount", Cell::Money(own / 8)), ("date", Cell::Date(day))];
        sheet.push(person, day, &cells);
    }
}

fn drugstore(sheet: &mut Sheet<'_>, person: &Person) {
    let insured = matches!(person.work, Work::Employed(_) | Work::Public);
    if person.present() && insured && sheet.is(person, 1, 4_500) {
        let month = sheet.month();
        let amount = sheet.yuan(person, 2, 15, 420);
        let cells = [("month_sum", amount), ("month", Cell::Month(month))];
        sheet.push(person, month.last_day(), &cells);
    }
}

fn severe(sheet: &mut Sheet<'_>, person: &Person) {
    let Some(illness) = person.illness.filter(|_| person.present()) else {
        return;
    };
    let icd = ["C34", "N18", "I63", "K74"][usize::from(illness.kind % 4)];
    let cells = [
        ("icd10", text(icd)),
        ("date", Cell::Date(illness.since)),
        ("listed", Cell::Bool(illness.kind < 3)),
    ];
    sheet.push(person, illness.since, &cells);
}

fn mental(sheet: &mut Sheet<'_>, person: &Person) {
    if person.disability.is_none_or(|d| d.category != 6) || !person.present() {
        return;
    }
    let cells = [
        ("level", Cell::Int((sheet.roll(person, 1) % 3) as i64)),
        ("risk", Cell::Word("stable")),
        (
            "guardian_id",
            sheet.number_of(person.father.or(person.mother)),
        ),
    ];
    sheet.state(person, &cells);
}

fn family_doctor(sheet: &mut Sheet<'_>, person: &Person) {
    let age = sheet.age(person);
    let signs = if !(7..65).contains(&age) {
        8_500
    } else {
        2_600
    };
    if person.present() && sheet.is(person, 1, signs) {
        let doctor = format!("合成医生{}", sheet.home(person).village % 60);
        let until = sheet.city.today + Days::new(38);
        sheet.state(
            person,
            &[("doctor", text(doctor)), ("term", Cell::Date(until))],
        );
    }
}

fn chronic(sheet: &mut Sheet<'_>, person: &Person) {
    let age = u64::from(sheet.age(person));
    if age < 40 || !person.present() || !sheet.is(person, 1, (age - 35) * 90) {
        return;
    }
    let class = ["hypertension", "diabetes", "both", "copd"][(sheet.roll(person, 2) % 4) as usize];
    let since = sheet.past(person, 3, 100, 4_000);
    sheet.state(
        person,
        &[("class", Cell::Word(class)), ("since", Cell::Date(since))],
    );
}

fn certificate(sheet: &mut Sheet<'_>, person: &Person) {
    let Some(disability) = person.disability.filter(|_| person.alive()) else {
        return;
    };
    let categories = [
        "visual",
        "hearing",
        "speech",
        "physical",
        "intellectual",
        "mental",
        "multiple",
    ];
    let category = categories[usize::from(disability.category.clamp(1, 7) - 1)];
    let number = person.number;
    let no = format!(
        "{}{}{}",
        number.reveal(),
        disability.category,
        disability.grade
    );
    let issued = sheet.past(person, 1, 60, 3_300).max(person.born);
    let cells = [
        ("no", text(no)),
        ("category", Cell::Word(category)),
        ("grade", Cell::Word(grade_code(disability.grade))),
        ("issued_on", Cell::Date(issued)),
        ("valid_to", Cell::Date(issued + Days::new(3_652))),
        ("status", Cell::Word("valid")),
    ];
    sheet.state(person, &cells);
}
