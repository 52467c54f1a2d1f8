//! Who may be one person, and who is not even asked about.

use super::*;
use crate::suspect::{Ground, suspect};

fn entry(id: i64, called: &str, born: &str, more: &[PersonFact]) -> Person {
    let mut state = State::default();
    let number_of = |sequence| {
        let built = kernel::CitizenId::build(990_482, day(born), sequence).unwrap();
        number(built.reveal())
    };
    let facts = vec![name(called), number_of(u16::try_from(id * 2).unwrap())];
    let origin = sent("hukou", 1, "2026-01-01");
    let id = PersonId(id);
    let command = Command::RegisterPerson {
        id,
        facts: facts.into_iter().chain(more.iter().cloned()).collect(),
        origin,
    };
    run(&mut state, command).unwrap();
    state.people.remove(&id).unwrap()
}

#[test]
fn a02_same_name_birthday_and_place_are_asked_about_and_nobody_else() {
    let village = region("330482001001");
    let at = |text: &str| PersonFact::Address(text.into());
    let one = entry(1, "测试甲", "1960-01-01", &[at("某路 1 号")]);
    let ask = |other: &Person, homes| suspect((&one, other), homes, &Config::default());
    let here = (Some(village), Some(village));
    let away = (Some(village), Some(region("330482001002")));
    let same = entry(2, "测试甲", "1960-01-01", &[at("某路 1 号")]);
    assert_eq!(ask(&same, away), Some(Ground::Address));
    let moved = entry(3, "测试甲", "1960-01-01", &[]);
    assert_eq!(ask(&moved, here), Some(Ground::Village));
    assert_eq!(ask(&moved, away), None);
    // Where nobody knows where they live, nobody is suspected.
    assert_eq!(ask(&moved, (None, None)), None);
    let other_name = entry(4, "测试乙", "1960-01-01", &[at("某路 1 号")]);
    let other_day = entry(5, "测试甲", "1960-01-02", &[at("某路 1 号")]);
    assert_eq!(
        (ask(&other_name, here), ask(&other_day, here)),
        (None, None)
    );
    assert_eq!(ask(&one, here), None);
    let mut merged = same.clone();
    merged.merged_into = Some(PersonId(1));
    assert_eq!(ask(&merged, here), None);
}
