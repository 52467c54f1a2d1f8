//! Who may read what: the purpose, the paper, the day.

use super::*;
use crate::authorisation::*;
use crate::may_read;
use crate::purpose::Purpose;
use crate::refusal::Refusal;
use kernel::{AuthorisationId, CaseId, HouseholdId};

pub(super) fn authorisation() -> Authorisation {
    let sign = |by, capacity| Signature {
        by: PersonId(by),
        capacity,
        on: day("2026-11-01"),
    };
    Authorisation {
        id: AuthorisationId(5),
        household: HouseholdId(1),
        case: CaseId(7),
        signatures: BTreeMap::from([
            (PersonId(1), sign(1, Capacity::Own)),
            (PersonId(2), sign(1, Capacity::Guardian)),
        ]),
        scope: Scope::All,
        from: day("2026-11-01"),
        to: day("2027-10-31"),
        withdrawn: None,
    }
}

fn verification() -> Purpose {
    Purpose::Verification { case: CaseId(7) }
}

fn read(
    category: &str,
    purpose: &Purpose,
    paper: Option<&Authorisation>,
    on: &str,
) -> Result<(), Refusal> {
    let config = config();
    let category = config.catalogue.category(&slug(category)).unwrap();
    may_read(category, purpose, PersonId(1), paper, day(on))
}

#[test]
fn discovery_reads_only_what_allows_it() {
    assert_eq!(
        read("vehicle", &Purpose::Discovery, None, "2026-11-23"),
        Ok(())
    );
    let refused = read(
        "deposit",
        &Purpose::Discovery,
        Some(&authorisation()),
        "2026-11-23",
    );
    let refusal = refused.unwrap_err();
    assert_eq!(refusal.to_string(), "“deposit”不能用于主动发现");
    assert_eq!(
        kernel::Refuse::article(&refusal),
        Some("社会救助法 第十一条")
    );
    let audit = Purpose::Audit {
        reason: "年度审计".into(),
    };
    assert!(read("vehicle", &audit, None, "2026-11-23").is_err());
}

#[test]
fn verification_needs_the_paper_of_its_case() {
    let paper = authorisation();
    assert_eq!(
        read("deposit", &verification(), Some(&paper), "2026-11-23"),
        Ok(())
    );
    assert_eq!(
        read("vehicle", &verification(), None, "2026-11-23"),
        Err(Refusal::NoAuthorisation)
    );
    let other = Purpose::Verification { case: CaseId(8) };
    let refused = read("deposit", &other, Some(&paper), "2026-11-23");
    assert_eq!(refused, Err(Refusal::AuthorisationOfAnotherCase));
}

#[test]
fn a_paper_covers_its_members_categories_and_days() {
    let (from, to) = (day("2026-11-01"), day("2027-10-31"));
    let out = Refusal::AuthorisationNotInForce { from, to };
    let withdrawal = Withdrawal {
        by: PersonId(1),
        on: day("2026-11-20"),
    };
    let withdrawn = Authorisation {
        withdrawn: Some(withdrawal),
        ..authorisation()
    };
    let only = Authorisation {
        scope: Scope::Only([slug("vehicle")].into()),
        ..authorisation()
    };
    let mut unsigned = authorisation();
    unsigned.signatures.clear();
    let mut forged = authorisation();
    forged.signatures.get_mut(&PersonId(1)).unwrap().by = PersonId(2);
    let backwards = Authorisation {
        to: day("2026-10-01"),
        ..authorisation()
    };
    let not_authorised = Refusal::CategoryNotAuthorised {
        category: slug("deposit"),
    };
    for (paper, person, on, expected) in [
        (&authorisation(), 1, "2026-11-01", Ok(())),
        (&authorisation(), 2, "2027-10-31", Ok(())),
        (
            &authorisation(),
            3,
            "2026-11-23",
            Err(Refusal::MemberDidNotSign {
                member: PersonId(3),
            }),
        ),
        (&authorisation(), 1, "2026-10-31", Err(out.clone())),
        (&authorisation(), 1, "2027-11-01", Err(out)),
        (&withdrawn, 1, "2026-11-19", Ok(())),
        (
            &withdrawn,
            1,
            "2026-11-20",
            Err(Refusal::AuthorisationWithdrawn {
                on: day("2026-11-20"),
            }),
        ),
        (&only, 1, "2026-11-23", Err(not_authorised)),
        (&unsigned, 1, "2026-11-23", Err(Refusal::NobodySigned)),
        (
            &forged,
            1,
            "2026-11-23",
            Err(Refusal::SignedByAnother {
                member: PersonId(1),
            }),
        ),
        (
            &backwards,
            1,
            "2026-11-23",
            Err(Refusal::AuthorisationEndsBeforeStart),
        ),
    ] {
        assert_eq!(
            paper.covers(PersonId(person), &slug("deposit"), day(on)),
            expected,
            "{person} {on}"
        );
    }
}
