//! 「上门的线索」 A village worker's week: as many homes as the pack says one worker can,
//! how many wait beyond, what came of going there; and who may not see or note it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use crate::site;
use app::App;
use axum::http::StatusCode;
use engine_policy::{Finding, Verdict};
use kernel::*;
use site::{ask, bring_rows, law_in, signed_in, site_under, text};
use store::testing::both;
use store::{Found, LeadOutcome};

/// Homes in the worker's own village.
const OWN: i64 = 13;

/// 很好
const WORDS: &str = "words=%E5%BE%88%E5%A5%BD";

/// Two villages of the county.
fn villages(law: &app::Law) -> (RegionCode, RegionCode) {
    let county = law.pack.head().unwrap().region;
    let all = law.pack.regions().all(site::now().today());
    let mut all = all
        .map(|one| one.code)
        .filter(|code| code.level() == RegionLevel::Village && county.contains(*code));
    (all.next().unwrap(), all.next().unwrap())
}

/// Households of one: so many in the one village, the last in the other.
async fn homes(app: &App, own: RegionCode, other: RegionCode) {
    let mut rows = vec![
        "id_no,record_no,as_of,name,sex,birth,ethnic,address,region,household_no,relation,marital"
            .to_owned(),
    ];
    for home in 1..=OWN + 1 {
        let nth = u16::try_from(home).unwrap() * 2 + 1;
        let number = CitizenId::build(990_482, "1950-05-06".parse().unwrap(), nth).unwrap();
        let village = if home > OWN { other } else { own };
        rows.push(format!(
            "{},R{home},2026-01-31,{},male,1950-05-06,han,合成路1号,{village},H{home:02},self,widowed",
            number.reveal(),
            name(home),
        ));
    }
    let category = "hukou_person".parse().unwrap();
    let pack = &app.law().pack;
    let department = pack
        .data()
        .catalogue
        .owner(&category)
        .unwrap()
        .id
        .to_string();
    let rows = rows.join("\n") + "\n";
    let brought = bring_rows(app, "hukou_person", &department, &rows).await;
    let accepted = matches!(brought.outcome, app::import::ImportOutcome::Accepted(_));
    assert!(accepted, "{brought:?}");
}

/// What the member of that home is called.
fn name(home: i64) -> String {
    let nth = usize::try_from(home - 1).unwrap();
    let own = "甲乙丙丁戊己庚辛壬癸子丑寅卯".chars().nth(nth).unwrap();
    format!("合成{own}")
}

/// A run that found every home owed the allowance, and the first receiving what the
/// rules no longer find. Gives the lead of each home, by the home.
async fn screened(app: &App) -> Vec<FindingId> {
    let mut found: Vec<Found> = (1..=OWN + 1)
        .map(|home| Found {
            benefit: "age_allowance".parse().unwrap(),
            household: HouseholdId(home),
            person: None,
            finding: Finding::FoundNotReceiving,
            verdict: Verdict::Eligible,
            amount: Some(Money::from_fen(1_000 * (100 - home))),
            next: None,
            fault: false,
        })
        .collect();
    found[0].benefit = "dibao_edge".parse().unwrap();
    found[0].finding = Finding::ReceivingNotFound;
    found[0].verdict = Verdict::Undetermined;
    found[0].amount = None;
    let write = app.db().write(async move |tx| {
        let run = store::Screening {
            id: 0,
            as_of: site::now().today(),
            pack_hash: "p".into(),
            data_mark: "d".into(),
            households: OWN + 1,
            persons: OWN + 1,
        };
        let id = tx.save_screening(&run, &found, site::now()).await?;
        let mut leads = Vec::new();
        for home in 1..=OWN + 1 {
            let kept = tx.findings_of(HouseholdId(home), id).await?;
            leads.extend(kept.into_iter().map(|(id, _)| id));
        }
        Ok::<_, store::StoreError>(leads)
    });
    write.await.unwrap()
}

/// How many of the homes a page names.
fn named(page: &str) -> Vec<i64> {
    let shown = |home: &i64| page.contains(&format!("{}家", name(*home)));
    (1..=OWN + 1).filter(shown).collect()
}

/// What is kept of somebody having gone.
async fn kept(app: &App) -> Vec<(LeadOutcome, i64)> {
    let county = app.law().pack.head().unwrap().region;
    let read = app
        .db()
        .read(async move |tx| tx.count_outcomes(county.span()).await);
    let all = read.await.unwrap();
    all.into_iter()
        .map(|one| (one.outcome, one.count))
        .collect()
}

#[tokio::test]
async fn a28_a_week_is_capped_and_what_came_of_going_is_noted_by_who_went() {
    both(async |db| {
        let law = law_in("../../packs/pinghu");
        let most = i64::from(law.pack.visits_per_week().unwrap());
        assert!(most < OWN, "the cap is what is tried");
        let (own, other) = villages(&law);
        let (router, app) = site_under(db, law, own).await;
        homes(&app, own, other).await;
        let leads = screened(&app).await;
        let worker = signed_in(&app, Role::VillageWorker).await;
        let page = async |path: &str| {
            let answer = ask(&router, "GET", path, Some(&worker), "").await;
            (answer.status(), text(answer).await)
        };
        // The one to look at and those with most at stake; the rest is said.
        let (status, week) = page("/field").await;
        assert_eq!(status, StatusCode::OK);
        let beyond = OWN - most;
        assert!(
            week.contains(&format!("这周先去问一声，{most} 家")),
            "{week}"
        );
        assert!(week.contains(&format!("一周看 {most} 家，最近七天去了 0 家")));
        assert!(week.contains(&format!("后面还有 {beyond} 家，下周再排")));
        assert!(week.contains("在领的，去看一眼，1 家") && week.contains("钱照常发"));
        assert_eq!(named(&week), (1..=most).collect::<Vec<_>>());
        // All of one kind, in the worker's own village and in no other.
        let group = "/field/leads?benefit=age_allowance&kind=found_not_receiving";
        let (_, all) = page(group).await;
        assert!(all.contains(&format!("的线索，{} 家", OWN - 1)), "{all}");
        // As many to a page as a week has room for; the rest is counted, and a page away.
        assert_eq!(named(&all), (2..2 + most).collect::<Vec<_>>());
        let rest = OWN - 1 - most;
        assert!(all.contains(&format!("后面还有 {rest} 家")), "{all}");
        let next = format!("{group}&page=1");
        assert!(all.contains("kind=found_not_receiving&amp;page=1"), "{all}");
        let (_, second) = page(&next).await;
        assert_eq!(named(&second), (2 + most..=OWN).collect::<Vec<_>>());
        assert!(!second.contains("后面还有"), "{second}");
        let (status, third) = page(&format!("{group}&page=2")).await;
        assert_eq!((status, named(&third)), (StatusCode::OK, vec![]));
        assert!(third.contains("这一页没有了"), "{third}");
        let (status, _) = page("/field/leads?benefit=age_allowance&kind=none").await;
        assert_eq!(status, StatusCode::NOT_FOUND);

        // What is received is looked at, not asked for once more.
        let look = format!("/field/leads/{}", leads[0]);
        let (_, told) = page(&look).await;
        assert!(
            told.contains("钱照常发") && told.contains("这里没有在发这一项"),
            "{told}"
        );
        let form = "request=l&said=here";
        let answer = ask(&router, "POST", &look, Some(&worker), form).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text(answer).await.contains("这一项正在领，不用再申请"));
        let group = "/desk/found?benefit=dibao_edge&kind=receiving_not_found";
        let (_, desk) = page(group).await;
        assert!(
            desk.contains("选上的一起请求复核") && desk.contains("去看一眼"),
            "{desk}"
        );
        assert!(
            !desk.contains("建办件<") && !desk.contains("代他申请"),
            "{desk}"
        );
        let open = format!("/desk/found/{}/open", leads[0]);
        let answer = ask(&router, "POST", &open, Some(&worker), "request=m").await;
        assert_ne!(
            answer.status(),
            StatusCode::SEE_OTHER,
            "nothing to review here"
        );

        // Nothing chosen, or what is no outcome: said, and what was typed stays.
        let lead = format!("/field/leads/{}", leads[1]);
        let to = format!("{lead}/followed");
        for outcome in ["", "outcome=granted&"] {
            let form = format!("request=a&{outcome}{WORDS}");
            let answer = ask(&router, "POST", &to, Some(&worker), &form).await;
            assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
            let again = text(answer).await;
            assert!(again.contains("请选去看了以后怎么样"), "{again}");
            assert!(again.contains(">很好</textarea>"), "{again}");
        }
        assert_eq!(kept(&app).await, []);

        // Noted once, however often the button is pressed; the week goes on by it.
        for _ in 0..2 {
            let form = format!("request=b&outcome=declined&{WORDS}");
            let answer = ask(&router, "POST", &to, Some(&worker), &form).await;
            assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        }
        assert_eq!(kept(&app).await, [(LeadOutcome::Declined, 1)]);
        let (_, week) = page("/field").await;
        assert!(week.contains("最近七天去了 1 家"), "{week}");
        assert!(week.contains(&format!("这周先去问一声，{} 家", most - 1)));
        let rest = [1].into_iter().chain(3..=most).collect::<Vec<_>>();
        assert_eq!(named(&week), rest, "who was called on waits no more");
    })
    .await;
}

#[tokio::test]
async fn a28_a_lead_elsewhere_or_for_another_role_is_refused_in_words() {
    both(async |db| {
        let law = law_in("../../packs/pinghu");
        let (own, other) = villages(&law);
        let (router, app) = site_under(db, law, own).await;
        homes(&app, own, other).await;
        let leads = screened(&app).await;
        let worker = signed_in(&app, Role::VillageWorker).await;
        let finance = signed_in(&app, Role::Finance).await;
        let form = format!("request=c&outcome=true&{WORDS}");
        let (own, elsewhere) = (leads[1], leads[leads.len() - 1]);
        let group = "/field/leads?benefit=age_allowance&kind=found_not_receiving";
        for (who, method, path, status, says) in [
            (
                &finance,
                "GET",
                group.to_owned(),
                StatusCode::FORBIDDEN,
                "这个页面不是给您这个岗位的",
            ),
            (
                &finance,
                "POST",
                format!("/field/leads/{own}/followed"),
                StatusCode::FORBIDDEN,
                "这个页面不是给您这个岗位的",
            ),
            (
                &worker,
                "GET",
                format!("/field/leads/{elsewhere}"),
                StatusCode::NOT_FOUND,
                "这里没有您要找的内容",
            ),
            (
                &worker,
                "POST",
                format!("/field/leads/{elsewhere}/followed"),
                StatusCode::NOT_FOUND,
                "这里没有您要找的内容",
            ),
        ] {
            let answer = ask(&router, method, &path, Some(who), &form).await;
            assert_eq!(answer.status(), status, "{method} {path}");
            let page = text(answer).await;
            assert!(page.contains(says), "{method} {path}: {page}");
            assert_eq!(named(&page), Vec::<i64>::new(), "{page}");
        }
        assert_eq!(kept(&app).await, [], "nothing came of it");
    })
    .await;
}
