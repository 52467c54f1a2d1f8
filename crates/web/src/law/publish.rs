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
use axum::extract::{Form, FromRequest, FromRequestParts, Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use engine_policy::publish::Standing;
use kernel::{RegionCode, Slug};
use std::collections::BTreeMap;

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
        short(hash)
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
    /// What each service is called.
    names: BTreeMap<Slug, String>,
    again: Again,
    hash: String,
    request: String,
}

impl AgainPage {
    fn name<'a>(&'a self, line: &'a AgainLine) -> &'a str {
        let found = self.names.get(&line.service);
        found.map_or(line.service.as_str(), String::as_str)
    }

    fn says(&self, line: &AgainLine) -> &'static str {
        match line.effect {
            Effect::InFavour if line.decided_since => "应当补，后来又作过决定，要人看",
            Effect::InFavour => "补给",
            Effect::Against => "可能多给了，要人看，先听本人说",
            Effect::Same => "结果一样",
            Effect::Open => "事实不够，要人看",
        }
    }

    fn in_favour(&self) -> usize {
        self.again.to_put_right()
    }

    fn against(&self) -> usize {
        self.again.count(Effect::Against)
    }
}

/// A hash as people tell versions apart.
pub(super) fn short(hash: &str) -> String {
    hash.chars().take(12).collect()
}

/// A form about one version, and in whose name it is sent.
pub(super) struct Sent {
    site: Site,
    page: Page,
    hash: String,
    taken: Taken,
    ctx: Context,
}

impl FromRequest<Site> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, site: &Site) -> Result<Sent, Response> {
        let (mut parts, body) = request.into_parts();
        let Ok(page) = Page::from_request_parts(&mut parts, site).await;
        let hash = Path::from_request_parts(&mut parts, site).await;
        let Path(hash) = hash.map_err(IntoResponse::into_response)?;
        let form = Form::from_request(Request::from_parts(parts, body), site).await;
        let Form(taken): Form<Taken> = form.map_err(IntoResponse::into_response)?;
        let ctx = page.acts(Purpose::Administration, taken.get("request"));
        Ok(Sent {
            ctx: ctx.map_err(IntoResponse::into_response)?,
            site: site.clone(),
            page,
            hash,
            taken,
        })
    }
}

impl Sent {
    /// Back to the list, or the list with what was wrong.
    async fn back<T>(self, done: Result<T, AppError>) -> Result<Response, Trouble> {
        match done {
            Ok(_) => Ok(Redirect::to("/desk/law").into_response()),
            Err(why) => draw(&self.site, self.page, Some(wrong(why)?)).await,
        }
    }
}

/// What a person can mend, as a sentence for the page.
fn wrong(why: AppError) -> Result<String, Trouble> {
    match why {
        AppError::BadInput(says) => Ok(says),
        AppError::Refused(refused) if refused.code.starts_with("publish.") => Ok(refused.says),
        why => Err(Trouble::from(why)),
    }
}

/// As those who may simulate say what for.
pub(super) fn looking(page: &Page) -> Result<Context, Trouble> {
    let purpose = match page.is(super::REVIEWERS) {
        true => Purpose::Discovery,
        false => Purpose::Administration,
    };
    page.acts(purpose, "")
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

/// A draft with one number changed.
pub(super) async fn draft(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let ctx = page.acts(Purpose::Administration, taken.get("request"))?;
    let typed = NumberDraft {
        parameter: taken.get("parameter"),
        value: taken.get("value"),
        from: taken.get("from"),
        region: taken.get("town"),
        source: taken.get("source"),
        article: taken.get("article"),
    };
    match site.app.draft_number(&ctx, &typed).await {
        Ok(_) => Ok(Redirect::to("/desk/law").into_response()),
        Err(why) => draw_typed(&site, page, Some(wrong(why)?), typed).await,
    }
}

pub(super) async fn try_out(sent: Sent) -> Result<Response, Trouble> {
    let app = &sent.site.app;
    let day = match sent.taken.get("day").trim() {
        "" => app.first_day(&sent.hash).await,
        typed => typed
            .parse()
            .map_err(|_| AppError::BadInput("日期请写成 2026-01-31".to_owned())),
    };
    let day = match day {
        Ok(day) => day,
        refused => return sent.back(refused).await,
    };
    let tried = app.try_law(&sent.ctx, &sent.hash, day, |_| {}).await;
    sent.back(tried).await
}

pub(super) async fn sign(sent: Sent) -> Result<Response, Trouble> {
    let signed = sent.site.app.sign_law(&sent.ctx, &sent.hash).await;
    sent.back(signed).await
}

pub(super) async fn suspend(sent: Sent) -> Result<Response, Trouble> {
    let (app, reasons) = (&sent.site.app, sent.taken.get("reasons"));
    let gone = app.suspend_law(&sent.ctx, &sent.hash, &reasons).await;
    sent.back(gone).await
}

pub(super) async fn again(
    State(site): State<Site>,
    page: Page,
    Path(hash): Path<String>,
) -> Result<Response, Trouble> {
    let ctx = page.acts(Purpose::Administration, request_key()?)?;
    match site.app.draw_up_again(&ctx, &hash).await {
        Ok(again) => Ok(html(&AgainPage {
            page: page.titled("改正"),
            names: again
                .lines
                .iter()
                .map(|line| (line.service.clone(), site.app.service_name(&line.service)))
                .collect(),
            again,
            hash,
            request: request_key()?,
        })),
        Err(why) => draw(&site, page, Some(wrong(why)?)).await,
    }
}

pub(super) async fn sign_again(sent: Sent) -> Result<Response, Trouble> {
    let (app, hash, seen) = (&sent.site.app, &sent.hash, sent.taken.get("seen"));
    match app.sign_again(&sent.ctx, hash, &seen).await {
        Ok(_) => Ok(Redirect::to(&format!("/desk/law/{hash}/again")).into_response()),
        refused => sent.back(refused).await,
    }
}
