//! 「没收下的行」 Deliveries with rows the gate set back, one delivery's rows with why, a
//! file of them to be mended and brought again, and one row mended by hand.
//! Rows: N02.

use super::take_in::{self, IMPORTERS, context};
use super::{Taken, unseen};
use crate::files::Upload;
use crate::page::{Page, html, html_as, percent};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::import::{
    BroughtFile, MendColumn, MendForm, Mended, RowFault, RowName, SetBackDelivery, SetBackPage,
};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use kernel::{DataBatchId, Slug};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "desk/set_back.html")]
struct SetBackList {
    page: Page,
    deliveries: Vec<SetBackDelivery>,
}

#[derive(Template)]
#[template(path = "desk/set_back_rows.html")]
struct SetBackRows {
    page: Page,
    shown: SetBackPage,
    fault: Option<String>,
}

#[derive(Template)]
#[template(path = "desk/mend_row.html")]
struct MendRow {
    page: Page,
    form: MendForm,
    typed: BTreeMap<String, String>,
    faults: Vec<RowFault>,
    fault: Option<String>,
    proved: bool,
}

/// Rows that can be mended one by one.
fn waiting(one: &SetBackDelivery) -> u64 {
    match one.accepted && one.mends.is_none() {
        true => one.kept.saturating_sub(one.mended + one.waived),
        false => 0,
    }
}

impl SetBackList {
    fn waiting(&self, one: &SetBackDelivery) -> u64 {
        waiting(one)
    }

    fn open(&self) -> u64 {
        self.deliveries.iter().map(waiting).sum()
    }
}

impl SetBackRows {
    fn waiting(&self) -> u64 {
        waiting(&self.shown.delivery)
    }
}

impl MendRow {
    fn value(&self, column: &MendColumn) -> String {
        match self.typed.get(&column.id) {
            Some(typed) => typed.clone(),
            None => column.value.clone().unwrap_or_default(),
        }
    }

    /// What is wrong with a column: of what was typed, else of what came.
    fn wrong(&self, column: &MendColumn) -> Option<String> {
        if self.typed.is_empty() {
            return column.fault.clone();
        }
        let mut own = self.faults.iter().filter(|one| one.column == column.name);
        own.next().map(|one| one.kind.to_string())
    }

    /// What is wrong with the whole row.
    fn whole(&self) -> Vec<String> {
        let named = |fault: &&RowFault| {
            let mut columns = self.form.columns.iter();
            !columns.any(|column| column.name == fault.column)
        };
        let own = self.faults.iter().filter(named);
        let mut says: Vec<String> = own.map(|one| one.kind.to_string()).collect();
        if self.typed.is_empty() {
            says.extend(self.form.faults.iter().cloned());
        }
        says
    }
}

fn category(id: &str) -> Result<Slug, Trouble> {
    id.parse().map_err(|_| Trouble::nothing())
}

/// A use case's answer; what is not there is a page that is not there.
fn found<T>(answer: app::Result<T>) -> Result<T, Trouble> {
    match answer {
        Err(AppError::BadInput(_)) => Err(Trouble::nothing()),
        other => other.map_err(unseen),
    }
}

pub(super) async fn list(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    let ctx = context(&page)?;
    let deliveries = site.app.set_back_deliveries(&ctx).await.map_err(unseen)?;
    let page = page.titled("没收下的行");
    Ok(html(&SetBackList { page, deliveries }))
}

#[derive(Default, Deserialize)]
pub(super) struct After {
    #[serde(default)]
    after: u64,
}

async fn drawn(
    site: &Site,
    page: Page,
    (id, batch): (&str, i64),
    (after, fault): (u64, Option<String>),
) -> Result<SetBackRows, Trouble> {
    let ctx = context(&page)?;
    let of = (&category(id)?, DataBatchId(batch));
    let shown = found(site.app.set_back_page(&ctx, of, after).await)?;
    let page = page.titled(format!("第 {batch} 批没收下的行"));
    Ok(SetBackRows { page, shown, fault })
}

pub(super) async fn rows(
    State(site): State<Site>,
    page: Page,
    Path((id, batch)): Path<(String, i64)>,
    Query(asked): Query<After>,
) -> Result<Response, Trouble> {
    let drawn = drawn(&site, page, (&id, batch), (asked.after, None)).await?;
    Ok(html(&drawn))
}

pub(super) async fn file(
    State(site): State<Site>,
    page: Page,
    Path((id, batch)): Path<(String, i64)>,
) -> Result<Response, Trouble> {
    let ctx = context(&page)?;
    let made = site
        .app
        .set_back_file(&ctx, &category(&id)?, DataBatchId(batch))
        .await;
    match made {
        Ok(bytes) => {
            let name = percent(&format!("{id}-{batch}.csv"));
            let called = format!("attachment; filename=\"{name}\"");
            let head = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
                (header::CONTENT_DISPOSITION, called),
            ];
            Ok((head, bytes).into_response())
        }
        Err(AppError::BadInput(says)) => {
            let drawn = drawn(&site, page, (&id, batch), (0, Some(says))).await?;
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &drawn))
        }
        Err(other) => Err(unseen(other)),
    }
}

/// A file of mended rows: looked at like any other, and taken in the same way.
pub(super) async fn bring(
    State(site): State<Site>,
    page: Page,
    Path((id, batch)): Path<(String, i64)>,
    upload: Upload,
) -> Result<Response, Trouble> {
    let ctx = context(&page)?;
    let of = (&category(&id)?, DataBatchId(batch));
    let delivery = found(site.app.set_back_page(&ctx, of, 0).await)?.delivery;
    let mut files = upload.files.into_iter();
    let Some((_, name, body)) = files.next() else {
        let says = "还没有选文件，请选一个".to_owned();
        let drawn = drawn(&site, page, (&id, batch), (0, Some(says))).await?;
        return Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &drawn));
    };
    let file = BroughtFile {
        category: delivery.what.id,
        as_of: delivery.as_of,
        name,
        body,
        mends: Some(delivery.batch),
    };
    match site.app.look_at_file(&ctx, file).await {
        Ok(looked) => Ok(take_in::looked_at(page, looked)),
        Err(AppError::BadInput(says)) => {
            let drawn = drawn(&site, page, (&id, batch), (0, Some(says))).await?;
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &drawn))
        }
        Err(other) => Err(unseen(other)),
    }
}

pub(super) async fn form(
    State(site): State<Site>,
    page: Page,
    Path((id, batch, line)): Path<(String, i64, u64)>,
) -> Result<Response, Trouble> {
    let row = RowName {
        batch: DataBatchId(batch),
        line,
    };
    Ok(html(&row_page(&site, page, &id, row).await?))
}

async fn row_page(site: &Site, page: Page, id: &str, row: RowName) -> Result<MendRow, Trouble> {
    let ctx = context(&page)?;
    let form = found(site.app.mend_form(&ctx, &category(id)?, row).await)?;
    let proved = page.visitor.as_ref().is_some_and(|one| one.proved);
    Ok(MendRow {
        page: page.titled(format!("补第 {} 行", row.line)),
        form,
        typed: BTreeMap::new(),
        faults: Vec::new(),
        fault: None,
        proved,
    })
}

pub(super) async fn mend(
    State(site): State<Site>,
    page: Page,
    Path((id, batch, line)): Path<(String, i64, u64)>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let row = RowName {
        batch: DataBatchId(batch),
        line,
    };
    let ctx = context(&page)?;
    let typed: BTreeMap<String, String> = taken
        .all()
        .into_iter()
        .filter_map(|(name, values)| {
            let id = name.strip_prefix("f_")?.to_owned();
            Some((id, values.into_iter().next().unwrap_or_default()))
        })
        .collect();
    let answer = site.app.mend_row(&ctx, &category(&id)?, row, &typed).await;
    let (faults, fault) = match answer {
        Ok(Mended::By(by)) => {
            let to = format!("/desk/take-in/{id}/{by}");
            return Ok(Redirect::to(&to).into_response());
        }
        Ok(Mended::StillWrong(faults)) => (faults, None),
        Err(AppError::BadInput(says)) => (Vec::new(), Some(says)),
        Err(AppError::Refused(why)) if !why.code.starts_with("access.") => {
            (Vec::new(), Some(why.says))
        }
        Err(other) => return Err(unseen(other)),
    };
    let drawn = MendRow {
        typed,
        faults,
        fault,
        ..row_page(&site, page, &id, row).await?
    };
    Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &drawn))
}

pub(super) async fn waive(
    State(site): State<Site>,
    page: Page,
    Path((id, batch, line)): Path<(String, i64, u64)>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let batch = DataBatchId(batch);
    let row = RowName { batch, line };
    let ctx = context(&page)?;
    let why = taken.get("why");
    let answer = site.app.waive_row(&ctx, &category(&id)?, row, &why).await;
    let fault = match answer {
        Ok(()) => {
            let to = format!("/desk/take-in/{id}/{batch}/set-back");
            return Ok(Redirect::to(&to).into_response());
        }
        Err(AppError::BadInput(says)) => says,
        Err(AppError::Refused(why)) if !why.code.starts_with("access.") => why.says,
        Err(other) => return Err(unseen(other)),
    };
    let drawn = MendRow {
        fault: Some(fault),
        ..row_page(&site, page, &id, row).await?
    };
    Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &drawn))
}

/// The routes; see [`super::routes`].
pub(super) fn routes() -> Vec<crate::routes::Route> {
    use crate::guard::May;
    use crate::routes::Route;
    let may = May::Roles(IMPORTERS);
    vec![
        Route::get("/desk/set-back", may, list),
        Route::get("/desk/take-in/{category}/{batch}/set-back", may, rows),
        Route::upload("/desk/take-in/{category}/{batch}/set-back", may, bring),
        Route::get("/desk/take-in/{category}/{batch}/set-back.csv", may, file),
        Route::get(
            "/desk/take-in/{category}/{batch}/set-back/{line}",
            may,
            form,
        ),
        Route::post(
            "/desk/take-in/{category}/{batch}/set-back/{line}",
            May::Proved(IMPORTERS),
            mend,
        ),
        Route::post(
            "/desk/take-in/{category}/{batch}/set-back/{line}/waive",
            May::Proved(IMPORTERS),
            waive,
        ),
    ]
}
