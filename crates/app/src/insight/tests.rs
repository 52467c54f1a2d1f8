//! N11: indicators a pack alone adds, from the first value to a frozen report and its
//! correction; alerts closed by an outcome; a figure opened to what it counted. On both
//! databases.

use super::*;
use crate::case::tests::town::*;
use engine_access::Purpose;
use engine_insight::{AlertKind, Command, Quantity, Standing, Why};
use kernel::{Date, RegionCode, Slug};
use store::testing::both;

/// A plan nobody in Rust has heard of.
const PLAN: &str = r#"
[plan]
id = "little_plan"
name = "小规划"
region = "990101"
from = 2025
to = 2026
years = [2024, 2026]
basis = "试验规划"
provenance = "assumed"

[[task]]
id = "care"
name = "保障"

[[indicator]]
task = "care"
id = "homes"
name = "儿童之家"
says = "建成的个数"
unit = "个"
known = { 2024 = 10 }
target = { 2026 = 20 }
from = "县里"
every = "6 months"
provenance = "assumed"

[[indicator]]
task = "care"
id = "nobody_knows"
name = "没有定的"
says = "没有数"
unit = "%"
known = { 2024 = "/" }
target = { 2026 = 100 }
from = "县里"
provenance = "assumed"

[[indicator]]
task = "care"
id = "open_cases"
name = "在办的件"
says = "在办的救助申请"
unit = "件"
better = "lower"
everywhere = true
always = true
known = { 2024 = "/" }
target = { 2026 = 0 }
count = { records = "cases" }
provenance = "assumed"

[[indicator]]
task = "care"
id = "late_share"
name = "超期的占比"
says = "超期的 ÷ 在办的"
unit = "%"
better = "lower"
everywhere = true
always = true
known = { 2024 = "/" }
target = { 2026 = 0 }
count = { records = "late_cases", share_of = "cases" }
provenance = "assumed"
"#;

const COUNTY: &str = "990101000000";

fn place() -> RegionCode {
    COUNTY.parse().unwrap()
}

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

fn q(text: &str) -> Quantity {
    text.parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

impl Town {
    fn planned(&self) -> Town {
        self.moved_to(&self.under_law(law_with(&[("plan.toml", PLAN)])))
    }

    fn duty(&self, who: Actor) -> Context {
        Context {
            purpose: Purpose::Duty,
            ..self.by(who, None)
        }
    }

    async fn reports(&self, who: Actor, on: &str, much: &str, why: &str) -> Result<usize> {
        let new = NewValue {
            as_of: day(on),
            quantity: much.to_owned(),
            source: "县里的台账".to_owned(),
            reason: why.to_owned(),
        };
        let (ctx, id) = (self.duty(who), slug("homes"));
        let done = self.app.report_value(&ctx, (&id, place()), new).await;
        done.map(|reply| reply.value)
    }

    async fn series_does(&self, who: Actor, command: Command) -> Result<usize> {
        let (ctx, id) = (self.duty(who), slug("homes"));
        let done = self.app.on_series(&ctx, (&id, place()), command).await;
        done.map(|reply| reply.value)
    }

    async fn confirms(&self, who: Actor, on: &str, version: u32) -> Result<usize> {
        let as_of = day(on);
        self.series_does(who, Command::Confirm { as_of, version })
            .await
    }

    async fn freezes(&self, who: Actor, on: &str, why: &str) -> Result<kernel::ReportId> {
        let (ctx, id) = (self.duty(who), slug("little_plan"));
        let done = self
            .app
            .freeze_plan(&ctx, (&id, place()), day(on), why)
            .await;
        done.map(|reply| reply.value)
    }

    async fn row(&self, id: &str) -> IndicatorRow {
        let ctx = self.duty(county());
        self.app
            .indicator_page(&ctx, id, place())
            .await
            .unwrap()
            .row
    }
}

fn code<T: std::fmt::Debug>(done: Result<T>) -> &'static str {
    done.unwrap_err().refusal_code().unwrap()
}

#[tokio::test]
async fn n11_an_indicator_added_by_a_pack_alone_is_reported_confirmed_and_told_of() {
    both(async |db| {
        let town_ = Town::new(db).await.planned();
        // The plan tells of 2024 itself; of what nobody told there is no figure, not zero.
        let row = town_.row("homes").await;
        assert_eq!(row.value.unwrap().quantity, q("10"));
        let row = town_.row("nobody_knows").await;
        assert_eq!(
            (row.value, row.standing),
            (None, Standing::Unknown(Why::NoValue))
        );
        assert_eq!(
            code(town_.reports(village(), "2025-12-31", "12", "").await),
            "access.role"
        );
        assert_eq!(
            code(town_.reports(elsewhere(), "2025-12-31", "12", "").await),
            "access.region"
        );
        assert!(
            town_
                .reports(county(), "2025-12-31", "一打", "")
                .await
                .is_err()
        );
        town_
            .reports(county(), "2025-12-31", "12", "")
            .await
            .unwrap();
        assert_eq!(
            town_.row("homes").await.value.unwrap().quantity,
            q("10"),
            "it waits"
        );
        assert_eq!(
            code(town_.confirms(county(), "2025-12-31", 1).await),
            "insight.same_person"
        );
        // Halfway it should be 15: the alert comes with the confirmation.
        assert_eq!(town_.confirms(leading(), "2025-12-31", 1).await.unwrap(), 1);
        let row = town_.row("homes").await;
        assert_eq!(row.standing, Standing::Behind { wanted: q("15") });
        let ctx = town_.duty(county());
        let alerts = town_.app.plan_alerts(&ctx, place()).await.unwrap();
        assert_eq!(alerts.len(), 1);
        assert_eq!(alerts[0].alert.kind, AlertKind::OffTrack);
        let close = |says: &str| Command::Close {
            no: 1,
            says: says.to_owned(),
        };
        assert_eq!(
            code(town_.series_does(county(), close(" ")).await),
            "insight.no_outcome"
        );
        assert_eq!(
            town_
                .series_does(county(), close("三个点推迟，四月补上"))
                .await
                .unwrap(),
            0
        );
        // Closed, it does not come again for the same figure.
        town_.app.watch_plans().await.unwrap();
        let open = town_.app.plan_alerts(&ctx, place()).await.unwrap();
        assert!(
            open.iter().all(|one| one.indicator != slug("homes")),
            "{open:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn n11_a_frozen_figure_never_changes_and_a_correction_stands_beside_it() {
    both(async |db| {
        let town_ = Town::new(db).await.planned();
        town_
            .reports(county(), "2025-12-31", "12", "")
            .await
            .unwrap();
        town_.confirms(leading(), "2025-12-31", 1).await.unwrap();
        assert_eq!(
            code(town_.freezes(town(), "2025-12-31", "").await),
            "access.role"
        );
        let first = town_.freezes(county(), "2025-12-31", "").await.unwrap();
        let ctx = town_.duty(county());
        let before = town_.app.plan_report(&ctx, first).await.unwrap();
        let homes = &before.figures[0];
        assert_eq!(
            (homes.value, homes.lineage.says.as_str()),
            (Some(q("12")), "县里的台账")
        );
        assert_eq!(before.figures[1].value, None, "a null stays null");
        assert_eq!(
            before.figures[2].value, None,
            "a day gone by is not counted"
        );
        town_
            .reports(county(), "2025-12-31", "14", "漏了两家")
            .await
            .unwrap();
        town_.confirms(leading(), "2025-12-31", 2).await.unwrap();
        assert_eq!(town_.row("homes").await.value.unwrap().quantity, q("14"));
        assert_eq!(town_.app.plan_report(&ctx, first).await.unwrap(), before);
        assert_eq!(
            code(town_.freezes(county(), "2025-12-31", "").await),
            "insight.frozen"
        );
        let second = town_
            .freezes(county(), "2025-12-31", "漏了两家")
            .await
            .unwrap();
        let after = town_.app.plan_report(&ctx, second).await.unwrap();
        assert_eq!((after.version, after.figures[0].value), (2, Some(q("14"))));
        assert_eq!(town_.app.plan_report(&ctx, first).await.unwrap(), before);
        let page = town_
            .app
            .indicator_page(&ctx, "homes", place())
            .await
            .unwrap();
        let frozen: Vec<_> = page.frozen.iter().map(|(_, one)| one.value).collect();
        assert_eq!(frozen, [Some(q("12")), Some(q("14"))]);
    })
    .await;
}

#[tokio::test]
async fn n11_a_counted_figure_opens_to_its_records_now_and_as_they_were_frozen() {
    both(async |db| {
        let town_ = Town::new(db).await.planned();
        // No case: a true zero of cases, and no share of nothing.
        let row = town_.row("open_cases").await;
        assert_eq!(
            (row.value.unwrap().quantity, row.standing),
            (q("0"), Standing::Reached)
        );
        let row = town_.row("late_share").await;
        assert_eq!(
            (row.value, row.standing),
            (None, Standing::Unknown(Why::NoValue))
        );
        let case = town_.submitted(300, 0).await;
        let row = town_.row("open_cases").await;
        assert_eq!(
            (row.value.unwrap().quantity, row.records),
            (q("1"), Some(1))
        );
        assert_eq!(row.standing, Standing::Behind { wanted: q("0") });
        assert_eq!(
            town_.row("late_share").await.value.unwrap().quantity,
            q("0")
        );
        let ctx = town_.duty(county());
        let today = town_.app.now().today().to_string();
        let report = town_.freezes(county(), &today, "").await.unwrap();
        let open = async |report, at: RegionCode| {
            let asked = ("open_cases", at);
            town_.app.indicator_lines(&ctx, asked, report, 0).await
        };
        let (count, lines) = open(Some(report), place()).await.unwrap();
        assert_eq!((count, lines.len(), lines[0].name.as_str()), (1, 1, "试甲"));
        assert_eq!(lines[0].opens, crate::cockpit::Opens::Case(case));
        let frozen = town_.app.plan_report(&ctx, report).await.unwrap();
        let figure = &frozen.figures[2];
        assert_eq!(
            (figure.value, figure.lineage.records),
            (Some(q("1")), Some(1))
        );
        assert_eq!(figure.lineage.digest.as_ref().map(String::len), Some(64));
        // Out of one's place nothing opens.
        let out = open(None, "990102000000".parse().unwrap()).await;
        assert_eq!(code(out), "access.region");
        // The house watches: one alert, and not a second the next time.
        assert!(town_.app.watch_plans().await.unwrap() > 0);
        assert_eq!(town_.app.watch_plans().await.unwrap(), 0);
    })
    .await;
}
