//! 「颁布」 The versions of the law at the desk: tried on everyone, signed by two, put
//! out of force in one step; and the batch that puts right what a version decided.
//! Rows: A42.

use crate::desk::{Taken, request_key};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::publish::{Again, AgainLine, Effect, LawPage, NumberDraft};
use app::simulate::ParameterLine;
use app::{AppError, Context};
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use engine_policy::publish::Standing;
use kernel::RegionCode;

#[derive(Template)]
#[template(path = "law/versions.html")]
struct VersionsPage {
    page: Page,
    laws: Vec<LawPage>,
    request: String,
    wrong: Option<String>,
    can_try: bool,
    can_sign: bool,
    can_review: bool,
    can_draft: bool,
    parameters: Vec<ParameterLine>,
    towns: Vec<(RegionCode, String)>,
    typed: NumberDraft,
}

impl VersionsPage {
    fn is_town(&self, code: &RegionCode) -> bool {
        self.typed.region == code.to_string()
    }

    fn mark(&self, standing: &Standing) -> &'static str {
        match standing {
            Standing::Draft => "info",
            Standing::Active => "ok",
            Standing::Superseded => "none",
            Standing::Suspended => "stop",
        }
    }

    fn short(&self, hash: &str) -> String {
        hash.chars().take(12).collect()
    }

    fn suspended(&self, law: &LawPage) -> bool {
        law.line.standing == Standing::Suspended
    }

    fn active(&self, law: &LawPage) -> bool {
        law.line.standing == Standing::Active
    }

    fn draft(&self, law: &LawPage) -> bool {
        law.line.standing == Standing::Draft
    }
}

#[derive(Template)]
#[template(path = "law/again.html")]
struct AgainPage {
    page: Page,
    again: Again,
    hash: String,
    request: String,
}

impl AgainPage {
    fn says(&self, line: &AgainLine) -> &'static str {
        match line.effect {
            Effect::InFavour => "补给",
            Effect::Against => "可能多给了，要人看，先听本人说",
            Effect::Same => "结果一样",
            Effect::Open => "事实不够，要人看",
        }
    }

    fn in_favour(&self) -> usize {
        self.again.count(Effect::InFavour)
    }

    fn against(&self) -> usize {
        self.again.count(Effect::Against)
    }
}

fn acting(page: &Page, request: String) -> Result<Context, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    Ok(visitor.acts(Purpose::Administration, request))
}

/// As those who may simulate say what for.
pub(super) fn looking(page: &Page) -> Result<Context, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let purpose = match page.is(super::REVIEWERS) {
        true => Purpose::Discovery,
        false => Purpose::Administration,
    };
    Ok(visitor.acts(purpose, String::new()))
}

pub(super) async fn list(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    draw(&site, page, None).await
}

async fn draw(site: &Site, page: Page, wrong: Option<String>) -> Result<Response, Trouble> {
    draw_typed(site, page, wrong, NumberDraft::default()).await
}

async fn draw_typed(
    site: &Site,
    page: Page,
    wrong: Option<String>,
    typed: NumberDraft,
) -> Result<Response, Trouble> {
    let laws = site.app.laws(&looking(&page)?).await?;
    let status = match wrong {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let drawn = VersionsPage {
        can_try: page.is(super::WRITERS),
        can_sign: page.is(super::SIGNERS),
        can_review: page.is(super::REVIEWERS),
        can_draft: page.is(super::AUTHORS),
        parameters: site.app.parameters(page.today),
        towns: site.app.towns(page.today),
        typed,
        page: page.titled("规则版本"),
        laws,
        request: request_key()?,
        wrong,
    };
    Ok(html_as(status, &drawn))
}

/// Back to the list, or the list with what was wrong.
async fn done<T>(site: &Site, page: Page, done: Result<T, AppError>) -> Result<Response, Trouble> {
    match done {
        Ok(_) => Ok(Redirect::to("/desk/law").into_response()),
        Err(why) => match &why {
            AppError::BadInput(says) => draw(site, page, Some(says.clone())).await,
            AppError::Refused(refused) if refused.code.starts_with("publish.") => {
                draw(site, page, Some(refused.says.clone())).await
            }
            _ => Err(Trouble::from(why)),
        },
    }
}

/// A draft with one number changed.
pub(super) async fn draft(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let ctx = acting(&page, taken.get("request"))?;
    let typed = NumberDraft {
        parameter: taken.get("parameter"),
        value: taken.get("value"),
        from: taken.get("from"),
        region: taken.get("town"),
        source: taken.get("source"),
        article: taken.get("article"),
    };
    let says = match site.app.draft_number(&ctx, &typed).await {
        Ok(_) => return Ok(Redirect::to("/desk/law").into_response()),
        Err(AppError::BadInput(says)) => says,
        Err(AppError::Refused(refused)) if refused.code.starts_with("publish.") => refused.says,
        Err(why) => return Err(Trouble::from(why)),
    };
    draw_typed(&site, page, Some(says), typed).await
}

pub(super) async fn try_out(
    State(site): State<Site>,
    page: Page,
    Path(hash): Path<String>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let ctx = acting(&page, taken.get("request"))?;
    let tried = site.app.try_law(&ctx, &hash, page.today, |_| {}).await;
    done(&site, page, tried).await
}

pub(super) async fn sign(
    State(site): State<Site>,
    page: Page,
    Path(hash): Path<String>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let ctx = acting(&page, taken.get("request"))?;
    let signed = site.app.sign_law(&ctx, &hash).await;
    done(&site, page, signed).await
}

pub(super) async fn suspend(
    State(site): State<Site>,
    page: Page,
    Path(hash): Path<String>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let ctx = acting(&page, taken.get("request"))?;
    let gone = site
        .app
        .suspend_law(&ctx, &hash, &taken.get("reasons"))
        .await;
    done(&site, page, gone).await
}

pub(super) async fn again(
    State(site): State<Site>,
    page: Page,
    Path(hash): Path<String>,
) -> Result<Response, Trouble> {
    let ctx = acting(&page, request_key()?)?;
    match site.app.draw_up_again(&ctx, &hash).await {
        Ok(again) => Ok(html(&AgainPage {
            page: page.titled("改正"),
            again,
            hash,
            request: request_key()?,
        })),
        Err(AppError::BadInput(says)) => draw(&site, page, Some(says)).await,
        Err(why) => Err(Trouble::from(why)),
    }
}

pub(super) async fn sign_again(
    State(site): State<Site>,
    page: Page,
    Path(hash): Path<String>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let ctx = acting(&page, taken.get("request"))?;
    match site.app.sign_again(&ctx, &hash, &taken.get("seen")).await {
        Ok(_) => Ok(Redirect::to(&format!("/desk/law/{hash}/again")).into_response()),
        Err(AppError::BadInput(says)) => draw(&site, page, Some(says)).await,
        Err(why) => Err(Trouble::from(why)),
    }
}
