//! Requests to share: the law's days, a person who is not the asker, reasons; and the
//! five sides of quality.

use super::*;
use crate::rates::Dimension;
use crate::share::*;
use crate::{QualityReport, Sensitivity};
use kernel::{Provenance, Rate, WorkCalendar};

fn days() -> ShareDays {
    ShareDays {
        unconditional_days: 1,
        conditional_days: 10,
        prolonged_days: 10,
        supply_days: 20,
        basis: "条例".into(),
        provenance: Provenance::Law,
    }
}

fn calendar() -> WorkCalendar {
    WorkCalendar::from_csv("date,kind,name\n2026-10-01,holiday,国庆\n2027-01-01,holiday,元旦\n")
        .unwrap()
}

fn other() -> Actor {
    Actor {
        account: "other".into(),
        person: Some(PersonId(77)),
        role: Role::CountyApprover,
    }
}

fn wanted() -> ShareWanted {
    ShareWanted {
        category: slug("vehicle"),
        asker: "住建局".into(),
        fields: [slug("plate")].into(),
        purpose: "审核公租房".into(),
        basis: "公租房办法 第七条".into(),
    }
}

fn does(
    state: Option<ShareRequest>,
    command: ShareCommand,
    by: &Actor,
    sensitivity: Sensitivity,
    on: &str,
) -> Result<ShareRequest, ShareRefusal> {
    let config = config();
    let mut category = config.catalogue.category(&slug("vehicle")).unwrap().clone();
    category.sensitivity = sensitivity;
    let (days, calendar) = (days(), calendar());
    let rules = ShareRules {
        category: &category,
        days: Some(&days),
        calendar: &calendar,
    };
    share(state, command, by, &rules, now(on))
}

#[test]
fn n01_a_request_is_answered_within_the_days_of_the_law_by_another_person() {
    let ask = || ShareCommand::Ask(wanted());
    let asked = |sensitivity| does(None, ask(), &officer(), sensitivity, "2026-11-23");
    // Monday: one working day, ten working days; the strictest are never shared.
    assert_eq!(asked(Sensitivity::S1).unwrap().due, day("2026-11-24"));
    let one = asked(Sensitivity::S3).unwrap();
    assert_eq!(one.due, day("2026-12-07"));
    let never = asked(Sensitivity::S4).unwrap_err();
    assert!(matches!(never, ShareRefusal::Never(_)));
    let yes = || ShareCommand::Answer {
        granted: true,
        reasons: "用途正当".into(),
    };
    let answer = |by: &Actor, on: &str| does(Some(one.clone()), yes(), by, Sensitivity::S3, on);
    assert_eq!(
        answer(&officer(), "2026-11-24"),
        Err(ShareRefusal::OwnRequest)
    );
    assert_eq!(
        answer(&machine(), "2026-11-24"),
        Err(ShareRefusal::NotAPerson)
    );
    let given = answer(&other(), "2026-12-07").unwrap().answer.unwrap();
    assert_eq!(
        (given.late, given.supply_by),
        (false, Some(day("2027-01-05")))
    );
    assert!(answer(&other(), "2026-12-08").unwrap().answer.unwrap().late);
    // Longer only once, and only with the asker's consent.
    let longer = |agreed: &str| ShareCommand::Prolong {
        reason: "要问法务".into(),
        agreed_by: agreed.into(),
    };
    let prolong = |state: &ShareRequest, agreed: &str| {
        let state = Some(state.clone());
        does(
            state,
            longer(agreed),
            &other(),
            Sensitivity::S3,
            "2026-12-01",
        )
    };
    assert!(matches!(prolong(&one, ""), Err(ShareRefusal::Words(_))));
    let later = prolong(&one, "住建局李工").unwrap();
    assert_eq!(later.due, day("2026-12-21"));
    assert_eq!(
        prolong(&later, "住建局李工"),
        Err(ShareRefusal::ProlongedOnce)
    );
    // Without purpose, article or a field there is, nothing is asked.
    for bad in [
        ShareWanted {
            basis: String::new(),
            ..wanted()
        },
        ShareWanted {
            purpose: " ".into(),
            ..wanted()
        },
        ShareWanted {
            fields: [slug("colour")].into(),
            ..wanted()
        },
    ] {
        let bad = ShareCommand::Ask(bad);
        assert!(does(None, bad, &officer(), Sensitivity::S3, "2026-11-23").is_err());
    }
}

#[test]
fn a02_each_side_of_quality_is_a_share_and_an_empty_file_has_none() {
    let report = QualityReport {
        rows: 200,
        taken: 190,
        incomplete: 6,
        invalid: 4,
        outdated: 20,
        repeated: 1,
        inconsistent: 0,
        ..QualityReport::default()
    };
    let rate = |report: &QualityReport, side| report.rate(side).map(Rate::percent);
    let told: Vec<_> = Dimension::ALL
        .iter()
        .map(|side| rate(&report, *side).unwrap())
        .collect();
    assert_eq!(told, ["97%", "98%", "90%", "99.5%", "100%"]);
    let late = QualityReport {
        late: true,
        ..report.clone()
    };
    assert_eq!(rate(&late, Dimension::Timeliness).unwrap(), "0%");
    assert_eq!(
        rate(&late, Dimension::Validity),
        rate(&report, Dimension::Validity)
    );
    let empty = QualityReport::default();
    assert!(
        Dimension::ALL
            .iter()
            .all(|side| empty.rate(*side).is_none())
    );
}
