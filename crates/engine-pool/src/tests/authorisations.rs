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

#[test]
fn a_paper_is_signed_completed_and_withdrawn() {
    let at = |on: &str| now(on);
    let mut state = None;
    let mut run = |command, on: &str| {
        let events = authorise(state.as_ref(), command, at(on))?;
        for event in &events {
            state = Authorisation::apply(state.take(), event);
        }
        Ok::<_, Refusal>(state.clone())
    };
    let sign = || AuthorisationCommand::Sign {
        paper: Box::new(authorisation()),
        by: officer(),
    };
    let add = |by, capacity| AuthorisationCommand::AddSignature {
        member: PersonId(3),
        signature: Signature {
            by: PersonId(by),
            capacity,
            on: day("2026-11-05"),
        },
        by: officer(),
    };
    let withdraw = |person| AuthorisationCommand::Withdraw {
        person: PersonId(person),
        by: officer(),
    };
    assert_eq!(
        run(add(3, Capacity::Own), "2026-11-05"),
        Err(Refusal::NoAuthorisation)
    );
    let early = run(sign(), "2026-10-31");
    assert_eq!(early, Err(Refusal::FromTheFuture(day("2026-11-01"))));
    run(sign(), "2026-11-01").unwrap();
    assert_eq!(run(sign(), "2026-11-01"), Err(Refusal::AlreadySigned));
    let forged = run(add(1, Capacity::Own), "2026-11-05");
    assert_eq!(
        forged,
        Err(Refusal::SignedByAnother {
            member: PersonId(3)
        })
    );
    let paper = run(add(3, Capacity::Own), "2026-11-05").unwrap().unwrap();
    assert_eq!(
        paper.covers(PersonId(3), &slug("deposit"), day("2026-11-05")),
        Ok(())
    );
    // Signed on the fifth: nothing of the third member was allowed before.
    let before = paper.covers(PersonId(3), &slug("deposit"), day("2026-11-04"));
    assert_eq!(
        before,
        Err(Refusal::MemberDidNotSign {
            member: PersonId(3)
        })
    );
    assert_eq!(
        run(add(3, Capacity::Own), "2026-11-05"),
        Err(Refusal::AlreadySigned)
    );
    assert_eq!(
        run(withdraw(9), "2026-11-06"),
        Err(Refusal::DidNotSign {
            person: PersonId(9)
        })
    );
    let paper = run(withdraw(3), "2026-11-06").unwrap().unwrap();
    let on = day("2026-11-06");
    let refused = Err(Refusal::AuthorisationWithdrawn { on });
    assert_eq!(paper.covers(PersonId(1), &slug("deposit"), on), refused);
    assert!(run(withdraw(1), "2026-11-07").is_err());
}
