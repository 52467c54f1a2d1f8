//! 「人社、税务、公积金、市监」 Work, pensions, companies.

use super::{Sheet, Source, text, year, yuan};
use crate::city::cell::Cell;
use crate::city::person::{Pension, Person, Work};
use chrono::Days;
use kernel::Period;

pub(super) const SOURCES: &[(&str, Source)] = &[
    ("wage_tax", Source::Person(wage_tax)),
    ("business_income", Source::Person(business_income)),
    ("self_employed", Source::Person(self_employed)),
    ("social_fee", Source::Person(social_fee)),
    ("pension_contrib", Source::Person(pension_contrib)),
    ("pension_benefit", Source::Person(pension_benefit)),
    ("public_pension", Source::Person(public_pension)),
    ("resident_pension_contrib", Source::Person(resident_contrib)),
    ("resident_pension_benefit", Source::Person(resident_benefit)),
    ("unemployment_benefit", Source::Person(unemployment_benefit)),
    ("employment_reg", Source::Person(employment_reg)),
    ("unemployment_reg", Source::Person(unemployment_reg)),
    ("hard_employ", Source::Person(hard_employ)),
    ("labour_contract", Source::Person(labour_contract)),
    ("social_card", Source::Person(social_card)),
    ("hpf_contrib", Source::Person(hpf_contrib)),
    ("hpf_balance", Source::Person(hpf_balance)),
    ("public_payroll", Source::Person(public_payroll)),
];

/// Who pays the person, where the tax office hears of it.
fn payer(sheet: &Sheet<'_>, person: &Person) -> Option<String> {
    if !person.present() || !person.recorded || person.earnings == 0 {
        return None;
    }
    match person.work {
        Work::Employed(at) => Some(sheet.city.companies[at as usize].name.clone()),
        Work::Public => Some("合成市机关".to_owned()),
        Work::Flexible => Some("合成灵活用工平台".to_owned()),
        _ => None,
    }
}

/// On a payroll with social insurance.
fn employer(sheet: &Sheet<'_>, person: &Person) -> Option<String> {
    let payroll = matches!(person.work, Work::Employed(_) | Work::Public);
    payer(sheet, person).filter(|_| payroll)
}

/// The part of the wage a worker pays to social insurance: 8 % + 2 % + 0.5 % [assumed].
fn insurance(earnings: i64) -> i64 {
    earnings * 105 / 1_000
}

fn wage_tax(sheet: &mut Sheet<'_>, person: &Person) {
    let Some(payer) = payer(sheet, person) else {
        return;
    };
    let insured = matches!(person.work, Work::Employed(_) | Work::Public);
    let insurance = if insured {
        insurance(person.earnings)
    } else {
        0
    };
    let taxed = (person.earnings - insurance - 500_000).max(0);
    for back in (0..3).rev() {
        let month = sheet.month().plus_months(-back);
        let cells = [
            ("month", Cell::Month(month)),
            ("employer", text(payer.clone())),
            ("income", Cell::Money(person.earnings)),
            ("insurance", Cell::Money(insurance)),
            ("tax", Cell::Money(taxed * 3 / 100)),
        ];
        sheet.push(person, month.last_day(), &cells);
    }
}

/// The last whole quarter's last month.
fn quarter(sheet: &Sheet<'_>) -> Period {
    let month = sheet.month();
    month.plus_months(-((month.month() % 3) as i32))
}

fn trades(person: &Person) -> bool {
    let trade = matches!(person.work, Work::Business | Work::Farmer);
    person.present() && trade && person.recorded
}

fn business_income(sheet: &mut Sheet<'_>, person: &Person) {
    if !trades(person) {
        return;
    }
    for back in (0..4).rev() {
        let period = quarter(sheet).plus_months(-3 * back);
        let cells = [
            ("period", Cell::Month(period)),
            ("income", Cell::Money(person.earnings * 3)),
            ("tax", Cell::Money(0)),
        ];
        sheet.push(person, period.last_day(), &cells);
    }
}

fn self_employed(sheet: &mut Sheet<'_>, person: &Person) {
    if !trades(person) || person.work != Work::Business {
        return;
    }
    let period = quarter(sheet);
    let turnover = person.earnings * 3 * (3 + (sheet.roll(person, 1) % 4) as i64);
    let cells = [
        ("turnover", Cell::Money(turnover)),
        ("period", Cell::Month(period)),
    ];
    sheet.push(person, period.last_day(), &cells);
}

fn social_fee(sheet: &mut Sheet<'_>, person: &Person) {
    if employer(sheet, person).is_none() {
        return;
    }
    let month = sheet.month();
    let amount = Cell::Money(insurance(person.earnings));
    sheet.push(
        person,
        month.last_day(),
        &[("month", Cell::Month(month)), ("amount", amount)],
    );
}

fn pension_contrib(sheet: &mut Sheet<'_>, person: &Person) {
    let Some(name) = employer(sheet, person).filter(|_| person.work != Work::Public) else {
        return;
    };
    let month = sheet.month();
    let cells = [
        ("base", Cell::Money(person.earnings.max(yuan(4_812)))),
        ("employer", text(name)),
        ("month", Cell::Month(month)),
        ("status", Cell::Word("paid")),
    ];
    sheet.push(person, month.last_day(), &cells);
}

pub(crate) fn pension_benefit(sheet: &mut Sheet<'_>, person: &Person) {
    let Pension::Employee(amount) = person.pension else {
        return;
    };
    let month = sheet.month();
    let cells = [
        ("amount", Cell::Money(amount)),
        ("month", Cell::Month(month)),
        ("bank_tail", text(format!("{:04}", person.index % 10_000))),
    ];
    sheet.push(person, month.last_day(), &cells);
}

fn public_pension(sheet: &mut Sheet<'_>, person: &Person) {
    let Pension::Public(amount) = person.pension else {
        return;
    };
    let month = sheet.month();
    let cells = [
        ("amount", Cell::Money(amount)),
        ("month", Cell::Month(month)),
    ];
    sheet.push(person, month.last_day(), &cells);
}

fn resident_contrib(sheet: &mut Sheet<'_>, person: &Person) {
    let age = sheet.age(person);
    let covered = (18..60).contains(&age) && person.school.is_none();
    if !covered || !sheet.registered(person) || employer(sheet, person).is_some() {
        return;
    }
    let aided = sheet.home(person).aid.is_some();
    if !aided && sheet.is(person, 1, 4_000) {
        return;
    }
    let day = sheet.city.today - Days::new(330);
    let cells = [
        (
            "grade",
            Cell::Money(if aided { yuan(100) } else { yuan(500) }),
        ),
        ("year", year(day)),
        ("paid_for", Cell::Bool(aided)),
    ];
    sheet.push(person, day, &cells);
}

fn resident_benefit(sheet: &mut Sheet<'_>, person: &Person) {
    let Pension::Resident(basic, account, local) = person.pension else {
        return;
    };
    let month = sheet.month();
    let cells = [
        ("basic", Cell::Money(basic)),
        ("account", Cell::Money(account)),
        ("local_addition", Cell::Money(local)),
        ("month", Cell::Month(month)),
    ];
    sheet.push(person, month.last_day(), &cells);
}

fn unemployed(person: &Person) -> bool {
    person.present() && person.work == Work::Unemployed
}

fn unemployment_benefit(sheet: &mut Sheet<'_>, person: &Person) {
    // The poorest have no contributions to draw on.
    if !unemployed(person) || sheet.home(person).standing < 1_000 || !sheet.is(person, 1, 2_500) {
        return;
    }
    let month = sheet.month();
    let cells = [
        ("amount", Cell::Money(yuan(1_940))),
        ("months", Cell::Int(3 + (sheet.roll(person, 2) % 18) as i64)),
        ("month", Cell::Month(month)),
    ];
    sheet.push(person, month.last_day(), &cells);
}

fn employment_reg(sheet: &mut Sheet<'_>, person: &Person) {
    let Some(name) = payer(sheet, person) else {
        return;
    };
    let flexible = person.work == Work::Flexible;
    let day = sheet.past(person, 1, 60, 3_000);
    let cells = [
        ("employer", text(name)),
        ("date", Cell::Date(day)),
        (
            "status",
            Cell::Word(if flexible { "flexible" } else { "employed" }),
        ),
    ];
    sheet.push(person, day, &cells);
}

fn unemployment_reg(sheet: &mut Sheet<'_>, person: &Person) {
    if unemployed(person) && sheet.is(person, 1, 7_000) {
        register_unemployed(sheet, person);
    }
}

/// The record of someone registered as unemployed.
pub(crate) fn register_unemployed(sheet: &mut Sheet<'_>, person: &Person) {
    let day = sheet.past(person, 2, 45, 700);
    let cells = [
        ("date", Cell::Date(day)),
        ("reason", Cell::Word("ended")),
        ("status", Cell::Word("unemployed")),
    ];
    sheet.push(person, day, &cells);
}

fn hard_employ(sheet: &mut Sheet<'_>, person: &Person) {
    if !unemployed(person) {
        return;
    }
    let class = if sheet.home(person).aid.is_some() {
        "dibao"
    } else if person.disability.is_some() {
        "disabled"
    } else if sheet.age(person) >= 50 {
        "age_4050"
    } else if sheet.is(person, 1, 2_000) {
        "long_term"
    } else {
        return;
    };
    let until = sheet.city.today + Days::new(30 + sheet.roll(person, 2) % 700);
    sheet.state(
        person,
        &[
            ("class", Cell::Word(class)),
            ("valid_to", Cell::Date(until)),
        ],
    );
}

fn labour_contract(sheet: &mut Sheet<'_>, person: &Person) {
    let Some(name) = employer(sheet, person).filter(|_| sheet.is(person, 1, 6_000)) else {
        return;
    };
    let day = sheet.past(person, 2, 60, 1_000);
    let cells = [
        ("employer", text(name)),
        ("term", Cell::Date(day + Days::new(1_095))),
        ("monthly_wage", Cell::Money(person.earnings)),
        ("date", Cell::Date(day)),
    ];
    sheet.push(person, day, &cells);
}

fn social_card(sheet: &mut Sheet<'_>, person: &Person) {
    if !sheet.registered(person) {
        return;
    }
    let inactive = sheet.is(person, 1, 250);
    let cells = [
        ("bank", text("合成农商银行")),
        ("card", text(crate::city::card_of(person.index))),
        (
            "status",
            Cell::Word(if inactive { "unactivated" } else { "active" }),
        ),
    ];
    sheet.state(person, &cells);
}

fn has_fund(sheet: &Sheet<'_>, person: &Person) -> bool {
    employer(sheet, person).is_some() && person.earnings > yuan(4_000)
}

fn hpf_contrib(sheet: &mut Sheet<'_>, person: &Person) {
    let Some(name) = employer(sheet, person).filter(|_| has_fund(sheet, person)) else {
        return;
    };
    let month = sheet.month();
    let cells = [
        ("base", Cell::Money(person.earnings)),
        ("month", Cell::Month(month)),
        ("employer", text(name)),
        ("personal", Cell::Money(person.earnings * 8 / 100)),
    ];
    sheet.push(person, month.last_day(), &cells);
}

fn hpf_balance(sheet: &mut Sheet<'_>, person: &Person) {
    if has_fund(sheet, person) {
        let months = 3 + (sheet.roll(person, 1) % 60) as i64;
        sheet.state(
            person,
            &[("balance", Cell::Money(person.earnings * 16 / 100 * months))],
        );
    }
}

fn public_payroll(sheet: &mut Sheet<'_>, person: &Person) {
    let retired = matches!(person.pension, Pension::Public(_));
    if !person.present() || !(person.work == Work::Public || retired) {
        return;
    }
    let kind = if retired { "retired" } else { "institution" };
    let monthly = if retired {
        Cell::Empty
    } else {
        Cell::Money(person.earnings)
    };
    let cells = [
        ("employer", text("合成市机关")),
        ("kind", Cell::Word(kind)),
        ("monthly", monthly),
    ];
    sheet.state(person, &cells);
}
