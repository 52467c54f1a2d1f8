//! Prices, subsidies, quotas.

use super::world::*;
use crate::*;
use kernel::Money;

fn bath() -> OrderType {
    let mut ty = hotline();
    let mut bath = item("repair", 8_000);
    bath.quota = Some(Quota {
        times: 10,
        per: Per::Year,
        over: Over::Refuse,
    });
    bath.only_for = vec![slug("dibao"), slug("nursing")];
    bath.subsidies = vec![
        Subsidy {
            amount: Money::from_fen(8_000),
            age_from: None,
            age_to: None,
            only_for: vec![slug("dibao")],
        },
        Subsidy {
            amount: Money::from_fen(400),
            age_from: Some(80),
            age_to: None,
            only_for: vec![],
        },
        Subsidy {
            amount: Money::from_fen(200),
            age_from: Some(60),
            age_to: Some(79),
            only_for: vec![],
        },
    ];
    ty.items = vec![bath];
    ty
}

fn asked(groups: &[(&str, bool)], age: Option<i32>, used: u32, count: u32) -> Result<Tale, String> {
    let mut tale = Tale::new(bath());
    tale.used.insert(slug("repair"), used);
    let mut asked = requested(&tale.ty, Asker::Phone, Cause::Asked);
    asked.about.groups = groups.iter().map(|(id, is)| (slug(id), *is)).collect();
    asked.about.age = age;
    asked.wants[0].count = count;
    let done = tale.does(0, operator(), Act::Request(Box::new(asked)));
    done.map(|_| tale)
        .map_err(|why| kernel::Refuse::code(&why).to_owned())
}

#[test]
fn d20_ten_free_baths_a_year_and_not_eleven() {
    let poor = [("dibao", true), ("nursing", false)];
    assert!(asked(&poor, Some(70), 9, 1).is_ok());
    assert_eq!(
        asked(&poor, Some(70), 10, 1).err().as_deref(),
        Some("order.over_quota")
    );
    assert_eq!(
        asked(&poor, Some(70), 9, 2).err().as_deref(),
        Some("order.over_quota")
    );
}

#[test]
fn d20_beyond_the_quota_at_full_price_where_the_pack_says_so() {
    let mut tale = Tale::new(bath());
    tale.ty.items[0].quota.as_mut().unwrap().over = Over::FullPrice;
    tale.used.insert(slug("repair"), 9);
    let mut asked = requested(&tale.ty, Asker::Phone, Cause::Asked);
    asked.about.groups = [(slug("dibao"), true)].into();
    asked.wants[0].count = 3;
    tale.ok(0, operator(), Act::Request(Box::new(asked)));
    let quote = &tale.order.quote;
    assert_eq!(quote.lines[0].beyond, 2);
    assert_eq!(quote.own(), Some(Money::from_fen(16_000)));
}

#[test]
fn d19_the_largest_subsidy_counts_and_missing_is_neither_yes_nor_no() {
    let no = [("dibao", false), ("nursing", true)];
    let own = |groups: &[(&str, bool)], age| {
        let tale = asked(groups, age, 0, 1).unwrap();
        let open: Vec<String> = tale.order.quote.open().map(str::to_owned).collect();
        (tale.order.quote.own().unwrap().fen(), open)
    };
    assert_eq!(own(&[("dibao", true)], Some(85)), (0, vec![]));
    assert_eq!(own(&no, Some(85)), (7_600, vec![]));
    assert_eq!(own(&no, Some(79)), (7_800, vec![]));
    assert_eq!(own(&no, Some(59)), (8_000, vec![]));
    assert_eq!(own(&no, None), (8_000, vec!["repair：年龄".to_owned()]));
    let neither = [("dibao", false), ("nursing", false)];
    assert_eq!(
        asked(&neither, Some(85), 0, 1).err().as_deref(),
        Some("order.not_for_them")
    );
}

#[test]
fn d05_settled_once_after_it_was_confirmed_and_only_when_the_price_is_known() {
    let tell = |groups: &[(&str, bool)]| {
        let mut tale = asked(groups, Some(70), 0, 1).unwrap();
        tale.sent(10, 1);
        tale.ok(20, of_provider(1), Act::Accept);
        tale.ok(900, of_provider(1), finish(900, vec![photo()]));
        assert_eq!(tale.no(901, operator(), Act::Settle), "order.not_confirmed");
        let confirm = Act::Confirm {
            words: String::new(),
            by_phone: true,
        };
        tale.ok(902, operator(), confirm);
        tale
    };
    let mut tale = tell(&[("dibao", true)]);
    tale.ok(903, operator(), Act::Settle);
    let settled = tale.order.settled.as_ref().unwrap();
    assert_eq!(
        (settled.own, settled.subsidy),
        (Money::ZERO, Money::from_fen(8_000))
    );
    assert_eq!(
        tale.no(904, operator(), Act::Settle),
        "order.settled_already"
    );
    let mut open = tell(&[("nursing", true)]);
    assert_eq!(open.no(903, operator(), Act::Settle), "order.price_open");
}
