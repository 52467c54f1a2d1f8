//! 「发放」 Batches with their people: opened, frozen, checked, approved, released,
//! sent, matched to 0 fen. Each figure opens to its lines.
//! Rows: A35.

use super::{Taken, request_key, unseen};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::payment::{BankGateway, BatchLine, BatchPage, Payments, Progress, Turn};
use app::{AppError, Context};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use kernel::{Money, PaymentBatchId, Period, Role};
use serde::Deserialize;

/// Who sees the paying desk.
pub(crate) const PAYERS: &[Role] = &[Role::Finance, Role::CountyApprover];
/// Who makes batches.
pub(super) const MAKERS: &[Role] = &[Role::Finance];

#[derive(Template)]
#[template(path = "desk/pay.html")]
struct PayPage {
    page: Page,
    batches: Vec<Progress>,
    month: String,
    request: String,
    fault: Option<String>,
    can_open: bool,
}

#[derive(Template)]
#[template(path = "desk/batch.html")]
struct BatchView {
    page: Page,
    batch: BatchPage,
    state: Option<String>,
    request: String,
    fault: Option<String>,
    written: String,
    /// A new card as it was typed.
    card: String,
    holder: String,
    proved: bool,
}

impl BatchView {
    fn lines(&self) -> Vec<&BatchLine> {
        let wanted = self.state.as_deref();
        let lines = self.batch.lines.iter();
        lines
            .filter(|one| wanted.is_none_or(|wanted| wanted == one.state.0))
            .collect()
    }

    /// The states there are, their words, how many, and their sum.
    fn states(&self) -> Vec<(&'static str, &'static str, usize, Money)> {
        let mut states: Vec<(&'static str, &'static str, usize, Money)> = Vec::new();
        for line in &self.batch.lines {
            match states.iter_mut().find(|one| one.0 == line.state.0) {
                Some(one) => {
                    one.2 += 1;
                    one.3 = one.3.checked_add(line.amount).unwrap_or(one.3);
                }
                None => states.push((line.state.0, line.state.1, 1, line.amount)),
            }
        }
        states
    }

    fn hash(&self) -> &str {
        self.batch.progress.hash.as_deref().unwrap_or_default()
    }

    /// The button of the turn: the step, its words, who does it.
    fn turn(&self) -> Option<(&'static str, &'static str, &'static str)> {
        match self.batch.turn {
            Turn::Compute => Some(("compute", "生成清单", "财务经办")),
            Turn::Check => Some(("check", "复核无误", "另一位财务")),
            Turn::Approve => Some(("approve", "审批", "县级审核")),
            Turn::Release => Some(("release", "放行", "没有经办、复核过的财务")),
            Turn::AskBank => Some(("bank", "发给银行，问结果", "财务")),
            Turn::Reconcile => Some(("reconcile", "三方对账", "财务")),
            Turn::Close => Some(("close", "办结", "没有经办过的财务")),
            Turn::Nothing => None,
        }
    }

    /// Whether the next step must be another's than the earlier ones.
    fn is_anothers(&self) -> bool {
        self.batch.mine && self.batch.turn != Turn::AskBank
    }

    fn is_mine_to_do(&self) -> bool {
        match self.batch.turn {
            Turn::Approve => self.page.is(&[Role::CountyApprover]),
            _ => self.page.is(MAKERS),
        }
    }

    /// Before the list leaves the house its lines can be held and resumed.
    fn can_hold(&self) -> bool {
        let turn = matches!(
            self.batch.turn,
            Turn::Compute | Turn::Check | Turn::Approve | Turn::Release
        );
        turn && self.proved && self.page.is(MAKERS)
    }

    /// What came back is mended by two of finance.
    fn can_mend(&self) -> bool {
        self.proved && self.page.is(MAKERS) && self.lines().iter().any(|one| one.mend.is_some())
    }

    fn can_reject(&self) -> bool {
        matches!(self.batch.turn, Turn::Check | Turn::Approve | Turn::Release)
            && self.is_mine_to_do()
    }
}

fn paying(site: &Site) -> Result<(&Payments, &BankGateway), Trouble> {
    let says = "这里还没有接上银行专线。请联系管理员";
    site.paying()
        .ok_or_else(|| Trouble::new(StatusCode::SERVICE_UNAVAILABLE, says))
}

fn context(page: &Page, batch: i64, request: String) -> Result<Context, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    Ok(visitor.acts(Purpose::Payment(PaymentBatchId(batch)), request))
}

pub(super) async fn list(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    Ok(html(&draw_list(&site, page, None).await?))
}

async fn draw_list(site: &Site, page: Page, fault: Option<String>) -> Result<PayPage, Trouble> {
    let (desk, _) = paying(site)?;
    let ctx = context(&page, 0, String::new())?;
    Ok(PayPage {
        batches: desk.batches(&ctx).await?,
        month: Period::of(page.today).plus_months(1).to_string(),
        request: request_key()?,
        can_open: page.is(MAKERS),
        page: page.titled("发放"),
        fault,
    })
}

pub(super) async fn open(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let (desk, _) = paying(&site)?;
    let typed = taken.get("month");
    let Ok(month) = typed.parse::<Period>() else {
        let says = format!("“{typed}”不是月份。请写成例如 2026-10");
        let drawn = draw_list(&site, page, Some(says)).await?;
        return Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &drawn));
    };
    let ctx = context(&page, 0, taken.get("request"))?;
    let id = desk.open_batch(&ctx, month).await.map_err(unseen)?;
    Ok(Redirect::to(&format!("/desk/pay/{id}")).into_response())
}

#[derive(Deserialize)]
pub(super) struct Asked {
    state: Option<String>,
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(batch): Path<i64>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let drawn = draw(&site, page, batch).await?;
    let state = asked.state;
    Ok(html(&BatchView { state, ..drawn }))
}

async fn draw(site: &Site, page: Page, id: i64) -> Result<BatchView, Trouble> {
    let (desk, _) = paying(site)?;
    let ctx = context(&page, id, String::new())?;
    let batch = desk.batch_page(&ctx, PaymentBatchId(id)).await;
    Ok(BatchView {
        batch: batch.map_err(unseen)?,
        proved: page.visitor.as_ref().is_some_and(|one| one.proved),
        page: page.titled(format!("第 {id} 批")),
        state: None,
        request: request_key()?,
        fault: None,
        written: String::new(),
        card: String::new(),
        holder: String::new(),
    })
}

pub(super) async fn step(
    State(site): State<Site>,
    page: Page,
    Path(batch): Path<i64>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, batch, taken.get("request"))?;
    let done = take(&site, &ctx, PaymentBatchId(batch), &taken).await;
    let says = match done {
        Ok(()) => return Ok(Redirect::to(&format!("/desk/pay/{batch}")).into_response()),
        Err(AppError::Refused(refused)) if !refused.code.starts_with("access.") => refused.says,
        Err(AppError::BadInput(says)) => says,
        Err(why) => return Err(unseen(why)),
    };
    let mut drawn = draw(&site, page, batch).await?;
    drawn.fault = Some(says);
    drawn.written = taken.get("words");
    (drawn.card, drawn.holder) = (taken.get("card"), taken.get("holder"));
    Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &drawn))
}

async fn take(
    site: &Site,
    ctx: &Context,
    id: PaymentBatchId,
    taken: &Taken,
) -> Result<(), AppError> {
    let bad = |says: &str| AppError::BadInput(says.to_owned());
    let (desk, bank) = site
        .paying()
        .ok_or_else(|| bad("这里还没有接上银行专线。请联系管理员"))?;
    let (seen, words) = (taken.get("seen"), taken.get("words"));
    let number = || taken.get("line").parse::<u32>();
    match taken.get("step").as_str() {
        "compute" => desk.compute_batch(ctx, id).await.map(drop),
        "check" => desk.check(ctx, id, &seen).await.map(drop),
        "approve" => desk.approve(ctx, id, &seen).await.map(drop),
        "release" => desk.release(ctx, id, &seen).await.map(drop),
        "reject" if words.trim().is_empty() => Err(bad("请写明为什么退回")),
        "reject" => desk.reject(ctx, id, &words).await.map(drop),
        "bank" => desk.talk_to_bank(ctx, bank).await.map(drop),
        "reconcile" => desk.reconcile(ctx, bank, id, Vec::new()).await.map(drop),
        "close" => desk.close(ctx, id).await.map(drop),
        "hold" | "explain" if words.trim().is_empty() => Err(bad("请写明原因")),
        "hold" => {
            let line = number().map_err(|_| bad("请选是哪一笔"))?;
            desk.hold(ctx, id, line, &words).await.map(drop)
        }
        "resume" => {
            let line = number().map_err(|_| bad("请选是哪一笔"))?;
            desk.resume(ctx, id, line).await.map(drop)
        }
        "card" => {
            let line = number().map_err(|_| bad("请选是哪一笔"))?;
            let (card, name) = (taken.get("card"), taken.get("holder"));
            desk.new_card(ctx, (id, line), (&card, &name))
                .await
                .map(drop)
        }
        "reissue" => {
            let line = number().map_err(|_| bad("请选是哪一笔"))?;
            let month = desk.batch(ctx, id).await?.period;
            desk.reissue_into_month(ctx, id, line, month)
                .await
                .map(drop)
        }
        "explain" => {
            let no = number().map_err(|_| bad("请选是哪一条"))?;
            desk.explain(ctx, id, no, &words).await.map(drop)
        }
        _ => Err(bad("没有这一步。请回到批次页再选一次")),
    }
}
