//! 「偶尔」 What happens to few and bears little on the rest: a record now and
//! then, invented field by field from the category's own types.

use super::{Sheet, Source};
use crate::city::cell::Cell;
use crate::city::person::{Person, Work};
use chrono::Datelike;
use engine_pool::FieldType;
use kernel::Uscc;

/// To whom, and how often.
#[derive(Clone, Copy)]
pub(crate) struct Rare {
    who: Who,
    per_100_000: u64,
    /// Whole yuan an amount may be.
    yuan: (i64, i64),
}

/// Whom it may happen to. All but `Anyone` leave the poor in peace, so that
/// nothing invented decides about them.
#[derive(Clone, Copy)]
enum Who {
    Anyone,
    Adult,
    Elder,
    Child,
    Disabled,
    Ill,
    Aided,
    WellOff,
    Farmer,
    Worker,
}

const fn rare(who: Who, per_100_000: u64, low: i64, high: i64) -> Source {
    let yuan = (low, high);
    Source::Rare(Rare {
        who,
        per_100_000,
        yuan,
    })
}

pub(super) const SOURCES: &[(&str, Source)] = &[
    ("temp_assist", rare(Who::Aided, 2_500, 500, 6_000)),
    ("adoption_record", rare(Who::WellOff, 20, 0, 0)),
    ("rescue_case", rare(Who::Anyone, 12, 0, 0)),
    ("org_post", rare(Who::WellOff, 400, 0, 20_000)),
    ("volunteer_hours", rare(Who::Adult, 6_000, 0, 0)),
    ("resettler_payment", rare(Who::Farmer, 1_200, 600, 600)),
    ("drug_rehab", rare(Who::Adult, 25, 0, 0)),
    ("dv_warning", rare(Who::Adult, 45, 0, 0)),
    ("injury_benefit", rare(Who::Worker, 60, 1_800, 3_600)),
    ("public_post", rare(Who::Aided, 700, 2_490, 2_490)),
    ("skill_cert", rare(Who::Worker, 4_000, 0, 0)),
    ("survivor_benefit", rare(Who::WellOff, 80, 900, 1_400)),
    ("funeral_grant", rare(Who::WellOff, 500, 20_000, 46_000)),
    ("remote_care", rare(Who::Adult, 900, 0, 0)),
    ("special_family", rare(Who::Elder, 300, 800, 1_200)),
    ("fp_reward", rare(Who::Elder, 5_000, 1_200, 2_400)),
    ("emergency_fund", rare(Who::Ill, 600, 3_000, 20_000)),
    ("school_aid", rare(Who::Child, 900, 500, 1_500)),
    ("student_loan", rare(Who::Anyone, 60, 6_000, 16_000)),
    ("home_teaching", rare(Who::Child, 60, 0, 0)),
    ("high_fee_school", rare(Who::WellOff, 150, 30_000, 90_000)),
    ("dropout", rare(Who::Child, 40, 0, 0)),
    (
        "property_tax_income",
        rare(Who::WellOff, 500, 2_000, 30_000),
    ),
    ("dividend_tax", rare(Who::WellOff, 900, 300, 60_000)),
    ("vehicle_tax", rare(Who::WellOff, 2_500, 60_000, 260_000)),
    ("deed_tax", rare(Who::WellOff, 1_500, 600_000, 3_200_000)),
    (
        "realty_transfer",
        rare(Who::WellOff, 1_500, 600_000, 3_200_000),
    ),
    ("forest_right", rare(Who::Farmer, 600, 0, 0)),
    ("land_comp", rare(Who::Farmer, 400, 20_000, 200_000)),
    ("sea_area", rare(Who::Farmer, 100, 0, 0)),
    (
        "cooperative_member",
        rare(Who::Farmer, 2_500, 1_000, 20_000),
    ),
    ("hpf_withdraw", rare(Who::Worker, 2_500, 3_000, 80_000)),
    ("rent_subsidy", rare(Who::Aided, 1_200, 200, 600)),
    ("danger_house", rare(Who::Aided, 300, 15_000, 40_000)),
    ("house_sign", rare(Who::WellOff, 700, 700_000, 3_500_000)),
    ("machine_subsidy", rare(Who::Farmer, 600, 800, 30_000)),
    ("fishing_boat", rare(Who::Farmer, 250, 0, 0)),
    ("anti_poverty_watch", rare(Who::Aided, 1_500, 0, 0)),
    ("rehab_aid", rare(Who::Disabled, 2_500, 400, 2_400)),
    ("device_fit", rare(Who::Disabled, 4_000, 0, 0)),
    ("day_care", rare(Who::Disabled, 3_000, 0, 0)),
    ("disabled_job", rare(Who::Disabled, 400, 2_490, 3_500)),
    ("barrier_free", rare(Who::Disabled, 1_500, 2_000, 9_000)),
    ("disabled_student", rare(Who::Disabled, 500, 800, 3_000)),
    ("entitled_group", rare(Who::Elder, 500, 0, 0)),
    ("pension_comp", rare(Who::Elder, 450, 700, 2_200)),
    ("veteran_place", rare(Who::Worker, 400, 20_000, 80_000)),
    ("martyr_family", rare(Who::Elder, 40, 0, 0)),
    ("disaster_person", rare(Who::Anyone, 120, 0, 0)),
    ("damaged_house", rare(Who::Anyone, 40, 0, 0)),
    ("disaster_aid", rare(Who::Anyone, 60, 300, 3_000)),
    ("winter_spring", rare(Who::Aided, 1_500, 300, 800)),
    ("fire_accident", rare(Who::Anyone, 80, 500, 60_000)),
    ("legal_aid", rare(Who::Anyone, 220, 0, 0)),
    ("community_correction", rare(Who::Adult, 60, 0, 0)),
    ("released", rare(Who::Adult, 60, 0, 0)),
    ("mediation", rare(Who::Adult, 600, 0, 0)),
    ("notary", rare(Who::WellOff, 600, 1_000, 300_000)),
    ("dishonest", rare(Who::Adult, 300, 5_000, 900_000)),
    ("judicial_aid", rare(Who::Aided, 200, 3_000, 20_000)),
    ("guardian_revoked", rare(Who::Anyone, 4, 0, 0)),
    ("commercial_vehicle", rare(Who::Worker, 900, 0, 0)),
    ("ship", rare(Who::WellOff, 60, 80_000, 900_000)),
    ("resettler", rare(Who::Farmer, 1_200, 0, 0)),
    ("resettler_project", rare(Who::Farmer, 500, 200, 2_000)),
    ("hard_worker", rare(Who::Ill, 4_000, 0, 0)),
    ("worker_aid", rare(Who::Ill, 4_000, 1_000, 8_000)),
    ("model_worker", rare(Who::Worker, 60, 0, 0)),
    ("two_cancer", rare(Who::Ill, 1_500, 10_000, 10_000)),
    ("home_activity", rare(Who::Child, 6_000, 0, 0)),
    ("hope_aid", rare(Who::Child, 500, 1_000, 5_000)),
    ("family_guide", rare(Who::Child, 1_500, 0, 0)),
    ("charity_aid", rare(Who::Aided, 3_000, 500, 5_000)),
    ("directed_benefit", rare(Who::Aided, 700, 500, 3_000)),
    ("redcross_aid", rare(Who::Ill, 3_000, 2_000, 20_000)),
    ("goods_aid", rare(Who::Aided, 8_000, 0, 0)),
    ("named_fund_use", rare(Who::Aided, 500, 500, 5_000)),
    ("futures", rare(Who::WellOff, 250, 2_000, 400_000)),
    ("arrears_alert", rare(Who::Anyone, 350, 40, 600)),
];

fn may_happen(sheet: &Sheet<'_>, person: &Person, who: Who) -> bool {
    let home = sheet.home(person);
    let age = sheet.age(person);
    let settled = home.standing >= 2_500;
    match who {
        Who::Anyone => true,
        Who::Adult => age >= 18 && settled,
        Who::Elder => age >= 60 && settled,
        Who::Child => (6..18).contains(&age) && settled,
        Who::Disabled => person.disability.is_some(),
        Who::Ill => person.illness.is_some() && settled,
        Who::Aided => home.aid.is_some() && age >= 18,
        Who::WellOff => age >= 18 && home.standing >= 5_000,
        Who::Farmer => home.rural && age >= 18 && settled,
        Who::Worker => matches!(person.work, Work::Employed(_)) && settled,
    }
}

/// A record for those it happens to.
pub(super) fn happen(sheet: &mut Sheet<'_>, person: &Person, rare: Rare) {
    if !person.present() || !may_happen(sheet, person, rare.who) {
        return;
    }
    let chance = sheet.roll(person, 1) % 100_000;
    if chance >= rare.per_100_000 {
        return;
    }
    let day = sheet.past(person, 2, 40, 600);
    let mut cells = Vec::new();
    let mut about = sheet.as_of;
    for at in 0..sheet.category.fields.len() {
        let cell = invent(sheet, person, at, rare.yuan, day);
        if let Cell::Date(day) = cell
            && day <= sheet.as_of
        {
            about = day;
        }
        cells.push(cell);
    }
    if day <= sheet.as_of {
        sheet.finish_invented(person, about, cells);
    }
}

fn invent(
    sheet: &Sheet<'_>,
    person: &Person,
    at: usize,
    (low, high): (i64, i64),
    day: kernel::Date,
) -> Cell {
    let salt = 10 + at as u64;
    let Some(ty) = sheet.field_type(at) else {
        return Cell::Empty;
    };
    let id = sheet.category.fields[at].id.as_str();
    match ty {
        FieldType::Money => sheet.yuan(person, salt, low, high.max(low)),
        FieldType::Int if id == "year" => Cell::Int(i64::from(day.year())),
        FieldType::Int => Cell::Int(1 + (sheet.roll(person, salt) % 4) as i64),
        FieldType::Decimal => Cell::Decimal(100 + (sheet.roll(person, salt) % 9_000) as i64),
        FieldType::Date if matches!(id, "valid_to" | "term" | "to" | "out") => {
            Cell::Date(day + chrono::Days::new(400))
        }
        FieldType::Date => Cell::Date(day),
        FieldType::Month => Cell::Month(sheet.month()),
        FieldType::Bool => Cell::Bool(sheet.is(person, salt, 5_000)),
        FieldType::Code(codes) => {
            let nth = sheet.roll(person, salt) % codes.len().max(1) as u64;
            let code = codes.keys().nth(nth as usize);
            code.map_or(Cell::Empty, |code| Cell::Text(code.to_string()))
        }
        FieldType::Region => {
            let village = sheet.home(person).village as usize;
            Cell::Region(sheet.city.villages[village].code)
        }
        FieldType::IdNo => {
            let home = sheet.home(person);
            sheet.number_of(Some(home.first + home.size - 1))
        }
        FieldType::Uscc => {
            let nth = sheet.roll(person, salt) % sheet.city.companies.len().max(1) as u64;
            let company: Option<Uscc> = sheet.city.companies.get(nth as usize).map(|c| c.code);
            company.map_or(Cell::Empty, Cell::Organisation)
        }
        FieldType::Card => Cell::Text(crate::city::card_of(person.index)),
        FieldType::Text => {
            let name = &sheet.category.fields[at].name;
            Cell::Text(format!("合成{name}{}", sheet.roll(person, salt) % 90 + 10))
        }
    }
}
