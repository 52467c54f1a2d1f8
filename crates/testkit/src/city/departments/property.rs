//! 「自然资源、住建、农业、银行、证券保险」 What people own and owe.

use super::{Sheet, Source, text, year, yuan};
use crate::city::cell::Cell;
use crate::city::person::{Fate, Person, Work};
use chrono::Days;

pub(super) const SOURCES: &[(&str, Source)] = &[
    ("realty", Source::Person(realty)),
    ("realty_limit", Source::Person(realty_limit)),
    ("homestead", Source::Person(homestead)),
    ("lease_record", Source::Person(lease)),
    ("public_rental", Source::Person(public_rental)),
    ("maintenance_fund", Source::Person(maintenance)),
    ("hpf_loan", Source::Person(hpf_loan)),
    ("land_contract", Source::Person(land_contract)),
    ("farm_subsidy", Source::Person(farm_subsidy)),
    ("agri_pay_sum", Source::Person(farm_subsidy)),
    ("collective_dividend", Source::Person(collective)),
    ("low_income_farmer", Source::Person(low_income_farmer)),
    ("deposit_balance", Source::Person(deposits)),
    ("wealth_product", Source::Person(wealth)),
    ("flow_sum", Source::Person(flows)),
    ("credit_line", Source::Person(credit)),
    ("loan_balance", Source::Person(loans)),
    ("deceased_account", Source::Person(deceased)),
    ("stock_value", Source::Person(stocks)),
    ("fund_value", Source::Person(funds)),
    ("insurance_policy", Source::Person(insurance)),
    ("online_asset", Source::Person(online)),
];

const BANKS: [&str; 4] = [
    "合成农商银行",
    "合成城市银行",
    "合成储蓄银行",
    "合成商业银行",
];

/// A month's rent of the second home.
pub(super) fn rent(sheet: &Sheet<'_>, person: &Person) -> Cell {
    let step = 8 + crate::city::dice::mix(sheet.city.seed, u64::from(person.index), 5) % 20;
    Cell::Money(step as i64 * yuan(100))
}

fn realty(sheet: &mut Sheet<'_>, person: &Person) {
    let home = sheet.home(person);
    for nth in 0..i64::from(person.assets.homes) {
        let area = i64::from(person.assets.home_area) * 100 - nth * 2_150;
        let cells = [
            (
                "cert_no",
                text(format!("合成不动产权第{:07}{nth}号", person.index + 1)),
            ),
            ("area", Cell::Decimal(area.max(2_400))),
            ("use", Cell::Word("residence")),
            ("share", Cell::Decimal(100)),
            (
                "region",
                Cell::Region(sheet.city.villages[home.village as usize].code),
            ),
            (
                "register_date",
                Cell::Date(sheet.past(person, 3, 200, 7_000).max(person.born)),
            ),
        ];
        sheet.state(person, &cells);
    }
}

fn mortgaged(sheet: &Sheet<'_>, person: &Person) -> bool {
    let young = (24..50).contains(&sheet.age(person)) && person.earnings > 0;
    let seed = crate::city::dice::mix(sheet.city.seed, u64::from(person.index), 6);
    person.assets.homes > 0 && young && person.present() && seed % 10 < 3
}

/// What the mortgage was, in fen.
fn mortgage(person: &Person) -> i64 {
    person.earnings.max(yuan(3_000)) * 100
}

fn realty_limit(sheet: &mut Sheet<'_>, person: &Person) {
    if mortgaged(sheet, person) {
        let cells = [
            ("type", Cell::Word("mortgage")),
            ("amount", Cell::Money(mortgage(person))),
        ];
        sheet.state(person, &cells);
    }
}

fn hpf_loan(sheet: &mut Sheet<'_>, person: &Person) {
    if mortgaged(sheet, person) && matches!(person.work, Work::Employed(_) | Work::Public) {
        let amount = mortgage(person) / 2;
        let cells = [
            ("amount", Cell::Money(amount)),
            ("remaining", Cell::Money(amount * 7 / 10)),
            ("monthly", Cell::Money(amount / 240)),
        ];
        sheet.state(person, &cells);
    }
}

fn homestead(sheet: &mut Sheet<'_>, person: &Person) {
    if person.assets.homes == 0 || !sheet.home(person).rural || !person.present() {
        return;
    }
    let cells = [
        (
            "area",
            Cell::Decimal(i64::from(person.assets.home_area) * 70),
        ),
        ("cert", text(format!("合成宅{:07}", person.index + 1))),
        (
            "house_area",
            Cell::Decimal(i64::from(person.assets.home_area) * 100),
        ),
    ];
    sheet.state(person, &cells);
}

fn lease(sheet: &mut Sheet<'_>, person: &Person) {
    let seed = crate::city::dice::mix(sheet.city.seed, u64::from(person.index), 7);
    if person.assets.homes < 2 || !person.present() || seed % 10 >= 4 {
        return;
    }
    let until = sheet.city.today + Days::new(30 + seed % 700);
    sheet.state(
        person,
        &[("rent", rent(sheet, person)), ("term", Cell::Date(until))],
    );
}

fn public_rental(sheet: &mut Sheet<'_>, person: &Person) {
    let home = sheet.home(person);
    let without = person.assets.homes == 0 && home.standing < 1_000 && !home.on_permit;
    if !without || !sheet.keeps_the_house(person) || !sheet.is(person, 1, 6_000) {
        return;
    }
    let cells = [
        (
            "house",
            text(format!("合成公寓{}幢", person.index % 40 + 1)),
        ),
        ("rent", sheet.yuan(person, 2, 60, 260)),
        ("area", Cell::Decimal(4_500)),
        ("from", Cell::Date(sheet.past(person, 3, 100, 2_000))),
    ];
    sheet.state(person, &cells);
}

fn maintenance(sheet: &mut Sheet<'_>, person: &Person) {
    if person.assets.homes > 0 && !sheet.home(person).rural && sheet.is(person, 1, 6_000) {
        sheet.state(person, &[("balance", sheet.yuan(person, 2, 900, 14_000))]);
    }
}

/// The head of a farming household holds its land.
fn holds_land(sheet: &Sheet<'_>, person: &Person) -> bool {
    let home = sheet.home(person);
    home.rural && !home.on_permit && sheet.keeps_the_house(person)
}

fn land_contract(sheet: &mut Sheet<'_>, person: &Person) {
    if !holds_land(sheet, person) || !sheet.is(person, 1, 8_000) {
        return;
    }
    let area = 60 + (sheet.roll(person, 2) % 700) as i64;
    let day = sheet.city.today - Days::new(300);
    // Most land is let to large farmers at about 900 yuan a mu and year [assumed].
    let fee = if sheet.is(person, 3, 7_500) {
        area * 900
    } else {
        0
    };
    let cells = [
        ("area", Cell::Decimal(area)),
        ("transfer_fee", Cell::Money(fee)),
        ("year", year(day)),
    ];
    sheet.push(person, day, &cells);
}

fn farm_subsidy(sheet: &mut Sheet<'_>, person: &Person) {
    let seed = crate::city::dice::mix(sheet.city.seed, u64::from(person.index), 8);
    if holds_land(sheet, person) && (person.work == Work::Farmer || seed % 10 < 2) {
        let day = sheet.city.today - Days::new(180);
        let amount = Cell::Money((80 + (seed >> 8) as i64 % 900) * 100);
        sheet.push(person, day, &[("amount", amount), ("year", year(day))]);
    }
}

fn collective(sheet: &mut Sheet<'_>, person: &Person) {
    let home = sheet.home(person);
    // A third of the villages have something to share out.
    if home.rural && !home.on_permit && home.village.is_multiple_of(3) && person.present() {
        let day = sheet.city.today - Days::new(290);
        let amount = Cell::Money(i64::from(100 + home.village % 7 * 100) * 100);
        sheet.push(person, day, &[("amount", amount), ("year", year(day))]);
    }
}

fn low_income_farmer(sheet: &mut Sheet<'_>, person: &Person) {
    let home = sheet.home(person);
    if home.rural && person.present() && home.aid.is_some_and(|aid| aid.rightly) {
        let day = sheet.city.today - Days::new(250);
        let income = sheet.yuan(person, 1, 7_000, 14_000);
        sheet.push(person, day, &[("year", year(day)), ("income", income)]);
    }
}

fn deposits(sheet: &mut Sheet<'_>, person: &Person) {
    let whole = person.assets.deposits;
    if whole == 0 || !person.alive() {
        return;
    }
    let split = whole > yuan(20_000) && sheet.is(person, 1, 4_500);
    let second = if split { whole / 3 } else { 0 };
    let first_bank = (sheet.roll(person, 2) % 4) as usize;
    for (nth, balance) in [whole - second, second].into_iter().enumerate() {
        if balance > 0 {
            let cells = [
                ("bank", text(BANKS[(first_bank + nth) % 4])),
                ("balance", Cell::Money(balance)),
                (
                    "account_tail",
                    text(format!("{:04}", (person.index as usize + nth) % 10_000)),
                ),
            ];
            sheet.state(person, &cells);
        }
    }
}

fn held(sheet: &mut Sheet<'_>, person: &Person, field: &'static str, amount: i64) {
    if amount > 0 && person.alive() {
        sheet.state(person, &[(field, Cell::Money(amount))]);
    }
}

fn wealth(sheet: &mut Sheet<'_>, person: &Person) {
    held(sheet, person, "amount", person.assets.wealth);
}

fn stocks(sheet: &mut Sheet<'_>, person: &Person) {
    held(sheet, person, "value", person.assets.stocks);
}

fn funds(sheet: &mut Sheet<'_>, person: &Person) {
    held(sheet, person, "value", person.assets.funds);
}

fn online(sheet: &mut Sheet<'_>, person: &Person) {
    if person.assets.online > 0 && person.alive() {
        let cells = [
            ("value", Cell::Money(person.assets.online)),
            ("platform", Cell::Word("payment")),
        ];
        sheet.state(person, &cells);
    }
}

fn insurance(sheet: &mut Sheet<'_>, person: &Person) {
    if person.assets.insurance > 0 && person.alive() {
        let cells = [
            ("type", Cell::Word("life")),
            ("cash_value", Cell::Money(person.assets.insurance)),
            ("premium", Cell::Money(person.assets.insurance / 12)),
        ];
        sheet.state(person, &cells);
    }
}

fn flows(sheet: &mut Sheet<'_>, person: &Person) {
    if !person.present() || sheet.age(person) < 18 {
        return;
    }
    // Money that no department knows of passes through accounts too.
    let inflow = person.income() * 6 + person.assets.deposits / 40;
    let spent = 70 + (sheet.roll(person, 1) % 28) as i64;
    let cells = [
        ("in", Cell::Money(inflow)),
        ("out", Cell::Money(inflow * spent / 100)),
        ("large_items", Cell::Int(inflow / yuan(60_000))),
    ];
    sheet.state(person, &cells);
}

fn credit(sheet: &mut Sheet<'_>, person: &Person) {
    if person.earnings > yuan(5_000) && person.present() && sheet.is(person, 1, 5_500) {
        let line = person.earnings * 3 / 100_000 * 100_000;
        let used = line * (sheet.roll(person, 2) % 60) as i64 / 100;
        sheet.state(
            person,
            &[("line", Cell::Money(line)), ("balance", Cell::Money(used))],
        );
    }
}

fn loans(sheet: &mut Sheet<'_>, person: &Person) {
    if mortgaged(sheet, person) {
        let cells = [
            ("amount", Cell::Money(mortgage(person) * 6 / 10)),
            ("kind", Cell::Word("house")),
        ];
        sheet.state(person, &cells);
    }
}

fn deceased(sheet: &mut Sheet<'_>, person: &Person) {
    if matches!(person.fate, Fate::Died(_)) && sheet.is(person, 1, 6_000) {
        let cells = [
            ("flag", Cell::Bool(true)),
            ("bank", text(BANKS[0])),
            ("balance", sheet.yuan(person, 2, 20, 30_000)),
        ];
        sheet.state(person, &cells);
    }
}
