//! A paper is the same bytes for ever and whoever prints it; a stranger with the code
//! learns whether it holds and nothing of the person; guessing grows slow.

use super::*;
use crate::case::Ruling;
use crate::case::tests::town::*;
use crate::{AppError, Context};
use kernel::*;
use store::testing::both;

fn address() -> PaperAddress {
    PaperAddress {
        base: "https://civil.test".into(),
        office: "九九县民政局".into(),
    }
}

pub(crate) fn grant() -> Ruling {
    Ruling::Grant {
        from: None,
        amount: None,
        reasons: "收入和存款都核对过".into(),
    }
}

async fn granted(town: &Town) -> CaseId {
    let case = town.ripe(900, 0).await;
    town.judged(case, Some(0)).await;
    let ctx = town.by(county(), Some(case));
    let decided = town.app.decide_case(&ctx, case, grant());
    decided.await.unwrap();
    case
}

async fn print(town: &Town, ctx: &Context, case: CaseId, what: &str) -> Printed {
    let printed = town.app.print_of_case(ctx, case, what, &address()).await;
    printed.unwrap()
}

#[tokio::test]
async fn a16_a_paper_is_the_same_bytes_whoever_prints_it_and_when() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = granted(&town).await;
        let own = town.by(mum(), None);
        let told = town.app.case_told(&own, case).await.unwrap();
        let whats: Vec<&str> = told.prints.iter().map(|one| one.what.as_str()).collect();
        assert!(whats.contains(&"application") && whats.contains(&"decision"));
        for what in &whats {
            let first = print(&town, &own, case, what).await;
            assert!(first.pdf.starts_with(b"%PDF-"));
            let staff = town.by(county(), Some(case));
            let again = print(&town, &staff, case, what).await;
            assert_eq!(first, again, "{what}");
        }
        town.on("2026-05-01");
        let later = print(&town, &own, case, "decision").await;
        let checked = town.app.check_paper(&later.code, "here").await.unwrap();
        assert!(checked.fits(&digest(&later.pdf)));
        let (to, other) = (address(), town.by(stranger(), None));
        let refused = town.app.print_of_case(&other, case, "decision", &to);
        let refused = refused.await.unwrap_err();
        assert_eq!(refused.refusal_code(), Some("access.not_own"));
        let missing = town.app.print_of_case(&own, case, "nothing", &to);
        assert!(matches!(missing.await, Err(AppError::BadInput(_))));
    })
    .await;
}

#[tokio::test]
async fn a_stranger_learns_whether_it_holds_and_nothing_of_the_person() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = granted(&town).await;
        let own = town.by(mum(), None);
        let paper = print(&town, &own, case, "decision").await;
        let typed = paper.code.to_lowercase().replace('-', " ");
        let checked = town.app.check_paper(&typed, "here").await.unwrap();
        assert_eq!(checked.standing, Standing::Holds);
        let name = town.app.case_told(&own, case).await.unwrap().applicant;
        assert_ne!(checked.name, name);
        assert!(checked.name.ends_with('*') && checked.name.starts_with(&name[..3]));
        assert!(checked.fits(&checked.content[..32]));
        assert!(!checked.fits(&digest(b"another file")));
        assert!(!checked.fits("") && !checked.fits(&checked.content[..8]));
        let (from, to) = ("2026-01".parse().unwrap(), "2026-12".parse().unwrap());
        let (months, to) = ((from, to), address());
        let old = town.app.print_statement(&own, None, months, &to);
        let old = old.await.unwrap();
        town.on("2026-06-01");
        let new = town.app.print_statement(&own, None, months, &to);
        let new = new.await.unwrap();
        assert_ne!(old.code, new.code, "another day, another statement");
        let checked = town.app.check_paper(&old.code, "here").await.unwrap();
        assert_eq!(
            checked.standing,
            Standing::Newer("2026-06-01".parse().unwrap())
        );
    })
    .await;
}

#[tokio::test]
async fn guessing_codes_grows_slow_where_it_comes_from_and_is_on_record() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = granted(&town).await;
        let paper = print(&town, &town.by(mum(), None), case, "decision").await;
        for _ in 0..6 {
            let wrong = town.app.check_paper("0000-0000-0000", "there").await;
            assert!(matches!(wrong, Err(AppError::BadInput(_))));
        }
        let locked = town
            .app
            .check_paper(&paper.code, "there")
            .await
            .unwrap_err();
        assert_eq!(locked.refusal_code(), Some("access.locked"));
        town.app.check_paper(&paper.code, "here").await.unwrap();
        let rows = town.app.db().read(async |tx| tx.audit_of("paper").await);
        assert_eq!(rows.await.unwrap().len(), 6);
        town.on("2026-03-20");
        town.app.check_paper(&paper.code, "there").await.unwrap();
    })
    .await;
}

#[test]
fn codes_are_read_as_people_type_them() {
    for (typed, code) in [
        ("7KQM-2X9D-HTRW", Some("7KQM2X9DHTRW")),
        (" 7kqm 2x9d htrw ", Some("7KQM2X9DHTRW")),
        ("7KQM—2X9D—HTRO", Some("7KQM2X9DHTR0")),
        ("7KQM-2X9D-HTLI", Some("7KQM2X9DHT11")),
        ("7KQM-2X9D-HTR", None),
        ("7KQM-2X9D-HTRU", None),
        ("7KQM-2X9D-HTR中", None),
        ("", None),
    ] {
        assert_eq!(code_of(typed).as_deref(), code, "{typed}");
    }
}
