//! Months gone by, on both databases: a standard back-dated, a death learnt of late, a
//! record that comes late. Proposed once, agreed by two, paid once; nothing asked back
//! but by the way of the law.

use crate::case::Ruling;
use crate::case::tests::publish::publish;
use crate::case::tests::town::*;
use crate::{App, Context};
use engine_access::{Grant, Grants, Holder, Purpose};
use engine_case::AdverseKind;
use engine_payment::{Config, DueKind, Item, PastWay, PayAccount};
use engine_registry::{Command, Origin, PersonFact};
use kernel::*;
use sha2::{Digest as _, Sha256};
use store::testing::both;
use store::{Loaded, RegisterSlice, Tx};

const STANDARD: &str = "is         = 800\nprovenance = \"source\"\nsource     = \"示例文件\"";

fn cashier() -> Actor {
    finance(921)
}

fn finance(person: i64) -> Actor {
    Actor {
        account: format!("finance{person}"),
        person: Some(PersonId(person)),
        role: Role::Finance,
    }
}

fn month(text: &str) -> Period {
    text.parse().unwrap()
}

fn pays(town: &Town, actor: Actor) -> Context {
    Context {
        purpose: Purpose::Payment(PaymentBatchId(0)),
        ..town.by(actor, None)
    }
}

fn itself(town: &Town) -> Context {
    Context {
        purpose: Purpose::Discovery,
        ..town.by(system(), None)
    }
}

fn config() -> Config {
    Config {
        payer: "3304820000000001".parse().unwrap(),
        silence_minutes: 30,
        most_lines: 100,
    }
}

async fn hire(town: &Town) {
    let now = Now {
        at: "2026-02-01T02:00:00Z".parse().unwrap(),
    };
    let write = async move |tx: &mut Tx| {
        for actor in [finance(921), finance(922)] {
            let holder = Holder::Person(actor.person.unwrap());
            let grant = Grant {
                holder: holder.clone(),
                role: actor.role,
                region: "990000".parse().unwrap(),
                from: "2026-01-01".parse().unwrap(),
                to: None,
            };
            let state = Grants {
                grants: vec![grant],
                proposals: vec![],
            };
            let grants = Loaded { state, version: 0 };
            tx.save_grants(&holder, &grants, &[], &actor, now).await?;
        }
        Ok::<_, store::StoreError>(())
    };
    town.app.db().write(write).await.unwrap();
    let desk = town.app.payments(config());
    let account = PayAccount {
        holder: MUM,
        name: "测试·户名一".to_owned(),
        number: "6217009900000001".parse().unwrap(),
    };
    let ctx = pays(town, cashier());
    desk.enter_account(&ctx, MUM, &account).await.unwrap();
}

/// A family with a grant from April, paid by list from April to June.
async fn paid_till_june(town: &Town, app: &App) -> CaseId {
    hire(town).await;
    let here = town.moved_to(app);
    let case = here.ripe(900, 0).await;
    let judge = here.by(system(), Some(case));
    app.judge_case(&judge, case, household(Some(0)))
        .await
        .unwrap();
    let grant = Ruling::Grant {
        from: None,
        amount: None,
        reasons: "符合".to_owned(),
    };
    let decide = here.by(county(), Some(case));
    app.decide_case(&decide, case, grant).await.unwrap();
    for period in ["2026-04", "2026-05", "2026-06"] {
        town.on(&format!("{period}-10"));
        list(town, app, period).await;
    }
    town.on("2026-07-05");
    case
}

/// Computes a month's list; gives its lines.
async fn list(town: &Town, app: &App, period: &str) -> Vec<Item> {
    let desk = app.payments(config());
    let ctx = pays(town, cashier());
    let made = desk.compute_month(&ctx, month(period)).await.unwrap();
    desk.batch(&ctx, made.batch).await.unwrap().items
}

fn arrears(items: &[Item]) -> Vec<(Period, i64)> {
    let late = items.iter().filter(|item| item.kind == DueKind::Arrears);
    late.map(|item| (item.key.period, item.amount.fen()))
        .collect()
}

async fn code<T: std::fmt::Debug>(done: crate::Result<T>) -> &'static str {
    done.unwrap_err().refusal_code().unwrap_or("not a refusal")
}

/// The law with another standard from May on, decided long after.
fn raised() -> packs::Pack {
    let more = format!(
        "{STANDARD}\narticle    = \"第二条\"\n\n[[parameter.standard.value]]\nfrom       = 2026-05-01\nis         = 850\nprovenance = \"source\"\nsource     = \"示例文件二\""
    );
    let was = format!("{STANDARD}\narticle    = \"第二条\"");
    let loaded = packs::load(changed(&[(&was, &more)]).path());
    loaded
        .pack
        .unwrap_or_else(|| panic!("{}", loaded.report.render()))
}

#[tokio::test]
async fn a_back_dated_standard_is_proposed_once_agreed_by_two_and_paid_once() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = paid_till_june(&town, &town.app).await;
        let before = town
            .app
            .look_over_past(&itself(&town), |_| {})
            .await
            .unwrap();
        assert_eq!(
            (before.cases, before.found),
            (1, 0),
            "nothing changed: {before:?}"
        );
        let (app, hash) = publish(&town, &town.app, raised()).await;
        let report = app.look_over_past(&itself(&town), |_| {}).await.unwrap();
        assert_eq!(report.found, 2, "May and June, not April: {report:?}");
        assert_eq!(report.too_little, (2, Money::from_fen(20_000)));
        let again = app.look_over_past(&itself(&town), |_| {}).await.unwrap();
        assert_eq!((again.found, again.gone), (0, 0), "proposed once");
        let page = app.past(&pays(&town, cashier())).await.unwrap();
        let [group] = page.open.as_slice() else {
            panic!("one family: {page:?}");
        };
        assert_eq!((group.case, group.arrears), (case, true));
        assert_eq!(group.sum, Money::from_fen(20_000));
        assert!(group.why[0].contains("示例文件二"), "{:?}", group.why);
        assert!(group.why[0].contains("2026-05-01"), "{:?}", group.why);
        let months: Vec<Period> = group.lines.iter().map(|line| line.period).collect();
        assert_eq!(months, [month("2026-05"), month("2026-06")]);
        let ids: Vec<i64> = group.lines.iter().map(|line| line.id).collect();
        let seen: Vec<(i64, Money)> = group
            .lines
            .iter()
            .map(|line| (line.id, line.difference))
            .collect();
        // Before two people agreed nothing of it is in a list.
        assert!(arrears(&list(&town, &app, "2026-07").await).is_empty());
        let nobody = app.past(&pays(&town, village())).await;
        assert!(code(nobody).await.starts_with("access."));
        let machine = app
            .take_past(&itself(&town), &ids, PastWay::Pay, "补")
            .await;
        assert!(code(machine).await.starts_with("access."));
        let silent = app
            .take_past(&pays(&town, cashier()), &ids, PastWay::Pay, " ")
            .await;
        assert_eq!(code(silent).await, "payment.no_words");
        let wrong = app
            .take_past(&pays(&town, cashier()), &ids, PastWay::Waive, "不")
            .await;
        assert_eq!(code(wrong).await, "payment.wrong_way");
        let early = app.confirm_past(&pays(&town, leading()), &seen).await;
        assert_eq!(code(early).await, "payment.past_state");
        let taken = pays(&town, leading());
        app.take_past(&taken, &ids, PastWay::Pay, "标准从五月起")
            .await
            .unwrap();
        let same = app.confirm_past(&pays(&town, leading()), &seen).await;
        assert_eq!(code(same).await, "payment.same_person");
        let reason = "先看看文件";
        app.send_back_past(&pays(&town, leading()), &ids, reason)
            .await
            .unwrap();
        let by = pays(&town, cashier());
        app.take_past(&by, &ids, PastWay::Pay, "标准从五月起")
            .await
            .unwrap();
        let finance_too = app.confirm_past(&pays(&town, finance(922)), &seen).await;
        assert!(code(finance_too).await.starts_with("access."));
        let other: Vec<(i64, Money)> = ids.iter().map(|id| (*id, Money::from_fen(1))).collect();
        let unseen = app.confirm_past(&pays(&town, leading()), &other).await;
        assert_eq!(code(unseen).await, "payment.list_changed");
        let signs = pays(&town, leading());
        app.confirm_past(&signs, &seen).await.unwrap();
        app.confirm_past(&signs, &seen).await.unwrap();
        let august = list(&town, &app, "2026-08").await;
        let expected = vec![(month("2026-05"), 10_000), (month("2026-06"), 10_000)];
        assert_eq!(arrears(&august), expected, "in the next list");
        let desk = app.payments(config());
        let ctx = pays(&town, cashier());
        let batch = desk
            .compute_month(&ctx, month("2026-08"))
            .await
            .unwrap()
            .batch;
        desk.reject(&pays(&town, finance(922)), batch, "再看")
            .await
            .unwrap();
        assert_eq!(
            arrears(&list(&town, &app, "2026-08").await),
            expected,
            "made anew, once"
        );
        assert!(
            arrears(&list(&town, &app, "2026-09").await).is_empty(),
            "never twice"
        );
        let after = app.look_over_past(&itself(&town), |_| {}).await.unwrap();
        let page = app.past(&pays(&town, cashier())).await.unwrap();
        let later: Vec<Period> = page
            .open
            .iter()
            .flat_map(|group| group.lines.iter().map(|line| line.period))
            .collect();
        // The grant itself still says the old amount: July is proposed now that it is over
        // and was paid by it; May and June are not proposed again.
        assert!(!later.contains(&month("2026-05")) && !later.contains(&month("2026-06")));
        assert_eq!(after.found as usize, later.len(), "{after:?}");
        assert_ne!(hash, town.app.law().pack.hash());
        assert!(page.settled[0].lines[0].stands.contains("列进"), "{page:?}");
    })
    .await;
}

async fn learn_of_death(town: &Town, died: &str) {
    let died: Date = died.parse().unwrap();
    let now = Now {
        at: "2026-07-04T02:00:00Z".parse().unwrap(),
    };
    let write = async move |tx: &mut Tx| {
        let slice = RegisterSlice {
            people: [SON].into(),
            ..RegisterSlice::default()
        };
        let mut register = tx.register(&slice).await?;
        let command = Command::Record {
            person: SON,
            fact: PersonFact::Died(died),
            origin: Origin::Declared {
                case: None,
                by: town_officer(),
                as_of: died,
            },
        };
        let config = engine_registry::Config::default();
        let events = engine_registry::decide(&register.state, command, &config, now).unwrap();
        events.iter().for_each(|event| register.state.apply(event));
        tx.save_register(&register, &events, &town_officer(), now)
            .await
    };
    town.app.db().write(write).await.unwrap();
}

fn town_officer() -> Actor {
    crate::case::tests::town::town()
}

/// The example law with a notice for what is asked back.
fn with_recovery(town: &Town) -> App {
    let notice = "[notice.recovered]\nafter  = \"hearing\"\nsays   = \"{applicant}，多发了 {amount}，原因是：{reasons}。\"\nremedy = [\"60 日内申请行政复议\"]\n\n[notice.stopped]";
    town.under("[notice.stopped]", notice)
}

#[tokio::test]
async fn what_was_paid_too_much_is_asked_back_only_by_the_way_of_the_law_or_waived() {
    both(async |db| {
        let town = Town::new(db).await;
        let app = with_recovery(&town);
        let case = paid_till_june(&town, &app).await;
        learn_of_death(&town, "2026-04-20").await;
        let report = app.look_over_past(&itself(&town), |_| {}).await.unwrap();
        assert_eq!(report.found, 2, "April was still owed: {report:?}");
        assert_eq!(report.too_much.0, 2);
        let page = app.past(&pays(&town, cashier())).await.unwrap();
        let group = &page.open[0];
        assert!(!group.arrears);
        assert!(
            group.why.iter().any(|says| says.contains("2026-04-20")),
            "{:?}",
            group.why
        );
        let [may, june] = group.lines.as_slice() else {
            panic!("two months: {group:?}");
        };
        // One alone with 720 a month: 80 was due, 880 was paid.
        assert_eq!((may.owed.fen(), may.made.fen()), (8_000, 88_000));
        assert_eq!(may.difference.fen(), -80_000);
        let none = app.case_of(&town, case).await;
        assert!(none.intent.is_none(), "nothing by itself");
        let wrong = app
            .take_past(&pays(&town, cashier()), &[may.id], PastWay::Pay, "补")
            .await;
        assert_eq!(code(wrong).await, "payment.wrong_way");
        let by = pays(&town, cashier());
        app.take_past(&by, &[may.id], PastWay::Recover, "五月不该发")
            .await
            .unwrap();
        let by = pays(&town, cashier());
        app.take_past(&by, &[june.id], PastWay::Waive, "家里困难，不追")
            .await
            .unwrap();
        let seen = [(may.id, may.difference), (june.id, june.difference)];
        app.confirm_past(&pays(&town, leading()), &seen)
            .await
            .unwrap();
        let told = app.case_of(&town, case).await;
        let intent = told.intent.as_ref().expect("told what is intended");
        assert_eq!(intent.draft.kind, AdverseKind::Recover);
        assert_eq!(
            intent.draft.amount,
            Some(Money::from_fen(80_000)),
            "only the month that is asked back"
        );
        assert!(!intent.draft.rules.is_empty() && !intent.draft.evidence.is_empty());
        assert_eq!(
            told.decisions.len(),
            1,
            "a decision comes after the hearing, or never"
        );
        let made = list(&town, &app, "2026-07").await;
        assert!(made.iter().all(|item| item.amount > Money::ZERO));
        assert!(arrears(&made).is_empty());
        let again = app.look_over_past(&itself(&town), |_| {}).await.unwrap();
        let page = app.past(&pays(&town, cashier())).await.unwrap();
        let open = page.open.iter().flat_map(|group| &group.lines);
        let months: Vec<Period> = open.map(|line| line.period).collect();
        assert_eq!(
            months,
            [month("2026-07")],
            "settled stays settled: {again:?}"
        );
    })
    .await;
}

impl App {
    async fn case_of(&self, town: &Town, case: CaseId) -> engine_case::Case {
        town.moved_to(self).case(case).await
    }
}

/// Brings a delivery of savings: whose, of which day, how much.
async fn deliver(town: &Town, app: &App, as_of: &str, yuan: i64) {
    let text = format!("id_no,record_no,as_of,amount\n990482200001010035,S-9,{as_of},{yuan}\n");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.csv"), &text).unwrap();
    let digest = Sha256::digest(text.as_bytes());
    let sha256: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let slip = serde_json::json!({
        "department": "police", "category": "savings", "as_of": "2026-07-04", "rows": 1,
        "file": "a.csv", "sha256": sha256, "encoding": "UTF-8",
    });
    std::fs::write(folder.path().join("a.csv.manifest.json"), slip.to_string()).unwrap();
    let ctx = Context {
        purpose: Purpose::Collection,
        ..town.by(system(), None)
    };
    let report = app.import(&ctx, folder.path(), None, |_| {}).await.unwrap();
    let one = &report.deliveries[0];
    assert!(
        matches!(one.outcome, crate::import::ImportOutcome::Accepted(_)),
        "{one:?}"
    );
}

#[tokio::test]
async fn a_record_that_comes_late_speaks_of_the_months_after_its_own_day() {
    both(async |db| {
        let town = Town::new(db).await;
        let law = changed(&[
            (
                "purposes    = [\"verification\"]",
                "purposes    = [\"discovery\", \"verification\"]",
            ),
            ("needs = \"authorisation\"\n", ""),
        ]);
        let loaded = packs::load(law.path());
        let pack = loaded
            .pack
            .unwrap_or_else(|| panic!("{}", loaded.report.render()));
        let (app, _) = publish(&town, &town.app, pack).await;
        paid_till_june(&town, &app).await;
        deliver(&town, &app, "2026-05-20", 20_000).await;
        let report = app.look_over_past(&itself(&town), |_| {}).await.unwrap();
        assert_eq!(
            (report.found, report.too_much.0),
            (1, 1),
            "June alone: {report:?}"
        );
        let page = app.past(&pays(&town, cashier())).await.unwrap();
        let line = &page.open[0].lines[0];
        assert_eq!((line.period, line.owed), (month("2026-06"), Money::ZERO));
        let says = line.why.join(" ");
        for part in ["公安局", "S-9", "2026-05-20", "试乙", "存款"] {
            assert!(says.contains(part), "{part}: {says}");
        }
        // The record mended: no difference any more, and nothing is left to settle.
        let by = pays(&town, cashier());
        app.take_past(&by, &[line.id], PastWay::Waive, "先不追")
            .await
            .unwrap();
        deliver(&town, &app, "2026-05-21", 100).await;
        let mended = app.look_over_past(&itself(&town), |_| {}).await.unwrap();
        assert_eq!((mended.found, mended.gone), (0, 1), "{mended:?}");
        let page = app.past(&pays(&town, cashier())).await.unwrap();
        assert!(page.open.is_empty() && page.taken.is_empty());
    })
    .await;
}
