//! H01–H04, H13, H14: books that a pack alone adds. Earned only when the other side says so,
//! spent oldest first, refused in words, undone by a second person; funds open to everybody.
//! On both databases.

mod funds;
mod time;
mod yearly;

use super::*;
use crate::case::tests::town::*;
use store::Db;

/// Books nobody in Rust has heard of.
const BANK: &str = r#"
[ledger]
id = "beans"
name = "豆子账"
says = "帮人得豆子"
unit = "bean"
unit_name = "颗"
basis = "试验"
provenance = "assumed"

[personal]
lot_months = 2
warn_days = 40
recent_days = 90
ahead_days = 90

[[kind]]
id = "help"
name = "帮人"
does = "earn"
percent = 150
confirm_days = 10
month_most = 300

[[kind]]
id = "far"
name = "帮外人"
does = "earn"
confirm_days = 10
not_kin = true

[[kind]]
id = "old"
name = "老人帮人"
does = "earn"
confirm_days = 10
age_from = 60

[[kind]]
id = "paper"
name = "凭证"
does = "earn"
each = 5
day_most = 10

[[kind]]
id = "use"
name = "用"
does = "spend"
kin_from = 60

[[kind]]
id = "gift"
name = "送人"
does = "give"
year_most = 100
"#;

const FUND: &str = r#"
[ledger]
id = "jar"
name = "罐子"
says = "捐的钱"
unit = "fen"
unit_name = "元"
level = "L1"
basis = "试验"
provenance = "assumed"

[fund]
emergency_days = 5
usual_months = 3
long_months = 6
end_months = 3

[fund.purpose]
elder = "助老"
school = "助学"

[fund.gift]
plain = "随手捐"
"#;

/// A book that knows organisations and what a year is held against; nothing in Rust does.
const CHEST: &str = r#"
[ledger]
id = "chest"
name = "箱子"
says = "捐的钱"
unit = "fen"
unit_name = "元"
level = "L1"
basis = "试验"
provenance = "assumed"

[fund]
emergency_days = 5
usual_months = 3
long_months = 6
end_months = 3
admin = ["office"]

[fund.purpose]
elder = "助老"
office = "办公"

[fund.gift]
plain = "随手捐"

[fund.org]
club = "会"
other = "别的"

[[fund.limit]]
id = "out"
name = "一年要用出去的"
org = ["club"]
counts = "charity"
of = ["income_last_year"]
least = "70%"
basis = "试验"
provenance = "law"

[[fund.limit]]
id = "costs"
name = "一年的办公"
org = ["club"]
counts = "admin"
of = ["spent_this_year"]
most = "25%"
basis = "试验"
provenance = "memory"
note = "没有核实"
"#;

async fn house(db: Db) -> Town {
    let plain = Town::new(db).await;
    let law = law_with(&[
        ("beans.toml", BANK),
        ("jar.toml", FUND),
        ("chest.toml", CHEST),
    ]);
    let town = plain.moved_to(&plain.under_law(law));
    for actor in [keeper(), keeper_two()] {
        town.hire(actor, "990000").await;
    }
    town
}

fn staff(account: &str, person: i64) -> Actor {
    Actor {
        account: account.to_owned(),
        person: Some(PersonId(person)),
        role: Role::CharityAccountant,
    }
}

fn keeper() -> Actor {
    staff("keeper", 931)
}

fn keeper_two() -> Actor {
    staff("keeper2", 932)
}

fn son() -> Actor {
    Actor {
        account: "son".to_owned(),
        person: Some(SON),
        role: Role::Citizen,
    }
}

/// On duty at the desk.
fn desk(town: &Town, actor: Actor) -> Context {
    Context {
        purpose: Purpose::Duty,
        ..town.by(actor, None)
    }
}

fn said<T: std::fmt::Debug>(done: Result<T>) -> String {
    done.unwrap_err().to_string()
}

fn code<T>(done: Result<T>) -> &'static str {
    match done {
        Ok(_) => "ok",
        Err(why) => why.refusal_code().unwrap_or("no refusal"),
    }
}

async fn sound(town: &Town) {
    let proved = store::ledger::prove(town.app.db()).await.unwrap();
    assert!(proved.holds(), "{proved:?}");
    assert!(proved.accounts > 0);
}
