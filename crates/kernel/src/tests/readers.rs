//! What is printed reads back; no text makes a reader fall over.

use crate::*;
use proptest::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

/// Through JSON and back.
fn survives<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let json = serde_json::to_string(value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&json).unwrap(), *value);
}

/// A name reads back as the same name when it reads at all.
fn name_is_settled(text: &str) {
    if let Ok(name) = text.parse::<PersonName>() {
        assert_eq!(name.as_str().parse(), Ok(name));
    }
}

prop_compose! {
    fn a_day()(days in 0..80_000_i64) -> Date {
        Date::from_ymd_opt(1880, 1, 1).unwrap() + chrono::Duration::days(days)
    }
}

proptest! {
    #[test]
    fn citizens_read_back(area in 110_000..800_000_u32, born in a_day(), sequence in 0..1000_u16) {
        let id = CitizenId::build(area, born, sequence).unwrap();
        prop_assert_eq!(id.reveal().parse(), Ok(id));
        prop_assert_eq!(id.reveal().parse(), Ok(PersonNumber::from(id)));
        prop_assert_eq!((id.area(), id.born()), (area, born));
        survives(&PersonNumber::from(id));
    }

    #[test]
    fn one_wrong_digit_is_always_noticed(born in a_day(), at in 0..17_usize, digit in 0..10_u8) {
        let id = CitizenId::build(990_482, born, 1).unwrap();
        let mut text: Vec<u8> = id.reveal().bytes().collect();
        let changed = text[at] != b'0' + digit;
        text[at] = b'0' + digit;
        let text = String::from_utf8(text).unwrap();
        prop_assert_eq!(text.parse::<PersonNumber>().is_err(), changed);
    }

    #[test]
    fn organisations_read_back(body in "[159NY][1-9][0-9]{6}[0-9A-HJ-NPQRTUWXY]{9}") {
        let code = Uscc::build(&body).unwrap();
        prop_assert_eq!(code.to_string().parse(), Ok(code));
        survives(&code);
    }

    #[test]
    fn rates_read_back(millionths in any::<i64>().prop_filter("the range is symmetric", |n| *n != i64::MIN)) {
        let rate = Rate::from_millionths(millionths);
        prop_assert_eq!(rate.to_string().parse(), Ok(rate));
        prop_assert_eq!(rate.percent().parse(), Ok(rate));
    }

    #[test]
    fn money_reads_back(fen in any::<i64>().prop_filter("the range is symmetric", |n| *n != i64::MIN)) {
        let money = Money::from_fen(fen);
        prop_assert_eq!(money.to_string().parse(), Ok(money));
    }

    #[test]
    fn regions_read_back(code in 110_000_000_000..999_999_999_999_u64) {
        if let Ok(region) = RegionCode::from_u64(code) {
            prop_assert_eq!(region.to_string().parse(), Ok(region));
            survives(&region);
            let parent = region.parent();
            prop_assert!(parent.is_none_or(|p| p.contains(region) && p.level() < region.level()));
        }
    }

    #[test]
    fn relations_read_back(code in 0..=255_u8) {
        if let Ok(relation) = Relation::from_code(code) {
            prop_assert_eq!(relation.to_string().parse(), Ok(relation));
            survives(&relation);
        }
    }

    #[test]
    fn working_days_add_up(days in 0..400_i64, count in 0..120_u32) {
        let calendar = WorkCalendar::from_csv(super::calendar::HOLIDAYS).unwrap();
        let start = Date::from_ymd_opt(2025, 1, 1).unwrap() + chrono::Duration::days(days);
        let end = calendar.add_working_days(start, count).unwrap();
        prop_assert_eq!(calendar.working_days_between(start, end), Ok(i64::from(count)));
    }

    #[test]
    fn months_there_and_back(from in a_day(), count in 0..600_i32) {
        let to = months_after(from, count).unwrap();
        prop_assert_eq!(months_between(from, to), count);
    }

    #[test]
    fn nothing_makes_a_reader_fall_over(text in any::<String>()) {
        let _ = (text.parse::<PersonNumber>(), text.parse::<CitizenId>(), CitizenId::upgrade(&text));
        let _ = (text.parse::<ResidencePermit>(), text.parse::<ForeignerPermit>());
        let _ = (text.parse::<Uscc>(), text.parse::<OrganisationCode>(), text.parse::<BankCard>());
        let _ = (text.parse::<RegionCode>(), text.parse::<Mobile>(), text.parse::<Relation>());
        let _ = (text.parse::<Rate>(), text.parse::<Money>(), text.parse::<Period>());
        let _ = (WorkCalendar::from_csv(&text), RegionTree::from_csv(&text));
        name_is_settled(&text);
    }

    #[test]
    fn nearly_right_texts_do_not_either(text in "[ +86]{0,3}[0-9A-Zxa-z·.•阿-龥 -]{0,22}") {
        let _ = (text.parse::<PersonNumber>(), CitizenId::upgrade(&text), text.parse::<Uscc>());
        let _ = (text.parse::<BankCard>(), text.parse::<Mobile>(), text.parse::<OrganisationCode>());
        name_is_settled(&text);
    }

    #[test]
    fn nearly_right_tables_do_not_either(rows in "(20[0-9]{2}-[01][0-9]-[0-3][0-9],(holiday|workday|x),[,\"a]?\n){0,6}") {
        let _ = WorkCalendar::from_csv(&format!("date,kind,name\n{rows}"));
    }
}
