//! The gate: what a row must be, and every way it is not.

use super::*;
use crate::gate::{FaultKind, Header, HeaderFault, validate_named, validate_row};
use kernel::Money;
use proptest::prelude::*;

const TODAY: &str = "2026-11-23";
const GOOD: [&str; 7] = [
    MOTHER,
    "V1",
    "2026-11-01",
    "浙F·A0001",
    "small",
    "80000.50",
    "2020/2/29",
];

fn judge(cells: &[&str]) -> Result<Record, Vec<(String, FaultKind)>> {
    let config = config();
    let vehicle = config.catalogue.category(&slug("vehicle")).unwrap();
    validate_row(vehicle, &Header::agreed(vehicle), 7, cells, day(TODAY)).map_err(|faults| {
        assert!(faults.iter().all(|fault| fault.line == 7));
        faults
            .into_iter()
            .map(|fault| (fault.column, fault.kind))
            .collect()
    })
}

#[test]
fn a_good_row_is_typed() {
    let record = judge(&GOOD).unwrap();
    assert_eq!(record.subject, Subject::Person(number(MOTHER)));
    assert_eq!(
        (record.record_no.as_str(), record.as_of),
        ("V1", day("2026-11-01"))
    );
    assert_eq!(
        record.get("price"),
        Some(&Value::Money(Money::from_fen(8_000_050)))
    );
    assert_eq!(
        record.get("bought_on"),
        Some(&Value::Date(day("2020-02-29")))
    );
    assert_eq!(record.get("size"), Some(&Value::Code(slug("small"))));
    let mut sparse = GOOD;
    (sparse[4], sparse[5], sparse[6]) = ("大型", " ", "");
    let record = judge(&sparse).unwrap();
    assert_eq!(record.get("size"), Some(&Value::Code(slug("large"))));
    assert_eq!(record.get("price"), None);
}

#[test]
fn every_fault_of_a_cell_is_named() {
    let unknown = FaultKind::UnknownCode("大型、小型".into());
    let long = "长".repeat(501);
    for (at, cell, column, kind) in [
        (0, "", "证件号码", FaultKind::Missing),
        (0, "990482194803150024", "证件号码", not_a_person("校验位")),
        (
            0,
            "990402199002290019",
            "证件号码",
            not_a_person("出生日期不存在"),
        ),
        (1, "", "记录编号", FaultKind::Missing),
        (2, "2026-02-31", "数据日期", FaultKind::NoSuchDate),
        (2, "20260231", "数据日期", FaultKind::NoSuchDate),
        (2, "2026.02.03", "数据日期", FaultKind::NotADate),
        (2, "2026-11-24", "数据日期", FaultKind::InTheFuture),
        (2, "1948-03-14", "数据日期", inconsistent()),
        (3, "", "号牌号码", FaultKind::Missing),
        (3, long.as_str(), "号牌号码", FaultKind::TooLong(500)),
        (3, "浙\u{FFFD}", "号牌号码", FaultKind::Garbled),
        (3, "浙\u{0}F", "号牌号码", FaultKind::Garbled),
        (4, "中型", "车型", unknown),
        (5, "1.234", "价格", FaultKind::TooManyDecimals),
        (5, "8万", "价格", FaultKind::NotMoney),
        (5, "99999999999999999999", "价格", FaultKind::TooLarge),
        (6, "2026-13-01", "购买日期", FaultKind::NoSuchDate),
        (6, "昨天", "购买日期", FaultKind::NotADate),
    ] {
        let mut row = GOOD;
        row[at] = cell;
        let expected = Err(vec![(column.to_owned(), kind)]);
        assert_eq!(judge(&row).map_err(trimmed), expected, "{cell}");
    }
}

fn not_a_person(part: &str) -> FaultKind {
    FaultKind::NotAPerson(part.into())
}

fn inconsistent() -> FaultKind {
    FaultKind::Inconsistent("数据日期早于".into())
}

/// Long sentences cut to the part a table names.
fn trimmed(faults: Vec<(String, FaultKind)>) -> Vec<(String, FaultKind)> {
    let cut = |text: &str| {
        let parts = ["校验位", "出生日期不存在", "数据日期早于"];
        parts
            .into_iter()
            .find(|part| text.contains(part))
            .unwrap_or_default()
            .to_owned()
    };
    let one = |(column, kind)| {
        let kind = match kind {
            FaultKind::NotAPerson(text) => FaultKind::NotAPerson(cut(&text)),
            FaultKind::Inconsistent(text) => FaultKind::Inconsistent(cut(&text)),
            other => other,
        };
        (column, kind)
    };
    faults.into_iter().map(one).collect()
}

#[test]
fn all_faults_of_a_row_come_together() {
    let row = [MOTHER, "", "2026-11-01", "", "x", "1.234", "2026-02-31"];
    let columns: Vec<String> = judge(&row)
        .unwrap_err()
        .into_iter()
        .map(|(column, _)| column)
        .collect();
    assert_eq!(
        columns,
        ["记录编号", "号牌号码", "车型", "价格", "购买日期"]
    );
}

#[test]
fn a_slipped_row_is_called_slipped() {
    let mut right = GOOD;
    right.rotate_right(1);
    let mut left = GOOD;
    left.rotate_left(1);
    for row in [right, left] {
        assert_eq!(
            judge(&row).unwrap_err(),
            [(String::new(), FaultKind::Shifted)]
        );
    }
    for row in [&GOOD[..6], &[&GOOD[..], &["多"]].concat()[..]] {
        let expected = FaultKind::CellCount {
            wanted: 7,
            found: row.len(),
        };
        assert_eq!(judge(row).unwrap_err(), [(String::new(), expected)]);
    }
}

#[test]
fn faults_never_repeat_the_data() {
    let mut row = GOOD;
    (row[0], row[5]) = ("990482194803150024", "12345.678");
    let config = config();
    let vehicle = config.catalogue.category(&slug("vehicle")).unwrap();
    let faults = validate_row(vehicle, &Header::agreed(vehicle), 7, &row, day(TODAY)).unwrap_err();
    for fault in faults {
        let words = format!("{fault} {fault:?}");
        assert!(
            !words.contains("9904") && !words.contains("12345"),
            "{words}"
        );
    }
    let words = format!("{:?}", judge(&GOOD).unwrap());
    assert!(
        !words.contains("80000") && !words.contains(MOTHER),
        "{words}"
    );
}

#[test]
fn headers_by_id_or_by_name_in_any_order() {
    let config = config();
    let vehicle = config.catalogue.category(&slug("vehicle")).unwrap();
    let mixed = ["\u{feff}号牌号码", "id_no", "record_no", "数据日期", "size"];
    let header = Header::read(vehicle, &mixed).unwrap();
    let cells = ["浙F·A0001", MOTHER, "V1", "2026-11-01", "small"];
    let record = validate_row(vehicle, &header, 2, &cells, day(TODAY)).unwrap();
    assert_eq!(record.get("plate"), Some(&Value::Text("浙F·A0001".into())));
    for (cells, fault) in [
        (
            vec!["id_no", "record_no", "as_of", "plate"],
            HeaderFault::Missing(vec!["车型".into()]),
        ),
        (
            vec!["id_no", "record_no", "as_of", "plate", "size", "colour"],
            HeaderFault::Unknown(vec!["colour".into()]),
        ),
        (
            vec!["id_no", "record_no", "as_of", "plate", "size", "车型"],
            HeaderFault::Twice("车型".into()),
        ),
    ] {
        assert_eq!(Header::read(vehicle, &cells), Err(vec![fault]));
    }
}

#[test]
fn named_cells_of_json_lines() {
    let config = config();
    let vehicle = config.catalogue.category(&slug("vehicle")).unwrap();
    let row = [
        ("id_no", MOTHER),
        ("record_no", "V1"),
        ("as_of", "2026-11-01"),
        ("号牌号码", "x"),
        ("size", "small"),
    ];
    assert!(validate_named(vehicle, 3, row, day(TODAY)).is_ok());
    let more = row.into_iter().chain([("colour", "red")]);
    let faults = validate_named(vehicle, 3, more, day(TODAY)).unwrap_err();
    assert_eq!(
        (faults.len(), &faults[0].kind),
        (1, &FaultKind::UnknownField)
    );
    let fewer = row.into_iter().take(4);
    let faults = validate_named(vehicle, 3, fewer, day(TODAY)).unwrap_err();
    assert_eq!(
        (faults[0].column.as_str(), &faults[0].kind),
        ("车型", &FaultKind::Missing)
    );
}

#[test]
fn cells_of_the_other_types() {
    use crate::cell::read_cell;
    for (ty, cell, value) in [
        (FieldType::Int, "3.0", Value::Int(3)),
        (FieldType::Int, "-12", Value::Int(-12)),
        (FieldType::Decimal, "12.345678", Value::Decimal(12_345_678)),
        (
            FieldType::Month,
            "202611",
            Value::Month("2026-11".parse().unwrap()),
        ),
        (FieldType::Bool, "是", Value::Bool(true)),
        (FieldType::Bool, "0", Value::Bool(false)),
        (
            FieldType::Region,
            "330482",
            Value::Region("330482".parse().unwrap()),
        ),
        (
            FieldType::Uscc,
            "91350100M000100Y43",
            Value::Organisation("91350100M000100Y43".parse().unwrap()),
        ),
        (
            FieldType::Card,
            "6217001350001234567",
            Value::Card("6217001350001234567".parse().unwrap()),
        ),
    ] {
        assert_eq!(read_cell(&ty, cell), Ok(Some(value)), "{cell}");
    }
    for (ty, cell, kind) in [
        (FieldType::Int, "3.5", FaultKind::TooManyDecimals),
        (FieldType::Int, "三", FaultKind::NotANumber),
        (FieldType::Decimal, "1.2345678", FaultKind::TooManyDecimals),
        (FieldType::Month, "2026-13", FaultKind::NotAMonth),
        (FieldType::Bool, "有", FaultKind::NotYesOrNo),
        (FieldType::Region, "3304", FaultKind::NotARegion),
    ] {
        assert_eq!(read_cell(&ty, cell), Err(kind), "{cell}");
    }
}

#[test]
fn a_catalogue_reports_every_fault() {
    let twice = |id: &str, no| {
        category(
            id,
            no,
            &[],
            vec![field("as_of", "x", FieldType::Code(BTreeMap::new()), false)],
        )
    };
    let department = |id: &str, c: Category| Department {
        id: slug(id),
        name: id.into(),
        categories: BTreeMap::from([(c.id.clone(), c)]),
    };
    let faults = Catalogue::new([
        department("a", twice("x", 1)),
        department("a", twice("x", 1)),
    ])
    .unwrap_err();
    let count = |wanted: fn(&CatalogueError) -> bool| faults.iter().filter(|f| wanted(f)).count();
    assert_eq!(
        count(|f| matches!(f, CatalogueError::DepartmentTwice(_))),
        1
    );
    assert_eq!(
        count(|f| matches!(f, CatalogueError::CategoryTwice { .. })),
        1
    );
    assert_eq!(
        count(|f| matches!(f, CatalogueError::NumberTwice { .. })),
        1
    );
    assert_eq!(count(|f| matches!(f, CatalogueError::FieldTwice { .. })), 2);
    assert_eq!(count(|f| matches!(f, CatalogueError::NoCodes { .. })), 2);
    assert_eq!(count(|f| matches!(f, CatalogueError::NoPurpose(_))), 2);
}

proptest! {
    #[test]
    fn nothing_makes_the_gate_fall_over(cells in proptest::collection::vec(any::<String>(), 5..9)) {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        let _ = judge(&cells);
    }

    #[test]
    fn nearly_right_cells_do_not_either(at in 0..7_usize, cell in "[0-9.年/+-]{0,12}|[阿-龥A-Z0-9]{0,20}") {
        let mut row = GOOD;
        row[at] = &cell;
        if let Ok(record) = judge(&row) {
            // What is taken is typed: it survives being written down.
            let json = serde_json::to_string(&record).unwrap();
            prop_assert_eq!(serde_json::from_str::<Record>(&json).unwrap(), record);
        }
    }
}
