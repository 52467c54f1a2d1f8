//! Region codes and the dated tree.

use super::day;
use crate::*;

const TREE: &str = "\
code,name,parent,level,valid_from,valid_to
330000000000,浙江省,,province,,
330400000000,嘉兴市,330000000000,city,,
330482000000,平湖市,330400000000,county,,
330482001000,当湖街道,330482000000,town,,
330482001001,南门社区,330482001000,village,,2023-06-30
330482001002,东湖社区,330482001000,village,,
330482001003,新南门社区,330482001000,village,2023-07-01,
";

fn code(text: &str) -> RegionCode {
    text.parse().unwrap()
}

#[test]
fn codes_of_six_nine_and_twelve_digits() {
    for (text, full, level, parent) in [
        ("330000", "330000000000", RegionLevel::Province, None),
        ("330400", "330400000000", RegionLevel::City, Some("330000")),
        (
            "330482",
            "330482000000",
            RegionLevel::County,
            Some("330400"),
        ),
        (
            "330482001",
            "330482001000",
            RegionLevel::Town,
            Some("330482"),
        ),
        (
            "330482001002",
            "330482001002",
            RegionLevel::Village,
            Some("330482001"),
        ),
        // A city without counties: its towns lie directly in it.
        (
            "441900003",
            "441900003000",
            RegionLevel::Town,
            Some("441900"),
        ),
        (
            "990482",
            "990482000000",
            RegionLevel::County,
            Some("990400"),
        ),
    ] {
        let region = code(text);
        assert_eq!((region.to_string().as_str(), region.level()), (full, level));
        assert_eq!(region.parent(), parent.map(code), "{text}");
    }
    for bad in [
        "",
        "33",
        "3304",
        "33048",
        "3304820010",
        "330000001",
        "330482000001",
        "000000",
        "330082",
        "３30482",
        "-30482",
    ] {
        assert!(bad.parse::<RegionCode>().is_err(), "{bad}");
    }
}

#[test]
fn a_region_contains_itself_and_what_lies_in_it() {
    let (city, county, village) = (code("330400"), code("330482"), code("330482001002"));
    assert!(county.contains(county) && county.contains(village) && city.contains(village));
    assert!(!village.contains(county) && !code("330483").contains(village));
    assert_eq!(village.within(RegionLevel::City), Some(city));
    assert_eq!(city.within(RegionLevel::County), None);
    assert_eq!(village.six(), 330_482);
}

#[test]
fn the_tree_is_dated() {
    let tree = RegionTree::from_csv(TREE).unwrap();
    let changes = "old,new,from\n330482001001,330482001003,2023-07-01\n330482001009,330482001001,2010-01-01\n";
    let tree = tree.with_changes_csv(changes).unwrap();
    let (before, after) = (day("2023-06-30"), day("2026-01-01"));
    let (old, new) = (code("330482001001"), code("330482001003"));
    assert_eq!(tree.name(old, before), Some("南门社区"));
    assert_eq!(tree.name(old, after), None);
    assert_eq!(
        tree.full_name(new, after),
        "浙江省嘉兴市平湖市当湖街道新南门社区"
    );
    let names = |day| -> Vec<&str> {
        tree.children(code("330482001"), day)
            .map(|region| region.name.as_str())
            .collect()
    };
    assert_eq!(names(before), ["南门社区", "东湖社区"]);
    assert_eq!(names(after), ["东湖社区", "新南门社区"]);
    assert_eq!(tree.current(old, before), [old]);
    assert_eq!(tree.current(old, after), [new]);
    assert_eq!(tree.current(code("330482001009"), after), [new]);
    assert_eq!(tree.current(code("330483"), after), []);
    assert_eq!(tree.all(after).count(), 6);
}

#[test]
fn changes_in_a_circle_end() {
    let changes = "old,new,from\n330481,330482,2020-01-01\n330482,330481,2021-01-01\n";
    let tree = RegionTree::from_csv(TREE)
        .unwrap()
        .with_changes_csv(changes)
        .unwrap();
    assert_eq!(tree.current(code("330481"), day("2026-01-01")), []);
}

#[test]
fn a_faulty_tree_names_every_line() {
    let text = "code,name,parent,level\n33,x,,province\n330482000000,平湖市,330000000000,county\n\
                330482001000,,330482000000,town\n330400000000,嘉兴市,330000000000,county\n\
                330000000000,浙江省,,province\n330000000000,浙江省,,province\n";
    let faults = RegionTree::from_csv(text).unwrap_err();
    let lines: Vec<u64> = faults.iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [2, 3, 4, 5, 7]);
}
