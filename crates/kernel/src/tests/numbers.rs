//! Numbers of people and organisations, cards, phones, names, relations.

use super::day;
use crate::*;

/// 17 digits, the check character, born, sex.
const CITIZENS: [(&str, char, &str, Sex); 7] = [
    ("11010519491231002", 'X', "1949-12-31", Sex::Female),
    ("44052418800101001", '4', "1880-01-01", Sex::Male),
    ("99048219480315002", '3', "1948-03-15", Sex::Female),
    ("99050219350101001", '6', "1935-01-01", Sex::Male),
    ("99078220150601104", '2', "2015-06-01", Sex::Female),
    ("99048220000101003", '5', "2000-01-01", Sex::Male),
    ("99048219480315001", '5', "1948-03-15", Sex::Male),
];

#[test]
fn citizen_vectors_of_the_standard() {
    for (body, check, born, sex) in CITIZENS {
        let full = format!("{body}{check}");
        let id: CitizenId = full.parse().unwrap_or_else(|e| panic!("{full}: {e}"));
        assert_eq!(id.born(), day(born), "{full}");
        assert_eq!(id.sex(), sex, "{full}");
        assert_eq!(id.reveal(), full);
        for other in "0123456789X".chars().filter(|c| *c != check) {
            let wrong = format!("{body}{other}");
            assert_eq!(
                wrong.parse::<CitizenId>(),
                Err(PersonNumberError::CheckDigit)
            );
        }
    }
}

#[test]
fn citizen_refuses_with_the_reason() {
    use PersonNumberError::*;
    for (text, why) in [
        ("990402199002290019", NoSuchDate),
        ("990482187912310013", TooEarly),
        ("99048219480315002", Length(17)),
        ("", Length(0)),
        ("99048219480315OO23", NotADigit(15)),
        ("９90482194803150023", NotADigit(1)),
        ("9904821948031X0023", NotADigit(14)),
        ("990482480315002", Old15),
        ("932682198501010017", Kind("公民身份号码")),
    ] {
        let found = text.parse::<CitizenId>();
        assert_eq!(
            found.map_err(|e| e.to_string()),
            Err(why.to_string()),
            "{text}"
        );
    }
    let lower: CitizenId = " 11010519491231002x ".parse().unwrap();
    assert_eq!(lower.reveal(), "11010519491231002X");
}

#[test]
fn citizen_is_not_born_after_the_given_day() {
    let child = "990782201506011042";
    assert!(CitizenId::parse_on(child, day("2015-06-01")).is_ok());
    let early = CitizenId::parse_on(child, day("2015-05-31"));
    assert_eq!(early, Err(PersonNumberError::NotYetBorn));
    let any = PersonNumber::parse_on(child, day("2015-05-31"));
    assert_eq!(any, Err(PersonNumberError::NotYetBorn));
}

#[test]
fn old_numbers_are_upgraded_only_on_request() {
    let upgraded = CitizenId::upgrade("990482480315002").unwrap().accept();
    assert_eq!(upgraded.reveal(), "990482194803150023");
    assert_eq!(
        CitizenId::upgrade("990402900229001").unwrap_err(),
        PersonNumberError::NoSuchDate
    );
    assert!(CitizenId::upgrade("990482194803150023").is_err());
}

#[test]
fn numbers_never_leak_into_logs() {
    let id: CitizenId = "990482194803150023".parse().unwrap();
    let number = PersonNumber::from(id);
    assert_eq!(id.to_string(), "990482********0023");
    assert_eq!(format!("{id:?}"), "CitizenId(9****************3)");
    assert_eq!(
        format!("{number:?} {number}"),
        "CitizenId(9****************3) 990482********0023"
    );
    assert_eq!(id.masked_on(day("2026-03-15")), "990482********0023");
    let child: PersonNumber = "990782201506011042".parse().unwrap();
    assert_eq!(child.masked_on(day("2026-03-15")), "9****************2");
    let card: BankCard = "6222 0212 0200 0000 019".parse().unwrap();
    assert_eq!(
        format!("{card} {card:?}"),
        "***************0019 BankCard(***************0019)"
    );
    let mobile: Mobile = "138-0000-1234".parse().unwrap();
    assert_eq!(format!("{mobile:?}"), "Mobile(138****1234)");
    let name: PersonName = "阿依古丽".parse().unwrap();
    assert_eq!(format!("{name:?}"), "PersonName(阿***)");
    let wrong = "990482194803150024".parse::<PersonNumber>().unwrap_err();
    assert!(!wrong.to_string().contains("9904"));
}

#[test]
fn residence_permits_have_their_own_areas() {
    for (area, origin) in [
        (810_000, permit::Origin::HongKong),
        (820_000, permit::Origin::Macao),
        (830_000, permit::Origin::Taiwan),
    ] {
        let text = layout18::Layout18::build(area, day("1990-02-28"), 12).unwrap();
        let permit: ResidencePermit = text.text().parse().unwrap();
        assert_eq!(permit.origin(), origin);
        assert_eq!(permit.sex(), Sex::Female);
        assert_eq!(text.text().parse(), Ok(PersonNumber::Residence(permit)));
        assert!(text.text().parse::<CitizenId>().is_err());
    }
    assert!("990482194803150023".parse::<ResidencePermit>().is_err());
}

/// The specimens printed in 国家移民管理局's own guide of 2023, and of a card reader.
#[test]
fn foreigner_specimens_of_2023() {
    for (text, born, sex) in [
        ("932682198501010017", "1985-01-01", Sex::Male),
        ("911124198108030024", "1981-08-03", Sex::Female),
        ("931586198001010028", "1980-01-01", Sex::Female),
    ] {
        let number: PersonNumber = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
        assert!(matches!(number, PersonNumber::Foreigner(_)));
        assert_eq!((number.born(), number.sex()), (Some(day(born)), Some(sex)));
    }
    let old: PersonNumber = "che110185010112".parse().unwrap();
    assert_eq!((old.reveal(), old.born()), ("CHE110185010112", None));
    assert_eq!(old.to_string(), "CHE**********12");
    for bad in [
        "CHE110185023012",
        "CH1110185010112",
        "CHE11018501011",
        "999124198108030024",
    ] {
        assert!(bad.parse::<PersonNumber>().is_err(), "{bad}");
    }
}

#[test]
fn uscc_vectors() {
    for (body, check) in [
        ("91350100M000100Y4", '3'),
        ("1133048200258000A", '0'),
        ("5133048275000001X", 'A'),
        ("5233040278000002A", 'P'),
        ("5333050079000003B", '3'),
    ] {
        let full = format!("{body}{check}");
        let code: Uscc = full
            .to_lowercase()
            .parse()
            .unwrap_or_else(|e| panic!("{full}: {e}"));
        assert_eq!(
            (code.as_str(), Uscc::build(body)),
            (full.as_str(), Ok(code))
        );
    }
    let published: Uscc = "91350100M000100Y43".parse().unwrap();
    assert_eq!(published.organisation_code().unwrap().as_str(), "M000100Y4");
    assert_eq!((published.kind(), published.area()), ("91", "350100"));
    for (text, why) in [
        ("91350100M000100Y44", UsccError::Check),
        ("91350100M000100I43", UsccError::Character(16)),
        (
            "91350100M000100Y4",
            UsccError::Length {
                wanted: 18,
                found: 17,
            },
        ),
        ("91350100M000100Y4号", UsccError::Character(18)),
    ] {
        assert_eq!(text.parse::<Uscc>(), Err(why), "{text}");
    }
    assert_eq!(Uscc::build("91A50100M000100Y4"), Err(UsccError::Region));
}

#[test]
fn organisation_code_vectors() {
    for (text, fits) in [
        ("M000100Y4", true),
        ("D2143569X", true),
        ("D2143569-X", true),
        ("D21435690", false),
        ("M000100Y5", false),
    ] {
        assert_eq!(text.parse::<OrganisationCode>().is_ok(), fits, "{text}");
    }
}

#[test]
fn luhn_warns_and_never_blocks() {
    assert!(bank_card::luhn("79927398713"));
    for (text, fits) in [
        ("6222021202000000019", true),
        ("6217001350001234568", true),
        ("6217001350001234567", false),
    ] {
        let card: BankCard = text.parse().unwrap();
        assert_eq!(
            (card.luhn_fits(), card.warning().is_none()),
            (fits, fits),
            "{text}"
        );
        assert_eq!(card.last_four(), &text[15..]);
    }
    assert_eq!(
        "123456789012".parse::<BankCard>(),
        Err(BankCardError::Length(12))
    );
    assert_eq!(
        "62220212020000000１9".parse::<BankCard>(),
        Err(BankCardError::NotADigit(18))
    );
}

#[test]
fn mobiles() {
    for good in ["13800001234", "+86 138 0000 1234", "199-0000-0000"] {
        assert!(good.parse::<Mobile>().is_ok(), "{good}");
    }
    for bad in [
        "12800001234",
        "1380000123",
        "138000012345",
        "057388881234",
        "1３800001234",
        "",
    ] {
        assert!(bad.parse::<Mobile>().is_err(), "{bad}");
    }
}

#[test]
fn names_of_everyone() {
    let long = "阿".repeat(50);
    for (text, kept) in [
        ("王芳", "王芳"),
        (" 王芳\u{3000}", "王芳"),
        ("𬭎㛃", "𬭎㛃"),
        ("张\u{E863}", "张\u{E863}"),
        ("〇一", "〇一"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽・买买提", "阿依古丽·买买提"),
        ("阿依古丽．买买提", "阿依古丽·买买提"),
        ("阿依古丽.买买提", "阿依古丽·买买提"),
        ("JOHN  A. O'NEIL-SMITH", "JOHN A. O'NEIL-SMITH"),
        (long.as_str(), long.as_str()),
    ] {
        let name: PersonName = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(name.as_str(), kept, "{text}");
    }
    let too_long = "阿".repeat(101);
    for (text, why) in [
        ("  ", NameError::Empty),
        ("王 芳", NameError::Blank),
        ("·王", NameError::Dot),
        ("王·", NameError::Dot),
        ("阿··提", NameError::Dot),
        ("王1", NameError::Character('1')),
        ("<b>", NameError::Character('<')),
        ("王\u{202E}芳", NameError::Character('\u{202E}')),
        ("王\u{FFFD}", NameError::Garbled),
        (too_long.as_str(), NameError::TooLong(101)),
    ] {
        assert_eq!(text.parse::<PersonName>(), Err(why), "{text}");
    }
}

#[test]
fn relations_and_sexes_by_code() {
    let spouse: Relation = "10".parse().unwrap();
    assert_eq!(
        (spouse, spouse.label(), spouse.is_spouse()),
        (Relation::SPOUSE, "配偶", true)
    );
    for (code, label) in [
        ("21", "独生子"),
        ("57", "继父或养父"),
        ("99", "非亲属"),
        ("02", "户主"),
    ] {
        assert_eq!(code.parse::<Relation>().unwrap().label(), label);
    }
    let kinds = |code: &str| {
        let relation: Relation = code.parse().unwrap();
        (
            relation.is_child(),
            relation.is_parent(),
            relation.is_grandchild(),
            relation.is_head(),
        )
    };
    assert_eq!(kinds("27"), (true, false, false, false));
    assert_eq!(kinds("28"), (false, false, false, false));
    assert_eq!(kinds("38"), (false, false, false, false));
    assert_eq!(kinds("53"), (false, true, false, false));
    assert_eq!(kinds("41"), (false, false, true, false));
    assert_eq!(kinds("01"), (false, false, false, true));
    for bad in ["00", "03", "98", "1", "100", "1a", ""] {
        assert!(bad.parse::<Relation>().is_err(), "{bad}");
    }
    for code in 0..=9 {
        assert_eq!(
            Sex::from_code(code).map(Sex::code),
            [0, 1, 2, 9].contains(&code).then_some(code)
        );
    }
}

#[test]
fn rates_are_exact() {
    for (text, millionths, percent) in [
        ("50%", 500_000, "50%"),
        ("0.5", 500_000, "50%"),
        ("3.5%", 35_000, "3.5%"),
        ("1.5", 1_500_000, "150%"),
        ("-0.0001%", -1, "-0.0001%"),
        ("33.3333%", 333_333, "33.3333%"),
    ] {
        let rate: Rate = text.parse().unwrap();
        assert_eq!(
            (rate.millionths(), rate.percent().as_str()),
            (millionths, percent),
            "{text}"
        );
    }
    for bad in ["", "%", "5.", ".5", "1/3", "5 %x", "+5%"] {
        assert!(
            matches!(bad.parse::<Rate>(), Err(RateError::NotARate(_))),
            "{bad}"
        );
    }
    assert!(matches!(
        "0.00001%".parse::<Rate>(),
        Err(RateError::TooFine(_))
    ));
    let half: Rate = "50%".parse().unwrap();
    assert_eq!(half.of(Money::from_fen(5)), Some(Money::from_fen(3)));
    assert_eq!(half.of(Money::from_fen(-5)), Some(Money::from_fen(-3)));
    assert_eq!(
        half.of(Money::from_fen(i64::MAX)),
        Some(Money::from_fen(i64::MAX / 2 + 1))
    );
    assert_eq!(
        "2".parse::<Rate>().unwrap().of(Money::from_fen(i64::MAX)),
        None
    );
    assert_eq!(Rate::of_parts(1, 3).unwrap().percent(), "33.3333%");
    assert_eq!(Rate::of_parts(2, 3).unwrap().percent(), "66.6667%");
    assert_eq!(Rate::of_parts(1, 0), None);
}

#[test]
fn what_was_counted_is_read_with_one_decimal_and_only_the_whole_is_whole() {
    for (millionths, reads) in [
        (0, "0%"),
        (1, "0.1%"),
        (-1, "-0.1%"),
        (333_333, "33.3%"),
        (666_667, "66.7%"),
        (980_000, "98.0%"),
        (985_500, "98.6%"),
        (999_999, "99.9%"),
        (1_000_000, "100%"),
        (1_000_001, "100.1%"),
        (-12_500, "-1.3%"),
    ] {
        assert_eq!(Rate::from_millionths(millionths).one_decimal(), reads);
    }
}
