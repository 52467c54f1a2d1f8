//! 「主动发现」 The list of what was found: what is not known stands by what is cheapest to
//! find out, with what to ask; what only agreement keeps back says so; every number of a
//! rule's precision opens to the homes behind it. And a rule's page begins with what is on
//! it and says what the rule changed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use crate::site;
use app::{App, Context};
use axum::http::StatusCode;
use engine_access::Purpose;
use engine_policy::{Finding, Verdict};
use kernel::*;
use site::{ask, bring_rows, law_in, signed_in, site_under, text};
use store::testing::both;
use store::{Found, LeadOutcome};

/// A household of one, in a village of the county; gives the village.
async fn home(app: &App) -> RegionCode {
    let pack = &app.law().pack;
    let county = pack.head().unwrap().region;
    let mut all = pack.regions().all(site::now().today());
    let village =
        all.find(|one| one.code.level() == RegionLevel::Village && county.contains(one.code));
    let village = village.unwrap().code;
    let born = "1950-05-06".parse().unwrap();
    let number = CitizenId::build(990_482, born, 1).unwrap();
    let rows = format!(
        "id_no,record_no,as_of,name,sex,birth,ethnic,address,region,household_no,relation,marital\n\
         {},R1,2026-01-31,合成甲,male,1950-05-06,han,合成路1号,{village},H1,self,widowed\n",
        number.reveal()
    );
    let owner = pack
        .data()
        .catalogue
        .owner(&"hukou_person".parse().unwrap());
    let department = owner.unwrap().id.to_string();
    let brought = bring_rows(app, "hukou_person", &department, &rows).await;
    assert!(
        matches!(brought.outcome, app::import::ImportOutcome::Accepted(_)),
        "{brought:?}"
    );
    village
}

/// A run that found these of the household: benefit, what, the cheapest fact missing.
async fn found(app: &App, rows: &[(&str, Finding, Option<&str>)]) -> Vec<FindingId> {
    let found = rows.iter().map(|(benefit, finding, next)| Found {
        benefit: benefit.parse().unwrap(),
        household: HouseholdId(1),
        person: None,
        finding: *finding,
        verdict: Verdict::Undetermined,
        amount: None,
        next: next.map(|fact| fact.parse().unwrap()),
        fault: false,
    });
    let found: Vec<Found> = found.collect();
    let write = app.db().write(async move |tx| {
        let run = store::Screening {
            id: 0,
            as_of: site::now().today(),
            pack_hash: "p".into(),
            data_mark: "d".into(),
            households: 1,
            persons: 1,
        };
        let id = tx.save_screening(&run, &found, site::now()).await?;
        let kept = tx.findings_of(HouseholdId(1), id).await?;
        Ok::<_, store::StoreError>(kept.into_iter().map(|(id, _)| id).collect())
    });
    write.await.unwrap()
}

/// Where each of these stands on the page; they are all there.
fn places(page: &str, words: &[&str]) -> Vec<usize> {
    let place = |word: &&str| page.find(*word).unwrap_or_else(|| panic!("{word}: {page}"));
    words.iter().map(place).collect()
}

#[tokio::test]
async fn a28_the_list_says_what_to_ask_first_and_a_precision_opens_to_its_homes() {
    both(async |db| {
        let law = law_in("../../packs/pinghu");
        let county = law.pack.head().unwrap().region;
        let (router, app) = site_under(db, law, county).await;
        home(&app).await;
        let ids = found(
            &app,
            &[
                ("tekun", Finding::Undetermined, Some("deposits")),
                ("dibao_single", Finding::Undetermined, Some("wage")),
                (
                    "temporary_assistance",
                    Finding::Undetermined,
                    Some("emergency"),
                ),
                ("dibao_edge", Finding::ReceivingNotFound, None),
                ("dibao", Finding::ConsentWouldTell, Some("deposits")),
                ("age_allowance", Finding::FoundNotReceiving, None),
            ],
        )
        .await;
        let token = signed_in(&app, Role::TownOfficer).await;
        let page = async |path: &str| {
            let answer = ask(&router, "GET", path, Some(&token), "").await;
            (answer.status(), text(answer).await)
        };
        let (status, list) = page("/desk/found").await;
        assert_eq!(status, StatusCode::OK);
        // Owed, kept back by agreement, to be looked at, then by what it costs to know:
        // a question, a department, what needs agreement.
        let asks = app
            .law()
            .pack
            .rules()
            .fact("emergency")
            .unwrap()
            .asks
            .clone()
            .unwrap();
        let first = format!("先问一句：{asks}");
        let stand = places(
            &list,
            &[
                "符合，还没领",
                "家里人同意核对就知道，<b>还要查银行存款，请先同意",
                "在领，规则对不上，要人看",
                &format!("还不知道，<b>{first}"),
                "还不知道，<b>先向部门要：工资",
                "还不知道，<b>还要查银行存款，请先同意",
            ],
        );
        assert!(stand.is_sorted(), "{stand:?}");
        assert!(!list.contains("线索准不准"), "nobody went yet");

        // Somebody went; each number opens to the homes it counts, and to no others.
        let worker = Context {
            actor: Actor {
                account: "TownOfficer".to_owned(),
                person: Some(site::person(Role::TownOfficer)),
                role: Role::TownOfficer,
            },
            purpose: Purpose::Duty,
            request: "went".to_owned(),
        };
        let lead = ids[3];
        let outcome = LeadOutcome::True;
        app.follow_lead(&worker, lead, outcome, "看到了")
            .await
            .unwrap();
        let (_, list) = page("/desk/found").await;
        let address =
            "/desk/found/outcomes?benefit=dibao_edge&amp;kind=receiving_not_found&amp;outcome=";
        let link = format!("{address}true\">1<");
        let same = list.replace("&#38;", "&amp;");
        assert!(same.contains(&link), "{list}");
        let address = address.replace("&amp;", "&");
        let (status, open) = page(&format!("{address}true")).await;
        assert_eq!(status, StatusCode::OK);
        assert!(
            open.contains("情况真的变了 1 次") && open.contains("合成甲"),
            "{open}"
        );
        let (_, none) = page(&format!("{address}false")).await;
        assert!(none.contains("0 次") && !none.contains("合成甲"), "{none}");
        let wanted = store::audit::AuditWanted {
            account: String::new(),
            subject: format!("region:{}", county),
            action: "leads.outcomes".to_owned(),
            from: Instant::default(),
            to: site::now().at + chrono::TimeDelta::days(1),
            skip: 0,
            limit: 9,
        };
        let looked = app.db().read(async move |tx| tx.audit_rows(&wanted).await);
        assert_eq!(
            looked.await.unwrap().len(),
            2,
            "both readings are on record"
        );
    })
    .await;
}

#[tokio::test]
async fn a42_a_rule_says_what_is_on_its_page_and_what_it_changed() {
    both(async |db| {
        let law = law_in("../../packs/pinghu");
        let county = law.pack.head().unwrap().region;
        let (router, app) = site_under(db, law, county).await;
        let answer = ask(&router, "GET", "/rules/dibao", None, "").await;
        assert_eq!(answer.status(), StatusCode::OK);
        let page = text(answer).await;
        let mut links = page.split("href=\"#").skip(1).peekable();
        assert!(links.peek().is_some());
        let mut contents = 0;
        for link in links {
            let to = link.split('\"').next().unwrap();
            assert!(
                page.contains(&format!("id=\"{to}\"")),
                "#{to} leads nowhere"
            );
            contents += usize::from(to != "main");
        }
        let service = app.rule("dibao").unwrap();
        assert_eq!(contents, service.sections.len() + 2);
        assert!(page.contains("没有试算过，不知道影响多少人"));
        assert_eq!(page.matches("<h2>试过的例子</h2>").count(), 1);
    })
    .await;
}
