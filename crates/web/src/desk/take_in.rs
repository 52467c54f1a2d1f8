//! 「送数据」 A department's file brought to the desk: a template to fill, a look at
//! what the gate says of it before anything is kept, then the batch's report.
//! Rows: A02.

use super::{Taken, unseen};
use crate::files::Upload;
use crate::page::{Page, html, html_as, percent};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::import::{
    Bringable, BroughtFile, DeliveryReport, FileKind, ImportOutcome, LookedAt, QualityReport,
    RowFault, UnderWay,
};
use app::{AppError, Context};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use kernel::{DataBatchId, Date, Role, Slug};
use serde::Deserialize;

/// Who brings files in.
pub(crate) const IMPORTERS: &[Role] = &[Role::CountyApprover, Role::SystemAdministrator];
/// How many faults stand on a page.
const FAULTS_SHOWN: usize = 50;

/// What was typed, and what is wrong with it.
#[derive(Default)]
struct Typed {
    q: String,
    category: String,
    as_of: String,
    fault: Option<String>,
}

#[derive(Template)]
#[template(path = "desk/take_in.html")]
struct TakeInPage {
    page: Page,
    typed: Typed,
    kinds: Vec<Bringable>,
    found: Vec<Bringable>,
    under_way: Vec<UnderWay>,
}

#[derive(Template)]
#[template(path = "desk/looked_at.html")]
struct LookedAtPage {
    page: Page,
    looked: LookedAt,
    proved: bool,
}

#[derive(Template)]
#[template(path = "desk/under_way.html")]
struct UnderWayPage {
    page: Page,
    one: UnderWay,
}

/// A page of progress comes again by itself, without a script.
const AGAIN_SECONDS: &str = "3";

#[derive(Template)]
#[template(path = "desk/delivery.html")]
struct DeliveryPage {
    page: Page,
    report: DeliveryReport,
}

/// The first faults of a file.
pub(crate) fn faults(quality: &QualityReport) -> impl Iterator<Item = &RowFault> {
    quality.faults.iter().take(FAULTS_SHOWN)
}

impl LookedAtPage {
    fn reasons(&self) -> &[String] {
        match &self.looked.outcome {
            ImportOutcome::Refused { reasons, .. } => reasons,
            ImportOutcome::Accepted(_) | ImportOutcome::Repeated => &[],
        }
    }

    fn quality(&self) -> Option<&QualityReport> {
        match &self.looked.outcome {
            ImportOutcome::Accepted(quality) => Some(quality),
            ImportOutcome::Refused { quality, .. } => quality.as_ref(),
            ImportOutcome::Repeated => None,
        }
    }

    fn title(&self) -> &'static str {
        match &self.looked.outcome {
            ImportOutcome::Accepted(_) => "可以收，还没有收",
            ImportOutcome::Refused { .. } => "这份收不了，什么都没有存",
            ImportOutcome::Repeated => "这份以前收过了，不用再传",
        }
    }
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    category: String,
}

pub(super) fn context(page: &Page) -> Result<Context, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    Ok(visitor.acts(Purpose::Collection, ""))
}

fn drawn(site: &Site, page: Page, typed: Typed) -> TakeInPage {
    let kinds = site.app.bringable();
    let q = typed.q.trim();
    let fits =
        |one: &&Bringable| !q.is_empty() && (one.name.contains(q) || one.department.contains(q));
    let found = kinds.iter().filter(fits).cloned().collect();
    TakeInPage {
        page: page.titled("送数据"),
        found,
        kinds,
        typed,
        under_way: Vec::new(),
    }
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let ctx = context(&page)?;
    let under_way = site.app.imports_under_way(&ctx).await.map_err(unseen)?;
    let typed = Typed {
        q: asked.q,
        category: asked.category,
        ..Typed::default()
    };
    Ok(html(&TakeInPage {
        under_way,
        ..drawn(&site, page, typed)
    }))
}

pub(super) async fn template(
    State(site): State<Site>,
    Path((category, kind)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    let category: Slug = category.parse().map_err(|_| Trouble::nothing())?;
    let (kind, media) = match kind.as_str() {
        "xlsx" => (
            FileKind::Xlsx,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        "csv" => (FileKind::Csv, "text/csv; charset=utf-8"),
        _ => return Err(Trouble::nothing()),
    };
    let ending = if kind == FileKind::Xlsx {
        "xlsx"
    } else {
        "csv"
    };
    let bytes = site.app.import_template(&category, kind);
    let bytes = bytes.map_err(|_| Trouble::nothing())?;
    let name = percent(&format!("{category}.{ending}"));
    let called = format!("attachment; filename=\"{name}\"");
    let head = [
        (header::CONTENT_TYPE, media.to_owned()),
        (header::CONTENT_DISPOSITION, called),
    ];
    Ok((head, bytes).into_response())
}

/// The file as it was brought, or what is missing.
fn brought(upload: Upload) -> Result<BroughtFile, String> {
    let category = upload.one("category").parse();
    let category = category.map_err(|_| "请选这是哪一类数据".to_owned())?;
    let as_of = upload.one("as_of").parse::<Date>();
    let as_of = as_of.map_err(|_| "请写数据是哪天的，例如 2026-01-31".to_owned())?;
    let mut files = upload.files.into_iter();
    let (_, name, body) = files.next().ok_or("还没有选文件，请选一个")?;
    Ok(BroughtFile {
        category,
        as_of,
        name,
        body,
        mends: None,
    })
}

pub(super) async fn look(
    State(site): State<Site>,
    page: Page,
    upload: Upload,
) -> Result<Response, Trouble> {
    let ctx = context(&page)?;
    let mut typed = Typed {
        category: upload.one("category").to_owned(),
        as_of: upload.one("as_of").to_owned(),
        ..Typed::default()
    };
    let looked = match brought(upload) {
        Ok(file) => site.app.look_at_file(&ctx, file).await,
        Err(says) => Err(AppError::BadInput(says)),
    };
    match looked {
        Ok(looked) => Ok(looked_at(page, looked)),
        Err(AppError::BadInput(says)) => {
            typed.fault = Some(says);
            let shown = drawn(&site, page, typed);
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
        Err(other) => Err(unseen(other)),
    }
}

/// What the gate would do with a file.
pub(super) fn looked_at(page: Page, looked: LookedAt) -> Response {
    let status = match looked.key {
        Some(_) => StatusCode::OK,
        None => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let proved = page.visitor.as_ref().is_some_and(|one| one.proved);
    let page = page.titled("先看看");
    let shown = LookedAtPage {
        page,
        looked,
        proved,
    };
    html_as(status, &shown)
}

pub(super) async fn keep(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let ctx = context(&page)?;
    match site.app.take_file(&ctx, &taken.get("key")).await {
        Ok((category, batch)) => {
            let to = format!("/desk/take-in/{category}/{batch}");
            Ok(Redirect::to(&to).into_response())
        }
        Err(AppError::BadInput(says)) => {
            let typed = Typed {
                fault: Some(says),
                ..Typed::default()
            };
            let shown = drawn(&site, page, typed);
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
        Err(other) => Err(unseen(other)),
    }
}

pub(super) async fn report(
    State(site): State<Site>,
    page: Page,
    Path((category, batch)): Path<(String, i64)>,
) -> Result<Response, Trouble> {
    let ctx = context(&page)?;
    let category: Slug = category.parse().map_err(|_| Trouble::nothing())?;
    let all = site.app.imports_under_way(&ctx).await.map_err(unseen)?;
    let own = |one: &UnderWay| one.batch.0 == batch && one.what.id == category;
    if let Some(one) = all.into_iter().find(own) {
        let page = page.titled(format!("正在收第 {batch} 批"));
        let shown = html(&UnderWayPage { page, one });
        return Ok(([(header::REFRESH, AGAIN_SECONDS)], shown).into_response());
    }
    let report = site
        .app
        .delivery_report(&ctx, &category, DataBatchId(batch))
        .await;
    let report = match report {
        Ok(report) => report,
        Err(AppError::BadInput(_)) => return Err(Trouble::nothing()),
        Err(other) => return Err(unseen(other)),
    };
    let page = page.titled(format!("{}的批次", report.what.name));
    Ok(html(&DeliveryPage { page, report }))
}
