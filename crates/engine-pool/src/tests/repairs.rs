//! What is mended, and what is not.

use super::*;
use crate::repair::{Mender, Repair, RepairKind};
use kernel::RegionTree;

const REGIONS: &str = "\
code,name,parent,level,valid_from,valid_to
990000000000,试省,,province,,
990100000000,试市,990000000000,city,,
990101000000,甲区,990100000000,county,,2021-03-31
990102000000,乙区,990100000000,county,,
990103000000,丙区,990100000000,county,,2021-03-31
990104000000,丁区,990100000000,county,,
";

fn regions() -> RegionTree {
    let tree = RegionTree::from_csv(REGIONS).unwrap();
    let changes = "old,new,from
990101000000,990102000000,2021-04-01
990103000000,990102000000,2021-04-01
990103000000,990104000000,2021-04-01
";
    tree.with_changes_csv(changes).unwrap()
}

fn mended(column: &str, cell: &str, as_of: &str) -> (String, Option<RepairKind>) {
    let category = category(
        "family",
        1,
        &[PurposeKind::Discovery],
        vec![
            field("name", "姓名", FieldType::Text, false),
            field("words", "说明", FieldType::Text, false),
            field("mother", "母亲证件号码", FieldType::IdNo, false),
            field("where", "户籍地", FieldType::Region, false),
        ],
    );
    let names: Vec<String> = ["id_no", "as_of", column].map(str::to_owned).into();
    let mut cells = [MOTHER.to_owned(), as_of.to_owned(), cell.to_owned()];
    if column == "id_no" {
        cells[0] = cell.to_owned();
    }
    let width = if column == "id_no" { 2 } else { 3 };
    let tree = regions();
    let mender = Mender::new(&category, &names[..width], &tree, day("2026-11-20"));
    let mended = mender.mend(&cells[..width]);
    let (row, repairs) = mended.unwrap_or_else(|| (cells[..width].to_vec(), Vec::new()));
    cells[..width].clone_from_slice(&row);
    assert!(repairs.len() < 2);
    let at = if column == "id_no" { 0 } else { 2 };
    let kind = repairs.first().map(|one: &Repair| {
        assert_eq!((one.was.as_str(), &one.now), (cell, &cells[at]));
        one.kind
    });
    (cells[at].clone(), kind)
}

#[test]
fn a02_what_has_one_meaning_is_mended_and_said() {
    use RepairKind::*;
    for (column, cell, as_of, now, kind) in [
        (
            "id_no",
            "990482480315002",
            "2026-01-01",
            "990482194803150023",
            Some(Upgraded),
        ),
        (
            "mother",
            "99048219480315 0023",
            "2026-01-01",
            "990482194803150023",
            Some(NumberForm),
        ),
        (
            "id_no",
            "９９０４８２１９４８０３１５００２３",
            "2026-01-01",
            "990482194803150023",
            Some(NumberForm),
        ),
        (
            "id_no",
            "990482194803150023",
            "2026-01-01",
            "990482194803150023",
            None,
        ),
        // Over a hundred: the year 19.. cannot be known. A wrong digit is never guessed.
        (
            "id_no",
            "990482480315996",
            "2026-01-01",
            "990482480315996",
            None,
        ),
        (
            "id_no",
            "990482194803150024",
            "2026-01-01",
            "990482194803150024",
            None,
        ),
        (
            "name",
            "阿依古丽•买买提",
            "2026-01-01",
            "阿依古丽·买买提",
            Some(NameDot),
        ),
        (
            "name",
            "阿依古丽．买买提",
            "2026-01-01",
            "阿依古丽·买买提",
            Some(NameDot),
        ),
        (
            "name",
            "王\u{E831}",
            "2026-01-01",
            "王\u{215D7}",
            Some(RareCharacter),
        ),
        ("name", "王小明", "2026-01-01", "王小明", None),
        // Only names have middle dots.
        ("words", "一•二", "2026-01-01", "一•二", None),
        // Merged into another; of its own time the old code is right; a split is asked.
        (
            "where",
            "990101000000",
            "2026-01-01",
            "990102000000",
            Some(Region),
        ),
        ("where", "990101000000", "2020-01-01", "990101000000", None),
        ("where", "990103000000", "2026-01-01", "990103000000", None),
        ("where", "990109000000", "2026-01-01", "990109000000", None),
    ] {
        assert_eq!(
            mended(column, cell, as_of),
            (now.to_owned(), kind),
            "{column} {cell}"
        );
    }
    // Lower-case x, on a number whose check digit it is.
    let mut numbers = (1..60_u16).filter_map(|sequence| {
        let built = kernel::CitizenId::build(990_482, day("1970-01-01"), sequence).ok()?;
        Some(built.reveal().to_owned())
    });
    let upper = numbers.find(|text| text.ends_with('X')).unwrap();
    let lower = upper.replace('X', "x");
    assert_eq!(
        mended("id_no", &lower, "2026-01-01"),
        (upper, Some(NumberForm))
    );
}
