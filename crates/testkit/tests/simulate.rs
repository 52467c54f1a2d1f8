//! 「试算」 A small synthetic city under the law as it is and as it might be, on both
//! databases: the same counts, the sums of the parts are the whole, and a draft that
//! changes one number says what `--set` of that number says.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

mod house;

use app::simulate::{
    Behind, How, Of, Proposed, Setting, SimulateReport, Simulation, TableKind, Trial, table,
};
use app::{App, Context};
use engine_access::Purpose;
use house::{draft, hired, itself};
use kernel::{Date, FixedClock, Money, PersonId, RegionCode, Role};
use std::sync::{Arc, Mutex};
use store::testing::both;

/// What must be so whatever the city is.
fn adds_up(report: &SimulateReport) {
    for trial in &report.trials {
        let all = &trial.all;
        for parts in [&trial.kinds, &trial.sizes] {
            let gaining: u64 = parts.iter().map(|(_, one)| one.households_gaining).sum();
            let people: u64 = parts.iter().map(|(_, one)| one.people_losing).sum();
            let after: i64 = parts.iter().map(|(_, one)| one.month_after.fen()).sum();
            assert_eq!(
                (gaining, people),
                (all.households_gaining, all.people_losing)
            );
            assert_eq!(Money::from_fen(after), all.month_after);
        }
        let towns: i64 = trial
            .towns
            .iter()
            .map(|(_, _, one)| one.month_before.fen())
            .sum();
        assert_eq!(Money::from_fen(towns), all.month_before);
        let benefits = trial.benefits.iter();
        let by_benefit: i64 = benefits.map(|(_, _, one)| one.month_after.fen()).sum();
        assert_eq!(Money::from_fen(by_benefit), all.month_after);
        // The histogram is the gains and the losses, no more.
        let steps = |losing: bool| -> u64 {
            let own = trial.steps.iter();
            let own = own.filter(|(says, _)| says.starts_with('少') == losing);
            own.map(|(_, count)| count).sum()
        };
        assert_eq!(steps(false), all.households_gaining);
        assert_eq!(steps(true), all.households_losing);
        for (id, _, one) in &trial.benefits {
            let moved = one.eligible_before + one.entering - one.leaving;
            assert_eq!(moved, one.eligible_after, "{id}");
        }
    }
}

#[tokio::test]
async fn a_city_under_other_numbers_and_under_a_draft_on_both_databases_alike() {
    let law = house::county_law();
    let today: Date = "2026-08-31".parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let files = house::city(folder.path(), &law, 1_200, today);
    let now = house::standing(folder.path(), today);
    let reports = Mutex::new(Vec::new());
    let (law, files, reports_of) = (&law, &files, &reports);
    both(async |db| {
        let house = App::new(db, law.clone(), Arc::new(FixedClock(now)));
        let collection = itself(Purpose::Collection);
        house
            .import(&collection, files, None, |_| {})
            .await
            .unwrap();
        let ctx = itself(Purpose::Discovery);
        let simulate = async |proposed: Proposed, region| {
            let what = Simulation {
                day: today,
                proposed,
                region,
                supposed: false,
            };
            house.simulate(&ctx, &what, |_| {}).await.unwrap()
        };
        let set = |texts: &[&str]| {
            let settings = texts.iter().map(|text| Setting::read(law, text).unwrap());
            Proposed::Settings(settings.collect())
        };
        // One parameter swept, the last value among those the law has never had.
        let swept = simulate(set(&["dibao.refusals=1..3:1"]), None).await;
        adds_up(&swept);
        // Deposits may not be looked at while discovering: a higher standard makes more
        // families worth asking for their consent, and gives nobody anything unasked.
        let higher = simulate(set(&["standard=2000"]), None).await;
        adds_up(&higher);
        let perhaps = higher.trials[0].benefits.iter();
        assert!(perhaps.map(|(_, _, one)| one.perhaps_entering).sum::<u64>() > 0);
        // If asking for it found nothing, they would be owed more, those who receive too:
        // that is the most it can cost.
        let what = Simulation {
            day: today,
            proposed: set(&["standard=2000"]),
            region: None,
            supposed: true,
        };
        let most = house.simulate(&ctx, &what, |_| {}).await.unwrap();
        adds_up(&most);
        assert!(most.supposed && !higher.supposed);
        let [most] = most.trials.as_slice() else {
            panic!("one value, one trial");
        };
        assert!(most.all.households_gaining > higher.trials[0].all.households_gaining);
        let (receiving, before, after) = most.receiving();
        assert!(
            receiving > 0 && after > before,
            "{receiving} {before} {after}"
        );
        let open = |trial: &Trial| {
            let benefits = trial.benefits.iter();
            benefits
                .map(|(_, _, one)| one.undetermined_after)
                .sum::<u64>()
        };
        assert!(open(most) < open(&higher.trials[0]), "less is unknown");
        let standard = simulate(set(&["age_allowance.allowance_80=500"]), None).await;
        adds_up(&standard);
        let [trial] = standard.trials.as_slice() else {
            panic!("one value, one trial");
        };
        assert!(
            trial.all.households_gaining > 0,
            "a higher allowance gives more"
        );
        assert!(trial.all.month_after > trial.all.month_before);
        let as_it_is = simulate(Proposed::Draft(law.clone()), None).await;
        adds_up(&as_it_is);
        let same = &as_it_is.trials[0].all;
        assert_eq!((same.households_gaining, same.households_losing), (0, 0));
        assert_eq!(same.month_before, trial.all.month_before);
        // A town by itself is a part of the whole.
        let (town, _, whole) = trial.towns[0].clone();
        let alone = simulate(set(&["age_allowance.allowance_80=500"]), Some(town)).await;
        assert_eq!(alone.trials[0].all, whole);
        // How many stand between the two lines: where the law is, the picture begins with
        // what it gives now, and asking for it changes nothing of the answer.
        let what = Simulation {
            day: today,
            proposed: set(&["standard=1200"]),
            region: None,
            supposed: true,
        };
        let plain = house.simulate(&ctx, &what, |_| {}).await.unwrap();
        let (drawn, spread) = house.simulate_spread(&ctx, &what, |_| {}).await.unwrap();
        assert_eq!(drawn, plain);
        let spread = spread.unwrap();
        let sum = |of: fn(&app::simulate::BenefitChange) -> u64| -> u64 {
            let benefits = plain.trials[0].benefits.iter();
            benefits.map(|(_, _, one)| of(one)).sum()
        };
        let moved = sum(|one| one.entering) + sum(|one| one.leaving);
        assert_eq!(spread.between(), moved, "{spread:?}");
        assert!(moved > 0, "a higher standard takes more in");
        assert!(spread.bars.iter().any(|bar| !bar.between && bar.count > 0));
        // The paper says what was changed from what to what, by whom, and the figures.
        let tried = (&plain, Some(&spread));
        let bytes = house.simulation_sheet(&what, tried, "王县长").unwrap();
        let mut book: calamine::Xlsx<_> =
            calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
        let cells = |book: &mut calamine::Xlsx<_>, name: &str| {
            let range = calamine::Reader::worksheet_range(book, name).unwrap();
            let text = range.rows().flatten().map(ToString::to_string);
            text.collect::<Vec<_>>()
        };
        let cover = cells(&mut book, "说明");
        let all = &plain.trials[0].all;
        for wanted in [
            "王县长",
            "得益户",
            &all.households_gaining.to_string(),
            house.law().pack.hash(),
        ] {
            assert!(
                cover.iter().any(|cell| cell == wanted),
                "{wanted}: {cover:?}"
            );
        }
        assert!(
            cover.iter().any(|cell| cell.starts_with("现行 1")),
            "{cover:?}"
        );
        let towns = cells(&mut book, "镇街");
        assert_eq!(towns.len(), 7 * (plain.trials[0].towns.len() + 2));
        let months = cells(&mut book, "按月");
        assert_eq!(months.len(), 5 * (1 + 4), "September to December");
        // Two values side by side are two trials, each as if it were alone.
        let both = simulate(set(&["age_allowance.allowance_80=100，500"]), None).await;
        assert_eq!(both.trials.len(), 2);
        assert_eq!(both.trials[1].all, trial.all);
        assert_eq!(both.trials[1].steps, trial.steps);
        // Who is missed by one condition: as many by name as counted, for whoever works
        // there and for nobody else; written down.
        let (benefit, _, counted) = trial
            .benefits
            .iter()
            .max_by_key(|one| one.2.near_misses)
            .unwrap();
        assert!(counted.near_misses > 0);
        let what = Simulation {
            day: today,
            proposed: set(&["age_allowance.allowance_80=500"]),
            region: None,
            supposed: false,
        };
        let place = house.law().pack.head().unwrap().region;
        let near = Behind::Benefit {
            benefit: benefit.clone(),
            how: How::Near,
        };
        let unnamed = house.behind(&ctx, &what, &near, place, 0).await;
        let code = unnamed.unwrap_err();
        assert!(
            code.refusal_code().unwrap().starts_with("access."),
            "a machine reads no names"
        );
        let county = hired(
            &house,
            (PersonId(9_999), Role::CountyApprover),
            place,
            (Purpose::Discovery, now),
        )
        .await;
        let near = house.behind(&county, &what, &near, place, 0).await.unwrap();
        assert_eq!(near.count, counted.near_misses);
        assert_eq!(near.lines.len() as u64, near.count.min(200));
        assert!(
            near.lines
                .iter()
                .all(|one| !one.line.name.is_empty() && one.fails.is_some())
        );
        behind_every_number(&house, &county, (&what, trial), place).await;
        let elsewhere = "330481000000".parse().unwrap();
        let all = money(true, Of::All);
        let far = house.behind(&county, &what, &all, elsewhere, 0).await;
        assert!(
            far.unwrap_err()
                .refusal_code()
                .unwrap()
                .starts_with("access.")
        );
        let bytes = table(&standard, TableKind::Csv).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(
            text.lines().filter(|line| line.contains(",合计,")).count(),
            1
        );
        let told = serde_json::to_string(&(swept, standard)).unwrap();
        reports_of.lock().unwrap().push(told);
    })
    .await;
    let reports = reports.into_inner().unwrap();
    assert!(reports.windows(2).all(|two| two[0] == two[1]), "alike");
}

#[tokio::test]
async fn a_draft_with_another_number_is_what_setting_that_number_says() {
    let law = house::county_law();
    let draft = draft(
        "zhejiang/assistance/dibao.toml",
        "is         = 0.1\n",
        "is         = 0.3\n",
    );
    assert_ne!(draft.pack.hash(), law.pack.hash());
    let today: Date = "2026-08-31".parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let files = house::city(folder.path(), &law, 1_200, today);
    let now = house::standing(folder.path(), today);
    let (law, files, draft) = (&law, &files, &draft);
    both(async |db| {
        let house = App::new(db, law.clone(), Arc::new(FixedClock(now)));
        let collection = itself(Purpose::Collection);
        house
            .import(&collection, files, None, |_| {})
            .await
            .unwrap();
        let ctx = itself(Purpose::Discovery);
        let mut told = Vec::new();
        let setting = Setting::read(law, "dibao.extra_rate=0.3").unwrap();
        for proposed in [
            Proposed::Draft(draft.clone()),
            Proposed::Settings(vec![setting]),
        ] {
            let what = Simulation {
                day: today,
                proposed,
                region: None,
                supposed: true,
            };
            let mut report = house.simulate(&ctx, &what, |_| {}).await.unwrap();
            adds_up(&report);
            report.trials[0].assumed.clear();
            told.push(report);
        }
        assert_eq!(told[0], told[1]);
    })
    .await;
}

fn money(more: bool, of: Of) -> Behind {
    Behind::Money { more, of }
}

/// Each number of a report opens to as many names as it counts, and each part to its own.
async fn behind_every_number(
    house: &App,
    county: &Context,
    (what, trial): (&Simulation, &Trial),
    place: RegionCode,
) {
    let count = async |behind: Behind| {
        let page = house.behind(county, what, &behind, place, 0).await.unwrap();
        assert_eq!(page.lines.len() as u64, page.count.min(200), "{behind:?}");
        (page.count, page)
    };
    let (gaining, listed) = count(money(true, Of::All)).await;
    assert!(gaining > 0);
    assert_eq!(gaining, trial.all.households_gaining);
    assert!(listed.lines.iter().all(|one| one.now < one.then));
    let (losing, _) = count(money(false, Of::All)).await;
    assert_eq!(losing, trial.all.households_losing);
    // Of each way to part them the greatest part: each is a way through the whole city.
    let town = trial
        .towns
        .iter()
        .max_by_key(|one| one.2.households_gaining);
    let kind = trial
        .kinds
        .iter()
        .max_by_key(|one| one.1.households_gaining);
    let size = trial
        .sizes
        .iter()
        .max_by_key(|one| one.1.households_gaining);
    let step = (0..).zip(&trial.steps).max_by_key(|one| one.1.1);
    let (town, kind, size, step) = (town.unwrap(), kind.unwrap(), size.unwrap(), step.unwrap());
    let more = !step.1.0.starts_with('少');
    let parts = [
        (true, Of::Town(town.0), town.2.households_gaining),
        (true, Of::kind(&kind.0).unwrap(), kind.1.households_gaining),
        (true, Of::size(&size.0).unwrap(), size.1.households_gaining),
        (more, Of::Step(step.0), step.1.1),
    ];
    for (more, of, wanted) in parts {
        assert_eq!(count(money(more, of)).await.0, wanted, "{of:?}");
    }
    let (benefit, _, one) = trial
        .benefits
        .iter()
        .max_by_key(|one| one.2.eligible_before)
        .unwrap();
    let ways = [
        (How::Before, one.eligible_before),
        (How::Entering, one.entering),
        (How::Leaving, one.leaving),
        (How::PerhapsEntering, one.perhaps_entering),
        (How::PerhapsLeaving, one.perhaps_leaving),
    ];
    for (how, wanted) in ways {
        let benefit = benefit.clone();
        let (named, page) = count(Behind::Benefit { benefit, how }).await;
        assert_eq!(named, wanted, "{}", page.says);
    }
    // The last of them on the last page.
    let rest = usize::try_from(gaining - 1).unwrap();
    let all = money(true, Of::All);
    let last = house.behind(county, what, &all, place, rest).await.unwrap();
    assert_eq!((last.count, last.lines.len()), (gaining, 1));
    // A column of the picture with two lines.
    let (_, spread) = house.simulate_spread(county, what, |_| {}).await.unwrap();
    let bars = spread.unwrap().bars;
    let bar = bars.iter().max_by_key(|bar| bar.count).unwrap();
    let set = format!("age_allowance.allowance_80={},{}", bar.edges.0, bar.edges.1);
    let setting = Setting::read(house.law(), &set).unwrap();
    let two = Simulation {
        proposed: Proposed::Settings(vec![setting]),
        ..what.clone()
    };
    let crossing = house.behind(county, &two, &Behind::Crossing, place, 0);
    assert_eq!(crossing.await.unwrap().count, bar.count);
}
